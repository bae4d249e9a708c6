//! Text templates: Handlebars, strict, without HTML escaping.
//!
//! The helpers write what `java.util.Properties` and JAAS read:
//! `{{key x}}`, `{{value x}}` escape a property's key and value, `{{jaas x}}` makes a quoted JAAS
//! option, `{{concat a b …}}` joins texts, `{{json x}}` writes JSON. `{{shell x}}` writes words of a
//! shell, `{{default x otherwise}}` stands for an input that need not be there.

use handlebars::{
    Context, Handlebars, Helper, HelperResult, Output, RenderContext, RenderError,
    RenderErrorReason, ScopedJson, TemplateErrorReason,
};
use serde_json::Value;

use super::evaluate::plain_text;

/// Why a template gives no text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{template}:{line}: {message}")]
pub struct TemplateError {
    /// The template's name.
    pub template: String,
    /// The line in it, from one.
    pub line: usize,
    /// What is wrong, and the inputs there are where one is missing.
    pub message: String,
    /// The input that it asks for and that is not there, if that is what is wrong.
    pub missing: Option<String>,
}

/// The text that a template gives for some inputs, an object.
///
/// # Errors
/// The template is none, or asks for an input that is not there.
pub fn render(name: &str, text: &str, inputs: &Value) -> Result<String, TemplateError> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.register_escape_fn(handlebars::no_escape);
    registry.register_helper("key", Box::new(Escape(property_key)));
    registry.register_helper("value", Box::new(Escape(property_value)));
    registry.register_helper("jaas", Box::new(Escape(jaas)));
    registry.register_helper("shell", Box::new(Shell));
    registry.register_helper("concat", Box::new(Concat));
    registry.register_helper("default", Box::new(Otherwise));
    registry.register_helper("json", Box::new(json));
    registry
        .register_template_string(name, text)
        .map_err(|error| TemplateError {
            template: name.to_owned(),
            line: error.pos().map_or(1, |(line, _)| line),
            message: syntax(error.reason()),
            missing: None,
        })?;
    registry
        .render(name, inputs)
        .map_err(|error| TemplateError {
            template: name.to_owned(),
            line: error.line_no.unwrap_or(1),
            missing: missing(&error).map(|path| root(&path).to_owned()),
            message: explain(&error, inputs),
        })
}

/// Whether a template names an input in one of its tags. It may be wrong only in saying yes.
pub fn mentions(text: &str, name: &str) -> bool {
    let tags = text.split("{{").skip(1);
    let mut tags = tags.map(|rest| rest.split("}}").next().unwrap_or(rest));
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '-' || c == '@';
    tags.any(|tag| {
        tag.split(|c: char| !word(c))
            .any(|found| found == name || found == "this" || found == "@root")
    })
}

fn syntax(reason: &TemplateErrorReason) -> String {
    match reason {
        // The grammar's own names help nobody.
        TemplateErrorReason::InvalidSyntax(_) => {
            "not a template: a tag is malformed or a block is never closed".to_owned()
        }
        other => format!("not a template: {other}"),
    }
}

/// The path of an input that is not there.
fn missing(error: &RenderError) -> Option<String> {
    match error.reason() {
        RenderErrorReason::MissingVariable(path) => path.clone(),
        RenderErrorReason::ParamNotFoundForName(_, name) => Some(name.clone()),
        _ => None,
    }
}

/// The name of the input that a path begins with.
fn root(path: &str) -> &str {
    path.split(['.', '/', '[']).next().unwrap_or_default()
}

fn explain(error: &RenderError, inputs: &Value) -> String {
    let Some(missing) = missing(error) else {
        return error.reason().to_string();
    };
    let names = inputs
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str());
    let mut names: Vec<&str> = names.filter(|name| *name != "pinfra").collect();
    names.sort_unstable();
    match (root(&missing), inputs.get(root(&missing))) {
        ("this", _) => {
            return format!("there is no `{missing}`: what is looked at has no such member");
        }
        (own, Some(value)) if own == missing => {
            let noun = match value {
                Value::Null => "null",
                Value::String(_) => "text",
                Value::Number(_) => "a number",
                Value::Bool(_) => "true or false",
                Value::Array(_) => "a list",
                Value::Object(_) => "a map",
            };
            return format!("the input `{own}` is {noun}, which cannot be used so");
        }
        (own, Some(_)) => {
            return format!("there is no `{missing}`: the input `{own}` has no such part");
        }
        _ => {}
    }
    let near = super::nearest::nearest(root(&missing), names.iter().copied());
    let near = near
        .map(|near| format!("; did you mean `{near}`?"))
        .unwrap_or_default();
    let there = match names.as_slice() {
        [] => "there are no inputs".to_owned(),
        names => format!("the inputs are {}", names.join(", ")),
    };
    format!("there is no input `{missing}`: {there}{near}")
}

