//! What is live of a stack: bulk reads first, then what they do not tell.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures_util::future::join_all;

use super::bulk::{Listed, name_in};
use super::contract::{Discovery, List, ResourceType};
use super::errors::{ErrorKind, ProviderError};
use super::holders::Holder;
use super::live::{Live, State};
use super::read::{Extent, Key, Need};
use super::session::Provider;
use super::sought::{Known, Look, Sought, is_shown, looks, owned};
use super::wanted::Wanted;
use crate::schema::Address;

/// What is live of a stack.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// What was found for each wanted resource: an entry for each.
    pub found: BTreeMap<Address, Found>,
    /// What is owned by this stack at addresses that are not wanted.
    pub strays: Vec<Stray>,
    /// Marks of what is neither there nor wanted.
    pub stale: Vec<StaleMark>,
    /// What uses objects that are to go, by their type and id, as far as anyone has asked.
    pub holders: BTreeMap<(&'static str, String), Vec<Holder>>,
}

/// A mark on an object of this stack that nothing stands behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaleMark {
    /// The type of the object that carries it.
    pub type_name: &'static str,
    /// The object's id.
    pub id: String,
    /// The tag.
    pub tag: String,
}

/// What was found for one wanted resource.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The live object with the wanted unique name, whoever owns it; never one that is going.
    pub named: Option<Live>,
    /// Live objects whose tags say this stack and address, under another name or without one.
    pub tagged: Vec<Live>,
    /// An object that is being deleted and still holds the wanted name, or carries these tags.
    pub leaving: Option<Live>,
}

/// An object of this stack that the file does not declare any more.
#[derive(Clone, Debug, PartialEq)]
pub struct Stray {
    /// Its type.
    pub ty: &'static ResourceType,
    /// The address in its tags.
    pub address: Address,
    /// The object.
    pub live: Live,
}

impl PartialEq for ResourceType {
    /// There is one constant of each type: its name says which.
    fn eq(&self, other: &Self) -> bool {
        self.schema.name == other.schema.name
    }
}

/// What one read contributes: to wanted addresses, and strays.
#[derive(Default)]
pub(super) struct Part {
    found: Vec<(Address, Role, Live)>,
    strays: Vec<Stray>,
}

/// As what an object was found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Named,
    Tagged,
}

impl Provider {
    /// Reads what is live of a stack.
    ///
    /// A list is asked once for all resources of its type, also where the file has none of the type
    /// any more; what lists do not tell is read object by object, all at once.
    ///
    /// # Errors
    /// Every read that failed. A failed read never counts as absence.
    pub async fn observe(
        &self,
        stack: &str,
        wanted: &[Wanted],
    ) -> Result<Observed, Vec<ProviderError>> {
        let (mut parts, tagged) = futures_util::join!(
            self.observe_types(stack, wanted, |ty| ty.discovery == Discovery::List),
            self.observe_tagged(stack, wanted, |_| true)
        );
        parts.push(tagged);
        let mut observed = whole(stack, wanted, parts)?;
        let marked = self.observe_marked(stack, wanted, &observed).await;
        let (part, stale) = marked.map_err(distinct)?;
        absorb(&mut observed, stack, part);
        observed.stale = stale;
        tidy(&mut observed);
        Ok(observed)
    }

    /// Reads what is wanted and looks for nothing else: types that are not wanted are not listed, and
    /// tags are searched only for what has not been found, under another name.
    ///
    /// # Errors
    /// Every read that failed. A failed read never counts as absence.
    pub async fn observe_wanted(
        &self,
        stack: &str,
        wanted: &[Wanted],
    ) -> Result<Observed, Vec<ProviderError>> {
        let mut parts = self.observe_types(stack, wanted, |_| false).await;
        let found = parts.iter().flatten().flat_map(|part| &part.found);
        let found: BTreeSet<&Address> = found.map(|(address, _, _)| address).collect();
        let missing = wanted.iter().filter(|w| !found.contains(&w.address));
        let missing: Vec<&'static ResourceType> = missing
            .filter(|w| matches!(w.ty.discovery, Discovery::TaggingApi(_)))
            .map(|w| w.ty)
            .collect();
        if !missing.is_empty() {
            let tagged = self.observe_tagged(stack, wanted, |ty| missing.contains(&ty));
            parts.push(tagged.await);
        }
        whole(stack, wanted, parts)
    }

