//! XML bodies, to and from canonical values.

use std::fmt::Write as _;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value};

use super::scalar::{self, TimeFormat};
use super::{ParseError, below};
use crate::aws_model::{Model, Reference, Shape, ShapeType};

/// Deeper documents than any shape has are refused.
const DEEPEST: usize = 64;

/// An element, its prefixes dropped.
#[derive(Debug, Default)]
pub struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
    text: String,
}

impl Element {
    /// Parses a document.
    pub fn parse(body: &[u8]) -> Result<Element, ParseError> {
        let malformed = |e: &dyn std::fmt::Display| {
            ParseError::malformed(format!("the body is no well-formed XML: {e}"))
        };
        let text = std::str::from_utf8(body).map_err(|e| malformed(&e))?;
        let mut reader = Reader::from_str(text);
        let mut open: Vec<Element> = Vec::new();
        loop {
            let done = match reader.read_event().map_err(|e| malformed(&e))? {
                Event::Start(_) if open.len() >= DEEPEST => {
                    return Err(malformed(&"it is nested too deeply"));
                }
                Event::Start(start) => {
                    open.push(Element::begin(&start).map_err(|e| malformed(&e))?);
                    None
                }
                Event::Empty(start) => Some(Element::begin(&start).map_err(|e| malformed(&e))?),
                Event::End(_) => open.pop(),
                Event::Eof => return Err(malformed(&"it ends too early")),
                other => {
                    if let Some(element) = open.last_mut() {
                        element.take_text(&other).map_err(|e| malformed(&e))?;
                    }
                    None
                }
            };
            match (done, open.last_mut()) {
                (Some(element), Some(parent)) => parent.children.push(element),
                (Some(element), None) => return Ok(element),
                (None, _) => {}
            }
        }
    }

    fn begin(start: &BytesStart<'_>) -> Result<Element, quick_xml::Error> {
        let mut element = Element {
            name: start.local_name().into_inner().to_owned(),
            ..Element::default()
        };
        for attribute in start.attributes() {
            let attribute = attribute?;
            let name = attribute.key.local_name().into_inner().to_owned();
            let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0)?;
            element.attributes.push((name, value.into_owned()));
        }
        Ok(element)
    }

    fn take_text(&mut self, event: &Event<'_>) -> Result<(), quick_xml::Error> {
        match event {
            Event::Text(text) => self.text.push_str(&text.xml10_content()),
            Event::CData(text) => self.text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => match reference.resolve_char_ref()? {
                Some(char) => self.text.push(char),
                None => self.text.push_str(
                    quick_xml::escape::resolve_predefined_entity(reference).unwrap_or_default(),
                ),
            },
            _ => {}
        }
        Ok(())
    }

    fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|c| c.name == name)
    }
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// The canonical value of an element.
pub fn read(
    model: &Model,
    reference: &Reference,
    element: &Element,
    at: &str,
) -> Result<Value, ParseError> {
    let shape = model.shape(reference);
    match shape.kind {
        ShapeType::Structure => read_members(model, shape, element, at),
        ShapeType::List => {
            let items: Vec<_> = element.children.iter().collect();
            read_items(model, shape, &items, at)
        }
        ShapeType::Map => {
            let entries: Vec<_> = element.children.iter().collect();
            read_entries(model, shape, &entries, at)
        }
        ShapeType::String => Ok(Value::from(element.text.as_str())),
        _ => scalar::from_text(model, reference, &element.text, at),
    }
}

/// The members of a structure that stand in the body, out of an element's attributes and children.
pub fn read_members(
    model: &Model,
    shape: &Shape,
    element: &Element,
    at: &str,
) -> Result<Value, ParseError> {
    let mut members = Map::new();
    for (name, reference) in shape.members.iter().filter(|(_, r)| r.location.is_none()) {
        let wire = reference.location_name.as_deref().unwrap_or(name);
        let at = below(at, name);
        if reference.xml_attribute {
            let wanted = local(wire);
            if let Some((_, text)) = element.attributes.iter().find(|(n, _)| n == wanted) {
                let value = scalar::from_text(model, reference, text, &at)?;
                members.insert(name.clone(), value);
            }
            continue;
        }
        if is_flat(model, reference) {
            let named =
                |n: &str| -> Vec<_> { element.children.iter().filter(|c| c.name == n).collect() };
            let items = named(wire);
            if items.is_empty() {
                continue;
            }
            let inner = model.shape(reference);
            let value = match inner.kind {
                ShapeType::Map => read_entries(model, inner, &items, &at)?,
                _ => read_items(model, inner, &items, &at)?,
            };
            members.insert(name.clone(), value);
            continue;
        }
        if let Some(child) = element.child(wire) {
            members.insert(name.clone(), read(model, reference, child, &at)?);
        }
    }
    Ok(Value::Object(members))
}

fn read_items(
    model: &Model,
    shape: &Shape,
    items: &[&Element],
    at: &str,
) -> Result<Value, ParseError> {
    let Some(element) = &shape.member else {
        return Ok(Value::Array(Vec::new()));
    };
    items
        .iter()
        .enumerate()
        .map(|(n, item)| read(model, element, item, &format!("{at}.{}.member", n + 1)))
        .collect()
}

