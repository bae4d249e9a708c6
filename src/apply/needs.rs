//! What has to be read of each resource: what it declares, and what others refer to.

use std::collections::{BTreeMap, BTreeSet};

use crate::provider::observe::{Need, Wanted};
use crate::provider::ResourceType;
use crate::schema::{Address, Draft};
use crate::stack::{Instance, Reference};

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

/// The attributes of each resource that references lead to.
pub(super) fn referenced<'a>(
    instances: &[Instance<'_>],
    references: impl Iterator<Item = &'a Reference>,
) -> BTreeMap<Address, BTreeSet<String>> {
    let mut by_name: BTreeMap<_, Vec<&Address>> = BTreeMap::new();
    for instance in instances {
        let addresses = by_name.entry(&instance.address.resource).or_default();
        addresses.push(&instance.address);
    }
    let mut needed: BTreeMap<Address, BTreeSet<String>> = BTreeMap::new();
    for reference in references {
        let addresses = by_name.get(&reference.target.resource);
        for address in addresses.into_iter().flatten() {
            if reference.target.matches(address) {
                let attributes = needed.entry((*address).clone()).or_default();
                attributes.insert(reference.target_attribute.clone());
            }
        }
    }
    needed
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
        within: ty.within.and_then(|within| text(within.attribute)),
        need: Need {
            declared: declared_paths(desired),
            referenced: referenced.cloned().unwrap_or_default(),
        },
        moved_from: instance.block.moved.clone(),
    }
}
