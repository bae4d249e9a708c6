//! The plan's own types.

use std::collections::BTreeSet;
use std::fmt;

use crate::provider::{Live, ResourceType};
use crate::schema::{Address, Change};
use crate::stack::Absence;

/// All that would be done to a stack.
#[derive(Debug)]
pub struct Plan {
    /// The stack's name: whose tags its resources carry.
    pub stack: String,
    /// The AWS region.
    pub region: String,
    /// The AWS account.
    pub account: String,
    /// One entry for every resource of the file in the file's order, then one for every live
    /// object that left the file.
    pub changes: Vec<ResourceChange>,
    /// What a person should know and nothing is done about.
    pub notes: Vec<String>,
}

/// What would be done to one resource.
#[derive(Debug)]
pub struct ResourceChange {
    /// Its address.
    pub address: Address,
    /// Its type.
    pub ty: &'static ResourceType,
    /// Its unique name in AWS, or the live object's id where it has none; empty if neither is known.
    pub name: String,
    /// What is done.
    pub action: Action,
    /// Why, for people.
    pub reason: Reason,
    /// The attributes that differ.
    pub attributes: Vec<Change>,
    /// The text of the contents that are to come, where the live ones are others and people may
    /// compare them.
    pub contents: Option<String>,
    /// What is live now, if anything is.
    pub live: Option<Live>,
    /// What is going and holds the name until then: waited for before the new one is made.
    pub leaving: Option<Live>,
    /// What would be lost.
    pub lost: Option<Lost>,
    /// Whether the new object of a replacement is made, and used, before the old one goes.
    pub new_first: bool,
    /// Outputs that are others afterwards although the object stays.
    pub renews: BTreeSet<&'static str>,
    /// What is done about the marks of what is in its parent, or in it.
    pub marks: MarkWork,
    /// Its line in the stack file; `None` if it is no longer there.
    pub line: Option<usize>,
}

/// Work on marks that nothing else brings with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MarkWork {
    /// Its own mark on its parent is missing.
    pub missing: bool,
    /// The tags of its own that mark what is not there.
    pub stale: Vec<String>,
}

impl MarkWork {
    /// Whether there is nothing to do.
    pub fn is_none(&self) -> bool {
        !self.missing && self.stale.is_empty()
    }
}

/// What is done to a resource. Scripts rely on these seven words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// It is made.
    Create,
    /// It is changed in place, or waited for.
    Update,
    /// It is destroyed and made anew.
    Replace,
    /// It is destroyed.
    Delete,
    /// It becomes this stack's, and is changed in place where it differs.
    Adopt,
    /// It stays as it is.
    None,
    /// Nothing may be done, and so nothing is done at all.
    Refuse,
}

impl Action {
    /// All of them, in the order in which they are counted.
    pub const ALL: [Action; 7] = [
        Action::Create,
        Action::Update,
        Action::Replace,
        Action::Delete,
        Action::Adopt,
        Action::None,
        Action::Refuse,
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Delete => "delete",
            Self::Adopt => "adopt",
            Self::None => "none",
            Self::Refuse => "refuse",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Why an action was chosen. For people only: nothing that is done depends on it.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// There is no such object yet.
    Missing,
    /// It is as declared.
    Same,
    /// Attributes differ.
    Differs,
    /// Attributes differ that cannot be changed in place: their paths.
    CannotChangeInPlace(Vec<String>),
    /// An earlier run stopped it, or set out to replace it, and did not come to its end.
    Unfinished,
    /// It works on itself and is waited for: AWS's word for its state.
    InFlight(String),
    /// Making it failed before: the service's own reason, if it gave one.
    CreationFailed(Option<String>),
    /// It was declared under this address before.
    Moved(Address),
    /// Its unique name changed, and the old object may go.
    Renamed(String),
    /// Its contents are others, and so is its name, which is made of them; the old name.
    NamedByContent(String),
    /// It carries no ownership tags, or another's, and may be taken.
    Adopted(String),
    /// It is no longer in the file, or not now.
    LeftTheFile(Absence),
    /// The whole stack is destroyed.
    Destroyed,
    /// A second object with the same ownership tags.
    Twin,
    /// Its name is held by an object that is going; AWS's word for its state.
    NameStillHeld(String),
    /// It names an object that is made anew under the same name, and is brought to name it again.
    Rejoins(Address),
    /// Marks of it, or on it, are not what they should be.
    Marks,
    /// It is refused.
    Refused {
        /// What stands against it, with the live object and its owner.
        why: String,
        /// What a person can do.
        help: String,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("does not exist yet"),
            Self::Same => f.write_str("as declared"),
            Self::Differs => f.write_str("differs from the file"),
            Self::CannotChangeInPlace(paths) => {
                write!(f, "{} cannot change in place", paths.join(", "))
            }
            Self::Unfinished => f.write_str("an earlier run did not finish with it"),
            Self::InFlight(state) => write!(f, "is {state}: waited for"),
            Self::CreationFailed(Some(reason)) => write!(f, "its creation failed: {reason}"),
            Self::CreationFailed(None) => f.write_str("its creation failed"),
            Self::Moved(from) => write!(f, "was {from}"),
            Self::Renamed(old) => write!(f, "renamed from {old}"),
            Self::NamedByContent(old) => {
                write!(f, "its name is made of its contents; it was {old}")
            }
            Self::Adopted(owner) => write!(f, "taken over from {owner}"),
            Self::LeftTheFile(absence) => f.write_str(match absence {
                Absence::Block => "no longer in the file",
                Absence::When => "its `when` is false",
                Absence::Key => "no longer a key of its `for_each`",
                Absence::Keyless => "its block has no `for_each` any more",
                Absence::Keyed => "its block has `for_each` now",
            }),
            Self::Destroyed => f.write_str("the stack is destroyed"),
            Self::Marks => f.write_str("marks of what is there and what is not are put right"),
            Self::Twin => f.write_str("a second object with the same ownership tags"),
            Self::NameStillHeld(state) => {
                write!(
                    f,
                    "its name is held by an object that is {state}: waited for"
                )
            }
            Self::Rejoins(other) => write!(f, "{other} is made anew: it takes it again"),
            Self::Refused { why, .. } => f.write_str(why),
        }
    }
}

/// What would be lost with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// Data that lives in it.
    Data,
}

impl Plan {
    /// Whether anything is refused: then nothing may be done.
    pub fn is_refused(&self) -> bool {
        self.changes.iter().any(|c| c.action == Action::Refuse)
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.iter().all(|c| c.action == Action::None)
    }

    /// Whether carrying it out loses data.
    pub fn loses_data(&self) -> bool {
        self.changes.iter().any(|c| c.lost.is_some())
    }
}

impl ResourceChange {
    /// The same resource, refused.
    pub fn refuse(mut self, why: String, help: String) -> Self {
        self.action = Action::Refuse;
        self.reason = Reason::Refused { why, help };
        self.lost = None;
        self
    }
}
