//! The stack of an object's versions: what a write and a deletion do to it.
//!
//! | bucket | a write | a deletion without a version id |
//! |---|---|---|
//! | never versioned | replaces `null` | removes `null` |
//! | enabled | puts a new version on top | puts a delete marker on top |
//! | suspended | replaces `null`, puts it on top | replaces `null` by a marker called `null`, on top |

use std::time::{SystemTime, UNIX_EPOCH};

use super::errors;
use super::record::{Bucket, Content, Object, Record as _, Version, Versioning};
use crate::cloud::error::ApiError;
use crate::cloud::services::Call;

/// The id of what is written without versioning.
pub(super) const NULL: &str = "null";

/// Characters of a version id that S3 made.
const ID_LENGTH: usize = 32;

/// What a deletion did.
pub(super) struct Deleted {
    /// The version made (a marker) or removed; `None` where the bucket keeps none.
    pub version: Option<String>,
    /// Whether that version is a delete marker.
    pub marker: bool,
}

/// The present instant as S3 dates things: milliseconds since the epoch, whole seconds.
///
/// Simulated time runs ahead of clients' clocks. Nothing in S3 takes time, but clients compare its
/// dates with those of their files (`aws s3 sync`): so the simulated instant counts only until it
/// passes the real one.
pub(super) fn now(call: &Call<'_>) -> i64 {
    let real = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_millis()).ok());
    call.now.min(real.unwrap_or(i64::MAX)) / 1000 * 1000
}

/// Puts new content under a key and returns its version.
pub(super) fn write(
    call: &mut Call<'_>,
    bucket: &Bucket,
    key: &str,
    content: Content,
) -> Result<Version, ApiError> {
    push(call, bucket, key, Some(content))
}

fn push(
    call: &mut Call<'_>,
    bucket: &Bucket,
    key: &str,
    content: Option<Content>,
) -> Result<Version, ApiError> {
    let place = format!("{}/{key}", bucket.name);
    let mut object = Object::find(call.txn, &place)?.unwrap_or_default();
    let id = match bucket.versioning {
        Some(Versioning::Enabled) => call.txn.hex_id(ID_LENGTH)?,
        _ => NULL.to_owned(),
    };
    let version = Version {
        id,
        modified: now(call),
        content,
    };
    object.versions.retain(|old| old.id != version.id);
    object.versions.insert(0, version.clone());
    object.save(call.txn, &place)?;
    Ok(version)
}

/// Deletes a key, or one version of it for good.
pub(super) fn delete(
    call: &mut Call<'_>,
    bucket: &Bucket,
    key: &str,
    version: Option<&str>,
) -> Result<Deleted, ApiError> {
    match (version, bucket.versioning) {
        (Some(id), _) => remove(call, bucket, key, id),
        (None, None) => {
            remove(call, bucket, key, NULL)?;
            Ok(Deleted {
                version: None,
                marker: false,
            })
        }
        (None, Some(_)) => {
            let marker = push(call, bucket, key, None)?;
            Ok(Deleted {
                version: Some(marker.id),
                marker: true,
            })
        }
    }
}

/// Removes one version; what was beneath it is the newest again. Not an error when it is not there.
fn remove(call: &mut Call<'_>, bucket: &Bucket, key: &str, id: &str) -> Result<Deleted, ApiError> {
    check_id(id)?;
    let mut done = Deleted {
        version: Some(id.to_owned()),
        marker: false,
    };
    let place = format!("{}/{key}", bucket.name);
    let Some(mut object) = Object::find(call.txn, &place)? else {
        return Ok(done);
    };
    let Some(at) = object.versions.iter().position(|version| version.id == id) else {
        return Ok(done);
    };
    done.marker = object.versions.remove(at).content.is_none();
    if object.versions.is_empty() {
        Object::remove(call.txn, &place)?;
    } else {
        object.save(call.txn, &place)?;
    }
    Ok(done)
}

/// Refuses what cannot be a version id.
pub(super) fn check_id(id: &str) -> Result<(), ApiError> {
    let formed = id.len() == ID_LENGTH
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'_');
    if formed || id == NULL {
        return Ok(());
    }
    Err(errors::invalid_argument(
        "Invalid version id specified",
        "versionId",
        id,
    ))
}

impl Object {
    /// The content of the newest version, unless that is a delete marker.
    pub(super) fn current(&self) -> Option<&Content> {
        self.versions.first().and_then(|v| v.content.as_ref())
    }
}
