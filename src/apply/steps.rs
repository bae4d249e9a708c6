//! What is done with one resource in each phase.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::plan::{
    Action, LiveScope, Phase, Plan, ResourceChange, compare, is_own, local_notes, lost, settle,
    wanted_tags,
};
use crate::provider::contract::ErrorClass;
use crate::provider::hooks::LocalContext;
use crate::provider::{Key, Live, Need, Owner, Provider, ProviderError, ResourceType, State};
use crate::schema::{Address, Draft};
use crate::stack::Instance;

use super::survey::parameters;
use super::watch::ResourceWatch;
use super::{Event, Failure, Interrupt, Observer, Outcome, Step};

/// What every step of a run needs.
pub struct Context<'a> {
    /// The stack's name.
    pub stack: &'a str,
    /// The stack file's directory.
    pub directory: &'a Path,
    /// Every instance of the file.
    pub instances: &'a [Instance<'a>],
    /// The same, by address: [`by_address`].
    pub by_address: BTreeMap<&'a Address, &'a Instance<'a>>,
    /// What has to be read of each.
    pub needs: &'a BTreeMap<Address, Need>,
    /// Addresses whose live object may be taken over.
    pub adopt: &'a BTreeSet<Address>,
    /// The way to AWS.
    pub provider: &'a Provider,
    /// Who is told.
    pub observer: &'a dyn Observer,
    /// Whether to start anything new.
    pub interrupt: &'a Interrupt,
    /// What is known, growing as resources are made.
    pub scope: &'a Mutex<LiveScope>,
    /// What this run has destroyed: type and id.
    pub gone: Mutex<BTreeSet<(&'static str, String)>>,
}

