//! The tree of a stack file to its sections and blocks.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::schema::{Catalog, ResourceName, TypeSchema};

use super::contents::Digests;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::document::{Block, ConfigBlock, Lookup, OutputBlock, Stack};
use super::expression::{Expr, Form, Part, PathStep, Template};
use super::fields::{Fields, is_name};
use super::nearest::{nearest, suggest};
use super::source::{Source, Span};
use super::tree::{Data, Entry, Node};
use super::variables::{self, Sources};

const SECTIONS: [&str; 8] = [
    "stack",
    "aws",
    "variables",
    "locals",
    "existing",
    "resources",
    "configs",
    "outputs",
];

/// The sections of a file, and what is needed to read them.
pub(super) struct Reader<'r> {
    pub(super) source: &'r Arc<Source>,
    catalog: &'r dyn Catalog,
    pub(super) found: &'r mut Vec<Diagnostic>,
    broken: BTreeSet<String>,
}

/// The nodes of `aws:`, which are evaluated once variables are known.
#[derive(Default)]
pub(super) struct AwsSection {
    pub(super) region: Option<Node>,
    pub(super) account: Option<Node>,
}

/// Reads the sections. What is wrong is reported and left out.
pub(super) fn read(
    path: &Path,
    source: &Arc<Source>,
    tree: &Node,
    sources: &Sources,
    catalog: &dyn Catalog,
    found: &mut Vec<Diagnostic>,
) -> (Stack, AwsSection) {
    let entries = tree.map().unwrap_or_default();
    let sections = Sections { entries };
    sections.check(source, found);
    let variables = variables::read(sections.get("variables"), sources, source, found);
    let mut reader = Reader {
        source,
        catalog,
        found,
        broken: BTreeSet::new(),
    };
    let name = reader.name(sections.get("stack"), tree);
    let aws = reader.aws(sections.get("aws"));
    let locals = reader.locals(sections.get("locals"));
    let existing = reader.existing(sections.get("existing"));
    let resources = reader.resources(sections.get("resources"), &existing);
    let configs = reader.configs(sections.get("configs"));
    let outputs = reader.outputs(sections.get("outputs"));
    // Of two blocks of one name the first counts: the second is reported.
    let mut positions = HashMap::new();
    for (position, block) in resources.iter().enumerate() {
        positions.entry(block.name.clone()).or_insert(position);
    }
    let stack = Stack {
        path: path.to_owned(),
        directory: path.parent().unwrap_or(Path::new("")).to_owned(),
        source: Arc::clone(source),
        name,
        region: None,
        account: None,
        resources,
        existing,
        configs,
        outputs,
        warnings: Diagnostics::default(),
        findings: Diagnostics::default(),
        variables,
        locals,
        env: sources.env.clone(),
        broken: reader.broken,
        digests: Digests::default(),
        positions,
    };
    (stack, aws)
}

struct Sections<'t> {
    entries: &'t [Entry],
}

impl<'t> Sections<'t> {
    fn get(&self, name: &str) -> Option<&'t Entry> {
        self.entries.iter().find(|entry| entry.key == name)
    }

    fn check(&self, source: &Arc<Source>, found: &mut Vec<Diagnostic>) {
        for entry in self.entries {
            if !SECTIONS.contains(&entry.key.as_str()) {
                let message = format!("a stack file has no section `{}`", entry.key);
                found.push(
                    Diagnostic::error(source, entry.key_span, message)
                        .label(suggest(&entry.key, SECTIONS, "section")),
                );
            }
        }
    }
}

