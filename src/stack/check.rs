//! The whole of checking a file: read, evaluate with nothing live known, report all mistakes.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use serde_json::Value;

use crate::schema::{Address, Catalog, Draft, Kind, TextRule};

use super::diagnostic::{Diagnostic, Diagnostics, Severity};
use super::document::{Block, ConfigBlock, NothingKnown, Stack};
use super::evaluate::{Evaluator, Frame};
use super::expression::Form;
use super::file::{self, AwsSection};
use super::findings::Findings;
use super::functions::reason;
use super::graph;
use super::instance::Instance;
use super::keys::Keys;
use super::nearest::suggest;
use super::source::Source;
use super::tree::{self, Data, Node};
use super::variables::Sources;

/// Who has which name: by type, name and what it is unique in.
type Taken<'s> = HashMap<(&'static str, String, String), (&'s Block, Address)>;

static REGION: Kind = Kind::Text(TextRule {
    pattern: Some("[a-z]{2}(-[a-z]+)+-[0-9]"),
    ..TextRule::ANY
});

static ACCOUNT: Kind = Kind::Text(TextRule {
    pattern: Some("[0-9]{12}"),
    ..TextRule::ANY
});

/// Reads and checks a stack file.
///
/// # Errors
/// Every mistake of the file, of the files of variables and of the values given, in file order. What
/// is only worth a look is in [`Stack::warnings`]; where the types' own checks alone find something,
/// that is in [`Stack::findings`].
pub fn load(path: &Path, sources: &Sources, catalog: &dyn Catalog) -> Result<Stack, Diagnostics> {
    let name = path.display().to_string();
    let text = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let message = format!("cannot be read: {}", reason(&error));
            return Err(Diagnostic::file(name, message).into());
        }
    };
    let Ok(text) = String::from_utf8(text) else {
        return Err(Diagnostic::file(name, "is not text in UTF-8").into());
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let source = Source::new(name, text);
    let mut found = Vec::new();
    let tree = tree::read(&source, &mut found);
    let Some(tree) = tree.filter(|tree| tree.map().is_some()) else {
        if found.is_empty() {
            let first = source.text.find(|c: char| !c.is_whitespace()).unwrap_or(0);
            let at = source.first_line(super::source::Span::new(first, source.text.len()));
            found.push(
                Diagnostic::error(&source, at, "a stack file is a map")
                    .label("expected `stack: NAME` and `resources:`"),
            );
        }
        return Err(Diagnostics::tidy(found, &source.name));
    };
    let (mut stack, aws) = file::read(path, &source, &tree, sources, catalog, &mut found);
    found.extend(where_it_runs(&mut stack, &aws));
    let mut of_types = Findings::new(&stack, catalog);
    found.extend(everything(&stack, &mut of_types));
    let of_types = of_types.found;
    if found.iter().any(|one| one.severity == Severity::Error) {
        found.extend(of_types);
        return Err(Diagnostics::tidy(found, &source.name));
    }
    stack.warnings = Diagnostics::tidy(found, &source.name);
    stack.findings = Diagnostics::tidy(of_types, &source.name);
    Ok(stack)
}

/// The values under `aws:`, which need variables and nothing live.
fn where_it_runs(stack: &mut Stack, aws: &AwsSection) -> Vec<Diagnostic> {
    let evaluator = Evaluator::new(stack, &NothingKnown);
    let read = |kind: &'static Kind, name: &str, node: &Option<Node>| {
        let node = node.as_ref()?;
        let draft = evaluator.alone(kind, node, name)?;
        match draft.resolve() {
            Ok(Value::String(text)) => Some(text),
            Ok(_) => None,
            Err(unknown) => evaluator.fail(
                evaluator.mark(node),
                format!("`{name}` must be known before anything is read"),
                format!("`{}` is read live", unknown.reference),
            ),
        }
    };
    let region = read(&REGION, "region", &aws.region);
    let account = read(&ACCOUNT, "account", &aws.account);
    let mut found = evaluator.take();
    if let (Some(name), Some(node)) = (&region, &aws.region)
        && let Some(label) = super::regions::unknown(name)
    {
        let message = format!("`{name}` is no region of AWS that is known here");
        let odd = Diagnostic::warning(&stack.source, evaluator.mark(node), message);
        found.push(odd.label(label));
    }
    stack.region = region;
    stack.account = account;
    found
}

