//! A stack file, checked: what planning, applying and rendering work on.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::schema::{Address, Draft, ResourceName, TypeSchema};

use super::contents::Digests;
use super::diagnostic::Diagnostics;
use super::expression::Template;
use super::source::{Source, Span};
use super::tree::{Entry, Node};
use super::variable_type::{Rules, VariableType};

/// A stack file without mistakes.
#[derive(Debug)]
pub struct Stack {
    /// The file, as it was given.
    pub path: PathBuf,
    /// The folder it stands in: what relative paths in it start from.
    pub directory: PathBuf,
    /// Its text.
    pub source: Arc<Source>,
    /// The ownership name; see [`Stack::ownership_name`].
    pub name: Template,
    /// The region it asks for.
    pub region: Option<String>,
    /// The only account it may run in.
    pub account: Option<String>,
    /// What is under `resources:`, in file order.
    pub resources: Vec<Block>,
    /// What is under `existing:`, in file order.
    pub existing: Vec<Lookup>,
    /// What is under `configs:`, in file order.
    pub configs: Vec<ConfigBlock>,
    /// What is under `outputs:`, in file order.
    pub outputs: Vec<OutputBlock>,
    /// What someone should look at.
    pub warnings: Diagnostics,
    /// What the types' own checks find in its declarations: errors stop whatever would bring these.
    pub findings: Diagnostics,
    /// The variables and their values; `None` where the value has been reported as wrong.
    pub(crate) variables: IndexMap<String, Variable>,
    /// The locals.
    pub(crate) locals: IndexMap<String, Node>,
    /// The environment, as it was when the file was read.
    pub(crate) env: BTreeMap<String, String>,
    /// Blocks that are there and have been reported as wrong: references to them are not.
    pub(crate) broken: BTreeSet<String>,
    /// The digests of files that were read.
    pub(crate) digests: Digests,
    /// The positions of the blocks under `resources:`.
    pub(crate) positions: HashMap<ResourceName, usize>,
}

/// A variable of a stack.
#[derive(Debug)]
pub(crate) struct Variable {
    /// What it takes.
    pub(crate) kind: VariableType,
    /// What its values are held to.
    pub(crate) rules: Rules,
    /// What it has; `None` if that has been reported as wrong. Its default may be an expression.
    pub(crate) value: Option<Given>,
}

/// Where a variable's value comes from.
#[derive(Debug)]
pub(crate) enum Given {
    /// The command line, a file of variables, the environment, or a default without expressions.
    Value(Draft),
    /// A default with expressions, `${ssm:/pinterest/db}`.
    Default(Node),
}

/// One block under `resources:`.
#[derive(Debug)]
pub struct Block {
    /// Its key in the file.
    pub name: ResourceName,
    /// Its type.
    pub schema: &'static TypeSchema,
    /// Where its key stands.
    pub span: Span,
    /// What it is made for: a list of text or a map.
    pub for_each: Option<Node>,
    /// Whether it is made at all.
    pub when: Option<Node>,
    /// What must be complete before it is made.
    pub depends_on: Vec<DependsOn>,
    /// What may be done to it.
    pub lifecycle: Lifecycle,
    /// Whether a live object without owner may be taken over.
    pub adopt: bool,
    /// The address it had before.
    pub moved: Option<Address>,
    /// Its attributes as written, in file order, without the keys above.
    pub body: Vec<Entry>,
}

/// One entry of `depends_on`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DependsOn {
    /// The block.
    pub target: ResourceName,
    /// The instance; `None` for all.
    pub key: Option<Arc<str>>,
    /// Where it stands.
    pub span: Span,
}

/// What may be done to a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// Refuse whatever would destroy it.
    pub prevent_destroy: bool,
    /// Attributes (as specs spell them) whose differences are not changes.
    pub ignore_changes: Vec<String>,
    /// Make its replacement before it is destroyed.
    pub create_before_destroy: bool,
    /// Whether it may be replaced; `None` leaves that to the planner's rule.
    pub replace: Option<Replace>,
}

/// Whether a resource may be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replace {
    /// It may.
    Allowed,
    /// It may not.
    Never,
}

/// One block under `existing:`: something to be found and never changed.
#[derive(Debug)]
pub struct Lookup {
    /// Its key in the file.
    pub name: ResourceName,
    /// Its type.
    pub schema: &'static TypeSchema,
    /// Where its key stands.
    pub span: Span,
    /// Whether it is looked for at all.
    pub when: Option<Node>,
    /// What to look for, as written.
    pub body: Vec<Entry>,
}

/// One block under `configs:`: a file to be rendered.
#[derive(Debug)]
pub struct ConfigBlock {
    /// The name of the rendered file.
    pub name: String,
    /// Where its key stands.
    pub span: Span,
    /// The template: a path relative to the stack file, else the name of a built-in.
    pub template: Node,
    /// The cluster that gives `bootstrap_servers` and `zookeeper_connect`.
    pub cluster: Option<Node>,
    /// The other inputs, as written.
    pub inputs: Vec<Entry>,
}

/// One entry of `outputs:`.
#[derive(Debug)]
pub struct OutputBlock {
    /// Its name.
    pub name: String,
    /// Where its key stands.
    pub span: Span,
    /// Its value as written.
    pub value: Node,
}

/// A fact about where a stack runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AwsFact {
    /// `us-east-1`
    Region,
    /// Twelve digits.
    AccountId,
    /// `aws`, `aws-cn`, `aws-us-gov`
    Partition,
}

/// A kind of live value that is no resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ParameterKind {
    /// A parameter of Systems Manager.
    Ssm,
    /// A secret of Secrets Manager, whole.
    Secret,
}

/// What live values are known. Planning and applying implement it.
pub trait Scope {
    /// A live resource's attribute or output, null where it has none such; without `attribute` the
    /// whole object. `None` while the resource is not known: that becomes a value known after apply.
    fn resource(&self, address: &Address, attribute: Option<&str>) -> Option<Draft>;

    /// What a lookup found: an object, or a list of objects for types that give lists.
    fn lookup(&self, name: &ResourceName) -> Option<Draft>;

    /// A fact about where the stack runs.
    fn aws(&self, what: AwsFact) -> Option<Draft>;

    /// A parameter's or a secret's text. It is treated as sensitive whatever this returns.
    fn parameter(&self, kind: ParameterKind, name: &str) -> Option<Draft>;
}

/// A scope in which nothing live is known.
#[derive(Clone, Copy, Debug, Default)]
pub struct NothingKnown;

impl Scope for NothingKnown {
    fn resource(&self, _: &Address, _: Option<&str>) -> Option<Draft> {
        None
    }

    fn lookup(&self, _: &ResourceName) -> Option<Draft> {
        None
    }

    fn aws(&self, _: AwsFact) -> Option<Draft> {
        None
    }

    fn parameter(&self, _: ParameterKind, _: &str) -> Option<Draft> {
        None
    }
}

/// The live values a stack asks for that are no resources of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// `${ssm:…}` by name.
    pub parameters: BTreeSet<String>,
    /// `${secret:…}` by name, without keys.
    pub secrets: BTreeSet<String>,
}

impl Stack {
    /// The block of that name under `resources:`.
    pub fn block(&self, name: &ResourceName) -> Option<&Block> {
        self.resources.get(*self.positions.get(name)?)
    }

    /// The block of that name under `existing:`.
    pub fn existing(&self, name: &ResourceName) -> Option<&Lookup> {
        self.existing.iter().find(|lookup| &lookup.name == name)
    }

    /// The line of a place, from one.
    pub fn line(&self, span: Span) -> usize {
        self.source.position(span.start).0
    }
}
