//! What the store keeps: buckets, objects with all their versions, uploads and their parts.
//!
//! | kind | key | record |
//! |---|---|---|
//! | `s3.bucket` | the bucket's name | [`Bucket`] |
//! | `s3.object` | `<bucket>/<object key>` | [`Object`] |
//! | `s3.upload` | `<bucket>/<upload id>` | [`Upload`] |
//! | `s3.part` | `<bucket>/<upload id>/<part number in five digits>` | [`Part`] |
//!
//! Buckets are global, with a home region in the record. The store's key order is S3's: UTF-8 bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::checksum::Checksum;
use crate::cloud::error::ApiError;
use crate::cloud::services::record;
use crate::cloud::services::tags::Tags;
use crate::cloud::store::{StoreError, Txn};

/// Something that the store keeps under a kind of its own.
pub(super) trait Record: Serialize + DeserializeOwned {
    /// The store's kind.
    const KIND: &'static str;

    /// The record under a key.
    fn find(txn: &mut Txn, key: &str) -> Result<Option<Self>, ApiError> {
        record::load(txn, Self::KIND, key)
    }

    /// All records whose key begins with `prefix`, by key order.
    fn all(txn: &mut Txn, prefix: &str) -> Result<Vec<(String, Self)>, ApiError> {
        let rows = txn.scan(Self::KIND, prefix)?;
        rows.into_iter()
            .map(|(key, value)| Ok((key, decoded(value)?)))
            .collect()
    }

    /// Writes the record.
    fn save(&self, txn: &mut Txn, key: &str) -> Result<(), ApiError> {
        record::save(txn, Self::KIND, key, self)
    }

    /// Removes the record.
    fn remove(txn: &mut Txn, key: &str) -> Result<(), StoreError> {
        txn.delete(Self::KIND, key).map(|_| ())
    }
}

/// The record in a stored value.
pub(super) fn decoded<T: DeserializeOwned>(value: Value) -> Result<T, ApiError> {
    serde_json::from_value(value)
        .map_err(|e| ApiError::internal(format!("a record of S3 cannot be read: {e}")))
}

/// Whether a bucket keeps old versions. Never set is a third state: `None` in [`Bucket`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Versioning {
    /// Every write makes a version.
    Enabled,
    /// Writes replace the version `null`; older versions stay.
    Suspended,
}

/// A bucket and its settings.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Bucket {
    pub name: String,
    /// The home region.
    pub region: String,
    /// The LocationConstraint as it was asked for: `EU` is kept.
    pub location: Option<String>,
    pub account: String,
    /// Milliseconds since the epoch.
    pub created: i64,
    pub versioning: Option<Versioning>,
    pub tags: Tags,
    /// Every other setting, by the name in its module (`cors`, `lifecycle`), in the API's form.
    pub settings: Map<String, Value>,
}

impl Record for Bucket {
    const KIND: &'static str = "s3.bucket";
}

/// An object: all of its versions, newest first. Never empty.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Object {
    pub versions: Vec<Version>,
}

impl Record for Object {
    const KIND: &'static str = "s3.object";
}

/// One version of an object, or a delete marker.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Version {
    /// `null` for what was written without versioning.
    pub id: String,
    /// When it was written: milliseconds since the epoch, whole seconds.
    pub modified: i64,
    /// What it holds; `None` is a delete marker.
    pub content: Option<Content>,
}

/// What a version holds and how it is described.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Content {
    /// Without quotes.
    pub etag: String,
    /// Bytes.
    pub size: u64,
    /// The bodies, in order: one, or the parts of an upload.
    pub bodies: Vec<Body>,
    /// Whether it was uploaded in parts.
    pub in_parts: bool,
    pub checksum: Option<Checksum>,
    pub about: About,
    pub tags: Tags,
    /// Grants in the API's form, where they are not the owner's alone.
    pub acl: Option<Value>,
}

/// One stored body.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Body {
    /// Names the bytes in the store.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    pub checksum: Option<Checksum>,
}

/// What a client says about an object: headers by the API's member names.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct About {
    /// `ContentType`, `CacheControl`, …
    pub headers: BTreeMap<String, Value>,
    /// `x-amz-meta-…`, names in lower case.
    pub metadata: BTreeMap<String, String>,
    pub storage_class: String,
    /// `ServerSideEncryption`, `SSEKMSKeyId`, `BucketKeyEnabled`: as every reply carries them.
    pub encryption: Map<String, Value>,
}

/// An upload in parts that is under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Upload {
    pub id: String,
    pub key: String,
    /// Milliseconds since the epoch.
    pub initiated: i64,
    /// Who began it.
    pub initiator: String,
    pub about: About,
    pub tags: Tags,
    /// Grants in the API's form, where they are not the owner's alone.
    pub acl: Option<Value>,
    /// The algorithm asked for; none means CRC64NVME, which S3 computes by itself.
    pub algorithm: Option<String>,
    /// `COMPOSITE` or `FULL_OBJECT`.
    pub checksum_type: Option<String>,
}

impl Record for Upload {
    const KIND: &'static str = "s3.upload";
}

/// An uploaded part.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Part {
    pub number: i64,
    /// Without quotes.
    pub etag: String,
    pub modified: i64,
    pub body: Body,
}

impl Record for Part {
    const KIND: &'static str = "s3.part";
}
