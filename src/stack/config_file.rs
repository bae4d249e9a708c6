//! The inputs of a configuration file, and its text.

use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::schema::Draft;

use super::built_in::{BuiltIn, built_in, built_in_names};
use super::diagnostic::Diagnostics;
use super::document::{ConfigBlock, ConfigInputs, NothingKnown, Scope, Stack};
use super::evaluate::{Evaluator, Frame, known};
use super::expression::{Expr, Form, PathStep};
use super::resolve::Target;
use super::source::Span;
use super::tree::{Data, Node};

/// The attribute of a cluster that gives `bootstrap_servers`.
const BROKERS: &str = "bootstrap_brokers_sasl_iam";
/// The attribute of a cluster that gives `zookeeper_connect`.
const ZOOKEEPER: &str = "zookeeper_connect_string";

/// The template of a configuration file.
pub(crate) struct ConfigTemplate {
    /// Its name: a built-in's, or a path relative to the stack file.
    pub(crate) name: String,
    /// Its text.
    pub(crate) text: String,
    /// Where the stack file names it.
    pub(crate) span: Span,
    /// The built-in it is, if it is one.
    pub(crate) built_in: Option<&'static BuiltIn>,
}

impl Stack {
    /// What a configuration file is made of, with the values of `set` (name, value) instead of
    /// what the file says.
    ///
    /// # Errors
    /// What is wrong with it now that values are known.
    pub fn config_inputs(
        &self,
        block: &ConfigBlock,
        set: &[(String, String)],
        scope: &dyn Scope,
    ) -> Result<ConfigInputs, Diagnostics> {
        let evaluator = Evaluator::new(self, scope);
        let template = evaluator.config_template(block);
        let inputs = evaluator.config_inputs(block, set);
        if let (Some(template), Some(inputs)) = (&template, &inputs) {
            evaluator.check_config_inputs(block, template, inputs);
        }
        let mut made = ConfigInputs {
            template: String::new(),
            inputs: inputs.unwrap_or_default(),
        };
        if let Some(template) = template {
            made.inputs.retain(|name, _| template.mentions(name));
            made.template = template.name;
        }
        evaluator.done(made)
    }

    /// The text of a configuration file; it ends in a newline.
    ///
    /// # Errors
    /// The template is none, or asks for an input that is not there.
    pub fn config_text(
        &self,
        block: &ConfigBlock,
        inputs: serde_json::Map<String, Value>,
    ) -> Result<String, Diagnostics> {
        let evaluator = Evaluator::new(self, &NothingKnown);
        let text = evaluator
            .config_template(block)
            .and_then(|template| evaluator.render_config(block, &template, inputs));
        evaluator.done(text.unwrap_or_default())
    }

    /// Whether the template of a configuration file may ask for an input.
    pub fn config_mentions(&self, block: &ConfigBlock, input: &str) -> bool {
        let evaluator = Evaluator::new(self, &NothingKnown);
        let template = evaluator.config_template(block);
        template.is_some_and(|template| template.mentions(input))
    }
}

impl ConfigTemplate {
    /// Whether the template may ask for an input: only those need to be known.
    pub(crate) fn mentions(&self, name: &str) -> bool {
        super::engine::mentions(&self.text, name)
    }
}

impl<'s> Evaluator<'s> {
    /// The text of a configuration file; unknown while an input is.
    pub(crate) fn config_text(&self, block: &ConfigBlock) -> Option<Draft> {
        let template = self.config_template(block);
        let inputs = self.config_inputs(block, &[]);
        let (template, mut inputs) = (template?, inputs?);
        self.check_config_inputs(block, &template, &inputs)?;
        inputs.retain(|name, _| template.mentions(name));
        let values: Vec<Draft> = inputs.values().cloned().collect();
        let (values, sensitive) = match known(&values) {
            Ok(known) => known,
            Err(unknown) => return Some(unknown),
        };
        let inputs = inputs.keys().cloned().zip(values).collect();
        let text = self.render_config(block, &template, inputs)?;
        let draft = Draft::Known(text.into());
        Some(if sensitive { draft.sensitive() } else { draft })
    }

    /// The rendered text, which ends in a newline; a mistake of the template is reported.
    pub(crate) fn render_config(
        &self,
        block: &ConfigBlock,
        template: &ConfigTemplate,
        mut inputs: serde_json::Map<String, Value>,
    ) -> Option<String> {
        inputs.insert(
            "pinfra".to_owned(),
            self.template_note(&block.name, &template.name),
        );
        match super::engine::render(&template.name, &template.text, &Value::Object(inputs)) {
            Ok(mut text) => {
                if !text.ends_with('\n') {
                    text.push('\n');
                }
                Some(text)
            }
            Err(error) => self.fail(template.span, error.to_string(), "in this template"),
        }
    }

    /// What every template may say of where it comes from, as the input `pinfra`.
    pub(crate) fn template_note(&self, file: &str, template: &str) -> Value {
        let stack = self.stack.path.file_name().unwrap_or_default();
        json!({ "stack": stack.to_string_lossy(), "file": file, "template": template })
    }

    /// The template a block names.
    pub(crate) fn config_template(&self, block: &ConfigBlock) -> Option<ConfigTemplate> {
        let span = self.mark(&block.template);
        let name = match self.value(&block.template, &Frame::default())?.resolve() {
            Ok(Value::String(name)) => name,
            Ok(_) => return self.fail(span, "`template` takes text", "expected a path"),
            Err(unknown) => {
                return self.fail(
                    span,
                    "`template` must be known before anything is read",
                    format!("`{}` is not", unknown.reference),
                );
            }
        };
        self.template_text(name, span)
    }

