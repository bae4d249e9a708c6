//! Dotted paths into values: `provisioned.broker_node_group_info`, `rules.0.sse_algorithm`.

use serde_json::{Map, Value};

/// What a dotted path leads to; a number is an index into a list. The empty path is the value
/// itself, and null counts as nothing.
pub fn get<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    let mut at = value;
    for step in path.split('.').filter(|step| !step.is_empty()) {
        at = match at {
            Value::Object(members) => members.get(step)?,
            Value::Array(items) => items.get(step.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    (!at.is_null()).then_some(at)
}

/// The same, to be changed.
pub fn get_mut<'v>(value: &'v mut Value, path: &str) -> Option<&'v mut Value> {
    let mut at = value;
    for step in path.split('.').filter(|step| !step.is_empty()) {
        at = match at {
            Value::Object(members) => members.get_mut(step)?,
            Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    (!at.is_null()).then_some(at)
}

/// Puts `new` where a dotted path of member names leads, making the objects on the way.
pub fn set(value: &mut Value, path: &str, new: Value) {
    let mut at = value;
    for step in path.split('.').filter(|step| !step.is_empty()) {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        let Value::Object(members) = at else { return };
        at = members.entry(step).or_insert(Value::Null);
    }
    *at = new;
}

/// The text of a scalar; `None` for null, lists and objects.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// The text a dotted path leads to.
pub fn text_at(value: &Value, path: &str) -> Option<String> {
    get(value, path).and_then(text)
}

/// Whether one dotted path is the other or leads into it.
pub fn overlap(one: &str, other: &str) -> bool {
    within(one, other) || within(other, one)
}

/// Whether `path` is `outer` or leads into it.
pub fn within(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer)
        .is_some_and(|rest| outer.is_empty() || rest.is_empty() || rest.starts_with('.'))
}

/// The value without nulls in its objects and lists, at any depth.
pub fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(_, value)| !value.is_null());
            let kept = kept.map(|(key, value)| (key.clone(), without_nulls(value)));
            Value::Object(kept.collect())
        }
        Value::Array(items) => {
            let kept = items.iter().filter(|item| !item.is_null());
            Value::Array(kept.map(without_nulls).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_lead_through_objects_and_lists() {
        let mut value = json!({"a": {"b": [{"c": 1}], "n": null}});
        assert_eq!(get(&value, "a.b.0.c"), Some(&json!(1)));
        assert_eq!(get(&value, "a.n"), None);
        assert_eq!(get(&value, "a.b.c"), None);
        set(&mut value, "x.y", json!(2));
        assert_eq!(get(&value, "x"), Some(&json!({"y": 2})));
    }

    #[test]
    fn overlap_is_by_whole_names() {
        assert!(overlap("tags", "tags.team") && overlap("tags.team", "tags"));
        assert!(!overlap("tags", "tagset"));
    }
}
