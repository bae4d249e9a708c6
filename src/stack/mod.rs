//! The stack language.
//!
//! The road: text → [`tree`] (every key and scalar knows its place) → [`file`] (sections and
//! blocks; their expressions were parsed on the way) → [`check`], which evaluates everything with
//! nothing live known and reports every mistake → a [`Stack`]. Planning and applying then evaluate
//! the same expressions again over a [`Scope`] that knows what is live: [`Stack::instances`],
//! [`Instance::desired`], [`Stack::outputs`].
//!
//! One evaluator ([`evaluate`], [`resolve`], [`functions`], [`conform`]) does both. A value that is
//! wrong is reported once, where it stands, and is `None` from then on.

mod absence;
mod block;
mod built_in;
mod check;
mod config_file;
mod conform;
mod contents;
mod diagnostic;
mod document;
mod engine;
mod evaluate;
mod expression;
mod fields;
mod file;
mod fill;
mod findings;
mod functions;
mod graph;
mod instance;
mod keys;
mod naming;
mod nearest;
mod parse;
mod places;
mod policy;
mod reference;
mod regions;
mod render;
mod resolve;
mod source;
mod tree;
mod types;
mod typing;
mod values;
mod variable_type;
mod variables;

pub use absence::Absence;
pub use built_in::{BUILT_IN, BuiltIn, Input};
pub use check::load;
pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use document::{
    AwsFact, Block, ConfigBlock, DependsOn, Lifecycle, Lookup, Needs, NothingKnown, OutputBlock,
    ParameterKind, Replace, Scope, Stack,
};
pub use engine::{TemplateError, jaas, property_key, property_value, shell};
pub use expression::{Expr, Form, Part, Path, PathStep, Template};
pub use functions::names as function_names;
pub use graph::{Edge, Graph, Node as GraphNode, Stage, edges, edges_where};
pub use instance::{Evaluation, Instance};
pub use nearest::{nearest, suggest};
pub use parse::{ParseError, expression};
pub use reference::Reference;
pub use render::report;
pub use source::{Source, Span};
pub use tree::{Data, Entry, Node};
pub use variables::Sources;
