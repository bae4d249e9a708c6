//! One transaction: what a handler reads and writes.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Lag, Store, StoreError, Turn, bodies, database, lag};

/// Whether a transaction takes the write lock from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// A snapshot; writing fails with [`StoreError::ReadOnly`].
    Read,
    /// `BEGIN IMMEDIATE`.
    Write,
}

/// Where and when a call happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The account's twelve digits.
    pub account: String,
    /// The region called.
    pub region: String,
    /// Simulated milliseconds since the epoch.
    pub now: i64,
}

/// A transaction on the store.
///
/// Records live under (kind, key). A kind is `<service>.<thing>` (`ec2.security_group`); keys of
/// regional things begin with `<region>/`.
pub struct Txn {
    store: Store,
    connection: Option<Connection>,
    access: Access,
    refused_write: bool,
    place: Place,
    lag: Lag,
    /// Lists already counted in this call: paging through one list is one reading.
    counted: BTreeSet<(String, String)>,
    _turn: Option<Turn>,
}

impl Txn {
    pub(super) fn begin(
        store: Store,
        access: Access,
        place: Place,
        lag: Lag,
    ) -> Result<Txn, StoreError> {
        let turn = (access == Access::Write).then(|| store.take_turn());
        let connection = store.connection()?;
        let begin = match access {
            Access::Read => "BEGIN",
            Access::Write => "BEGIN IMMEDIATE",
        };
        connection
            .execute_batch(begin)
            .map_err(|e| database::explain(store.dir(), e))?;
        Ok(Txn {
            store,
            connection: Some(connection),
            access,
            refused_write: false,
            place,
            lag,
            counted: BTreeSet::new(),
            _turn: turn,
        })
    }

    /// Makes the effect durable.
    pub fn commit(mut self) -> Result<(), StoreError> {
        self.run(|db| db.execute_batch("COMMIT"))?;
        if let Some(connection) = self.connection.take() {
            self.store.give_back(connection);
        }
        Ok(())
    }

    /// The region called.
    pub fn region(&self) -> &str {
        &self.place.region
    }

    /// The account's twelve digits.
    pub fn account(&self) -> &str {
        &self.place.account
    }

    /// Simulated milliseconds since the epoch.
    pub fn now(&self) -> i64 {
        self.place.now
    }

    /// Whether a write was refused because this transaction only reads.
    pub fn refused_write(&self) -> bool {
        self.refused_write
    }

    /// Moves the transaction to another instant: the clock is read inside it.
    pub(crate) fn set_now(&mut self, now: i64) {
        self.place.now = now;
    }

    /// One record, as it is now.
    pub fn get(&mut self, kind: &str, key: &str) -> Result<Option<Value>, StoreError> {
        let text: Option<String> = self.run(|db| {
            db.prepare_cached("SELECT value FROM record WHERE kind = ?1 AND key = ?2")?
                .query_row(params![kind, key], |row| row.get(0))
                .optional()
        })?;
        text.map(|text| self.parse(kind, key, &text)).transpose()
    }