/// Instances by their addresses.
pub fn by_address<'a>(instances: &'a [Instance<'a>]) -> BTreeMap<&'a Address, &'a Instance<'a>> {
    let each = instances.iter();
    each.map(|instance| (&instance.address, instance)).collect()
}

/// How far one resource has come.
#[derive(Default)]
pub struct Progress {
    started: Option<Instant>,
    outcome: Option<Outcome>,
    live: Option<Live>,
}

/// How a phase ended: `None` where there was nothing to say.
type Ended = Result<Option<(Outcome, Duration)>, Failure>;

impl Context<'_> {
    /// Carries out one phase of a change.
    pub(super) async fn step(
        &self,
        plan: &Plan,
        change: &ResourceChange,
        phase: Phase,
        progress: &Mutex<Progress>,
    ) -> Ended {
        let started = *locked(progress).started.get_or_insert_with(Instant::now);
        let outcome = match phase {
            Phase::Delete => self.delete(plan, change).await?,
            Phase::Retire => {
                self.delete(plan, change).await?;
                let made = locked(progress).outcome;
                made.unwrap_or(Outcome::Replaced)
            }
            Phase::Make => {
                let (live, outcome) = self.make(change).await?;
                let mut progress = locked(progress);
                progress.live = Some(live);
                progress.outcome = Some(outcome);
                outcome
            }
            Phase::Complete => {
                let (made, before) = {
                    let mut progress = locked(progress);
                    (progress.live.take(), progress.outcome)
                };
                let outcome = self.complete(change, made).await?;
                before.unwrap_or(outcome)
            }
        };
        Ok(Some((outcome, started.elapsed())))
    }

    async fn complete(
        &self,
        change: &ResourceChange,
        made: Option<Live>,
    ) -> Result<Outcome, Failure> {
        let (ty, address) = (change.ty, &change.address);
        let live = match made {
            Some(live) => live,
            None => {
                self.observer.on(address, Event::Started(Step::Updating));
                self.reread(change).await?
            }
        };
        let desired = self.desired(change, Some(&live)).await?;
        let notes = local_notes(ty, self.directory, Some(&live), &desired);
        let notes = notes.map_err(Failure::Local)?;
        for note in notes {
            self.observer.on(address, Event::Note(&note));
        }
        let (live, outcome) = match self.bring(change, &desired, live).await? {
            (live, false) => (live, Outcome::Found),
            (live, true) if change.action == Action::Adopt => (live, Outcome::Adopted),
            (live, true) => (live, Outcome::Updated),
        };
        self.remember(address, &live);
        Ok(outcome)
    }

    /// Brings a live object to what is declared. As it is then, and whether there was anything to do
    /// or to wait for.
    ///
    /// A call whose answer got lost takes effect, and is refused when the SDK sends it once more. So
    /// what failed is held against what is live: it goes on where less is left to do than before.
    async fn bring(
        &self,
        change: &ResourceChange,
        desired: &Draft,
        mut live: Live,
    ) -> Result<(Live, bool), Failure> {
        let (ty, address) = (change.ty, &change.address);
        let block = self.instance(address)?.block;
        let (watch, key) = (self.watch(address), Key::Id(live.id.clone()));
        let ready = || {
            self.provider
                .wait_ready(ty, &key, self.need(address), &watch)
        };
        let mut failed: Option<(usize, ProviderError)> = None;
        loop {
            let compared = compare(ty, block, desired, &live);
            self.check_strength(change, &compared)?;
            let ignored = &block.lifecycle.ignore_changes;
            let mut tags = wanted_tags(ty, self.stack, address, desired, Some(&live), ignored)
                .map_err(Failure::Local)?;
            tags.retain(|tag, _| !change.marks.stale.contains(tag));
            let same_tags = !ty.says_owner() || tags == live.tags;
            let marking = usize::from(change.marks.missing);
            let left = compared.changes.len() + usize::from(!same_tags) + marking;
            if failed.is_none() && !compared.changes.is_empty() {
                check_version(change, &live)?;
            }
            match failed.take() {
                // What has a version is written whole: what is left then is somebody else's doing.
                Some((before, error)) if left >= before || (left > 0 && !ty.version.is_empty()) => {
                    return Err(error.into());
                }
                Some(_) if left == 0 => return Ok((live, true)),
                None if left == 0 => {
                    return match live.state {
                        State::Pending(_) => Ok((ready().await?, true)),
                        _ => Ok((live, false)),
                    };
                }
                _ => {}
            }
            let value = desired.resolve().map_err(unknown)?;
            let changes = &compared.changes;
            let update = self
                .provider
                .update(ty, &live, &value, changes, &tags, &watch);
            let Err(error) = update.await else {
                return Ok((ready().await?, true));
            };
            if error.class == ErrorClass::Denied || self.interrupt.is_set() {
                return Err(error.into());
            }
            match ready().await {
                Ok(newer) => live = newer,
                Err(_) => return Err(error.into()),
            }
            failed = Some((left, error));
        }
    }

    /// The planned object as it is now.
    async fn reread(&self, change: &ResourceChange) -> Result<Live, Failure> {
        let gone = || Failure::Stronger {
            what: format!("{} went since it was planned", change.address),
        };
        let planned = change.live.as_ref().ok_or_else(gone)?;
        let key = Key::Id(planned.id.clone());
        let need = self.need(&change.address);
        let live = self.provider.read(change.ty, &key, need).await?;
        let going = |live: &Live| matches!(live.state, State::Deleting(_));
        let live = live.filter(|live| !going(live)).ok_or_else(gone)?;
        match live.owner == planned.owner {
            true => Ok(live),
            false => self.check_owner(change, &live).map(|()| live),
        }
    }

    /// During apply an action may become weaker, never stronger.
    fn check_strength(
        &self,
        change: &ResourceChange,
        compared: &crate::plan::Compared,
    ) -> Result<(), Failure> {
        if let Some((change, why)) = compared.impossible.first() {
            let what = format!("{} would have to change ({why})", change.path);
            return Err(Failure::Stronger { what });
        }
        let mut replacing = compared.changes.iter().filter(|change| change.replaces);
        match replacing.next() {
            Some(attribute) => Err(Failure::Stronger {
                what: format!(
                    "{} would have to be made anew for {}",
                    change.address, attribute.path
                ),
            }),
            None => Ok(()),
        }
    }

    async fn delete(&self, plan: &Plan, change: &ResourceChange) -> Result<Outcome, Failure> {
        let (ty, address) = (change.ty, &change.address);
        self.observer.on(address, Event::Started(Step::Deleting));
        let Some(planned) = &change.live else {
            return Ok(Outcome::Deleted);
        };
        let key = Key::Id(planned.id.clone());
        let mut need = self.need(address).clone();
        need.referenced
            .extend(ty.data.iter().map(ToString::to_string));
        if let Some(live) = self.provider.read(ty, &key, &need).await? {
            self.check_deletion(change, &live)?;
            if change.action == Action::Replace && !change.new_first {
                self.try_anew(change, &live).await?;
                self.let_go(plan, change).await?;
            }
            self.let_go_of_each_other(plan, change).await?;
            let watch = self.watch(address);
            let is_own = |type_name: &str, name: &str| is_own(&plan.changes, type_name, name);
            self.provider.delete(ty, &live, &is_own, &watch).await?;
            locked(&self.gone).insert((ty.schema.name, live.id.clone()));
            let note = ty.hooks.after_delete(&self.local(None), &live);
            if let Some(note) = note {
                self.observer.on(address, Event::Note(&note));
            }
        }
        if change.action == Action::Replace && !change.new_first {
            locked(self.scope).remove(address);
        }
        Ok(Outcome::Deleted)
    }

    /// Only what is this stack's is destroyed, and only data whose loss was allowed is lost.
    fn check_deletion(&self, change: &ResourceChange, live: &Live) -> Result<(), Failure> {
        if !live.is_of(self.stack) {
            return Err(Failure::Taken {
                what: format!(
                    "{} `{}` is no longer this stack's, so it was not destroyed",
                    change.ty.schema.name, change.name
                ),
            });
        }
        if change.lost.is_none() && lost(change.ty, live).is_some() {
            return Err(Failure::Stronger {
                what: format!("{} holds data now, which would be lost", change.address),
            });
        }
        Ok(())
    }

    /// # Errors
    /// The object belongs to somebody else, and nobody allowed to take it.
    pub(super) fn check_owner(&self, change: &ResourceChange, live: &Live) -> Result<(), Failure> {
        let address = &change.address;
        let instance = self.by_address.get(address).copied();
        let moved = instance.and_then(Instance::moved_from);
        let adopted =
            instance.is_some_and(|instance| instance.block.adopt) || self.adopt.contains(address);
        let owner = match &live.owner {
            Owner::Stack {
                stack,
                address: Some(owner),
            } if stack == self.stack && (owner == address || moved.as_ref() == Some(owner)) => {
                return Ok(());
            }
            _ if adopted => return Ok(()),
            Owner::Nobody => "nobody: it has no ownership tags".to_owned(),
            Owner::Stack { stack, address } => match address {
                Some(address) => format!("{address} of the stack `{stack}`"),
                None => format!("the stack `{stack}`"),
            },
        };
        Err(Failure::Taken {
            what: format!(
                "{} `{}` exists already and belongs to {owner}; plan again to see what can be done",
                change.ty.schema.name, change.name
            ),
        })
    }

    /// The declaration as far as it is known now, for the live object or for one that is to be made.
    pub(super) async fn desired(
        &self,
        change: &ResourceChange,
        live: Option<&Live>,
    ) -> Result<Draft, Failure> {
        let instance = self.instance(&change.address)?;
        loop {
            let settled = {
                let scope = locked(self.scope);
                settle(change.ty, &instance.desired(&*scope)?, live, &scope)
            };
            if settled.missing.is_empty() {
                return Ok(settled.desired);
            }
            let named = settled.missing.into_iter().collect();
            let held = parameters(self.provider, &named, &BTreeSet::new()).await;
            let held = held.map_err(|error| Failure::Local(error.to_string()))?;
            locked(self.scope).hold(held);
        }
    }

    pub(super) fn instance(&self, address: &Address) -> Result<&Instance<'_>, Failure> {
        let instance = self.by_address.get(address).copied();
        instance.ok_or_else(|| Failure::Unknown {
            reference: address.to_string(),
        })
    }

    pub(super) fn need(&self, address: &Address) -> &Need {
        static NOTHING: std::sync::LazyLock<Need> = std::sync::LazyLock::new(Need::default);
        self.needs.get(address).unwrap_or(&NOTHING)
    }

    /// Whether this run has destroyed the object of this id.
    pub(super) fn is_gone(&self, ty: &ResourceType, id: &str) -> bool {
        locked(&self.gone).contains(&(ty.schema.name, id.to_owned()))
    }

    /// What is known now.
    pub(super) fn known(&self) -> LiveScope {
        locked(self.scope).clone()
    }

    pub(super) fn remember(&self, address: &Address, live: &Live) {
        locked(self.scope).insert(address, live);
    }

    pub(super) fn local<'l>(&'l self, live: Option<&'l Value>) -> LocalContext<'l> {
        LocalContext {
            directory: self.directory,
            live,
        }
    }

    pub(super) fn watch<'w>(&'w self, address: &'w Address) -> ResourceWatch<'w> {
        ResourceWatch {
            address,
            observer: self.observer,
            interrupt: self.interrupt,
        }
    }
}

pub(super) fn unknown(unknown: crate::schema::Unknown) -> Failure {
    Failure::Unknown {
        reference: unknown.reference.to_string(),
    }
}

/// A poisoned lock only says that another step panicked; what it guards is still whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What was planned is not carried out on what somebody else has changed since: that would be lost
/// unseen.
fn check_version(change: &ResourceChange, live: &Live) -> Result<(), Failure> {
    let planned = match change.action {
        Action::Update | Action::Adopt => change.live.as_ref(),
        _ => None,
    };
    let version = |live: &Live| live.attributes.get(change.ty.version).cloned();
    match planned {
        Some(planned) if !change.ty.version.is_empty() && version(planned) != version(live) => {
            let what = format!("{} was changed since it was planned", change.address);
            Err(Failure::Stronger { what })
        }
        _ => Ok(()),
    }
}
