//! Changing an object in place.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use super::body::Sent;
use super::call::{Api, Request};
use super::contract::{ErrorClass, ReadWhen, ResourceType};
use super::delete::first_failure;
use super::errors::{ErrorKind, Impossible, ProviderError};
use super::input;
use super::live::Live;
use super::marks::Mark;
use super::ownership::{self, RESTART, RETIRING};
use super::path;
use super::read::{Key, Need};
use super::retry::{Patience, rest, stopped};
use super::session::{Provider, Watch};
use super::update_calls::{UpdateCall, update_calls};
use crate::schema::{AttributePath, Change, Draft};

/// How long a service has to show that it works on what it was told.
pub(super) const BEFORE_FIRST_LOOK: Duration = Duration::from_secs(1);

/// The attributes that calls are about.
fn changing(calls: &[UpdateCall]) -> BTreeSet<String> {
    let covers = calls.iter().flat_map(|call| call.covers);
    covers.map(|path| (*path).to_owned()).collect()
}

/// The change of the text that says who owns the object, where that is another one.
fn marking(
    ty: &ResourceType,
    live: &Live,
    desired: &Value,
    tags: &BTreeMap<String, String>,
) -> Option<Change> {
    let owner = ty.owner.filter(|_| *tags != live.tags)?;
    let text = |value: &Value| {
        path::get(value, owner.attribute)
            .cloned()
            .unwrap_or_default()
    };
    Some(Change {
        path: AttributePath::default().key(owner.attribute),
        before: text(&live.attributes),
        after: Draft::Known(text(desired)),
        replaces: false,
        sensitive: false,
    })
}

/// Whether an update needs what is read for it only.
fn reads_before(ty: &ResourceType, need: &Need) -> bool {
    let mut reads = ty.reads.iter();
    reads.any(|read| matches!(read.when, ReadWhen::Changing(of) if need.changes(of)))
}

impl Provider {
    /// The calls that make these changes, tags aside, without making any.
    ///
    /// # Errors
    /// The first change that AWS has no way to make.
    pub fn update_calls(
        ty: &'static ResourceType,
        live: &Live,
        desired: &Value,
        changes: &[Change],
    ) -> Result<Vec<UpdateCall>, Impossible> {
        update_calls(ty, live, desired, changes)
    }

    /// Brings the tags to `tags` (all that are wanted, pinfra's own included) and makes the changes:
    /// the tags first, then every update in its order, one at a time, waiting in between where the
    /// object works on it, and starting it again at the end if it was stopped for them.
    ///
    /// # Errors
    /// A call failed, a change cannot be made, or the person wants to stop; what was done before
    /// stays done.
    pub async fn update(
        &self,
        ty: &'static ResourceType,
        live: &Live,
        desired: &Value,
        changes: &[Change],
        tags: &BTreeMap<String, String>,
        watch: &dyn Watch,
    ) -> Result<(), ProviderError> {
        let service = Api::from(ty.service).name();
        let marked = input::with_mark(ty, desired, Some(live), tags);
        let desired = marked.as_ref().unwrap_or(desired);
        let marking = marking(ty, live, desired, tags);
        let changes: Vec<Change> = changes.iter().cloned().chain(marking).collect();
        let mut calls = update_calls(ty, live, desired, &changes).map_err(|impossible| {
            ProviderError::new(ErrorKind::Impossible, service, impossible.to_string())
        })?;
        if let Some(stack) = tags.get(ownership::STACK) {
            self.mark_parent(ty, stack, &live.attributes, Mark::Set, watch)
                .await?;
        }
        let sent = match any_uses(&calls, "body") {
            true => self.contents(ty, desired, watch).await?,
            false => Sent::default(),
        };
        let desired = sent.desired.as_ref().unwrap_or(desired);
        for call in &mut calls {
            call.body.clone_from(&sent.body);
        }
        let declared = desired.as_object().into_iter().flatten();
        let need = Need {
            declared: declared.map(|(name, _)| name.clone()).collect(),
            changing: changing(&calls),
            ..Need::default()
        };
        let mut live = live.clone();
        if reads_before(ty, &need) {
            self.read_again(ty, &mut live, &need).await?;
        }
        let mut restarting = live.tags.contains_key(RESTART);
        let tagged = match ty.tags.filter(|_| any_uses(&calls, "tags")) {
            // They are part of what is sent.
            Some(own) => {
                for call in &mut calls {
                    call.tags = Some(input::tags_for_create(own.shape, tags));
                }
                false
            }
            None => self.bring_tags(ty, &live, tags, watch).await?,
        };
        if tagged && any_uses(&calls, "live") {
            self.read_again(ty, &mut live, &need).await?;
        }
        for (at, call) in calls.iter().enumerate() {
            if (tagged || at > 0) && watch.stopping() {
                return Err(stopped(
                    ty,
                    &format!("stopped before {}", call.call.operation),
                ));
            }
            if call.at_rest {
                self.bring_to_rest(ty, &mut live, &need, watch).await?;
                restarting |= live.tags.contains_key(RESTART);
            }
            let done = match &call.element {
                Some(element) => {
                    self.change_element(ty, call, element, &live, desired, watch)
                        .await
                }
                None => {
                    self.carry_out(ty, call, &mut live, desired, &need, watch)
                        .await
                }
            };
            if let Err(refused) = done {
                // It is not left at rest for nothing; and if it is, the next run starts it.
                let is_answer = matches!(refused.kind, ErrorKind::Refused | ErrorKind::Denied);
                if restarting && is_answer {
                    live.tags.insert(RESTART.to_owned(), "true".to_owned());
                    let started = self.start_again(ty, &mut live, desired, &need, watch);
                    drop(started.await);
                }
                return Err(refused);
            }
            self.0.young.add(&live.id);
            let later = &calls[at + 1..];
            if call.settles {
                let settling = self.scaled(BEFORE_FIRST_LOOK);
                rest(watch, settling).await;
                let key = Key::Id(live.id.clone());
                live = self.wait_ready(ty, &key, &need, watch).await?;
            } else if any_uses(later, "live") {
                self.read_again(ty, &mut live, &need).await?;
            }
        }
        if restarting {
            live.tags.insert(RESTART.to_owned(), "true".to_owned());
            self.start_again(ty, &mut live, desired, &need, watch)
                .await?;
        }
        if !tags.contains_key(RETIRING) {
            self.unmark(ty, &mut live, RETIRING, watch).await?;
        }
        Ok(())
    }

