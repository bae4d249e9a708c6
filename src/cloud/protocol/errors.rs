//! Error replies, as each protocol writes them.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Map, Value};

use super::{Protocol, cbor, identify, json, json_type, xml};
use crate::aws_model::{Model, Shape};
use crate::cloud::error::ApiError;

/// An error reply. Without a model (a request that named no service) the shape is unknown.
pub fn write(
    model: Option<&Model>,
    protocol: Protocol,
    error: &ApiError,
    request_id: &str,
    head: bool,
) -> Response<Bytes> {
    let shape = model.and_then(|model| shape_of(model, &error.code));
    let (body, content_type) = match protocol {
        Protocol::Query => (query(model, error, request_id).into_bytes(), "text/xml"),
        Protocol::Ec2 => (
            ec2(error, request_id).into_bytes(),
            "text/xml;charset=UTF-8",
        ),
        Protocol::RestXml => (s3(error, request_id).into_bytes(), "application/xml"),
        Protocol::Cbor => (
            cbor::write_error(&error.code, &members(model, shape, error, false)),
            "application/cbor",
        ),
        Protocol::Json10 | Protocol::Json11 => {
            let mut body = Map::new();
            body.insert("__type".to_owned(), Value::from(error.code.as_str()));
            body.extend(members(model, shape, error, true));
            (
                Value::Object(body).to_string().into_bytes(),
                json_type(protocol),
            )
        }
        Protocol::RestJson => {
            let body = Value::Object(members(model, shape, error, true));
            (body.to_string().into_bytes(), json_type(protocol))
        }
    };
    let mut response = Response::new(if head {
        Bytes::new()
    } else {
        Bytes::from(body)
    });
    *response.status_mut() =
        StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let (Protocol::RestJson | Protocol::Json10 | Protocol::Json11, Ok(code)) =
        (protocol, HeaderValue::from_str(&error.code))
    {
        headers.insert("x-amzn-errortype", code);
    }
    if protocol == Protocol::RestXml {
        for (name, value) in headers_and_members(error).0 {
            let value = value.as_str().map(HeaderValue::from_str);
            if let (Ok(name), Some(Ok(value))) = (HeaderName::try_from(name), value) {
                headers.insert(name, value);
            }
        }
    }
    identify(&mut response, protocol, request_id);
    response
}

/// The error shape of this code: by the code it declares, else by its name.
pub fn shape_of<'a>(model: &'a Model, code: &str) -> Option<&'a Shape> {
    let declares = |shape: &&Shape| {
        shape
            .error
            .as_ref()
            .is_some_and(|e| e.code.as_deref() == Some(code))
    };
    model
        .shapes
        .values()
        .find(declares)
        .or_else(|| model.shapes.get(code).filter(|shape| shape.exception))
}

/// The error's members by their names on the wire; its message as its shape spells it.
fn members(
    model: Option<&Model>,
    shape: Option<&Shape>,
    error: &ApiError,
    named: bool,
) -> Map<String, Value> {
    let mut body = Map::new();
    let wire = |name: &str| -> String {
        let reference = shape.and_then(|shape| shape.members.get(name));
        reference
            .and_then(|r| r.location_name.clone())
            .filter(|_| named)
            .unwrap_or_else(|| name.to_owned())
    };
    let message = shape
        .and_then(|s| s.members.keys().find(|n| n.eq_ignore_ascii_case("message")))
        .map_or("message", String::as_str);
    body.insert(wire(message), Value::from(error.message.as_str()));
    for (name, value) in error.members.iter() {
        let reference = shape.and_then(|shape| shape.members.get(name));
        let value = match (model, reference) {
            (Some(model), Some(reference)) => json::write(model, reference, value),
            _ => value.clone(),
        };
        body.insert(wire(name), value);
    }
    body
}

fn query(model: Option<&Model>, error: &ApiError, request_id: &str) -> String {
    let namespace = model.and_then(|m| m.metadata.xml_namespace.as_deref());
    let mut out = Document::new(
        "ErrorResponse",
        namespace.map_or(String::new(), |uri| format!(" xmlns=\"{uri}\"")),
    );
    out.open("Error");
    out.text(
        "Type",
        if error.status >= 500 {
            "Receiver"
        } else {
            "Sender"
        },
    );
    out.text("Code", &error.code);
    out.text("Message", &error.message);
    out.members(&error.members);
    out.close("Error");
    out.text("RequestId", request_id);
    out.finish("ErrorResponse")
}

fn ec2(error: &ApiError, request_id: &str) -> String {
    let mut out = Document::new("Response", String::new());
    out.open("Errors");
    out.open("Error");
    out.text("Code", &error.code);
    out.text("Message", &error.message);
    out.members(&error.members);
    out.close("Error");
    out.close("Errors");
    out.text("RequestID", request_id);
    out.finish("Response")
}

fn s3(error: &ApiError, request_id: &str) -> String {
    let mut out = Document::new("Error", String::new());
    out.text("Code", &error.code);
    out.text("Message", &error.message);
    let (_, members) = headers_and_members(error);
    out.members(&members);
    out.text("RequestId", request_id);
    out.text("HostId", request_id);
    out.finish("Error")
}

/// S3 says some things about an error in headers (`x-amz-bucket-region`). Elements of its errors
/// begin with a capital, headers do not.
fn headers_and_members(error: &ApiError) -> (Map<String, Value>, Map<String, Value>) {
    error
        .members
        .clone()
        .into_iter()
        .partition(|(name, _)| name.starts_with(|c: char| c.is_ascii_lowercase()))
}

/// A small XML document without a model.
struct Document(String);

impl Document {
    fn new(root: &str, attributes: String) -> Self {
        Document(format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root}{attributes}>"
        ))
    }

    fn open(&mut self, name: &str) {
        self.0.push_str(&format!("<{name}>"));
    }

    fn close(&mut self, name: &str) {
        self.0.push_str(&format!("</{name}>"));
    }

    fn text(&mut self, name: &str, text: &str) {
        self.open(name);
        xml::escape(text, &mut self.0);
        self.close(name);
    }

    fn members(&mut self, members: &Map<String, Value>) {
        for (name, value) in members {
            match value {
                Value::String(text) => self.text(name, text),
                other => self.text(name, &other.to_string()),
            }
        }
    }

    fn finish(mut self, root: &str) -> String {
        self.close(root);
        self.0
    }
}
