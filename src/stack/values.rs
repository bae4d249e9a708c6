//! Values against kinds: types, ranges, patterns, lengths; known now or when they are.

use indexmap::IndexMap;
use serde_json::Value;

use crate::schema::{Attribute, Draft, Kind, Role, TextRule, matches};

use super::evaluate::{Evaluator, plain_text};
use super::nearest::suggest;
use super::policy::policy_mistakes;
use super::source::Span;

/// What a value is for, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    /// The attribute's name.
    pub(super) name: &'a str,
    /// Where its value stands.
    pub(super) at: Span,
    /// Whether the value is not to be shown.
    pub(super) secret: bool,
}

impl Evaluator<'_> {
    /// A value of which parts may be unknown as a value of `kind`.
    pub(super) fn draft(
        &self,
        kind: &'static Kind,
        draft: Draft,
        subject: Subject<'_>,
    ) -> Option<Draft> {
        match draft {
            Draft::Unknown(_) => Some(draft),
            Draft::Known(value) => self.known(kind, &value, subject).map(Draft::Known),
            Draft::Sensitive(inner) => {
                let secret = Subject {
                    secret: true,
                    ..subject
                };
                Some(self.draft(kind, *inner, secret)?.sensitive())
            }
            Draft::List(items) => match kind {
                Kind::List { item, .. } => {
                    let there = items.into_iter().filter(|draft| !draft.is_null());
                    let items = there.map(|draft| self.draft(item, draft, subject));
                    let items = items.collect::<Option<Vec<_>>>()?;
                    self.length(kind, items.len(), subject)?;
                    Some(Draft::list(items))
                }
                Kind::Any => Some(Draft::List(items)),
                _ => self.mismatch(kind, "a list", subject),
            },
            Draft::Map(entries) => match kind {
                Kind::Object(members) => self.draft_object(members, entries, subject),
                Kind::Map { value } => {
                    let there = entries.into_iter().filter(|(_, draft)| !draft.is_null());
                    let entries =
                        there.map(|(key, draft)| Some((key, self.draft(value, draft, subject)?)));
                    Some(Draft::map(entries.collect::<Option<_>>()?))
                }
                Kind::Any | Kind::Policy => Some(Draft::Map(entries)),
                _ => self.mismatch(kind, "a map", subject),
            },
        }
    }

    fn draft_object(
        &self,
        members: &'static [Attribute],
        mut entries: IndexMap<String, Draft>,
        subject: Subject<'_>,
    ) -> Option<Draft> {
        self.object_keys(members, entries.keys().map(String::as_str), subject)?;
        let mut values = IndexMap::new();
        for member in members {
            match entries
                .shift_remove(member.name)
                .filter(|value| !value.is_null())
            {
                Some(value) => {
                    let value = self.draft(&member.kind, value, subject)?;
                    values.insert(member.name.to_owned(), value);
                }
                None if member.required => return self.lacks(member, subject),
                None => {}
            }
        }
        Some(Draft::map(values))
    }

    fn object_keys<'k>(
        &self,
        members: &'static [Attribute],
        keys: impl Iterator<Item = &'k str>,
        subject: Subject<'_>,
    ) -> Option<()> {
        let mut right = Some(());
        for key in keys {
            let member = members.iter().find(|member| member.name == key);
            if member.is_none_or(|member| member.role == Role::Output) {
                let names: Vec<&str> = members.iter().map(|member| member.name).collect();
                let label = suggest(key, names, "attribute");
                let message = format!("`{}` has no attribute `{key}`", subject.name);
                right = self.fail(subject.at, message, label);
            }
        }
        right
    }

    fn lacks<T>(&self, member: &Attribute, subject: Subject<'_>) -> Option<T> {
        let label = format!("expected a map with `{}`", member.name);
        self.fail(
            subject.at,
            format!("`{}` needs `{}`", subject.name, member.name),
            label,
        )
    }

    fn mismatch<T>(&self, kind: &Kind, found: &str, subject: Subject<'_>) -> Option<T> {
        self.fail(
            subject.at,
            format!("`{}` takes {}, not {found}", subject.name, kind.noun()),
            format!("expected {}", kind.noun()),
        )
    }

    /// A known value as a value of `kind`, in the kind's own type. Null stays null: the attribute
    /// counts as left out.
    pub(super) fn known(
        &self,
        kind: &'static Kind,
        value: &Value,
        subject: Subject<'_>,
    ) -> Option<Value> {
        let shown = |value: &Value| match (subject.secret, value) {
            (true, _) => "a sensitive value".to_owned(),
            (false, Value::Array(_)) => "a list".to_owned(),
            (false, Value::Object(_)) => "a map".to_owned(),
            (false, other) => format!("`{}`", plain_text(other)),
        };
        let mismatch = || self.mismatch(kind, &shown(value), subject);
        match (kind, value) {
            (_, Value::Null) => Some(Value::Null),
            (Kind::Any, value) => Some(value.clone()),
            (Kind::Text(rule), Value::String(_) | Value::Number(_) | Value::Bool(_)) => {
                let text = plain_text(value);
                self.text(rule, &text, &shown(value), subject)?;
                Some(text.into())
            }
            (Kind::Integer { min, max }, Value::Number(_) | Value::String(_)) => {
                let Ok(number) = plain_text(value).parse::<i64>() else {
                    return mismatch();
                };
                self.range(number, *min, *max, &shown(value), subject)?;
                Some(number.into())
            }
            (Kind::Number, Value::Number(number)) => Some(Value::Number(number.clone())),
            (Kind::Number, Value::String(text)) => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Some(number.into()),
                _ => mismatch(),
            },
            (Kind::Boolean, Value::Bool(_)) => Some(value.clone()),
            (Kind::Boolean, Value::String(text)) if text == "true" => Some(true.into()),
            (Kind::Boolean, Value::String(text)) if text == "false" => Some(false.into()),
            (Kind::Timestamp, Value::Number(_)) => Some(value.clone()),
            (Kind::Timestamp, Value::String(text)) => match milliseconds(text) {
                Some(milliseconds) => Some(milliseconds.into()),
                None => mismatch(),
            },
            (Kind::Ports, Value::Number(_) | Value::String(_)) => match ports(&plain_text(value)) {
                Ok(ports) => Some(ports.into()),
                Err(why) => self.fail(
                    subject.at,
                    format!("`{}` cannot be {}{why}", subject.name, shown(value)),
                    "expected 22, 8000-8100 or all, from 0 to 65535",
                ),
            },
            (Kind::Policy, Value::Object(_) | Value::String(_)) => {
                self.policy_value(value, subject)
            }
            (Kind::List { item, .. }, Value::Array(items)) => {
                let there = items.iter().filter(|value| !value.is_null());
                let items = there.map(|value| self.known(item, value, subject));
                let items = items.collect::<Option<Vec<_>>>()?;
                self.length(kind, items.len(), subject)?;
                Some(Value::Array(items))
            }
            (Kind::Map { value: kind }, Value::Object(entries)) => {
                let there = entries.iter().filter(|(_, value)| !value.is_null());
                let entries = there
                    .map(|(key, value)| Some((key.clone(), self.known(kind, value, subject)?)));
                entries
                    .collect::<Option<serde_json::Map<_, _>>>()
                    .map(Value::Object)
            }
            (Kind::Object(members), Value::Object(entries)) => {
                let entries = entries
                    .iter()
                    .map(|(k, v)| (k.clone(), Draft::Known(v.clone())));
                self.draft_object(members, entries.collect(), subject)?
                    .resolve()
                    .ok()
            }
            _ => mismatch(),
        }
    }

    fn text(&self, rule: &TextRule, text: &str, shown: &str, subject: Subject<'_>) -> Option<()> {
        let Subject { name, at, .. } = subject;
        if !rule.values.is_empty() && !rule.values.contains(&text) {
            return self.fail(
                at,
                format!("`{name}` cannot be {shown}"),
                suggest(text, rule.values.iter().copied(), "value"),
            );
        }
        let length = text.chars().count();
        let short = rule.min.is_some_and(|min| length < min);
        let long = rule.max.is_some_and(|max| length > max);
        if short || long {
            return self.fail(
                at,
                format!("`{name}` has {length} characters"),
                format!(
                    "expected {}",
                    bounds(rule.min, rule.max, "character", "characters")
                ),
            );
        }
        if let Some(pattern) = rule.pattern
            && !matches(pattern, text)
        {
            return self.fail(
                at,
                format!("`{name}` cannot be {shown}"),
                format!("expected text that matches {pattern}"),
            );
        }
        Some(())
    }

    fn range(
        &self,
        number: i64,
        min: Option<i64>,
        max: Option<i64>,
        shown: &str,
        subject: Subject<'_>,
    ) -> Option<()> {
        let low = min.is_some_and(|min| number < min);
        let high = max.is_some_and(|max| number > max);
        if !low && !high {
            return Some(());
        }
        let expected = match (min, max) {
            (Some(min), Some(max)) => format!("expected {min} to {max}"),
            (Some(min), None) => format!("expected {min} or more"),
            (None, Some(max)) => format!("expected {max} or less"),
            (None, None) => String::new(),
        };
        self.fail(
            subject.at,
            format!("`{}` cannot be {shown}", subject.name),
            expected,
        )
    }

    pub(super) fn length(&self, kind: &Kind, length: usize, subject: Subject<'_>) -> Option<()> {
        let Kind::List { min, max, .. } = kind else {
            return Some(());
        };
        let short = min.is_some_and(|min| length < min);
        let long = max.is_some_and(|max| length > max);
        if !short && !long {
            return Some(());
        }
        self.fail(
            subject.at,
            format!(
                "`{}` has {}",
                subject.name,
                counted(length, "element", "elements")
            ),
            format!("expected {}", bounds(*min, *max, "element", "elements")),
        )
    }

    fn policy_value(&self, value: &Value, subject: Subject<'_>) -> Option<Value> {
        let document = match value {
            Value::String(text) => match serde_json::from_str::<Value>(text) {
                Ok(document) => document,
                Err(error) => {
                    return self.fail(
                        subject.at,
                        format!("`{}` is not JSON: {error}", subject.name),
                        "expected a policy document, as a map or as JSON",
                    );
                }
            },
            other => other.clone(),
        };
        let mut right = Some(value.clone());
        for mistake in policy_mistakes(&Draft::Known(document)) {
            right = self.fail(subject.at, mistake.message, mistake.expected);
        }
        right
    }
}

fn bounds(min: Option<usize>, max: Option<usize>, one: &str, many: &str) -> String {
    match (min, max) {
        (Some(min), Some(max)) if min == max => counted(min, one, many),
        (Some(min), Some(max)) => format!("{min} to {}", counted(max, one, many)),
        (Some(min), None) => format!("{} or more", counted(min, one, many)),
        (None, Some(max)) => format!("{} or fewer", counted(max, one, many)),
        (None, None) => format!("any number of {many}"),
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn milliseconds(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let format = &time::format_description::well_known::Rfc3339;
    let time = time::OffsetDateTime::parse(text, format).ok()?;
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).ok()
}

/// `22`, `8000-8100` or `all`, blanks removed.
fn ports(text: &str) -> Result<String, &'static str> {
    let text: String = text.split_whitespace().collect();
    if text == "all" {
        return Ok(text);
    }
    let port = |text: &str| text.parse::<u16>().map_err(|_| "");
    match text.split_once('-') {
        None => port(&text).map(|_| text.clone()),
        Some((from, to)) => {
            if port(from)? > port(to)? {
                return Err(": the first is the greater");
            }
            Ok(text)
        }
    }
}
