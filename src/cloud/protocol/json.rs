//! JSON bodies, to and from canonical values.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::ParseError;
use super::scalar::{self, TimeFormat};
use crate::aws_model::{Model, Reference, Shape, ShapeType};

/// The name of a member in a JSON body.
fn wire<'a>(name: &'a str, reference: &'a Reference) -> &'a str {
    reference.location_name.as_deref().unwrap_or(name)
}

/// The canonical value of a JSON one. Unknown members are ignored, nulls are absent.
pub fn read(
    model: &Model,
    reference: &Reference,
    json: &Value,
    at: &str,
) -> Result<Value, ParseError> {
    let wrong = |expected: &str| ParseError::wrong_type(at, expected);
    let shape = model.shape(reference);
    match shape.kind {
        ShapeType::Structure => {
            let object = json.as_object().ok_or_else(|| wrong("an object"))?;
            read_members(model, shape, object, at)
        }
        ShapeType::List => {
            let element = shape.member.as_ref().ok_or_else(|| wrong("no list"))?;
            let items = json.as_array().ok_or_else(|| wrong("a list"))?;
            items
                .iter()
                .enumerate()
                .filter(|(_, item)| !item.is_null())
                .map(|(n, item)| read(model, element, item, &format!("{at}.{}.member", n + 1)))
                .collect()
        }
        ShapeType::Map => {
            let element = shape.value.as_ref().ok_or_else(|| wrong("no map"))?;
            let object = json.as_object().ok_or_else(|| wrong("an object"))?;
            let entries: Result<Map<String, Value>, ParseError> = object
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| {
                    let value = read(model, element, value, &format!("{at}.{key}"))?;
                    Ok((key.clone(), value))
                })
                .collect();
            entries.map(Value::Object)
        }
        ShapeType::Integer | ShapeType::Long => integer(json).ok_or_else(|| wrong("an integer")),
        ShapeType::Float | ShapeType::Double => match json {
            Value::Number(_) => Ok(json.clone()),
            Value::String(text) => scalar::from_text(model, reference, text, at),
            _ => Err(wrong("a number")),
        },
        ShapeType::Boolean if json.is_boolean() => Ok(json.clone()),
        ShapeType::Boolean => Err(wrong("true or false")),
        ShapeType::Timestamp => match json {
            Value::Number(n) => n
                .as_f64()
                .map(|seconds| Value::from((seconds * 1000.0).round() as i64))
                .ok_or_else(|| wrong("a timestamp")),
            Value::String(text) => scalar::from_text(model, reference, text, at),
            _ => Err(wrong("a timestamp")),
        },
        ShapeType::Blob | ShapeType::String => match json {
            Value::String(text) => scalar::from_text(model, reference, text, at),
            _ => Err(wrong("a string")),
        },
    }
}

fn integer(json: &Value) -> Option<Value> {
    if json.is_i64() {
        return Some(json.clone());
    }
    let float = json.as_f64()?;
    (float.fract() == 0.0 && float.abs() < 9e15).then(|| Value::from(float as i64))
}

/// The members of a structure that stand in the body.
pub fn read_members(
    model: &Model,
    shape: &Shape,
    object: &Map<String, Value>,
    at: &str,
) -> Result<Value, ParseError> {
    let mut members = Map::new();
    for (name, reference) in body_members(shape) {
        let Some(value) = object.get(wire(name, reference)).filter(|v| !v.is_null()) else {
            continue;
        };
        let value = read(model, reference, value, &super::below(at, name))?;
        members.insert(name.clone(), value);
    }
    Ok(Value::Object(members))
}

/// The members that stand in the body.
fn body_members(shape: &Shape) -> impl Iterator<Item = (&String, &Reference)> {
    shape.members.iter().filter(|(_, r)| r.location.is_none())
}

/// The JSON of a canonical value, checked before.
pub fn write(model: &Model, reference: &Reference, value: &Value) -> Value {
    let shape = model.shape(reference);
    match (shape.kind, value) {
        (ShapeType::Structure, Value::Object(object)) => {
            let members = body_members(shape).filter_map(|(name, reference)| {
                let value = object.get(name).filter(|v| !v.is_null())?;
                Some((
                    wire(name, reference).to_owned(),
                    write(model, reference, value),
                ))
            });
            Value::Object(members.collect())
        }
        (ShapeType::List, Value::Array(items)) => match &shape.member {
            Some(element) => items.iter().map(|i| write(model, element, i)).collect(),
            None => value.clone(),
        },
        (ShapeType::Map, Value::Object(object)) => match &shape.value {
            Some(element) => Value::Object(
                object
                    .iter()
                    .map(|(key, value)| (key.clone(), write(model, element, value)))
                    .collect(),
            ),
            None => value.clone(),
        },
        (ShapeType::Timestamp, Value::Number(n)) => {
            let millis = n.as_i64().unwrap_or_default();
            match TimeFormat::of(model, reference, TimeFormat::Epoch) {
                TimeFormat::Epoch if millis % 1000 == 0 => Value::from(millis / 1000),
                TimeFormat::Epoch => Value::from(millis as f64 / 1000.0),
                format => Value::from(scalar::write_time(millis, format)),
            }
        }
        _ => value.clone(),
    }
}

/// Parses a body that has to be one JSON object; an empty one counts as `{}`.
pub fn parse_body(body: &[u8]) -> Result<Value, ParseError> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_slice(body)
        .map_err(|e| ParseError::malformed(format!("the body is no JSON: {e}")))
}

/// Canonical base64 of bytes.
pub fn base64(bytes: &[u8]) -> Value {
    Value::String(STANDARD.encode(bytes))
}
