//! Declarations on their way to a provider.

use std::path::Path;

use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::provider::forms;
use crate::provider::hooks::LocalContext;
use crate::provider::{Live, ResourceType};
use crate::schema::{Draft, Unknown};

/// The declaration in the form AWS gives back, where the type's hooks know one (masked CIDRs):
/// every attribute that is known, and every known element of a list that is partly known.
pub fn canonical_desired(ty: &ResourceType, desired: &Draft) -> Draft {
    let Some(entries) = desired.entries() else {
        return desired.clone();
    };
    let canonical = entries.into_iter().map(|(attribute, value)| {
        let value = canonical_attribute(ty, &attribute, value);
        (attribute, value)
    });
    Draft::map(canonical.collect())
}

fn canonical_attribute(ty: &ResourceType, attribute: &str, value: Draft) -> Draft {
    match value {
        Draft::Known(known) => {
            let known = ty.hooks.desired(attribute, known);
            Draft::Known(forms::desired(ty, attribute, known))
        }
        Draft::List(items) => {
            let items = items.into_iter().map(|item| match item {
                Draft::Known(known) => {
                    let one = ty.hooks.desired(attribute, Value::Array(vec![known]));
                    let first = one.as_array().and_then(|list| list.first().cloned());
                    Draft::Known(first.unwrap_or(Value::Null))
                }
                other => other,
            });
            Draft::list(items.collect())
        }
        Draft::Sensitive(inner) => canonical_attribute(ty, attribute, *inner).sensitive(),
        other => other,
    }
}

/// What creation is given: without the attributes that complete the resource, and of a deferrable
/// policy only the statements that are wholly known.
///
/// # Errors
/// The first value that creation needs and that is not known.
pub fn for_creation(ty: &ResourceType, desired: &Draft) -> Result<Value, Unknown> {
    let entries = desired.entries().unwrap_or_default();
    let kept = entries
        .into_iter()
        .filter(|(attribute, _)| !ty.schema.completing.contains(&attribute.as_str()))
        .map(|(attribute, value)| {
            let deferrable = ty.schema.deferrable.contains(&attribute.as_str());
            match deferrable && value.first_unknown().is_some() {
                true => (attribute, known_statements(&value)),
                false => (attribute, value),
            }
        });
    Draft::map(kept.collect()).resolve()
}

/// A policy's statements that are wholly known. AWS takes no policy without a statement: where
/// none is left, one that denies everything stands in until the resource is completed.
fn known_statements(policy: &Draft) -> Draft {
    let statements = match policy.get("Statement") {
        Some(one) if one.entries().is_some() => vec![one],
        Some(several) => several.items().unwrap_or_default(),
        None => Vec::new(),
    };
    let mut known: Vec<Draft> = statements
        .into_iter()
        .filter(|statement| statement.first_unknown().is_none())
        .collect();
    if known.is_empty() {
        known.push(Draft::Known(json!({
            "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"
        })));
    }
    let entries = policy.entries().unwrap_or_default();
    let mut document: IndexMap<String, Draft> = entries.into_iter().collect();
    document
        .entry("Version".to_owned())
        .or_insert_with(|| Draft::Known(json!("2012-10-17")));
    document.insert("Statement".to_owned(), Draft::list(known));
    Draft::map(document)
}

/// What a person is told of the files on this machine that belong to the resource, as the type's
/// hooks find them; of a declaration that is not wholly known yet, nothing.
///
/// # Errors
/// What is wrong with a file, for people.
pub fn local_notes(
    ty: &ResourceType,
    directory: &Path,
    live: Option<&Live>,
    desired: &Draft,
) -> Result<Vec<String>, String> {
    let Ok(value) = desired.resolve() else {
        return Ok(Vec::new());
    };
    let context = LocalContext {
        directory,
        live: live.map(|live| live.attributes.as_ref()),
    };
    ty.hooks.local(&context, &value)
}
