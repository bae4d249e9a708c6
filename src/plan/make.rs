//! The plan of a whole stack.

use std::collections::{BTreeMap, BTreeSet};

use crate::provider::checks::check;
use crate::provider::{Found, Live, Observed, ResourceType, State, Stray};
use crate::schema::{Address, Change, Role, Why};
use crate::stack::{Diagnostics, Evaluation, Instance, Stack};

use super::decide::{Case, live_name, lost, protection};
use super::{
    Action, LiveScope, MarkWork, Plan, Reason, ResourceChange, Settled, canonical_desired,
    local_notes, settle,
};

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
    /// SSM parameters that declarations take values from and nobody has asked for yet.
    pub missing: BTreeSet<String>,
}

/// Plans a stack.
///
/// An object that is made anew, or started, has new outputs, and what depends on them may then have
/// to be made anew as well: declarations are evaluated again until nothing more is.
///
/// # Errors
/// Declarations that turn out wrong now that live values are known.
pub fn make(inputs: &Inputs<'_>) -> Result<Planned, Diagnostics> {
    let mut remade: BTreeSet<Address> = BTreeSet::new();
    let mut renewed = coming(inputs);
    loop {
        let scope = inputs
            .scope
            .with_live(live_values(inputs.observed, &remade))
            .with_renewed(&renewed);
        let mut planned = once(inputs, &scope)?;
        let anew: BTreeSet<Address> = planned
            .plan
            .changes
            .iter()
            .filter(|change| matches!(change.action, Action::Create | Action::Replace))
            .map(|change| change.address.clone())
            .collect();
        // What was not there gave no outputs before either.
        let mut more = live_values(inputs.observed, &remade).any(|(own, _)| anew.contains(own));
        for change in planned.plan.changes.iter().filter(|c| !c.renews.is_empty()) {
            let known = renewed.entry(change.address.clone()).or_default();
            more |= !change.renews.is_subset(known);
            known.extend(&change.renews);
        }
        if !more {
            // Only now is it known who lets go of what.
            super::held::refuse_held(&mut planned.plan.changes);
            super::held::refuse_foreign(&mut planned.plan.changes, inputs.observed);
            super::held::rejoin(&mut planned.plan.changes);
            return Ok(planned);
        }
        remade.extend(anew);
    }
}

