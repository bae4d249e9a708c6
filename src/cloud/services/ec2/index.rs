//! Finding things by what their records hold, without looking through all of them.
//!
//! For each value at a path of [`Thing::found_by`] there is a row of the kind `index.<kind>`, under
//! `<region>/<path>="<value>"/<id>`; saving and deleting a thing keeps its rows. A store whose
//! records are older than the paths gets the rows when they are first asked for.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::filters::collect;
use super::things::{Thing, key, text};
use crate::cloud::store::{StoreError, Txn};

impl Thing {
    /// The records of a region that hold `value` at `path`, one of [`Thing::found_by`], by id; for
    /// deciding.
    pub fn with(
        &self,
        txn: &mut Txn,
        region: &str,
        path: &str,
        value: &str,
    ) -> Result<Vec<Value>, StoreError> {
        self.build(txn, region)?;
        let rows = txn.scan(&self.rows(), &row(region, path, value, ""))?;
        let mut found = Vec::new();
        for (_, id) in rows {
            let id = id.as_str().unwrap_or_default();
            found.extend(self.get(txn, region, id)?);
        }
        Ok(found)
    }

    /// Changes a record's rows to those of what it becomes; before it is written.
    pub(super) fn index(
        &self,
        txn: &mut Txn,
        region: &str,
        id: &str,
        becomes: Option<&Value>,
    ) -> Result<(), StoreError> {
        if self.found_by.is_empty() {
            return Ok(());
        }
        let was = txn.get(self.kind, &key(region, id))?;
        let was = was
            .map(|was| self.rows_of(region, &was))
            .unwrap_or_default();
        let is = becomes
            .map(|is| self.rows_of(region, is))
            .unwrap_or_default();
        for gone in was.difference(&is) {
            txn.delete(&self.rows(), gone)?;
        }
        for added in is.difference(&was) {
            txn.put(&self.rows(), added, &json!(id))?;
        }
        Ok(())
    }

    /// Makes the rows of a region's records, once.
    fn build(&self, txn: &mut Txn, region: &str) -> Result<(), StoreError> {
        let mark = format!("{}/{region}", self.rows());
        let paths = self.found_by.join(" ");
        if txn.meta(&mark)?.is_some_and(|built| built == paths) {
            return Ok(());
        }
        for (row, _) in txn.scan(&self.rows(), &key(region, ""))? {
            txn.delete(&self.rows(), &row)?;
        }
        for (_, record) in txn.scan(self.kind, &key(region, ""))? {
            for row in self.rows_of(region, &record) {
                txn.put(&self.rows(), &row, &json!(text(&record, self.id)))?;
            }
        }
        txn.set_meta(&mark, &paths)
    }

    fn rows(&self) -> String {
        format!("index.{}", self.kind)
    }

    fn rows_of(&self, region: &str, record: &Value) -> BTreeSet<String> {
        let mut rows = BTreeSet::new();
        for path in self.found_by {
            let mut values = Vec::new();
            collect(record, path, &mut values);
            let id = text(record, self.id);
            rows.extend(values.iter().map(|value| row(region, path, value, id)));
        }
        rows
    }
}

/// The value is quoted as JSON, so that none is the beginning of another.
fn row(region: &str, path: &str, value: &str, id: &str) -> String {
    format!("{region}/{path}={}/{id}", json!(value))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::{Value, json};

    use super::super::things::{KEY_PAIR, RULE, text};
    use crate::cloud::store::{Access, Lag, Place, Store, Txn};

    const HERE: &str = "us-east-1";

    fn begin(store: &Store) -> Txn {
        let place = Place {
            account: "123456789012".to_owned(),
            region: HERE.to_owned(),
            now: 0,
        };
        let lag = Lag {
            lists: 3,
            ..Lag::default()
        };
        store.begin(Access::Write, place, lag).unwrap()
    }

    fn key(id: &str, name: &str) -> Value {
        json!({ "KeyPairId": id, "KeyName": name })
    }

    fn named(txn: &mut Txn, region: &str, name: &str) -> Vec<String> {
        let found = KEY_PAIR.with(txn, region, "KeyName", name).unwrap();
        found
            .iter()
            .map(|r| text(r, "KeyPairId").to_owned())
            .collect()
    }

    #[test]
    fn records_are_found_by_what_they_hold_now() {
        let dir = tempfile::tempdir().unwrap();
        let mut txn = begin(&Store::open(dir.path()).unwrap());
        for (region, id, name) in [
            (HERE, "key-1", "a"),
            (HERE, "key-2", "a/key-1"),
            (HERE, "key-3", "a\"/key-1"),
            ("eu-west-1", "key-4", "a"),
        ] {
            KEY_PAIR.save(&mut txn, region, &key(id, name)).unwrap();
        }
        assert_eq!(named(&mut txn, HERE, "a"), ["key-1"]);
        assert_eq!(named(&mut txn, HERE, "a/key-1"), ["key-2"]);
        assert_eq!(named(&mut txn, "eu-west-1", "a"), ["key-4"]);

        KEY_PAIR.save(&mut txn, HERE, &key("key-1", "b")).unwrap();
        KEY_PAIR.save(&mut txn, HERE, &key("key-2", "b")).unwrap();
        assert!(named(&mut txn, HERE, "a").is_empty());
        assert_eq!(named(&mut txn, HERE, "b"), ["key-1", "key-2"]);
        KEY_PAIR.delete(&mut txn, HERE, "key-1").unwrap();
        assert_eq!(named(&mut txn, HERE, "b"), ["key-2"]);
    }

    #[test]
    fn the_records_of_an_older_store_are_found_too() {
        let dir = tempfile::tempdir().unwrap();
        let mut txn = begin(&Store::open(dir.path()).unwrap());
        let rule = |id: &str, peer: &str| {
            json!({
                "SecurityGroupRuleId": id, "GroupId": "sg-1",
                "ReferencedGroupInfo": { "GroupId": peer },
            })
        };
        for id in ["sgr-1", "sgr-2"] {
            let place = format!("{HERE}/{id}");
            txn.put(RULE.kind, &place, &rule(id, "sg-2")).unwrap();
        }
        RULE.save(&mut txn, HERE, &rule("sgr-2", "sg-3")).unwrap();
        let mut with = |path, value| RULE.with(&mut txn, HERE, path, value).unwrap().len();
        assert_eq!(with("GroupId", "sg-1"), 2);
        assert_eq!(with("ReferencedGroupInfo.GroupId", "sg-2"), 1);
        assert_eq!(with("ReferencedGroupInfo.GroupId", "sg-3"), 1);
    }
}
