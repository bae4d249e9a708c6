//! How AWS's replies become attributes.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::contract::Reshape;
use super::ownership;
use super::path;
use crate::schema::{Attribute, Kind};

/// What a path of a reply leads to: `a.0.b` goes through the first element, `a[*].b` gives the list
/// of all elements' `b`, `a[k].b` a map of a list, from each element's `k` to its `b`.
pub fn find(value: &Value, whole: &str) -> Option<Value> {
    let Some((before, rest)) = whole.split_once('[') else {
        return path::get(value, whole).cloned();
    };
    let (key, after) = rest.split_once(']')?;
    let after = after.strip_prefix('.').unwrap_or(after);
    let items = path::get(value, before)?.as_array()?;
    if let Ok(index) = key.parse::<usize>() {
        return find(items.get(index)?, after);
    }
    if key == "*" {
        let found = items.iter().filter_map(|item| find(item, after));
        return Some(Value::Array(found.collect()));
    }
    let entries = items.iter().filter_map(|item| {
        let key = path::text_at(item, key)?;
        Some((key, find(item, after)?))
    });
    Some(Value::Object(entries.collect()))
}

/// The same of a reply that nothing else is wanted of.
pub fn take(mut reply: Value, whole: &str) -> Option<Value> {
    if let Some((before, after)) = whole.split_once("[*]")
        && !before.contains('[')
    {
        let Value::Array(items) = take(reply, before)? else {
            return None;
        };
        let after = after.strip_prefix('.').unwrap_or(after);
        let found = items.into_iter().filter_map(|item| take(item, after));
        return Some(Value::Array(found.collect()));
    }
    if whole.contains('[') {
        return find(&reply, whole);
    }
    path::get_mut(&mut reply, whole).map(Value::take)
}

/// An object of a reply with the members of its bases, and with what stands elsewhere in its place.
/// Anything but an object stays as it is.
pub fn reshape(shape: &Reshape, reply: Value) -> Value {
    let places = shape.map.iter().map(|(_, place)| find(&reply, place));
    let places: Vec<_> = places.collect();
    let mut value = match reply {
        Value::Object(mut own) if shape.bases.is_empty() => {
            own.retain(|_, value| !value.is_null());
            Value::Object(own)
        }
        Value::Object(own) => with_bases(shape.bases, own),
        other => return other,
    };
    for ((attribute, place), found) in shape.map.iter().zip(places) {
        match found {
            Some(found) => path::set(&mut value, attribute, found),
            // Of a member and an attribute of one name, the attribute counts.
            None if !place.is_empty() => remove(&mut value, attribute),
            None => {}
        }
    }
    value
}

/// What is there of an object and of its bases: of the object first, unless it is one of them.
fn with_bases(bases: &[&str], own: Map<String, Value>) -> Value {
    let mut members = Map::new();
    if !bases.contains(&".") {
        fill(&mut members, &own);
    }
    let reply = Value::Object(own);
    for base in bases {
        if let Some(Value::Object(inner)) = path::get(&reply, base.trim_matches('.')) {
            fill(&mut members, inner);
        }
    }
    Value::Object(members)
}

fn fill(members: &mut Map<String, Value>, more: &Map<String, Value>) {
    for (key, value) in more.iter().filter(|(_, value)| !value.is_null()) {
        if !members.contains_key(key) {
            members.insert(key.clone(), value.clone());
        }
    }
}

fn remove(value: &mut Value, place: &str) {
    let (outer, last) = place.rsplit_once('.').unwrap_or(("", place));
    let mut at = value;
    for step in outer.split('.').filter(|step| !step.is_empty()) {
        match at.get_mut(step) {
            Some(inner) => at = inner,
            None => return,
        }
    }
    if let Value::Object(members) = at {
        members.remove(last);
    }
}

/// One page more: lists go on where the earlier pages ended, anything else is the newer page's.
pub fn append(pages: &mut Value, next: Value) {
    match (pages, next) {
        (Value::Object(members), Value::Object(next)) => {
            for (key, value) in next {
                match members.get_mut(&key) {
                    Some(old) => append(old, value),
                    None => {
                        members.insert(key, value);
                    }
                }
            }
        }
        (Value::Array(items), Value::Array(next)) => items.extend(next),
        (old, next) => *old = next,
    }
}

/// Tags as a map, from either of AWS's shapes: a map, or a list of keys and values.
pub fn tags(value: &Value) -> BTreeMap<String, String> {
    match value {
        Value::Object(members) => members
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), path::text(value)?)))
            .collect(),
        Value::Array(items) => items
            .iter()
            .filter_map(|item| {
                let value = path::text_at(item, "value").unwrap_or_default();
                Some((path::text_at(item, "key")?, value))
            })
            .collect(),
        _ => BTreeMap::new(),
    }
}