/// Outputs that live objects do not have yet, because they are still at work: apply waits for them.
fn coming(inputs: &Inputs<'_>) -> BTreeMap<Address, BTreeSet<&'static str>> {
    let live = inputs.observed.found.iter().filter_map(|(address, found)| {
        let live = found.named.as_ref().or(found.tagged.first())?;
        let ty = (inputs.types)(address.type_name())?;
        matches!(live.state, State::Pending(_)).then_some((address, live, ty))
    });
    let coming = live.map(|(address, live, ty)| {
        let outputs = ty.schema.attributes.iter();
        let outputs = outputs.filter(|attribute| attribute.role == Role::Output);
        let missing = outputs.filter(|output| {
            let value = live.attributes.get(output.name);
            value.is_none_or(serde_json::Value::is_null)
        });
        (address.clone(), missing.map(|output| output.name).collect())
    });
    coming.collect()
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
    let mut missing = BTreeSet::new();
    let mut placed = Vec::new();
    let nothing = Found::default();
    let evaluation = Evaluation::new(inputs.file, scope);
    for instance in inputs.instances {
        let Some(ty) = (inputs.types)(instance.address.type_name()) else {
            continue;
        };
        let desired = match evaluation.desired(instance) {
            Ok(desired) => {
                let found = instance.diagnostics(check(ty, &desired));
                if found.has_errors() {
                    problems.0.extend(found.0);
                    continue;
                }
                warnings.0.extend(found.0);
                desired
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
        let declared = canonical_desired(ty, &desired);
        let local = local_notes(ty, &inputs.file.directory, live, &declared);
        let wrong = local.map(|more| notes.extend(more)).err();
        let decide = |settled: &Settled, notes: &mut Vec<String>| {
            let case = Case {
                stack: inputs.stack,
                instance,
                ty,
                desired: &settled.desired,
                found,
                may_adopt: instance.block.adopt || inputs.waivers.adopt.contains(&instance.address),
                may_rename: inputs.waivers.rename.contains(&instance.address),
            };
            let change = case.decide(notes);
            let twins = twins(&change, &case, inputs);
            (change, twins)
        };
        let mut own_notes = Vec::new();
        let mut settled = settle(ty, &desired, live, scope);
        let (mut change, mut twins) = decide(&settled, &mut own_notes);
        if change.action == Action::Replace {
            // A new object keeps nothing of the live one.
            settled = settle(ty, &desired, None, scope);
            own_notes.clear();
            (change, twins) = decide(&settled, &mut own_notes);
        }
        let about = settled.notes.iter();
        notes.extend(about.map(|note| format!("{}{note}", instance.address)));
        notes.extend(own_notes);
        missing.extend(settled.missing);
        if let Some(why) = wrong {
            let help = "mend what it says, and plan again".to_owned();
            change = change.refuse(why, help);
        }
        let mut change = available(change);
        if change.live.is_some() {
            change.contents = super::contents::coming(ty, &settled.desired, &change.attributes);
        }
        placed.extend(super::marks::place(ty, &desired, changes.len()));
        changes.push(change);
        changes.extend(twins);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    super::marks::settle(inputs, &placed, &mut changes);
    changes.extend(strays(inputs));
    let plan = Plan {
        stack: inputs.stack.to_owned(),
        region: inputs.region.to_owned(),
        account: inputs.account.to_owned(),
        changes,
        notes,
    };
    Ok(Planned {
        plan,
        warnings,
        missing,
    })
}

/// The change, or its refusal where it needs what the live resource that gives it does not have.
fn available(change: ResourceChange) -> ResourceChange {
    let needs = |attribute: &Change| {
        let unknown = attribute.after.first_unknown()?.clone();
        let gone = unknown.why == Why::Unavailable;
        gone.then(|| (attribute.path.to_string(), unknown.reference))
    };
    let Some((path, reference)) = change.attributes.iter().find_map(needs) else {
        return change;
    };
    if matches!(
        change.action,
        Action::None | Action::Refuse | Action::Delete
    ) {
        return change;
    }
    let why = format!("its {path} is made of `{reference}`, which is not available now");
    let help = "bring the resource that gives it to where it has it (an instance must run to have \
                public addresses), and plan again"
        .to_owned();
    change.refuse(why, help)
}

/// Live objects that carry an address's tags beside the one that is kept: what an interrupted
/// replacement left, or one under a name that the file had before.
fn twins(kept: &ResourceChange, case: &Case<'_>, inputs: &Inputs<'_>) -> Vec<ResourceChange> {
    let Some(live) = &kept.live else {
        return Vec::new();
    };
    let others = case.found.tagged.iter();
    let others = others.filter(|twin| twin.id != live.id && twin.is_of(inputs.stack));
    let deletions = others.map(|twin| {
        let deletion = deletion(kept.ty, &kept.address, twin, Reason::Twin);
        let may_go = case.may_rename || case.is_new_content(&deletion.name);
        if kept.ty.schema.unique_name.is_some() && !may_go {
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
    let owned = strays.filter(|stray| stray.live.is_of(inputs.stack));
    let deletions = owned.map(|stray| {
        let gone = deletion(stray.ty, &stray.address, &stray.live, left(stray, inputs));
        protected(gone, inputs)
    });
    deletions.collect()
}

/// Why an object that carries an address of this stack stands for nothing in the file.
pub(super) fn left(stray: &Stray, inputs: &Inputs<'_>) -> Reason {
    Reason::LeftTheFile(inputs.file.absence(&stray.address, inputs.scope))
}

/// The deletion, or its refusal where its block, which the file still has, forbids it, or AWS does.
pub(super) fn protected(deletion: ResourceChange, inputs: &Inputs<'_>) -> ResourceChange {
    let block = inputs.file.block(&deletion.address.resource);
    if block.is_some_and(|block| block.lifecycle.prevent_destroy) {
        return deletion.refuse(
            "the file forbids its destruction".to_owned(),
            "take `lifecycle: { prevent_destroy: true }` out of the file first".to_owned(),
        );
    }
    match deletion
        .live
        .as_ref()
        .and_then(|live| protection(deletion.ty, live))
    {
        Some((why, help)) => deletion.refuse(why, help),
        None => deletion,
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
        contents: None,
        live: Some(live.clone()),
        leaving: None,
        lost: lost(ty, live),
        new_first: false,
        renews: BTreeSet::new(),
        marks: MarkWork::default(),
        line: None,
    }
}
