//! The walk that all of S3's lists share: by key order, from a marker, keys that share what
//! precedes a delimiter rolled up into one common prefix.

/// Something in a list.
pub(super) struct Entry<T> {
    pub key: String,
    /// Tells entries of one key apart: a version's or an upload's id. Empty for plain lists.
    pub id: String,
    pub value: T,
}

/// What a list asks for.
#[derive(Debug, Default)]
pub(super) struct Query {
    pub prefix: String,
    /// Empty: nothing is rolled up.
    pub delimiter: String,
    /// Entries and common prefixes together.
    pub max: usize,
    /// Where the last page ended: a key or a common prefix. Empty: at the beginning.
    pub after: String,
    /// With it, the entry of that key after which to go on.
    pub after_id: Option<String>,
}

/// A page.
pub(super) struct Walked<T> {
    pub entries: Vec<Entry<T>>,
    pub prefixes: Vec<String>,
    /// Where the page ended, if there is more: key (or common prefix) and id.
    pub next: Option<(String, String)>,
}

impl Query {
    /// What a key is rolled up into.
    fn rolled<'k>(&self, key: &'k str) -> Option<&'k str> {
        if self.delimiter.is_empty() {
            return None;
        }
        let from = self.prefix.len();
        let at = key.get(from..)?.find(&self.delimiter)?;
        key.get(..from + at + self.delimiter.len())
    }

    /// Whether a key was on an earlier page for sure: it is before the marker, or was rolled up
    /// into it.
    fn passed(&self, key: &str) -> bool {
        !self.after.is_empty()
            && (key < self.after.as_str() || self.rolled(key) == Some(self.after.as_str()))
    }
}

/// The page of `entries` (in key order) that a query asks for.
pub(super) fn walk<T>(entries: Vec<Entry<T>>, query: &Query) -> Walked<T> {
    let mut page = Walked {
        entries: Vec::new(),
        prefixes: Vec::new(),
        next: None,
    };
    if query.max == 0 {
        return page;
    }
    let mut resume = Resume::of(&entries, query);
    let mut last = None;
    for entry in entries {
        if !entry.key.starts_with(&query.prefix) || query.passed(&entry.key) || resume.skips(&entry)
        {
            continue;
        }
        let prefix = query.rolled(&entry.key).map(str::to_owned);
        if prefix.is_some() && prefix.as_ref() == page.prefixes.last() {
            continue;
        }
        if page.entries.len() + page.prefixes.len() == query.max {
            page.next = last;
            break;
        }
        match prefix {
            Some(prefix) => {
                last = Some((prefix.clone(), String::new()));
                page.prefixes.push(prefix);
            }
            None => {
                last = Some((entry.key.clone(), entry.id.clone()));
                page.entries.push(entry);
            }
        }
    }
    page
}

/// Goes on within the marker's key: after the marker's entry; with no id, after the whole key. An
/// id that is gone (clients delete while they list) passes nothing over.
struct Resume<'q> {
    key: &'q str,
    id: Option<&'q str>,
    skipping: bool,
}

impl<'q> Resume<'q> {
    fn of<T>(entries: &[Entry<T>], query: &'q Query) -> Self {
        let (key, id) = (query.after.as_str(), query.after_id.as_deref());
        let skipping = match id {
            None => true,
            Some(id) => entries.iter().any(|e| e.key == key && e.id == id),
        };
        Resume {
            key,
            id,
            skipping: skipping && !key.is_empty(),
        }
    }

    fn skips<T>(&mut self, entry: &Entry<T>) -> bool {
        if !self.skipping || entry.key != self.key {
            return false;
        }
        if self.id == Some(entry.id.as_str()) {
            self.skipping = false;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(keys: &[&str]) -> Vec<Entry<()>> {
        keys.iter()
            .map(|key| Entry {
                key: (*key).to_owned(),
                id: String::new(),
                value: (),
            })
            .collect()
    }

    /// All pages, two items each, as `key` or `prefix|`.
    fn pages(keys: &[&str], prefix: &str, delimiter: &str) -> Vec<Vec<String>> {
        let mut query = Query {
            prefix: prefix.to_owned(),
            delimiter: delimiter.to_owned(),
            max: 2,
            ..Query::default()
        };
        let mut pages = Vec::new();
        loop {
            let page = walk(entries(keys), &query);
            let rolled = page.prefixes.iter().map(|prefix| format!("{prefix}|"));
            pages.push(
                page.entries
                    .iter()
                    .map(|e| e.key.clone())
                    .chain(rolled)
                    .collect(),
            );
            match page.next {
                Some((after, _)) => query.after = after,
                None => return pages,
            }
        }
    }

    #[test]
    fn pages_neither_repeat_nor_skip() {
        let keys = ["a", "b/1", "b/2", "c", "d/1", "d/2", "e"];
        assert_eq!(
            pages(&keys, "", "/"),
            [vec!["a", "b/|"], vec!["c", "d/|"], vec!["e"]]
        );
        assert_eq!(pages(&keys, "b/", "/"), [vec!["b/1", "b/2"]]);
        assert_eq!(pages(&["//a", "/b", "a"], "", "/"), [vec!["a", "/|"]]);
        assert_eq!(pages(&["//a", "/b"], "/", "/"), [vec!["/b", "//|"]]);
    }

    #[test]
    fn a_marker_that_is_gone_skips_no_version() {
        let versions = |ids: &[&str]| {
            ids.iter()
                .map(|id| Entry {
                    key: "k".to_owned(),
                    id: (*id).to_owned(),
                    value: (),
                })
                .collect()
        };
        let query = Query {
            max: 10,
            after: "k".to_owned(),
            after_id: Some("2".to_owned()),
            ..Query::default()
        };
        let left = |entries| {
            let page = walk::<()>(entries, &query);
            page.entries.into_iter().map(|e| e.id).collect::<Vec<_>>()
        };
        assert_eq!(left(versions(&["3", "2", "1"])), ["1"]);
        assert_eq!(left(versions(&["1"])), ["1"]);
    }
}
