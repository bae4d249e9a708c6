//! What differs between one declaration and its live object, and what can be done about it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::provider::contract::{Update, UpdateAction};
use crate::provider::ownership::RESTART;
use crate::provider::{Live, ResourceType, is_at_rest, steps_between, update_for};
use crate::schema::{Change, Draft, diff};
use crate::stack::Block;

use super::tags::live_for_diff;

/// The longest text that a note shows, in bytes.
const LONGEST_SHOWN: usize = 60;

/// The differences, sorted by what can be done.
#[derive(Debug, Default)]
pub struct Compared {
    /// What an update or a replacement brings about.
    pub changes: Vec<Change>,
    /// What nothing brings about, and why.
    pub impossible: Vec<(Change, &'static str)>,
    /// What stays as it is, told to people.
    pub kept: Vec<String>,
    /// Attributes that the object is stopped for, and started again afterwards.
    pub at_rest: Vec<String>,
    /// Outputs that are others afterwards.
    pub renews: BTreeSet<&'static str>,
}

/// Compares a declaration with its live object, the block's `ignore_changes` left out.
pub fn compare(ty: &'static ResourceType, block: &Block, desired: &Draft, live: &Live) -> Compared {
    let (object, live) = (live, live_for_diff(live, desired));
    let ignored = &block.lifecycle.ignore_changes;
    let mut compared = Compared::default();
    for change in diff(ty.schema.attributes, desired, &live) {
        if ignored.iter().any(|path| change.path.is_within(path)) {
            continue;
        }
        match remedy(ty, desired, &live, &change) {
            Remedy::Possible => {
                let update = update_for(ty, &change, desired, &live);
                compared.follow_up(ty, object, update, &change);
                compared.changes.push(change);
            }
            Remedy::Replace => compared.changes.push(Change {
                replaces: true,
                ..change
            }),
            Remedy::Keep(why) => compared.kept.push(match change.sensitive {
                true => format!("{} stays as it is; {why}", change.path),
                false if is_long(&change.before) => {
                    format!("{} stays as it is; {why}", change.path)
                }
                false => format!("{} stays {}; {why}", change.path, change.before),
            }),
            Remedy::Impossible(why) => compared.impossible.push((change, why)),
        }
    }
    if object.tags.contains_key(RESTART) {
        let at_rest = ty.updates.iter().filter(|update| update.at_rest);
        compared
            .renews
            .extend(at_rest.flat_map(|update| update.renews));
    }
    compared
}

impl Compared {
    /// What an update does to the object beside changing it.
    fn follow_up(
        &mut self,
        ty: &ResourceType,
        live: &Live,
        update: Option<&'static Update>,
        change: &Change,
    ) {
        let Some(update) = update.filter(|_| !change.replaces) else {
            return;
        };
        if update.at_rest && is_at_rest(ty, live) {
            return;
        }
        self.renews.extend(update.renews);
        if update.at_rest {
            self.at_rest.push(change.path.to_string());
        }
    }
}

/// Whether a value is too long for a note.
fn is_long(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    text.contains('\n') || text.len() > LONGEST_SHOWN
}

enum Remedy {
    Possible,
    Replace,
    Keep(&'static str),
    Impossible(&'static str),
}

/// What the update that is for a change says can be done.
fn remedy(ty: &'static ResourceType, desired: &Draft, live: &Value, change: &Change) -> Remedy {
    if change.path.root() == "tags" && ty.tags.is_some() {
        return Remedy::Possible;
    }
    let update = update_for(ty, change, desired, live);
    match update.map(|update| update.action) {
        Some(UpdateAction::Impossible(why)) => Remedy::Impossible(why),
        Some(UpdateAction::Keep(why)) => Remedy::Keep(why),
        Some(UpdateAction::Replace) => Remedy::Replace,
        Some(UpdateAction::Steps { at_most, why, .. }) if step_count(change) > at_most => {
            Remedy::Impossible(why)
        }
        Some(
            UpdateAction::Call(_)
            | UpdateAction::Items(_)
            | UpdateAction::Elements(_)
            | UpdateAction::Steps { .. },
        ) => Remedy::Possible,
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
