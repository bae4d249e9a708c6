//! Large bodies: files named by the SHA-256 of their content.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::StoreError;

fn path(dir: &Path, sha: &str) -> PathBuf {
    dir.join("bodies").join(&sha[..2]).join(sha)
}

/// Writes the content and returns its name. The file appears whole or not at all, and is on disk
/// before any row can name it; content already there is not written again.
pub(super) fn write(dir: &Path, content: &[u8]) -> Result<String, StoreError> {
    let sha = hex::encode(Sha256::digest(content));
    let target = path(dir, &sha);
    if target.exists() {
        return Ok(sha);
    }
    let folder = target.parent().unwrap_or(dir);
    write_whole(folder, &target, content).map_err(|source| StoreError::Io {
        path: target.clone(),
        source,
    })?;
    Ok(sha)
}

fn write_whole(folder: &Path, target: &Path, content: &[u8]) -> std::io::Result<()> {
    use std::sync::atomic::{AtomicU64, Ordering};
    static UNIQUE: AtomicU64 = AtomicU64::new(0);
    std::fs::create_dir_all(folder)?;
    let unique = UNIQUE.fetch_add(1, Ordering::Relaxed);
    let partial = folder.join(format!(".{}-{unique}.partial", std::process::id()));
    let mut file = std::fs::File::create(&partial)?;
    file.write_all(content)?;
    drop(file);
    std::fs::rename(&partial, target)
}

/// The content of this name.
pub(super) fn read(dir: &Path, sha: &str) -> Result<Bytes, StoreError> {
    if sha.len() != 64 || !sha.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(StoreError::Record(format!("{sha:?} names no body")));
    }
    let path = path(dir, sha);
    match std::fs::read(&path) {
        Ok(content) => Ok(Bytes::from(content)),
        Err(source) => Err(StoreError::Io { path, source }),
    }
}
