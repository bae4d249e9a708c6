//! Which resources an instance refers to, and from which of its attributes.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use crate::schema::{Draft, ResourceName, Role};

use super::document::NothingKnown;
use super::evaluate::{Evaluator, plain_text};
use super::expression::{Expr, Form, Path, PathStep};
use super::instance::Instance;
use super::source::Span;
use super::tree::{Data, Node};

/// A reference from one resource to another, or to itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The block referred to; it may also stand under `existing:`.
    pub target: ResourceName,
    /// The instance; `None` for all of them, and for a block without `for_each`.
    pub key: Option<Arc<str>>,
    /// The attribute of this resource in which it stands, as specs spell it (`ingress.source`);
    /// `for_each` or `when` for those.
    pub attribute_path: String,
    /// The attribute asked for, `id`; empty for a whole resource.
    pub target_attribute: String,
    /// Whether the file itself says what that attribute is, so that its value is known before the
    /// resource is made.
    pub declared: bool,
    /// Where it stands; for a reference through a local, where the local says it.
    pub span: Span,
}

impl Instance<'_> {
    /// Every reference of this instance to a resource, through locals and `config(…)` as well, in
    /// file order.
    pub fn references(&self) -> Vec<Reference> {
        let mut walk = Walk {
            instance: self,
            path: Vec::new(),
            seen: BTreeSet::new(),
            found: Vec::new(),
        };
        let meta = [
            ("for_each", &self.block.for_each),
            ("when", &self.block.when),
        ];
        for (name, node) in meta {
            if let Some(node) = node {
                walk.attribute(name, node);
            }
        }
        for entry in &self.block.body {
            walk.attribute(&entry.key, &entry.value);
        }
        walk.found
    }
}

struct Walk<'w, 's> {
    instance: &'w Instance<'s>,
    /// The attribute, from the outermost in.
    path: Vec<String>,
    /// The locals and configuration files that this attribute has been followed through.
    seen: BTreeSet<String>,
    found: Vec<Reference>,
}

impl Walk<'_, '_> {
    fn attribute(&mut self, name: &str, node: &Node) {
        self.seen.clear();
        self.path.push(name.to_owned());
        self.node(node);
        self.path.pop();
    }

    fn node(&mut self, node: &Node) {
        match &node.data {
            Data::Template(template) => {
                for expr in template.expressions() {
                    self.expr(expr);
                }
            }
            Data::List(items) => items.iter().for_each(|item| self.node(item)),
            Data::Map(entries) => {
                for entry in entries {
                    self.path.push(entry.key.clone());
                    self.node(&entry.value);
                    self.path.pop();
                }
            }
            Data::Scalar { .. } | Data::Broken => {}
        }
    }

    fn expr(&mut self, expr: &Expr) {
        let mut parts: Vec<Expr> = Vec::new();
        expr.each(&mut |part| parts.push(part.clone()));
        for part in parts {
            match &part.form {
                Form::Path(path) => self.path(path, part.span),
                Form::Call {
                    name, arguments, ..
                } if name == "config" => self.config(arguments),
                _ => {}
            }
        }
    }

    fn path(&mut self, path: &Path, span: Span) {
        let stack = self.instance.stack;
        let Some(PathStep::Name(name, _)) = path.steps.first() else {
            return;
        };
        match path.root.as_str() {
            "local" => {
                if let Some(node) = stack.locals.get(name)
                    && self.seen.insert(format!("local.{name}"))
                {
                    self.node(node);
                }
            }
            "self" => {
                let key = self.instance.address.key.clone();
                let own = self.instance.block.name.clone();
                self.push(own, key, name, span);
            }
            "var" | "each" | "env" | "aws" => {}
            root => {
                let target = ResourceName {
                    type_name: root.into(),
                    name: name.as_str().into(),
                };
                let several = stack
                    .block(&target)
                    .is_some_and(|block| block.for_each.is_some());
                let rest = &path.steps[1..];
                let (key, rest) = match rest {
                    [PathStep::Index(index, _), rest @ ..] if several => (self.key(index), rest),
                    [PathStep::Index(..) | PathStep::Splat(_), rest @ ..] => (None, rest),
                    rest => (None, rest),
                };
                let attribute = match rest.first() {
                    Some(PathStep::Name(name, _)) => name.as_str(),
                    _ => "",
                };
                self.push(target, key, attribute, span);
            }
        }
    }

    fn push(&mut self, target: ResourceName, key: Option<Arc<str>>, attribute: &str, span: Span) {
        let declared = self.instance.stack.block(&target).is_some_and(|block| {
            let written = block.body.iter().any(|entry| entry.key == attribute);
            let own = block.schema.attributes.iter().find(|a| a.name == attribute);
            written && own.is_some_and(|own| own.role == Role::Declared)
        });
        self.found.push(Reference {
            target,
            key,
            attribute_path: self.path.join("."),
            target_attribute: attribute.to_owned(),
            declared,
            span,
        });
    }

    /// The key that an index names, if nothing live is needed to tell.
    fn key(&self, index: &Expr) -> Option<Arc<str>> {
        let evaluator = Evaluator::new(self.instance.stack, &NothingKnown);
        match evaluator.expr(index, &self.instance.frame())? {
            Draft::Known(Value::Null) => None,
            Draft::Known(value) => Some(plain_text(&value).into()),
            _ => None,
        }
    }

    /// A file's inputs are what refers. A name that only live values tell may be any file's.
    fn config(&mut self, arguments: &[Expr]) {
        let name = arguments.first().and_then(|argument| self.key(argument));
        let stack = self.instance.stack;
        for config in &stack.configs {
            let meant = name.as_deref().is_none_or(|name| config.name == name);
            if !meant || !self.seen.insert(format!("config {}", config.name)) {
                continue;
            }
            self.node(&config.template);
            config.cluster.iter().for_each(|node| self.node(node));
            let inputs = config.inputs.iter();
            inputs.for_each(|entry| self.node(&entry.value));
        }
    }
}
