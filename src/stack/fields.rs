//! Reading the language's own keys: maps whose keys are known, plain text, booleans, lists.

use std::sync::Arc;

use super::diagnostic::Diagnostic;
use super::evaluate::scalar;
use super::nearest::suggest;
use super::source::Source;
use super::tree::{Data, Entry, Node};

/// Whether a text can name a variable, a local or a resource.
pub(super) fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    let first = chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    first && chars.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// Reads fields of one source.
pub(super) struct Fields<'s> {
    pub(super) source: &'s Arc<Source>,
}

impl Fields<'_> {
    /// Reports that an entry's value is not what was expected.
    fn wrong(&self, entry: &Entry, expected: &str, found: &mut Vec<Diagnostic>) {
        if entry.value.data == Data::Broken {
            return;
        }
        let inside = matches!(entry.value.data, Data::List(_) | Data::Map(_))
            || entry.value.span.start == entry.value.span.end;
        let at = if inside {
            entry.key_span
        } else {
            self.source.first_line(entry.value.span)
        };
        let message = format!(
            "`{}` takes {expected}, not {}",
            entry.key,
            describe(&entry.value)
        );
        found.push(
            Diagnostic::error(self.source, at, message).label(format!("expected {expected}")),
        );
    }

    /// The entries of a map; none where nothing is written.
    pub(super) fn map<'e>(&self, entry: &'e Entry, found: &mut Vec<Diagnostic>) -> Vec<&'e Entry> {
        match &entry.value.data {
            Data::Map(entries) => entries.iter().collect(),
            _ if entry.value.is_null() => Vec::new(),
            _ => {
                self.wrong(entry, "a map", found);
                Vec::new()
            }
        }
    }

    /// The entries of a map whose keys are among `keys`; the others are reported.
    pub(super) fn known_keys<'e>(
        &self,
        entry: &'e Entry,
        keys: &[&str],
        found: &mut Vec<Diagnostic>,
    ) -> Vec<&'e Entry> {
        let mut entries = self.map(entry, found);
        entries.retain(|inner| {
            let known = keys.contains(&inner.key.as_str());
            if !known {
                let message = format!("`{}` has no key `{}`", entry.key, inner.key);
                found.push(
                    Diagnostic::error(self.source, inner.key_span, message).label(suggest(
                        &inner.key,
                        keys.iter().copied(),
                        "key",
                    )),
                );
            }
            known
        });
        entries
    }

    /// A text without expressions.
    pub(super) fn text(&self, entry: &Entry, found: &mut Vec<Diagnostic>) -> Option<String> {
        match &entry.value.data {
            Data::Scalar { text, .. } if !entry.value.is_null() => Some(text.clone()),
            _ => {
                self.wrong(entry, "text", found);
                None
            }
        }
    }

    /// True or false, without expressions.
    pub(super) fn boolean(&self, entry: &Entry, found: &mut Vec<Diagnostic>) -> Option<bool> {
        if let Data::Scalar { text, plain } = &entry.value.data
            && let Some(value) = scalar(text, *plain).as_bool()
        {
            return Some(value);
        }
        self.wrong(entry, "true or false", found);
        None
    }

    /// A number, without expressions.
    pub(super) fn number(&self, entry: &Entry, found: &mut Vec<Diagnostic>) -> Option<f64> {
        if let Data::Scalar { text, plain: true } = &entry.value.data
            && let Ok(number) = text.parse::<f64>()
            && number.is_finite()
        {
            return Some(number);
        }
        self.wrong(entry, "a number", found);
        None
    }

    /// A list of texts without expressions.
    pub(super) fn texts(&self, entry: &Entry, found: &mut Vec<Diagnostic>) -> Vec<String> {
        let Data::List(items) = &entry.value.data else {
            self.wrong(entry, "a list of text", found);
            return Vec::new();
        };
        let texts = items.iter().filter_map(|item| match &item.data {
            Data::Scalar { text, .. } => Some(text.clone()),
            Data::Broken => None,
            _ => {
                let at = self.source.first_line(item.span);
                let message = format!("`{}` takes text, not {}", entry.key, describe(item));
                found.push(Diagnostic::error(self.source, at, message).label("expected text"));
                None
            }
        });
        texts.collect()
    }
}

fn describe(node: &Node) -> &'static str {
    match &node.data {
        Data::Template(_) => "an expression",
        _ => node.noun(),
    }
}