/// Evaluates everything, and has the types check what comes of it.
fn everything<'s>(stack: &'s Stack, of_types: &mut Findings<'s, '_>) -> Vec<Diagnostic> {
    let evaluator = Evaluator::new(stack, &NothingKnown);
    evaluator.check_name();
    for (name, variable) in &stack.variables {
        if let Some(super::document::Given::Default(node)) = &variable.value {
            evaluator.only(node, &["env", "aws"], "the default of a variable");
            evaluator.variable(name, node.span);
        }
    }
    for (name, node) in &stack.locals {
        evaluator.local(name, node.span);
    }
    for lookup in &stack.existing {
        for entry in &lookup.body {
            evaluator.not_made(&entry.value);
        }
        evaluator.when(lookup.when.as_ref(), &Frame::default());
        evaluator.criteria(lookup);
    }
    let (mut instances, mut taken) = (Vec::new(), Taken::new());
    for block in &stack.resources {
        evaluator.check_block(block, &mut instances, &mut taken, of_types);
    }
    evaluator.check_moves();
    evaluator.check_cycles(&instances);
    for config in &stack.configs {
        evaluator.check_config(config);
    }
    for output in &stack.outputs {
        evaluator.value(&output.value, &Frame::default());
    }
    evaluator.take()
}

impl<'s> Evaluator<'s> {
    fn check_name(&self) {
        if self.stack.name.parts.is_empty() {
            return;
        }
        if let Some(Err(unknown)) = self.stack_name()
            && !unknown.reference.starts_with("aws.")
        {
            let _: Option<()> = self.fail(
                self.stack.name.span,
                "the stack's name must be known before anything is read",
                format!("`{}` is read live", unknown.reference),
            );
        }
    }

    /// Reports expressions that refer to anything but what `roots` names, or something live.
    fn only(&self, node: &Node, roots: &[&str], place: &str) {
        node.templates(&mut |template| {
            for expr in template.expressions() {
                expr.each(&mut |part| {
                    if let Form::Path(path) = &part.form
                        && !roots.contains(&path.root.as_str())
                    {
                        let _: Option<()> = self.fail(
                            part.span,
                            format!("{place} cannot refer to `{part}`"),
                            "expected ssm:, secret:, env. or aws.",
                        );
                    }
                });
            }
        });
    }

    /// Reports what a lookup asks of a resource of this file: it may not be there yet.
    fn not_made(&self, node: &Node) {
        node.templates(&mut |template| {
            for expr in template.expressions() {
                expr.each(&mut |part| {
                    if let Some(target) = file::block_of(part)
                        && self.stack.block(&target).is_some()
                    {
                        let _: Option<()> = self.fail(
                            part.span,
                            format!("a lookup cannot need `{target}`, which this file makes"),
                            "expected something that is there before",
                        );
                    }
                });
            }
        });
    }

