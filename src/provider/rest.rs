//! Bringing an object to rest for an update, and starting it again.
//!
//! A tag says so from before it is stopped until it runs: whoever finds it, starts the object. So a
//! run that is killed in between leaves nothing at rest for good.

use serde_json::Value;

use super::contract::{ResourceType, Rest, TagChange};
use super::declared::is_one_of;
use super::errors::ProviderError;
use super::live::{Live, State};
use super::ownership::RESTART;
use super::read::{Key, Need};
use super::session::{Provider, Watch};
use super::update_calls::{UpdateCall, tag_calls};
use super::{input, path};

/// Whether a live object is at rest.
pub fn is_at_rest(ty: &ResourceType, live: &Live) -> bool {
    let word = ty
        .states
        .and_then(|states| path::text_at(&live.attributes, states.path));
    let rest = ty.rest.map_or(&[][..], |rest| rest.states);
    word.is_some_and(|word| rest.contains(&word.as_str()))
}

/// What an object at rest is called, in AWS's word: `stopped`.
pub fn resting(ty: &ResourceType, live: &Live) -> Option<String> {
    let states = ty.states.filter(|_| is_at_rest(ty, live))?;
    path::text_at(&live.attributes, states.path)
}

impl Provider {
    /// Puts a tag of pinfra's own on a live object.
    ///
    /// # Errors
    /// The call failed.
    pub async fn mark(
        &self,
        ty: &'static ResourceType,
        live: &mut Live,
        key: &str,
        watch: &dyn Watch,
    ) -> Result<(), ProviderError> {
        let mut tags = live.tags.clone();
        tags.insert(key.to_owned(), "true".to_owned());
        let calls = ty.tags.as_ref().map(|own| tag_calls(own, live, &tags));
        self.all(ty, calls.unwrap_or_default(), live, watch).await?;
        live.tags = tags;
        Ok(())
    }

    /// Takes it off again.
    ///
    /// # Errors
    /// The call failed.
    pub async fn unmark(
        &self,
        ty: &'static ResourceType,
        live: &mut Live,
        key: &str,
        watch: &dyn Watch,
    ) -> Result<(), ProviderError> {
        if live.tags.remove(key).is_none() {
            return Ok(());
        }
        let calls = match ty.tags.as_ref().map(|own| &own.change) {
            Some(TagChange::Some { remove, .. }) => {
                let call = UpdateCall::of(remove, &["tags"], false);
                let keys = Some(Value::Array(vec![key.into()]));
                vec![UpdateCall { keys, ..call }]
            }
            Some(TagChange::All(call)) => {
                let shape = ty.tags.as_ref().map(|own| own.shape);
                let kept = live.tags.iter().filter(|(key, _)| !key.starts_with("aws:"));
                let tags = shape.map(|shape| input::tags_for_change(shape, kept));
                let call = UpdateCall::of(call, &["tags"], false);
                vec![UpdateCall { tags, ..call }]
            }
            None => Vec::new(),
        };
        self.all(ty, calls, live, watch).await
    }

    async fn all(
        &self,
        ty: &'static ResourceType,
        calls: Vec<UpdateCall>,
        live: &mut Live,
        watch: &dyn Watch,
    ) -> Result<(), ProviderError> {
        let need = Need::default();
        for call in &calls {
            self.carry_out(ty, call, live, &Value::Null, &need, watch)
                .await?;
        }
        Ok(())
    }

    /// Brings an object to rest, unless it is.
    pub(super) async fn bring_to_rest(
        &self,
        ty: &'static ResourceType,
        live: &mut Live,
        need: &Need,
        watch: &dyn Watch,
    ) -> Result<(), ProviderError> {
        let Some(rest) = &ty.rest else {
            return Ok(());
        };
        let key = Key::Id(live.id.clone());
        if let State::Pending(_) = live.state {
            *live = self.wait_ready(ty, &key, need, watch).await?;
        }
        if is_at_rest(ty, live) {
            return Ok(());
        }
        self.mark(ty, live, RESTART, watch).await?;
        let stop = UpdateCall::of(&rest.stop, &[], true);
        self.carry_out(ty, &stop, live, &Value::Null, need, watch)
            .await?;
        let at_rest = |live: &Live| is_at_rest(ty, live);
        *live = self.wait_until(ty, &key, need, watch, &at_rest).await?;
        live.tags.insert(RESTART.to_owned(), "true".to_owned());
        Ok(())
    }

    /// Starts an object that was stopped for an update, unless it is wanted at rest.
    pub(super) async fn start_again(
        &self,
        ty: &'static ResourceType,
        live: &mut Live,
        desired: &Value,
        need: &Need,
        watch: &dyn Watch,
    ) -> Result<(), ProviderError> {
        let Some(rest) = ty.rest.as_ref().filter(|_| live.tags.contains_key(RESTART)) else {
            return Ok(());
        };
        if !stays_at_rest(ty, rest, desired) {
            let start = UpdateCall::of(&rest.start, &[], true);
            self.carry_out(ty, &start, live, desired, need, watch)
                .await?;
            let key = Key::Id(live.id.clone());
            let runs = |live: &Live| !is_at_rest(ty, live);
            *live = self.wait_until(ty, &key, need, watch, &runs).await?;
            live.tags.insert(RESTART.to_owned(), "true".to_owned());
        }
        self.unmark(ty, live, RESTART, watch).await
    }
}

/// Whether it is wanted at rest anyway.
fn stays_at_rest(ty: &ResourceType, rest: &Rest, desired: &Value) -> bool {
    let Some((place, values)) = rest.unless else {
        return false;
    };
    let wanted = input::wanted(ty, desired, None);
    path::get(&wanted, place).is_some_and(|wanted| is_one_of(wanted, values))
}
