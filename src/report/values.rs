//! Attribute values as a person reads them.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use crate::schema::{Change, Draft, canonical_policy};

use super::{Paint, Style};

/// The longest value that stands on one line with its attribute, in characters.
const LINE: usize = 72;
/// How many digits of a SHA-256 are shown.
const DIGEST: usize = 12;

/// One value on one line, or `None` if it takes more.
fn short(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) if is_digest(text) => format!("{}...", &text[..DIGEST]),
        Value::String(text) if is_plain(text) => text.clone(),
        Value::String(text) => Value::String(text.clone()).to_string(),
        Value::Null => "(none)".to_owned(),
        Value::Array(items) if items.iter().all(|item| !item.is_object()) => {
            let items: Option<Vec<_>> = items.iter().map(short).collect();
            format!("[{}]", items?.join(", "))
        }
        Value::Array(_) => value.to_string(),
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(k, v)| Some(format!("{k}: {}", short(v)?)));
            let members: Option<Vec<_>> = members.collect();
            format!("{{ {} }}", members?.join(", "))
        }
        other => other.to_string(),
    };
    (text.chars().count() <= LINE && !text.contains('\n')).then_some(text)
}

/// Whether a text is a SHA-256: its beginning is enough to tell two apart.
fn is_digest(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Text that needs no quotes to be read for what it is.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(char::is_whitespace)
        && !text.ends_with(char::is_whitespace)
        && text.chars().all(|c| !c.is_control())
}

/// A value over several lines: documents as indented JSON, text as its own lines.
fn long(value: &Value) -> String {
    let document = canonical_policy(value);
    match (value, &document) {
        (Value::String(text), Value::String(_)) => text.clone(),
        (Value::Null, _) => String::new(),
        (_, document) => serde_json::to_string_pretty(document).unwrap_or_default(),
    }
}

/// The lines that say what changes at one attribute: `after` alone for what is new.
pub(super) fn lines(change: &Change, unit: &str, style: Style) -> Vec<String> {
    let before = &change.before;
    if change.sensitive {
        let text = "(sensitive)";
        return vec![match before {
            Value::Null => text.to_owned(),
            _ => format!("{text} {} {text}", style.arrow()),
        }];
    }
    let after = match &change.after {
        Draft::Known(value) => value.clone(),
        Draft::Unknown(_) => return unknown(before, style),
        other if other.first_unknown().is_some() => with_placeholders(other),
        other => other.resolve().unwrap_or(Value::Null),
    };
    match (short(before), short(&after)) {
        (_, Some(after)) if before.is_null() => vec![with_unit(&after, unit)],
        (Some(before), Some(after)) => {
            vec![with_unit(
                &format!("{before} {} {after}", style.arrow()),
                unit,
            )]
        }
        _ => difference(&long(before), &long(&after), style),
    }
}

/// A value that is partly known, with words where it is not.
fn with_placeholders(value: &Draft) -> Value {
    match value {
        Draft::Known(value) => value.clone(),
        Draft::Unknown(_) => Value::String("(known after apply)".to_owned()),
        Draft::Sensitive(_) => Value::String("(sensitive)".to_owned()),
        Draft::List(items) => items.iter().map(with_placeholders).collect(),
        Draft::Map(entries) => {
            let entries = entries
                .iter()
                .map(|(k, v)| (k.clone(), with_placeholders(v)));
            Value::Object(entries.collect())
        }
    }
}

fn unknown(before: &Value, style: Style) -> Vec<String> {
    let text = style.paint(Paint::Aside, "(known after apply)");
    vec![match short(before).filter(|_| !before.is_null()) {
        Some(before) => format!("{before} {} {text}", style.arrow()),
        None => text,
    }]
}

fn with_unit(text: &str, unit: &str) -> String {
    match unit {
        "" => text.to_owned(),
        unit => format!("{text} {unit}"),
    }
}

/// The lines that go and come, with two of the same around them.
fn difference(before: &str, after: &str, style: Style) -> Vec<String> {
    let diff = TextDiff::from_lines(before, after);
    let mut lines = Vec::new();
    for group in diff.grouped_ops(2) {
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let text = change.value().trim_end_matches('\n').to_owned();
            lines.push(match change.tag() {
                ChangeTag::Delete => style.paint(Paint::Bad, &format!("- {text}")),
                ChangeTag::Insert => style.paint(Paint::Good, &format!("+ {text}")),
                ChangeTag::Equal => format!("  {text}"),
            });
        }
    }
    lines
}
