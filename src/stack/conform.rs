//! Values against what a type's attributes take.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};

use indexmap::IndexMap;
use regex::Regex;
use serde_json::Value;

use crate::schema::{Attribute, Draft, Kind, Role, Step, TextRule};

use super::document::Block;
use super::evaluate::{Evaluator, Frame, plain_text, scalar};
use super::nearest::{nearest, suggest};
use super::policy::{PolicyMistake, policy_mistakes};
use super::source::Span;
use super::tree::{Data, Entry, Node};

/// A map of the file that stands for an object of known members.
pub(crate) struct Body<'b> {
    /// What a person calls it: the type's or the attribute's name.
    pub(crate) title: String,
    /// Its members.
    pub(crate) members: &'static [Attribute],
    /// What is written.
    pub(crate) entries: &'b [Entry],
    /// Where a missing member is reported.
    pub(crate) at: Span,
    /// Whether it is what `existing:` looks for.
    pub(crate) lookup: bool,
}

/// What a value is for, and where it stands.
#[derive(Clone, Copy)]
struct Subject<'a> {
    name: &'a str,
    at: Span,
    secret: bool,
}

impl<'s> Evaluator<'s> {
    /// All declared attributes of an instance.
    pub(crate) fn block(&self, block: &Block, frame: &Frame<'s>) -> Option<Draft> {
        let body = Body {
            title: block.schema.name.to_owned(),
            members: block.schema.attributes,
            entries: &block.body,
            at: block.span,
            lookup: false,
        };
        self.body(&body, frame)
    }

    /// One declared attribute.
    pub(crate) fn declaration(
        &self,
        attribute: &'static Attribute,
        entry: &Entry,
        frame: &Frame<'s>,
    ) -> Option<Draft> {
        self.entry(attribute, entry, frame)
    }

    /// An object's members in the schema's order, without those that are null.
    pub(crate) fn body(&self, body: &Body<'_>, frame: &Frame<'s>) -> Option<Draft> {
        let mut right = true;
        let mut values: HashMap<&str, Draft> = HashMap::new();
        // What a misspelt key was probably meant to be is not missing as well.
        let mut meant: Vec<&str> = Vec::new();
        for entry in body.entries {
            let Some(member) = self.member_for(body, entry, &mut meant) else {
                // What is wrong inside is wrong all the same.
                self.value(&entry.value, frame);
                right = false;
                continue;
            };
            match self.entry(member, entry, frame) {
                None => right = false,
                Some(value) => drop(values.insert(member.name, value)),
            }
        }
        for member in body.members.iter().filter(|member| member.required) {
            let written = body.entries.iter().find(|entry| entry.key == member.name);
            let null = values
                .get(member.name)
                .is_some_and(|value| value.resolve() == Ok(Value::Null));
            if written.is_none() && meant.contains(&member.name) {
                right = false;
            } else if written.is_none() {
                right = false;
                self.report(
                    self.error(body.at, format!("{} needs `{}`", body.title, member.name))
                        .label(format!(
                            "expected `{}: {}`",
                            member.name,
                            example(&member.kind)
                        )),
                );
            } else if let (Some(entry), true) = (written, null) {
                right = false;
                let at = if self
                    .stack
                    .source
                    .slice(entry.value.span)
                    .contains(char::is_alphabetic)
                {
                    self.mark(&entry.value)
                } else {
                    entry.key_span
                };
                self.report(
                    self.error(at, format!("`{}` is null", member.name))
                        .label(format!(
                            "expected {}: {} needs it",
                            member.kind.noun(),
                            body.title
                        )),
                );
            }
        }
        if !right {
            return None;
        }
        let members = body.members.iter();
        let present = members.filter_map(|m| Some((m.name.to_owned(), values.remove(m.name)?)));
        Some(Draft::map(
            present.filter(|(_, value)| !value.is_null()).collect(),
        ))
    }

