//! What has to be read of each resource: what it declares, and what others refer to.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::plan::LiveScope;
use crate::provider::contract::ReadWhen;
use crate::provider::{Need, Place, ResourceType, Wanted, catalog};
use crate::schema::{Address, Draft, ResourceName};
use crate::stack::{AwsFact, Instance, ParameterKind, Scope};

/// The dotted paths of all that a declaration has, without indices.
pub(super) fn declared_paths(desired: &Draft) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    collect("", desired, &mut paths);
    paths
}

fn collect(prefix: &str, value: &Draft, paths: &mut BTreeSet<String>) {
    if let Some(entries) = value.entries() {
        for (key, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
            let path = match prefix {
                "" => key.clone(),
                _ => format!("{prefix}.{key}"),
            };
            collect(&path, value, paths);
            paths.insert(path);
        }
    }
    for item in value.items().into_iter().flatten() {
        collect(prefix, &item, paths);
    }
}

/// The attributes of each resource that other resources refer to.
pub(super) fn referenced(instances: &[Instance<'_>]) -> BTreeMap<Address, BTreeSet<String>> {
    let mut by_name: BTreeMap<_, Vec<&Address>> = BTreeMap::new();
    for instance in instances {
        let addresses = by_name.entry(&instance.address.resource).or_default();
        addresses.push(&instance.address);
    }
    let all: BTreeSet<&Address> = instances.iter().map(|one| &one.address).collect();
    let mut needed: BTreeMap<Address, BTreeSet<String>> = BTreeMap::new();
    for reference in instances.iter().flat_map(Instance::references) {
        let one = reference.key.as_ref().and_then(|key| {
            let resource = reference.target.clone();
            let key = Some(Arc::clone(key));
            all.get(&Address { resource, key }).copied()
        });
        let several = reference.key.is_none();
        let several = several.then(|| by_name.get(&reference.target)).flatten();
        for address in one
            .into_iter()
            .chain(several.into_iter().flatten().copied())
        {
            let attributes = needed.entry(address.clone()).or_default();
            attributes.insert(reference.target_attribute.clone());
        }
    }
    needed
}

/// The attributes of each resource that evaluating something asks for.
pub(super) fn asked_for(
    known: &LiveScope,
    evaluate: impl Fn(&dyn Scope),
) -> BTreeMap<Address, BTreeSet<String>> {
    let asked = Asked {
        known,
        needs: RefCell::default(),
    };
    evaluate(&asked);
    asked.needs.into_inner()
}

/// A scope that notes which resources it is asked for.
struct Asked<'a> {
    known: &'a LiveScope,
    needs: RefCell<BTreeMap<Address, BTreeSet<String>>>,
}

impl Scope for Asked<'_> {
    fn resource(&self, address: &Address, attribute: Option<&str>) -> Option<Draft> {
        let mut needs = self.needs.borrow_mut();
        let attributes = needs.entry(address.clone()).or_default();
        match attribute {
            None => attributes.extend(all_needed(address.type_name())),
            Some(attribute) => drop(attributes.insert(attribute.to_owned())),
        }
        None
    }

    fn lookup(&self, name: &ResourceName) -> Option<Draft> {
        self.known.lookup(name)
    }

    fn aws(&self, what: AwsFact) -> Option<Draft> {
        self.known.aws(what)
    }

    fn parameter(&self, kind: ParameterKind, name: &str) -> Option<Draft> {
        self.known.parameter(kind, name)
    }
}

/// Every attribute of a type that is read only when it is asked for: a whole resource is.
fn all_needed(type_name: &str) -> Vec<String> {
    let reads = catalog::find(type_name)
        .map(|ty| ty.reads)
        .unwrap_or_default();
    let needed = reads.iter().filter_map(|read| match read.when {
        ReadWhen::Needed(attributes) | ReadWhen::NeededAbove(attributes, ..) => Some(attributes),
        ReadWhen::Always | ReadWhen::Changing(_) | ReadWhen::Differing(..) | ReadWhen::Each(_) => {
            None
        }
    });
    needed.flatten().map(ToString::to_string).collect()
}

/// Where the unique name of an instance is unique.
fn place(ty: &ResourceType, desired: &Draft) -> Place {
    match ty.within.and_then(|within| desired.get(within.attribute)) {
        None => Place::Default,
        Some(declared) => match declared.resolve() {
            Ok(place) => place.as_str().map(str::to_owned).into(),
            Err(_) => Place::Unknown,
        },
    }
}

/// What is wanted of one instance.
pub(super) fn wanted(
    instance: &Instance<'_>,
    ty: &'static ResourceType,
    desired: &Draft,
    referenced: Option<&BTreeSet<String>>,
) -> Wanted {
    let text = |attribute: &str| {
        let value = desired.get(attribute)?.resolve().ok()?;
        value.as_str().map(str::to_owned)
    };
    Wanted {
        address: instance.address.clone(),
        ty,
        name: ty.schema.unique_name.and_then(text),
        within: place(ty, desired),
        need: Need {
            declared: declared_paths(desired),
            referenced: referenced.cloned().unwrap_or_default(),
            ..Need::default()
        },
        moved_from: instance.moved_from(),
    }
}