    /// The template of a name: a file beside the stack file, else a built-in.
    pub(crate) fn template_text(&self, name: String, span: Span) -> Option<ConfigTemplate> {
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
        Some(ConfigTemplate {
            name,
            text,
            span,
            built_in,
        })
    }

    /// Checks what a built-in template is given.
    fn check_config_inputs(
        &self,
        block: &ConfigBlock,
        template: &ConfigTemplate,
        inputs: &IndexMap<String, Draft>,
    ) -> Option<()> {
        let mut right = Some(());
        let Some(built_in) = template.built_in else {
            return right;
        };
        for entry in &block.inputs {
            if let Some((message, label)) = built_in.unknown(&entry.key) {
                right = self.fail(entry.key_span, message, label);
            }
        }
        for (name, value) in inputs {
            let entry = block.inputs.iter().find(|entry| entry.key == *name);
            let at = entry.map_or(template.span, |entry| self.mark(&entry.value));
            let wrong = value.resolve().ok();
            if let Some((message, label)) = wrong.and_then(|value| built_in.wrong(name, &value)) {
                right = self.fail(at, message, label);
            }
        }
        right
    }

    /// The inputs of a configuration file by name. What `set` gives is not evaluated; what is null
    /// or not available is left out, but for a cluster's brokers.
    pub(crate) fn config_inputs(
        &self,
        block: &ConfigBlock,
        set: &[(String, String)],
    ) -> Option<IndexMap<String, Draft>> {
        let is_set = |name: &str| set.iter().any(|(set, _)| set == name);
        let mut inputs = IndexMap::new();
        let mut right = true;
        if let Some(node) = &block.cluster {
            let wanted = [
                ("bootstrap_servers", BROKERS),
                ("zookeeper_connect", ZOOKEEPER),
            ];
            for (input, attribute) in wanted {
                match self.cluster(node, attribute) {
                    None => right = false,
                    Some(_) if is_set(input) => {}
                    Some(value) => drop(inputs.insert(input.to_owned(), value)),
                }
            }
        }
        for entry in &block.inputs {
            if entry.key == "pinfra" {
                right = false;
                let _: Option<()> =
                    self.fail(entry.key_span, "`pinfra` is taken", "expected another name");
            }
            if is_set(&entry.key) {
                continue;
            }
            match self.value(&entry.value, &Frame::default()) {
                None => right = false,
                Some(value) => drop(inputs.insert(entry.key.clone(), value)),
            }
        }
        for (name, value) in set {
            inputs.insert(name.clone(), Draft::Known(value.as_str().into()));
        }
        inputs.retain(|name, value| {
            // A cluster may be without ZooKeeper; one without brokers is not ready yet.
            if name == "bootstrap_servers" && value.first_unknown().is_some() {
                return true;
            }
            let gone = value.first_unknown();
            let gone = gone.is_some_and(|gone| gone.why == crate::schema::Why::Unavailable);
            !gone && value.resolve() != Ok(Value::Null)
        });
        right.then_some(inputs)
    }

    /// An attribute of the cluster that a node names.
    fn cluster(&self, node: &Node, attribute: &str) -> Option<Draft> {
        let at = self.mark(node);
        let expr = match &node.data {
            Data::Broken => return None,
            Data::Template(template) => template.whole(),
            _ => None,
        };
        let Some((expr, path)) = expr.and_then(|expr| match &expr.form {
            Form::Path(path) => Some((expr, path)),
            _ => None,
        }) else {
            return self.fail(
                at,
                "`cluster` takes a whole cluster",
                "expected \"${msk_cluster.NAME}\"",
            );
        };
        let frame = Frame::default();
        let schema = match self.target(path, &frame) {
            Err(diagnostic) => {
                self.report(*diagnostic);
                return None;
            }
            Ok(Target::Broken) => return None,
            Ok(Target::Resource(block)) => Some(block.schema.name),
            Ok(Target::Lookup(lookup)) => Some(lookup.schema.name),
            Ok(_) => None,
        };
        let whole = path
            .steps
            .iter()
            .skip(1)
            .all(|step| matches!(step, PathStep::Index(..)));
        if schema != Some("msk_cluster") || !whole {
            return self.fail(
                expr.span,
                format!("`{expr}` is not a whole cluster"),
                "expected msk_cluster.NAME",
            );
        }
        let mut path = path.clone();
        path.steps
            .push(PathStep::Name(attribute.to_owned(), expr.span));
        let asked = Expr {
            span: expr.span,
            form: Form::Path(path),
        };
        let value = self.expr(&asked, &frame)?;
        Some(if attribute == BROKERS {
            sorted(value)
        } else {
            value
        })
    }
}

/// AWS gives the brokers in an order of its own, another one each time.
fn sorted(value: Draft) -> Draft {
    match value {
        Draft::Known(Value::String(text)) => {
            let mut brokers: Vec<&str> = text.split(',').map(str::trim).collect();
            brokers.retain(|broker| !broker.is_empty());
            brokers.sort_unstable();
            brokers.dedup();
            Draft::Known(brokers.join(",").into())
        }
        Draft::Sensitive(inner) => sorted(*inner).sensitive(),
        other => other,
    }
}
