//! The closed set of functions.

use base64::Engine as _;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::schema::Draft;

use super::evaluate::{Evaluator, Frame, combine, known, plain_text};
use super::expression::Expr;
use super::nearest::suggest;
use super::source::Span;
use super::types::{Shape, Type};

/// What a function takes at one position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    Text,
    List,
    Map,
    Any,
}

impl Takes {
    fn noun(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::List => "a list",
            Self::Map => "a map",
            Self::Any => "any value",
        }
    }

    fn fits(self, shape: Shape) -> bool {
        match (self, shape) {
            (_, Shape::Resource) => false,
            (Self::Any, _) | (_, Shape::Any) => true,
            (Self::Text, Shape::Text | Shape::Number | Shape::Boolean) => true,
            (Self::List, Shape::List) | (Self::Map, Shape::Map) => true,
            _ => false,
        }
    }
}

/// One function of the language.
struct Function {
    name: &'static str,
    /// How it is called, for messages.
    usage: &'static str,
    takes: &'static [Takes],
    /// How many of them must be given.
    least: usize,
    /// Whether the last may be repeated.
    repeats: bool,
}

const fn function(
    name: &'static str,
    usage: &'static str,
    takes: &'static [Takes],
    least: usize,
) -> Function {
    Function {
        name,
        usage,
        takes,
        least,
        repeats: false,
    }
}

static FUNCTIONS: [Function; 12] = [
    function(
        "join",
        "join(SEPARATOR, LIST)",
        &[Takes::Text, Takes::List],
        2,
    ),
    function(
        "split",
        "split(SEPARATOR, TEXT)",
        &[Takes::Text, Takes::Text],
        2,
    ),
    function(
        "replace",
        "replace(TEXT, OLD, NEW)",
        &[Takes::Text, Takes::Text, Takes::Text],
        3,
    ),
    function("lower", "lower(TEXT)", &[Takes::Text], 1),
    Function {
        repeats: true,
        ..function("coalesce", "coalesce(VALUE, …)", &[Takes::Any], 1)
    },
    function(
        "lookup",
        "lookup(MAP, KEY) or lookup(MAP, KEY, OTHERWISE)",
        &[Takes::Map, Takes::Text, Takes::Any],
        2,
    ),
    function("file", "file(PATH)", &[Takes::Text], 1),
    function(
        "template",
        "template(PATH) or template(PATH, MAP)",
        &[Takes::Text, Takes::Map],
        1,
    ),
    function("config", "config(NAME)", &[Takes::Text], 1),
    function("json", "json(VALUE)", &[Takes::Any], 1),
    function("base64", "base64(TEXT)", &[Takes::Text], 1),
    function("sha256", "sha256(TEXT)", &[Takes::Text], 1),
];

/// The names of all functions.
pub fn names() -> Vec<&'static str> {
    FUNCTIONS.iter().map(|function| function.name).collect()
}

impl<'s> Evaluator<'s> {
    /// The type of a call; `None` where it is wrong, which is reported.
    pub(crate) fn call_type(
        &self,
        expr: &Expr,
        name: &str,
        name_span: Span,
        arguments: &[Expr],
        frame: &Frame<'s>,
    ) -> Option<Type> {
        let given: Vec<Option<Type>> = arguments.iter().map(|a| self.type_of(a, frame)).collect();
        let Some(function) = FUNCTIONS.iter().find(|f| f.name == name) else {
            let label = suggest(name, names(), "function");
            return self.fail(name_span, format!("there is no function `{name}`"), label);
        };
        let most = if function.repeats {
            usize::MAX
        } else {
            function.takes.len()
        };
        if arguments.len() < function.least || arguments.len() > most {
            return self.fail(
                expr.span,
                format!("`{name}` cannot be called with {}", count(arguments.len())),
                format!("expected {}", function.usage),
            );
        }
        let mut right = true;
        for (position, (argument, own)) in arguments.iter().zip(&given).enumerate() {
            let takes = function.takes.get(position).or(function.takes.last());
            let (Some(own), Some(takes)) = (own, takes) else {
                right = false;
                continue;
            };
            if !takes.fits(own.shape()) {
                right = false;
                self.report(
                    self.error(
                        argument.span,
                        format!("`{name}` takes {} here", takes.noun()),
                    )
                    .label(format!("this is {}", own.noun()))
                    .help(function.usage),
                );
            }
        }
        let types: Vec<Type> = given.into_iter().collect::<Option<_>>()?;
        if !right {
            return None;
        }
        Some(match name {
            "split" => Type::Text.list(),
            "lookup" => types.first().map_or(Type::Any, Type::inside),
            "coalesce" => types.into_iter().next().unwrap_or(Type::Any),
            _ => Type::Text,
        })
    }

