//! What calls bring a live object to what is declared: as data, before any is made.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::contract::{
    Call, Input, Items, ResourceType, Room, TagChange, Tags, Update, UpdateAction,
};
use super::elements::{self, Element};
use super::errors::Impossible;
use super::input::{self, Scope};
use super::live::Live;
use super::remedy::{self, update_for};
use super::{items, marks, ownership, path};
use crate::schema::{Change, Draft, Kind};

/// One call of an update. Its input is computed when it is made: version tokens change in between.
#[derive(Clone, Debug)]
pub struct UpdateCall {
    /// The operation and its template.
    pub call: &'static Call,
    /// The attributes it is about, as dotted paths; `tags` for tags.
    pub covers: &'static [&'static str],
    /// Whether the object then works on it, and is waited for.
    pub settles: bool,
    /// Whether the object must be at rest for it.
    pub at_rest: bool,
    /// What has to make room first.
    pub room: Option<&'static Room>,
    /// The element of a list that is changed, whose others stay.
    pub element: Option<Element>,
    /// The item of a collection: key and value.
    pub each: Option<(Value, Value)>,
    /// The items of a batch.
    pub items: Option<Value>,
    /// The next value of a stepped update.
    pub step: Option<Value>,
    /// The tags to set.
    pub tags: Option<Value>,
    /// The tag keys to remove.
    pub keys: Option<Value>,
    /// What is sent as a stream.
    pub body: Option<Value>,
    /// Error codes that mean that somebody else changed the object since it was read.
    pub moved: &'static [&'static str],
    /// Where the reply says that it was not done; empty if a call that was not done fails.
    pub failures: &'static str,
}

