//! Tags: their three wire forms, and the limits each service sets on them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// An object's tags.
pub type Tags = BTreeMap<String, String>;

/// Which characters keys and values may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// Letters, digits, white space of any script and `_.:/=+-@` (IAM, Kinesis, S3, Logs, MWAA).
    Common,
    /// Anything that is not a control character (EC2, MSK).
    Any,
}

/// What a service accepts as tags.
#[derive(Debug, Clone, Copy)]
pub struct TagRules {
    /// The characters.
    pub alphabet: Alphabet,
    /// Tags an object.
    pub max: usize,
    /// Characters of a key, at least one.
    pub key_max: usize,
    /// Characters of a value, which may be empty.
    pub value_max: usize,
}

impl TagRules {
    /// Fifty tags, keys of 128 and values of 256 characters.
    pub const fn with(alphabet: Alphabet) -> Self {
        TagRules {
            alphabet,
            max: 50,
            key_max: 128,
            value_max: 256,
        }
    }
}

/// Why a set of tags is refused. Services map it to their own code and message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TagProblem {
    /// More than the service allows on one object.
    #[error("an object can have at most {max} tags")]
    TooMany {
        /// The limit.
        max: usize,
    },
    /// The key is empty or too long.
    #[error("the tag key {key:?} must have 1 to {max} characters")]
    KeyLength {
        /// The key.
        key: String,
        /// The limit.
        max: usize,
    },
    /// The value is too long.
    #[error("the value of the tag {key:?} must have at most {max} characters")]
    ValueLength {
        /// The value's key.
        key: String,
        /// The limit.
        max: usize,
    },
    /// A character outside the alphabet, in the key or its value.
    #[error("the tag {key:?} contains characters that are not allowed")]
    Character {
        /// The key.
        key: String,
    },
    /// Keys beginning with `aws:` are AWS's own.
    #[error("tag keys starting with aws: are reserved for system use")]
    Reserved {
        /// The key.
        key: String,
    },
    /// The same key twice in one request.
    #[error("the tag key {key:?} is given more than once")]
    Duplicate {
        /// The key.
        key: String,
    },
}

/// Checks tags sent in one request, one by one and for duplicates.
pub fn check_sent<'a>(
    rules: &TagRules,
    tags: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<(), TagProblem> {
    let mut seen = std::collections::BTreeSet::new();
    for (key, value) in tags {
        check_one(rules, key, value)?;
        if !seen.insert(key) {
            return Err(TagProblem::Duplicate { key: key.into() });
        }
    }
    check_count(rules, seen.len())
}

/// Checks the number of tags an object would end up with.
pub fn check_count(rules: &TagRules, count: usize) -> Result<(), TagProblem> {
    if count > rules.max {
        return Err(TagProblem::TooMany { max: rules.max });
    }
    Ok(())
}

fn check_one(rules: &TagRules, key: &str, value: &str) -> Result<(), TagProblem> {
    let length = key.chars().count();
    if length == 0 || length > rules.key_max {
        return Err(TagProblem::KeyLength {
            key: key.into(),
            max: rules.key_max,
        });
    }
    if value.chars().count() > rules.value_max {
        return Err(TagProblem::ValueLength {
            key: key.into(),
            max: rules.value_max,
        });
    }
    if !key
        .chars()
        .chain(value.chars())
        .all(|c| allowed(rules.alphabet, c))
    {
        return Err(TagProblem::Character { key: key.into() });
    }
    if key
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
    {
        return Err(TagProblem::Reserved { key: key.into() });
    }
    Ok(())
}

fn allowed(alphabet: Alphabet, c: char) -> bool {
    match alphabet {
        Alphabet::Common => c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c),
        Alphabet::Any => !c.is_control(),
    }
}

/// Tags out of a list of `{<key>: …, <value>: …}` entries, in the order sent, duplicates kept.
pub fn pairs(list: &[Value], key: &str, value: &str) -> Vec<(String, String)> {
    let text = |entry: &Value, member: &str| {
        entry
            .get(member)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    list.iter()
        .map(|entry| (text(entry, key), text(entry, value)))
        .collect()
}

/// Tags out of a `[{Key, Value}]` list.
pub fn from_list(list: &[Value]) -> Tags {
    pairs(list, "Key", "Value").into_iter().collect()
}

/// Tags out of a `{key: value}` map.
pub fn from_map(map: Option<&Value>) -> Tags {
    map.and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(k, v)| (k.clone(), v.as_str().unwrap_or_default().to_owned()))
        .collect()
}

/// As `[{Key, Value}]`, by key order.
pub fn to_list(tags: &Tags) -> Value {
    tags.iter()
        .map(|(key, value)| json!({"Key": key, "Value": value}))
        .collect()
}

/// As `{key: value}`.
pub fn to_map(tags: &Tags) -> Value {
    let map: Map<String, Value> = tags
        .iter()
        .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
        .collect();
    Value::Object(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: TagRules = TagRules::with(Alphabet::Common);

    #[test]
    fn ownership_tags_pass_and_brackets_do_not() {
        assert_eq!(
            check_sent(&RULES, [("pinfra:resource", "kinesis_stream.events/pin")]),
            Ok(())
        );
        assert!(matches!(
            check_sent(&RULES, [("a", "events[\"pin\"]")]),
            Err(TagProblem::Character { .. })
        ));
    }

    #[test]
    fn limits_hold() {
        let key = "k".repeat(129);
        assert!(matches!(
            check_sent(&RULES, [(key.as_str(), "")]),
            Err(TagProblem::KeyLength { .. })
        ));
        assert!(matches!(
            check_sent(&RULES, [("AWS:x", "")]),
            Err(TagProblem::Reserved { .. })
        ));
        assert!(matches!(
            check_sent(&RULES, [("a", "1"), ("a", "2")]),
            Err(TagProblem::Duplicate { .. })
        ));
        assert_eq!(
            check_count(&RULES, 51),
            Err(TagProblem::TooMany { max: 50 })
        );
    }
}
