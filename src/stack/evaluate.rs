//! Expressions to values.
//!
//! One evaluator serves checking and planning alike; they differ only in the [`Scope`]: while a
//! file is checked nothing live is known, and what depends on it stays unknown. A value that is
//! `None` is broken: why has been reported, and nothing that uses it is reported again.

use std::cell::RefCell;
use std::collections::HashMap;

use indexmap::IndexMap;
use serde_json::Value;

use crate::schema::{Address, Draft, Unknown, Why};

use super::diagnostic::Diagnostic;
use super::document::{Block, Given, ParameterKind, Scope, Stack};
use super::expression::{Expr, Form, Part, Template};
use super::source::Span;
use super::tree::{Data, Node, is_null};

/// Evaluates the expressions of one stack over one scope.
pub(crate) struct Evaluator<'s> {
    pub(crate) stack: &'s Stack,
    pub(crate) scope: &'s dyn Scope,
    found: RefCell<Vec<Diagnostic>>,
    /// The locals, variables and attributes that are being evaluated, outermost first.
    active: RefCell<Vec<String>>,
    /// The circles of definitions that have been reported, their members sorted.
    circles: RefCell<Vec<Vec<String>>>,
    /// The keys of blocks with `for_each`, once evaluated.
    pub(super) keys: RefCell<HashMap<String, super::keys::Keys>>,
    /// Whether a member that is broken is unknown, and what it stands in is not broken by it.
    pub(super) lenient: bool,
    /// Whether it tells the stack's name for files, which may be made of such a file itself.
    pub(super) naming: bool,
}

/// Where an expression stands: what `each` and `self` mean there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frame<'s> {
    /// The block, under `resources:`.
    pub(crate) block: Option<&'s Block>,
    /// The key and value of the instance.
    pub(crate) each: Option<(Draft, Draft)>,
}

impl<'s> Frame<'s> {
    /// The frame of an instance.
    pub(crate) fn instance(block: &'s Block, each: Option<(&str, &Value)>) -> Self {
        Self {
            block: Some(block),
            each: each.map(|(key, value)| (Draft::Known(key.into()), Draft::Known(value.clone()))),
        }
    }

    /// The address of the instance, if its key is known.
    pub(crate) fn address(&self) -> Option<Address> {
        let block = self.block?;
        let address = Address {
            resource: block.name.clone(),
            key: None,
        };
        match &self.each {
            None => Some(address),
            Some((Draft::Known(Value::String(key)), _)) => Some(address.with_key(key)),
            Some(_) => None,
        }
    }
}

impl<'s> Evaluator<'s> {
    pub(crate) fn new(stack: &'s Stack, scope: &'s dyn Scope) -> Self {
        Self {
            stack,
            scope,
            found: RefCell::default(),
            active: RefCell::default(),
            circles: RefCell::default(),
            keys: RefCell::default(),
            lenient: false,
            naming: false,
        }
    }

    /// The same, for the stack's name in files.
    pub(super) fn naming(self) -> Self {
        Self {
            naming: true,
            ..self
        }
    }

    /// The same that gives what is right of a declaration, however much is wrong.
    pub(super) fn lenient(self) -> Self {
        Self {
            lenient: true,
            ..self
        }
    }

    /// What stands for the broken value of a name where that breaks nothing else.
    pub(super) fn instead(&self, name: &str) -> Option<Draft> {
        self.lenient.then(|| self.unknown(name))
    }

    /// Remembers a mistake.
    pub(crate) fn report(&self, diagnostic: Diagnostic) {
        self.found.borrow_mut().push(diagnostic);
    }

    /// Whether a mistake has been reported inside this place.
    pub(crate) fn is_wrong(&self, span: Span) -> bool {
        let inside = |other: &Span| span.start <= other.start && other.end <= span.end;
        let found = self.found.borrow();
        found
            .iter()
            .filter_map(|diagnostic| diagnostic.span.as_ref())
            .any(inside)
    }

    /// Whether any mistake has been reported.
    pub(crate) fn has_mistakes(&self) -> bool {
        !self.found.borrow().is_empty()
    }

    /// All mistakes so far; they are forgotten.
    pub(crate) fn take(&self) -> Vec<Diagnostic> {
        self.found.take()
    }

    /// An error at a place of the stack file.
    pub(crate) fn error(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(&self.stack.source, span, message)
    }

