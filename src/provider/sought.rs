//! Which of the wanted resources of a type an object counts for.

use std::collections::{BTreeSet, HashMap};

use super::bulk::Listed;
use super::contract::ResourceType;
use super::live::{Live, Owner, State};
use super::observe::{Role, Stray};
use super::path;
use super::read::reads_by_name;
use super::wanted::{Place, Wanted};
use crate::schema::Address;

/// The wanted resources of one type, found by name and by address.
pub(super) struct Sought<'w> {
    ty: &'static ResourceType,
    stack: &'w str,
    /// Each with where its unique name is unique; by default that is anywhere.
    pub wanted: Vec<(&'w Wanted, Place)>,
    names: HashMap<&'w str, Vec<usize>>,
    addresses: HashMap<&'w Address, Vec<usize>>,
}

impl<'w> Sought<'w> {
    pub fn of(ty: &'static ResourceType, stack: &'w str, wanted: Vec<(&'w Wanted, Place)>) -> Self {
        let mut names: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut addresses: HashMap<&Address, Vec<usize>> = HashMap::new();
        for (position, (wanted, _)) in wanted.iter().enumerate() {
            if let Some(name) = &wanted.name {
                names.entry(name).or_default().push(position);
            }
            // Tags may still have the address from before it was moved.
            let both = [Some(&wanted.address), wanted.moved_from.as_ref()];
            for address in both.into_iter().flatten() {
                addresses.entry(address).or_default().push(position);
            }
        }
        Self {
            ty,
            stack,
            wanted,
            names,
            addresses,
        }
    }

    /// For each wanted resource, where the objects stand in a list that count for it, but for those
    /// with these ids, and as what they count.
    pub fn among(&self, listed: &[Listed], but: &BTreeSet<String>) -> Vec<Vec<(usize, Role)>> {
        let mut found = vec![Vec::new(); self.wanted.len()];
        let there = listed.iter().enumerate();
        for (at, one) in there.filter(|(_, one)| !but.contains(&one.live.id)) {
            let named: Vec<usize> = self.named(&one.live).collect();
            for position in &named {
                found[*position].push((at, Role::Named));
            }
            for position in self.at(&one.live).filter(|at| !named.contains(at)) {
                found[position].push((at, Role::Tagged));
            }
        }
        found
    }

    /// The wanted resources whose unique name an object has, where that is unique.
    fn named(&self, live: &Live) -> impl Iterator<Item = usize> {
        let text = |attribute| path::text_at(&live.attributes, attribute);
        let name = self.ty.schema.unique_name.and_then(text);
        let counts = self.ty.within.filter(|within| !within.id_only);
        let place = counts.map(|within| text(within.attribute));
        let same = name.and_then(|name| self.names.get(name.as_str()));
        let same = same.into_iter().flatten().copied();
        same.filter(move |position| match &self.wanted[*position].1 {
            Place::Default => true,
            Place::Known(within) => place
                .as_ref()
                .is_none_or(|place| place.as_ref() == Some(within)),
            Place::Unknown => self.at(live).any(|at| at == *position),
        })
    }

    /// The wanted resource that the tags of an object mean which was not looked for by a name, and
    /// as what it counts.
    pub fn tagged(&self, live: &Live) -> Option<(&'w Wanted, Role)> {
        let at = self.at(live).next()?;
        let (wanted, place) = &self.wanted[at];
        let named = *place == Place::Unknown && self.named(live).any(|named| named == at);
        Some((wanted, if named { Role::Named } else { Role::Tagged }))
    }

    /// The wanted resources that an object's tags mean.
    fn at(&self, live: &Live) -> impl Iterator<Item = usize> {
        let address = owned(live, self.stack);
        let positions = address.and_then(|address| self.addresses.get(address));
        positions.into_iter().flatten().copied()
    }

    /// An object of this stack at an address of its type that is not wanted, unless it is going
    /// anyway.
    pub fn stray(&self, live: Live) -> Option<Stray> {
        let address = owned(&live, self.stack)?.clone();
        let is_wanted = self.addresses.contains_key(&address);
        let is_going = matches!(live.state, State::Deleting(_));
        let is_typed = address.type_name() == self.ty.schema.name;
        (is_typed && !is_wanted && !is_going).then_some(Stray {
            ty: self.ty,
            address,
            live,
        })
    }
}

/// What one type's list and reads gave so far, by address and by the id that a list showed.
pub(super) type Known<'w> = HashMap<(&'w Address, Option<String>), Option<Live>>;

/// One object to be read: what it counts for, and where the list shows it, if it does.
pub(super) struct Look<'w> {
    pub wanted: &'w Wanted,
    pub role: Role,
    /// Its position in the list.
    pub listed: Option<usize>,
}

impl<'w> Look<'w> {
    /// What is known of it stands there.
    pub fn key(&self, listed: &[Listed]) -> (&'w Address, Option<String>) {
        let id = self.listed.map(|at| listed[at].live.id.clone());
        (&self.wanted.address, id)
    }
}

/// A unique name that a list does not show is read by itself: that does not lag.
fn reads_itself(ty: &ResourceType, wanted: &Wanted) -> bool {
    wanted.name_in_place().is_some() && reads_by_name(ty)
}

/// Whether a list shows all that only it can show.
pub(super) fn is_shown(
    ty: &ResourceType,
    sought: &Sought<'_>,
    shown: &[Vec<(usize, Role)>],
) -> bool {
    let mut all = sought.wanted.iter().zip(shown);
    all.all(|((wanted, _), found)| !found.is_empty() || reads_itself(ty, wanted))
}

/// What is read of a type, given what its list shows.
pub(super) fn looks<'w>(
    ty: &ResourceType,
    sought: &Sought<'w>,
    shown: &[Vec<(usize, Role)>],
) -> Vec<Look<'w>> {
    let mut looks = Vec::new();
    for ((wanted, _), found) in sought.wanted.iter().zip(shown) {
        let look = |role, listed| Look {
            wanted,
            role,
            listed,
        };
        let is_named = found.iter().any(|(_, role)| *role == Role::Named);
        if !is_named && reads_itself(ty, wanted) {
            looks.push(look(Role::Named, None));
        }
        looks.extend(found.iter().map(|(at, role)| look(*role, Some(*at))));
    }
    looks
}

/// The address in the tags of an object of this stack.
pub(super) fn owned<'l>(live: &'l Live, stack: &str) -> Option<&'l Address> {
    match &live.owner {
        Owner::Stack { address, .. } if live.is_of(stack) => address.as_ref(),
        _ => None,
    }
}
