//! Contents in a plan: a digest decides whether they change, people compare the lines.

use std::collections::HashSet;
use std::fs::File;
use std::io::Read;

use serde_json::Value;

use crate::provider::ResourceType;
use crate::schema::{AttributePath, CONTENTS, Change, Draft, LONGEST_TEXT, readable};

use super::ResourceChange;

/// What stands for a live line that the declaration does not have.
const NOT_SHOWN: &str = "(not shown)";

/// The text that a declaration's contents are, where the live ones are others and it may be shown.
pub(super) fn coming(ty: &ResourceType, desired: &Draft, changes: &[Change]) -> Option<String> {
    let body = ty.schema.body?;
    let differ = |change: &Change| change.path.root() == body.digest && !change.sensitive;
    if !changes.iter().any(differ) {
        return None;
    }
    let contents = desired.get(CONTENTS).filter(|it| !it.is_sensitive())?;
    let contents = contents.resolve().ok()?;
    let member = |name: &str| contents.get(name).and_then(Value::as_str);
    match (member("text"), member("file")) {
        (Some(text), _) => readable(text.as_bytes()).map(str::to_owned),
        (None, Some(path)) => text_of(path),
        (None, None) => None,
    }
}

/// The text of a file; of what is none, or is gone since it was looked at, nothing is shown.
fn text_of(path: &str) -> Option<String> {
    let most = u64::try_from(LONGEST_TEXT).ok()?;
    let mut bytes = Vec::new();
    let file = File::open(path).ok()?;
    file.take(most + 1).read_to_end(&mut bytes).ok()?;
    readable(&bytes).map(str::to_owned)
}

impl ResourceChange {
    /// Shows what becomes of live contents beside the digest that says that they change.
    pub fn show_contents(&mut self, live: String) {
        let (Some(body), Some(coming)) = (self.ty.schema.body, self.contents.take()) else {
            return;
        };
        let mut changes = self.attributes.iter();
        let Some(at) = changes.position(|change| change.path.root() == body.digest) else {
            return;
        };
        if live == coming {
            return;
        }
        let change = Change {
            path: AttributePath::default().key(body.text),
            before: known_lines(&live, &coming).into(),
            after: Draft::Known(coming.into()),
            replaces: false,
            sensitive: false,
        };
        self.attributes.insert(at, change);
    }
}

/// What is live without the lines that the declaration does not have: these may be secrets of before, or
/// of somebody else's, of which nothing here knows.
fn known_lines(live: &str, coming: &str) -> String {
    let coming: HashSet<&str> = coming.split('\n').collect();
    let lines = live.split('\n').map(|line| match line {
        // An empty line tells nothing, and the last one is only that the text ends with its line.
        "" => line,
        _ if coming.contains(line) => line,
        _ => NOT_SHOWN,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_go_are_not_told() {
        let live = "user=ann\npassword=hunter2\n\nport=1";
        assert_eq!(
            known_lines(live, "user=ann\n\nport=2\n"),
            format!("user=ann\n{NOT_SHOWN}\n\n{NOT_SHOWN}")
        );
        // Empty lines that go, and lines that end as they do on Windows.
        assert_eq!(
            known_lines("a\n\nb\n", "a\n"),
            format!("a\n\n{NOT_SHOWN}\n")
        );
        assert_eq!(
            known_lines("a\r\nb\r\n", "a\r\nc\r\n"),
            format!("a\r\n{NOT_SHOWN}\n")
        );
    }
}