    /// What lists, and reads by name, tell: of the types wanted, and of those `also` listed.
    async fn observe_types(
        &self,
        stack: &str,
        wanted: &[Wanted],
        also: impl Fn(&ResourceType) -> bool,
    ) -> Vec<Result<Part, Vec<ProviderError>>> {
        let listed = self.catalog().iter().copied().filter_map(|ty| {
            let list = ty.list.as_ref().filter(|list| list.complete)?;
            let own: Vec<&Wanted> = wanted.iter().filter(|w| w.ty == ty).collect();
            let needed = also(ty) || !own.is_empty();
            (needed && ty.discovery != Discovery::Never).then_some((ty, list, own))
        });
        let listed = listed.map(|(ty, list, own)| self.observe_list(stack, ty, list, own));
        let single = wanted
            .iter()
            .filter(|w| w.ty.list.as_ref().is_none_or(|l| !l.complete));
        let single = single.map(|wanted| self.observe_one(wanted));
        let (mut parts, single) = futures_util::join!(join_all(listed), join_all(single));
        parts.extend(
            single
                .into_iter()
                .map(|part| part.map_err(|error| vec![error])),
        );
        parts
    }

    /// All of one type, from its complete list.
    async fn observe_list(
        &self,
        stack: &str,
        ty: &'static ResourceType,
        list: &'static List,
        wanted: Vec<&Wanted>,
    ) -> Result<Part, Vec<ProviderError>> {
        let one = |error| vec![error];
        let mut places = Vec::new();
        for wanted in &wanted {
            places.push(self.place_of(ty, &wanted.within).await.map_err(one)?);
        }
        let sought = Sought::of(ty, stack, wanted.into_iter().zip(places).collect());
        let mut read = Known::new();
        // What a list that lags shows although it is gone stands for nothing.
        let mut gone = BTreeSet::new();
        loop {
            let look = |listed: &[Listed]| {
                let shown = sought.among(listed, &gone);
                let complete = is_shown(ty, &sought, &shown);
                (shown, complete)
            };
            let (listed, shown) = match self.settled_list(ty, list, look).await {
                Ok(found) => found,
                // What the region does not have cannot hold anything of this stack.
                Err(e) if e.kind == ErrorKind::NoSuchEndpoint && sought.wanted.is_empty() => {
                    Default::default()
                }
                Err(error) => return Err(one(error)),
            };
            let looks = looks(ty, &sought, &shown);
            self.read_listed(ty, &looks, &listed, &mut read).await?;
            let left = looks
                .iter()
                .filter(|look| read[&look.key(&listed)].is_none());
            let vanished: BTreeSet<usize> = left.filter_map(|look| look.listed).collect();
            if !vanished.is_empty() {
                gone.extend(vanished.into_iter().map(|at| listed[at].live.id.clone()));
                continue;
            }
            let found = looks.iter().filter_map(|look| {
                let live = read.remove(&look.key(&listed))??;
                Some((look.wanted.address.clone(), look.role, live))
            });
            let found = found.collect();
            let lives = listed.into_iter().map(|listed| listed.live);
            let lives = lives.filter(|live| !gone.contains(&live.id));
            let strays = lives.filter_map(|live| sought.stray(live)).collect();
            return Ok(Part { found, strays });
        }
    }

