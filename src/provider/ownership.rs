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

/// How a mark in a text begins, goes on and ends.
const MARK: (&str, &str, &str) = ("[pinfra stack=", "; resource=", "]");

/// A text with the mark of the owner at its end, which tags of an object that has none stand for:
/// `TEXT [pinfra stack=NAME; resource=ADDRESS]`. Neither names of stacks nor addresses have brackets
/// or semicolons.
pub fn with_mark(text: Option<&str>, tags: &BTreeMap<String, String>) -> String {
    let (Some(stack), Some(resource)) = (tags.get(STACK), tags.get(RESOURCE)) else {
        return text.unwrap_or_default().to_owned();
    };
    let (begin, middle, end) = MARK;
    let mark = format!("{begin}{stack}{middle}{resource}{end}");
    match text.filter(|text| !text.is_empty()) {
        Some(text) => format!("{text} {mark}"),
        None => mark,
    }
}

/// A text without its mark, and the tags that stand for it; none where there is no mark.
pub fn without_mark(text: &str) -> (&str, BTreeMap<String, String>) {
    let (begin, middle, end) = MARK;
    let found = || {
        let (before, mark) = text.strip_suffix(end)?.rsplit_once(begin)?;
        Some((before, mark.split_once(middle)?))
    };
    let Some((before, (stack, resource))) = found() else {
        return (text, BTreeMap::new());
    };
    let tags = [(STACK, stack), (RESOURCE, resource)];
    let tags = tags.map(|(key, value)| (key.to_owned(), value.to_owned()));
    (before.strip_suffix(' ').unwrap_or(before), tags.into())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_in_a_text_reads_back_as_the_tags_it_stands_for() {
        let tags = tags(
            "my stack",
            &Address::new("msk_configuration", "main"),
            &BTreeMap::new(),
        );
        for text in [
            "",
            "of the brokers",
            "[pinfra] of [pinfra stack=x; resource=y]",
        ] {
            let marked = with_mark(Some(text), &tags);
            assert_eq!(without_mark(&marked), (text, tags.clone()), "{marked}");
        }
        assert_eq!(
            with_mark(Some("of the brokers"), &tags),
            "of the brokers [pinfra stack=my stack; resource=msk_configuration.main]"
        );
        assert_eq!(
            without_mark("a [pinfra stack=x]"),
            ("a [pinfra stack=x]", BTreeMap::new())
        );
    }
}