    /// The value of a call.
    pub(crate) fn call(
        &self,
        expr: &Expr,
        name: &str,
        name_span: Span,
        arguments: &[Expr],
        frame: &Frame<'s>,
    ) -> Option<Draft> {
        self.call_type(expr, name, name_span, arguments, frame)?;
        let values: Vec<_> = arguments.iter().map(|a| self.expr(a, frame)).collect();
        let values: Vec<Draft> = values.into_iter().collect::<Option<_>>()?;
        if name == "coalesce" {
            return Some(coalesce(values));
        }
        for (position, (value, argument)) in values.iter().zip(arguments).enumerate() {
            self.takes(name, position, value, argument)?;
        }
        match name {
            "join" => self.join(&values, &arguments[1]),
            "lookup" => self.lookup_key(&values, expr, &arguments[1]),
            "file" => self.file(&values, &arguments[0]),
            "template" => self.template_file(&values, arguments),
            "config" => self.config(&values, &arguments[0]),
            "split" => Some(combine(&values, |v| {
                split(&plain_text(&v[0]), &plain_text(&v[1]))
            })),
            "replace" => Some(combine(&values, |v| {
                let [text, old, new] = [&v[0], &v[1], &v[2]].map(plain_text);
                if old.is_empty() {
                    text
                } else {
                    text.replace(&old, &new)
                }
                .into()
            })),
            "lower" => Some(combine(&values, |v| {
                plain_text(&v[0]).to_lowercase().into()
            })),
            "json" => Some(combine(&values, |v| v[0].to_string().into())),
            "base64" => Some(combine(&values, |v| {
                let engine = base64::engine::general_purpose::STANDARD;
                engine.encode(plain_text(&v[0])).into()
            })),
            "sha256" => Some(combine(&values, |v| {
                hex::encode(Sha256::digest(plain_text(&v[0]))).into()
            })),
            _ => None,
        }
    }

    /// Checks a value against what the function takes at its position.
    fn takes(&self, name: &str, position: usize, value: &Draft, argument: &Expr) -> Option<()> {
        let function = FUNCTIONS.iter().find(|f| f.name == name)?;
        let takes = function.takes.get(position)?;
        if matches!(value, Draft::Unknown(_)) || *takes == Takes::Any {
            return Some(());
        }
        let is = match (value.items(), value.entries()) {
            (Some(_), _) => Takes::List,
            (_, Some(_)) => Takes::Map,
            _ if value.first_unknown().is_some() => return Some(()),
            _ => Takes::Text,
        };
        let null = value.resolve() == Ok(Value::Null);
        if is == *takes && !null {
            return Some(());
        }
        let this = if null { "null" } else { is.noun() };
        self.report(
            self.error(
                argument.span,
                format!("`{name}` takes {} here", takes.noun()),
            )
            .label(format!("this is {this}"))
            .help(function.usage),
        );
        None
    }

    fn join(&self, values: &[Draft], list: &Expr) -> Option<Draft> {
        let items = values[1].items().unwrap_or_default();
        let nested = |item: &Draft| item.items().is_some() || item.entries().is_some();
        if items.iter().any(nested) {
            return self.fail(
                list.span,
                "`join` takes a list of text",
                "an element of this list is a list or a map",
            );
        }
        Some(combine(values, |values| {
            let texts = values[1].as_array().into_iter().flatten().map(plain_text);
            texts
                .collect::<Vec<_>>()
                .join(&plain_text(&values[0]))
                .into()
        }))
    }