    /// Makes one call of an update, again for as long as its errors are worth it.
    pub(super) async fn carry_out(
        &self,
        ty: &'static ResourceType,
        update: &UpdateCall,
        live: &mut Live,
        desired: &Value,
        need: &Need,
        watch: &dyn Watch,
    ) -> Result<(), ProviderError> {
        let aws = self.facts([&update.call.input]).await?;
        if let Some(room) = update.room {
            self.make_room(ty, room, live, watch).await?;
        }
        let mut patience = Patience::new(self, ty, watch);
        loop {
            let input = update.input(ty, live, desired, aws);
            let request = Request {
                api: ty.service.into(),
                operation: update.call.operation,
                input: &input,
                repeatable: true,
            };
            let error = match self.send(request, ty.errors).await {
                Ok(reply) => return not_done(ty, update, &reply),
                Err(error) => error,
            };
            if error.is_one_of(update.call.already) {
                return Ok(());
            }
            if error.is_one_of(update.moved) {
                let text = "somebody else changed it since it was read, and that is not overwritten: \
                            plan again to see what it is now";
                return Err(ProviderError {
                    message: text.into(),
                    ..error
                });
            }
            let conflict = error.class == ErrorClass::Conflict;
            patience.again(error, &input).await?;
            // Somebody else's change may have moved the version token.
            if conflict {
                self.read_again(ty, live, need).await?;
            }
        }
    }

    pub(super) async fn read_again(
        &self,
        ty: &'static ResourceType,
        live: &mut Live,
        need: &Need,
    ) -> Result<(), ProviderError> {
        if let Some(newer) = self.read(ty, &Key::Id(live.id.clone()), need).await? {
            *live = newer;
        }
        Ok(())
    }
}

/// # Errors
/// The reply says that the call, which succeeded as a whole, did not do what it was for.
fn not_done(ty: &ResourceType, update: &UpdateCall, reply: &Value) -> Result<(), ProviderError> {
    match first_failure(update.failures, reply) {
        None => Ok(()),
        Some(why) => {
            let text = format!("{} was not done: {why}", update.call.operation);
            let service = Api::from(ty.service).name();
            Err(ProviderError::new(ErrorKind::Refused, service, text))
        }
    }
}

/// Whether one of these calls has a path that begins with `root`.
fn any_uses(calls: &[UpdateCall], root: &str) -> bool {
    let mut inputs = calls.iter().map(|call| &call.call.input);
    inputs.any(|input| input::uses(input, root))
}
