//! A live object from what AWS answers, without asking anything more.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::contract::{OwnerText, ResourceType};
use super::live::{Live, State};
use super::{forms, identity, ownership, path, reshape};
use crate::schema::Role;

/// A live object from what AWS answers; `None` if it is gone but still shown.
pub(super) fn finish(ty: &ResourceType, raw: Value, id: Option<&str>) -> Option<Live> {
    let mut attributes = ty.hooks.live(raw);
    forms::live(ty, &mut attributes);
    let tags = match ty.owner {
        Some(owner) => take_mark(owner, &mut attributes),
        None => attributes
            .get("tags")
            .map(reshape::tags)
            .unwrap_or_default(),
    };
    if attributes.is_object() {
        path::set(&mut attributes, "tags", reshape::visible(&tags));
    }
    let mut attributes = reshape::with_documents(ty.schema.attributes, attributes);
    if let Some(id) = id {
        identity::take_apart(ty, id, &mut attributes);
    }
    if let (None, Some(id)) = (path::get(&attributes, ty.id), id) {
        path::set(&mut attributes, ty.id, id.into());
    }
    without_empty_outputs(ty, &mut attributes);
    let own = path::text_at(&attributes, ty.id);
    Some(Live {
        id: own.or(id.map(str::to_owned))?,
        state: state(ty, &attributes)?,
        owner: ownership::owner(&tags),
        attributes: Arc::new(attributes),
        tags,
    })
}

/// Takes the mark of the owner out of the text that has it: the tags that stand for it. A text of
/// nothing else is none.
fn take_mark(owner: OwnerText, attributes: &mut Value) -> BTreeMap<String, String> {
    let marked = path::text_at(attributes, owner.attribute).unwrap_or_default();
    let (text, tags) = ownership::without_mark(&marked);
    let text = (!text.is_empty()).then(|| text.to_owned());
    path::set(attributes, owner.attribute, text.into());
    if !tags.is_empty() || owner.otherwise.is_empty() {
        return tags;
    }
    let other = path::text_at(attributes, owner.otherwise).unwrap_or_default();
    ownership::without_mark(&other).1
}

/// An output that is an empty text is none: EC2 gives a stopped instance such names.
fn without_empty_outputs(ty: &ResourceType, attributes: &mut Value) {
    let Value::Object(members) = attributes else {
        return;
    };
    let outputs = ty.schema.attributes.iter();
    for output in outputs.filter(|attribute| attribute.role == Role::Output) {
        if members.get(output.name).and_then(Value::as_str) == Some("") {
            members.remove(output.name);
        }
    }
}

/// What an object is doing; `None` if it is gone. A state that the type does not know is one to wait
/// out: AWS adds such for work it does by itself.
fn state(ty: &ResourceType, attributes: &Value) -> Option<State> {
    let Some(states) = &ty.states else {
        return Some(State::Ready);
    };
    let Some(word) = path::text_at(attributes, states.path) else {
        return Some(State::Ready);
    };
    let is = |words: &[&str]| words.contains(&word.as_str());
    if is(states.gone) {
        return None;
    }
    Some(if is(states.ready) {
        State::Ready
    } else if is(states.deleting) {
        State::Deleting(word)
    } else if is(states.failed) {
        let reason = (!states.reason.is_empty()).then_some(states.reason);
        State::Failed {
            reason: reason.and_then(|reason| path::text_at(attributes, reason)),
            state: word,
        }
    } else {
        State::Pending(word)
    })
}
