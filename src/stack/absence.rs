//! Why a resource that is live is not among a file's instances.

use crate::schema::Address;

use super::document::{Scope, Stack};
use super::evaluate::Evaluator;
use super::keys::Keys;

/// Why a file does not have a resource of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absence {
    /// No block has its name.
    Block,
    /// Its block's `when` is false.
    When,
    /// Its key is none of its block's `for_each`.
    Key,
    /// Its block has no `for_each`, and it has a key.
    Keyless,
    /// Its block has `for_each`, and it has no key.
    Keyed,
}

impl Stack {
    /// Why an address that is not among the instances is not.
    pub fn absence(&self, address: &Address, scope: &dyn Scope) -> Absence {
        let Some(block) = self.block(&address.resource) else {
            return Absence::Block;
        };
        match (&block.for_each, &address.key) {
            (None, None) => Absence::When,
            (None, Some(_)) => Absence::Keyless,
            (Some(_), None) => Absence::Keyed,
            (Some(_), Some(key)) => match Evaluator::new(self, scope).keys_of(block) {
                Keys::Known(keys) if keys.contains_key(&**key) => Absence::When,
                _ => Absence::Key,
            },
        }
    }
}
