//! Where members stand in REST requests and replies: labels, query, headers, payload.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value};

use super::scalar::{self, TimeFormat};
use super::{ParseError, Protocol, Request, json, xml};
use crate::aws_model::{Model, Operation, Reference, Shape, ShapeType};

/// A request's canonical input and its streaming body.
pub fn read(
    model: &Model,
    operation: &Operation,
    protocol: Protocol,
    request: &Request<'_>,
) -> Result<(Value, Bytes), ParseError> {
    let Some(shape) = model.structure(operation.input.as_ref()) else {
        return Ok((Value::Object(Map::new()), Bytes::new()));
    };
    let (mut members, stream) = read_body(model, shape, protocol, request)?;
    for (name, reference) in &shape.members {
        if let Some(value) = read_placed(model, shape, name, reference, request)? {
            members.insert(name.clone(), value);
        }
    }
    Ok((Value::Object(members), stream))
}

fn read_body(
    model: &Model,
    shape: &Shape,
    protocol: Protocol,
    request: &Request<'_>,
) -> Result<(Map<String, Value>, Bytes), ParseError> {
    let mut members = Map::new();
    let body = request.body;
    let payload = shape
        .payload
        .as_ref()
        .and_then(|name| Some((name, shape.members.get(name)?)));
    let Some((name, reference)) = payload else {
        let in_body = shape.members.values().any(|r| r.location.is_none());
        let value = match protocol {
            _ if !in_body || body.is_empty() => return Ok((members, Bytes::new())),
            Protocol::RestXml => xml::read_members(model, shape, &xml::Element::parse(body)?, "")?,
            _ => {
                let input = json::parse_body(body)?;
                let Value::Object(object) = &input else {
                    return Err(ParseError::malformed("the body is no JSON object"));
                };
                json::read_members(model, shape, object, "")?
            }
        };
        if let Value::Object(object) = value {
            members = object;
        }
        return Ok((members, Bytes::new()));
    };
    let inner = model.shape(reference);
    if reference.streaming || inner.streaming {
        return Ok((members, body.clone()));
    }
    if !body.is_empty() {
        let value = match inner.kind {
            ShapeType::Blob => json::base64(body),
            ShapeType::String => Value::from(String::from_utf8_lossy(body).into_owned()),
            _ if protocol == Protocol::RestXml => {
                xml::read(model, reference, &xml::Element::parse(body)?, name)?
            }
            _ => json::read(model, reference, &json::parse_body(body)?, name)?,
        };
        members.insert(name.clone(), value);
    }
    Ok((members, Bytes::new()))
}

/// A member that stands outside the body, if it is there.
fn read_placed(
    model: &Model,
    shape: &Shape,
    name: &str,
    reference: &Reference,
    request: &Request<'_>,
) -> Result<Option<Value>, ParseError> {
    let wire = reference.location_name.as_deref().unwrap_or(name);
    match reference.location.as_deref() {
        Some("uri") => match request.labels.iter().find(|(n, _)| n == wire) {
            Some((_, text)) => scalar::from_text(model, reference, text, name).map(Some),
            None => Ok(None),
        },
        Some("querystring") => read_query(model, shape, name, reference, wire, request),
        Some("header") => read_header(model, name, reference, wire, request.headers),
        Some("headers") => Ok(read_prefixed(wire, request.headers)),
        _ => Ok(None),
    }
}

fn read_query(
    model: &Model,
    shape: &Shape,
    name: &str,
    reference: &Reference,
    wire: &str,
    request: &Request<'_>,
) -> Result<Option<Value>, ParseError> {
    let inner = model.shape(reference);
    match inner.kind {
        ShapeType::List => {
            let Some(element) = &inner.member else {
                return Ok(None);
            };
            let items: Result<Vec<Value>, ParseError> = request
                .query
                .iter()
                .filter(|(n, _)| n == wire)
                .map(|(_, text)| scalar::from_text(model, element, text, name))
                .collect();
            items.map(|items| (!items.is_empty()).then_some(Value::Array(items)))
        }
        ShapeType::Map => {
            let bound = |key: &str| {
                shape.members.iter().any(|(n, r)| {
                    r.location.as_deref() == Some("querystring")
                        && r.location_name.as_deref().unwrap_or(n) == key
                })
            };
            let lists = inner
                .value
                .as_ref()
                .is_some_and(|v| model.shape(v).kind == ShapeType::List);
            let mut object = Map::new();
            for (key, text) in request.query.iter().filter(|(key, _)| !bound(key)) {
                if lists {
                    let entry = object
                        .entry(key.clone())
                        .or_insert_with(|| Value::Array(Vec::new()));
                    if let Some(items) = entry.as_array_mut() {
                        items.push(Value::from(text.as_str()));
                    }
                } else {
                    object.insert(key.clone(), Value::from(text.as_str()));
                }
            }
            Ok((!object.is_empty()).then_some(Value::Object(object)))
        }
        _ => match request.query.iter().find(|(n, _)| n == wire) {
            Some((_, text)) => scalar::from_text(model, reference, text, name).map(Some),
            None => Ok(None),
        },
    }
}

fn read_header(
    model: &Model,
    name: &str,
    reference: &Reference,
    wire: &str,
    headers: &HeaderMap,
) -> Result<Option<Value>, ParseError> {
    let texts: Vec<String> = headers.get_all(wire).iter().map(header_text).collect();
    if texts.is_empty() {
        return Ok(None);
    }
    let inner = model.shape(reference);
    if let (ShapeType::List, Some(element)) = (inner.kind, &inner.member) {
        let items: Result<Vec<Value>, ParseError> = texts
            .iter()
            .flat_map(|text| split_list(text))
            .map(|text| scalar::from_text(model, element, &text, name))
            .collect();
        return items.map(|items| Some(Value::Array(items)));
    }
    scalar::from_text(model, reference, &texts.join(","), name).map(Some)
}

