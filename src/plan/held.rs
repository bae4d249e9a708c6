//! Objects that AWS does not destroy while others use them (a security group on an instance's
//! interface): a plan in which something goes on using one is refused, not begun and given up half-way.
//! And those that others lose when they are made anew.

use std::collections::HashMap;

use crate::provider::{Holder, Observed, name_all};
use crate::schema::{Address, Role, each_text, has_text};

use super::decide::live_name;
use super::graph::goes;
use super::marks::refuse;
use super::{Action, Reason, ResourceChange};

/// Refuses to destroy what a resource of this stack that stays keeps in use.
pub(super) fn refuse_held(changes: &mut [ResourceChange]) {
    let going: HashMap<&str, usize> = changes
        .iter()
        .enumerate()
        .filter(|(_, change)| {
            let deletion = change.ty.delete.as_ref();
            goes(change) && deletion.is_some_and(|delete| !delete.blockers.is_empty())
        })
        .filter_map(|(position, change)| Some((change.live.as_ref()?.id.as_str(), position)))
        .collect();
    if going.is_empty() {
        return;
    }
    let mut refusals = Vec::new();
    // One refusal is enough: who is refused cannot let go of anything.
    let stays = |change: &&ResourceChange| !goes(change) && change.action != Action::Refuse;
    for holder in changes.iter().filter(stays) {
        let Some(live) = &holder.live else { continue };
        let declared = holder.ty.schema.attributes.iter();
        let declared = declared.filter(|attribute| attribute.role == Role::Declared);
        for attribute in declared.map(|attribute| attribute.name) {
            let Some(value) = live.attributes.get(attribute) else {
                continue;
            };
            each_text(value, &mut |text| {
                if let Some(position) = going.get(text)
                    && let Some(refusal) = refusal(&changes[*position], holder, attribute, text)
                {
                    refusals.push((*position, refusal));
                }
            });
        }
    }
    for (position, (why, help)) in refusals {
        refuse(&mut changes[position], why, help);
    }
}

/// Refuses to destroy what somebody else keeps in use. A second object of an address, and one in
/// whose place another one comes first, are tried all the same: others can only move away from them
/// when the other one is there.
pub(super) fn refuse_foreign(changes: &mut [ResourceChange], observed: &Observed) {
    let mut refusals = Vec::new();
    let is_own = |type_name: &str, name: &str| is_own(changes, type_name, name);
    for (position, change) in changes.iter().enumerate() {
        let tried = change.new_first || change.reason == Reason::Twin;
        let (Some(live), true) = (&change.live, goes(change) && !tried) else {
            continue;
        };
        let key = (change.ty.schema.name, live.id.clone());
        let holders = observed.holders.get(&key).into_iter().flatten();
        let staying: Vec<&Holder> = holders.filter(|one| one.stays(&is_own)).collect();
        if let Some(first) = staying.first() {
            let help = format!("{}, and plan again", first.help);
            let why = format!(
                "AWS destroys it only once nothing uses it: {} does, not this stack's",
                name_all(staying)
            );
            refusals.push((position, why, help));
        }
    }
    for (position, why, help) in refusals {
        refuse(&mut changes[position], why, help);
    }
}

/// Whether a live object of a type, by its id or unique name, is of the stack that is planned.
pub fn is_own(changes: &[ResourceChange], type_name: &str, name: &str) -> bool {
    let mut same = changes.iter().filter(|c| c.ty.schema.name == type_name);
    same.any(|change| {
        let Some(live) = &change.live else {
            return false;
        };
        live.id == name || live_name(change.ty, live) == name
    })
}

/// An object that is made anew under its own name leaves what it was part of (a role its instance
/// profile), whose declaration stays the same: that is brought to it once more.
pub(super) fn rejoin(changes: &mut [ResourceChange]) {
    let anew: HashMap<String, Address> = changes
        .iter()
        .filter(|change| change.action == Action::Replace && !change.new_first)
        .filter_map(|change| Some((change.live.as_ref()?.id.clone(), change.address.clone())))
        .collect();
    if anew.is_empty() {
        return;
    }
    for change in changes.iter_mut().filter(|c| c.action == Action::None) {
        let Some(live) = &change.live else { continue };
        let completing = change.ty.schema.completing.iter();
        let mut other = None;
        for value in completing.filter_map(|name| live.attributes.get(*name)) {
            each_text(value, &mut |text| {
                other = other.take().or_else(|| anew.get(text).cloned());
            });
        }
        if let Some(other) = other {
            change.action = Action::Update;
            change.reason = Reason::Rejoins(other);
        }
    }
}

/// Why an object cannot go while a holder has it in an attribute, and what to do; `None` where the
/// holder lets go of it in time.
fn refusal(
    going: &ResourceChange,
    holder: &ResourceChange,
    attribute: &str,
    id: &str,
) -> Option<(String, String)> {
    let (address, name) = (&going.address, &holder.address);
    if going.action == Action::Replace && !going.new_first {
        // What completes the holder is taken from it while there is neither the old nor the new.
        if holder.ty.schema.completing.contains(&attribute) {
            return None;
        }
        let why = format!(
            "it is made anew under its own name, and AWS destroys it only once nothing uses it: {name} \
             does ({attribute})"
        );
        let other = going.ty.schema.unique_name.unwrap_or("name");
        let help = format!(
            "give it another `{other}` and say `--rename {address}`: then the new one is made first; \
             or take back the change"
        );
        return Some((why, help));
    }
    let lets_go = holder
        .attributes
        .iter()
        .any(|change| change.path.root() == attribute && has_text(&change.before, id));
    (!lets_go).then(|| {
        let why =
            format!("AWS destroys it only once nothing uses it, and {name} does ({attribute})");
        let help = format!("declare {name} without it (`{attribute}`)");
        (why, help)
    })
}
