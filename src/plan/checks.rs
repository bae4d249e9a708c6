//! What a declaration must be beside what its schema says.

use serde_json::{Map, Value};

use crate::provider::ResourceType;
use crate::provider::contract::{Check, Rule};
use crate::schema::Draft;

use super::desired::{at, wanted_is};

/// Something wrong, or worth a warning, at an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The attribute's dotted path.
    pub path: String,
    /// What is wrong and why.
    pub message: String,
    /// Whether it is only a warning.
    pub warning: bool,
}

/// Everything the type's checks and hooks find in a declaration, as far as it is known.
pub fn findings(ty: &ResourceType, desired: &Draft) -> Vec<Finding> {
    let mut findings: Vec<Finding> = ty
        .checks
        .iter()
        .filter(|check| counts(ty, check, desired))
        .filter_map(|check| finding(check, desired))
        .collect();
    let known: Map<String, Value> = desired
        .entries()
        .unwrap_or_default()
        .into_iter()
        .filter_map(|(attribute, value)| Some((attribute, value.resolve().ok()?)))
        .collect();
    let from_hooks = ty.hooks.check(&known).into_iter();
    findings.extend(from_hooks.map(|(path, message)| Finding {
        path,
        message,
        warning: false,
    }));
    findings
}

fn counts(ty: &ResourceType, check: &Check, desired: &Draft) -> bool {
    let Some((path, values)) = check.when else {
        return true;
    };
    wanted_is(ty, desired, path, values)
}

fn finding(check: &Check, desired: &Draft) -> Option<Finding> {
    let (path, message, warning) = match check.rule {
        Rule::Requires(path) if at(desired, path).is_none() => (
            path,
            format!("`{path}` is required here: {}", check.why),
            false,
        ),
        Rule::Forbids(path) if at(desired, path).is_some() => (
            path,
            format!("`{path}` cannot stand here: {}", check.why),
            false,
        ),
        Rule::Warns(path) => (path, check.why.to_owned(), true),
        Rule::Multiple(path, of) => {
            let number = at(desired, path)?.resolve().ok()?.as_i64()?;
            let parts = at(desired, of)?.items()?.len();
            let parts = i64::try_from(parts).ok().filter(|parts| *parts > 0)?;
            if number % parts == 0 {
                return None;
            }
            let message = format!(
                "`{path}` is {number}, which is no multiple of the {parts} of `{of}`: {}",
                check.why
            );
            (path, message, false)
        }
        Rule::Requires(_) | Rule::Forbids(_) => return None,
    };
    Some(Finding {
        path: path.to_owned(),
        message,
        warning,
    })
}
