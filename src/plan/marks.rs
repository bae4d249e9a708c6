//! Marks in a plan: what must fit, what is missing, what nothing stands behind.
//!
//! Making and deleting an object see to its mark by themselves. Here is what is left: a parent can
//! carry so many marks, and what an interrupted run or somebody else left is put right.

use std::collections::{BTreeMap, BTreeSet};

use crate::provider::{Live, ResourceType, StaleMark, catalog, marks};
use crate::schema::Draft;

use super::make::Inputs;
use super::{Action, Reason, ResourceChange};

/// Where an object of the file is: the position of its change, its parent's type and id, its key.
pub(super) struct Placed {
    change: usize,
    parent: &'static ResourceType,
    id: String,
    key: String,
}

/// Where an object is, if its type is marked and that is known.
pub(super) fn place(ty: &ResourceType, desired: &Draft, change: usize) -> Option<Placed> {
    let marks = ty.marks?;
    let text = |attribute: &str| {
        let value = desired.get(attribute)?.resolve().ok()?;
        value.as_str().map(str::to_owned)
    };
    Some(Placed {
        change,
        parent: catalog::find(marks.parent)?,
        id: text(marks.attribute)?,
        key: text(marks.key)?,
    })
}

/// Refuses what cannot be marked, and adds what is to be done about marks to the changes of the
/// file's resources.
pub(super) fn settle(inputs: &Inputs<'_>, placed: &[Placed], changes: &mut [ResourceChange]) {
    // One that is taken over becomes this stack's, without its marks.
    let adopted = changes.iter().filter(|c| c.action == Action::Adopt);
    let adopted = adopted.filter_map(|c| Some((c.ty, c.live.clone()?)));
    let adopted: Vec<(&'static ResourceType, Live)> = adopted.collect();
    let live: BTreeMap<(&str, &str), &Live> = marks::parents(inputs.observed, inputs.stack)
        .chain(adopted.iter().map(|(ty, live)| (*ty, live)))
        .map(|(ty, live)| ((ty.schema.name, live.id.as_str()), live))
        .collect();
    let made: BTreeSet<(&'static str, String)> = changes
        .iter()
        .filter(|change| matches!(change.action, Action::Create | Action::Replace))
        .map(|change| (change.ty.schema.name, change.name.clone()))
        .collect();
    let mut carried: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    for place in placed {
        let parent = (place.parent.schema.name, place.id.as_str());
        let there = live.get(&parent).copied();
        let change = &mut changes[place.change];
        if there.is_none() && !made.contains(&(parent.0, parent.1.to_owned())) {
            continue; // Somebody else's, or nobody's: it cannot be marked.
        }
        if let Err(why) = marks::fits(place.parent, &place.key) {
            refuse(change, why, "choose another name".to_owned());
            continue;
        }
        let tags = carried.entry(parent).or_insert_with(|| kept(inputs, there));
        let tag = marks::tag(change.ty, &place.key);
        let marked = there.is_some_and(|live| live.tags.contains_key(&tag));
        let full = tags.len() >= marks::LIMIT && !tags.contains(&tag);
        tags.insert(tag);
        if full {
            let why = format!(
                "{} `{}` can carry the marks of {} objects, and this is one more",
                parent.0,
                place.id,
                marks::LIMIT
            );
            let help = format!(
                "put it into another {}, or into one that is not this stack's: what is there is \
                 not marked",
                parent.0
            );
            refuse(change, why, help);
        } else if there.is_some() && !marked && change.action == Action::None {
            change.marks.missing = true;
            touch(change);
        }
    }
    for change in changes {
        let Some(live) = &change.live else { continue };
        let own = inputs.observed.stale.iter();
        let own = own.filter(|mark| mark.type_name == change.ty.schema.name && mark.id == live.id);
        change.marks.stale = own.map(|mark| mark.tag.clone()).collect();
        if !change.marks.stale.is_empty() {
            touch(change);
        }
    }
}

/// The marks that a parent keeps.
fn kept(inputs: &Inputs<'_>, parent: Option<&Live>) -> BTreeSet<String> {
    let tags = parent.iter().flat_map(|live| live.tags.keys());
    // An object of the same key in another parent has a mark of the same name.
    let own = |mark: &&StaleMark| parent.is_some_and(|live| live.id == mark.id);
    let stale = inputs.observed.stale.iter().filter(|mark| own(mark));
    let stale: BTreeSet<&String> = stale.map(|mark| &mark.tag).collect();
    let kept = tags.filter(|tag| marks::is_mark(tag) && !stale.contains(tag));
    kept.cloned().collect()
}

fn touch(change: &mut ResourceChange) {
    if change.action == Action::None {
        change.action = Action::Update;
        change.reason = Reason::Marks;
    }
}

pub(super) fn refuse(change: &mut ResourceChange, why: String, help: String) {
    change.action = Action::Refuse;
    change.reason = Reason::Refused { why, help };
    change.lost = None;
}
