//! The vocabulary every room shares: addresses, values with unknowns, attribute schemas, and the
//! canonical comparison of what is declared with what is live.
//!
//! A value that is wholly known is a [`Value`] (JSON). A value of a plan is a [`Draft`]: parts of
//! it may be unknown until apply, or sensitive. Only a [`Draft`] that [`Draft::resolve`] accepts
//! can reach a provider, which takes [`Value`]s.

mod address;
mod attribute;
mod canonical;
mod diff;
mod draft;
mod finding;
mod keep;
mod naming;
mod path;
mod pattern;
mod policy;
pub mod secrets;
mod text;
mod type_schema;

pub use address::{Address, AddressError, ResourceName};
pub use attribute::{Absent, Attribute, Kind, OnChange, Order, Role, TextRule, find};
pub use canonical::canonical;
pub use diff::{Change, declared, diff};
pub use draft::{Draft, Unknown, Why};
pub use finding::Finding;
pub use keep::{Kept, keep_unavailable};
pub use naming::{Naming, same_but_for_hash};
pub use path::{AttributePath, Step};
pub use pattern::matches;
pub use policy::canonical_policy;
pub use text::{LONGEST_TEXT, readable};
pub use type_schema::{Body, CONTENTS, Catalog, TypeSchema};

/// A wholly known value.
pub use serde_json::Value;

/// Calls `visit` with every text in a value, however deep; keys are none.
pub fn each_text<'v>(value: &'v Value, visit: &mut dyn FnMut(&'v str)) {
    match value {
        Value::String(text) => visit(text),
        Value::Array(items) => items.iter().for_each(|item| each_text(item, visit)),
        Value::Object(members) => members.values().for_each(|item| each_text(item, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether a text in a value, however deep, is this one.
pub fn has_text(value: &Value, wanted: &str) -> bool {
    let mut found = false;
    each_text(value, &mut |text| found |= text == wanted);
    found
}
