//! Text templates: Handlebars, strict, without HTML escaping.
//!
//! The helpers write what `java.util.Properties` and JAAS read:
//! `{{key x}}`, `{{value x}}` escape a property's key and value, `{{jaas x}}` makes a quoted JAAS
//! option, `{{concat a b …}}` joins texts, `{{json x}}` writes JSON.

use handlebars::{
    Context, Handlebars, Helper, HelperResult, Output, RenderContext, RenderError,
    RenderErrorReason, TemplateErrorReason,
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
    registry.register_helper("concat", Box::new(concat));
    registry.register_helper("json", Box::new(json));
    registry
        .register_template_string(name, text)
        .map_err(|error| TemplateError {
            template: name.to_owned(),
            line: error.pos().map_or(1, |(line, _)| line),
            message: syntax(error.reason()),
        })?;
    registry
        .render(name, inputs)
        .map_err(|error| TemplateError {
            template: name.to_owned(),
            line: error.line_no.unwrap_or(1),
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

fn explain(error: &RenderError, inputs: &Value) -> String {
    let missing = match error.reason() {
        RenderErrorReason::MissingVariable(path) => path.clone(),
        RenderErrorReason::ParamNotFoundForName(_, name) => Some(name.clone()),
        _ => None,
    };
    let Some(missing) = missing else {
        return error.reason().to_string();
    };
    let names = inputs
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str());
    let mut names: Vec<&str> = names.filter(|name| *name != "pinfra").collect();
    names.sort_unstable();
    let root = missing.split(['.', '/', '[']).next().unwrap_or_default();
    let near = super::nearest::nearest(root, names.iter().copied());
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

impl Escape {
    fn text(&self, helper: &Helper<'_>) -> Result<String, RenderError> {
        let parameter = helper.param(0);
        let missing = |name: &str| RenderErrorReason::MissingVariable(Some(name.to_owned()));
        match parameter {
            None => Err(RenderErrorReason::ParamNotFoundForIndex("value", 0).into()),
            Some(path) if path.is_value_missing() => {
                Err(missing(path.relative_path().map_or("", String::as_str)).into())
            }
            Some(path) => Ok((self.0)(&plain_text(path.value()))),
        }
    }
}

impl handlebars::HelperDef for Escape {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        out.write(&self.text(helper)?)?;
        Ok(())
    }
}

fn concat(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    for parameter in helper.params() {
        out.write(&plain_text(parameter.value()))?;
    }
    Ok(())
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

/// A JAAS option's value, quotes included (the grammar of `javax.security.auth.login.Configuration`
/// as Kafka reads it: a backslash escapes a quote or a backslash).
pub fn jaas(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
