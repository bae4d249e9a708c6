//! Reading a map of a spec strictly: every key that was not asked for is a mistake.

use super::problem::{Place, Problems};
use super::tree::{Data, Key, Node};
use serde_json::Value;

/// A text with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub text: String,
    pub place: Place,
}

/// The entries of one map, while it is read.
pub(super) struct Fields<'a> {
    what: &'static str,
    place: Place,
    entries: &'a [(Key, Node)],
    asked: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The entries of a map; `what` names it in errors.
    pub fn of(what: &'static str, node: &'a Node, problems: &mut Problems) -> Self {
        let entries: &[_] = match &node.data {
            Data::Map(entries) => entries,
            _ => {
                problems.add(
                    node.place.clone(),
                    format!("{what} is a map, not {}", node.noun()),
                );
                &[]
            }
        };
        Self {
            what,
            place: node.place.clone(),
            entries,
            asked: Vec::new(),
        }
    }

    /// The value of a key, unless it is absent or null.
    pub fn get(&mut self, key: &'static str) -> Option<&'a Node> {
        let node = self.get_even_null(key)?;
        (!matches!(node.data, Data::Scalar(Value::Null))).then_some(node)
    }

    /// The value of a key, unless it is absent.
    pub fn get_even_null(&mut self, key: &'static str) -> Option<&'a Node> {
        self.asked.push(key);
        self.entries
            .iter()
            .find(|(entry, _)| entry.text == key)
            .map(|(_, node)| node)
    }

    /// The same, where it must be there.
    pub fn need(&mut self, key: &'static str, problems: &mut Problems) -> Option<&'a Node> {
        let found = self.get(key);
        if found.is_none() {
            problems.add(self.place.clone(), format!("{} needs `{key}`", self.what));
        }
        found
    }

    pub fn text(&mut self, key: &'static str, problems: &mut Problems) -> Option<Name> {
        self.get(key).and_then(|node| text(node, problems))
    }

    pub fn need_text(&mut self, key: &'static str, problems: &mut Problems) -> Option<Name> {
        self.need(key, problems)
            .and_then(|node| text(node, problems))
    }

    pub fn texts(&mut self, key: &'static str, problems: &mut Problems) -> Vec<Name> {
        self.get(key)
            .map(|node| texts(node, problems))
            .unwrap_or_default()
    }

    pub fn flag(&mut self, key: &'static str, problems: &mut Problems) -> Option<bool> {
        let node = self.get(key)?;
        match node.data {
            Data::Scalar(Value::Bool(flag)) => Some(flag),
            _ => {
                problems.add(
                    node.place.clone(),
                    format!("`{key}` is true or false, not {}", node.noun()),
                );
                None
            }
        }
    }

    pub fn integer(&mut self, key: &'static str, problems: &mut Problems) -> Option<i64> {
        self.get(key).and_then(|node| integer(key, node, problems))
    }

    pub fn need_integer(&mut self, key: &'static str, problems: &mut Problems) -> Option<i64> {
        self.need(key, problems)
            .and_then(|node| integer(key, node, problems))
    }

    /// Whether any of the keys is there; they are not marked as asked for.
    pub fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(entry, _)| entry.text == key)
    }

    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Reports the keys that nobody asked for.
    pub fn finish(self, problems: &mut Problems) {
        for (key, _) in self.entries {
            if !self.asked.contains(&key.text.as_str()) {
                let what = format!("{} has no key", self.what);
                problems.unknown(&key.place, &what, &key.text, self.asked.iter().copied());
            }
        }
    }
}

fn integer(key: &str, node: &Node, problems: &mut Problems) -> Option<i64> {
    let number = match &node.data {
        Data::Scalar(value) => value.as_i64(),
        _ => None,
    };
    if number.is_none() {
        let why = format!("`{key}` is a whole number, not {}", node.noun());
        problems.add(node.place.clone(), why);
    }
    number
}

/// A scalar as text.
pub(super) fn text(node: &Node, problems: &mut Problems) -> Option<Name> {
    let text = match &node.data {
        Data::Scalar(Value::String(text)) => text.clone(),
        Data::Scalar(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
        _ => {
            problems.add(
                node.place.clone(),
                format!("expected a text, found {}", node.noun()),
            );
            return None;
        }
    };
    Some(Name {
        text,
        place: node.place.clone(),
    })
}

/// A list of texts.
pub(super) fn texts(node: &Node, problems: &mut Problems) -> Vec<Name> {
    items(node, problems)
        .iter()
        .filter_map(|item| text(item, problems))
        .collect()
}

/// The items of a list.
pub(super) fn items<'a>(node: &'a Node, problems: &mut Problems) -> &'a [Node] {
    match &node.data {
        Data::List(items) => items,
        _ => {
            problems.add(
                node.place.clone(),
                format!("expected a list, found {}", node.noun()),
            );
            &[]
        }
    }
}

/// The entries of a map whose keys are names of the spec's own.
pub(super) fn entries<'a>(node: &'a Node, problems: &mut Problems) -> Vec<(Name, &'a Node)> {
    match &node.data {
        Data::Map(entries) => {
            let named = |key: &Key| Name {
                text: key.text.clone(),
                place: key.place.clone(),
            };
            entries
                .iter()
                .map(|(key, node)| (named(key), node))
                .collect()
        }
        _ => {
            problems.add(
                node.place.clone(),
                format!("expected a map, found {}", node.noun()),
            );
            Vec::new()
        }
    }
}
