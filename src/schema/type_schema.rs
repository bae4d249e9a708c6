//! What the language and the planner know of a resource type.

use super::draft::Draft;
use super::finding::Finding;
use super::{Attribute, Naming, find};

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
    /// The attribute that its unique name is unique within, if it is not in the whole account.
    pub unique_within: Option<&'static str>,
    /// How the name in AWS is made of the declared one, if it is another.
    pub named_by: Option<Naming>,
    /// What may be asked for under `existing:`; empty if the type cannot stand there.
    pub lookup: &'static [Attribute],
    /// Whether a lookup gives a list (`subnets`).
    pub plural: bool,
    /// Whether it may stand under `resources:`.
    pub declarable: bool,
    /// Whether its destruction loses data.
    pub holds_data: bool,
    /// How its contents are declared, if it has any.
    pub body: Option<Body>,
}

/// The member of a declaration, none of its attributes, that says what is sent as its contents:
/// `{ text }`, `{ file }` with a whole path, or `{ url }`.
pub const CONTENTS: &str = "contents";

/// Contents that a declaration gives in one of four ways: the names of the attributes.
///
/// Whichever it is, the declaration's [`Body::digest`] is the SHA-256 of the contents, and stands
/// for them where declarations and live objects are compared.
#[derive(Clone, Copy, Debug)]
pub struct Body {
    /// The contents as text.
    pub text: &'static str,
    /// A file's path, relative to the stack file.
    pub file: &'static str,
    /// A template, rendered as under `configs:`.
    pub template: &'static str,
    /// The template's inputs, a map.
    pub inputs: &'static str,
    /// Where the contents are downloaded from when they are needed.
    pub url: &'static str,
    /// The contents' SHA-256 in hexadecimal: declared beside `url`, computed otherwise.
    pub digest: &'static str,
    /// The map of text of a live object in which the embedded cloud notes what was not downloaded.
    pub stand_in: &'static str,
    /// How many bytes there may be.
    pub limit: u64,
}

impl Body {
    /// The attributes of which a declaration has exactly one.
    pub fn sources(&self) -> [&'static str; 4] {
        [self.text, self.file, self.template, self.url]
    }
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

    /// What is wrong, or odd, with a declaration of a type beside what its schema says. What is
    /// unknown yet is taken as right.
    fn findings(&self, _schema: &TypeSchema, _desired: &Draft) -> Vec<Finding> {
        Vec::new()
    }
}
