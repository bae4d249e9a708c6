//! Waiting until an object works, or is gone.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex as Guard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::call::Api;
use super::contract::{ErrorClass, List, ResourceType, States};
use super::errors::{ErrorKind, ProviderError};
use super::live::{Live, State};
use super::path;
use super::read::{Extent, Key, Need};
use super::retry::{rest, stopped};
use super::session::{Provider, Watch};

/// How an object without states is waited for: one look a second for two minutes.
const PLAIN: (u64, u64) = (1, 120);
/// How long an object that was just made may not be seen.
const UNSEEN: Duration = Duration::from_secs(120);
/// The shortest interval between two looks on a cloud whose time runs fast.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(20);
/// The shortest patience on a cloud whose time runs fast.
const LEAST_PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct Wait {
    every: Duration,
    timeout: Duration,
    usual: Option<Duration>,
    since: Instant,
}

impl Wait {
    pub(super) fn new(provider: &Provider, states: Option<&States>) -> Self {
        let (every, timeout) = states.map_or(PLAIN, |states| (states.every, states.timeout));
        let scaled = |seconds| provider.scaled(Duration::from_secs(seconds));
        let usual = states.map(|states| states.usual).filter(|usual| *usual > 0);
        Self {
            every: scaled(every).max(SHORTEST_INTERVAL),
            timeout: scaled(timeout).max(LEAST_PATIENCE),
            usual: usual.map(scaled),
            since: Instant::now(),
        }
    }

    /// Pauses before the next look.
    pub(super) async fn look_again(
        &self,
        ty: &'static ResourceType,
        id: &str,
        state: &str,
        watch: &dyn Watch,
    ) -> Result<(), ProviderError> {
        watch.waiting(state, self.usual);
        let waited = self.since.elapsed();
        if waited >= self.timeout {
            let service = Api::from(ty.service).name();
            let text = format!("{id} is still {state} after {} s", waited.as_secs());
            return Err(ProviderError::new(ErrorKind::WaitedTooLong, service, text));
        }
        rest(watch, self.every).await;
        if watch.stopping() {
            return Err(stopped(ty, &format!("stopped while {id} is {state}")));
        }
        Ok(())
    }
}

impl Provider {
    /// Waits until an object works, and reads it whole.
    ///
    /// # Errors
    /// Making it failed (with the service's own reason), it vanished, it takes too long, the person
    /// wants to stop, or a read failed.
    pub async fn wait_ready(
        &self,
        ty: &'static ResourceType,
        key: &Key,
        need: &Need,
        watch: &dyn Watch,
    ) -> Result<Live, ProviderError> {
        self.wait_until(ty, key, need, watch, &|_| true).await
    }

    /// The same until it works as `wanted` asks.
    pub(super) async fn wait_until(
        &self,
        ty: &'static ResourceType,
        key: &Key,
        need: &Need,
        watch: &dyn Watch,
        wanted: &(dyn Fn(&Live) -> bool + Sync),
    ) -> Result<Live, ProviderError> {
        let wait = Wait::new(self, ty.states.as_ref());
        let shown = match key {
            Key::Id(id) => id,
            Key::Name { name, .. } => name,
        };
        let unseen = self.scaled(UNSEEN).max(LEAST_PATIENCE);
        loop {
            // Of what has no state the first look reads everything; else the state comes first.
            let extent = match ty.states {
                Some(_) => Extent::First,
                None => Extent::Needed(need),
            };
            match self.shown(ty, key, extent).await? {
                Some(live) => match &live.state {
                    State::Ready if ty.states.is_none() => return Ok(live),
                    State::Ready if !wanted(&live) => {
                        wait.look_again(ty, shown, &word(ty, &live), watch).await?;
                    }
                    State::Ready => match self.shown(ty, key, Extent::Needed(need)).await? {
                        Some(live) if live.state == State::Ready && wanted(&live) => {
                            return Ok(live);
                        }
                        _ => wait.look_again(ty, shown, "settling", watch).await?,
                    },
                    State::Failed { state, reason } => {
                        return Err(failed(ty, shown, state, reason.as_deref()));
                    }
                    State::Pending(state) => {
                        wait.look_again(ty, shown, state, watch).await?;
                    }
                    State::Deleting(state) => {
                        let reason = reason(ty, &live);
                        return Err(failed(ty, shown, state, reason.as_deref()));
                    }
                },
                None => {
                    if let Some((state, reason)) = self.end_of(ty, key).await? {
                        return Err(failed(ty, shown, &state, reason.as_deref()));
                    }
                    if wait.since.elapsed() >= unseen {
                        return Err(failed(ty, shown, "not there any more", None));
                    }
                    wait.look_again(ty, shown, "not shown yet", watch).await?;
                }
            }
        }
    }

