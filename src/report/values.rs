//! Attribute values as a person reads them.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use crate::plan::{Reason, ResourceChange};
use crate::schema::secrets::MASK;
use crate::schema::{Attribute, Change, Draft, Kind, Order, canonical, canonical_policy, find};

use super::{Paint, Style};

/// The longest value that stands on one line with its attribute, in characters.
const LINE: usize = 72;
/// What stands where there is no value.
const NONE: &str = "(none)";
/// How many lines of a new text are shown, and how many more it takes to leave the rest out.
const BEGINNING: usize = 5;
const REST: usize = 5;
/// How many digits of a SHA-256 are shown.
const DIGEST: usize = 12;

/// One value on one line that is not too long, or `None` if it takes more.
fn short(value: &Value) -> Option<String> {
    line(value).filter(|text| text.chars().count() <= LINE)
}

/// One value on one line, or `None` if it has several.
fn line(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) if is_digest(text) => format!("{}...", &text[..DIGEST]),
        Value::String(text) if is_plain(text) => text.clone(),
        // Several lines are read as lines.
        Value::String(text) if text.trim_end_matches('\n').contains('\n') => return None,
        Value::String(text) => Value::String(text.clone()).to_string(),
        Value::Null => NONE.to_owned(),
        Value::Array(items) if items.iter().all(|item| !item.is_object()) => {
            let items: Option<Vec<_>> = items.iter().map(line).collect();
            format!("[{}]", items?.join(", "))
        }
        Value::Array(_) => value.to_string(),
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(k, v)| Some(format!("{k}: {}", line(v)?)));
            let members: Option<Vec<_>> = members.collect();
            format!("{{ {} }}", members?.join(", "))
        }
        other => other.to_string(),
    };
    (!text.contains('\n')).then_some(text)
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

/// A value over several lines: documents as indented JSON, text as its own lines, a list an element
/// a line.
fn long(value: &Value) -> String {
    let document = canonical_policy(value);
    match (value, &document) {
        (Value::String(text), Value::String(_)) => text.clone(),
        (Value::Null, _) => String::new(),
        (Value::Array(items), _) if items.iter().all(|item| !item.is_object()) => {
            let lines = items
                .iter()
                .map(|item| line(item).unwrap_or_else(|| item.to_string()));
            lines.map(|line| line + "\n").collect()
        }
        (_, document) => serde_json::to_string_pretty(document).unwrap_or_default(),
    }
}

/// The lines that say what changes at one attribute: `after` alone where the whole resource is new.
pub(super) fn lines(change: &Change, attribute: Shown, style: Style) -> Vec<String> {
    let arrow = style.arrow();
    let before = attribute.plain(change.before.clone());
    if change.sensitive {
        let text = |is_none: bool| if is_none { NONE } else { MASK };
        let after = text(change.after.is_null());
        return vec![match attribute.is_new {
            true => after.to_owned(),
            false => format!("{} {arrow} {after}", text(before.is_null())),
        }];
    }
    let after = match &change.after {
        Draft::Known(value) => value.clone(),
        Draft::Unknown(_) => return unknown(&before, attribute, style),
        other if other.first_unknown().is_some() => with_placeholders(other),
        other => other.resolve().unwrap_or(Value::Null),
    };
    let after = attribute.plain(after);
    let unit = attribute.unit;
    match (short(&before), short(&after)) {
        (_, Some(text)) if attribute.is_new => vec![with_unit(&after, &text, unit)],
        (Some(old), Some(new)) if before.is_null() || after.is_null() => {
            let (old, new) = (
                with_unit(&before, &old, unit),
                with_unit(&after, &new, unit),
            );
            vec![format!("{old} {arrow} {new}")]
        }
        (Some(old), Some(new)) => vec![with_unit(&after, &format!("{old} {arrow} {new}"), unit)],
        _ if attribute.is_new => match canonical_policy(&after) {
            Value::String(text) => beginning(&text, style),
            _ => difference("", &long(&after), style),
        },
        _ => difference(&long(&before), &long(&after), style),
    }
}

/// The first lines of a long text that nothing is to be compared with.
fn beginning(text: &str, style: Style) -> Vec<String> {
    let lines = difference("", text, style);
    match lines.len().saturating_sub(BEGINNING) {
        more if more > REST => {
            let rest = format!("  ... {more} more lines");
            let shown = lines.into_iter().take(BEGINNING);
            shown.chain([style.paint(Paint::Aside, &rest)]).collect()
        }
        _ => lines,
    }
}