/// The tags that people see: none of pinfra's own.
pub fn visible(tags: &BTreeMap<String, String>) -> Value {
    let kept = tags.iter().filter(|(key, _)| !is_own(key));
    let kept = kept.map(|(key, value)| (key.clone(), Value::from(value.as_str())));
    Value::Object(kept.collect())
}

/// Whether a tag key is pinfra's own.
pub fn is_own(key: &str) -> bool {
    [ownership::STACK, ownership::RESOURCE, ownership::KEYS].contains(&key)
        || key.starts_with("pinfra:")
}

/// The same attributes, policies as documents.
pub fn with_documents(attributes: &[Attribute], mut value: Value) -> Value {
    if let Value::Object(members) = &mut value {
        for attribute in attributes {
            if let Some(member) = members.get_mut(attribute.name) {
                let old = member.take();
                *member = document(&attribute.kind, old);
            }
        }
    }
    value
}

fn document(kind: &Kind, value: Value) -> Value {
    match (kind, value) {
        (Kind::Policy, Value::String(text)) => parsed(&text).unwrap_or(Value::String(text)),
        (Kind::Map { value: kind }, Value::Object(members)) => {
            let members = members.into_iter();
            Value::Object(members.map(|(k, v)| (k, document(kind, v))).collect())
        }
        (Kind::List { item, .. }, Value::Array(items)) => {
            items.into_iter().map(|v| document(item, v)).collect()
        }
        (Kind::Object(inside), value @ Value::Object(_)) => with_documents(inside, value),
        (_, value) => value,
    }
}

/// The document in a text: JSON, or JSON that is URL-encoded (IAM: RFC 3986).
fn parsed(text: &str) -> Option<Value> {
    let plain = serde_json::from_str(text).ok();
    plain.or_else(|| {
        let decoded = percent_decode_str(text).decode_utf8().ok()?;
        serde_json::from_str(&decoded).ok()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_go_through_lists() {
        let reply = json!({"policies": [{"name": "a", "doc": 1}, {"name": "b", "doc": 2}]});
        let at = |path| find(&reply, path);
        assert_eq!(at("policies[1].doc"), Some(json!(2)));
        assert_eq!(at("policies[2].doc"), None);
        assert_eq!(at("policies[*].name"), Some(json!(["a", "b"])));
        assert_eq!(at("policies[name].doc"), Some(json!({"a": 1, "b": 2})));
        assert_eq!(at("other[name].doc"), None);
        for path in [
            "policies.1.doc",
            "policies[1].doc",
            "policies[*].name",
            "policies[name].doc",
            "none[*].a",
            "",
        ] {
            assert_eq!(take(reply.clone(), path), at(path), "{path}");
        }
    }

    #[test]
    fn members_of_bases_count_in_order_and_mapped_ones_before_all() {
        let shape = Reshape {
            bases: &[".", "provisioned"],
            map: &[
                ("version", "provisioned.software.version"),
                ("arn", "cluster_arn"),
            ],
        };
        let reply = json!({"cluster_arn": "arn", "tags": {"a": "b"},
            "provisioned": {"tags": {}, "brokers": 3, "software": {"version": "3.8.x"}}});
        let value = reshape(&shape, reply);
        assert_eq!(path::get(&value, "tags"), Some(&json!({"a": "b"})));
        assert_eq!(path::get(&value, "brokers"), Some(&json!(3)));
        assert_eq!(path::get(&value, "version"), Some(&json!("3.8.x")));
        assert_eq!(path::get(&value, "arn"), Some(&json!("arn")));
    }

    #[test]
    fn pages_append_to_lists_and_replace_the_rest() {
        let mut pages = json!({"items": [1], "token": "a"});
        append(&mut pages, json!({"items": [2], "token": null}));
        assert_eq!(pages, json!({"items": [1, 2], "token": null}));
    }

    #[test]
    fn both_shapes_of_tags_are_one_map() {
        let list =
            tags(&json!([{"key": "team", "value": "data"}, {"key": "pinfra:stack", "value": "s"}]));
        assert_eq!(list, tags(&json!({"team": "data", "pinfra:stack": "s"})));
        assert_eq!(visible(&list), json!({"team": "data"}));
    }

    #[test]
    fn policies_come_back_as_documents() {
        static ATTRIBUTES: [Attribute; 1] = [Attribute {
            name: "trust",
            kind: Kind::Policy,
            role: crate::schema::Role::Declared,
            required: false,
            on_change: crate::schema::OnChange::InPlace,
            absent: crate::schema::Absent::LeftAlone,
            write_only: false,
            sensitive: false,
            unit: "",
        }];
        let live = json!({"trust": "%7B%22Statement%22%3A%5B%5D%7D"});
        assert_eq!(
            with_documents(&ATTRIBUTES, live),
            json!({"trust": {"Statement": []}})
        );
    }
}
