//! The `Filters` of Describe operations: a table per operation from the filter's name to where its
//! values are found in the reply's shape.
//!
//! A filter holds when any of its values matches any value found; all filters must hold. `*` and
//! `?` are wildcards, `\` takes the next character as it is.

use serde_json::Value;

use super::errors::{error, invalid_value};
use crate::cloud::error::ApiError;

/// The most filter values a call can have.
const MAX_VALUES: usize = 200;

/// A filter's name and the path to its values; lists on the way are looked through.
pub type Table = &'static [(&'static str, &'static str)];

/// One filter of a request.
pub struct Filter {
    test: Test,
    values: Vec<String>,
}

enum Test {
    Path(&'static str),
    Tag(String),
    TagKey,
    TagValue,
    /// A documented filter on something these objects never have.
    Never,
}

/// The request's filters, checked against the operation's table. `never` names documented filters
/// that nothing held here can match.
pub fn parse(
    filters: &[Value],
    table: Table,
    never: &[&str],
    taggable: bool,
) -> Result<Vec<Filter>, ApiError> {
    let mut parsed = Vec::new();
    let mut count = 0;
    for filter in filters {
        let name = filter["Name"].as_str().unwrap_or("null");
        let values: Vec<String> = filter["Values"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|v| v.as_str().map(str::to_owned))
            .collect();
        count += values.len();
        let path = table.iter().find(|(known, _)| *known == name);
        let test = match (name, path) {
            (_, Some((_, path))) => Test::Path(path),
            ("tag-key", _) if taggable => Test::TagKey,
            ("tag-value", _) if taggable => Test::TagValue,
            (_, None) if never.contains(&name) => Test::Never,
            _ => match name.strip_prefix("tag:").filter(|_| taggable) {
                Some(key) => Test::Tag(key.to_owned()),
                None => return Err(invalid_value(format!("The filter '{name}' is invalid"))),
            },
        };
        if values.is_empty() {
            return Err(invalid_value(format!(
                "The filter '{name}' must have at least one value"
            )));
        }
        parsed.push(Filter { test, values });
    }
    if count > MAX_VALUES {
        return Err(error(
            "FilterLimitExceeded",
            format!(
                "The maximum number of filter values specified on a single call is {MAX_VALUES}"
            ),
        ));
    }
    Ok(parsed)
}

/// Whether a view passes all filters. `tags` is its member with the tags.
pub fn pass(filters: &[Filter], view: &Value, tags: &str) -> bool {
    filters.iter().all(|filter| {
        let found = filter.test.found(view, tags);
        filter
            .values
            .iter()
            .any(|pattern| found.iter().any(|value| matches(pattern, value)))
    })
}

impl Test {
    fn found(&self, view: &Value, tags: &str) -> Vec<String> {
        let mut found = Vec::new();
        let held = view[tags].as_array().map_or(&[][..], Vec::as_slice);
        match self {
            Test::Never => {}
            Test::Path(path) => {
                for part in path.split('|') {
                    collect(view, part, &mut found);
                }
            }
            Test::TagKey => held.iter().for_each(|t| collect(t, "Key", &mut found)),
            Test::TagValue => held.iter().for_each(|t| collect(t, "Value", &mut found)),
            Test::Tag(key) => held
                .iter()
                .filter(|tag| tag["Key"] == key.as_str())
                .for_each(|tag| collect(tag, "Value", &mut found)),
        }
        found
    }
}

/// All values at a path; lists on the way are looked through.
pub fn collect(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|item| collect(item, path, found)),
        Value::Object(members) if !path.is_empty() => {
            let (member, rest) = path.split_once('.').unwrap_or((path, ""));
            if let Some(value) = members.get(member) {
                collect(value, rest, found);
            }
        }
        Value::String(text) => found.push(text.clone()),
        Value::Bool(_) | Value::Number(_) => found.push(value.to_string()),
        Value::Object(_) | Value::Null => {}
    }
}

/// Whether a text matches a filter's value.
pub fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    glob(&pattern, &text)
}

/// The usual matching with one point of return: after a `*`, what follows is tried at each place.
fn glob(pattern: &[char], text: &[char]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        let (literal, width) = match pattern.get(p) {
            Some('\\') if p + 1 < pattern.len() => (pattern.get(p + 1), 2),
            Some('*') => {
                back = Some((p, t));
                p += 1;
                continue;
            }
            Some('?') => (Some(&text[t]), 1),
            other => (other, 1),
        };
        if literal == Some(&text[t]) {
            (p, t) = (p + width, t + 1);
        } else if let Some((star, from)) = back {
            back = Some((star, from + 1));
            (p, t) = (star + 1, from + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn wildcards_and_their_escape() {
        assert!(matches("a*c", "abbc"));
        assert!(matches("*", ""));
        assert!(matches("a?c*", "abc"));
        assert!(matches(r"100\*", "100*"));
        assert!(matches("*ab*ab", "aabxabab"));
        assert!(!matches(r"100\*", "1000"));
        assert!(!matches("a?c", "ac"));
        assert!(!matches("Name", "name"));
    }
}
