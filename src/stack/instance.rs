//! The instances of resource blocks: `when` evaluated for each key, attributes to values.

use std::sync::Arc;

use serde_json::Value;

use crate::schema::{Address, Draft, Finding, ResourceName, Unknown, Why};

use super::diagnostic::{Diagnostic, Diagnostics};
use super::document::{Block, Lookup, Needs, Scope, Stack};
use super::evaluate::{Evaluator, Frame, plain_text};
use super::expression::Form;
use super::keys::Keys;
use super::source::Span;
use super::tree::{Data, Node};

/// One resource: a block, or one of those its `for_each` makes.
#[derive(Clone, Debug)]
pub struct Instance<'s> {
    /// Its address.
    pub address: Address,
    /// The block it comes from.
    pub block: &'s Block,
    /// Its key and value under `for_each`.
    pub each: Option<(String, Value)>,
    pub(crate) stack: &'s Stack,
}

impl Stack {
    /// All resources, in file order: `for_each` and `when` evaluated.
    ///
    /// # Errors
    /// Keys or conditions that are not known at plan time, and keys that are no keys.
    pub fn instances(&self, scope: &dyn Scope) -> Result<Vec<Instance<'_>>, Diagnostics> {
        let evaluator = Evaluator::new(self, scope);
        let mut instances = Vec::new();
        for block in &self.resources {
            let found = evaluator.instances_of(block);
            instances.extend(found.into_iter().map(|(address, each)| Instance {
                address,
                block,
                each,
                stack: self,
            }));
        }
        evaluator.done(instances)
    }

    /// Its warnings and what its types' own checks find, in file order.
    pub fn all_findings(&self) -> Diagnostics {
        let all = self.warnings.0.iter().chain(&self.findings.0);
        Diagnostics::tidy(all.cloned().collect(), &self.source.name)
    }

    /// The parameters and secrets that the stack asks for, so that they can be read beforehand.
    pub fn live_facts(&self) -> Needs {
        let mut needs = Needs::default();
        self.each_expression(&mut |expr| match &expr.form {
            Form::Parameter(name) => {
                needs.parameters.insert(name.clone());
            }
            Form::Secret { name, .. } => {
                needs.secrets.insert(name.clone());
            }
            _ => {}
        });
        needs
    }

    /// Calls `visit` with every expression of the file.
    fn each_expression(&self, visit: &mut dyn FnMut(&super::expression::Expr)) {
        let mut templates = |template: &super::expression::Template| {
            template.expressions().for_each(|expr| expr.each(visit));
        };
        templates(&self.name);
        let mut nodes: Vec<&Node> = self.locals.values().collect();
        for variable in self.variables.values() {
            if let Some(super::document::Given::Default(node)) = &variable.value {
                nodes.push(node);
            }
        }
        for block in &self.resources {
            nodes.extend(block.for_each.iter().chain(&block.when));
            nodes.extend(block.body.iter().map(|entry| &entry.value));
        }
        for lookup in &self.existing {
            nodes.extend(&lookup.when);
            nodes.extend(lookup.body.iter().map(|entry| &entry.value));
        }
        for config in &self.configs {
            nodes.push(&config.template);
            nodes.extend(&config.cluster);
            nodes.extend(config.inputs.iter().map(|entry| &entry.value));
        }
        nodes.extend(self.outputs.iter().map(|output| &output.value));
        nodes
            .into_iter()
            .for_each(|node| node.templates(&mut templates));
    }

    /// The values of `outputs:`, in file order; only one of them if asked.
    ///
    /// # Errors
    /// What is wrong with them now that values are known.
    pub fn outputs(
        &self,
        scope: &dyn Scope,
        only: Option<&str>,
    ) -> Result<Vec<(String, Draft)>, Diagnostics> {
        let evaluator = Evaluator::new(self, scope);
        let outputs = self.outputs.iter();
        let outputs = outputs.filter(|output| only.is_none_or(|only| output.name == only));
        let values = outputs.filter_map(|output| {
            let value = evaluator.value(&output.value, &Frame::default())?;
            Some((output.name.clone(), value))
        });
        let values = values.collect();
        evaluator.done(values)
    }

    /// What to look for, for each block under `existing:` that is looked for at all.
    ///
    /// # Errors
    /// What is wrong with them now that values are known.
    pub fn lookups(&self, scope: &dyn Scope) -> Result<Vec<(ResourceName, Draft)>, Diagnostics> {
        let evaluator = Evaluator::new(self, scope);
        let mut wanted = Vec::new();
        for lookup in &self.existing {
            if !evaluator.is_lookup_off(lookup)
                && let Some(draft) = evaluator.criteria(lookup)
            {
                wanted.push((lookup.name.clone(), draft));
            }
        }
        evaluator.done(wanted)
    }

    /// The ownership name: what the tag `pinfra:stack` holds.
    ///
    /// # Errors
    /// The name is not known, or is no tag value.
    pub fn ownership_name(&self, scope: &dyn Scope) -> Result<String, Diagnostics> {
        let evaluator = Evaluator::new(self, scope);
        let name = evaluator.stack_name();
        let name = match name {
            Some(Ok(name)) => name,
            Some(Err(unknown)) => {
                evaluator.report(evaluator.error(
                    self.name.span,
                    format!(
                        "the stack's name is not known: it needs `{}`",
                        unknown.reference
                    ),
                ));
                String::new()
            }
            None => String::new(),
        };
        evaluator.done(name)
    }
}

