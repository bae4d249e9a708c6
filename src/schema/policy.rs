//! IAM policy documents, as AWS compares them.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// The members whose order and repetition mean nothing, and whose one-element list is its element.
const SETS: [&str; 4] = ["Action", "NotAction", "Resource", "NotResource"];
/// The same, of accounts and users.
const PRINCIPALS: [&str; 2] = ["Principal", "NotPrincipal"];

/// A policy document in canonical form, or the value itself if it is none.
///
/// Text is read as JSON, URL-decoded first where IAM has encoded it (RFC 3986). Statements keep
/// their order; a single statement is a list of one; within a statement, and within the operators
/// of a condition, a list of one equals its element and lists are sorted; an account is its number.
pub fn canonical_policy(value: &Value) -> Value {
    match parse(value) {
        Some(Value::Object(document)) => Value::Object(canonical_document(document)),
        _ => value.clone(),
    }
}

fn parse(value: &Value) -> Option<Value> {
    match value {
        Value::Object(_) => Some(value.clone()),
        Value::String(text) => serde_json::from_str(text).ok().or_else(|| {
            let decoded = percent_decode_str(text).decode_utf8().ok()?;
            serde_json::from_str(&decoded).ok()
        }),
        _ => None,
    }
}

fn canonical_document(document: Map<String, Value>) -> Map<String, Value> {
    let members = document.into_iter().map(|(key, value)| match key.as_str() {
        "Statement" => {
            let statements = match value {
                Value::Array(statements) => statements,
                one => vec![one],
            };
            let canonical = statements.into_iter().map(canonical_statement);
            (key, Value::Array(canonical.collect()))
        }
        _ => (key, value),
    });
    sorted(members.collect())
}

fn canonical_statement(statement: Value) -> Value {
    let Value::Object(statement) = statement else {
        return statement;
    };
    let members = statement.into_iter().map(|(key, value)| {
        let canonical = match value {
            value if SETS.contains(&key.as_str()) => canonical_set(value),
            value if PRINCIPALS.contains(&key.as_str()) => canonical_principals(value),
            Value::Object(operators) if key == "Condition" => canonical_condition(operators),
            other => other,
        };
        (key, canonical)
    });
    Value::Object(sorted(members.collect()))
}

fn canonical_condition(operators: Map<String, Value>) -> Value {
    let canonical = operators
        .into_iter()
        .map(|(operator, keys)| (operator, canonical_set(keys)));
    Value::Object(sorted(canonical.collect()))
}

/// A set of scalars, or a map to such sets (`Principal`, the keys of a condition's operator).
fn canonical_set(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().map(|(k, v)| (k, canonical_set(v)));
            Value::Object(sorted(members.collect()))
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(scalar).collect();
            items.sort_by_key(Value::to_string);
            items.dedup();
            match items.len() {
                1 => items.remove(0),
                _ => Value::Array(items),
            }
        }
        other => scalar(other),
    }
}

/// The principals of a statement: an account's number says what the ARN of its root user says, which
/// IAM answers with.
fn canonical_principals(value: Value) -> Value {
    let Value::Object(mut members) = value else {
        return canonical_set(value);
    };
    if let Some(accounts) = members.get_mut("AWS") {
        *accounts = match accounts.take() {
            Value::Array(items) => items.into_iter().map(account).collect(),
            one => account(one),
        };
    }
    canonical_set(Value::Object(members))
}

/// `123456789012` for `arn:aws:iam::123456789012:root`, of whatever partition.
fn account(principal: Value) -> Value {
    let number = principal.as_str().and_then(|text| {
        let (before, number) = text.strip_suffix(":root")?.rsplit_once(':')?;
        let is_root = before.starts_with("arn:") && before.ends_with(":iam:");
        is_root.then(|| number.to_owned())
    });
    number.map_or(principal, Value::String)
}

/// IAM reads `true` and `"true"`, `5` and `"5"` alike.
fn scalar(value: Value) -> Value {
    match value {
        Value::Bool(_) | Value::Number(_) => Value::String(value.to_string()),
        other => other,
    }
}

fn sorted(members: Map<String, Value>) -> Map<String, Value> {
    let mut entries: Vec<_> = members.into_iter().collect();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    entries.into_iter().collect()
}
