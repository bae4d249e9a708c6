//! The one form of a value in which two spellings of the same thing are equal.

use serde_json::{Map, Value};

use super::{Attribute, Kind, Order, canonical_policy};

/// `value` in canonical form for an attribute of this kind: numbers and text in the kind's own
/// type, sets sorted, policies canonical, nulls in objects dropped.
pub fn canonical(kind: &Kind, value: &Value) -> Value {
    match (kind, value) {
        (Kind::Text(_), Value::Number(_) | Value::Bool(_)) => Value::String(value.to_string()),
        (Kind::Integer { .. }, Value::String(text)) => match text.parse::<i64>() {
            Ok(number) => number.into(),
            Err(_) => value.clone(),
        },
        (Kind::Integer { .. } | Kind::Timestamp, Value::Number(number)) => {
            whole(number).map_or_else(|| value.clone(), Into::into)
        }
        (Kind::Number, Value::String(text)) => match text.parse::<f64>() {
            Ok(number) => number.into(),
            Err(_) => value.clone(),
        },
        (Kind::Number, Value::Number(number)) => number.as_f64().map_or(Value::Null, Into::into),
        (Kind::Boolean, Value::String(text)) if text == "true" => Value::Bool(true),
        (Kind::Boolean, Value::String(text)) if text == "false" => Value::Bool(false),
        (Kind::Ports, Value::Number(number)) => Value::String(number.to_string()),
        (Kind::Ports, Value::String(text)) => Value::String(canonical_ports(text)),
        (Kind::Policy, value) => canonical_policy(value),
        (Kind::List { item, order, .. }, Value::Array(items)) => {
            let items = items.iter().map(|value| canonical(item, value)).collect();
            Value::Array(in_order(*order, items))
        }
        (Kind::Map { value: kind }, Value::Object(entries)) => Value::Object(
            entries
                .iter()
                .map(|(key, value)| (key.clone(), canonical(kind, value)))
                .collect::<std::collections::BTreeMap<_, _>>()
                .into_iter()
                .collect(),
        ),
        (Kind::Object(members), Value::Object(entries)) => {
            Value::Object(canonical_object(members, entries))
        }
        _ => value.clone(),
    }
}

/// Members in the schema's order; those the schema does not know are dropped.
fn canonical_object(
    members: &'static [Attribute],
    entries: &Map<String, Value>,
) -> Map<String, Value> {
    members
        .iter()
        .filter_map(|member| {
            let value = entries.get(member.name).filter(|value| !value.is_null())?;
            Some((member.name.to_owned(), canonical(&member.kind, value)))
        })
        .collect()
}

fn whole(number: &serde_json::Number) -> Option<i64> {
    let float = number.as_f64()?;
    number
        .as_i64()
        .or_else(|| (float.fract() == 0.0 && float.abs() < 9e15).then_some(float as i64))
}

fn canonical_ports(text: &str) -> String {
    let text: String = text.split_whitespace().collect();
    match text.split_once('-') {
        Some((from, to)) if from == to => from.to_owned(),
        Some(("0", "65535")) => "all".to_owned(),
        _ => text,
    }
}

fn in_order(order: Order, mut items: Vec<Value>) -> Vec<Value> {
    match order {
        Order::Ordered => items,
        Order::Set => {
            items.sort_by_key(Value::to_string);
            items.dedup();
            items
        }
        Order::Keyed(key) | Order::Among(key) => {
            items.sort_by_key(|item| item.get(key).map(Value::to_string));
            items
        }
    }
}