    /// Reads of what a list shows what only its own reads tell, and by name what it does not show.
    async fn read_listed<'w>(
        &self,
        ty: &'static ResourceType,
        looks: &[Look<'w>],
        listed: &[Listed],
        read: &mut Known<'w>,
    ) -> Result<(), Vec<ProviderError>> {
        let new = looks
            .iter()
            .filter(|look| !read.contains_key(&look.key(listed)));
        let reads = new.map(|look| async move {
            let extent = Extent::Needed(&look.wanted.need);
            let live = match look.listed {
                Some(at) => self.add_needed(ty, &listed[at], extent).await,
                // Most likely it is not there, which its first read tells.
                None => match self.read_wanted(look.wanted, Extent::First).await {
                    Ok(Some(_)) => self.read_wanted(look.wanted, extent).await,
                    other => other,
                },
            };
            live.map(|live| (look.key(listed), live))
        });
        let mut errors = Vec::new();
        for live in join_all(reads).await {
            match live {
                Ok((key, live)) => drop(read.insert(key, live)),
                Err(error) => errors.push(error),
            }
        }
        match errors.is_empty() {
            true => Ok(()),
            false => Err(errors),
        }
    }

    /// One by its unique name.
    async fn observe_one(&self, wanted: &Wanted) -> Result<Part, ProviderError> {
        let extent = Extent::Needed(&wanted.need);
        let found = self.read_wanted(wanted, extent).await?;
        let found = found.map(|live| (wanted.address.clone(), Role::Named, live));
        Ok(Part {
            found: found.into_iter().collect(),
            strays: Vec::new(),
        })
    }

    async fn read_wanted(
        &self,
        wanted: &Wanted,
        extent: Extent<'_>,
    ) -> Result<Option<Live>, ProviderError> {
        let Some(name) = wanted.name_in_place() else {
            return Ok(None);
        };
        let place = self.place_of(wanted.ty, &wanted.within).await?;
        let key = Key::Name {
            name: name.to_owned(),
            within: place.known().map(str::to_owned),
        };
        self.read_extent(wanted.ty, &key, extent).await
    }