    fn check_block(
        &self,
        block: &'s Block,
        instances: &mut Vec<Instance<'s>>,
        taken: &mut Taken<'s>,
        of_types: &mut Findings<'s, '_>,
    ) {
        let frames = self.frames(block);
        let mut told: BTreeSet<_> = BTreeSet::new();
        let before = self.take();
        let mut kept = Vec::new();
        for frame in frames {
            let when = self.when(block.when.as_ref(), &frame);
            // What is wrong with its contents does not hide that its name is taken.
            let declared = self.block(block, &frame);
            let whole = declared.clone();
            let whole = whole.and_then(|declared| self.with_contents(block, declared));
            let whole = whole.or_else(|| declared.clone());
            let desired = declared.and_then(|declared| self.with_name(block, declared, false));
            // What one instance has been told of a place, the others need not repeat.
            let found = self.take();
            let new = found
                .into_iter()
                .filter(|d| !told.contains(&d.span))
                .collect::<Vec<_>>();
            told.extend(new.iter().map(|diagnostic| diagnostic.span));
            kept.extend(new);
            if matches!(when, Some(Ok(false))) {
                continue;
            }
            let address = frame.address().unwrap_or(Address {
                resource: block.name.clone(),
                key: None,
            });
            if let (Some(Ok(true)), Some(desired)) = (&when, &desired) {
                self.check_unique(block, &address, desired, taken);
            }
            let each = match &frame.each {
                Some((Draft::Known(Value::String(key)), Draft::Known(value))) => {
                    Some((key.clone(), value.clone()))
                }
                _ => None,
            };
            let instance = Instance {
                address,
                block,
                each,
                stack: self.stack,
            };
            of_types.check(&instance, &frame, whole);
            instances.push(instance);
        }
        for diagnostic in before.into_iter().chain(kept) {
            self.report(diagnostic);
        }
        self.check_depends_on(block);
    }

