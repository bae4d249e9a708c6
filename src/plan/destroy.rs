//! The plan that leaves nothing of a stack.

use std::collections::BTreeMap;

use crate::provider::{Live, Owner};
use crate::schema::Address;

use super::make::{Inputs, deletion};
use super::{Action, Plan, Reason};

/// Plans the deletion of everything this stack owns, in the file or not. What the file declares
/// and somebody else owns is not touched.
pub fn destroy(inputs: &Inputs<'_>) -> Plan {
    let mut changes = Vec::new();
    let blocks: BTreeMap<&Address, _> = inputs
        .instances
        .iter()
        .map(|instance| (&instance.address, instance))
        .collect();
    for instance in inputs.instances {
        let Some(found) = inputs.observed.found.get(&instance.address) else {
            continue;
        };
        let Some(ty) = (inputs.types)(instance.address.type_name()) else {
            continue;
        };
        let mut seen: Vec<&str> = Vec::new();
        for live in found.named.iter().chain(&found.tagged) {
            if seen.contains(&live.id.as_str()) || !is_ours(inputs.stack, live) {
                continue;
            }
            seen.push(&live.id);
            let mut change = deletion(ty, &instance.address, live, Reason::Destroyed);
            change.line = Some(instance.line());
            changes.push(change);
        }
    }
    for stray in &inputs.observed.strays {
        if is_ours(inputs.stack, &stray.live) {
            changes.push(deletion(
                stray.ty,
                &stray.address,
                &stray.live,
                Reason::LeftTheFile,
            ));
        }
    }
    let guarded = changes.into_iter().map(|change| {
        let block = blocks.get(&change.address).map(|instance| instance.block);
        match block.is_some_and(|block| block.lifecycle.prevent_destroy) {
            true if change.action == Action::Delete => change.refuse(
                "the file forbids its destruction".to_owned(),
                "take `lifecycle: { prevent_destroy: true }` out of the file first".to_owned(),
            ),
            _ => change,
        }
    });
    Plan {
        stack: inputs.stack.to_owned(),
        region: inputs.region.to_owned(),
        account: inputs.account.to_owned(),
        changes: guarded.collect(),
        notes: Vec::new(),
    }
}

fn is_ours(stack: &str, live: &Live) -> bool {
    matches!(&live.owner, Owner::Stack { stack: owner, .. } if owner == stack)
}
