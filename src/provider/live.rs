//! What is live, as it was observed.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::schema::Address;

/// A live object.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    /// What identifies it to its operations.
    pub id: String,
    /// Its attributes and outputs, in the stack file's spelling; `tags` without pinfra's own. A plan
    /// holds an object at several places.
    pub attributes: Arc<Value>,
    /// All its tags.
    pub tags: BTreeMap<String, String>,
    /// Who owns it.
    pub owner: Owner,
    /// What it is doing.
    pub state: State,
}

impl Live {
    /// Whether it is this stack's.
    pub fn is_of(&self, stack: &str) -> bool {
        matches!(&self.owner, Owner::Stack { stack: own, .. } if own == stack)
    }
}

/// Who owns a live object, as its tags say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// No stack: it carries no ownership tags.
    Nobody,
    /// A stack of pinfra's.
    Stack {
        /// The stack's name: the tag `pinfra:stack`.
        stack: String,
        /// The address in it: the tag `pinfra:resource`; `None` if that is no address.
        address: Option<Address>,
    },
}

/// What a live object is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It works.
    Ready,
    /// It works on itself; AWS's word for it.
    Pending(String),
    /// It is going, and holds its name until it is gone; AWS's word for it.
    Deleting(String),
    /// Making it failed.
    Failed {
        /// AWS's word for it.
        state: String,
        /// The service's own reason, if it gives one.
        reason: Option<String>,
    },
}