impl<'s> Evaluator<'s> {
    /// `value`, unless something has been reported.
    pub(crate) fn done<T>(&self, value: T) -> Result<T, Diagnostics> {
        let found = self.take();
        if found.is_empty() {
            return Ok(value);
        }
        Err(Diagnostics::tidy(found, &self.stack.source.name))
    }

    /// The addresses of a block's instances, with their keys and values.
    fn instances_of(&self, block: &'s Block) -> Vec<(Address, Option<(String, Value)>)> {
        let mut instances = Vec::new();
        let keys: Vec<Option<(Arc<str>, Value)>> = match &block.for_each {
            None => vec![None],
            Some(node) => match self.keys_of(block) {
                Keys::Known(keys) => keys
                    .iter()
                    .map(|(key, value)| Some((Arc::clone(key), value.clone())))
                    .collect(),
                Keys::Broken => return instances,
                Keys::Unknown(unknown) => {
                    self.unknown_at_plan(node, "for_each", &unknown);
                    return instances;
                }
            },
        };
        for each in keys {
            let borrowed = each.as_ref().map(|(key, value)| (key.as_ref(), value));
            let frame = Frame::instance(block, borrowed);
            match self.when(block.when.as_ref(), &frame) {
                Some(Ok(false)) | None => continue,
                Some(Ok(true)) => {}
                Some(Err(unknown)) => {
                    if let Some(node) = &block.when {
                        self.unknown_at_plan(node, "when", &unknown);
                    }
                    continue;
                }
            }
            let Some(address) = frame.address() else {
                continue;
            };
            instances.push((address, each.map(|(key, value)| (key.to_string(), value))));
        }
        instances
    }

    fn unknown_at_plan(&self, node: &Node, what: &str, unknown: &Unknown) {
        let reason = match unknown.why {
            Why::AfterApply => "is known only after apply",
            Why::Unavailable => "is not available now",
        };
        self.report(
            self.error(
                self.mark(node),
                format!("`{what}` must be known when a plan is made"),
            )
            .label(format!("`{}` {reason}", unknown.reference)),
        );
    }

    /// A condition's value, true where there is none; `None` where it is wrong.
    pub(crate) fn when(
        &self,
        when: Option<&Node>,
        frame: &Frame<'s>,
    ) -> Option<Result<bool, Unknown>> {
        let Some(node) = when else {
            return Some(Ok(true));
        };
        let draft = self.value(node, frame)?;
        match draft.resolve() {
            Err(unknown) => Some(Err(unknown)),
            Ok(Value::Bool(value)) => Some(Ok(value)),
            Ok(Value::String(text)) if text == "true" => Some(Ok(true)),
            Ok(Value::String(text)) if text == "false" => Some(Ok(false)),
            Ok(_) => self.fail(
                self.mark(node),
                "`when` takes true or false",
                "expected true or false",
            ),
        }
    }

    /// Whether an instance's `when` is known to be false.
    pub(crate) fn is_off(&self, block: &'s Block, frame: &Frame<'s>) -> bool {
        matches!(self.when(block.when.as_ref(), frame), Some(Ok(false)))
    }

    /// Whether a lookup's `when` is known to be false.
    pub(crate) fn is_lookup_off(&self, lookup: &Lookup) -> bool {
        matches!(
            self.when(lookup.when.as_ref(), &Frame::default()),
            Some(Ok(false))
        )
    }

    /// What a lookup looks for, checked.
    pub(crate) fn criteria(&self, lookup: &Lookup) -> Option<Draft> {
        let object = super::conform::Body {
            title: lookup.name.type_name.to_string(),
            members: lookup.schema.lookup,
            entries: &lookup.body,
            at: lookup.span,
            lookup: true,
        };
        self.body(&object, &Frame::default())
    }

    /// The first line of a node, for underlining.
    pub(crate) fn mark(&self, node: &Node) -> Span {
        self.stack.source.first_line(node.span)
    }

    /// The stack's name or what it waits for; `None` where it is wrong.
    pub(crate) fn stack_name(&self) -> Option<Result<String, Unknown>> {
        let span = self.stack.name.span;
        let draft = self.template(&self.stack.name, &Frame::default())?;
        if draft.is_sensitive() {
            return self.fail(span, "a stack's name is no secret", "this is sensitive");
        }
        let name = match draft.resolve() {
            Ok(value) => plain_text(&value),
            Err(unknown) => return Some(Err(unknown)),
        };
        let alphabet = |c: char| c.is_ascii_alphanumeric() || " _.:/=+-@".contains(c);
        if let Some(wrong) = name.chars().find(|c| !alphabet(*c)) {
            return self.fail(
                span,
                format!("a stack's name cannot hold `{wrong}`: `{name}`"),
                "expected letters, digits, spaces and _ . : / = + - @",
            );
        }
        if name.trim().is_empty() || name.chars().count() > 256 {
            return self.fail(
                span,
                "a stack's name has 1 to 256 characters",
                format!("this has {}", name.chars().count()),
            );
        }
        Some(Ok(name))
    }
}

