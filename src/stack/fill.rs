//! Filling templates, by the same rules wherever one is named: a configuration file, an object's
//! contents, the function `template`.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use crate::schema::{Draft, Unknown, Why};

use super::built_in::{BuiltIn, built_in, built_in_names};
use super::document::NothingKnown;
use super::evaluate::{Evaluator, known};
use super::source::Span;

/// A template that something names.
pub(crate) struct FoundTemplate {
    /// Its name: a built-in's, or a path relative to the stack file.
    pub(crate) name: String,
    /// Its text.
    pub(crate) text: String,
    /// Where the stack file names it.
    pub(crate) span: Span,
    /// The built-in it is, if it is one.
    pub(crate) built_in: Option<&'static BuiltIn>,
}

impl FoundTemplate {
    /// Whether the template may ask for an input: only those need to be known.
    pub(crate) fn mentions(&self, name: &str) -> bool {
        super::engine::mentions(&self.text, name)
    }
}

/// Where an input is named in the stack file, and where its value stands.
pub(crate) type InputPlace = (Span, Span);

impl Evaluator<'_> {
    /// The template of a name: a file beside the stack file, else a built-in.
    pub(crate) fn found_template(&self, name: String, span: Span) -> Option<FoundTemplate> {
        let file = self.stack.directory.join(&name);
        let built_in = built_in(&name).filter(|_| !file.is_file());
        let text = match built_in {
            Some(built_in) => built_in.text.to_owned(),
            None if !file.exists() => {
                return self.fail(
                    span,
                    format!("there is no template `{name}`"),
                    match super::nearest::nearest(&name, built_in_names()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("neither {} nor a built-in template", file.display()),
                    },
                );
            }
            None => self.read(&name, span)?,
        };
        Some(FoundTemplate {
            name,
            text,
            span,
            built_in,
        })
    }

    /// Checks what a built-in template is given. An input without a place in the stack file is not
    /// held to the names that the template has.
    pub(crate) fn check_inputs(
        &self,
        template: &FoundTemplate,
        inputs: &IndexMap<String, Draft>,
        place: impl Fn(&str) -> Option<InputPlace>,
    ) -> Option<()> {
        let mut right = Some(());
        let Some(built_in) = template.built_in else {
            return right;
        };
        for (name, value) in inputs {
            let named = place(name);
            let unknown = named.and_then(|(key, _)| Some((key, built_in.unknown(name)?)));
            let at = named.map_or(template.span, |(_, value)| value);
            let wrong = || Some((at, built_in.wrong(name, &value.resolve().ok()?)?));
            if let Some((at, (message, label))) = unknown.or_else(wrong) {
                right = self.fail(at, message, label);
            }
        }
        right
    }

    /// The text that a template comes to, for the file of that name: unknown while an input that it
    /// may ask for is. What is null is left out, and so is what a live resource does not have now
    /// (a stopped instance's address) if the template can do without it.
    pub(crate) fn fill(
        &self,
        template: &FoundTemplate,
        mut inputs: IndexMap<String, Draft>,
        file: &str,
    ) -> Option<Draft> {
        let mut left_out: Vec<(String, Unknown)> = Vec::new();
        inputs.retain(|name, value| match value.first_unknown() {
            _ if !template.mentions(name) => false,
            Some(unknown) if unknown.why == Why::Unavailable => {
                left_out.push((name.clone(), unknown.clone()));
                false
            }
            Some(_) => true,
            None => value.resolve() != Ok(Value::Null),
        });
        let (names, values): (Vec<String>, Vec<Draft>) = inputs.into_iter().unzip();
        let (values, sensitive) = match known(&values) {
            Ok(known) => known,
            Err(unknown) => return Some(unknown),
        };
        let mut inputs: Map<String, Value> = names.into_iter().zip(values).collect();
        let note =
            json!({ "stack": self.name_in_files(), "file": file, "template": template.name });
        inputs.insert("pinfra".to_owned(), note);
        match super::engine::render(&template.name, &template.text, &Value::Object(inputs)) {
            Ok(text) if sensitive => Some(Draft::Known(text.into()).sensitive()),
            Ok(text) => Some(Draft::Known(text.into())),
            Err(error) => {
                let missing = |(name, _): &(String, Unknown)| error.missing.as_ref() == Some(name);
                match left_out.into_iter().find(missing) {
                    Some((_, unknown)) => Some(Draft::Unknown(unknown)),
                    None => self.fail(template.span, error.to_string(), "in this template"),
                }
            }
        }
    }
}

impl Evaluator<'_> {
    /// The stack's name as far as the file alone tells it, else as it is written: the same whoever
    /// renders, with AWS at hand or without.
    fn name_in_files(&self) -> String {
        let written = || self.stack.name.to_string();
        // A name that is made of a template has the name in it as it is written.
        if self.naming {
            return written();
        }
        match Evaluator::new(self.stack, &NothingKnown)
            .naming()
            .stack_name()
        {
            Some(Ok(name)) => name,
            Some(Err(_)) | None => written(),
        }
    }
}

/// A text of a file: it ends in a newline.
pub(crate) fn ended(text: Draft) -> Draft {
    match text {
        Draft::Known(Value::String(mut text)) => {
            if !text.ends_with('\n') {
                text.push('\n');
            }
            Draft::Known(text.into())
        }
        Draft::Sensitive(inner) => ended(*inner).sensitive(),
        other => other,
    }
}
