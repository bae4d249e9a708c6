//! Whether a declaration is what its type's [`Check`]s and hooks ask for, before anything is called.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::contract::{Check, ResourceType, Rule};
use super::declared::{at, is_one_of, or_default};
use super::repeated::repeated;
use crate::schema::{Draft, Finding, Kind, matches};

/// What is wrong, or odd, with a declaration of this type. What is unknown yet is taken as right.
pub fn check(ty: &ResourceType, desired: &Draft) -> Vec<Finding> {
    let mut found = repeated(ty, desired);
    for check in ty.checks {
        match element_list(ty, check) {
            None => found.extend(one(ty, check, desired)),
            Some(list) => {
                let items = desired.get(list).and_then(|items| items.items());
                for (index, item) in items.into_iter().flatten().enumerate() {
                    let mut alone = IndexMap::new();
                    alone.insert(list.to_owned(), item);
                    let finding = one(ty, check, &Draft::map(alone));
                    found.extend(finding.map(|finding| of_element(finding, list, index)));
                }
            }
        }
    }
    found.extend(ty.hooks.check(&known(desired)));
    found
}

/// What is found in one element of a list, told of the element, into which its path leads.
fn of_element(finding: Finding, list: &str, index: usize) -> Finding {
    let inside = finding.path.strip_prefix(list).unwrap_or_default();
    Finding {
        path: format!("{list}[{index}]{inside}"),
        ..finding
    }
}

/// The list of objects that a check's paths lead into, if they do: then it is about each element.
fn element_list(ty: &ResourceType, check: &Check) -> Option<&'static str> {
    let condition = check.when.or(check.unless).map(|(path, _)| path);
    let path = condition.unwrap_or(match check.rule {
        Rule::Requires(path)
        | Rule::Forbids(path)
        | Rule::Warns(path)
        | Rule::Multiple(path, _)
        | Rule::OneOf(path, _)
        | Rule::Matches(path, _)
        | Rule::Excludes(path, _)
        | Rule::OneCase(path) => path,
        Rule::SomeOf(paths) => paths.first()?,
    });
    let (head, _) = path.split_once('.')?;
    matches!(ty.schema.attribute(head)?.kind, Kind::List { .. }).then_some(head)
}

/// What one check finds; of a list's elements there is the one that it is about.
fn one(ty: &ResourceType, check: &Check, desired: &Draft) -> Option<Finding> {
    let found = broken(ty, check, desired)?;
    Some(match check.warning {
        true => Finding {
            message: check.why.to_owned(),
            warning: true,
            ..found
        },
        false => found,
    })
}