    fn member_for(
        &self,
        body: &Body<'_>,
        entry: &Entry,
        meant: &mut Vec<&'static str>,
    ) -> Option<&'static Attribute> {
        let title = &body.title;
        let can_set = |member: &&Attribute| member.role == Role::Declared || body.lookup;
        match body.members.iter().find(|member| member.name == entry.key) {
            Some(member) if can_set(&member) => Some(member),
            Some(_) => self.fail(
                entry.key_span,
                format!("`{}` of {title} is set by AWS", entry.key),
                "it can be referred to, not declared",
            ),
            None => {
                let settable = || body.members.iter().filter(can_set);
                let all: Vec<&str> = settable().map(|m| m.name).collect();
                let given = |name: &str| body.entries.iter().any(|entry| entry.key == name);
                // What must be there and is not, then what is not there, then all.
                let alike = || settable().filter(|m| looks_like(&m.kind, &entry.value));
                let missing = alike().filter(|m| m.required && !given(m.name));
                let absent = alike().filter(|m| !given(m.name));
                let near = nearest(&entry.key, missing.map(|m| m.name))
                    .or_else(|| nearest(&entry.key, absent.map(|m| m.name)))
                    .or_else(|| nearest(&entry.key, alike().map(|m| m.name)))
                    .or_else(|| nearest(&entry.key, all.iter().copied()));
                meant.extend(near);
                let what = if body.lookup {
                    "cannot be looked up by"
                } else {
                    "has no attribute"
                };
                let label = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => suggest(&entry.key, all, "attribute"),
                };
                let message = format!("{title} {what} `{}`", entry.key);
                self.fail(entry.key_span, message, label)
            }
        }
    }

    fn entry(&self, member: &'static Attribute, entry: &Entry, frame: &Frame<'s>) -> Option<Draft> {
        let value = self.node(
            &member.kind,
            &entry.value,
            &entry.key,
            entry.key_span,
            frame,
        )?;
        if entry.key == "tags" {
            self.tags(&entry.value, &value)?;
        }
        Some(value)
    }

    /// A node as a value of `kind`; `name` is the attribute's, `key` where its name stands.
    pub(crate) fn node(
        &self,
        kind: &'static Kind,
        node: &Node,
        name: &str,
        key: Span,
        frame: &Frame<'s>,
    ) -> Option<Draft> {
        match (kind, &node.data) {
            (_, Data::Broken) => None,
            (_, Data::Scalar { text, plain }) => {
                let value = literal(kind, text, *plain);
                let subject = self.subject(name, node);
                self.known(kind, &value, subject).map(Draft::Known)
            }
            (_, Data::Template(template)) => {
                let draft = self.template(template, frame)?;
                if let Some(expr) = template.whole().filter(|_| draft.first_unknown().is_some()) {
                    let own = self.type_of(expr, frame)?;
                    if !own.fits(kind) {
                        return self.fail(
                            expr.span,
                            format!("`{name}` takes {}, not {}", kind.noun(), own.noun()),
                            format!("expected {}", kind.noun()),
                        );
                    }
                }
                self.draft(kind, draft, self.subject(name, node))
            }
            (Kind::Object(members), Data::Map(entries)) => {
                let body = Body {
                    title: format!("`{name}`"),
                    members,
                    entries,
                    at: self.object_mark(node, key),
                    lookup: false,
                };
                self.body(&body, frame)
            }
            (Kind::Map { value }, Data::Map(entries)) => {
                let values: Vec<_> = entries
                    .iter()
                    .map(|entry| {
                        let value =
                            self.node(value, &entry.value, &entry.key, entry.key_span, frame);
                        (entry.key.clone(), value)
                    })
                    .collect();
                let values = values.into_iter().map(|(key, value)| Some((key, value?)));
                let mut values: IndexMap<String, Draft> = values.collect::<Option<_>>()?;
                values.retain(|_, value| !value.is_null());
                Some(Draft::map(values))
            }
            (Kind::List { item, .. }, Data::List(items)) => {
                let values: Vec<_> = items
                    .iter()
                    .map(|node| self.node(item, node, name, node.span, frame))
                    .collect();
                let values: Vec<Draft> = values.into_iter().collect::<Option<_>>()?;
                let subject = Subject {
                    name,
                    at: key,
                    secret: false,
                };
                self.length(kind, values.len(), subject)?;
                Some(Draft::list(values))
            }
            (Kind::Any, _) => self.value(node, frame),
            (Kind::Policy, Data::Map(_)) => {
                let draft = self.value(node, frame)?;
                self.policy(&draft, node, key)?;
                Some(draft)
            }
            (kind, _) => {
                self.value(node, frame);
                let help = match (kind, &node.data) {
                    (Kind::List { .. }, Data::Map(_)) => "a list has a `-` before each element",
                    _ => "",
                };
                let mut diagnostic = self
                    .error(
                        key_or(self, node, key),
                        format!("`{name}` takes {}, not {}", kind.noun(), node.noun()),
                    )
                    .label(format!("expected {}", kind.noun()));
                if !help.is_empty() {
                    diagnostic = diagnostic.help(help);
                }
                self.report(diagnostic);
                None
            }
        }
    }

    fn subject<'a>(&self, name: &'a str, node: &Node) -> Subject<'a> {
        Subject {
            name,
            at: self.mark(node),
            secret: false,
        }
    }

    /// Where what an object lacks is reported: its key, or its own first line in a list.
    fn object_mark(&self, node: &Node, key: Span) -> Span {
        if key == node.span {
            self.mark(node)
        } else {
            key
        }
    }

    /// A value of which parts may be unknown as a value of `kind`.
    fn draft(&self, kind: &'static Kind, draft: Draft, subject: Subject<'_>) -> Option<Draft> {
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
                    self.length(kind, items.len(), subject)?;
                    let items = items
                        .into_iter()
                        .map(|draft| self.draft(item, draft, subject));
                    Some(Draft::list(items.collect::<Option<_>>()?))
                }
                Kind::Any => Some(Draft::List(items)),
                _ => self.mismatch(kind, "a list", subject),
            },
            Draft::Map(entries) => match kind {
                Kind::Object(members) => self.draft_object(members, entries, subject),
                Kind::Map { value } => {
                    let entries = entries
                        .into_iter()
                        .map(|(key, draft)| Some((key, self.draft(value, draft, subject)?)));
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
    fn known(&self, kind: &'static Kind, value: &Value, subject: Subject<'_>) -> Option<Value> {
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
                self.length(kind, items.len(), subject)?;
                let items = items.iter().map(|value| self.known(item, value, subject));
                items.collect::<Option<Vec<_>>>().map(Value::Array)
            }
            (Kind::Map { value: kind }, Value::Object(entries)) => {
                let entries = entries
                    .iter()
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

    fn length(&self, kind: &Kind, length: usize, subject: Subject<'_>) -> Option<()> {
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

    /// Checks a policy document written as a map, each mistake at its own place.
    fn policy(&self, draft: &Draft, node: &Node, key: Span) -> Option<()> {
        let mut right = Some(());
        for mistake in policy_mistakes(draft) {
            let at = place(node, &mistake).unwrap_or(key);
            let at = self.stack.source.first_line(at);
            right = self.fail(at, mistake.message, mistake.expected);
        }
        right
    }

    /// What every service asks of tags; how much punctuation each allows is the provider's to say.
    fn tags(&self, node: &Node, value: &Draft) -> Option<()> {
        let mut right = Some(());
        for (key, value) in value.entries()? {
            let entry = node
                .map()
                .and_then(|entries| entries.iter().find(|e| e.key == key));
            let key_at = entry.map_or(self.mark(node), |entry| entry.key_span);
            let value_at = entry.map_or(self.mark(node), |entry| self.mark(&entry.value));
            let lowered = key.to_lowercase();
            if lowered.starts_with("aws:") || lowered.starts_with("pinfra:") {
                let message = format!("the tag `{key}` is not yours to set");
                let label = "keys that begin with aws: and pinfra: are reserved";
                right = self.fail(key_at, message, label);
            } else if let Some(wrong) = tag_mistake(&key, 1, 128) {
                right = self.fail(key_at, format!("`{key}` cannot be a tag's key"), wrong);
            }
            if let Ok(Value::String(text)) = value.resolve()
                && let Some(wrong) = tag_mistake(&text, 0, 256)
            {
                right = self.fail(
                    value_at,
                    format!("the tag `{key}` cannot have this value"),
                    wrong,
                );
            }
        }
        right
    }
}

fn key_or(evaluator: &Evaluator<'_>, node: &Node, key: Span) -> Span {
    if key == node.span {
        evaluator.mark(node)
    } else {
        key
    }
}

fn tag_mistake(text: &str, least: usize, most: usize) -> Option<String> {
    let length = text.chars().count();
    if !(least..=most).contains(&length) {
        return Some(format!(
            "expected {least} to {most} characters, this has {length}"
        ));
    }
    let alphabet = |c: char| c.is_alphanumeric() || (' '..='~').contains(&c);
    text.chars()
        .any(|c| !alphabet(c))
        .then(|| "expected letters, digits, spaces and ASCII punctuation".to_owned())
}

/// What a scalar without expressions is for a kind: text keeps its characters as written.
fn literal(kind: &Kind, text: &str, plain: bool) -> Value {
    match kind {
        Kind::Any => scalar(text, plain),
        _ if plain && super::tree::is_null(text) => Value::Null,
        Kind::Boolean if plain => scalar(text, plain),
        _ => text.into(),
    }
}

/// Where a policy's mistake stands: as deep along its path as the file has it.
fn place(node: &Node, mistake: &PolicyMistake) -> Option<Span> {
    let mut at = None;
    let mut node = node;
    for step in &mistake.path {
        match (step, &node.data) {
            (Step::Key(key), Data::Map(entries)) => {
                let entry = entries.iter().find(|entry| &entry.key == key)?;
                at = Some(entry.key_span);
                node = &entry.value;
            }
            (Step::Index(index), Data::List(items)) => {
                node = items.get(*index)?;
                at = Some(node.span);
            }
            _ => break,
        }
    }
    match node.data {
        Data::Scalar { .. } | Data::Template(_) if !mistake.of_key => Some(node.span),
        _ => at,
    }
}

/// Whether what is written may be meant for a kind, going by braces and brackets alone.
fn looks_like(kind: &Kind, node: &Node) -> bool {
    match &node.data {
        Data::Scalar { .. } => {
            !matches!(kind, Kind::Object(_) | Kind::Map { .. } | Kind::List { .. })
        }
        Data::List(_) => matches!(kind, Kind::List { .. } | Kind::Any),
        Data::Map(_) => !matches!(kind, Kind::List { .. } | Kind::Text(_) | Kind::Boolean),
        Data::Template(_) | Data::Broken => true,
    }
}

/// Whether all of `text` matches; a pattern that does not compile matches everything.
fn matches(pattern: &'static str, text: &str) -> bool {
    static COMPILED: OnceLock<Mutex<HashMap<&'static str, Option<Regex>>>> = OnceLock::new();
    let compiled = COMPILED.get_or_init(Mutex::default);
    let Ok(mut compiled) = compiled.lock() else {
        return true;
    };
    let regex = compiled
        .entry(pattern)
        .or_insert_with(|| Regex::new(&format!(r"\A(?:{pattern})\z")).ok());
    regex.as_ref().is_none_or(|regex| regex.is_match(text))
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

/// How a value of a kind looks, for messages about what is missing.
fn example(kind: &Kind) -> &'static str {
    match kind {
        Kind::List { .. } => "[…]",
        Kind::Map { .. } | Kind::Object(_) | Kind::Policy => "{…}",
        _ => "…",
    }
}