    /// Makes or replaces a record.
    pub fn put(&mut self, kind: &str, key: &str, value: &Value) -> Result<(), StoreError> {
        self.check_write()?;
        let (reads, text) = (self.lag.of(kind), value.to_string());
        self.run(|db| {
            lag::before_write(db, reads, kind, key)?;
            db.prepare_cached(
                "INSERT OR REPLACE INTO record (kind, key, value) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![kind, key, text])?;
            Ok(())
        })
    }

    /// Removes a record; false when there was none.
    pub fn delete(&mut self, kind: &str, key: &str) -> Result<bool, StoreError> {
        self.check_write()?;
        if self.get(kind, key)?.is_none() {
            return Ok(false);
        }
        let reads = self.lag.of(kind);
        self.run(|db| {
            lag::before_write(db, reads, kind, key)?;
            db.prepare_cached("DELETE FROM record WHERE kind = ?1 AND key = ?2")?
                .execute(params![kind, key])?;
            Ok(true)
        })
    }

    /// All records of a kind whose key begins with `prefix`, by key order, as they are now. For
    /// deciding (conflicts, dependencies); what is shown to clients comes from [`Txn::list`].
    pub fn scan(&mut self, kind: &str, prefix: &str) -> Result<Vec<(String, Value)>, StoreError> {
        let rows = self.rows(kind, prefix)?;
        self.parse_all(kind, rows)
    }

    /// How many records [`Txn::scan`] finds.
    pub fn count(&mut self, kind: &str, prefix: &str) -> Result<usize, StoreError> {
        let to = end_of(prefix);
        let count: i64 = self.run(|db| {
            db.prepare_cached(
                "SELECT count(*) FROM record WHERE kind = ?1 AND key >= ?2 AND key < ?3",
            )?
            .query_row(params![kind, prefix, to], |row| row.get(0))
        })?;
        Ok(usize::try_from(count).unwrap_or_default())
    }

    /// As [`Txn::scan`], but as AWS's lists answer: with the `lag` fault on, each record shows its
    /// previous version (or absence, or presence) until its kind was listed a number of times.
    pub fn list(&mut self, kind: &str, prefix: &str) -> Result<Vec<(String, Value)>, StoreError> {
        let mut rows = self.rows(kind, prefix)?;
        if self.lag.of(kind) > 0 {
            self.check_write()?;
            let counted = !self.counted.insert((kind.to_owned(), prefix.to_owned()));
            let to = end_of(prefix);
            self.run(|db| lag::lay_over(db, kind, (prefix, &to), &mut rows, counted))?;
        }
        self.parse_all(kind, rows)
    }

    /// The lists of lagging records that were read, by kind and prefix.
    pub(crate) fn readings(&self) -> Vec<(String, String)> {
        self.counted.iter().cloned().collect()
    }

    /// What a computed view shows: `current`, or with the `tags_lag` fault on what it was some
    /// readings ago. Each key of the view lags on its own.
    pub fn trailing(
        &mut self,
        view: &str,
        current: Vec<(String, Value)>,
    ) -> Result<Vec<(String, Value)>, StoreError> {
        let reads = self.lag.tags;
        if reads == 0 {
            return Ok(current);
        }
        self.check_write()?;
        let current = current
            .into_iter()
            .map(|(key, value)| (key, value.to_string()))
            .collect();
        let shown = self.run(|db| lag::trail(db, reads, view, current))?;
        self.parse_all(view, shown)
    }

    /// The next number of the store's counter; never given twice once committed.
    pub fn next_id(&mut self) -> Result<u64, StoreError> {
        self.check_write()?;
        let next = self
            .meta("counter")?
            .and_then(|text| text.parse::<u64>().ok())
            .unwrap_or(0)
            + 1;
        self.set_meta("counter", &next.to_string())?;
        Ok(next)
    }

    /// A new identifier of lower-case hexadecimal digits that looks random but is a function of
    /// the counter and the store's seed. Unique from eight digits on.
    pub fn hex_id(&mut self, digits: usize) -> Result<String, StoreError> {
        let n = self.next_id()?;
        let seed = self.meta("seed")?.unwrap_or_default();
        let mut noise = String::new();
        for block in 0..=(digits / 64) {
            let hash = Sha256::digest(format!("{seed}/{n}/{block}"));
            noise.push_str(&hex::encode(hash));
        }
        if digits < 8 {
            return Ok(noise[..digits].to_owned());
        }
        // The last eight digits are a permutation of the counter's 32 bits: odd factors and
        // xor-shifts are both invertible.
        let start = Sha256::digest(seed.as_bytes());
        let offset = u32::from_be_bytes([start[0], start[1], start[2], start[3]]);
        let mut x = (n as u32).wrapping_add(offset).wrapping_mul(0x9E37_79B1);
        x ^= x >> 15;
        x = x.wrapping_mul(0x85EB_CA6B);
        x ^= x >> 13;
        Ok(format!("{}{x:08x}", &noise[..digits - 8]))
    }

    /// Stores a large body and returns the SHA-256 that names it.
    pub fn put_blob(&mut self, bytes: &[u8]) -> Result<String, StoreError> {
        self.check_write()?;
        bodies::write(self.store.dir(), bytes)
    }

    /// A stored body.
    pub fn blob(&mut self, sha: &str) -> Result<Bytes, StoreError> {
        bodies::read(self.store.dir(), sha)
    }

    /// A named value of the store itself (clock, counter, seeded regions).
    pub(crate) fn meta(&mut self, name: &str) -> Result<Option<String>, StoreError> {
        self.run(|db| {
            db.prepare_cached("SELECT value FROM meta WHERE name = ?1")?
                .query_row(params![name], |row| row.get(0))
                .optional()
        })
    }

    /// Sets a named value of the store itself.
    pub(crate) fn set_meta(&mut self, name: &str, value: &str) -> Result<(), StoreError> {
        self.check_write()?;
        self.run(|db| {
            db.prepare_cached("INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)")?
                .execute(params![name, value])?;
            Ok(())
        })
    }

    fn rows(&mut self, kind: &str, prefix: &str) -> Result<BTreeMap<String, String>, StoreError> {
        let to = end_of(prefix);
        self.run(|db| {
            db.prepare_cached(
                "SELECT key, value FROM record WHERE kind = ?1 AND key >= ?2 AND key < ?3",
            )?
            .query_map(params![kind, prefix, to], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?
            .collect()
        })
    }

    fn parse_all(
        &self,
        kind: &str,
        rows: BTreeMap<String, String>,
    ) -> Result<Vec<(String, Value)>, StoreError> {
        rows.into_iter()
            .map(|(key, text)| {
                let value = self.parse(kind, &key, &text)?;
                Ok((key, value))
            })
            .collect()
    }

    fn parse(&self, kind: &str, key: &str, text: &str) -> Result<Value, StoreError> {
        serde_json::from_str(text).map_err(|e| {
            database::corrupt(
                self.store.dir(),
                format!("the record {kind} {key} is no JSON: {e}"),
            )
        })
    }

    fn check_write(&mut self) -> Result<(), StoreError> {
        if self.access == Access::Read {
            self.refused_write = true;
            return Err(StoreError::ReadOnly);
        }
        Ok(())
    }

    fn run<T>(
        &mut self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let connection = self
            .connection
            .as_ref()
            .ok_or_else(|| StoreError::Record("the transaction has ended".to_owned()))?;
        work(connection).map_err(|e| database::explain(self.store.dir(), e))
    }
}

impl Drop for Txn {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take()
            && connection.execute_batch("ROLLBACK").is_ok()
        {
            self.store.give_back(connection);
        }
    }
}

/// The first text after all that begin with `prefix`.
fn end_of(prefix: &str) -> String {
    format!("{prefix}\u{10FFFF}")
}
