//! The plan that leaves nothing of a stack.

use super::held::refuse_foreign;
use super::make::{Inputs, deletion, left, protected};
use super::{Plan, Reason};

/// Plans the deletion of everything this stack owns, in the file or not. What the file declares
/// and somebody else owns is not touched.
pub fn destroy(inputs: &Inputs<'_>) -> Plan {
    let mut changes = Vec::new();
    for instance in inputs.instances {
        let found = inputs.observed.found.get(&instance.address);
        let ty = (inputs.types)(instance.address.type_name());
        let (Some(found), Some(ty)) = (found, ty) else {
            continue;
        };
        let mut seen: Vec<&str> = Vec::new();
        // What is going already is waited for.
        let all = found
            .named
            .iter()
            .chain(&found.tagged)
            .chain(&found.leaving);
        for live in all.filter(|live| live.is_of(inputs.stack)) {
            if !seen.contains(&live.id.as_str()) {
                seen.push(&live.id);
                let mut change = deletion(ty, &instance.address, live, Reason::Destroyed);
                change.line = Some(instance.line());
                changes.push(protected(change, inputs));
            }
        }
    }
    let strays = inputs.observed.strays.iter();
    for stray in strays.filter(|stray| stray.live.is_of(inputs.stack)) {
        let change = deletion(stray.ty, &stray.address, &stray.live, left(stray, inputs));
        changes.push(protected(change, inputs));
    }
    refuse_foreign(&mut changes, inputs.observed);
    Plan {
        stack: inputs.stack.to_owned(),
        region: inputs.region.to_owned(),
        account: inputs.account.to_owned(),
        changes,
        notes: Vec::new(),
    }
}
