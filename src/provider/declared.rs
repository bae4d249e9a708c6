//! What a declaration says at a dotted path, its defaults included.

use serde_json::Value;

use super::contract::ResourceType;
use crate::schema::Draft;

/// What is declared at a dotted path; `None` for nothing and for null.
pub(super) fn at(desired: &Draft, path: &str) -> Option<Draft> {
    let mut steps = path.split('.');
    let first = desired.get(steps.next()?)?;
    let found = steps.try_fold(first, |value, step| value.get(step))?;
    (!found.is_null()).then_some(found)
}

/// What is declared at a dotted path or is there by default, also inside what is declared; `None`
/// for neither.
pub(super) fn or_default(ty: &ResourceType, desired: &Draft, path: &str) -> Option<Draft> {
    let mut members = ty.schema.attributes;
    let mut value: Option<Draft> = None;
    for (depth, step) in path.split('.').enumerate() {
        let attribute = members.iter().find(|member| member.name == step);
        let declared = match &value {
            None if depth == 0 => desired.get(step),
            None => None,
            Some(unknown @ Draft::Unknown(_)) => return Some(unknown.clone()),
            Some(outer) => outer.get(step),
        };
        let declared = declared.filter(|value| !value.is_null());
        value = declared.or_else(|| {
            let default = attribute.and_then(|attribute| attribute.absent.value());
            default.map(Draft::Known)
        });
        members = attribute.and_then(|a| a.kind.members()).unwrap_or_default();
    }
    value.filter(|value| !value.is_null())
}

/// Whether a value is one of these, given as JSON texts.
pub(super) fn is_one_of(value: &Value, texts: &[&str]) -> bool {
    let mut texts = texts.iter();
    texts.any(|text| serde_json::from_str::<Value>(text).is_ok_and(|one| one == *value))
}
