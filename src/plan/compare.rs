//! What differs between one declaration and its live object, and what can be done about it.

use serde_json::Value;

use crate::provider::contract::{Update, UpdateAction, When};
use crate::provider::{Live, ResourceType, steps_between};
use crate::schema::{Change, Draft, diff};
use crate::stack::Block;

use super::desired::wanted_is;
use super::tags::live_for_diff;

/// The differences, sorted by what can be done.
#[derive(Debug, Default)]
pub struct Compared {
    /// What an update or a replacement brings about.
    pub changes: Vec<Change>,
    /// What nothing brings about, and why.
    pub impossible: Vec<(Change, &'static str)>,
    /// What stays as it is, told to people.
    pub kept: Vec<String>,
}

/// Compares a declaration with its live object, the block's `ignore_changes` left out.
pub fn compare(ty: &ResourceType, block: &Block, desired: &Draft, live: &Live) -> Compared {
    let live = live_for_diff(live, desired);
    let ignored = &block.lifecycle.ignore_changes;
    let mut compared = Compared::default();
    for change in diff(ty.schema.attributes, desired, &live) {
        if ignored.iter().any(|path| change.path.is_within(path)) {
            continue;
        }
        match remedy(ty, desired, &change) {
            Remedy::Possible => compared.changes.push(change),
            Remedy::Keep(why) => compared.kept.push(match change.sensitive {
                true => format!("{} stays as it is; {why}", change.path),
                false => format!("{} stays {}; {why}", change.path, change.before),
            }),
            Remedy::Impossible(why) => compared.impossible.push((change, why)),
        }
    }
    compared
}

enum Remedy {
    Possible,
    Keep(&'static str),
    Impossible(&'static str),
}

/// The first update that covers the change says what can be done.
fn remedy(ty: &ResourceType, desired: &Draft, change: &Change) -> Remedy {
    if change.path.root() == "tags" && ty.tags.is_some() {
        return Remedy::Possible;
    }
    let own = format!("{}.", change.path.attribute());
    let covers = |update: &&Update| {
        let mut paths = update.covers.iter();
        paths.any(|path| change.path.is_within(path) || path.starts_with(&own))
    };
    let covering = ty.updates.iter().filter(covers);
    let first = covering
        .filter(|update| applies(ty, desired, update.when, change))
        .map(|update| update.action)
        .next();
    match first {
        Some(UpdateAction::Impossible(why)) => Remedy::Impossible(why),
        Some(UpdateAction::Keep(why)) => Remedy::Keep(why),
        Some(UpdateAction::Steps { at_most, why, .. }) if step_count(change) > at_most => {
            Remedy::Impossible(why)
        }
        Some(UpdateAction::Call(_) | UpdateAction::Items(_) | UpdateAction::Steps { .. }) => {
            Remedy::Possible
        }
        None if change.replaces => Remedy::Possible,
        None => Remedy::Impossible("AWS has no operation for it"),
    }
}

/// How many calls a number takes that can only double or halve; zero where it is not known yet.
fn step_count(change: &Change) -> usize {
    let after = change.after.resolve().ok();
    match (
        change.before.as_i64(),
        after.as_ref().and_then(Value::as_i64),
    ) {
        (Some(before), Some(after)) => steps_between(before, after).len(),
        _ => 0,
    }
}

/// Whether an update with this condition is for this change. What is not known yet may be anything.
fn applies(ty: &ResourceType, desired: &Draft, when: When, change: &Change) -> bool {
    let after = change.after.resolve().ok();
    let numbers = (
        change.before.as_f64(),
        after.as_ref().and_then(Value::as_f64),
    );
    match (when, numbers) {
        (When::Changes, _) => true,
        (When::Grows, (Some(before), Some(after))) => after > before,
        (When::Shrinks, (Some(before), Some(after))) => after < before,
        (When::Grows | When::Shrinks, _) => when == When::Grows,
        (When::Set, _) => after.is_none_or(|after| !after.is_null()),
        (When::Removed, _) => after.is_some_and(|after| after.is_null()),
        (When::Wanted(path, values), _) => wanted_is(ty, desired, path, values),
    }
}
