//! The input of a call as a spec writes it: literals with `${paths}`.

use serde_json::Value;

use super::problem::{Place, Problems};
use super::tree::{Data, Node};

/// A value that is computed when the call is made.
#[derive(Debug, Clone)]
pub(super) enum Template {
    Literal(Value),
    Path(String, Place),
    Text(Vec<Piece>, Place),
    JsonText(Box<Template>),
    Base64(Box<Template>),
    List(Vec<Template>),
    Object(Vec<(String, Place, Template)>),
}

/// A piece of a text.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    Literal(String),
    Path(String),
}

impl Template {
    /// No members.
    pub fn empty() -> Self {
        Self::Object(Vec::new())
    }

    /// Reads one from a spec.
    pub fn read(node: &Node, problems: &mut Problems) -> Self {
        match &node.data {
            Data::Scalar(Value::String(text)) => parse(text, &node.place, problems),
            Data::Scalar(value) => Self::Literal(value.clone()),
            Data::List(items) => {
                let items = items
                    .iter()
                    .map(|item| Self::read(item, problems))
                    .collect::<Vec<_>>();
                match items.iter().map(Self::literal).collect::<Option<Vec<_>>>() {
                    Some(values) => Self::Literal(Value::Array(values)),
                    None => Self::List(items),
                }
            }
            Data::Map(entries) => match entries.as_slice() {
                [(key, inner)] if key.text == "json" => {
                    Self::JsonText(Box::new(Self::read(inner, problems)))
                }
                [(key, inner)] if key.text == "base64" => {
                    Self::Base64(Box::new(Self::read(inner, problems)))
                }
                entries => Self::Object(
                    entries
                        .iter()
                        .map(|(key, node)| {
                            (
                                key.text.clone(),
                                key.place.clone(),
                                Self::read(node, problems),
                            )
                        })
                        .collect(),
                ),
            },
        }
    }

    fn literal(&self) -> Option<Value> {
        match self {
            Self::Literal(value) => Some(value.clone()),
            _ => None,
        }
    }

    /// Adds a member to an object, below others if its path is dotted, unless it is there already.
    pub fn insert(&mut self, path: &str, value: Template, place: &Place) {
        let Self::Object(members) = self else { return };
        let (head, rest) = match path.split_once('.') {
            Some((head, rest)) => (head, Some(rest)),
            None => (path, None),
        };
        let found = members.iter_mut().find(|(name, ..)| name == head);
        match (found, rest) {
            (Some((_, _, inner)), Some(rest)) => inner.insert(rest, value, place),
            (Some(_), None) => {}
            (None, None) => members.push((head.to_owned(), place.clone(), value)),
            (None, Some(rest)) => {
                let mut inner = Self::empty();
                inner.insert(rest, value, place);
                members.push((head.to_owned(), place.clone(), inner));
            }
        }
    }

    /// Every path used, with its place.
    pub fn paths(&self) -> Vec<(&str, &Place)> {
        match self {
            Self::Literal(_) => Vec::new(),
            Self::Path(path, place) => vec![(path, place)],
            Self::Text(pieces, place) => pieces
                .iter()
                .filter_map(|piece| match piece {
                    Piece::Path(path) => Some((path.as_str(), place)),
                    Piece::Literal(_) => None,
                })
                .collect(),
            Self::JsonText(inner) | Self::Base64(inner) => inner.paths(),
            Self::List(items) => items.iter().flat_map(Self::paths).collect(),
            Self::Object(members) => members
                .iter()
                .flat_map(|(_, _, inner)| inner.paths())
                .collect(),
        }
    }

    /// The contract's constant.
    pub fn rust(&self) -> String {
        match self {
            Self::Literal(value) => format!("Input::Json({:?})", value.to_string()),
            Self::Path(path, _) => format!("Input::Path({path:?})"),
            Self::Text(pieces, _) => {
                let pieces = pieces.iter().map(|piece| match piece {
                    Piece::Literal(text) => format!("Piece::Literal({text:?})"),
                    Piece::Path(path) => format!("Piece::Path({path:?})"),
                });
                format!("Input::Text(&[{}])", pieces.collect::<Vec<_>>().join(", "))
            }
            Self::JsonText(inner) => format!("Input::JsonText(&{})", inner.rust()),
            Self::Base64(inner) => format!("Input::Base64(&{})", inner.rust()),
            Self::List(items) => {
                format!(
                    "Input::List(&[{}])",
                    items.iter().map(Self::rust).collect::<Vec<_>>().join(", ")
                )
            }
            Self::Object(members) => {
                let members = members
                    .iter()
                    .map(|(name, _, inner)| format!("({name:?}, {})", inner.rust()));
                format!(
                    "Input::Object(&[{}])",
                    members.collect::<Vec<_>>().join(", ")
                )
            }
        }
    }
}

/// A text with `${paths}`; one that is nothing but a path keeps the value's type.
fn parse(text: &str, place: &Place, problems: &mut Problems) -> Template {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if rest[..at].ends_with('$') {
            literal.push_str(&rest[..at - 1]);
            literal.push_str("${");
            rest = &rest[at + 2..];
            continue;
        }
        literal.push_str(&rest[..at]);
        let Some(end) = rest[at..].find('}') else {
            problems.add(place.clone(), format!("`{text}`: `${{` without `}}`"));
            return Template::Literal(Value::from(text));
        };
        if !literal.is_empty() {
            pieces.push(Piece::Literal(std::mem::take(&mut literal)));
        }
        pieces.push(Piece::Path(rest[at + 2..at + end].trim().to_owned()));
        rest = &rest[at + end + 1..];
    }
    literal.push_str(rest);
    match pieces.as_slice() {
        [] => Template::Literal(Value::from(literal)),
        [Piece::Path(path)] if literal.is_empty() => Template::Path(path.clone(), place.clone()),
        _ => {
            if !literal.is_empty() {
                pieces.push(Piece::Literal(literal));
            }
            Template::Text(pieces, place.clone())
        }
    }
}