/// A helper that writes its one parameter otherwise.
struct Escape(fn(&str) -> String);

impl handlebars::HelperDef for Escape {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        out.write(&(self.0)(&plain_text(given(helper, "value", 0)?)))?;
        Ok(())
    }
}

/// A parameter of a helper, which must be there.
fn given<'h>(
    helper: &'h Helper<'_>,
    name: &'static str,
    at: usize,
) -> Result<&'h Value, RenderError> {
    match helper.param(at) {
        None => Err(RenderErrorReason::ParamNotFoundForIndex(name, at).into()),
        Some(path) if path.is_value_missing() => {
            let path = path.relative_path().cloned().unwrap_or_default();
            Err(RenderErrorReason::MissingVariable(Some(path)).into())
        }
        Some(path) => Ok(path.value()),
    }
}

/// Words of a shell: one, or one for each element of a list.
struct Shell;

impl handlebars::HelperDef for Shell {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let value = given(helper, "shell", 0)?;
        let one = std::slice::from_ref(value);
        let words = value.as_array().map_or(one, Vec::as_slice);
        let words: Vec<String> = words.iter().map(|word| shell(&plain_text(word))).collect();
        out.write(&words.join(" "))?;
        Ok(())
    }
}

/// Texts one after the other. As an inner value: the text stays text, whatever it looks like.
struct Concat;

impl handlebars::HelperDef for Concat {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let mut text = String::new();
        for at in 0..helper.params().len() {
            text.push_str(&plain_text(given(helper, "concat", at)?));
        }
        Ok(ScopedJson::Derived(text.into()))
    }
}

/// Its first parameter if there is such an input, else its second.
struct Otherwise;

impl handlebars::HelperDef for Otherwise {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let there = helper.param(0).filter(|path| !path.is_value_missing());
        let there = there
            .map(|path| path.value())
            .filter(|value| !value.is_null());
        let value = match there {
            Some(value) => value,
            None => given(helper, "default", 1)?,
        };
        Ok(ScopedJson::Derived(value.clone()))
    }
}

fn json(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    if let Some(parameter) = helper.param(0) {
        out.write(&parameter.value().to_string())?;
    }
    Ok(())
}

/// A property's key as `java.util.Properties.load` reads it (its documentation has the grammar).
pub fn property_key(text: &str) -> String {
    escaped(text, |c, _| matches!(c, ' ' | ':' | '=' | '#' | '!'))
}

/// A property's value: as a key, but blanks matter only at its start, and separators nowhere.
pub fn property_value(text: &str) -> String {
    escaped(text, |c, first| c == ' ' && first)
}

fn escaped(text: &str, special: fn(char, bool) -> bool) -> String {
    let mut written = String::with_capacity(text.len());
    let mut leading = true;
    for c in text.chars() {
        match c {
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            '\u{c}' => written.push_str("\\f"),
            c if special(c, leading) => {
                written.push('\\');
                written.push(c);
            }
            ' '..='~' => written.push(c),
            c => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    written.push_str(&format!("\\u{unit:04X}"));
                }
            }
        }
        leading = leading && c == ' ';
    }
    written
}

/// A JAAS option's value, quotes included, as Kafka reads it: with java.io.StreamTokenizer, whose
/// quoted texts end with their line and have C's escapes.
pub fn jaas(text: &str) -> String {
    let mut written = String::from("\"");
    for c in text.chars() {
        match c {
            '\\' => written.push_str("\\\\"),
            '"' => written.push_str("\\\""),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            c => written.push(c),
        }
    }
    written.push('"');
    written
}

/// A word of a POSIX shell: in single quotes nothing is special but a single quote.
pub fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
