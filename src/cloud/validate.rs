//! Requests against the model, refused with the service's own code and AWS's own wording.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;
use serde_json::Value;

use super::error::ApiError;
use super::protocol::{ParseError, Protocol};
use crate::aws_model::{Model, Operation, Reference, Shape, ShapeType};

/// One value that the model refuses.
#[derive(Debug, Clone, PartialEq)]
struct Violation {
    /// Its path in the model's names (`Tags.1.member.Key`).
    path: String,
    /// What is wrong.
    problem: Problem,
    /// The value for the message; none where it is secret.
    value: Option<String>,
    /// Whether it came outside the body.
    placed: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Problem {
    Missing,
    Enum(Vec<String>),
    Other(String),
}

/// Checks an input: required members, lengths, ranges, patterns, enumerations, unions.
///
/// # Errors
/// As the service answers: `code` for most, codes of their own for EC2 and S3.
pub fn check(
    model: &Model,
    operation: &Operation,
    protocol: Protocol,
    code: &str,
    input: &Value,
) -> Result<(), ApiError> {
    let Some(reference) = &operation.input else {
        return Ok(());
    };
    let mut found = Vec::new();
    let mut walker = Walker {
        model,
        enums: !(protocol == Protocol::RestXml),
        found: &mut found,
    };
    walker.structure(model.shape(reference), input, "", false);
    if found.is_empty() {
        return Ok(());
    }
    Err(match protocol {
        Protocol::Ec2 => ec2(&found[0]),
        Protocol::RestXml => s3(&found[0]),
        _ => ApiError::new(code, 400, wording(&found)),
    })
}

/// A request that could not be read.
pub fn unreadable(protocol: Protocol, code: &str, error: &ParseError) -> ApiError {
    match protocol {
        Protocol::Json10 | Protocol::Json11 | Protocol::Cbor => {
            ApiError::new("SerializationException", 400, error.to_string())
        }
        Protocol::RestXml => malformed_xml(),
        Protocol::Ec2 => ApiError::new("InvalidParameterValue", 400, error.to_string()),
        Protocol::Query | Protocol::RestJson => ApiError::new(code, 400, error.to_string()),
    }
}

fn malformed_xml() -> ApiError {
    ApiError::new(
        "MalformedXML",
        400,
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

struct Walker<'a> {
    model: &'a Model,
    enums: bool,
    found: &'a mut Vec<Violation>,
}

impl Walker<'_> {
    fn structure(&mut self, shape: &Shape, value: &Value, at: &str, placed: bool) {
        for name in &shape.required {
            let reference = &shape.members[name];
            let streaming = reference.streaming || self.model.shape(reference).streaming;
            if value.get(name).is_none_or(Value::is_null) && !streaming {
                self.found.push(Violation {
                    path: join(at, name),
                    problem: Problem::Missing,
                    value: None,
                    placed: reference.location.is_some(),
                });
            }
        }
        let mut set = 0;
        for (name, reference) in &shape.members {
            if let Some(member) = value.get(name).filter(|v| !v.is_null()) {
                set += 1;
                let placed = placed || reference.location.is_some();
                self.value(reference, member, &join(at, name), placed);
            }
        }
        if shape.union && set != 1 {
            let problem = "Exactly one member of the union must be set".to_owned();
            self.add(at, Problem::Other(problem), None, placed);
        }
    }

    fn value(&mut self, reference: &Reference, value: &Value, at: &str, placed: bool) {
        let shape = self.model.shape(reference);
        self.bounds(shape, value, at, placed);
        match (shape.kind, value) {
            (ShapeType::Structure, _) => self.structure(shape, value, at, placed),
            (ShapeType::List, Value::Array(items)) => {
                if let Some(element) = &shape.member {
                    for (n, item) in items.iter().enumerate() {
                        self.value(element, item, &format!("{at}.{}.member", n + 1), placed);
                    }
                }
            }
            (ShapeType::Map, Value::Object(object)) => {
                for (key, item) in object {
                    if let (Some(key_reference), Some(element)) = (&shape.key, &shape.value) {
                        self.value(key_reference, &Value::from(key.as_str()), at, placed);
                        self.value(element, item, &format!("{at}.{key}.member"), placed);
                    }
                }
            }
            (ShapeType::String, Value::String(text)) => self.text(shape, text, at, placed),
            _ => {}
        }
    }

    fn text(&mut self, shape: &Shape, text: &str, at: &str, placed: bool) {
        let shown = (!shape.sensitive).then(|| text.to_owned());
        if self.enums && !shape.values.is_empty() && !shape.values.iter().any(|v| v == text) {
            self.add(
                at,
                Problem::Enum(shape.values.clone()),
                shown.clone(),
                placed,
            );
        }
        if let Some(pattern) = &shape.pattern
            && compiled(pattern).is_some_and(|regex| !regex.is_match(text))
        {
            let problem = format!("Member must satisfy regular expression pattern: {pattern}");
            self.add(at, Problem::Other(problem), shown, placed);
        }
    }

    fn bounds(&mut self, shape: &Shape, value: &Value, at: &str, placed: bool) {
        let (size, is_length) = match (shape.kind, value) {
            (ShapeType::Integer | ShapeType::Long, Value::Number(n)) => (n.as_f64(), false),
            (ShapeType::Float | ShapeType::Double, Value::Number(n)) => (n.as_f64(), false),
            (ShapeType::String, Value::String(text)) => (Some(text.chars().count() as f64), true),
            (ShapeType::Blob, Value::String(text)) => {
                let bytes = STANDARD.decode(text).map_or(0, |bytes| bytes.len());
                (Some(bytes as f64), true)
            }
            (ShapeType::List, Value::Array(items)) => (Some(items.len() as f64), true),
            (ShapeType::Map, Value::Object(items)) => (Some(items.len() as f64), true),
            _ => return,
        };
        let Some(size) = size else { return };
        let what = if is_length { "length" } else { "value" };
        let shown = || {
            (!shape.sensitive).then(|| match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            })
        };
        if let Some(min) = shape.min.filter(|min| size < *min as f64) {
            let problem = format!("Member must have {what} greater than or equal to {min}");
            self.add(at, Problem::Other(problem), shown(), placed);
        }
        if let Some(max) = shape.max.filter(|max| size > *max as f64) {
            let problem = format!("Member must have {what} less than or equal to {max}");
            self.add(at, Problem::Other(problem), shown(), placed);
        }
    }

