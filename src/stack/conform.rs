//! What a file declares against what a type's attributes take.

use std::collections::HashMap;

use indexmap::IndexMap;
use serde_json::Value;

use crate::schema::{Attribute, Draft, Kind, Role, Step};

use super::document::Block;
use super::evaluate::{Evaluator, Frame, scalar};
use super::nearest::{nearest, suggest};
use super::policy::{PolicyMistake, policy_mistakes};
use super::source::Span;
use super::tree::{Data, Entry, Node};
use super::values::Subject;

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
        let declared = self.body(&body, frame)?;
        let name = block.schema.unique_name.unwrap_or_default();
        if declared.get(name).is_some_and(|value| value.is_sensitive()) {
            let entry = block.body.iter().find(|entry| entry.key == name);
            let at = entry.map_or(block.span, |entry| self.mark(&entry.value));
            let message = format!("`{name}` is no place for a secret: it is the name in AWS");
            return self.fail(at, message, "this is sensitive");
        }
        Some(declared)
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
            match self
                .entry(member, entry, frame)
                .or_else(|| self.instead(member.name))
            {
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
        for name in meant.into_iter().filter(|_| !right) {
            if let Some(unknown) = self.instead(name) {
                values.entry(name).or_insert(unknown);
            }
        }
        if !right && !self.lenient {
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
        if entry.key == "tags" && matches!(member.kind, Kind::Map { .. }) {
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
                        let (key, at) = (&entry.key, entry.key_span);
                        let value = self.node(value, &entry.value, key, at, frame);
                        (key.clone(), value.or_else(|| self.instead(key)))
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
                    .map(|node| {
                        let value = self.node(item, node, name, node.span, frame);
                        value.or_else(|| self.instead(name))
                    })
                    .collect();
                let mut values: Vec<Draft> = values.into_iter().collect::<Option<_>>()?;
                values.retain(|value| !value.is_null());
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
        // Null, or not known yet: there are no tags to look at.
        for (key, value) in value.entries().unwrap_or_default() {
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

/// How a value of a kind looks, for messages about what is missing.
fn example(kind: &Kind) -> &'static str {
    match kind {
        Kind::List { .. } => "[…]",
        Kind::Map { .. } | Kind::Object(_) | Kind::Policy => "{…}",
        _ => "…",
    }
}
