//! What calls bring a live object to what is declared: as data, before any is made.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::contract::{Call, Items, ResourceType, TagChange, Tags, Update, UpdateAction, When};
use super::errors::Impossible;
use super::input::{self, Scope};
use super::live::Live;
use super::{items, ownership, path};
use crate::schema::{Change, Draft, Kind};

/// What an update comes to.
#[derive(Clone, Debug, Default)]
pub struct Updates {
    /// The calls, in order, one at a time.
    pub calls: Vec<UpdateCall>,
    /// What stays as it is live: (attribute path, why).
    pub kept: Vec<(String, &'static str)>,
}

/// One call of an update. Its input is computed when it is made: version tokens change in between.
#[derive(Clone, Debug)]
pub struct UpdateCall {
    /// The operation and its template.
    pub call: &'static Call,
    /// The attributes it is about, as dotted paths; `tags` for tags.
    pub covers: &'static [&'static str],
    /// Whether the object then works on it, and is waited for.
    pub settles: bool,
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
}

impl UpdateCall {
    fn of(call: &'static Call, covers: &'static [&'static str], settles: bool) -> Self {
        Self {
            call,
            covers,
            settles,
            each: None,
            items: None,
            step: None,
            tags: None,
            keys: None,
        }
    }

    /// The input, for what is live and wanted now; `aws` as templates know it.
    pub fn input(&self, ty: &ResourceType, live: &Live, desired: &Value, aws: &Value) -> Value {
        let wanted = input::wanted(ty, desired, Some(&live.attributes));
        let name = ty.schema.unique_name;
        let name = name.and_then(|name| path::text_at(&live.attributes, name));
        let scope = Scope {
            id: Some(&live.id),
            name: name.as_deref(),
            live: Some(&live.attributes),
            wanted: Some(&wanted),
            each: self.each.as_ref().map(|(key, value)| (key, value)),
            items: self.items.as_ref(),
            step: self.step.as_ref(),
            tags: self.tags.as_ref(),
            keys: self.keys.as_ref(),
            aws: Some(aws),
            token: None,
        };
        input::evaluate(&self.call.input, &scope)
    }
}

/// The calls that make these changes, tags aside.
///
/// # Errors
/// The first change that AWS has no way to make.
pub fn update_calls(
    ty: &'static ResourceType,
    live: &Live,
    desired: &Value,
    changes: &[Change],
) -> Result<Updates, Impossible> {
    let target = input::wanted(ty, desired, None);
    let changes: Vec<&Change> = changes.iter().filter(|c| c.path.root() != "tags").collect();
    let mut covered = vec![false; changes.len()];
    let mut brought = vec![false; changes.len()];
    let mut updates = Updates::default();
    for update in ty.updates {
        let own: Vec<usize> = (0..changes.len())
            .filter(|at| is_covered(changes[*at], update))
            .collect();
        let due: Vec<usize> = own
            .into_iter()
            .filter(|at| !brought[*at])
            .filter(|at| is_due(ty, update, changes[*at], &target, live, desired))
            .collect();
        let Some(first) = due.first() else {
            continue;
        };
        due.iter().for_each(|at| covered[*at] = true);
        for (at, change) in changes.iter().enumerate() {
            if is_one_of(change, update.also) {
                (covered[at], brought[at]) = (true, true);
            }
        }
        let path = changes[*first].path.to_string();
        add(ty, update, live, &target, path, &mut updates)?;
    }
    match changes.iter().zip(covered).find(|(_, covered)| !covered) {
        Some((change, _)) => Err(Impossible {
            path: change.path.to_string(),
            why: format!(
                "AWS has no operation that changes it on a live {}",
                ty.schema.name
            ),
        }),
        None => Ok(updates),
    }
}

fn is_covered(change: &Change, update: &Update) -> bool {
    is_one_of(change, update.covers)
}

fn is_one_of(change: &Change, paths: &[&str]) -> bool {
    let own = change.path.attribute();
    // A path into a map or a policy goes on with keys that may hold dots; its beginning decides.
    paths.iter().any(|path| path::overlap(&own, path))
}

/// Whether an update is for this change. Of what is not known yet, any may be.
fn is_due(
    ty: &ResourceType,
    update: &Update,
    change: &Change,
    target: &Value,
    live: &Live,
    desired: &Value,
) -> bool {
    let after = change.after.resolve().ok();
    let grows = || {
        let after = after.as_ref()?.as_f64()?;
        Some(after - change.before.as_f64().unwrap_or(0.0))
    };
    let has_value = || {
        let unknown = matches!(change.after, Draft::Unknown(_));
        let values = update.covers.iter().filter_map(|c| path::get(target, c));
        unknown || values.into_iter().any(|value| !is_empty(value))
    };
    match update.when {
        When::Changes => true,
        When::Grows => after.is_none() || grows().is_some_and(|by| by > 0.0),
        When::Shrinks => after.is_none() || grows().is_some_and(|by| by < 0.0),
        When::Set => has_value(),
        When::Removed => !has_value(),
        When::Wanted(place, values) => {
            let wanted = input::wanted(ty, desired, Some(&live.attributes));
            let wanted = path::get(&wanted, place).cloned().unwrap_or_default();
            values
                .iter()
                .any(|v| serde_json::from_str(v).ok().as_ref() == Some(&wanted))
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

fn add(
    ty: &'static ResourceType,
    update: &'static Update,
    live: &Live,
    target: &Value,
    path: String,
    updates: &mut Updates,
) -> Result<(), Impossible> {
    let one = |call| UpdateCall::of(call, update.covers, update.settles);
    match &update.action {
        UpdateAction::Call(call) => updates.calls.push(one(call)),
        UpdateAction::Impossible(why) => {
            let why = (*why).to_owned();
            return Err(Impossible { path, why });
        }
        UpdateAction::Keep(why) => updates.kept.push((path, why)),
        UpdateAction::Steps { call, at_most, why } => {
            let steps = steps(update, live, target);
            if steps.len() > *at_most {
                let why = (*why).to_owned();
                return Err(Impossible { path, why });
            }
            updates
                .calls
                .extend(steps.into_iter().map(|step| UpdateCall {
                    step: Some(step.into()),
                    settles: true,
                    ..one(call)
                }));
        }
        UpdateAction::Items(collection) => {
            updates
                .calls
                .extend(item_calls(ty, update, collection, live, target));
        }
    }
    Ok(())
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
        let ours = once_set.contains_key(*key) || key.as_str() == ownership::KEYS;
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
