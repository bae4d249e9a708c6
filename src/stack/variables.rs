//! Variables: what they take, and where their values come from.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use indexmap::IndexMap;
use regex::Regex;
use serde_json::Value;

use crate::schema::Draft;

use super::diagnostic::Diagnostic;
use super::document::{Given, Variable};
use super::evaluate::{plain_text, scalar};
use super::fields::Fields;
use super::functions::reason;
use super::nearest::suggest;
use super::source::{Source, Span};
use super::tree::{self, Data, Entry, Node};
use super::types::Type;

/// Where the values of variables come from, the first before the others.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// `--var name=value`, in order; the last of a name counts.
    pub vars: Vec<(String, String)>,
    /// `--var-file`, in order; the last that has a name counts.
    pub var_files: Vec<PathBuf>,
    /// The environment: `PINFRA_VAR_name`, and what `${env.NAME}` reads.
    pub env: BTreeMap<String, String>,
}

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

const TYPES: [&str; 6] = [
    "string",
    "number",
    "bool",
    "list(string)",
    "map(string)",
    "any",
];

impl VariableType {
    fn parse(text: &str) -> Option<Self> {
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
    fn node(&self, node: &Node) -> Result<Value, Wrong> {
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
enum Wrong {
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
    pattern: Option<(String, Regex)>,
    min: Option<f64>,
    max: Option<f64>,
    values: Vec<String>,
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

/// The section `variables:` with the values given.
pub(super) fn read(
    section: Option<&Entry>,
    sources: &Sources,
    source: &Arc<Source>,
    found: &mut Vec<Diagnostic>,
) -> IndexMap<String, Variable> {
    let fields = Fields { source };
    let entries = section
        .map(|section| fields.map(section, found))
        .unwrap_or_default();
    let names: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
    let mut given = given(sources, &names, found);
    let mut variables = IndexMap::new();
    for entry in entries {
        let variable = declaration(entry, given.shift_remove(&entry.key), source, found);
        variables.insert(entry.key.clone(), variable);
    }
    variables
}

/// Who gives a value: only a default may hold expressions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Default,
    Outside,
}

/// A value from outside the stack file: a text to be read, or a node of a file of variables.
enum Outside {
    Text(Arc<Source>),
    Node(Arc<Source>, Node),
}

/// What is given for the variables named, the strongest source of each.
fn given(
    sources: &Sources,
    names: &[&str],
    found: &mut Vec<Diagnostic>,
) -> IndexMap<String, Outside> {
    let mut given = IndexMap::new();
    for name in names {
        if let Some(text) = sources.env.get(&format!("PINFRA_VAR_{name}")) {
            let source = Source::new(format!("PINFRA_VAR_{name}"), text);
            given.insert((*name).to_owned(), Outside::Text(source));
        }
    }
    for path in &sources.var_files {
        let file = path.display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                found.push(Diagnostic::file(
                    file,
                    format!("cannot be read: {}", reason(&error)),
                ));
                continue;
            }
        };
        let source = Source::new(file, text);
        let Some(tree) = tree::read(&source, found) else {
            continue;
        };
        let Data::Map(entries) = tree.data else {
            if !tree.is_null() && tree.data != Data::Broken {
                let at = source.first_line(tree.span);
                found.push(
                    Diagnostic::error(&source, at, "a file of variables is a map")
                        .label("expected NAME: VALUE"),
                );
            }
            continue;
        };
        for entry in entries {
            if names.contains(&entry.key.as_str()) {
                given.insert(entry.key, Outside::Node(Arc::clone(&source), entry.value));
            } else {
                found.push(undeclared(&source, entry.key_span, &entry.key, names));
            }
        }
    }
    for (name, text) in &sources.vars {
        if names.contains(&name.as_str()) {
            let source = Source::new(format!("--var {name}"), text);
            given.insert(name.clone(), Outside::Text(source));
        } else {
            let source = Source::new("--var", format!("{name}={text}"));
            found.push(undeclared(&source, Span::new(0, name.len()), name, names));
        }
    }
    given
}

fn undeclared(source: &Arc<Source>, span: Span, name: &str, names: &[&str]) -> Diagnostic {
    Diagnostic::error(source, span, format!("the stack has no variable `{name}`")).label(suggest(
        name,
        names.iter().copied(),
        "variable",
    ))
}

const KEYS: [&str; 8] = [
    "type",
    "default",
    "description",
    "sensitive",
    "pattern",
    "min",
    "max",
    "enum",
];

fn declaration(
    entry: &Entry,
    outside: Option<Outside>,
    source: &Arc<Source>,
    found: &mut Vec<Diagnostic>,
) -> Variable {
    let fields = Fields { source };
    let name = &entry.key;
    let mut variable = Variable {
        kind: VariableType::Any,
        rules: Rules::default(),
        value: None,
    };
    if !super::fields::is_name(name) {
        found.push(
            Diagnostic::error(
                source,
                entry.key_span,
                format!("`{name}` cannot name a variable"),
            )
            .label("expected letters, digits, `_` and `-`"),
        );
    }
    let before = found.len();
    let keys = fields.known_keys(entry, &KEYS, found);
    let get = |key: &str| keys.iter().find(|entry| entry.key == key).copied();
    if let Some(entry) = get("type") {
        match fields
            .text(entry, found)
            .map(|text| (VariableType::parse(&text), text))
        {
            Some((Some(kind), _)) => variable.kind = kind,
            Some((None, text)) => found.push(
                Diagnostic::error(
                    source,
                    entry.value.span,
                    format!("there is no type `{text}`"),
                )
                .label(suggest(&text, TYPES, "type")),
            ),
            None => {}
        }
    }
    let secret = get("sensitive")
        .and_then(|entry| fields.boolean(entry, found))
        .unwrap_or(false);
    variable.rules = rules(&fields, &get, secret, found);
    if let Some(entry) = get("description") {
        fields.text(entry, found);
    }
    let whole = found.len() == before;
    if let Some(outside) = outside {
        let (source, node) = match outside {
            Outside::Node(source, node) => (source, Some(node)),
            Outside::Text(source) => {
                let node = text_node(&variable.kind, &source, found);
                (source, node)
            }
        };
        if let (Some(node), true) = (node, whole) {
            variable.value = value(&variable, name, &node, &source, From::Outside, found);
        }
        return variable;
    }
    match get("default") {
        Some(default) if whole => {
            variable.value = value(
                &variable,
                name,
                &default.value,
                source,
                From::Default,
                found,
            );
        }
        None if whole => found.push(
            Diagnostic::error(
                source,
                entry.key_span,
                format!("the variable `{name}` has no value"),
            )
            .label("it has no default")
            .help(format!(
                "give one: --var {name}=VALUE, --var-file FILE or PINFRA_VAR_{name}"
            )),
        ),
        _ => {}
    }
    variable
}

/// The text that followed `--var`, as what the type makes of it: text as it is, else YAML.
fn text_node(
    kind: &VariableType,
    source: &Arc<Source>,
    found: &mut Vec<Diagnostic>,
) -> Option<Node> {
    let span = Span::new(0, source.text.len());
    let data = Data::Scalar {
        text: source.text.clone(),
        plain: false,
    };
    let whole = Node { span, data };
    if *kind == VariableType::Text || source.text.is_empty() {
        return Some(whole);
    }
    tree::read(source, found)
}

fn value(
    variable: &Variable,
    name: &str,
    node: &Node,
    source: &Arc<Source>,
    from: From,
    found: &mut Vec<Diagnostic>,
) -> Option<Given> {
    let mut live = false;
    node.templates(&mut |_| live = true);
    if live && from == From::Default {
        return Some(Given::Default(node.clone()));
    }
    let error = |span, message: String, label: String| {
        Diagnostic::error(source, source.first_line(span), message).label(label)
    };
    match variable.kind.node(node) {
        Ok(value) => {
            if let Err((message, label)) = variable.rules.check(name, &value) {
                found.push(error(node.span, message, label));
                return None;
            }
            let draft = Draft::Known(value);
            Some(Given::Value(if variable.rules.secret {
                draft.sensitive()
            } else {
                draft
            }))
        }
        Err(Wrong::Is(span, is, expected)) => {
            let message = format!("the variable `{name}` takes {expected}, not {is}");
            found.push(error(span, message, format!("expected {expected}")));
            None
        }
        Err(Wrong::Expression(span)) => {
            let message = "a variable's value holds no expression".to_owned();
            found.push(error(span, message, "expected a plain value".to_owned()));
            None
        }
        Err(Wrong::Reported) => None,
    }
}

fn rules<'e>(
    fields: &Fields<'_>,
    get: &dyn Fn(&str) -> Option<&'e Entry>,
    secret: bool,
    found: &mut Vec<Diagnostic>,
) -> Rules {
    let mut rules = Rules {
        secret,
        ..Rules::default()
    };
    if let Some(entry) = get("pattern")
        && let Some(text) = fields.text(entry, found)
    {
        match Regex::new(&text) {
            Ok(regex) => rules.pattern = Some((text, regex)),
            Err(error) => {
                let why = error.to_string();
                let why = why
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .trim_start_matches("error: ");
                found.push(
                    Diagnostic::error(
                        fields.source,
                        entry.value.span,
                        format!("not a regular expression: {why}"),
                    )
                    .label("expected a pattern, such as ^[0-9a-f]{12}$"),
                );
            }
        }
    }
    rules.min = get("min").and_then(|entry| fields.number(entry, found));
    rules.max = get("max").and_then(|entry| fields.number(entry, found));
    if let Some(entry) = get("enum") {
        rules.values = fields.texts(entry, found);
    }
    rules
}