fn read_prefixed(prefix: &str, headers: &HeaderMap) -> Option<Value> {
    let prefix = prefix.to_ascii_lowercase();
    let object: Map<String, Value> = headers
        .keys()
        .filter_map(|header| {
            let key = header.as_str().strip_prefix(&prefix)?;
            let texts: Vec<_> = headers.get_all(header).iter().map(header_text).collect();
            Some((key.to_owned(), Value::from(texts.join(","))))
        })
        .collect();
    (!object.is_empty()).then_some(Value::Object(object))
}

fn header_text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).trim().to_owned()
}

/// The items of a header list: separated by commas, which quotes protect.
fn split_list(text: &str) -> Vec<String> {
    let mut items = Vec::new();
    let (mut item, mut quoted, mut escaped) = (String::new(), false, false);
    for c in text.chars() {
        match c {
            _ if escaped => {
                item.push(c);
                escaped = false;
            }
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => items.push(std::mem::take(&mut item).trim().to_owned()),
            c => item.push(c),
        }
    }
    items.push(item.trim().to_owned());
    items.retain(|item| !item.is_empty());
    items
}

/// A reply's headers, status and payload.
pub struct Written {
    /// Where the reply says so itself.
    pub status: Option<StatusCode>,
    /// Its header members.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
    /// What the body is, where there is one.
    pub content_type: Option<&'static str>,
}

/// Writes a reply whose value was checked before. `stream` is the streaming payload.
pub fn write(
    model: &Model,
    operation: &Operation,
    protocol: Protocol,
    value: &Value,
    stream: Option<Bytes>,
) -> Written {
    let mut written = Written {
        status: None,
        headers: HeaderMap::new(),
        body: Bytes::new(),
        content_type: None,
    };
    let Some(reference) = operation.output.as_ref() else {
        return written;
    };
    let shape = model.shape(reference);
    for (name, reference) in &shape.members {
        if let Some(member) = value.get(name).filter(|v| !v.is_null()) {
            write_placed(model, name, reference, member, &mut written);
        }
    }
    match &shape.payload {
        Some(name) => write_payload(model, shape, protocol, name, value, stream, &mut written),
        None if shape.members.values().any(|r| r.location.is_none()) => {
            let (body, kind) = match protocol {
                Protocol::RestXml => (
                    super::s3::document(model, &operation.name, reference, value),
                    "application/xml",
                ),
                _ => (
                    json::write(model, reference, value).to_string(),
                    "application/json",
                ),
            };
            written.body = Bytes::from(body);
            written.content_type = Some(kind);
        }
        None => {}
    }
    written
}

fn write_payload(
    model: &Model,
    shape: &Shape,
    protocol: Protocol,
    name: &str,
    value: &Value,
    stream: Option<Bytes>,
    written: &mut Written,
) {
    let Some(reference) = shape.members.get(name) else {
        return;
    };
    let inner = model.shape(reference);
    if reference.streaming || inner.streaming {
        written.body = stream.unwrap_or_default();
        return;
    }
    let Some(member) = value.get(name).filter(|v| !v.is_null()) else {
        return;
    };
    let (body, kind) = match inner.kind {
        ShapeType::Blob => (super::decode_base64(member), None),
        ShapeType::String => (
            Bytes::from(member.as_str().unwrap_or_default().to_owned()),
            None,
        ),
        _ if protocol == Protocol::RestXml => {
            let root = super::s3::payload_root(name, reference, inner);
            let body = super::s3::payload(model, &root, reference, member);
            (Bytes::from(body), Some("application/xml"))
        }
        _ => (
            Bytes::from(json::write(model, reference, member).to_string()),
            Some("application/json"),
        ),
    };
    written.body = body;
    written.content_type = kind;
}

fn write_placed(
    model: &Model,
    name: &str,
    reference: &Reference,
    value: &Value,
    written: &mut Written,
) {
    let wire = reference.location_name.as_deref().unwrap_or(name);
    let mut put = |name: &str, text: &str| {
        let header = HeaderName::from_bytes(name.as_bytes());
        let text = HeaderValue::from_bytes(text.as_bytes());
        if let (Ok(header), Ok(text)) = (header, text) {
            written.headers.append(header, text);
        }
    };
    match (reference.location.as_deref(), value) {
        (Some("header"), Value::Array(items)) => {
            let element = model.shape(reference).member.as_ref();
            let texts: Vec<String> = element
                .iter()
                .flat_map(|e| {
                    items
                        .iter()
                        .map(|i| scalar::to_text(model, e, i, TimeFormat::Http))
                })
                .collect();
            put(wire, &texts.join(","));
        }
        (Some("header"), _) => {
            put(
                wire,
                &scalar::to_text(model, reference, value, TimeFormat::Http),
            );
        }
        (Some("headers"), Value::Object(object)) => {
            for (key, value) in object {
                put(&format!("{wire}{key}"), value.as_str().unwrap_or_default());
            }
        }
        (Some("statusCode"), _) => {
            written.status = value
                .as_u64()
                .and_then(|n| u16::try_from(n).ok())
                .and_then(|n| StatusCode::from_u16(n).ok());
        }
        _ => {}
    }
}