impl<'s> Instance<'s> {
    /// What its attributes should be; see [`Evaluation::desired`], which serves many instances.
    ///
    /// # Errors
    /// What is wrong with them, and a unique name that is not known.
    pub fn desired(&self, scope: &dyn Scope) -> Result<Draft, Diagnostics> {
        Evaluation::new(self.stack, scope).desired(self)
    }

    /// What its type finds in its declaration, each where it is written.
    pub fn diagnostics(&self, findings: Vec<Finding>) -> Diagnostics {
        let findings = findings.into_iter();
        Diagnostics(findings.map(|finding| self.diagnostic(finding)).collect())
    }

    /// A diagnostic at the value that a finding is about; at the key of what should have it where it
    /// is not written, and where it holds others.
    fn diagnostic(&self, finding: Finding) -> Diagnostic {
        let source = &self.stack.source;
        let mut span = self.block.span;
        let mut entries = Some(&self.block.body);
        let mut steps = finding.path.split('.').peekable();
        while let Some(step) = steps.next() {
            let (key, index) = step.split_once('[').unwrap_or((step, ""));
            let Some(entry) = entries.and_then(|all| all.iter().find(|entry| entry.key == key))
            else {
                break;
            };
            span = entry.key_span;
            let mut node = &entry.value;
            if let (Data::List(items), Ok(at)) = (&node.data, index.trim_end_matches(']').parse())
                && let Some(item) = items.get::<usize>(at)
            {
                (span, node) = (item.span, item);
            }
            entries = match &node.data {
                Data::Map(entries) => Some(entries),
                _ => None,
            };
            let holds_none = matches!(node.data, Data::Scalar { .. } | Data::Template(_));
            if holds_none && !(finding.of_key && steps.peek().is_none()) {
                span = node.span;
            }
        }
        let span = source.first_line(span);
        let made = match finding.warning {
            true => Diagnostic::warning(source, span, finding.message),
            false => Diagnostic::error(source, span, finding.message),
        };
        made.label(finding.expected)
    }

    fn name_unknown(&self, name: &str, unknown: &Unknown) -> Diagnostic {
        let entry = self.block.body.iter().find(|entry| entry.key == name);
        let span = entry.map_or(self.block.span, |entry| entry.key_span);
        Diagnostic::error(
            &self.stack.source,
            span,
            format!("`{name}` must be known when a plan is made: it is the name in AWS"),
        )
        .label(format!("`{}` is known only after apply", unknown.reference))
    }

    pub(crate) fn frame(&self) -> Frame<'s> {
        let each = self.each.as_ref().map(|(key, value)| (key.as_str(), value));
        Frame::instance(self.block, each)
    }

    /// The address it had before, by its block's `moved`: under `for_each`, that of the same key,
    /// unless `from` names an instance or the block itself from before it had keys.
    pub fn moved_from(&self) -> Option<Address> {
        let from = self.block.moved.as_ref()?;
        match &self.address.key {
            Some(key) if from.key.is_none() && from.resource != self.block.name => {
                Some(from.with_key(key))
            }
            _ => Some(from.clone()),
        }
    }

    /// The line its block begins on, from one.
    pub fn line(&self) -> usize {
        self.stack.line(self.block.span)
    }
}

/// The evaluation of many instances over one scope: what they share is evaluated once.
pub struct Evaluation<'s>(Evaluator<'s>);

impl<'s> Evaluation<'s> {
    /// Over what is known in this scope.
    pub fn new(stack: &'s Stack, scope: &'s dyn Scope) -> Self {
        Self(Evaluator::new(stack, scope))
    }

    /// What an instance's attributes should be: an object in the schema's order, checked again now
    /// that more is known. Attributes that are null are left out.
    ///
    /// # Errors
    /// What is wrong with them, and a unique name that is not known.
    pub fn desired(&self, instance: &Instance<'s>) -> Result<Draft, Diagnostics> {
        let desired = self.0.block(instance.block, &instance.frame());
        let desired = desired.and_then(|desired| self.0.with_contents(instance.block, desired));
        let desired = desired.and_then(|desired| self.0.with_name(instance.block, desired, true));
        if let (Some(desired), Some(name)) = (&desired, instance.block.schema.unique_name) {
            let name_value = desired.get(name);
            let unknown = name_value.as_ref().and_then(Draft::first_unknown);
            if let Some(unknown) = unknown {
                self.0.report(instance.name_unknown(name, unknown));
            }
        }
        if desired.is_none() && !self.0.has_mistakes() {
            let (block, source) = (instance.block, &instance.stack.source);
            let message = format!("`{}` cannot be evaluated", instance.address);
            let fault = Diagnostic::error(source, block.span, message);
            self.0
                .report(fault.label("this is a fault of pinfra's: please report this file"));
        }
        self.0.done(desired.unwrap_or(Draft::NULL))
    }
}
