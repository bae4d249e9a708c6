//! Destroying an object.

use std::time::Duration;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::{Map, Value};

use super::call::{Api, Request};
use super::contract::{Call, Delete, Empty, ErrorClass, ResourceType, Room};
use super::errors::{ErrorKind, ProviderError};
use super::holders::{Holder, IsOwn, name_all};
use super::input::{self, Scope};
use super::live::{Live, Owner};
use super::marks::Mark;
use super::read::{Extent, Key, Need};
use super::retry::{Patience, rest, stopped};
use super::session::{Provider, Watch};
use super::{path, reshape};
use crate::schema::has_text;

/// How long what still uses an object is waited out: interfaces that AWS manages stay for 45 minutes.
const BLOCKED: Duration = Duration::from_secs(3600);
/// How many of the calls that must go first are under way at once.
const AT_ONCE: usize = 8;
/// How often the same contents may be listed although they were removed, and the pause after that.
const SAME_BATCH: usize = 10;
const AFTER_SAME_BATCH: Duration = Duration::from_secs(1);

impl Provider {
    /// Destroys an object, what it holds and what hangs on it, and waits until the service says that
    /// it is gone and its list no longer shows it. What is gone already is fine.
    ///
    /// # Errors
    /// A call failed, it takes too long, or the person wants to stop; what is not this stack's, as
    /// `is_own` says, goes on using it.
    pub async fn delete(
        &self,
        ty: &'static ResourceType,
        live: &Live,
        is_own: &IsOwn<'_>,
        watch: &dyn Watch,
    ) -> Result<(), ProviderError> {
        let Some(delete) = &ty.delete else {
            let service = Api::from(ty.service).name();
            let text = format!("{} is never destroyed", ty.schema.name);
            return Err(ProviderError::new(ErrorKind::Impossible, service, text));
        };
        let deleting = matches!(live.state, super::State::Deleting(_));
        if !deleting {
            self.bring_down(ty, delete, &live.id, is_own, watch).await?;
        }
        self.wait_gone(ty, live, watch).await?;
        match &live.owner {
            Owner::Stack { stack, .. } => {
                self.mark_parent(ty, stack, &live.attributes, Mark::Removed, watch)
                    .await
            }
            Owner::Nobody => Ok(()),
        }
    }

    /// Has an object that goes let go of another one that goes too, of this id: the calls that must come
    /// before its own deletion are made for the elements that name it.
    ///
    /// # Errors
    /// A call failed, it takes too long, or the person wants to stop.
    pub async fn let_go(
        &self,
        ty: &'static ResourceType,
        live: &Live,
        id: &str,
        watch: &dyn Watch,
    ) -> Result<(), ProviderError> {
        for (place, call) in ty.before_deletion() {
            let mut elements = elements(live, place);
            elements.retain(|(_, value)| has_text(value, id));
            self.before(ty, live, place, call, elements, watch).await?;
        }
        Ok(())
    }

    /// Makes the calls, unless the object is gone or going already.
    async fn bring_down(
        &self,
        ty: &'static ResourceType,
        delete: &'static Delete,
        id: &str,
        is_own: &IsOwn<'_>,
        watch: &dyn Watch,
    ) -> Result<(), ProviderError> {
        let need = before_deletion(ty);
        let mut patience = Patience::new(self, ty, watch);
        loop {
            let Some(live) = self.read(ty, &Key::Id(id.to_owned()), &need).await? else {
                return Ok(());
            };
            if matches!(live.state, super::State::Deleting(_)) {
                return Ok(());
            }
            for empty in delete.empty {
                self.empty(ty, empty, &live, watch).await?;
            }
            for (place, call) in delete.before {
                let elements = elements(&live, place);
                self.before(ty, &live, place, call, elements, watch).await?;
            }
            let (input, error) = match self.once(ty, &delete.call, &live, None, None).await? {
                (_, Ok(_)) => return Ok(()),
                (input, Err(error)) => (input, error),
            };
            let is_blocked = error.is_one_of(delete.blocked);
            let (error, stays) = match is_blocked || error.class == ErrorClass::Conflict {
                true => self.naming_blockers(ty, &live, is_own, error).await,
                false => (error, false),
            };
            let paused = match is_blocked {
                _ if stays => Err(error),
                true => patience.within(error, BLOCKED).await,
                false => patience.again(error, &input).await,
            };
            if let Err(error) = paused {
                return self.is_going(ty, id).await.ok_or(error);
            }
        }
    }

