//! The keys that a block's `for_each` gives its instances.

use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use crate::schema::Unknown;

use super::document::Block;
use super::evaluate::{Evaluator, Frame, plain_text};
use super::tree::{Data, Node};

/// The keys of a block with `for_each`.
#[derive(Clone, Debug)]
pub(crate) enum Keys {
    /// All of them, in order, with their values.
    Known(Rc<IndexMap<Arc<str>, Value>>),
    /// Not known yet.
    Unknown(Unknown),
    /// Wrong, and reported.
    Broken,
}

impl Evaluator<'_> {
    /// The keys of a block with `for_each`.
    pub(crate) fn keys_of(&self, block: &Block) -> Keys {
        let name = block.name.to_string();
        if let Some(keys) = self.keys.borrow().get(&name) {
            return keys.clone();
        }
        let Some(node) = &block.for_each else {
            return Keys::Known(Rc::default());
        };
        let mut keys = Keys::Broken;
        let _ = self.guarded(&format!("{name}.for_each"), node.span, || {
            keys = self.evaluate_keys(node);
            None
        });
        self.keys.borrow_mut().insert(name, keys.clone());
        keys
    }

    fn evaluate_keys(&self, node: &Node) -> Keys {
        let Some(draft) = self.value(node, &Frame::default()) else {
            return Keys::Broken;
        };
        if draft.is_sensitive() {
            let _: Option<()> = self.fail(
                self.mark(node),
                "`for_each` cannot be sensitive: its keys are in addresses and tags",
                "this is sensitive",
            );
            return Keys::Broken;
        }
        let value = match draft.resolve() {
            Ok(value) => value,
            Err(unknown) => return Keys::Unknown(unknown),
        };
        let pairs: Vec<(String, Value)> = match value {
            Value::Array(items) => items
                .into_iter()
                .map(|item| (plain_text(&item), item))
                .collect(),
            Value::Object(entries) => entries.into_iter().collect(),
            _ => {
                let _: Option<()> = self.fail(
                    self.mark(node),
                    "`for_each` takes a list of text or a map",
                    "this is neither",
                );
                return Keys::Broken;
            }
        };
        self.valid_keys(node, pairs)
    }

    fn valid_keys(&self, node: &Node, pairs: Vec<(String, Value)>) -> Keys {
        let mut keys: IndexMap<Arc<str>, Value> = IndexMap::new();
        let mut right = true;
        for (position, (key, value)) in pairs.into_iter().enumerate() {
            let at = match &node.data {
                Data::List(items) => items.get(position).map_or(node.span, |item| item.span),
                Data::Map(entries) => entries.get(position).map_or(node.span, |e| e.key_span),
                _ => node.span,
            };
            let alphabet = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            if key.is_empty() || !key.chars().all(alphabet) {
                right = false;
                let _: Option<()> = self.fail(
                    self.stack.source.first_line(at),
                    format!("`{key}` cannot be a key of `for_each`"),
                    "expected letters, digits, `.`, `_` and `-`",
                );
            } else if keys.contains_key(key.as_str()) {
                right = false;
                let _: Option<()> = self.fail(
                    self.stack.source.first_line(at),
                    format!("`for_each` has the key `{key}` twice"),
                    "expected each key once",
                );
            } else {
                let value = if matches!(value, Value::Number(_) | Value::Bool(_)) {
                    plain_text(&value).into()
                } else {
                    value
                };
                keys.insert(key.into(), value);
            }
        }
        if right {
            Keys::Known(Rc::new(keys))
        } else {
            Keys::Broken
        }
    }
}