    fn lookup_key(&self, values: &[Draft], expr: &Expr, key_expr: &Expr) -> Option<Draft> {
        let Ok(key) = values[1].resolve() else {
            return Some(combine(values, |_| Value::Null));
        };
        let key = plain_text(&key);
        if let Some(found) = values[0].get(&key) {
            return Some(found);
        }
        if values[0].entries().is_none() {
            return Some(combine(&values[..1], |_| Value::Null));
        }
        if let Some(otherwise) = values.get(2) {
            return Some(otherwise.clone());
        }
        let entries = values[0].entries().unwrap_or_default();
        let keys: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
        self.report(
            self.error(key_expr.span, format!("the map has no key `{key}`"))
                .label(suggest(&key, keys, "key"))
                .help(format!(
                    "{} with a third value never fails",
                    expr_name(expr)
                )),
        );
        None
    }

    fn file(&self, values: &[Draft], path: &Expr) -> Option<Draft> {
        let (path_values, sensitive) = match known(values) {
            Ok(known) => known,
            Err(unknown) => return Some(unknown),
        };
        let text = self.read(&plain_text(&path_values[0]), path.span)?;
        let draft = Draft::Known(text.into());
        Some(if sensitive { draft.sensitive() } else { draft })
    }

    /// The text of a file whose path is relative to the stack file.
    pub(crate) fn read(&self, path: &str, span: Span) -> Option<String> {
        let whole = self.stack.directory.join(path);
        match std::fs::read(&whole) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Some(text),
                Err(_) => self.fail(
                    span,
                    format!("`{path}` is not text in UTF-8"),
                    "expected a text file",
                ),
            },
            Err(error) => self.fail(
                span,
                format!("cannot read `{path}`: {}", reason(&error)),
                format!("looked for {}", whole.display()),
            ),
        }
    }

    fn template_file(&self, values: &[Draft], arguments: &[Expr]) -> Option<Draft> {
        let Ok(path) = values[0].resolve() else {
            return Some(combine(values, |_| Value::Null));
        };
        let path = plain_text(&path);
        let span = arguments[0].span;
        let template = self.found_template(path, span)?;
        let inputs = match values.get(1) {
            None => Vec::new(),
            Some(inputs) => match inputs.entries() {
                Some(entries) => entries,
                None => return Some(combine(values, |_| Value::Null)),
            },
        };
        let inputs = inputs.into_iter().collect();
        self.check_inputs(&template, &inputs, |_| Some((span, span)))?;
        let text = self.fill(&template, inputs, &template.name)?;
        let sensitive = values[0].is_sensitive();
        Some(if sensitive { text.sensitive() } else { text })
    }

    fn config(&self, values: &[Draft], argument: &Expr) -> Option<Draft> {
        let Ok(name) = values[0].resolve() else {
            return Some(combine(values, |_| Value::Null));
        };
        let name = plain_text(&name);
        let Some(block) = self.stack.configs.iter().find(|config| config.name == name) else {
            let names: Vec<&str> = self.stack.configs.iter().map(|c| c.name.as_str()).collect();
            return self.fail(
                argument.span,
                format!("there is no `{name}` under `configs:`"),
                suggest(&name, names, "configuration file"),
            );
        };
        self.guarded(&format!("config(\"{name}\")"), argument.span, || {
            self.config_text(block, &[])
        })
    }
}

fn coalesce(values: Vec<Draft>) -> Draft {
    let mut last = Draft::NULL;
    for value in values {
        let null = value.resolve() == Ok(Value::Null);
        if !null {
            return value;
        }
        last = value;
    }
    last
}

fn split(separator: &str, text: &str) -> Value {
    if separator.is_empty() {
        return vec![text.to_owned()].into();
    }
    text.split(separator)
        .map(str::to_owned)
        .collect::<Vec<_>>()
        .into()
}

fn count(arguments: usize) -> String {
    match arguments {
        0 => "nothing".to_owned(),
        1 => "one value".to_owned(),
        more => format!("{more} values"),
    }
}

fn expr_name(expr: &Expr) -> String {
    let text = expr.to_string();
    text.split('(').next().unwrap_or_default().to_owned()
}

/// What an operating system error means, without its number.
pub(crate) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => error.to_string(),
    }
}
