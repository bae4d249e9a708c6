//! Several live objects for one address: which of them stays.
//!
//! An answer that got lost, or a run that was killed while it put a new object in the place of an
//! old one, leaves two. The one that is to go carries a tag that says so; else the one that others
//! use stays, else the oldest.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::provider::ownership::RETIRING;
use crate::provider::{Live, Observed, ResourceType};
use crate::schema::{Address, Role, each_text};

/// The shortest text that is taken for a reference when another object has it in its attributes.
const LEAST_REFERENCE: usize = 8;

/// Puts the object that stays first, wherever an address has several.
pub fn order_twins(observed: &mut Observed, types: &dyn Fn(&str) -> Option<&'static ResourceType>) {
    let several = |tagged: &Vec<Live>| tagged.len() > 1;
    let addresses: Vec<Address> = observed
        .found
        .iter()
        .filter(|(_, found)| several(&found.tagged))
        .map(|(address, _)| address.clone())
        .collect();
    for address in addresses {
        let Some(ty) = types(address.type_name()) else {
            continue;
        };
        let used: BTreeMap<String, bool> = observed.found[&address]
            .tagged
            .iter()
            .map(|live| (live.id.clone(), is_used(ty, live, &address, observed)))
            .collect();
        if let Some(found) = observed.found.get_mut(&address) {
            found.tagged.sort_by_cached_key(|live| {
                let retiring = live.tags.contains_key(RETIRING);
                let unused = !used.get(&live.id).copied().unwrap_or_default();
                (retiring, unused, made(ty, live), live.id.clone())
            });
        }
    }
}

/// When an object was made, in milliseconds; what does not say is the youngest.
fn made(ty: &ResourceType, live: &Live) -> i64 {
    let made = live.attributes.get(ty.made).and_then(Value::as_i64);
    made.unwrap_or(i64::MAX)
}

/// Whether another resource of the stack has one of an object's own outputs in its attributes.
fn is_used(ty: &ResourceType, live: &Live, address: &Address, observed: &Observed) -> bool {
    let outputs = ty.schema.attributes.iter();
    let outputs = outputs.filter(|attribute| attribute.role == Role::Output);
    let mut own: Vec<&str> = outputs
        .filter_map(|output| live.attributes.get(output.name)?.as_str())
        .filter(|text| text.len() >= LEAST_REFERENCE)
        .collect();
    own.push(&live.id);
    // What all twins have (a VPC's id) says nothing.
    let twins = &observed.found[address].tagged;
    let elsewhere = |text: &str| {
        let others = twins.iter().filter(|twin| twin.id != live.id);
        others.clone().any(|twin| mentions(&twin.attributes, text))
    };
    own.retain(|text| !elsewhere(text));
    let others = observed.found.iter().filter(|(other, _)| *other != address);
    let others = others.flat_map(|(_, found)| found.named.iter().chain(&found.tagged));
    let strays = observed.strays.iter().map(|stray| &stray.live);
    let mut all = others.chain(strays);
    all.any(|other| own.iter().any(|text| mentions(&other.attributes, text)))
}

fn mentions(value: &Value, wanted: &str) -> bool {
    let mut found = false;
    each_text(value, &mut |text| found |= text.contains(wanted));
    found
}