impl Reader<'_> {
    pub(super) fn fail(
        &mut self,
        span: Span,
        message: impl Into<String>,
        label: impl Into<String>,
    ) {
        let diagnostic = Diagnostic::error(self.source, span, message).label(label);
        self.found.push(diagnostic);
    }

    fn map<'e>(&mut self, section: Option<&'e Entry>) -> Vec<&'e Entry> {
        let fields = Fields {
            source: self.source,
        };
        section
            .map(|section| fields.map(section, self.found))
            .unwrap_or_default()
    }

    fn name(&mut self, section: Option<&Entry>, tree: &Node) -> Template {
        let Some(entry) = section else {
            let keys = tree
                .map()
                .unwrap_or_default()
                .iter()
                .map(|entry| entry.key.as_str());
            let unknown = keys.filter(|key| !SECTIONS.contains(key));
            if nearest("stack", unknown).is_some() {
                return Template::default();
            }
            let at = self.source.first_line(tree.span);
            self.fail(
                at,
                "the stack has no name",
                "expected `stack: NAME`: what its resources are owned by",
            );
            return Template::default();
        };
        match &entry.value.data {
            Data::Template(template) => template.clone(),
            Data::Scalar { text, .. } if !entry.value.is_null() => Template {
                span: entry.value.span,
                parts: vec![Part::Literal(text.clone())],
            },
            Data::Broken => Template::default(),
            _ => {
                let message = format!("`stack` takes text, not {}", entry.value.noun());
                self.fail(entry.key_span, message, "expected the stack's name");
                Template::default()
            }
        }
    }

    fn aws(&mut self, section: Option<&Entry>) -> AwsSection {
        let fields = Fields {
            source: self.source,
        };
        let mut aws = AwsSection::default();
        let Some(section) = section else {
            return aws;
        };
        for entry in fields.known_keys(section, &["region", "account"], self.found) {
            let node = Some(entry.value.clone());
            match entry.key.as_str() {
                "region" => aws.region = node,
                _ => aws.account = node,
            }
        }
        aws
    }

    fn locals(&mut self, section: Option<&Entry>) -> IndexMap<String, Node> {
        let mut locals = IndexMap::new();
        for entry in self.map(section) {
            if !is_name(&entry.key) {
                let message = format!("`{}` cannot name a local", entry.key);
                self.fail(
                    entry.key_span,
                    message,
                    "expected letters, digits, `_` and `-`",
                );
            }
            locals.insert(entry.key.clone(), entry.value.clone());
        }
        locals
    }

    /// The name and type that a block's key stands for.
    fn resource_name(
        &mut self,
        entry: &Entry,
        right: &dyn Fn(&TypeSchema) -> bool,
        place: &str,
    ) -> Option<(ResourceName, &'static TypeSchema)> {
        let key = &entry.key;
        self.broken.insert(key.clone());
        let Some((type_name, name)) = key.split_once('.').filter(|(_, name)| is_name(name)) else {
            self.fail(
                entry.key_span,
                format!("`{key}` is not the name of a resource"),
                "expected TYPE.NAME, such as kinesis_stream.events",
            );
            return None;
        };
        let types = self.catalog.types();
        let names: Vec<&str> = types.iter().filter(|t| right(t)).map(|t| t.name).collect();
        let at = Span::new(entry.key_span.start, entry.key_span.end);
        let Some(schema) = types.iter().find(|schema| schema.name == type_name) else {
            self.fail(
                at,
                format!("there is no resource type `{type_name}`"),
                match nearest(type_name, names.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => suggest(type_name, names.iter().copied(), "resource type"),
                },
            );
            return None;
        };
        if !right(schema) {
            self.fail(
                at,
                format!("`{type_name}` cannot stand under `{place}:`"),
                match place {
                    "resources" => "expected it under `existing:`",
                    _ => "it cannot be looked up",
                },
            );
            return None;
        }
        self.broken.remove(key);
        let name = ResourceName {
            type_name: type_name.into(),
            name: name.into(),
        };
        Some((name, schema))
    }

    fn existing(&mut self, section: Option<&Entry>) -> Vec<Lookup> {
        let mut lookups = Vec::new();
        for entry in self.map(section) {
            let right = |schema: &TypeSchema| !schema.lookup.is_empty();
            let Some((name, schema)) = self.resource_name(entry, &right, "existing") else {
                continue;
            };
            let Some(body) = self.body(entry) else {
                continue;
            };
            let (meta, body): (Vec<Entry>, Vec<Entry>) =
                body.into_iter().partition(|entry| entry.key == "when");
            lookups.push(Lookup {
                name,
                schema,
                span: entry.key_span,
                when: meta.into_iter().next().map(|entry| entry.value),
                body,
            });
        }
        lookups
    }

    /// A block's entries; a block without any is written with nothing after its key.
    fn body(&mut self, entry: &Entry) -> Option<Vec<Entry>> {
        match &entry.value.data {
            Data::Map(entries) => Some(entries.clone()),
            _ if entry.value.is_null() => Some(Vec::new()),
            Data::Broken => {
                self.broken.insert(entry.key.clone());
                None
            }
            _ => {
                self.broken.insert(entry.key.clone());
                let message = format!("`{}` takes a map, not {}", entry.key, entry.value.noun());
                self.fail(entry.key_span, message, "expected its attributes");
                None
            }
        }
    }

    fn resources(&mut self, section: Option<&Entry>, existing: &[Lookup]) -> Vec<Block> {
        let mut blocks = Vec::new();
        for entry in self.map(section) {
            let right = |schema: &TypeSchema| schema.declarable;
            let Some((name, schema)) = self.resource_name(entry, &right, "resources") else {
                continue;
            };
            if let Some(lookup) = existing.iter().find(|lookup| lookup.name == name) {
                let message = format!("`{name}` is also under `existing:`");
                let diagnostic = Diagnostic::error(self.source, entry.key_span, message)
                    .label("expected another name: a resource is made or found")
                    .and(lookup.span, "it is found here");
                self.found.push(diagnostic);
            }
            let Some(body) = self.body(entry) else {
                continue;
            };
            blocks.push(self.block(entry, name, schema, body));
        }
        blocks
    }

    fn configs(&mut self, section: Option<&Entry>) -> Vec<ConfigBlock> {
        let mut configs = Vec::new();
        for entry in self.map(section) {
            if entry.key.is_empty() || entry.key.contains(['/', '\\']) || entry.key.starts_with('.')
            {
                let message = format!("`{}` cannot name a rendered file", entry.key);
                self.fail(
                    entry.key_span,
                    message,
                    "expected a file's name, without a folder",
                );
            }
            let Some(mut body) = self.body(entry) else {
                continue;
            };
            let mut take = |key: &str| {
                let at = body.iter().position(|entry| entry.key == key)?;
                Some(body.remove(at).value)
            };
            let template = take("template").unwrap_or_else(|| Node {
                span: entry.key_span,
                data: Data::Scalar {
                    text: entry.key.clone(),
                    plain: false,
                },
            });
            configs.push(ConfigBlock {
                name: entry.key.clone(),
                span: entry.key_span,
                template,
                cluster: take("cluster"),
                inputs: body,
            });
        }
        configs
    }

    fn outputs(&mut self, section: Option<&Entry>) -> Vec<OutputBlock> {
        let mut outputs = Vec::new();
        for entry in self.map(section) {
            if !is_name(&entry.key) {
                let message = format!("`{}` cannot name an output", entry.key);
                self.fail(
                    entry.key_span,
                    message,
                    "expected letters, digits, `_` and `-`",
                );
            }
            outputs.push(OutputBlock {
                name: entry.key.clone(),
                span: entry.key_span,
                value: entry.value.clone(),
            });
        }
        outputs
    }
}

/// The block, and instance, that an expression names as a whole.
pub(super) fn target_of(expr: &Expr) -> Option<(ResourceName, Option<Arc<str>>)> {
    let Form::Path(path) = &expr.form else {
        return None;
    };
    let (PathStep::Name(name, _), rest) = path.steps.split_first()? else {
        return None;
    };
    let key = match rest {
        [] | [PathStep::Splat(_)] => None,
        [PathStep::Index(index, _)] => match &index.form {
            Form::Text(key) => Some(key.as_str().into()),
            _ => return None,
        },
        _ => return None,
    };
    let target = ResourceName {
        type_name: path.root.as_str().into(),
        name: name.as_str().into(),
    };
    Some((target, key))
}

/// The block that an expression names, whole or an attribute of it.
pub(super) fn block_of(expr: &Expr) -> Option<ResourceName> {
    let Form::Path(path) = &expr.form else {
        return None;
    };
    let Some(PathStep::Name(name, _)) = path.steps.first() else {
        return None;
    };
    let target = ResourceName {
        type_name: path.root.as_str().into(),
        name: name.as_str().into(),
    };
    Some(target)
}
