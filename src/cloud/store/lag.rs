//! Lists that trail behind writes, as AWS's do.
//!
//! A *shadow* keeps what lists still show of a record after it was written: its previous version,
//! or that it was not there. It is dropped after the record's kind was listed a number of times.
//! A *trail* does the same for a view that is computed (the tagging API's), by comparing what is
//! with what was shown.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension as _, params};

/// How many reads lists and tags lag behind writes. Zero, the default, is no lag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lag {
    /// Reads for lists of every service that `by_service` does not name.
    pub lists: u32,
    /// Reads for lists of these services.
    pub by_service: BTreeMap<String, u32>,
    /// Reads for the tagging API's view of all tags.
    pub tags: u32,
}

impl Lag {
    /// Whether anything lags: then reads count down and need the write lock.
    pub fn is_on(&self) -> bool {
        self.lists > 0 || self.tags > 0 || self.by_service.values().any(|n| *n > 0)
    }

    /// How many lists of this kind (`ec2.subnet`) a write stays unseen. An `index.` is for deciding,
    /// never listed.
    pub(super) fn of(&self, kind: &str) -> u32 {
        if kind.starts_with("index.") {
            return 0;
        }
        let service = kind.split('.').next().unwrap_or(kind);
        self.by_service.get(service).copied().unwrap_or(self.lists)
    }
}

/// Notes before a write what lists go on showing of this record.
pub(super) fn before_write(
    db: &Connection,
    reads: u32,
    kind: &str,
    key: &str,
) -> rusqlite::Result<()> {
    if reads == 0 {
        db.prepare_cached("DELETE FROM shadow WHERE kind = ?1 AND key = ?2")?
            .execute(params![kind, key])?;
        return Ok(());
    }
    let previous: Option<String> = db
        .prepare_cached("SELECT value FROM record WHERE kind = ?1 AND key = ?2")?
        .query_row(params![kind, key], |row| row.get(0))
        .optional()?;
    db.prepare_cached(
        "INSERT INTO shadow (kind, key, value, reads_left) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (kind, key) DO UPDATE SET reads_left = excluded.reads_left",
    )?
    .execute(params![kind, key, previous, reads])?;
    Ok(())
}

/// Lays the shadows of a kind over its records, and counts this reading unless `counted`.
pub(super) fn lay_over(
    db: &Connection,
    kind: &str,
    (from, to): (&str, &str),
    records: &mut BTreeMap<String, String>,
    counted: bool,
) -> rusqlite::Result<()> {
    // Used up by an earlier call; those that this call uses up stay till its end, so that all of
    // it sees one list.
    if !counted {
        db.prepare_cached(
            "DELETE FROM shadow
             WHERE kind = ?1 AND key >= ?2 AND key < ?3 AND reads_left <= 0",
        )?
        .execute(params![kind, from, to])?;
    }
    let mut shadows = db.prepare_cached(
        "SELECT key, value FROM shadow WHERE kind = ?1 AND key >= ?2 AND key < ?3",
    )?;
    let rows = shadows.query_map(params![kind, from, to], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?))
    })?;
    for row in rows {
        match row? {
            (key, Some(value)) => records.insert(key, value),
            (key, None) => records.remove(&key),
        };
    }
    if !counted {
        db.prepare_cached(
            "UPDATE shadow SET reads_left = reads_left - 1
             WHERE kind = ?1 AND key >= ?2 AND key < ?3",
        )?
        .execute(params![kind, from, to])?;
    }
    Ok(())
}

/// What a view shows that trails `reads` readings behind `current`.
pub(super) fn trail(
    db: &Connection,
    reads: u32,
    view: &str,
    current: BTreeMap<String, String>,
) -> rusqlite::Result<BTreeMap<String, String>> {
    let mut known: BTreeMap<String, Trail> = BTreeMap::new();
    {
        let mut all =
            db.prepare_cached("SELECT key, shown, current, reads_left FROM trail WHERE view = ?1")?;
        let rows = all.query_map(params![view], |row| {
            let trail = Trail {
                shown: row.get(1)?,
                current: row.get(2)?,
                reads_left: row.get(3)?,
            };
            Ok((row.get::<_, String>(0)?, trail))
        })?;
        for row in rows {
            let (key, trail) = row?;
            known.insert(key, trail);
        }
    }
    let keys: BTreeSet<String> = known.keys().chain(current.keys()).cloned().collect();
    let mut shown = BTreeMap::new();
    for key in keys {
        let is = current.get(&key).cloned();
        let trail = known.remove(&key).unwrap_or_default().step(is, reads);
        if let Some(value) = &trail.served {
            shown.insert(key.clone(), value.clone());
        }
        trail.keep(db, view, &key)?;
    }
    Ok(shown)
}

/// One key of a trailing view: what it showed last, what it is heading for.
#[derive(Default)]
struct Trail {
    shown: Option<String>,
    current: Option<String>,
    reads_left: u32,
}

/// A trail after one reading, with what that reading shows.
struct Stepped {
    trail: Trail,
    served: Option<String>,
}

impl Trail {
    fn step(mut self, is: Option<String>, reads: u32) -> Stepped {
        if self.current != is {
            self.current = is;
            self.reads_left = reads;
        }
        if self.reads_left == 0 {
            self.shown.clone_from(&self.current);
        }
        let served = self.shown.clone();
        self.reads_left = self.reads_left.saturating_sub(1);
        Stepped {
            trail: self,
            served,
        }
    }
}

impl Stepped {
    fn keep(self, db: &Connection, view: &str, key: &str) -> rusqlite::Result<()> {
        let Trail {
            shown,
            current,
            reads_left,
        } = self.trail;
        if shown.is_none() && current.is_none() {
            db.prepare_cached("DELETE FROM trail WHERE view = ?1 AND key = ?2")?
                .execute(params![view, key])?;
        } else {
            db.prepare_cached(
                "INSERT OR REPLACE INTO trail (view, key, shown, current, reads_left)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![view, key, shown, current, reads_left])?;
        }
        Ok(())
    }
}
