//! What the embedded cloud remembers: a folder with one SQLite database and the large bodies.
//!
//! ```text
//! <dir>/cloud.sqlite3   records: (kind, key) -> JSON; counters; the clock; what lists still show
//! <dir>/bodies/ab/…     content-addressed files, written before the row that names them
//! ```
//!
//! Each API call is one transaction ([`Txn`]): immediate when it may write, so that two calls never
//! interleave, be they of one process or of several. Nothing is cached in memory: every process
//! that opens the folder sees the same cloud, and one killed at any instant leaves either all of a
//! call's effect or none.

mod bodies;
mod database;
mod lag;
mod txn;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use rusqlite::Connection;

pub use lag::Lag;
pub use txn::{Access, Place, Txn};

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder or a body file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database file is damaged or no database at all.
    #[error(
        "the local store {path} is corrupt ({detail}); nothing was changed. It holds only the \
         embedded cloud's objects: move the folder {dir} away (or delete it) and the next run \
         starts a fresh account"
    )]
    Corrupt {
        /// The database file.
        path: PathBuf,
        /// The folder to move away.
        dir: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// A later version of pinfra wrote it.
    #[error(
        "the local store {path} has format {found}, this pinfra reads format {known}: use the \
         version that made it, or another folder"
    )]
    Version {
        /// The database file.
        path: PathBuf,
        /// The format found.
        found: i64,
        /// The format known.
        known: i64,
    },
    /// A call that only reads tried to write; the road runs it again with the write lock.
    #[error("this call was begun as one that only reads")]
    ReadOnly,
    /// SQLite refused a statement.
    #[error("{path}: {source}")]
    Sqlite {
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// A record or body that must be there is not, or cannot be read.
    #[error("{0}")]
    Record(String),
}

/// An open store. Cheap to clone; clones share the connections.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    dir: PathBuf,
    idle: Mutex<Vec<Connection>>,
    writing: Mutex<bool>,
    written: Condvar,
}

impl Store {
    /// Opens the folder, making it if it is not there.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] and [`StoreError::Version`] name the file and what to do.
    pub fn open(dir: &Path) -> Result<Store, StoreError> {
        std::fs::create_dir_all(dir).map_err(|source| StoreError::Io {
            path: dir.to_owned(),
            source,
        })?;
        let first = database::open_first(dir)?;
        Ok(Store {
            shared: Arc::new(Shared {
                dir: dir.to_owned(),
                idle: Mutex::new(vec![first]),
                writing: Mutex::new(false),
                written: Condvar::new(),
            }),
        })
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.shared.dir
    }

    /// Begins a transaction. It is rolled back when dropped without [`Txn::commit`].
    pub fn begin(&self, access: Access, place: Place, lag: Lag) -> Result<Txn, StoreError> {
        Txn::begin(self.clone(), access, place, lag)
    }

    fn connection(&self) -> Result<Connection, StoreError> {
        let idle = self
            .shared
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        match idle {
            Some(connection) => Ok(connection),
            None => database::open(self.dir()),
        }
    }

    fn give_back(&self, connection: Connection) {
        self.shared
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(connection);
    }

    /// Waits for this process's other writer: SQLite's own waiting polls, ours is woken.
    fn take_turn(&self) -> Turn {
        let mut writing = self
            .shared
            .writing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        while *writing {
            writing = self
                .shared
                .written
                .wait(writing)
                .unwrap_or_else(PoisonError::into_inner);
        }
        *writing = true;
        Turn(Arc::clone(&self.shared))
    }
}

/// The right to be this process's only writer; given up when dropped.
struct Turn(Arc<Shared>);

impl Drop for Turn {
    fn drop(&mut self) {
        *self
            .0
            .writing
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = false;
        self.0.written.notify_one();
    }
}