    /// The object as far as the service shows it: what was written a moment ago may be seen in one place
    /// and not yet in another.
    async fn shown(
        &self,
        ty: &'static ResourceType,
        key: &Key,
        extent: Extent<'_>,
    ) -> Result<Option<Live>, ProviderError> {
        match self.read_extent(ty, key, extent).await {
            Err(error) if error.class == ErrorClass::Absent => Ok(None),
            other => other,
        }
    }

    /// The state of what is gone and still shown, and the service's own reason.
    async fn end_of(
        &self,
        ty: &'static ResourceType,
        key: &Key,
    ) -> Result<Option<(String, Option<String>)>, ProviderError> {
        let (Some(states), Key::Id(id)) = (ty.states, key) else {
            return Ok(None);
        };
        if states.gone.is_empty() {
            return Ok(None);
        }
        let raw = self.remains(ty, id).await?;
        let text = |place: &str| path::text_at(raw.as_ref()?, place);
        let state = text(states.path).filter(|word| states.gone.contains(&word.as_str()));
        let reason = Some(states.reason).filter(|place| !place.is_empty());
        Ok(state.map(|word| (word, reason.and_then(text))))
    }

    /// Waits until the service says that an object is gone, and its list no longer shows it. What has
    /// its name afterwards is another object.
    ///
    /// # Errors
    /// Deleting it failed, it takes too long, the person wants to stop, or a read failed.
    pub async fn wait_gone(
        &self,
        ty: &'static ResourceType,
        live: &Live,
        watch: &dyn Watch,
    ) -> Result<(), ProviderError> {
        let wait = Wait::new(self, ty.states.as_ref());
        let key = Key::Id(live.id.clone());
        while let Some(left) = self.read_extent(ty, &key, Extent::First).await? {
            let went = matches!(live.state, State::Deleting(_));
            let state = match &left.state {
                State::Deleting(state) => state.as_str(),
                State::Ready | State::Pending(_) if went => return Ok(()),
                State::Pending(state) => state.as_str(),
                // What had failed before may say so until it goes.
                State::Failed { .. } if matches!(live.state, State::Failed { .. }) => "still there",
                State::Failed { state, reason } => {
                    return Err(failed(ty, &live.id, state, reason.as_deref()));
                }
                State::Ready => "still there",
            };
            wait.look_again(ty, &live.id, state, watch).await?;
        }
        let Some(list) = &ty.list else {
            return Ok(());
        };
        loop {
            let listed = self.listed_since(ty, list, Instant::now()).await?;
            if !listed.contains(&live.id) {
                return Ok(());
            }
            wait.look_again(ty, &live.id, "still listed", watch).await?;
        }
    }

    /// The ids that a list shows which was begun after `since`: one for all who wait for objects of
    /// the type, as accounts may have many more than go.
    async fn listed_since(
        &self,
        ty: &'static ResourceType,
        list: &'static List,
        since: Instant,
    ) -> Result<Arc<HashSet<String>>, ProviderError> {
        let last = self.0.listings.of(ty);
        let mut last = last.lock().await;
        if let Some((begun, ids)) = &*last
            && *begun >= since
        {
            return Ok(Arc::clone(ids));
        }
        let begun = Instant::now();
        let listed = self.list(ty, list).await?;
        let ids: Arc<HashSet<_>> = Arc::new(listed.into_iter().map(|l| l.live.id).collect());
        *last = Some((begun, Arc::clone(&ids)));
        Ok(ids)
    }
}

/// When a list was begun, and the ids that it showed.
type Listing = Option<(Instant, Arc<HashSet<String>>)>;

/// The last list of each type that somebody waited with, made by one at a time.
#[derive(Debug, Default)]
pub(super) struct Listings(Guard<HashMap<&'static str, Arc<Mutex<Listing>>>>);

impl Listings {
    fn of(&self, ty: &ResourceType) -> Arc<Mutex<Listing>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(ty.schema.name).or_default())
    }
}

/// AWS's word for an object's state.
fn word(ty: &ResourceType, live: &Live) -> String {
    let word = |states: States| path::text_at(&live.attributes, states.path);
    ty.states.and_then(word).unwrap_or_default()
}

/// The service's own reason for an object's state.
fn reason(ty: &ResourceType, live: &Live) -> Option<String> {
    let states = ty.states.filter(|states| !states.reason.is_empty())?;
    path::text_at(&live.attributes, states.reason)
}

pub(super) fn failed(
    ty: &ResourceType,
    id: &str,
    state: &str,
    reason: Option<&str>,
) -> ProviderError {
    let text = match reason {
        Some(reason) => format!("{id} is {state}: {reason}"),
        None => format!("{id} is {state}"),
    };
    ProviderError::new(ErrorKind::Failed, Api::from(ty.service).name(), text)
}
