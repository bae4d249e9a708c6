//! Smithy's RPC v2: CBOR bodies, to and from canonical values.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ciborium::Value as Cbor;
use serde_json::{Map, Number, Value};

use super::ParseError;
use crate::aws_model::{Model, Reference, ShapeType};

/// The tag of a time in seconds since the epoch (RFC 8949, 3.4.2).
const EPOCH_TAG: u64 = 1;

/// The canonical value of a body; an empty one is an empty structure.
pub fn parse_body(
    model: &Model,
    reference: Option<&Reference>,
    body: &[u8],
) -> Result<Value, ParseError> {
    let (Some(reference), false) = (reference, body.is_empty()) else {
        return Ok(Value::Object(Map::new()));
    };
    let cbor: Cbor = ciborium::from_reader(body)
        .map_err(|e| ParseError::malformed(format!("the body is no CBOR: {e}")))?;
    read(model, reference, &cbor, "")
}

fn read(model: &Model, reference: &Reference, cbor: &Cbor, at: &str) -> Result<Value, ParseError> {
    let wrong = |expected: &str| ParseError::wrong_type(at, expected);
    let shape = model.shape(reference);
    match (shape.kind, cbor) {
        (ShapeType::Structure, Cbor::Map(entries)) => {
            let mut members = Map::new();
            for (key, value) in entries {
                let name = key.as_text().ok_or_else(|| wrong("text keys"))?;
                if let (Some(member), false) = (shape.members.get(name), value.is_null()) {
                    let value = read(model, member, value, &super::below(at, name))?;
                    members.insert(name.to_owned(), value);
                }
            }
            Ok(Value::Object(members))
        }
        (ShapeType::List, Cbor::Array(items)) => {
            let element = shape.member.as_ref().ok_or_else(|| wrong("no list"))?;
            items
                .iter()
                .enumerate()
                .filter(|(_, item)| !item.is_null())
                .map(|(n, item)| read(model, element, item, &format!("{at}.{}.member", n + 1)))
                .collect()
        }
        (ShapeType::Map, Cbor::Map(entries)) => {
            let element = shape.value.as_ref().ok_or_else(|| wrong("no map"))?;
            let mut object = Map::new();
            for (key, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
                let key = key.as_text().ok_or_else(|| wrong("text keys"))?;
                let value = read(model, element, value, &format!("{at}.{key}"))?;
                object.insert(key.to_owned(), value);
            }
            Ok(Value::Object(object))
        }
        (ShapeType::Integer | ShapeType::Long, Cbor::Integer(n)) => i64::try_from(*n)
            .map(Value::from)
            .map_err(|_| wrong("a 64-bit integer")),
        (ShapeType::Float | ShapeType::Double, _) => float(cbor).ok_or_else(|| wrong("a number")),
        (ShapeType::Boolean, Cbor::Bool(b)) => Ok(Value::Bool(*b)),
        (ShapeType::Timestamp, Cbor::Tag(EPOCH_TAG, inner)) => seconds(inner)
            .map(|s| Value::from((s * 1000.0).round() as i64))
            .ok_or_else(|| wrong("a timestamp")),
        (ShapeType::Blob, Cbor::Bytes(bytes)) => Ok(Value::String(STANDARD.encode(bytes))),
        (ShapeType::String, Cbor::Text(text)) => Ok(Value::String(text.clone())),
        (kind, _) => Err(wrong(&format!("{kind:?}").to_lowercase())),
    }
}

fn seconds(cbor: &Cbor) -> Option<f64> {
    match cbor {
        Cbor::Float(f) => Some(*f),
        Cbor::Integer(n) => i64::try_from(*n).ok().map(|n| n as f64),
        _ => None,
    }
}

fn float(cbor: &Cbor) -> Option<Value> {
    let number = seconds(cbor)?;
    let special = match number {
        f if f.is_nan() => "NaN",
        f if f == f64::INFINITY => "Infinity",
        f if f == f64::NEG_INFINITY => "-Infinity",
        f => return Number::from_f64(f).map(Value::Number),
    };
    Some(Value::from(special))
}

/// The body of a canonical value, checked before.
pub fn write_body(model: &Model, reference: Option<&Reference>, value: &Value) -> Vec<u8> {
    let cbor = match reference {
        Some(reference) => write(model, reference, value),
        None => Cbor::Map(Vec::new()),
    };
    encode(&cbor)
}

/// The body of an error: its type, its message and its other members as they are.
pub fn write_error(code: &str, members: &Map<String, Value>) -> Vec<u8> {
    let mut entries = vec![(Cbor::from("__type"), Cbor::from(code))];
    for (name, value) in members {
        let value = Cbor::serialized(value).unwrap_or(Cbor::Null);
        entries.push((Cbor::from(name.as_str()), value));
    }
    encode(&Cbor::Map(entries))
}

fn encode(cbor: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to a vector cannot fail, and every value here is made of encodable parts.
    if ciborium::into_writer(cbor, &mut bytes).is_err() {
        bytes.clear();
    }
    bytes
}

fn write(model: &Model, reference: &Reference, value: &Value) -> Cbor {
    let shape = model.shape(reference);
    match (shape.kind, value) {
        (ShapeType::Structure, Value::Object(object)) => Cbor::Map(
            shape
                .members
                .iter()
                .filter_map(|(name, member)| {
                    let value = object.get(name).filter(|v| !v.is_null())?;
                    Some((Cbor::from(name.as_str()), write(model, member, value)))
                })
                .collect(),
        ),
        (ShapeType::List, Value::Array(items)) => Cbor::Array(
            shape
                .member
                .iter()
                .flat_map(|element| items.iter().map(|item| write(model, element, item)))
                .collect(),
        ),
        (ShapeType::Map, Value::Object(object)) => Cbor::Map(
            shape
                .value
                .iter()
                .flat_map(|element| {
                    object
                        .iter()
                        .map(|(k, v)| (Cbor::from(k.as_str()), write(model, element, v)))
                })
                .collect(),
        ),
        (ShapeType::Timestamp, Value::Number(n)) => {
            let seconds = n.as_i64().unwrap_or_default() as f64 / 1000.0;
            Cbor::Tag(EPOCH_TAG, Box::new(Cbor::Float(seconds)))
        }
        (ShapeType::Float | ShapeType::Double, _) => Cbor::Float(match value {
            Value::String(text) => text.parse().unwrap_or(f64::NAN),
            other => other.as_f64().unwrap_or_default(),
        }),
        (ShapeType::Blob, Value::String(text)) => {
            Cbor::Bytes(STANDARD.decode(text).unwrap_or_default())
        }
        _ => Cbor::serialized(value).unwrap_or(Cbor::Null),
    }
}