    /// Reports an error and gives the broken value.
    pub(crate) fn fail<T>(
        &self,
        span: Span,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> Option<T> {
        self.report(self.error(span, message).label(label));
        None
    }

    /// The value of a node where any type will do.
    pub(crate) fn value(&self, node: &Node, frame: &Frame<'s>) -> Option<Draft> {
        match &node.data {
            Data::Broken => None,
            Data::Scalar { text, plain } => Some(Draft::Known(scalar(text, *plain))),
            Data::Template(template) => self.template(template, frame),
            Data::List(items) => {
                // All items, so that every mistake is found.
                let items: Vec<_> = items.iter().map(|item| self.value(item, frame)).collect();
                Some(Draft::list(items.into_iter().collect::<Option<_>>()?))
            }
            Data::Map(entries) => {
                let entries: Vec<_> = entries
                    .iter()
                    .map(|entry| (entry.key.clone(), self.value(&entry.value, frame)))
                    .collect();
                let entries = entries.into_iter().map(|(key, value)| Some((key, value?)));
                Some(Draft::map(entries.collect::<Option<IndexMap<_, _>>>()?))
            }
        }
    }

    /// The value of a scalar with expressions.
    pub(crate) fn template(&self, template: &Template, frame: &Frame<'s>) -> Option<Draft> {
        if let Some(expr) = template.whole() {
            return self.expr(expr, frame);
        }
        let parts: Vec<_> = template
            .parts
            .iter()
            .map(|part| match part {
                Part::Literal(text) => Some(Draft::Known(text.as_str().into())),
                Part::Expr(expr) => self.text_part(expr, frame),
            })
            .collect();
        let parts: Vec<Draft> = parts.into_iter().collect::<Option<_>>()?;
        Some(combine(&parts, |values| {
            Value::String(values.iter().map(plain_text).collect())
        }))
    }

    /// The value of an expression that is put into text.
    fn text_part(&self, expr: &Expr, frame: &Frame<'s>) -> Option<Draft> {
        let draft = self.expr(expr, frame)?;
        let collection = match &draft {
            Draft::Unknown(_) => {
                let own = self.type_of(expr, frame)?;
                own.is_collection().then(|| own.noun())
            }
            other if other.items().is_some() => Some("a list".to_owned()),
            other if other.entries().is_some() => Some("a map".to_owned()),
            _ => None,
        };
        if let Some(noun) = collection {
            self.report(
                self.error(expr.span, format!("{noun} cannot be put into text"))
                    .label("expected text, a number or true or false")
                    .help("join(\",\", LIST) makes a text of a list, json(VALUE) of any value"),
            );
            return None;
        }
        if draft.resolve() == Ok(Value::Null) {
            self.report(
                self.error(
                    expr.span,
                    format!("`{expr}` is null and cannot be put into text"),
                )
                .label("this has no value here")
                .help("coalesce(A, B) takes the first that is not null"),
            );
            return None;
        }
        Some(draft)
    }

    /// The value of an expression.
    pub(crate) fn expr(&self, expr: &Expr, frame: &Frame<'s>) -> Option<Draft> {
        match &expr.form {
            Form::Text(text) => Some(Draft::Known(text.as_str().into())),
            Form::Number(digits) => Some(Draft::Known(number(digits))),
            Form::Boolean(value) => Some(Draft::Known((*value).into())),
            Form::Null => Some(Draft::NULL),
            Form::Path(path) => self.path(path, expr.span, frame),
            Form::Parameter(name) => {
                let read = self.scope.parameter(ParameterKind::Ssm, name);
                Some(
                    read.unwrap_or_else(|| Draft::after_apply(&expr.to_string()))
                        .sensitive(),
                )
            }
            Form::Secret { name, key } => self.secret(expr, name, key.as_deref()),
            Form::Call {
                name,
                name_span,
                arguments,
            } => self.call(expr, name, *name_span, arguments, frame),
        }
    }

    fn secret(&self, expr: &Expr, name: &str, key: Option<&str>) -> Option<Draft> {
        let read = self.scope.parameter(ParameterKind::Secret, name);
        let read = read.unwrap_or_else(|| Draft::after_apply(&expr.to_string()));
        let Some(key) = key else {
            return Some(read.sensitive());
        };
        match read.resolve() {
            Err(_) => Some(read.sensitive()),
            Ok(Value::String(text)) => {
                let object: Option<Value> = serde_json::from_str(&text).ok();
                match object.as_ref().and_then(|object| object.get(key)) {
                    Some(value) => Some(Draft::Known(value.clone()).sensitive()),
                    None => self.fail(
                        expr.span,
                        format!("the secret `{name}` has no key `{key}`"),
                        "expected a JSON object with this key",
                    ),
                }
            }
            Ok(_) => self.fail(expr.span, format!("the secret `{name}` is no text"), ""),
        }
    }

    /// Runs `evaluate` unless it is running already under this name: then it is a circle.
    pub(crate) fn guarded(
        &self,
        name: &str,
        span: Span,
        evaluate: impl FnOnce() -> Option<Draft>,
    ) -> Option<Draft> {
        let at = self
            .active
            .borrow()
            .iter()
            .position(|active| active == name);
        if let Some(at) = at {
            let mut circle: Vec<String> = self.active.borrow()[at..].to_vec();
            let mut members = circle.clone();
            members.sort();
            if self.circles.borrow().contains(&members) {
                return None;
            }
            self.circles.borrow_mut().push(members);
            circle.push(name.to_owned());
            return self.fail(
                span,
                format!("`{name}` is defined by itself"),
                circle.join(" → "),
            );
        }
        self.active.borrow_mut().push(name.to_owned());
        let value = evaluate();
        self.active.borrow_mut().pop();
        value
    }

    /// The value of a variable.
    pub(crate) fn variable(&self, name: &str, span: Span) -> Option<Draft> {
        let variable = self.stack.variables.get(name)?;
        match variable.value.as_ref()? {
            Given::Value(draft) => Some(draft.clone()),
            Given::Default(node) => {
                let value = self.guarded(&format!("var.{name}"), span, || {
                    self.value(node, &Frame::default())
                })?;
                let at = self.mark(node);
                let value = match variable.kind.conform(value) {
                    Ok(value) => value,
                    Err(found) => {
                        let expected = variable.kind.noun();
                        return self.fail(
                            at,
                            format!("the variable `{name}` takes {expected}, not {found}"),
                            format!("expected {expected}"),
                        );
                    }
                };
                if let Ok(known) = value.resolve()
                    && let Err((message, label)) = variable.rules.check(name, &known)
                {
                    return self.fail(at, message, label);
                }
                Some(if variable.rules.secret {
                    value.sensitive()
                } else {
                    value
                })
            }
        }
    }

    /// The value of a local.
    pub(crate) fn local(&self, name: &str, span: Span) -> Option<Draft> {
        let node = self.stack.locals.get(name)?;
        self.guarded(&format!("local.{name}"), span, || {
            self.value(node, &Frame::default())
        })
    }

    /// An unknown value for a reference.
    pub(crate) fn unknown(&self, reference: &str) -> Draft {
        Draft::after_apply(reference)
    }
}

/// A scalar's value where nothing says what it should be: a number only if its digits survive.
pub(crate) fn scalar(text: &str, plain: bool) -> Value {
    if !plain {
        return text.into();
    }
    match text {
        text if is_null(text) => Value::Null,
        "true" | "True" | "TRUE" => true.into(),
        "false" | "False" | "FALSE" => false.into(),
        text => number(text),
    }
}

/// A number, or text where a number would lose digits (`3.10`, `0123`, `1e5`).
fn number(digits: &str) -> Value {
    match serde_json::from_str::<serde_json::Number>(digits) {
        Ok(number) if number.to_string() == digits => Value::Number(number),
        _ => digits.into(),
    }
}

/// A scalar value as text; empty for null.
pub(crate) fn plain_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// `make` over the values of `drafts`, once they are all known: unknown if one is, and sensitive
/// if one is. A value that comes with apply outweighs one that is unavailable.
pub(crate) fn combine(drafts: &[Draft], make: impl FnOnce(&[Value]) -> Value) -> Draft {
    match known(drafts) {
        Err(draft) => draft,
        Ok((values, sensitive)) => {
            let made = Draft::Known(make(&values));
            if sensitive { made.sensitive() } else { made }
        }
    }
}

/// The values of `drafts` and whether one is sensitive; else the unknown that stands for all.
pub(crate) fn known(drafts: &[Draft]) -> Result<(Vec<Value>, bool), Draft> {
    let sensitive = drafts.iter().any(Draft::is_sensitive);
    let missing: Vec<&Unknown> = drafts.iter().filter_map(Draft::first_unknown).collect();
    let later = missing
        .iter()
        .find(|unknown| unknown.why == Why::AfterApply);
    if let Some(unknown) = later.or(missing.first()) {
        let draft = Draft::Unknown((*unknown).clone());
        return Err(if sensitive { draft.sensitive() } else { draft });
    }
    let values = drafts.iter().filter_map(|draft| draft.resolve().ok());
    Ok((values.collect(), sensitive))
}
