//! Opening the database: its schema, its settings, and what is said of a damaged file.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};

use super::StoreError;

/// Written to `PRAGMA user_version`.
const FORMAT: i64 = 1;

/// Written to `PRAGMA application_id` ("pnfr"): another program's database is not taken for ours.
const APPLICATION: i64 = 0x706e_6672;

/// How long to wait for another process's lock.
const PATIENCE: Duration = Duration::from_secs(20);

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS record (
        kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (kind, key)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS shadow (
        kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT, reads_left INTEGER NOT NULL,
        PRIMARY KEY (kind, key)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS trail (
        view TEXT NOT NULL, key TEXT NOT NULL, shown TEXT, current TEXT, reads_left INTEGER NOT NULL,
        PRIMARY KEY (view, key)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
";

/// The database file of a store's folder.
pub(super) fn file(dir: &Path) -> PathBuf {
    dir.join("cloud.sqlite3")
}

/// Opens the database for the first time in this process: checks it and makes what is missing.
pub(super) fn open_first(dir: &Path) -> Result<Connection, StoreError> {
    let connection = open(dir)?;
    let failed = |source| explain(dir, source);
    // One snapshot: another process may be making the file at this moment.
    connection.execute_batch("BEGIN").map_err(failed)?;
    let number = |query: &str| {
        connection
            .query_row(query, [], |row| row.get::<_, i64>(0))
            .map_err(failed)
    };
    let tables = number("SELECT count(*) FROM sqlite_schema")?;
    let format = number("PRAGMA user_version")?;
    let application = number("PRAGMA application_id")?;
    if format > FORMAT && application == APPLICATION {
        return Err(StoreError::Version {
            path: file(dir),
            found: format,
            known: FORMAT,
        });
    }
    if tables > 0 && application != APPLICATION {
        return Err(corrupt(dir, "it is another program's database"));
    }
    let health: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(failed)?;
    if health != "ok" {
        return Err(corrupt(dir, health));
    }
    connection.execute_batch("COMMIT").map_err(failed)?;
    if tables == 0 {
        connection
            .execute_batch(&format!(
                "BEGIN IMMEDIATE; {SCHEMA}
                 PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {FORMAT}; COMMIT;"
            ))
            .map_err(failed)?;
    }
    Ok(connection)
}

/// One more connection. Several processes opening one new file at once can be told "database is
/// locked" whatever the busy timeout, while one of them switches it to WAL: so it is tried again.
pub(super) fn open(dir: &Path) -> Result<Connection, StoreError> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match try_open(&file(dir)) {
            Ok(connection) => return Ok(connection),
            Err(error) if is_locked(&error) && Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(10));
            }
            Err(error) => return Err(explain(dir, error)),
        }
    }
}

fn try_open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn is_locked(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

/// Says which file failed, and what to do where it is damaged.
pub(super) fn explain(dir: &Path, source: rusqlite::Error) -> StoreError {
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            corrupt(dir, source.to_string())
        }
        _ => StoreError::Sqlite {
            path: file(dir),
            source,
        },
    }
}

pub(super) fn corrupt(dir: &Path, detail: impl Into<String>) -> StoreError {
    StoreError::Corrupt {
        path: file(dir),
        dir: dir.to_owned(),
        detail: detail.into(),
    }
}
