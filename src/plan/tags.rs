//! Tags in a plan: pinfra's own beside the declared ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::provider::{Live, ResourceType, ownership};
use crate::schema::{Address, Draft};

/// The declared tags that are known.
pub fn declared_tags(desired: &Draft) -> BTreeMap<String, String> {
    let entries = desired.get("tags").and_then(|tags| tags.entries());
    let known = entries.into_iter().flatten().filter_map(|(key, value)| {
        let value = match value.resolve().ok()? {
            Value::String(text) => text,
            Value::Null => return None,
            other => other.to_string(),
        };
        Some((key, value))
    });
    known.collect()
}

/// All tags the object should carry: the declared ones, pinfra's own, and whatever others set. Those
/// that `ignored` (paths of `ignore_changes`) names stay as they are live.
///
/// # Errors
/// What does not fit into a tag's value: AWS takes at most 256 characters.
pub fn wanted_tags(
    ty: &ResourceType,
    stack: &str,
    address: &Address,
    desired: &Draft,
    live: Option<&Live>,
    ignored: &[String],
) -> Result<BTreeMap<String, String>, String> {
    let own = ownership::tags(stack, address, &declared_tags(desired));
    if let Some(tags) = &ty.tags {
        in_alphabet(tags.alphabet, &own)?;
    }
    let keys_length = own
        .get(ownership::KEYS)
        .map_or(0, |keys| keys.chars().count());
    let limit = ty.tags.map_or(usize::MAX, |tags| tags.limit);
    if own.len() > limit {
        return Err(format!(
            "it has {} tags with pinfra's own {}, and AWS takes at most {limit}",
            own.len(),
            own.len() - declared_tags(desired).len()
        ));
    }
    if keys_length > ownership::VALUE_LIMIT {
        return Err(format!(
            "the keys of its tags have {keys_length} characters together, and the tag `{}` that \
             records them holds at most {}",
            ownership::KEYS,
            ownership::VALUE_LIMIT
        ));
    }
    mark_fits(ty, desired, live, &own)?;
    let Some(live) = live else {
        return Ok(own);
    };
    let ours = ownership::set_by_pinfra(&live.tags);
    let mut all = live.tags.clone();
    all.retain(|key, _| {
        let is_mark = [ownership::RESTART, ownership::RETIRING].contains(&key.as_str());
        !ours.contains_key(key) && key != ownership::KEYS && !is_mark
    });
    all.extend(own);
    for key in declared_tags(desired).into_keys() {
        if is_ignored(&key, ignored) {
            match live.tags.get(&key) {
                Some(value) => all.insert(key, value.clone()),
                None => all.remove(&key),
            };
        }
    }
    Ok(all)
}

/// # Errors
/// The text that says who owns an object without tags is too long with that.
fn mark_fits(
    ty: &ResourceType,
    desired: &Draft,
    live: Option<&Live>,
    own: &BTreeMap<String, String>,
) -> Result<(), String> {
    let Some(owner) = ty.owner else { return Ok(()) };
    let declared = desired
        .get(owner.attribute)
        .and_then(|text| text.resolve().ok());
    let text = declared.or_else(|| live?.attributes.get(owner.attribute).cloned());
    let text = text.as_ref().and_then(Value::as_str).unwrap_or_default();
    let (alone, whole) = (text.chars().count(), ownership::with_mark(Some(text), own));
    let length = whole.chars().count();
    if length <= owner.limit {
        return Ok(());
    }
    Err(format!(
        "its {} has {alone} characters, {length} with who owns it, and AWS takes at most {}",
        owner.attribute, owner.limit
    ))
}

/// Whether `ignore_changes` names a tag, or all of them.
fn is_ignored(key: &str, ignored: &[String]) -> bool {
    let named = |path: &String| path.strip_prefix("tags.") == Some(key);
    ignored.iter().any(|path| path == "tags" || named(path))
}

/// # Errors
/// The first tag with a character that the service does not take.
fn in_alphabet(alphabet: &str, tags: &BTreeMap<String, String>) -> Result<(), String> {
    let foreign = |text: &str| {
        let mut characters = text.chars();
        characters.find(|c| !c.is_alphanumeric() && !alphabet.contains(*c))
    };
    for (key, value) in tags {
        // The value may be sensitive: it is not shown.
        let found = [("the key", foreign(key)), ("the value", foreign(value))];
        for (what, character) in found {
            if let Some(character) = character {
                return Err(format!(
                    "{what} of the tag `{key}` has a `{character}`, and tags there take letters, \
                     digits and {}",
                    alphabet.trim()
                ));
            }
        }
    }
    Ok(())
}

/// The live attributes as they are compared: of the tags, those that the file declares or that
/// pinfra once set. Tags that others set are left alone.
pub fn live_for_diff(live: &Live, desired: &Draft) -> Arc<Value> {
    let declared = declared_tags(desired);
    let mut tags = ownership::set_by_pinfra(&live.tags);
    for key in declared.keys() {
        if let Some(value) = live.tags.get(key) {
            tags.insert(key.clone(), value.clone());
        }
    }
    let tags: Map<String, Value> = tags.into_iter().map(|(k, v)| (k, v.into())).collect();
    let tags = Value::Object(tags);
    let mut attributes = Arc::clone(&live.attributes);
    if attributes.get("tags") != Some(&tags)
        && let Some(members) = Arc::make_mut(&mut attributes).as_object_mut()
    {
        members.insert("tags".to_owned(), tags);
    }
    attributes
}
