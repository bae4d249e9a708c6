//! Whether a declaration is what its type's [`Check`]s and hooks ask for, before anything is called.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::contract::{Check, ResourceType, Rule};
use super::declared::{at, is_one_of, or_default};
use crate::schema::{Draft, Kind};

/// Something about a declaration that its author should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The attribute, as the stack file spells it: `ingress[0].source`.
    pub path: String,
    /// What it is, for people.
    pub message: String,
    /// Whether it can be lived with.
    pub warning: bool,
}

/// What is wrong, or odd, with a declaration of this type. What is unknown yet is taken as right.
pub fn check(ty: &ResourceType, desired: &Draft) -> Vec<Finding> {
    let mut found = Vec::new();
    for check in ty.checks {
        match element_list(ty, check) {
            None => found.extend(one(ty, check, desired, "")),
            Some(list) => {
                let items = desired.get(list).and_then(|items| items.items());
                for (index, item) in items.into_iter().flatten().enumerate() {
                    let mut alone = IndexMap::new();
                    alone.insert(list.to_owned(), item);
                    let at = format!("{list}[{index}].");
                    found.extend(one(ty, check, &Draft::map(alone), &at));
                }
            }
        }
    }
    let own = ty.hooks.check(&known(desired)).into_iter();
    found.extend(own.map(|(path, message)| Finding {
        path,
        message,
        warning: false,
    }));
    found
}

/// The list of objects that a check's paths lead into, if they do: then it is about each element.
fn element_list(ty: &ResourceType, check: &Check) -> Option<&'static str> {
    let (path, _) = check.when?;
    let (head, _) = path.split_once('.')?;
    matches!(ty.schema.attribute(head)?.kind, Kind::List { .. }).then_some(head)
}

/// `element` is what paths within an element of a list begin with: `ingress[0].`.
fn one(ty: &ResourceType, check: &Check, desired: &Draft, element: &str) -> Option<Finding> {
    let applies = check.when.is_none_or(|(path, values)| {
        let value = effective(ty, path, desired);
        value.is_some_and(|value| is_one_of(&value, values))
    });
    if !applies {
        return None;
    }
    let state = check.when.map_or_else(String::new, |(path, _)| {
        let value = effective(ty, path, desired).unwrap_or_default();
        format!(" where {path} is {}", plain(&value))
    });
    let (path, message, warning) = match check.rule {
        Rule::Requires(path) => {
            let missing = at(desired, path).is_none();
            missing.then(|| {
                (
                    path,
                    format!("`{path}` is needed{state}: {}", check.why),
                    false,
                )
            })
        }
        Rule::Forbids(path) => {
            let there = at(desired, path).is_some_and(|value| !is_default(ty, path, &value));
            there.then(|| {
                (
                    path,
                    format!("`{path}` cannot stand{state}: {}", check.why),
                    false,
                )
            })
        }
        Rule::Warns(path) => Some((path, check.why.to_owned(), true)),
        Rule::Multiple(path, list) => {
            let number = at(desired, path).and_then(|value| value.resolve().ok()?.as_i64())?;
            let count = i64::try_from(at(desired, list)?.items()?.len()).ok()?;
            let wrong = count > 0 && number % count != 0;
            let text = format!(
                "{number} is no multiple of the {count} of {list}: {}",
                check.why
            );
            wrong.then_some((path, text, false))
        }
        Rule::OneOf(path, values) => {
            let value = at(desired, path).and_then(|value| value.resolve().ok())?;
            let wrong = !value.is_null() && !is_one_of(&value, values);
            let text = format!(
                "{} is none of {}: {}",
                plain(&value),
                values.join(", "),
                check.why
            );
            wrong.then_some((path, text, false))
        }
    }?;
    let path = match path.split_once('.') {
        Some((_, member)) if !element.is_empty() => format!("{element}{member}"),
        _ => path.to_owned(),
    };
    Some(Finding {
        path,
        message,
        warning,
    })
}

/// The declared value at a dotted path, or its default; `None` where it is unknown or neither.
fn effective(ty: &ResourceType, path: &str, desired: &Draft) -> Option<Value> {
    or_default(ty, desired, path)?.resolve().ok()
}

/// Whether a declared value says no more than leaving it out does.
fn is_default(ty: &ResourceType, path: &str, value: &Draft) -> bool {
    let attribute = ty.schema.attribute(path);
    let default = attribute.and_then(|attribute| attribute.absent.value());
    value.is_null() || default.is_some_and(|default| *value == Draft::Known(default))
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// What is known of it: unknown members are left out, unknown elements are null.
fn known(desired: &Draft) -> Map<String, Value> {
    match known_value(desired) {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn known_value(desired: &Draft) -> Value {
    if let Ok(value) = desired.resolve() {
        return value;
    }
    if let Some(entries) = desired.entries() {
        let entries = entries
            .into_iter()
            .map(|(key, value)| (key, known_value(&value)));
        return Value::Object(entries.filter(|(_, value)| !value.is_null()).collect());
    }
    match desired.items() {
        Some(items) => items.iter().map(known_value).collect(),
        None => Value::Null,
    }
}
