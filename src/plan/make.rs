//! The plan of a whole stack.

use std::collections::BTreeSet;

use crate::provider::{Found, Live, Observed, Owner, ResourceType};
use crate::schema::Address;
use crate::stack::{Diagnostics, Instance, Stack};

use super::check::check_one;
use super::decide::{Case, live_name, lost};
use super::{Action, LiveScope, Plan, Reason, ResourceChange, canonical_desired, local_notes};

/// What a plan is made of.
pub struct Inputs<'a> {
    /// The stack's name.
    pub stack: &'a str,
    /// The AWS region.
    pub region: &'a str,
    /// The AWS account.
    pub account: &'a str,
    /// The stack file.
    pub file: &'a Stack,
    /// Every instance of every resource, in the file's order.
    pub instances: &'a [Instance<'a>],
    /// What is live of them, and what is live and in the file no more.
    pub observed: &'a Observed,
    /// The type of each resource.
    pub types: &'a dyn Fn(&str) -> Option<&'static ResourceType>,
    /// What is known beside live resources: lookups, parameters, the account.
    pub scope: &'a LiveScope,
    /// What the person waives.
    pub waivers: &'a Waivers,
}

/// What a person allows on the command line.
#[derive(Clone, Debug, Default)]
pub struct Waivers {
    /// Addresses whose live object may be taken over.
    pub adopt: BTreeSet<Address>,
    /// Addresses whose live object may go because its unique name changed.
    pub rename: BTreeSet<Address>,
}

/// A plan, and what was seen on the way.
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// What someone should look at in the file.
    pub warnings: Diagnostics,
}

/// Plans a stack.
///
/// An object that is made anew has new outputs, and what depends on them may then have to be made
/// anew as well: declarations are evaluated again until nothing more is.
///
/// # Errors
/// Declarations that turn out wrong now that live values are known.
pub fn make(inputs: &Inputs<'_>) -> Result<Planned, Diagnostics> {
    let mut remade: BTreeSet<Address> = BTreeSet::new();
    loop {
        let scope = inputs
            .scope
            .with_live(live_values(inputs.observed, &remade));
        let planned = once(inputs, &scope)?;
        let anew: BTreeSet<Address> = planned
            .plan
            .changes
            .iter()
            .filter(|change| matches!(change.action, Action::Create | Action::Replace))
            .map(|change| change.address.clone())
            .collect();
        if anew.is_subset(&remade) {
            return Ok(planned);
        }
        remade.extend(anew);
    }
}

/// The attributes of live objects that stay the same objects.
fn live_values<'a>(
    observed: &'a Observed,
    remade: &'a BTreeSet<Address>,
) -> impl Iterator<Item = (&'a Address, &'a Live)> {
    let found = observed.found.iter();
    found.filter_map(|(address, found)| {
        let live = found.named.as_ref().or(found.tagged.first())?;
        (!remade.contains(address)).then_some((address, live))
    })
}

fn once(inputs: &Inputs<'_>, scope: &LiveScope) -> Result<Planned, Diagnostics> {
    let mut problems = Diagnostics::default();
    let mut warnings = Diagnostics::default();
    let mut changes = Vec::new();
    let mut notes = Vec::new();
    let nothing = Found::default();
    for instance in inputs.instances {
        let Some(ty) = (inputs.types)(instance.address.type_name()) else {
            continue;
        };
        let desired = match instance.desired(scope) {
            Ok(desired) => {
                let found = check_one(instance, &desired);
                if found.has_errors() {
                    problems.0.extend(found.0);
                    continue;
                }
                warnings.0.extend(found.0);
                canonical_desired(ty, &desired)
            }
            Err(more) => {
                problems.0.extend(more.0);
                continue;
            }
        };
        let found = inputs
            .observed
            .found
            .get(&instance.address)
            .unwrap_or(&nothing);
        // A file on this machine belongs to the object of that name, not to one of another.
        let live = match ty.schema.unique_name {
            Some(_) => found.named.as_ref(),
            None => found.named.as_ref().or(found.tagged.first()),
        };
        let local = local_notes(ty, &inputs.file.directory, live, &desired);
        let wrong = local.map(|more| notes.extend(more)).err();
        let case = Case {
            stack: inputs.stack,
            instance,
            ty,
            desired: &desired,
            found,
            may_adopt: instance.block.adopt || inputs.waivers.adopt.contains(&instance.address),
            may_rename: inputs.waivers.rename.contains(&instance.address),
        };
        let mut change = case.decide(&mut notes);
        if let Some(why) = wrong {
            let help = "mend what it says, and plan again".to_owned();
            change = change.refuse(why, help);
        }
        let twins = twins(&change, &case, inputs);
        changes.push(change);
        changes.extend(twins);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    changes.extend(strays(inputs));
    let plan = Plan {
        stack: inputs.stack.to_owned(),
        region: inputs.region.to_owned(),
        account: inputs.account.to_owned(),
        changes,
        notes,
    };
    Ok(Planned { plan, warnings })
}

/// Live objects that carry an address's tags beside the one that is kept: what an interrupted
/// replacement left, or one under a name that the file had before.
fn twins(kept: &ResourceChange, case: &Case<'_>, inputs: &Inputs<'_>) -> Vec<ResourceChange> {
    let Some(live) = &kept.live else {
        return Vec::new();
    };
    let others = case.found.tagged.iter();
    let others = others.filter(|twin| twin.id != live.id && is_ours(inputs.stack, twin));
    let deletions = others.map(|twin| {
        let deletion = deletion(kept.ty, &kept.address, twin, Reason::Twin);
        if kept.ty.schema.unique_name.is_some() && !case.may_rename {
            let why = format!(
                "`{}` carries its tags too, under a name that the file does not have",
                deletion.name
            );
            let help = format!("to destroy it, say `--rename {}`", kept.address);
            return deletion.refuse(why, help);
        }
        protected(deletion, inputs)
    });
    deletions.collect()
}

/// Deletions of what this stack owns and the file no longer has.
fn strays(inputs: &Inputs<'_>) -> Vec<ResourceChange> {
    let strays = inputs.observed.strays.iter();
    let owned = strays.filter(|stray| is_ours(inputs.stack, &stray.live));
    let deletions = owned.map(|stray| {
        let gone = deletion(stray.ty, &stray.address, &stray.live, Reason::LeftTheFile);
        protected(gone, inputs)
    });
    deletions.collect()
}

/// Whether a live object is this stack's, as its tags say.
pub fn is_ours(stack: &str, live: &Live) -> bool {
    matches!(&live.owner, Owner::Stack { stack: owner, .. } if owner == stack)
}

/// The deletion, or its refusal where its block, which the file still has, forbids it.
pub(super) fn protected(deletion: ResourceChange, inputs: &Inputs<'_>) -> ResourceChange {
    let block = inputs.file.block(&deletion.address.resource);
    match block.is_some_and(|block| block.lifecycle.prevent_destroy) {
        true => deletion.refuse(
            "the file forbids its destruction".to_owned(),
            "take `lifecycle: { prevent_destroy: true }` out of the file first".to_owned(),
        ),
        false => deletion,
    }
}

/// The deletion of a live object.
pub(super) fn deletion(
    ty: &'static ResourceType,
    address: &Address,
    live: &Live,
    reason: Reason,
) -> ResourceChange {
    ResourceChange {
        address: address.clone(),
        ty,
        name: live_name(ty, live),
        action: Action::Delete,
        reason,
        attributes: Vec::new(),
        live: Some(live.clone()),
        leaving: None,
        lost: lost(ty, live),
        line: None,
    }
}