/// What is known of the attribute that a change is of.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    /// What values it takes, where the schema says so.
    pub kind: Option<&'static Kind>,
    /// The unit a person reads it in.
    pub unit: &'static str,
    /// Whether nothing is live that it could differ from.
    pub is_new: bool,
}

/// What is known of an attribute of a resource.
pub(super) fn shown(resource: &ResourceChange, change: &Change) -> Shown {
    let found = find(resource.ty.schema.attributes, &change.path.attribute());
    Shown {
        kind: found.map(|attribute| &attribute.kind),
        unit: found.map_or("", |attribute| attribute.unit),
        // What failed to be made is made anew, and is compared with nothing.
        is_new: resource.live.is_none() || matches!(resource.reason, Reason::CreationFailed(_)),
    }
}

impl Shown {
    /// The value in the form in which two of its kind are compared, where AWS's is none to show: the
    /// order of a set means nothing, and ports may be a range of one.
    pub(super) fn plain(self, value: Value) -> Value {
        match (self.kind, &value) {
            (Some(kind @ Kind::Ports), _) => canonical(kind, &value),
            (
                Some(
                    kind @ Kind::List {
                        order: Order::Set, ..
                    },
                ),
                Value::Array(items),
            ) if items.iter().all(|item| !item.is_object()) => canonical(kind, &value),
            _ => value,
        }
    }
}

/// The changes of a resource as they are shown: an object that goes, goes member by member, as one
/// that comes does.
pub(super) fn expanded(resource: &ResourceChange) -> Vec<Change> {
    let attributes = resource.ty.schema.attributes;
    let changes = resource.attributes.iter();
    changes
        .flat_map(|change| members(change, attributes))
        .collect()
}

fn members(change: &Change, attributes: &'static [Attribute]) -> Vec<Change> {
    let kind = find(attributes, &change.path.attribute()).map(|attribute| attribute.kind);
    let has_members = kind.is_some_and(|kind| kind.members().is_some());
    let gone = match &change.before {
        Value::Object(gone) if has_members && change.after.is_null() => gone,
        _ => return vec![change.clone()],
    };
    let there = gone.iter().filter(|(_, value)| !is_nothing(value));
    let each = there.flat_map(|(name, value)| {
        let member = Change {
            path: change.path.key(name),
            before: value.clone(),
            ..change.clone()
        };
        members(&member, attributes)
    });
    each.collect()
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_nothing),
        _ => false,
    }
}

/// A value that is partly known, with words where it is not.
fn with_placeholders(value: &Draft) -> Value {
    match value {
        Draft::Known(value) => value.clone(),
        Draft::Unknown(_) => Value::String("(known after apply)".to_owned()),
        Draft::Sensitive(_) => Value::String(MASK.to_owned()),
        Draft::List(items) => items.iter().map(with_placeholders).collect(),
        Draft::Map(entries) => {
            let entries = entries
                .iter()
                .map(|(k, v)| (k.clone(), with_placeholders(v)));
            Value::Object(entries.collect())
        }
    }
}

fn unknown(before: &Value, attribute: Shown, style: Style) -> Vec<String> {
    let text = style.paint(Paint::Aside, "(known after apply)");
    if attribute.is_new {
        return vec![text];
    }
    match line(before) {
        Some(old) => {
            let old = with_unit(before, &old, attribute.unit);
            vec![format!("{old} {} {text}", style.arrow())]
        }
        None => difference(&long(before), "(known after apply)\n", style),
    }
}

fn with_unit(value: &Value, text: &str, unit: &str) -> String {
    match (value, unit) {
        (Value::Null, _) | (_, "") => text.to_owned(),
        (_, unit) => format!("{text} {unit}"),
    }
}

/// The lines that go and come, with two of the same around them. Where one text alone ends in a
/// newline, the last line of the other says that it has none.
fn difference(before: &str, after: &str, style: Style) -> Vec<String> {
    let diff = TextDiff::from_lines(before, after);
    let both = !before.is_empty() && !after.is_empty();
    let uneven = both && before.ends_with('\n') != after.ends_with('\n');
    let mut lines = Vec::new();
    for group in diff.grouped_ops(2) {
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let mut text = change.value().trim_end_matches('\n').to_owned();
            if uneven && change.missing_newline() {
                text.push_str("  (no newline at its end)");
            }
            lines.push(match change.tag() {
                ChangeTag::Delete => style.paint(Paint::Bad, &format!("- {text}")),
                ChangeTag::Insert => style.paint(Paint::Good, &format!("+ {text}")),
                ChangeTag::Equal => format!("  {text}"),
            });
        }
    }
    lines
}
