//! `pinfra cloud roundtrip`: messages read and written without a handler.
//!
//! Lets another implementation of the protocols (botocore's) be compared with ours. A line in is
//! `{service, operation, request: {method, url, headers, body_b64}}`, answered with
//! `{operation, input, body_b64}`, or `{service, operation, protocol?, reply: value,
//! reply_body_b64?}`, answered with `{status, headers, body_b64}`, or either with `{error}`.

use std::io::{BufRead as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use serde_json::{Map, Value, json};

use crate::aws_model;
use crate::cli::{CliError, Ended};
use crate::cloud::protocol::{self, Protocol, chunked};
use crate::cloud::route::{self, caller::Caller};
use crate::cloud::{check, protocol::errors};

/// Answers every line of standard input.
pub fn run() -> Result<Ended, CliError> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let answer = answer(&line).unwrap_or_else(|error| json!({ "error": error }));
        writeln!(out, "{answer}").and_then(|()| out.flush())?;
    }
    Ok(Ended::Well)
}

fn answer(line: &str) -> Result<Value, String> {
    let message: Value = serde_json::from_str(line).map_err(|e| e.to_string())?;
    if message.get("request").is_some() {
        read(&message["request"])
    } else if message.get("error").is_some() {
        write_error(&message)
    } else {
        write(&message)
    }
}

fn text<'a>(message: &'a Value, member: &str) -> Result<&'a str, String> {
    message[member]
        .as_str()
        .ok_or_else(|| format!("{member} is missing"))
}

fn bytes(message: &Value, member: &str) -> Result<Bytes, String> {
    STANDARD
        .decode(message[member].as_str().unwrap_or_default())
        .map(Bytes::from)
        .map_err(|e| e.to_string())
}

fn read(request: &Value) -> Result<Value, String> {
    let mut builder = Request::builder()
        .method(text(request, "method")?)
        .uri(text(request, "url")?);
    for (name, value) in request["headers"].as_object().into_iter().flatten() {
        builder = builder.header(name, value.as_str().unwrap_or_default());
    }
    let request = builder
        .body(bytes(request, "body_b64")?)
        .map_err(|e| e.to_string())?;
    let (mut parts, mut body) = request.into_parts();
    let caller = Caller::of(&parts);
    let to = route::addressee(&parts, &caller).map_err(|(_, e)| e.to_string())?;
    let found = route::operation(&to, &parts, &body).map_err(|e| e.to_string())?;
    if chunked::is_chunked(&parts.headers) {
        body = chunked::unframe(&mut parts.headers, &body).map_err(|e| e.to_string())?;
    }
    let request = protocol::Request {
        labels: found.labels,
        query: found.query,
        headers: &parts.headers,
        body: &body,
    };
    let (input, body) = protocol::read(to.model, found.operation, to.protocol, &request)
        .map_err(|e| e.to_string())?;
    Ok(json!({
        "service": to.service,
        "operation": found.operation.name,
        "input": input,
        "body_b64": STANDARD.encode(body),
    }))
}

fn protocol_of(message: &Value, model: &aws_model::Model) -> Result<Protocol, String> {
    let name = message["protocol"]
        .as_str()
        .unwrap_or(&model.metadata.protocol);
    Ok(match name {
        "query" => Protocol::Query,
        "ec2" => Protocol::Ec2,
        "json" => Protocol::Json11,
        "rest-json" => Protocol::RestJson,
        "rest-xml" => Protocol::RestXml,
        "smithy-rpc-v2-cbor" => Protocol::Cbor,
        other => return Err(format!("no protocol {other}")),
    })
}

fn write(message: &Value) -> Result<Value, String> {
    let model = aws_model::service(text(message, "service")?).map_err(|e| e.to_string())?;
    let name = text(message, "operation")?;
    let operation = model
        .operations
        .get(name)
        .ok_or_else(|| format!("no operation {name}"))?;
    let reply = &message["reply"];
    check::check(model, operation, reply)?;
    let stream = match message.get("reply_body_b64") {
        Some(_) => Some(bytes(message, "reply_body_b64")?),
        None => None,
    };
    let protocol = protocol_of(message, model)?;
    let response = protocol::write(model, operation, protocol, reply, stream, None, "an-id");
    Ok(spread(&response))
}

fn write_error(message: &Value) -> Result<Value, String> {
    let model = aws_model::service(text(message, "service")?).map_err(|e| e.to_string())?;
    let error = &message["error"];
    let status = error["status"].as_u64().and_then(|n| u16::try_from(n).ok());
    let mut api = crate::cloud::error::ApiError::new(
        text(error, "code")?,
        status.unwrap_or(400),
        text(error, "message")?,
    );
    if let Value::Object(members) = &error["members"] {
        *api.members = members.clone();
    }
    let protocol = protocol_of(message, model)?;
    Ok(spread(&errors::write(
        Some(model),
        protocol,
        &api,
        "an-id",
        false,
    )))
}

fn spread(response: &http::Response<Bytes>) -> Value {
    let headers: Map<String, Value> = response
        .headers()
        .iter()
        .map(|(name, value)| {
            let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.to_string(), Value::from(text))
        })
        .collect();
    json!({
        "status": response.status().as_u16(),
        "headers": headers,
        "body_b64": STANDARD.encode(response.body()),
    })
}