    /// The error with the names of what still uses the object, as far as it can be found, and
    /// whether some of that stays: then waiting is of no use.
    async fn naming_blockers(
        &self,
        ty: &'static ResourceType,
        live: &Live,
        is_own: &IsOwn<'_>,
        mut error: ProviderError,
    ) -> (ProviderError, bool) {
        // Why they cannot be found is less of an answer than why the object cannot be deleted.
        let found = self.holders(ty, live).await.unwrap_or_default();
        let message = error.message.trim_end_matches('.');
        let staying: Vec<&Holder> = found.iter().filter(|one| one.stays(is_own)).collect();
        let help = staying.first().map(|one| one.help);
        let stays = help.is_some();
        if stays {
            let named = name_all(staying);
            error.message = format!("{message}: still used by {named}, not this stack's").into();
            let go_on = "then run the same command again: it goes on from here";
            error.help = help.map(|help| format!("{help}, {go_on}").into());
        } else if !found.is_empty() {
            error.message = format!("{message}: still used by {}", name_all(&found)).into();
        }
        (error, stays)
    }

    /// Whether an object is gone or going although deleting it was refused: the answer to a call that
    /// took effect got lost, and the SDK sent it once more.
    async fn is_going(&self, ty: &'static ResourceType, id: &str) -> Option<()> {
        let key = Key::Id(id.to_owned());
        match self.read_extent(ty, &key, Extent::First).await {
            Ok(None) => Some(()),
            Ok(Some(live)) if matches!(live.state, super::State::Deleting(_)) => Some(()),
            // Why it cannot be read is less of an answer than why it cannot be deleted.
            Ok(Some(_)) | Err(_) => None,
        }
    }

    /// One call for every element.
    async fn before(
        &self,
        ty: &'static ResourceType,
        live: &Live,
        place: &str,
        call: &'static Call,
        elements: Vec<(Value, Value)>,
        watch: &dyn Watch,
    ) -> Result<(), ProviderError> {
        let calls = stream::iter(elements).map(|(key, value)| async move {
            let item = ty.hooks.item(place, &value);
            self.until_done(ty, call, live, Some((&key, &item)), None, watch)
                .await
        });
        calls
            .buffer_unordered(AT_ONCE)
            .try_for_each(|_| async { Ok(()) })
            .await
    }

    /// Removes contents batch by batch until nothing is left.
    async fn empty(
        &self,
        ty: &'static ResourceType,
        empty: &'static Empty,
        live: &Live,
        watch: &dyn Watch,
    ) -> Result<(), ProviderError> {
        let mut before: Option<Vec<Value>> = None;
        let mut same = 0;
        loop {
            if watch.stopping() {
                return Err(stopped(ty, &format!("stopped while emptying {}", live.id)));
            }
            let reply = self
                .until_done(ty, &empty.list, live, None, None, watch)
                .await?;
            let items = batch(empty, &reply);
            if items.is_empty() {
                return Ok(());
            }
            if before.as_ref() == Some(&items) {
                same += 1;
                if same > SAME_BATCH {
                    return Err(self.stuck(ty, empty, live, "the same contents stay"));
                }
                rest(watch, self.scaled(AFTER_SAME_BATCH)).await;
            }
            if empty.batch {
                let items = Value::Array(items.clone());
                let call = &empty.remove;
                let reply = self
                    .until_done(ty, call, live, None, Some(&items), watch)
                    .await?;
                if let Some(failure) = first_failure(empty.failures, &reply) {
                    return Err(self.stuck(ty, empty, live, &failure));
                }
            } else {
                let calls = items.iter().map(|item| {
                    let each = Some((item, item));
                    self.until_done(ty, &empty.remove, live, each, None, watch)
                });
                let calls: Vec<_> = calls.collect();
                let calls = stream::iter(calls).buffer_unordered(AT_ONCE);
                calls.try_for_each(|_| async { Ok(()) }).await?;
            }
            before = Some(items);
        }
    }

    /// Removes the oldest of what an update adds to, until there is room.
    pub(super) async fn make_room(
        &self,
        ty: &'static ResourceType,
        room: &'static Room,
        live: &Live,
        watch: &dyn Watch,
    ) -> Result<(), ProviderError> {
        let reply = self
            .until_done(ty, &room.of.list, live, None, None, watch)
            .await?;
        let mut items = batch(&room.of, &reply);
        let age = |item: &Value| path::get(item, room.oldest).and_then(Value::as_i64);
        items.sort_by_key(age);
        items.truncate(items.len().saturating_sub(room.most));
        for item in &items {
            let each = Some((item, item));
            self.until_done(ty, &room.of.remove, live, each, None, watch)
                .await?;
        }
        Ok(())
    }

