//! Changing single elements of a list that compares by a key.

use std::collections::BTreeSet;

use serde_json::Value;

use super::contract::{Elements, ResourceType, Until};
use super::errors::{ErrorKind, ProviderError};
use super::live::Live;
use super::read::Need;
use super::retry::rest;
use super::session::{Provider, Watch};
use super::update::BEFORE_FIRST_LOOK;
use super::update_calls::UpdateCall;
use super::wait::{Wait, failed};
use super::{path, reshape};
use crate::schema::{Attribute, Change, Draft, Kind, Order, Step, diff};

/// An element that a call changes.
#[derive(Clone, Debug)]
pub struct Element {
    how: &'static Elements,
    members: &'static [Attribute],
    /// The member that is the key.
    keyed: &'static str,
    key: Value,
    /// What it is to be.
    value: Value,
}

/// The elements that these changes are of. What of an element these changes do not bring is as it is
/// live: a call may have to send that too.
pub(super) fn changed(
    ty: &ResourceType,
    how: &'static Elements,
    live: &Live,
    target: &Value,
    changes: &[&Change],
) -> Vec<Element> {
    let Some((members, keyed)) = ty
        .schema
        .attribute(how.of)
        .and_then(|list| by_key(list.kind))
    else {
        return Vec::new();
    };
    let indices = changes.iter().filter_map(|change| {
        let mut steps = change.path.0.iter();
        steps.find_map(|step| match step {
            Step::Index(index) => Some(*index),
            Step::Key(_) => None,
        })
    });
    let indices: BTreeSet<usize> = indices.collect();
    let elements = indices.into_iter().filter_map(|index| {
        let value = path::get(target, how.of)?.get(index)?.clone();
        let mut element = Element {
            how,
            members,
            keyed,
            key: value.get(keyed)?.clone(),
            value,
        };
        for (own, before) in element.differences(&live.attributes) {
            let is_own = |change: &&Change| {
                let whole = change.path.attribute();
                change.path.0.contains(&Step::Index(index)) && whole == format!("{}.{own}", how.of)
            };
            if !changes.iter().any(is_own) {
                path::set(&mut element.value, &own, before);
            }
        }
        Some(element)
    });
    elements.collect()
}

/// The members of a list's elements, and which of them is the key.
fn by_key(list: Kind) -> Option<(&'static [Attribute], &'static str)> {
    match list {
        Kind::List {
            item,
            order: Order::Keyed(key) | Order::Among(key),
            ..
        } => Some((item.members()?, key)),
        _ => None,
    }
}

impl Element {
    /// Its key and what it is to be.
    pub(super) fn each(&self) -> (&Value, &Value) {
        (&self.key, &self.value)
    }

    /// The live element of the same key.
    pub(super) fn beside<'v>(&self, live: &'v Value) -> Option<&'v Value> {
        let mut all = path::get(live, self.how.of)?.as_array()?.iter();
        all.find(|element| element.get(self.keyed) == Some(&self.key))
    }

    /// The members that are not as they are to be, and how they are.
    fn differences(&self, live: &Value) -> Vec<(String, Value)> {
        let live = self.beside(live).unwrap_or(&Value::Null);
        let changes = diff(self.members, &Draft::Known(self.value.clone()), live);
        let one = |change: Change| (change.path.attribute(), change.before);
        changes.into_iter().map(one).collect()
    }

    /// Whether one of these attributes is not as it is to be.
    fn differs(&self, covers: &[&str], live: &Value) -> bool {
        let mut left = self.differences(live).into_iter();
        left.any(|(own, _)| {
            let whole = format!("{}.{own}", self.how.of);
            covers.iter().any(|path| path::overlap(&whole, path))
        })
    }

    /// What people know it by.
    fn shown(&self, live: &Live) -> String {
        let key = path::text(&self.key).unwrap_or_default();
        format!("{key} of {}", live.id)
    }
}

