//! Making an object, also where something stands in its place.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::plan::{Action, ResourceChange, for_creation};
use crate::provider::contract::ErrorClass;
use crate::provider::ownership::RETIRING;
use crate::provider::{Key, Live, ProviderError, ResourceType, State};

use super::steps::{Context, unknown};
use super::{Event, Failure, Outcome, Step};

/// How long what is said to be there and is not seen is looked for: lists and names lag.
const SETTLE: Duration = Duration::from_secs(120);
/// How long between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Nothing is given up sooner.
const LEAST_PATIENCE: Duration = Duration::from_secs(5);
/// No pause is shorter, however fast the embedded cloud's time runs.
const LEAST_PAUSE: Duration = Duration::from_millis(20);

impl Context<'_> {
    /// Makes an object, and waits until it works.
    pub(super) async fn make(&self, change: &ResourceChange) -> Result<(Live, Outcome), Failure> {
        let (ty, address) = (change.ty, &change.address);
        self.observer.on(address, Event::Started(Step::Creating));
        // A unique name says itself which of two is meant.
        if change.new_first && ty.schema.unique_name.is_none() {
            self.retire(change).await?;
        }
        let desired = self.desired(change, None).await?;
        let value = for_creation(ty, &desired).map_err(unknown)?;
        let value = ty.hooks.before_create(&self.local(None), value);
        let value = value.map_err(Failure::Local)?;
        let (id, outcome) = self.create(change, &value).await?;
        let (key, watch) = (Key::Id(id), self.watch(address));
        let ready = self
            .provider
            .wait_ready(ty, &key, self.need(address), &watch);
        let live = ready.await?;
        self.remember(address, &live);
        Ok((live, outcome))
    }

    /// Tries to make what takes an object's place, where that can be tried, before the object goes. What
    /// needs something that is not there yet is not tried.
    pub(super) async fn try_anew(
        &self,
        change: &ResourceChange,
        old: &Live,
    ) -> Result<(), Failure> {
        let (ty, address) = (change.ty, &change.address);
        if ty.trial().is_none() {
            return Ok(());
        }
        let desired = self.desired(change, None).await?;
        let Ok(value) = for_creation(ty, &desired) else {
            return Ok(());
        };
        let watch = self.watch(address);
        let tried = self
            .provider
            .try_to_create(ty, self.stack, address, &value, &watch);
        tried.await.map_err(|mut error| {
            let message = error.message.trim_end_matches('.');
            error.message = format!("{message}; {} was left as it is", old.id).into();
            error.into()
        })
    }

    /// Marks the object whose place is taken: whatever happens from here on, it is the one that goes.
    async fn retire(&self, change: &ResourceChange) -> Result<(), Failure> {
        let Some(mut old) = change.live.clone() else {
            return Ok(());
        };
        if old.tags.contains_key(RETIRING) {
            return Ok(());
        }
        let watch = self.watch(&change.address);
        let marked = self.provider.mark(change.ty, &mut old, RETIRING, &watch);
        Ok(marked.await?)
    }

    /// The id of the new object, or of the one in its place that an earlier run of this stack made.
    /// What is going and holds the name is waited for, whenever that is noticed.
    async fn create(
        &self,
        change: &ResourceChange,
        value: &Value,
    ) -> Result<(String, Outcome), Failure> {
        let (ty, watch) = (change.ty, self.watch(&change.address));
        if let Some(leaving) = &change.leaving {
            self.provider.wait_gone(ty, leaving, &watch).await?;
        }
        let mut unseen_since = Instant::now();
        loop {
            let created = self
                .provider
                .create(ty, self.stack, &change.address, value, &watch);
            let error = match created.await {
                Ok(created) if change.action == Action::Replace => {
                    return Ok((created.id, Outcome::Replaced));
                }
                Ok(created) => return Ok((created.id, Outcome::Created)),
                Err(error) if error.class == ErrorClass::Exists => error,
                Err(error) => return Err(error.into()),
            };
            match self.in_its_place(change, value).await? {
                Some(live) if matches!(live.state, State::Deleting(_)) => {
                    self.provider.wait_gone(ty, &live, &watch).await?;
                    unseen_since = Instant::now();
                }
                Some(live) => {
                    self.check_owner(change, &live)?;
                    return Ok((live.id, Outcome::Found));
                }
                None => self.look_again(unseen_since, error).await?,
            }
        }
    }

    /// What has the wanted name.
    async fn in_its_place(
        &self,
        change: &ResourceChange,
        value: &Value,
    ) -> Result<Option<Live>, ProviderError> {
        match name_key(change.ty, value) {
            Some(key) => {
                let need = self.need(&change.address);
                self.provider.read(change.ty, &key, need).await
            }
            None => Ok(None),
        }
    }

    /// Pauses before the name is tried again.
    ///
    /// # Errors
    /// The same error, after long enough or when the person wants to stop.
    async fn look_again(&self, since: Instant, error: ProviderError) -> Result<(), ProviderError> {
        let scale = self.provider.time_scale().max(1.0);
        let patience = SETTLE.div_f64(scale).max(LEAST_PATIENCE);
        if since.elapsed() > patience || self.interrupt.is_set() {
            return Err(error);
        }
        tokio::time::sleep(LOOK_EVERY.div_f64(scale).max(LEAST_PAUSE)).await;
        Ok(())
    }
}

fn name_key(ty: &ResourceType, desired: &Value) -> Option<Key> {
    let text = |attribute: &str| Some(desired.get(attribute)?.as_str()?.to_owned());
    let name = ty.schema.unique_name.and_then(text)?;
    Some(Key::Name {
        name,
        within: ty.within.and_then(|within| text(within.attribute)),
    })
}
