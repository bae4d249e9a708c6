//! What the language and the planner know of a resource type.

use super::{Attribute, find};

/// A resource type as the language sees it: data that generated code holds as a constant.
#[derive(Clone, Copy, Debug)]
pub struct TypeSchema {
    /// Its name in the stack file, `msk_cluster`.
    pub name: &'static str,
    /// All attributes, declared ones and outputs.
    pub attributes: &'static [Attribute],
    /// Attributes that creation does not take and that are brought when the resource is completed
    /// (rules, policies): references in them never delay making the resource.
    pub completing: &'static [&'static str],
    /// Attributes of creation whose unknown parts can wait until completion, if they must (a trust
    /// policy naming its own role): in a cycle, references in them do not delay making it.
    pub deferrable: &'static [&'static str],
    /// The attribute that is the object's unique name in AWS, if it has one. It must be known at
    /// plan time.
    pub unique_name: Option<&'static str>,
    /// What may be asked for under `existing:`; empty if the type cannot stand there.
    pub lookup: &'static [Attribute],
    /// Whether a lookup gives a list (`subnets`).
    pub plural: bool,
    /// Whether it may stand under `resources:`.
    pub declarable: bool,
    /// Whether its destruction loses data.
    pub holds_data: bool,
}

impl TypeSchema {
    /// The attribute at a dotted path.
    pub fn attribute(&self, path: &str) -> Option<&'static Attribute> {
        find(self.attributes, path)
    }
}

/// The resource types there are.
pub trait Catalog: Sync {
    /// All of them, in alphabetical order.
    fn types(&self) -> Vec<&'static TypeSchema>;

    /// The type of that name.
    fn find(&self, name: &str) -> Option<&'static TypeSchema> {
        self.types().into_iter().find(|schema| schema.name == name)
    }
}