fn read_entries(
    model: &Model,
    shape: &Shape,
    entries: &[&Element],
    at: &str,
) -> Result<Value, ParseError> {
    let (Some(key), Some(value)) = (&shape.key, &shape.value) else {
        return Ok(Value::Object(Map::new()));
    };
    let mut object = Map::new();
    for entry in entries {
        let (Some(k), Some(v)) = (
            entry.child(key.location_name.as_deref().unwrap_or("key")),
            entry.child(value.location_name.as_deref().unwrap_or("value")),
        ) else {
            continue;
        };
        let v = read(model, value, v, &below(at, &k.text))?;
        object.insert(k.text.clone(), v);
    }
    Ok(Value::Object(object))
}

fn is_flat(model: &Model, reference: &Reference) -> bool {
    let shape = model.shape(reference);
    matches!(shape.kind, ShapeType::List | ShapeType::Map)
        && (shape.flattened || reference.flattened)
}

/// Writes elements one after the other.
pub struct Writer<'a> {
    model: &'a Model,
    time: TimeFormat,
    out: String,
}

impl<'a> Writer<'a> {
    /// A writer that spells timestamps so unless the model says otherwise.
    pub fn new(model: &'a Model, time: TimeFormat) -> Self {
        Writer {
            model,
            time,
            out: String::new(),
        }
    }

    /// What was written.
    pub fn finish(self) -> String {
        self.out
    }

    /// Opens an element; `attributes` is written as it is.
    pub fn open(&mut self, name: &str, attributes: &str) {
        let _ = write!(self.out, "<{name}{attributes}>");
    }

    /// Closes an element.
    pub fn close(&mut self, name: &str) {
        let _ = write!(self.out, "</{name}>");
    }

    /// An element with text.
    pub fn text(&mut self, name: &str, text: &str) {
        self.open(name, "");
        escape(text, &mut self.out);
        self.close(name);
    }

    /// Raw output, already escaped.
    pub fn raw(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// The members of a structure that stand in the body and are no attributes.
    pub fn members(&mut self, shape: &Shape, value: &Value) {
        for (name, reference) in &shape.members {
            if reference.location.is_some() || reference.xml_attribute {
                continue;
            }
            if let Some(member) = value.get(name).filter(|v| !v.is_null()) {
                let wire = reference.location_name.as_deref().unwrap_or(name);
                self.value(wire, reference, member);
            }
        }
    }

    /// One value as an element, or as several where it is flattened.
    pub fn value(&mut self, name: &str, reference: &Reference, value: &Value) {
        let model = self.model;
        let shape = model.shape(reference);
        let flat = is_flat(model, reference);
        match (shape.kind, value) {
            (ShapeType::Structure, _) => {
                let attributes = attributes(model, shape, reference, value);
                self.open(name, &attributes);
                self.members(shape, value);
                self.close(name);
            }
            (ShapeType::List, Value::Array(items)) => {
                let Some(element) = &shape.member else { return };
                if flat {
                    for item in items {
                        self.value(name, element, item);
                    }
                    return;
                }
                self.open(name, "");
                let item_name = element.location_name.as_deref().unwrap_or("member");
                for item in items {
                    self.value(item_name, element, item);
                }
                self.close(name);
            }
            (ShapeType::Map, Value::Object(object)) => {
                if !flat {
                    self.open(name, "");
                }
                self.entries(if flat { name } else { "entry" }, shape, object);
                if !flat {
                    self.close(name);
                }
            }
            _ => {
                let text = scalar::to_text(model, reference, value, self.time);
                self.text(name, &text);
            }
        }
    }

    fn entries(&mut self, name: &str, shape: &Shape, object: &Map<String, Value>) {
        let (Some(key), Some(value)) = (&shape.key, &shape.value) else {
            return;
        };
        for (k, v) in object {
            self.open(name, "");
            self.text(key.location_name.as_deref().unwrap_or("key"), k);
            self.value(value.location_name.as_deref().unwrap_or("value"), value, v);
            self.close(name);
        }
    }
}

/// The attributes of a structure's element: its namespace, and its members that are attributes.
fn attributes(model: &Model, shape: &Shape, reference: &Reference, value: &Value) -> String {
    let mut out = String::new();
    let namespaces = reference.xml_namespace.iter().chain(&shape.xml_namespace);
    for namespace in namespaces {
        match &namespace.prefix {
            Some(prefix) => {
                let _ = write!(out, " xmlns:{prefix}=\"{}\"", namespace.uri);
            }
            None => {
                let _ = write!(out, " xmlns=\"{}\"", namespace.uri);
            }
        }
    }
    for (name, member) in shape.members.iter().filter(|(_, m)| m.xml_attribute) {
        if let Some(text) = value.get(name).filter(|v| !v.is_null()) {
            let wire = member.location_name.as_deref().unwrap_or(name);
            let _ = write!(out, " {wire}=\"");
            escape(
                &scalar::to_text(model, member, text, TimeFormat::Iso8601),
                &mut out,
            );
            out.push('"');
        }
    }
    out
}

/// Escapes text for content and attributes alike. Characters that XML 1.0 cannot carry at all are
/// written as references nevertheless, as AWS does: parsers that care refuse them.
pub fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() => {
                let _ = write!(out, "&#x{:X};", c as u32);
            }
            c => out.push(c),
        }
    }
}