/// The rule of a check that counts and is not kept.
fn broken(ty: &ResourceType, check: &Check, desired: &Draft) -> Option<Finding> {
    let applies = check.when.is_none_or(|(path, values)| {
        let value = effective(ty, path, desired);
        value.is_some_and(|value| is_one_of(&value, values))
    });
    let is_excepted = check.unless.is_some_and(|(path, values)| {
        let value = or_default(ty, desired, path).map(|value| value.resolve());
        value.is_some_and(|value| value.map_or(true, |value| is_one_of(&value, values)))
    });
    if !applies || is_excepted {
        return None;
    }
    let (why, state) = (check.why, state(ty, check, desired));
    match check.rule {
        Rule::Requires(path) => {
            let missing = at(desired, path).is_none();
            let text = format!("`{path}` is needed{state}: {why}");
            missing.then(|| Finding::error(path, text, format!("expected `{}: …`", last(path))))
        }
        Rule::Forbids(path) => {
            let there = at(desired, path).is_some_and(|value| !is_default(ty, path, &value));
            let text = format!("`{path}` cannot stand{state}: {why}");
            there.then(|| Finding::error(path, text, format!("expected no `{}` here", last(path))))
        }
        Rule::Warns(path) => Some(Finding {
            warning: true,
            ..Finding::error(path, why, "")
        }),
        Rule::Multiple(path, list) => {
            let number = at(desired, path).and_then(|value| value.resolve().ok()?.as_i64())?;
            let count = i64::try_from(at(desired, list)?.items()?.len()).ok()?;
            let wrong = count > 0 && number % count != 0;
            let text = format!("{number} is no multiple of the {count} of {list}: {why}");
            wrong.then(|| Finding::error(path, text, format!("expected a multiple of {count}")))
        }
        Rule::OneOf(path, values) => {
            let value = at(desired, path).and_then(|value| value.resolve().ok())?;
            let wrong = !value.is_null() && !is_one_of(&value, values);
            let text = format!("`{path}` cannot be {}: {why}", plain(&value));
            wrong.then(|| Finding::error(path, text, format!("expected {}", one_of(values))))
        }
        Rule::Matches(path, pattern) => {
            texts_that(desired, path, why, |text| !matches(pattern, text))
        }
        Rule::Excludes(path, pattern) => {
            texts_that(desired, path, why, |text| matches(pattern, text))
        }
        Rule::SomeOf(paths) => {
            let there = |path: &&str| at(desired, path).is_some_and(|value| !is_empty(&value));
            let names: Vec<&str> = paths.iter().map(|path| last(path)).collect();
            let around = paths
                .first()?
                .rsplit_once('.')
                .map_or("", |(around, _)| around);
            let text = format!("expected one of {} at least: {why}", names.join(", "));
            let label = "expected one of them at least";
            (!paths.iter().any(there)).then(|| Finding::error(around, text, label))
        }
        Rule::OneCase(path) => {
            let mut seen: BTreeMap<String, String> = BTreeMap::new();
            at(desired, path)?
                .entries()?
                .into_iter()
                .find_map(|(key, _)| {
                    let other = seen.insert(key.to_lowercase(), key.clone())?;
                    let text = format!("`{path}` has `{other}` and `{key}`: {why}");
                    let path = format!("{path}.{key}");
                    Some(Finding::error(path, text, "expected one of the two").of_key())
                })
        }
    }
}

/// Where a check counts, for its messages.
fn state(ty: &ResourceType, check: &Check, desired: &Draft) -> String {
    let shown = |path| plain(&effective(ty, path, desired).unwrap_or_default());
    match (check.when, check.unless) {
        (Some((path, _)), _) => format!(" where {path} is {}", shown(path)),
        (None, Some((path, values))) => {
            let values = values.iter().map(|value| value.trim_matches('"'));
            let values: Vec<&str> = values.collect();
            format!(" unless {path} is {}", values.join(" or "))
        }
        (None, None) => String::new(),
    }
}

/// The first wrong one of the texts at a path: its own, or the keys of its map.
fn texts_that(
    desired: &Draft,
    path: &str,
    why: &str,
    is_wrong: impl Fn(&str) -> bool,
) -> Option<Finding> {
    let value = at(desired, path)?;
    if let Some(entries) = value.entries() {
        let (key, _) = entries.into_iter().find(|(key, _)| is_wrong(key))?;
        let text = format!("`{path}` cannot have the key `{key}`: {why}");
        let path = format!("{path}.{key}");
        return Some(Finding::error(path, text, "expected another key").of_key());
    }
    let known = value.resolve().ok()?;
    let text = known.as_str().filter(|text| is_wrong(text))?;
    let what = match value.is_sensitive() {
        true => "this".to_owned(),
        false => format!("`{text}`"),
    };
    Some(Finding::error(
        path,
        format!("`{path}` cannot be {what}: {why}"),
        "expected another text",
    ))
}

/// A path's last name.
fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// The values that a check allows, for its label.
fn one_of(values: &[&str]) -> String {
    let values: Vec<&str> = values.iter().map(|value| value.trim_matches('"')).collect();
    match values.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => values.concat(),
    }
}

fn is_empty(value: &Draft) -> bool {
    value.items().is_some_and(|items| items.is_empty())
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
