//! What values a variable takes.

use regex::Regex;
use serde_json::Value;

use crate::schema::Draft;

use super::evaluate::{plain_text, scalar};
use super::nearest::suggest;
use super::source::Span;
use super::tree::{Data, Node};
use super::types::Type;

/// What values a variable takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum VariableType {
    Text,
    Number,
    Boolean,
    List(Box<VariableType>),
    Map(Box<VariableType>),
    Any,
}

/// Types, for messages.
pub(super) const TYPES: [&str; 6] = [
    "string",
    "number",
    "bool",
    "list(string)",
    "map(string)",
    "any",
];

impl VariableType {
    /// The type that a text names.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let inner = |name: &str| {
            let inside = text.strip_prefix(name)?.trim_start();
            Self::parse(inside.strip_prefix('(')?.strip_suffix(')')?).map(Box::new)
        };
        match text {
            "string" => Some(Self::Text),
            "number" => Some(Self::Number),
            "bool" => Some(Self::Boolean),
            "any" => Some(Self::Any),
            "list" => Some(Self::List(Box::new(Self::Any))),
            "map" => Some(Self::Map(Box::new(Self::Any))),
            _ => inner("list")
                .map(Self::List)
                .or_else(|| inner("map").map(Self::Map)),
        }
    }

    /// What a person calls it.
    pub(crate) fn noun(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
            Self::Any => "any value",
        }
    }

    pub(crate) fn as_type(&self) -> Type {
        match self {
            Self::Text => Type::Text,
            Self::Number => Type::Number,
            Self::Boolean => Type::Boolean,
            Self::List(item) => item.as_type().list(),
            Self::Map(value) => value.as_type().map(),
            Self::Any => Type::Any,
        }
    }

    /// The value in this type; else what it is instead.
    pub(crate) fn conform(&self, draft: Draft) -> Result<Draft, String> {
        match draft {
            Draft::Unknown(_) => Ok(draft),
            Draft::Sensitive(inner) => Ok(self.conform(*inner)?.sensitive()),
            Draft::Known(value) => self.value(value).map(Draft::Known),
            Draft::List(items) => match self {
                Self::List(item) => {
                    let items = items.into_iter().map(|draft| item.conform(draft));
                    Ok(Draft::list(items.collect::<Result<_, _>>()?))
                }
                Self::Any => Ok(Draft::List(items)),
                _ => Err("a list".to_owned()),
            },
            Draft::Map(entries) => match self {
                Self::Map(value) => {
                    let entries = entries.into_iter().map(|(k, v)| Ok((k, value.conform(v)?)));
                    Ok(Draft::map(entries.collect::<Result<_, String>>()?))
                }
                Self::Any => Ok(Draft::Map(entries)),
                _ => Err("a map".to_owned()),
            },
        }
    }

    fn value(&self, value: Value) -> Result<Value, String> {
        match (self, value) {
            (Self::Any, value) => Ok(value),
            (Self::Text, value @ (Value::String(_) | Value::Number(_) | Value::Bool(_))) => {
                Ok(plain_text(&value).into())
            }
            (Self::Number, Value::Number(number)) => Ok(Value::Number(number)),
            (Self::Number, Value::String(text)) => match text.parse::<serde_json::Number>() {
                Ok(number) => Ok(Value::Number(number)),
                Err(_) => Err("text".to_owned()),
            },
            (Self::Boolean, Value::Bool(value)) => Ok(value.into()),
            (Self::Boolean, Value::String(text)) if text == "true" => Ok(true.into()),
            (Self::Boolean, Value::String(text)) if text == "false" => Ok(false.into()),
            (Self::List(item), Value::Array(items)) => {
                items.into_iter().map(|value| item.value(value)).collect()
            }
            (Self::Map(kind), Value::Object(entries)) => {
                let entries = entries.into_iter().map(|(k, v)| Ok((k, kind.value(v)?)));
                Ok(Value::Object(entries.collect::<Result<_, String>>()?))
            }
            (_, value) => Err(match value {
                Value::Null => "nothing",
                Value::Bool(_) => "true or false",
                Value::Number(_) => "a number",
                Value::String(_) => "text",
                Value::Array(_) => "a list",
                Value::Object(_) => "a map",
            }
            .to_owned()),
        }
    }

    /// A node without expressions in this type; text keeps its characters as written.
    pub(super) fn node(&self, node: &Node) -> Result<Value, Wrong> {
        let wrong = |found: &str| Wrong::Is(node.span, found.to_owned(), self.noun());
        match (self, &node.data) {
            (_, Data::Broken) => Err(Wrong::Reported),
            (_, Data::Template(_)) => Err(Wrong::Expression(node.span)),
            (Self::Text, Data::Scalar { .. }) if node.is_null() => Err(wrong("nothing")),
            (Self::Text, Data::Scalar { text, .. }) => Ok(text.as_str().into()),
            (Self::Any, Data::Scalar { text, plain }) => Ok(scalar(text, *plain)),
            (_, Data::Scalar { text, plain }) => self
                .value(scalar(text, *plain))
                .map_err(|found| wrong(&found)),
            (Self::List(_) | Self::Any, Data::List(items)) => {
                let item = match self {
                    Self::List(item) => item,
                    _ => self,
                };
                items.iter().map(|node| item.node(node)).collect()
            }
            (Self::Map(_) | Self::Any, Data::Map(entries)) => {
                let value = match self {
                    Self::Map(value) => value,
                    _ => self,
                };
                let entries = entries
                    .iter()
                    .map(|e| Ok((e.key.clone(), value.node(&e.value)?)));
                Ok(Value::Object(entries.collect::<Result<_, Wrong>>()?))
            }
            _ => Err(wrong(node.noun())),
        }
    }
}

/// Why a node is no value of a type.
pub(super) enum Wrong {
    /// It is something else.
    Is(Span, String, &'static str),
    /// It holds an expression.
    Expression(Span),
    /// That has been said.
    Reported,
}

/// What a variable's values are held to.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    pub(super) pattern: Option<(String, Regex)>,
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
    pub(super) values: Vec<String>,
    pub(crate) secret: bool,
}

impl Rules {
    /// What is wrong with a value: a message and what was expected.
    pub(crate) fn check(&self, name: &str, value: &Value) -> Result<(), (String, String)> {
        let text = plain_text(value);
        let shown = match value {
            Value::Array(_) => "this list".to_owned(),
            Value::Object(_) => "this map".to_owned(),
            _ if self.secret => "this value".to_owned(),
            _ => format!("`{text}`"),
        };
        let message = || format!("the variable `{name}` cannot be {shown}");
        if !self.values.is_empty() && !self.values.contains(&text) {
            let label = suggest(&text, self.values.iter().map(String::as_str), "value");
            return Err((message(), label));
        }
        if let Some((pattern, regex)) = &self.pattern {
            let whole = regex
                .find(&text)
                .is_some_and(|found| found.len() == text.len());
            if !whole {
                return Err((message(), format!("expected text that matches {pattern}")));
            }
        }
        let (size, unit) = match value {
            Value::Number(number) => (number.as_f64().unwrap_or_default(), ""),
            Value::Array(items) => (items.len() as f64, " elements"),
            Value::Object(entries) => (entries.len() as f64, " entries"),
            _ => (text.chars().count() as f64, " characters"),
        };
        if let Some(min) = self.min.filter(|min| size < *min) {
            return Err((message(), format!("expected {min}{unit} or more")));
        }
        if let Some(max) = self.max.filter(|max| size > *max) {
            return Err((message(), format!("expected {max}{unit} or less")));
        }
        Ok(())
    }
}
