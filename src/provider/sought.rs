//! Which of the wanted resources of a type an object counts for.

use std::collections::HashMap;

use super::bulk::Listed;
use super::contract::ResourceType;
use super::live::{Live, Owner, State};
use super::observe::{Role, Stray};
use super::path;
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

    /// For each wanted resource, the objects of a list that count for it, and as what.
    pub fn among<'l>(&self, listed: &'l [Listed]) -> Vec<Vec<(&'l Listed, Role)>> {
        let mut found = vec![Vec::new(); self.wanted.len()];
        for one in listed {
            let named: Vec<usize> = self.named(&one.live).collect();
            for position in &named {
                found[*position].push((one, Role::Named));
            }
            for position in self.at(&one.live).filter(|at| !named.contains(at)) {
                found[position].push((one, Role::Tagged));
            }
        }
        found
    }

    /// The wanted resources whose unique name an object has, where that is unique.
    fn named(&self, live: &Live) -> impl Iterator<Item = usize> {
        let text = |attribute| path::text_at(&live.attributes, attribute);
        let name = self.ty.schema.unique_name.and_then(text);
        let place = self.ty.within.and_then(|within| text(within.attribute));
        let same = name.and_then(|name| self.names.get(name.as_str()));
        let same = same.into_iter().flatten().copied();
        same.filter(move |position| match &self.wanted[*position].1 {
            Place::Default => true,
            Place::Known(within) => place.as_ref() == Some(within),
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

/// The address in the tags of an object of this stack.
pub(super) fn owned<'l>(live: &'l Live, stack: &str) -> Option<&'l Address> {
    match &live.owner {
        Owner::Stack {
            stack: own,
            address,
        } if own == stack => address.as_ref(),
        _ => None,
    }
}
