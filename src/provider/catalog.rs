//! The resource types there are.

use super::ResourceType;
pub use super::aws::types::TYPES;
use super::checks::check;
use crate::schema::{Catalog, Draft, Finding, TypeSchema};

/// All generated resource types, as the language sees them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Types;

impl Catalog for Types {
    fn types(&self) -> Vec<&'static TypeSchema> {
        TYPES.iter().map(|ty| &ty.schema).collect()
    }

    fn findings(&self, schema: &TypeSchema, desired: &Draft) -> Vec<Finding> {
        find(schema.name).map_or_else(Vec::new, |ty| check(ty, desired))
    }
}

/// The resource type of that name.
pub fn find(name: &str) -> Option<&'static ResourceType> {
    TYPES.iter().copied().find(|ty| ty.schema.name == name)
}
