//! What a spec cannot say of a type, written by hand beside its generated code.

use std::path::Path;

use serde_json::{Map, Value};

use super::live::Live;
pub use crate::schema::Finding;

/// Hand-written parts of a resource type. Every method has a default that does nothing.
pub trait Hooks: Sync + std::fmt::Debug {
    /// Brings what AWS answers into the attributes' form (a group's permissions into rules).
    fn live(&self, live: Value) -> Value {
        live
    }

    /// Brings a declaration, wholly or partly known members alike, into the form AWS gives back
    /// (masked CIDRs), so that equal things compare equal. `attribute` is a top-level one.
    fn desired(&self, _attribute: &str, value: Value) -> Value {
        value
    }

    /// Turns an element of a collection into what its operations take (a rule into a permission).
    fn item(&self, _attribute: &str, item: &Value) -> Value {
        item.clone()
    }

    /// What is wrong with a declaration beyond what schemas say. Called with the members that are
    /// known.
    fn check(&self, _desired: &Map<String, Value>) -> Vec<Finding> {
        Vec::new()
    }

    /// Looks, when the resource is planned, at files on this machine that belong to it (a key
    /// pair's private half): what a person is told of them.
    ///
    /// # Errors
    /// What is wrong with a file, for people.
    fn local(&self, _context: &LocalContext<'_>, _desired: &Value) -> Result<Vec<String>, String> {
        Ok(Vec::new())
    }

    /// The declaration with what is found on this machine (a key pair's public half), right before
    /// the object is made: now files may be written.
    ///
    /// # Errors
    /// What went wrong, for people.
    fn before_create(&self, _context: &LocalContext<'_>, desired: Value) -> Result<Value, String> {
        Ok(desired)
    }

    /// What a person is told when the object is destroyed (a file that stays).
    fn after_delete(&self, _context: &LocalContext<'_>, _live: &Live) -> Option<String> {
        None
    }
}

/// Where hooks find files.
#[derive(Clone, Copy, Debug)]
pub struct LocalContext<'a> {
    /// The stack file's directory: relative paths start here.
    pub directory: &'a Path,
    /// What is live, if anything is.
    pub live: Option<&'a Value>,
}

/// A type without hand-written parts.
#[derive(Debug)]
pub struct NoHooks;

impl Hooks for NoHooks {}
