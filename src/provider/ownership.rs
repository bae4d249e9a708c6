//! The tags that say who owns a live object.

use std::collections::{BTreeMap, BTreeSet};

use super::live::Owner;
use crate::schema::Address;

/// The tag with the owning stack's name.
pub const STACK: &str = "pinfra:stack";
/// The tag with the resource's address, in its tag form.
pub const RESOURCE: &str = "pinfra:resource";
/// The tag with the keys of the declared tags, separated by spaces: exact for these, others are
/// left alone.
pub const KEYS: &str = "pinfra:keys";
/// A tag that an object carries from before it is stopped for an update until it runs again.
pub const RESTART: &str = "pinfra:restart";
/// A tag that an object carries from before the one that takes its place is made until it goes.
pub const RETIRING: &str = "pinfra:retiring";
/// The longest value a tag has, in characters.
pub const VALUE_LIMIT: usize = 256;

/// All tags of an object of this stack: the declared ones and pinfra's own.
pub fn tags(
    stack: &str,
    address: &Address,
    declared: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut all = declared.clone();
    all.insert(STACK.to_owned(), stack.to_owned());
    all.insert(RESOURCE.to_owned(), address.tag());
    if !declared.is_empty() {
        let keys: Vec<_> = declared.keys().map(String::as_str).collect();
        all.insert(KEYS.to_owned(), keys.join(" "));
    }
    all
}

/// Who owns an object with these tags.
pub fn owner(tags: &BTreeMap<String, String>) -> Owner {
    match tags.get(STACK) {
        None => Owner::Nobody,
        Some(stack) => Owner::Stack {
            stack: stack.clone(),
            address: tags.get(RESOURCE).and_then(|text| text.parse().ok()),
        },
    }
}

/// The tags of an object that pinfra once set, by their keys, pinfra's own left out.
pub fn set_by_pinfra(tags: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let keys: BTreeSet<&str> = tags
        .get(KEYS)
        .map(|keys| keys.split(' ').collect())
        .unwrap_or_default();
    let kept = tags.iter().filter(|(key, _)| keys.contains(key.as_str()));
    kept.map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}