    fn add(&mut self, at: &str, problem: Problem, value: Option<String>, placed: bool) {
        self.found.push(Violation {
            path: at.to_owned(),
            problem,
            value,
            placed,
        });
    }
}

fn join(at: &str, name: &str) -> String {
    if at.is_empty() {
        name.to_owned()
    } else {
        format!("{at}.{name}")
    }
}

/// A pattern, anchored at both ends as AWS applies it. None for the few that use what `regex`
/// does not have (look-around): those are not checked.
fn compiled(pattern: &str) -> Option<Regex> {
    static CACHE: LazyLock<Mutex<HashMap<String, Option<Regex>>>> = LazyLock::new(Default::default);
    CACHE
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .entry(pattern.to_owned())
        .or_insert_with(|| Regex::new(&format!("^(?:{pattern})$")).ok())
        .clone()
}

/// `2 validation errors detected: Value null at 'roleName' failed to satisfy constraint: …`
fn wording(found: &[Violation]) -> String {
    let each: Vec<String> = found
        .iter()
        .map(|violation| {
            let value = match (&violation.problem, &violation.value) {
                (Problem::Missing, _) => "Value null".to_owned(),
                (_, Some(value)) => format!("Value '{value}'"),
                (_, None) => "Value".to_owned(),
            };
            let constraint = match &violation.problem {
                Problem::Missing => "Member must not be null".to_owned(),
                Problem::Enum(values) => {
                    format!(
                        "Member must satisfy enum value set: [{}]",
                        values.join(", ")
                    )
                }
                Problem::Other(text) => text.clone(),
            };
            format!(
                "{value} at '{}' failed to satisfy constraint: {constraint}",
                camel(&violation.path)
            )
        })
        .collect();
    let plural = if found.len() == 1 { "error" } else { "errors" };
    format!(
        "{} validation {plural} detected: {}",
        found.len(),
        each.join("; ")
    )
}

/// `Tags.1.member.Key` as AWS spells it: `tags.1.member.key`.
fn camel(path: &str) -> String {
    path.split('.')
        .map(|part| {
            let mut chars = part.chars();
            match chars.next() {
                Some(first) => first.to_lowercase().chain(chars).collect(),
                None => String::new(),
            }
        })
        .collect::<Vec<String>>()
        .join(".")
}

fn ec2(violation: &Violation) -> ApiError {
    let name = violation.path.replace(".member", "");
    match &violation.problem {
        Problem::Missing => ApiError::new(
            "MissingParameter",
            400,
            format!("The request must contain the parameter {name}"),
        ),
        _ => ApiError::new(
            "InvalidParameterValue",
            400,
            format!(
                "Value ({}) for parameter {name} is invalid.",
                violation.value.as_deref().unwrap_or_default()
            ),
        ),
    }
}

/// S3 says little of bodies, and names headers and parameters. Enumerations are left to its
/// handlers: each has a code of its own.
fn s3(violation: &Violation) -> ApiError {
    if !violation.placed {
        return malformed_xml();
    }
    let message = match &violation.problem {
        Problem::Missing => format!(
            "Missing required parameter for this request: {}",
            violation.path
        ),
        _ => "Invalid Argument".to_owned(),
    };
    ApiError::new("InvalidArgument", 400, message)
        .with("ArgumentName", violation.path.as_str())
        .with("ArgumentValue", violation.value.clone().unwrap_or_default())
}