    fn stuck(&self, ty: &ResourceType, empty: &Empty, live: &Live, why: &str) -> ProviderError {
        let service = Api::from(ty.service).name();
        let text = format!(
            "{} does not empty {}: {why}",
            empty.remove.operation, live.id
        );
        ProviderError::new(ErrorKind::Failed, service, text)
    }

    /// One call, again for as long as its errors are worth it; what is gone already is done.
    async fn until_done(
        &self,
        ty: &'static ResourceType,
        call: &'static Call,
        live: &Live,
        each: Option<(&Value, &Value)>,
        items: Option<&Value>,
        watch: &dyn Watch,
    ) -> Result<Value, ProviderError> {
        let mut patience = Patience::new(self, ty, watch);
        loop {
            match self.once(ty, call, live, each, items).await? {
                (_, Ok(reply)) => return Ok(reply),
                (_, Err(error)) if error.class == ErrorClass::Absent => return Ok(Value::Null),
                (input, Err(error)) => patience.again(error, &input).await?,
            }
        }
    }

    /// One call: its input, and what it gave.
    async fn once(
        &self,
        ty: &'static ResourceType,
        call: &'static Call,
        live: &Live,
        each: Option<(&Value, &Value)>,
        items: Option<&Value>,
    ) -> Result<(Value, Result<Value, ProviderError>), ProviderError> {
        let aws = self.facts([&call.input]).await?;
        let name = ty.schema.unique_name;
        let name = name.and_then(|name| path::text_at(&live.attributes, name));
        let scope = Scope {
            id: Some(&live.id),
            name: name.as_deref(),
            live: Some(&live.attributes),
            wanted: Some(&live.attributes),
            each,
            items,
            aws: Some(aws),
            ..Scope::default()
        };
        let input = input::evaluate(&call.input, &scope);
        let request = Request {
            api: ty.service.into(),
            operation: call.operation,
            input: &input,
            repeatable: true,
        };
        let reply = match self.send(request, ty.errors).await {
            Err(error) if error.is_one_of(call.already) => Ok(Value::Null),
            other => other,
        };
        Ok((input, reply))
    }
}

/// Whether an object names another one, of this id, in what must be taken from it before it is destroyed.
pub fn holds(ty: &ResourceType, live: &Live, id: &str) -> bool {
    let before = ty.before_deletion();
    let mut all = before.iter().flat_map(|(place, _)| elements(live, place));
    all.any(|(_, value)| has_text(&value, id))
}

/// What is read of an object for what must be done before it is destroyed.
pub fn before_deletion(ty: &ResourceType) -> Need {
    let before = ty.before_deletion();
    Need {
        declared: before
            .iter()
            .map(|(place, _)| (*place).to_owned())
            .collect(),
        ..Need::default()
    }
}

/// The elements of a live value, with their keys.
fn elements(live: &Live, place: &str) -> Vec<(Value, Value)> {
    match path::get(&live.attributes, place) {
        Some(Value::Array(items)) => items.iter().map(|i| (i.clone(), i.clone())).collect(),
        Some(Value::Object(members)) => members
            .iter()
            .map(|(key, value)| (Value::from(key.as_str()), value.clone()))
            .collect(),
        Some(one) => vec![(one.clone(), one.clone())],
        None => Vec::new(),
    }
}

/// The elements a reply lists, with the members that removing them takes.
fn batch(empty: &Empty, reply: &Value) -> Vec<Value> {
    let lists = empty
        .at
        .iter()
        .filter_map(|place| reshape::find(reply, place));
    let items = lists.flat_map(|list| match list {
        Value::Array(items) => items,
        _ => Vec::new(),
    });
    let stays = |item: &Value| {
        let excepted = path::get(item, empty.except).and_then(Value::as_bool);
        !empty.except.is_empty() && excepted == Some(true)
    };
    let items = items.filter(|item| !stays(item));
    let keep = |item: Value| match item {
        Value::Object(members) if !empty.keep.is_empty() => {
            let kept = members.into_iter();
            let kept = kept
                .filter(|(name, value)| empty.keep.contains(&name.as_str()) && !value.is_null());
            Value::Object(kept.collect::<Map<_, _>>())
        }
        other => other,
    };
    items.map(keep).collect()
}

/// What a reply says at `place` of the first that a call did not do, though it succeeded as a whole.
pub(super) fn first_failure(place: &str, reply: &Value) -> Option<String> {
    if place.is_empty() {
        return None;
    }
    let failures = reshape::find(reply, place)?;
    let first = failures.as_array()?.first()?;
    let members = ["message", "error.message", "code", "error.code"];
    let mut texts = members.iter().filter_map(|at| path::text_at(first, at));
    Some(texts.next().unwrap_or_else(|| first.to_string()))
}
