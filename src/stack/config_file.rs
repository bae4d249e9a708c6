//! The inputs of a configuration file, and its text.

use std::path::PathBuf;

use indexmap::IndexMap;
use serde_json::Value;

use crate::schema::Draft;

use super::built_in::built_in_names;
use super::diagnostic::Diagnostics;
use super::document::{ConfigBlock, NothingKnown, Scope, Stack};
use super::evaluate::{Evaluator, Frame};
use super::expression::{Expr, Form, PathStep};
use super::fill::{FoundTemplate, ended};
use super::resolve::Target;
use super::tree::{Data, Node};

/// The attribute of a cluster that gives `bootstrap_servers`.
const BROKERS: &str = "bootstrap_brokers_sasl_iam";
/// The attribute of a cluster that gives `zookeeper_connect`.
const ZOOKEEPER: &str = "zookeeper_connect_string";

impl Stack {
    /// What a configuration file's template may ask for, by name, with the values of `set` (name,
    /// value) instead of what the file says. Parts may be unknown or sensitive.
    ///
    /// # Errors
    /// What is wrong with it now that values are known.
    pub fn config_inputs(
        &self,
        block: &ConfigBlock,
        set: &[(String, String)],
        scope: &dyn Scope,
    ) -> Result<IndexMap<String, Draft>, Diagnostics> {
        let evaluator = Evaluator::new(self, scope);
        let inputs = evaluator.checked_inputs(block, set);
        let inputs = inputs.map(|(template, mut inputs)| {
            inputs.retain(|name, _| template.mentions(name));
            inputs
        });
        evaluator.done(inputs.unwrap_or_default())
    }

    /// The text of a configuration file, with the values of `set` as above; it ends in a newline. It
    /// is unknown while an input is that the template cannot do without.
    ///
    /// # Errors
    /// The template is none, or asks for an input that is not there.
    pub fn config_text(
        &self,
        block: &ConfigBlock,
        set: &[(String, String)],
        scope: &dyn Scope,
    ) -> Result<Draft, Diagnostics> {
        let evaluator = Evaluator::new(self, scope);
        let text = evaluator.config_text(block, set);
        evaluator.done(text.unwrap_or(Draft::NULL))
    }

    /// Where templates are looked for before the built-in ones are: those of the configuration
    /// files, and every name that is a built-in's.
    pub fn template_paths(&self) -> impl Iterator<Item = PathBuf> {
        let evaluator = Evaluator::new(self, &NothingKnown);
        let named = self.configs.iter();
        let named = named.filter_map(move |block| evaluator.template_name(block));
        let built_in = built_in_names().into_iter().map(str::to_owned);
        named.chain(built_in).map(|name| self.directory.join(name))
    }

    /// Whether the template of a configuration file may ask for an input.
    pub fn config_mentions(&self, block: &ConfigBlock, input: &str) -> bool {
        let evaluator = Evaluator::new(self, &NothingKnown);
        let template = evaluator.config_template(block);
        template.is_some_and(|template| template.mentions(input))
    }
}

impl Evaluator<'_> {
    /// The text of a configuration file; unknown while an input is.
    pub(crate) fn config_text(
        &self,
        block: &ConfigBlock,
        set: &[(String, String)],
    ) -> Option<Draft> {
        let (template, inputs) = self.checked_inputs(block, set)?;
        self.fill(&template, inputs, &block.name).map(ended)
    }

    /// The template a block names, and its inputs.
    fn checked_inputs(
        &self,
        block: &ConfigBlock,
        set: &[(String, String)],
    ) -> Option<(FoundTemplate, IndexMap<String, Draft>)> {
        let template = self.config_template(block);
        let inputs = self.config_inputs(block, set);
        let (template, inputs) = (template?, inputs?);
        self.check_inputs(&template, &inputs, |name| {
            let entry = block.inputs.iter().find(|entry| entry.key == name)?;
            Some((entry.key_span, self.mark(&entry.value)))
        })?;
        Some((template, inputs))
    }

    /// The template a block names.
    pub(crate) fn config_template(&self, block: &ConfigBlock) -> Option<FoundTemplate> {
        let name = self.template_name(block)?;
        self.found_template(name, self.mark(&block.template))
    }

    /// The name of that template.
    fn template_name(&self, block: &ConfigBlock) -> Option<String> {
        let span = self.mark(&block.template);
        match self.value(&block.template, &Frame::default())?.resolve() {
            Ok(Value::String(name)) => Some(name),
            Ok(_) => self.fail(span, "`template` takes text", "expected a path"),
            Err(unknown) => self.fail(
                span,
                "`template` must be known before anything is read",
                format!("`{}` is not", unknown.reference),
            ),
        }
    }

    /// The inputs of a configuration file by name. What `set` gives is not evaluated, and sensitive
    /// where the file's own value is.
    fn config_inputs(
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
            let value = Draft::Known(value.as_str().into());
            // An input of one name is one value: a secret in one file is a secret in all.
            let declared = self.stack.configs.iter().flat_map(|block| &block.inputs);
            let mut declared = declared.filter(|entry| entry.key == *name);
            let value = match declared.any(|entry| self.is_secret(&entry.value)) {
                true => value.sensitive(),
                false => value,
            };
            inputs.insert(name.clone(), value);
        }
        right.then_some(inputs)
    }

    /// Whether a value is sensitive by what the file says, which nothing live can tell otherwise.
    fn is_secret(&self, node: &Node) -> bool {
        let apart = Evaluator::new(self.stack, &NothingKnown);
        let value = apart.value(node, &Frame::default());
        value.is_some_and(|value| value.is_sensitive())
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