impl Provider {
    /// Changes one element, and waits until that is done and shown.
    ///
    /// What AWS refuses may be this very change: begun by a run that was killed, or by a call whose
    /// reply got lost.
    pub(super) async fn change_element(
        &self,
        ty: &'static ResourceType,
        update: &UpdateCall,
        element: &Element,
        live: &Live,
        desired: &Value,
        watch: &dyn Watch,
    ) -> Result<(), ProviderError> {
        let mut live = live.clone();
        let one = One {
            ty,
            update,
            element,
            shown: element.shown(&live),
            desired,
            watch,
        };
        if element.beside(&live.attributes).is_none() {
            return Err(failed(ty, &one.shown, "not there any more", None));
        }
        let need = one.need();
        let sent = self.carry_out(ty, update, &mut live, desired, &need, watch);
        let sent = sent.await;
        let Some(until) = &element.how.until else {
            return sent;
        };
        if let Err(refused) = sent {
            let is_answer = refused.kind == ErrorKind::Refused;
            return match is_answer && self.was_begun(&one, until, &mut live).await? {
                true => Ok(()),
                false => Err(refused),
            };
        }
        rest(watch, self.scaled(BEFORE_FIRST_LOOK)).await;
        let (state, reason) = self.settled(&one, until, &live).await?;
        if until.failed.contains(&state.as_str()) {
            return Err(failed(ty, &one.shown, &state, reason.as_deref()));
        }
        let wait = Wait::new(self, ty.states.as_ref());
        while !self.is_as_wanted(&one, &mut live).await? {
            let state = "not shown as changed yet";
            wait.look_again(ty, &one.shown, state, watch).await?;
        }
        Ok(())
    }

    /// Whether an element comes to be what it is to be without the call that was refused. Lists lag.
    async fn was_begun(
        &self,
        one: &One<'_>,
        until: &Until,
        live: &mut Live,
    ) -> Result<bool, ProviderError> {
        self.settled(one, until, live).await?;
        let looks = one.ty.list.as_ref().map_or(1, |list| list.settles_after);
        for _ in 0..looks {
            if self.is_as_wanted(one, live).await? {
                return Ok(true);
            }
            rest(one.watch, self.scaled(BEFORE_FIRST_LOOK)).await;
        }
        Ok(false)
    }

    async fn is_as_wanted(&self, one: &One<'_>, live: &mut Live) -> Result<bool, ProviderError> {
        self.read_again(one.ty, live, &one.need()).await?;
        Ok(!one.element.differs(one.update.covers, &live.attributes))
    }

    /// Waits until nothing is under way on an element: the last state, and the reason for it.
    async fn settled(
        &self,
        one: &One<'_>,
        until: &Until,
        live: &Live,
    ) -> Result<(String, Option<String>), ProviderError> {
        let aws = self.facts([&until.call.input]).await?;
        let wait = Wait::new(self, one.ty.states.as_ref());
        let done = [until.ready, until.failed].concat();
        loop {
            let input = &until.call.input;
            let input = one.update.evaluate(input, one.ty, live, one.desired, aws);
            let reply = match self.pages(one.ty, &until.call, None, input).await {
                Err(error) if error.is_one_of(until.call.already) => return Ok(Default::default()),
                reply => reply?,
            };
            let text = |at| reshape::find(&reply, at).as_ref().and_then(path::text);
            let state = text(until.state).unwrap_or_default();
            if state.is_empty() || done.contains(&state.as_str()) {
                return Ok((state, text(until.reason)));
            }
            wait.look_again(one.ty, &one.shown, &state, one.watch)
                .await?;
        }
    }
}

/// An element that is being changed, and who watches.
struct One<'a> {
    ty: &'static ResourceType,
    update: &'a UpdateCall,
    element: &'a Element,
    shown: String,
    desired: &'a Value,
    watch: &'a dyn Watch,
}

impl One<'_> {
    /// What is read of the object again: the list.
    fn need(&self) -> Need {
        Need {
            declared: [self.element.how.of.to_owned()].into(),
            ..Need::default()
        }
    }
}
