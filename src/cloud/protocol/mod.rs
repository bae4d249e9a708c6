//! The wire protocols, driven by the models, in both directions.
//!
//! A request becomes one canonical value whatever it was sent as: an object of the model's member
//! names, blobs in base64, times in integer milliseconds. A reply goes the other way. What is
//! written was checked against the model before, so writing cannot fail.

pub mod cbor;
pub mod chunked;
pub mod errors;
pub mod json;
pub mod query;
pub mod rest;
pub mod s3;
pub mod scalar;
pub mod xml;

use base64::Engine as _;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde_json::{Map, Value};

use crate::aws_model::{Model, Operation};
use scalar::TimeFormat;

/// How a request is spoken, and its reply will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Form in, XML out (IAM, STS).
    Query,
    /// Query with EC2's own naming.
    Ec2,
    /// `X-Amz-Target` and JSON, version 1.0.
    Json10,
    /// `X-Amz-Target` and JSON, version 1.1 (Kinesis, SSM).
    Json11,
    /// Paths and JSON (MSK).
    RestJson,
    /// Paths and XML (S3).
    RestXml,
    /// Smithy's RPC v2 over CBOR.
    Cbor,
}

/// A request taken apart, before its operation's shapes are looked at.
#[derive(Debug)]
pub struct Request<'a> {
    /// Decoded labels of the path.
    pub labels: Vec<(String, String)>,
    /// Decoded query parameters, in order.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body, without chunk framing.
    pub body: &'a Bytes,
}

/// Why a request could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Not well-formed.
    #[error("{0}")]
    Malformed(String),
    /// A value of another type than the model's.
    #[error("{path} must be {expected}")]
    WrongType {
        /// Which member.
        path: String,
        /// What it has to be.
        expected: String,
    },
}

impl ParseError {
    fn malformed(message: impl Into<String>) -> Self {
        ParseError::Malformed(message.into())
    }

    fn wrong_type(at: &str, expected: &str) -> Self {
        ParseError::WrongType {
            path: if at.is_empty() { "the body" } else { at }.to_owned(),
            expected: expected.to_owned(),
        }
    }
}

/// The path of a member below another.
fn below(at: &str, name: &str) -> String {
    if at.is_empty() {
        name.to_owned()
    } else {
        format!("{at}.{name}")
    }
}

fn decode_base64(value: &Value) -> Bytes {
    let text = value.as_str().unwrap_or_default();
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .map(Bytes::from)
        .unwrap_or_default()
}

/// The canonical input of a request, and its streaming payload.
pub fn read(
    model: &Model,
    operation: &Operation,
    protocol: Protocol,
    request: &Request<'_>,
) -> Result<(Value, Bytes), ParseError> {
    let input = operation.input.as_ref();
    let value = match protocol {
        Protocol::RestJson | Protocol::RestXml => {
            return rest::read(model, operation, protocol, request);
        }
        Protocol::Query | Protocol::Ec2 => query::read(model, input, protocol, &request.query)?,
        Protocol::Cbor => cbor::parse_body(model, input, request.body)?,
        Protocol::Json10 | Protocol::Json11 => {
            let body = json::parse_body(request.body)?;
            match input {
                Some(reference) => json::read(model, reference, &body, "")?,
                None => Value::Object(Map::new()),
            }
        }
    };
    Ok((value, Bytes::new()))
}

/// A successful reply. `stream` is its streaming payload, `status` overrides the model's.
pub fn write(
    model: &Model,
    operation: &Operation,
    protocol: Protocol,
    value: &Value,
    stream: Option<Bytes>,
    status: Option<u16>,
    request_id: &str,
) -> Response<Bytes> {
    let output = operation.output.as_ref();
    let (body, content_type, headers, said) = match protocol {
        Protocol::RestJson | Protocol::RestXml => {
            let written = rest::write(model, operation, protocol, value, stream);
            (
                written.body,
                written.content_type,
                written.headers,
                written.status,
            )
        }
        _ => {
            let (body, content_type) = match protocol {
                Protocol::Query => (
                    query_document(model, operation, value, request_id),
                    "text/xml",
                ),
                Protocol::Ec2 => (
                    ec2_document(model, operation, value, request_id),
                    "text/xml;charset=UTF-8",
                ),
                Protocol::Cbor => (cbor::write_body(model, output, value), "application/cbor"),
                _ => (
                    output
                        .map(|o| json::write(model, o, value).to_string())
                        .unwrap_or_default()
                        .into_bytes(),
                    json_type(protocol),
                ),
            };
            (
                Bytes::from(body),
                Some(content_type),
                HeaderMap::new(),
                None,
            )
        }
    };
    let status = status
        .and_then(|n| StatusCode::from_u16(n).ok())
        .or(said)
        .or(operation
            .http
            .response_code
            .and_then(|n| StatusCode::from_u16(n).ok()))
        .unwrap_or(StatusCode::OK);
    let bodiless = operation.http.method == "HEAD"
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let mut response = Response::new(if bodiless { Bytes::new() } else { body });
    *response.status_mut() = status;
    if let (Some(kind), false) = (content_type, bodiless) {
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    response.headers_mut().extend(headers);
    identify(&mut response, protocol, request_id);
    response
}

/// Adds what every reply carries: its request's id, as the service's headers spell it.
fn identify(response: &mut Response<Bytes>, protocol: Protocol, request_id: &str) {
    let Ok(id) = HeaderValue::from_str(request_id) else {
        return;
    };
    let name = match protocol {
        Protocol::RestXml => "x-amz-request-id",
        _ => "x-amzn-requestid",
    };
    response.headers_mut().insert(name, id.clone());
    match protocol {
        Protocol::RestXml => {
            response.headers_mut().insert("x-amz-id-2", id);
        }
        Protocol::Cbor => {
            let value = HeaderValue::from_static("rpc-v2-cbor");
            response.headers_mut().insert("smithy-protocol", value);
        }
        _ => {}
    }
}

fn json_type(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Json10 => "application/x-amz-json-1.0",
        Protocol::Json11 => "application/x-amz-json-1.1",
        _ => "application/json",
    }
}

fn query_document(
    model: &Model,
    operation: &Operation,
    value: &Value,
    request_id: &str,
) -> Vec<u8> {
    let mut writer = xml::Writer::new(model, TimeFormat::Iso8601);
    let root = format!("{}Response", operation.name);
    writer.open(&root, &namespace(model));
    if let Some(output) = &operation.output {
        let wrapper = output.result_wrapper.as_deref();
        if let Some(wrapper) = wrapper {
            writer.open(wrapper, "");
        }
        writer.members(model.shape(output), value);
        if let Some(wrapper) = wrapper {
            writer.close(wrapper);
        }
    }
    writer.open("ResponseMetadata", "");
    writer.text("RequestId", request_id);
    writer.close("ResponseMetadata");
    writer.close(&root);
    writer.finish().into_bytes()
}

fn ec2_document(model: &Model, operation: &Operation, value: &Value, request_id: &str) -> Vec<u8> {
    let mut writer = xml::Writer::new(model, TimeFormat::Iso8601Millis);
    let root = format!("{}Response", operation.name);
    writer.open(&root, &namespace(model));
    writer.text("requestId", request_id);
    if let Some(output) = &operation.output {
        writer.members(model.shape(output), value);
    }
    writer.close(&root);
    writer.finish().into_bytes()
}

fn namespace(model: &Model) -> String {
    match &model.metadata.xml_namespace {
        Some(uri) => format!(" xmlns=\"{uri}\""),
        None => String::new(),
    }
}