    /// What the Resource Groups Tagging API knows of this stack, each confirmed by its service.
    async fn observe_tagged(
        &self,
        stack: &str,
        wanted: &[Wanted],
        of: impl Fn(&'static ResourceType) -> bool,
    ) -> Result<Part, Vec<ProviderError>> {
        let hits = self.tagged_arns(stack).await.map_err(|error| vec![error])?;
        let mut known = BTreeSet::new();
        let searched = |ty: &ResourceType| hits.iter().any(|(hit, _)| *hit == ty);
        for wanted in wanted.iter().filter(|wanted| searched(wanted.ty)) {
            let Some(name) = wanted.name_in_place() else {
                continue;
            };
            let id = self.id_of(wanted.ty, name, wanted.within.known()).await;
            let id = id.map_err(|error| vec![error])?;
            known.insert((wanted.ty.schema.name, id.unwrap_or_else(|| name.to_owned())));
        }
        let is_known = |ty: &ResourceType, arn: &str| {
            let own = if ty.id_is.is_some() {
                arn
            } else {
                name_in(arn)
            };
            known.contains(&(ty.schema.name, own.to_owned()))
        };
        let hits = hits.iter().map(|(ty, arn)| (*ty, arn, name_in(arn)));
        let hits = hits.filter(|(ty, arn, _)| of(ty) && !is_known(ty, arn));
        let reads = hits.map(|(ty, arn, name)| async move {
            let key = match ty.schema.unique_name {
                Some(_) if ty.id_is.is_none() => Key::Name {
                    name: name.to_owned(),
                    within: None,
                },
                _ => Key::Id(arn.clone()),
            };
            let live = self.read(ty, &key, &Need::default()).await?;
            Ok(live.map(|live| (ty, live)))
        });
        let (mut lives, mut errors) = (Vec::new(), Vec::new());
        for read in join_all(reads).await {
            match read {
                Ok(live) => lives.extend(live),
                Err(error) => errors.push(error),
            }
        }
        match errors.is_empty() {
            true => Ok(confirmed(stack, wanted, lives)),
            false => Err(errors),
        }
    }
}

/// What was looked for because something else names it, and its service has confirmed.
pub(super) fn confirmed(
    stack: &str,
    wanted: &[Wanted],
    lives: Vec<(&'static ResourceType, Live)>,
) -> Part {
    let mut part = Part::default();
    let mut types: HashMap<&str, Sought<'_>> = HashMap::new();
    for (ty, live) in lives {
        let sought = types.entry(ty.schema.name).or_insert_with(|| {
            let same_type = wanted.iter().filter(|w| w.ty == ty);
            let same_type = same_type.map(|wanted| (wanted, wanted.within.clone()));
            Sought::of(ty, stack, same_type.collect())
        });
        match sought.tagged(&live) {
            Some((wanted, role)) => part.found.push((wanted.address.clone(), role, live)),
            None => part.strays.extend(sought.stray(live)),
        }
    }
    part
}

/// What all reads tell together.
fn whole(
    stack: &str,
    wanted: &[Wanted],
    parts: Vec<Result<Part, Vec<ProviderError>>>,
) -> Result<Observed, Vec<ProviderError>> {
    let mut errors = Vec::new();
    let mut good = Vec::new();
    for part in parts {
        match part {
            Ok(part) => good.push(part),
            Err(mut more) => errors.append(&mut more),
        }
    }
    if errors.is_empty() {
        Ok(gather(stack, wanted, good))
    } else {
        Err(distinct(errors))
    }
}

fn gather(stack: &str, wanted: &[Wanted], parts: Vec<Part>) -> Observed {
    let entries = wanted.iter().map(|w| (w.address.clone(), Found::default()));
    let mut observed = Observed {
        found: entries.collect(),
        ..Observed::default()
    };
    for part in parts {
        absorb(&mut observed, stack, part);
    }
    tidy(&mut observed);
    observed
}

/// One role for each object, and strays in order.
fn tidy(observed: &mut Observed) {
    one_role(observed);
    observed
        .strays
        .sort_by(|a, b| (&a.address, &a.live.id).cmp(&(&b.address, &b.live.id)));
}

fn absorb(observed: &mut Observed, stack: &str, part: Part) {
    for (address, role, live) in part.found {
        let found = observed.found.entry(address).or_default();
        match (role, &live.state) {
            (_, State::Deleting(_)) => found.leaving = Some(live),
            // Of two with one name (in two VPCs), the one that is this stack's is meant.
            (Role::Named, _) => {
                let own = |live: &Live| owned(live, stack).is_some();
                match &mut found.named {
                    None => found.named = Some(live),
                    Some(first) if own(&live) && !own(first) => *first = live,
                    Some(_) if own(&live) => found.tagged.push(live),
                    Some(_) => {}
                }
            }
            (Role::Tagged, _) => found.tagged.push(live),
        }
    }
    observed.strays.extend(part.strays);
}

/// One error of each kind and text: thirty reads fail alike without credentials.
fn distinct(errors: Vec<ProviderError>) -> Vec<ProviderError> {
    let general = |error: &ProviderError| {
        matches!(
            error.kind,
            ErrorKind::Expired
                | ErrorKind::UnknownCaller
                | ErrorKind::NoCredentials
                | ErrorKind::LocalStore
        )
    };
    let mut seen = BTreeSet::new();
    let errors = errors.into_iter();
    let kept = errors.filter(|error| match general(error) {
        true => seen.insert(format!("{:?}", error.kind)),
        false => seen.insert(format!(
            "{} {} {}",
            error.service, error.operation, error.message
        )),
    });
    kept.collect()
}

/// A live object that has a wanted name stands for that resource and for nothing else, whatever
/// address its tags have.
fn one_role(observed: &mut Observed) {
    let mut found = observed.found.values();
    if observed.strays.is_empty() && found.all(|found| found.tagged.is_empty()) {
        return;
    }
    let found = observed.found.iter();
    let named: BTreeSet<(String, String)> = found
        .filter_map(|(address, found)| {
            let live = found.named.as_ref()?;
            Some((address.type_name().to_owned(), live.id.clone()))
        })
        .collect();
    let free =
        |type_name: &str, live: &Live| !named.contains(&(type_name.to_owned(), live.id.clone()));
    for (address, found) in &mut observed.found {
        found.tagged.retain(|live| free(address.type_name(), live));
    }
    observed
        .strays
        .retain(|stray| free(stray.ty.schema.name, &stray.live));
}
