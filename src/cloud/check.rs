//! Replies against the model: a handler cannot invent a member, nor answer one of another type.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::aws_model::{Model, Operation, Reference, Shape, ShapeType};

/// Values that AWS answers although its own model does not list them: shape and values. An internet
/// gateway that is attached is `available`, as the prose of its attachment's state says; of an
/// object's version the model lists one class, and S3 answers with any that objects have.
const UNLISTED: [(&str, &[&str]); 3] = [
    ("AttachmentStatus", &["available"]),
    (
        "ObjectVersionStorageClass",
        &[
            "REDUCED_REDUNDANCY",
            "STANDARD_IA",
            "ONEZONE_IA",
            "INTELLIGENT_TIERING",
            "GLACIER",
            "DEEP_ARCHIVE",
            "GLACIER_IR",
        ],
    ),
    ("PermissionsBoundaryAttachmentType", &["Policy"]),
];

/// The first departure of a reply from its operation's output shape, with the member's path.
pub fn check(model: &Model, operation: &Operation, reply: &Value) -> Result<(), String> {
    let at = &operation.name;
    match (&operation.output, reply) {
        (_, Value::Null) if requires_nothing(model, operation) => Ok(()),
        (Some(reference), Value::Object(_)) => structure(model, model.shape(reference), reply, at),
        (None, Value::Object(object)) if object.is_empty() => Ok(()),
        (None, _) => Err(format!("{at} answers nothing, not {reply}")),
        (Some(_), other) => Err(format!("{at}: a structure is expected, not {other}")),
    }
}

fn requires_nothing(model: &Model, operation: &Operation) -> bool {
    model
        .structure(operation.output.as_ref())
        .is_none_or(|shape| shape.required.is_empty())
}

fn structure(model: &Model, shape: &Shape, value: &Value, at: &str) -> Result<(), String> {
    let object = value
        .as_object()
        .ok_or_else(|| format!("{at}: a structure is expected, not {value}"))?;
    for name in &shape.required {
        let streaming = shape.members[name].streaming;
        if object.get(name).is_none_or(Value::is_null) && !streaming {
            return Err(format!("{at}.{name} is required"));
        }
    }
    for (name, member) in object {
        let Some(reference) = shape.members.get(name) else {
            return Err(format!("{at}.{name} is not in the model"));
        };
        let at = format!("{at}.{name}");
        if reference.streaming {
            return Err(format!("{at} streams: it goes beside the value"));
        }
        if !member.is_null() {
            one(model, reference, member, &at)?;
        }
    }
    Ok(())
}

fn one(model: &Model, reference: &Reference, value: &Value, at: &str) -> Result<(), String> {
    let shape = model.shape(reference);
    let is = |fits: bool, expected: &str| match fits {
        true => Ok(()),
        false => Err(format!("{at}: {expected} is expected, not {value}")),
    };
    match shape.kind {
        ShapeType::Structure => structure(model, shape, value, at),
        ShapeType::List => {
            is(value.is_array(), "a list")?;
            let items = value.as_array().into_iter().flatten().enumerate();
            for (n, item) in items {
                if let Some(element) = &shape.member {
                    one(model, element, item, &format!("{at}[{n}]"))?;
                }
            }
            Ok(())
        }
        ShapeType::Map => {
            is(value.is_object(), "a map")?;
            for (key, item) in value.as_object().into_iter().flatten() {
                if let Some(element) = &shape.value {
                    one(model, element, item, &format!("{at}[{key:?}]"))?;
                }
            }
            Ok(())
        }
        ShapeType::Integer | ShapeType::Long => is(value.is_i64(), "an integer"),
        ShapeType::Timestamp => is(value.is_i64(), "a time in milliseconds"),
        ShapeType::Float | ShapeType::Double => is(
            value.is_number() || matches!(value.as_str(), Some("NaN" | "Infinity" | "-Infinity")),
            "a number",
        ),
        ShapeType::Boolean => is(value.is_boolean(), "true or false"),
        ShapeType::Blob => is(
            value
                .as_str()
                .is_some_and(|text| STANDARD.decode(text).is_ok()),
            "base64",
        ),
        ShapeType::String => {
            is(value.is_string(), "a text")?;
            let text = value.as_str().unwrap_or_default();
            is(
                shape.values.is_empty()
                    || shape.values.iter().any(|v| v == text)
                    || is_unlisted(reference.shape_name(), text),
                "one of the model's values",
            )
        }
    }
}

fn is_unlisted(shape: &str, text: &str) -> bool {
    let mut unlisted = UNLISTED.iter();
    unlisted.any(|(of, values)| *of == shape && values.contains(&text))
}
