//! What a declaration comes to for one object, live or not: parameters become what they hold, and
//! what is not available now stays as it is live.

use serde_json::Value;

use crate::provider::contract::{PARAMETER, Parameter};
use crate::provider::{Live, ResourceType};
use crate::schema::{Draft, keep_unavailable};

use super::{LiveScope, canonical_desired};

/// A declaration, settled.
#[derive(Clone, Debug)]
pub struct Settled {
    /// The declaration.
    pub desired: Draft,
    /// What a person is told of it, to be put after the resource's address.
    pub notes: Vec<String>,
    /// Parameters that it names and nobody has asked for yet: what they hold is unknown in it.
    pub missing: Vec<String>,
}

/// Settles a declaration for a live object, or for one that is to be made.
pub fn settle(
    ty: &ResourceType,
    desired: &Draft,
    live: Option<&Live>,
    scope: &LiveScope,
) -> Settled {
    let mut settled = Settled {
        desired: canonical_desired(ty, desired),
        notes: Vec::new(),
        missing: Vec::new(),
    };
    for parameter in ty.parameters {
        settled.parameter(parameter, live, scope);
    }
    if let Some(live) = live {
        let attributes = &live.attributes;
        let (desired, kept) = keep_unavailable(ty.schema.attributes, &settled.desired, attributes);
        settled.desired = desired;
        let kept = kept.into_iter().map(|kept| {
            let (path, reference) = (kept.path, kept.reference);
            format!(" keeps its {path}: `{reference}` is not available now")
        });
        settled.notes.extend(kept);
    }
    settled
}

/// The names of the parameters that a declaration takes values from, as far as they are known.
pub fn parameters_of(ty: &ResourceType, desired: &Draft) -> Vec<String> {
    let named = ty.parameters.iter();
    let named = named.filter_map(|parameter| named_by(desired, parameter));
    named.collect()
}

/// The name of the parameter that an attribute is declared to take its value from.
fn named_by(desired: &Draft, parameter: &Parameter) -> Option<String> {
    let value = desired.get(parameter.attribute)?.resolve().ok()?;
    Some(value.as_str()?.strip_prefix(PARAMETER)?.to_owned())
}

impl Settled {
    /// Puts what a parameter holds into the attribute that names it, or what is live where that is
    /// not followed.
    fn parameter(&mut self, parameter: &Parameter, live: Option<&Live>, scope: &LiveScope) {
        let Some(name) = named_by(&self.desired, parameter) else {
            return;
        };
        let attribute = parameter.attribute;
        let held = scope.parameter_text(&name);
        if held.is_none() {
            self.missing.push(name);
        }
        let follows = self.desired.get(parameter.follow);
        let follows = follows == Some(Draft::Known(Value::Bool(true)));
        let live = live.and_then(|live| live.attributes.get(attribute)?.as_str());
        let value = match (live, held) {
            (Some(live), held) if !follows => {
                let newer = held.filter(|held| *held != live);
                self.notes.extend(newer.map(|newer| {
                    let follow = parameter.follow;
                    format!(
                        " has {live}; the parameter now names {newer} (`{follow}: true` tracks it)"
                    )
                }));
                Draft::Known(live.into())
            }
            (_, Some(held)) => Draft::Known(held.into()),
            (_, None) => Draft::after_apply(attribute),
        };
        let entries = self.desired.entries().unwrap_or_default().into_iter();
        let entries = entries.map(|(key, old)| match key == attribute {
            true => (key, value.clone()),
            false => (key, old),
        });
        self.desired = Draft::map(entries.collect());
    }
}
