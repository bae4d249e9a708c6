//! What uses an object, so that AWS does not destroy it.

use futures_util::future::try_join_all;
use serde_json::Value;

use super::contract::{Blockers, Holders, LetsGo, ResourceType};
use super::errors::ProviderError;
use super::live::{Live, State};
use super::read::{Key, Need};
use super::session::Provider;
use super::{catalog, path, reshape};

/// One that uses an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// What it is called among its kind.
    pub id: String,
    /// When it lets go.
    pub lets_go: LetsGo,
    /// What a person can do about it, if it never does.
    pub help: &'static str,
    noun: &'static str,
    about: Option<String>,
}

/// Whether an object of a type, by its name or id, is of the stack that is worked on.
pub type IsOwn<'a> = dyn Fn(&str, &str) -> bool + Sync + 'a;

impl Holder {
    /// Whether it goes on using the object, whatever this run does.
    pub fn stays(&self, is_own: &IsOwn<'_>) -> bool {
        match self.lets_go {
            LetsGo::Always => false,
            LetsGo::Own(of) => !is_own(of, &self.id),
            LetsGo::Never => true,
        }
    }
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.noun.is_empty() {
            write!(f, "the {} ", self.noun)?;
        }
        match &self.about {
            Some(about) => write!(f, "{} ({about})", self.id),
            None => f.write_str(&self.id),
        }
    }
}

/// Several in a text.
pub fn name_all<'a>(holders: impl IntoIterator<Item = &'a Holder>) -> String {
    let names = holders.into_iter().map(ToString::to_string);
    names.collect::<Vec<_>>().join(", ")
}

/// Whether something may use an object of a type and never let go of it.
pub fn may_be_held(ty: &ResourceType) -> bool {
    let blockers = ty.blockers().iter();
    let mut holders = blockers.flat_map(|blockers| blockers.holders);
    holders.any(|holders| holders.lets_go != LetsGo::Always)
}

impl Provider {
    /// All that use an object, as far as its type says how they are found.
    ///
    /// # Errors
    /// The call that finds them failed.
    pub async fn holders(
        &self,
        ty: &'static ResourceType,
        live: &Live,
    ) -> Result<Vec<Holder>, ProviderError> {
        let blockers = ty.blockers().iter();
        let found = blockers.map(|blockers| self.holding(ty, blockers, live));
        let mut holders = Vec::new();
        for holder in try_join_all(found).await?.concat() {
            // One may hold it in several ways.
            if !holders.contains(&holder) {
                holders.push(holder);
            }
        }
        Ok(holders)
    }

    async fn holding(
        &self,
        ty: &'static ResourceType,
        blockers: &'static Blockers,
        live: &Live,
    ) -> Result<Vec<Holder>, ProviderError> {
        let reply = self
            .ask_of(ty, live, &blockers.call, blockers.pages)
            .await?;
        let each = blockers.holders.iter();
        let found = each.flat_map(|kind| of_kind(kind, blockers.help, &reply, &live.id));
        try_join_all(found.map(|holder| self.as_it_is(holder))).await
    }

    /// One that goes, by an earlier run's order perhaps, lets go by itself: it is still shown where
    /// others are listed.
    async fn as_it_is(&self, mut holder: Holder) -> Result<Holder, ProviderError> {
        if let LetsGo::Own(of) = holder.lets_go
            && let Some(ty) = catalog::find(of)
        {
            let key = Key::Name {
                name: holder.id.clone(),
                within: None,
            };
            let live = self.read(ty, &key, &Need::default()).await?;
            if live.is_none_or(|live| matches!(live.state, State::Deleting(_))) {
                holder.lets_go = LetsGo::Always;
            }
        }
        Ok(holder)
    }
}

fn of_kind(kind: &'static Holders, help: &'static str, reply: &Value, id: &str) -> Vec<Holder> {
    let found = reshape::find(reply, kind.at).unwrap_or_default();
    let found = found.as_array().into_iter().flatten();
    let using = found.filter(|one| {
        let used = || path::text_at(one, kind.uses);
        kind.uses.is_empty() || used().as_deref() == Some(id)
    });
    let holders = using.filter_map(|one| {
        let about = path::text_at(one, kind.about);
        Some(Holder {
            id: path::text_at(one, kind.id)?,
            lets_go: kind.lets_go,
            help,
            noun: kind.noun,
            about: about.filter(|about| !about.is_empty() && !kind.about.is_empty()),
        })
    });
    holders.collect()
}
