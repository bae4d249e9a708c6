//! Form bodies of the query protocol and of EC2's dialect of it.
//!
//! `Tags.member.1.Key=a` becomes a tree of its dotted parts, which the shapes then walk.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{ParseError, Protocol, scalar};
use crate::aws_model::{Model, Reference, Shape, ShapeType};

/// Deeper keys than any shape has.
const DEEPEST: usize = 40;

#[derive(Debug, Default)]
struct Node {
    text: Option<String>,
    children: BTreeMap<String, Node>,
}

impl Node {
    /// The children whose names are numbers, by number.
    fn numbered(&self) -> Vec<(u64, &Node)> {
        let mut items: Vec<_> = self
            .children
            .iter()
            .filter_map(|(name, node)| Some((name.parse().ok()?, node)))
            .collect();
        items.sort_by_key(|(n, _)| *n);
        items
    }
}

/// The canonical input out of a form's fields.
pub fn read(
    model: &Model,
    reference: Option<&Reference>,
    protocol: Protocol,
    fields: &[(String, String)],
) -> Result<Value, ParseError> {
    let Some(reference) = reference else {
        return Ok(Value::Object(Map::new()));
    };
    let mut root = Node::default();
    for (key, value) in fields {
        let mut node = &mut root;
        if key.split('.').count() > DEEPEST {
            return Err(ParseError::malformed(format!("the key {key} is too deep")));
        }
        for part in key.split('.') {
            node = node.children.entry(part.to_owned()).or_default();
        }
        node.text = Some(value.clone());
    }
    let reader = Reader {
        model,
        ec2: protocol == Protocol::Ec2,
    };
    reader.structure(model.shape(reference), &root, "")
}

struct Reader<'a> {
    model: &'a Model,
    ec2: bool,
}

impl Reader<'_> {
    fn value(&self, reference: &Reference, node: &Node, at: &str) -> Result<Value, ParseError> {
        let shape = self.model.shape(reference);
        match shape.kind {
            ShapeType::Structure => self.structure(shape, node, at),
            ShapeType::List => {
                let flat = self.ec2 || shape.flattened || reference.flattened;
                self.list(shape, node, flat, at)
            }
            ShapeType::Map => {
                let flat = shape.flattened || reference.flattened;
                self.map(shape, node, flat, at)
            }
            _ => {
                let text = node.text.as_deref().ok_or_else(|| {
                    ParseError::wrong_type(at, "a single value, without further parts")
                })?;
                scalar::from_text(self.model, reference, text, at)
            }
        }
    }

    fn structure(&self, shape: &Shape, node: &Node, at: &str) -> Result<Value, ParseError> {
        let mut members = Map::new();
        for (name, reference) in &shape.members {
            if let Some(child) = node.children.get(&self.wire(name, reference)) {
                let value = self.value(reference, child, &super::below(at, name))?;
                members.insert(name.clone(), value);
            }
        }
        Ok(Value::Object(members))
    }

    fn list(&self, shape: &Shape, node: &Node, flat: bool, at: &str) -> Result<Value, ParseError> {
        let Some(element) = &shape.member else {
            return Ok(Value::Array(Vec::new()));
        };
        let wrapper = element.location_name.as_deref().unwrap_or("member");
        let items = match node.children.get(wrapper) {
            Some(wrapped) if !flat => wrapped,
            _ => node,
        };
        items
            .numbered()
            .into_iter()
            .map(|(n, item)| self.value(element, item, &format!("{at}.{n}.member")))
            .collect()
    }

    fn map(&self, shape: &Shape, node: &Node, flat: bool, at: &str) -> Result<Value, ParseError> {
        let (Some(key), Some(value)) = (&shape.key, &shape.value) else {
            return Ok(Value::Object(Map::new()));
        };
        let entries = match node.children.get("entry") {
            Some(wrapped) if !flat => wrapped,
            _ => node,
        };
        let (key_name, value_name) = (
            key.location_name.as_deref().unwrap_or("key"),
            value.location_name.as_deref().unwrap_or("value"),
        );
        let mut object = Map::new();
        for (_, entry) in entries.numbered() {
            let (Some(k), Some(v)) = (
                entry.children.get(key_name).and_then(|k| k.text.clone()),
                entry.children.get(value_name),
            ) else {
                continue;
            };
            let v = self.value(value, v, &format!("{at}.{k}"))?;
            object.insert(k, v);
        }
        Ok(Value::Object(object))
    }

    /// The name of a member in a form. A flattened list goes by its element's name where it has
    /// one; EC2 has names of its own.
    fn wire(&self, name: &str, reference: &Reference) -> String {
        if self.ec2 {
            return reference
                .query_name
                .clone()
                .or_else(|| reference.location_name.as_deref().map(capitalised))
                .unwrap_or_else(|| name.to_owned());
        }
        let shape = self.model.shape(reference);
        let element = shape.member.as_ref().filter(|_| shape.flattened);
        element
            .and_then(|element| element.location_name.as_deref())
            .or(reference.location_name.as_deref())
            .unwrap_or(name)
            .to_owned()
    }
}

fn capitalised(name: &str) -> String {
    let mut chars = name.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