    /// The frames of a block's instances; one with an unknown key where they are not known.
    fn frames(&self, block: &'s Block) -> Vec<Frame<'s>> {
        if block.for_each.is_none() {
            return vec![Frame::instance(block, None)];
        }
        match self.keys_of(block) {
            Keys::Known(keys) if !keys.is_empty() => {
                let frames = keys
                    .iter()
                    .map(|(key, value)| Frame::instance(block, Some((key, value))));
                frames.collect()
            }
            _ => vec![Frame {
                block: Some(block),
                each: Some((self.unknown("each.key"), self.unknown("each.value"))),
            }],
        }
    }

    /// Reports two resources of one type that ask for the same name in AWS.
    fn check_unique(
        &self,
        block: &'s Block,
        address: &Address,
        desired: &Draft,
        taken: &mut Taken<'s>,
    ) {
        let Some(attribute) = block.schema.unique_name else {
            return;
        };
        let name = desired.get(attribute).and_then(|name| name.resolve().ok());
        let Some(name) = name else { return };
        let scope = block.schema.unique_within.and_then(|at| desired.get(at));
        // Of places that are not known yet, nobody knows whether they are one.
        let Ok(scope) = scope.map(|scope| scope.resolve()).transpose() else {
            return;
        };
        let scope = scope.unwrap_or_default().to_string();
        let name = super::evaluate::plain_text(&name);
        let own = (block.schema.name, name.clone(), scope);
        let (other, other_address) = match taken.entry(own) {
            Entry::Vacant(free) => {
                free.insert((block, address.clone()));
                return;
            }
            Entry::Occupied(taken) => taken.get().clone(),
        };
        if other_address == *address {
            return;
        }
        let at = |block: &Block| {
            let entry = block.body.iter().find(|entry| entry.key == attribute);
            entry.map_or(block.span, |entry| self.mark(&entry.value))
        };
        let mut diagnostic = self
            .error(
                at(block),
                format!("`{other_address}` and `{address}` have one name: `{name}`"),
            )
            .label(format!("expected a `{attribute}` of its own"));
        if other.span != block.span {
            diagnostic = diagnostic.and(at(other), "it is taken here");
        }
        self.report(diagnostic);
    }

    fn check_depends_on(&self, block: &Block) {
        for dependency in &block.depends_on {
            let target = &dependency.target;
            if self.stack.broken.contains(&target.to_string()) {
                continue;
            }
            let Some(found) = self.stack.block(target) else {
                let names: Vec<String> = self
                    .stack
                    .resources
                    .iter()
                    .map(|block| block.name.to_string())
                    .collect();
                let names = names.iter().map(String::as_str).collect::<Vec<_>>();
                let label = suggest(&target.to_string(), names, "resource");
                let message = format!("there is no `{target}` under `resources:`");
                let _: Option<()> = self.fail(dependency.span, message, label);
                continue;
            };
            let Some(key) = &dependency.key else { continue };
            match self.keys_of(found) {
                _ if found.for_each.is_none() => {
                    let message = format!("`{target}` has no `for_each`, so it has no instances");
                    let _: Option<()> =
                        self.fail(dependency.span, message, format!("expected `{target}`"));
                }
                Keys::Known(keys) if !keys.contains_key(key) => {
                    let keys: Vec<&str> = keys.keys().map(AsRef::as_ref).collect();
                    let message = format!("`{target}` has no instance [\"{key}\"]");
                    let label = suggest(key, keys, "instance");
                    let _: Option<()> = self.fail(dependency.span, message, label);
                }
                _ => {}
            }
        }
    }

    fn check_moves(&self) {
        let mut seen: Vec<(&Address, &Block)> = Vec::new();
        for block in &self.stack.resources {
            let Some(from) = &block.moved else { continue };
            let there = self.stack.block(&from.resource);
            let still = there.is_some_and(|other| match (&from.key, other.for_each.is_some()) {
                (None, several) => !several && other.span != block.span,
                (Some(key), true) => match self.keys_of(other) {
                    Keys::Known(keys) => keys.contains_key(key),
                    _ => false,
                },
                (Some(_), false) => false,
            });
            let same =
                from.resource == block.name && from.key.is_none() && block.for_each.is_none();
            if still || same {
                let message = format!("`{from}` is still in the file");
                let label = "expected the address it had before, which nothing has now";
                let _: Option<()> = self.fail(block.span, message, label);
            }
            if let Some((_, other)) = seen.iter().find(|(other, _)| *other == from) {
                let message = format!("`{from}` can move to one place only");
                self.report(
                    self.error(block.span, message)
                        .label("expected one `moved` from it")
                        .and(other.span, "it moves here already"),
                );
            }
            seen.push((from, block));
        }
    }

    fn check_cycles(&self, instances: &[Instance<'s>]) {
        let mut told = Vec::new();
        for circle in graph::edges(instances).cycles {
            let spans: Vec<_> = circle.iter().filter_map(|edge| edge.span).collect();
            let Some(first) = spans.first().copied() else {
                continue;
            };
            if told.contains(&spans) || spans.iter().any(|span| self.is_wrong(*span)) {
                continue;
            }
            let mut names: Vec<String> = Vec::new();
            for edge in &circle {
                let name = instances[edge.from.instance].address.to_string();
                if names.last() != Some(&name) {
                    names.push(name);
                }
            }
            names.extend(names.first().cloned());
            if names.len() > 2 && names[names.len() - 1] == names[names.len() - 2] {
                names.pop();
            }
            let mut lines = Vec::new();
            let mut labels = Vec::new();
            for edge in &circle {
                let Some(span) = edge.span else { continue };
                let from = &instances[edge.from.instance].address;
                let to = &instances[edge.to.instance].address;
                lines.push(format!(
                    "{from} needs {to} (line {})",
                    self.stack.line(span)
                ));
                labels.push((span, format!("{from} needs {to}")));
            }
            let mut diagnostic = self
                .error(first, circle_message(&names))
                .help(lines.join("\n"));
            if let Some((_, label)) = labels.first() {
                diagnostic = diagnostic.label(label.clone());
            }
            for (span, label) in labels
                .into_iter()
                .skip(1)
                .filter(|(span, _)| *span != first)
            {
                diagnostic = diagnostic.and(span, label);
            }
            self.report(diagnostic);
            told.push(spans);
        }
    }

    fn check_config(&self, config: &ConfigBlock) {
        let before = self.take();
        self.config_text(config, &[]);
        let found = self.take();
        for diagnostic in before.into_iter().chain(found) {
            self.report(diagnostic);
        }
    }

    /// The value of a node that is no part of a resource.
    fn alone(&self, kind: &'static Kind, node: &Node, name: &str) -> Option<Draft> {
        if matches!(node.data, Data::Broken) {
            return None;
        }
        self.node(kind, node, name, node.span, &Frame::default())
    }
}

fn circle_message(names: &[String]) -> String {
    match names {
        [one, other] if one == other => format!("{one} waits for itself"),
        _ => format!("these wait for each other: {}", names.join(" → ")),
    }
}
