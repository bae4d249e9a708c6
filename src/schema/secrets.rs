//! What this process has learned to be secret, and texts without it.
//!
//! A sensitive value can come back from anywhere: in AWS's own words, in the path of a file that is
//! not there, in a name that was made of it. So whatever becomes sensitive is learned here, for as
//! long as the process runs, and whatever is printed goes through [`mask`].

use std::collections::{BTreeSet, HashMap};
use std::sync::{PoisonError, RwLock};

use serde_json::Value;

use super::each_text;

/// What is printed in the place of a secret.
pub const MASK: &str = "(sensitive)";

/// Shorter texts stand everywhere by chance and are not looked for.
const SHORTEST: usize = 4;
/// Texts shorter than this are secret only where they are no part of a longer word.
const WORD: usize = 8;
/// The same for numbers: ports, sizes and years have fewer digits.
const DIGITS: usize = 6;

/// Texts that anybody may see: a secret that happens to stand in one is not masked there.
static OPEN: RwLock<BTreeSet<String>> = RwLock::new(BTreeSet::new());
static KNOWN: RwLock<BTreeSet<String>> = RwLock::new(BTreeSet::new());

/// Takes note that the texts and numbers of a value are secret.
pub fn learn(value: &Value) {
    each_text(value, &mut |text| {
        note(text, SHORTEST);
        note(text.trim(), SHORTEST);
        let quoted = Value::from(text).to_string();
        note(&quoted[1..quoted.len() - 1], SHORTEST);
    });
    each_number(value, &mut |number| note(&number.to_string(), DIGITS));
}

/// Takes note of a text that anybody may see, such as an address: masked, it would be of no use.
pub fn spare(text: String) {
    let mut open = OPEN.write().unwrap_or_else(PoisonError::into_inner);
    open.insert(text);
}

fn note(text: &str, shortest: usize) {
    if text.chars().count() < shortest {
        return;
    }
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    if known.contains(text) {
        return;
    }
    drop(known);
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    known.insert(text.to_owned());
}

fn each_number(value: &Value, visit: &mut dyn FnMut(&serde_json::Number)) {
    match value {
        Value::Number(number) => visit(number),
        Value::Array(items) => items.iter().for_each(|item| each_number(item, visit)),
        Value::Object(members) => members.values().for_each(|item| each_number(item, visit)),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// The text with [`MASK`] wherever a secret stands in it.
pub fn mask(text: &str) -> String {
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    let open = OPEN.read().unwrap_or_else(PoisonError::into_inner);
    if known.is_empty() {
        return text.to_owned();
    }
    let secrets = known.iter().map(|secret| (secret.as_str(), MASK));
    let open = open.iter().map(|open| (open.as_str(), open.as_str()));
    without(text, secrets.chain(open))
}

/// The value with all its texts masked; keys stay.
pub fn masked(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(mask(&text)),
        Value::Array(items) => items.into_iter().map(masked).collect(),
        Value::Object(members) => {
            let members = members.into_iter().map(|(key, value)| (key, masked(value)));
            Value::Object(members.collect())
        }
        other => other,
    }
}

/// The text with each of these texts replaced by what is beside it.
fn without<'s>(text: &str, known: impl Iterator<Item = (&'s str, &'s str)>) -> String {
    // There may be thousands, and few of them can begin at a place.
    let mut by_first: HashMap<u8, Vec<(&str, &str)>> = HashMap::new();
    for (known, instead) in known {
        let first = known.bytes().next().unwrap_or_default();
        by_first.entry(first).or_default().push((known, instead));
    }
    // Of two that begin at one place the longer one: the other may be a part of it.
    for same in by_first.values_mut() {
        same.sort_unstable_by_key(|(known, _)| std::cmp::Reverse(known.len()));
    }
    let mut made = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        let rest = &text[at..];
        let stands = |(known, _): &&(&str, &str)| {
            rest.starts_with(*known)
                && (known.chars().count() >= WORD || is_word(text, at, at + known.len()))
        };
        let first = rest.bytes().next().unwrap_or_default();
        match by_first
            .get(&first)
            .and_then(|same| same.iter().find(stands))
        {
            Some((known, instead)) => {
                made.push_str(instead);
                at += known.len();
            }
            None => {
                made.push(next);
                at += next.len_utf8();
            }
        }
    }
    made
}

/// Whether no letter or digit stands right before or after a part of a text.
fn is_word(text: &str, start: usize, end: usize) -> bool {
    let before = &text[..start];
    let joined = before.ends_with(char::is_alphanumeric) && !ends_in_colour(before);
    !joined && !text[end..].starts_with(char::is_alphanumeric)
}

/// Whether a text ends in a terminal's code for a colour, which a letter ends.
fn ends_in_colour(text: &str) -> bool {
    let code = text.rsplit_once("\u{1b}[").map(|(_, code)| code);
    let code = code.and_then(|code| code.strip_suffix('m'));
    code.is_some_and(|code| code.chars().all(|c| c.is_ascii_digit() || c == ';'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(text: &str, secrets: &[&str]) -> String {
        without(text, secrets.iter().map(|secret| (*secret, MASK)))
    }

    #[test]
    fn what_was_learned_is_masked_wherever_it_stands() {
        learn(&json!({"user": "xylophone-9", "list": ["two\nlines \"q\""], "pin": 734_512}));
        assert_eq!(
            mask("https://u:xylophone-9@host/xylophone-9.zip"),
            "https://u:(sensitive)@host/(sensitive).zip"
        );
        assert_eq!(
            mask(r#"said "two\nlines \"q\"", 734512"#),
            "said \"(sensitive)\", (sensitive)"
        );
        assert_eq!(
            masked(json!({"xylophone-9": ["a xylophone-9"]})),
            json!({"xylophone-9": ["a (sensitive)"]})
        );
    }

    #[test]
    fn short_texts_are_masked_as_words_only_and_the_shortest_never() {
        assert_eq!(
            of("latest test-1 \u{1b}[31mtest\u{1b}[0m", &["test"]),
            "latest (sensitive)-1 \u{1b}[31m(sensitive)\u{1b}[0m"
        );
        learn(&json!(["qzj", 8088]));
        assert_eq!(mask("qzj 8088"), "qzj 8088");
    }

    #[test]
    fn the_longer_of_two_that_begin_alike_goes_whole() {
        assert_eq!(
            of("swordfish-2, ü", &["swordfish", "swordfish-2"]),
            "(sensitive), ü"
        );
    }

    #[test]
    fn an_address_stays_whole() {
        learn(&json!("quokkas"));
        spare("s3_bucket.quokkas".to_owned());
        assert_eq!(
            mask("s3_bucket.quokkas is quokkas"),
            "s3_bucket.quokkas is (sensitive)"
        );
    }
}