impl UpdateCall {
    pub(super) fn of(call: &'static Call, covers: &'static [&'static str], settles: bool) -> Self {
        Self {
            call,
            covers,
            settles,
            at_rest: false,
            room: None,
            element: None,
            each: None,
            items: None,
            step: None,
            tags: None,
            keys: None,
            body: None,
            moved: &[],
            failures: "",
        }
    }

    /// The input, for what is live and wanted now; `aws` as templates know it.
    pub fn input(&self, ty: &ResourceType, live: &Live, desired: &Value, aws: &Value) -> Value {
        self.evaluate(&self.call.input, ty, live, desired, aws)
    }

    /// The input of another call that is about the same.
    pub(super) fn evaluate(
        &self,
        input: &Input,
        ty: &ResourceType,
        live: &Live,
        desired: &Value,
        aws: &Value,
    ) -> Value {
        let wanted = input::wanted(ty, desired, Some(&live.attributes));
        let name = ty.schema.unique_name;
        let name = name.and_then(|name| path::text_at(&live.attributes, name));
        let each = self.each.as_ref().map(|(key, value)| (key, value));
        let element = self.element.as_ref();
        let scope = Scope {
            id: Some(&live.id),
            name: name.as_deref(),
            live: Some(&live.attributes),
            wanted: Some(&wanted),
            each: each.or(element.map(Element::each)),
            beside: element.and_then(|element| element.beside(&live.attributes)),
            items: self.items.as_ref(),
            step: self.step.as_ref(),
            tags: self.tags.as_ref(),
            keys: self.keys.as_ref(),
            body: self.body.as_ref(),
            aws: Some(aws),
            token: None,
        };
        input::evaluate(input, &scope)
    }
}

/// The calls that make these changes, tags aside, in order, one at a time.
///
/// # Errors
/// The first change that AWS has no way to make.
pub fn update_calls(
    ty: &'static ResourceType,
    live: &Live,
    desired: &Value,
    changes: &[Change],
) -> Result<Vec<UpdateCall>, Impossible> {
    let target = input::wanted(ty, desired, None);
    let draft = Draft::Known(desired.clone());
    let mut left: Vec<(&Change, Option<&Update>)> = changes
        .iter()
        .filter(|change| change.path.root() != "tags")
        .map(|change| (change, update_for(ty, change, &draft, &live.attributes)))
        .collect();
    let mut calls = Vec::new();
    for update in ty.updates {
        let own = |by: &Option<&Update>| by.is_some_and(|by| std::ptr::eq(by, update));
        let mine = left.iter().filter(|(_, by)| own(by));
        let mine: Vec<&Change> = mine.map(|(change, _)| *change).collect();
        if mine.is_empty() {
            continue;
        }
        calls.extend(calls_of(ty, update, live, &target, &mine)?);
        left.retain(|(change, by)| !own(by) && !remedy::covers(update.also, change));
    }
    match left.first() {
        Some((change, _)) => Err(Impossible {
            path: change.path.to_string(),
            why: format!(
                "AWS has no operation that changes it on a live {}",
                ty.schema.name
            ),
        }),
        None => Ok(calls),
    }
}

/// The calls of one update; `changes` are those that it is for.
fn calls_of(
    ty: &'static ResourceType,
    update: &'static Update,
    live: &Live,
    target: &Value,
    changes: &[&Change],
) -> Result<Vec<UpdateCall>, Impossible> {
    let one = |call| UpdateCall {
        at_rest: update.at_rest,
        moved: update.moved,
        ..UpdateCall::of(call, update.covers, update.settles)
    };
    let impossible = |why: &str| Impossible {
        path: changes
            .first()
            .map_or_else(String::new, |change| change.path.to_string()),
        why: why.to_owned(),
    };
    Ok(match &update.action {
        UpdateAction::Call(call) => vec![UpdateCall {
            room: update.room.as_ref(),
            failures: update.failures,
            ..one(call)
        }],
        UpdateAction::Impossible(why) => return Err(impossible(why)),
        UpdateAction::Replace => return Err(impossible("it takes a new object")),
        UpdateAction::Keep(_) => Vec::new(),
        UpdateAction::Steps { call, at_most, why } => {
            let steps = steps(update, live, target);
            if steps.len() > *at_most {
                return Err(impossible(why));
            }
            let steps = steps.into_iter().map(|step| UpdateCall {
                step: Some(step.into()),
                settles: true,
                ..one(call)
            });
            steps.collect()
        }
        UpdateAction::Items(collection) => item_calls(ty, update, collection, live, target),
        UpdateAction::Elements(list) => {
            let elements = elements::changed(ty, list, live, target, changes);
            let calls = elements.into_iter().map(|element| UpdateCall {
                element: Some(element),
                ..one(&list.change)
            });
            calls.collect()
        }
    })
}

/// The numbers on the way from what is live.
fn steps(update: &Update, live: &Live, target: &Value) -> Vec<i64> {
    let number = |value: &Value| {
        let place = update.covers.first()?;
        path::get(value, place).and_then(Value::as_i64)
    };
    match (number(&live.attributes), number(target)) {
        (Some(from), Some(to)) => steps_between(from, to),
        (_, to) => to.into_iter().collect(),
    }
}

/// The numbers that [`UpdateAction::Steps`] goes through: each at most twice and at least half of
/// the one before, the last one `to`.
pub fn steps_between(from: i64, to: i64) -> Vec<i64> {
    let mut at = from;
    let mut steps = Vec::new();
    while at != to && steps.len() < 64 {
        at = match at {
            at if at <= 0 => to,
            at if to > at => to.min(at.saturating_mul(2)),
            at => to.max((at + 1) / 2),
        };
        steps.push(at);
    }
    steps
}

fn item_calls(
    ty: &'static ResourceType,
    update: &'static Update,
    collection: &'static Items,
    live: &Live,
    target: &Value,
) -> Vec<UpdateCall> {
    let Some(place) = update.covers.first() else {
        return Vec::new();
    };
    let kind = ty.schema.attribute(place).map_or(Kind::Any, |a| a.kind);
    let nothing = Value::Null;
    let before = path::get(&live.attributes, place).unwrap_or(&nothing);
    let after = path::get(target, place).unwrap_or(&nothing);
    let has_change = collection.change.is_some();
    let moves = items::compare(&kind, collection.identity, has_change, before, after);
    let change = collection.change.as_ref().unwrap_or(&collection.add);
    let groups = [
        (change, moves.changed),
        (&collection.remove, moves.replaced),
        (&collection.add, moves.added),
        (&collection.remove, moves.removed),
    ];
    let mut calls = Vec::new();
    for (call, items) in groups {
        let items = items.into_iter().map(|(key, item)| {
            let item = ty.hooks.item(place, &item);
            (key, item)
        });
        let one = || UpdateCall::of(call, update.covers, update.settles);
        if collection.batch {
            let items: Vec<_> = items.collect();
            if !items.is_empty() {
                let batch = Some(batch(&kind, items));
                calls.push(UpdateCall {
                    items: batch,
                    ..one()
                });
            }
        } else {
            calls.extend(items.map(|each| UpdateCall {
                each: Some(each),
                ..one()
            }));
        }
    }
    calls
}

fn batch(kind: &Kind, items: Vec<(Value, Value)>) -> Value {
    match kind {
        Kind::Map { .. } => {
            let entries = items.into_iter();
            let entries = entries.map(|(key, item)| (path::text(&key).unwrap_or_default(), item));
            Value::Object(entries.collect::<Map<_, _>>())
        }
        _ => items.into_iter().map(|(_, item)| item).collect(),
    }
}

/// The calls that bring tags to what is wanted: these exactly, but for tags that others set.
pub fn tag_calls(
    tags: &'static Tags,
    live: &Live,
    wanted: &BTreeMap<String, String>,
) -> Vec<UpdateCall> {
    let set: BTreeMap<_, _> = wanted
        .iter()
        .filter(|(k, v)| live.tags.get(*k) != Some(*v))
        .collect();
    let once_set = ownership::set_by_pinfra(&live.tags);
    let gone = live.tags.keys().filter(|key| {
        let own = key.as_str() == ownership::KEYS || marks::is_mark(key);
        let ours = once_set.contains_key(*key) || own;
        ours && !wanted.contains_key(*key)
    });
    let gone: Vec<&String> = gone.collect();
    const COVERS: &[&str] = &["tags"];
    let shaped = |tags: BTreeMap<&String, &String>, shape| input::tags_for_change(shape, tags);
    match &tags.change {
        _ if set.is_empty() && gone.is_empty() => Vec::new(),
        TagChange::All(call) => {
            let kept = live.tags.iter();
            let kept = kept.filter(|(key, _)| !gone.contains(key) && !key.starts_with("aws:"));
            let all: BTreeMap<_, _> = kept.chain(wanted).collect();
            let all = Some(shaped(all, tags.shape));
            let call = UpdateCall::of(call, COVERS, false);
            vec![UpdateCall { tags: all, ..call }]
        }
        TagChange::Some {
            set: set_call,
            remove,
        } => {
            let mut calls = Vec::new();
            if !set.is_empty() {
                let call = UpdateCall::of(set_call, COVERS, false);
                let tags = Some(shaped(set, tags.shape));
                calls.push(UpdateCall { tags, ..call });
            }
            if !gone.is_empty() {
                let call = UpdateCall::of(remove, COVERS, false);
                let keys = gone.into_iter().map(|key| Value::from(key.as_str()));
                let keys = Some(keys.collect());
                calls.push(UpdateCall { keys, ..call });
            }
            calls
        }
    }
}
