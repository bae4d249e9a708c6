//! PutObject, and what every way of writing an object has in common: its description, its limits.

use std::collections::BTreeMap;

use md5::{Digest as _, Md5};
use serde_json::{Value, json};

use super::acl;
use super::bucket;
use super::checksum::{self, Checksum};
use super::conditions;
use super::encryption;
use super::errors;
use super::object;
use super::record::{About, Body, Bucket, Content, Object, Record as _};
use super::{tagging, versions};
use crate::cloud::error::ApiError;
use crate::cloud::services::{Call, Reply};

/// Bytes a key may have.
const KEY_MAX: usize = 1024;

/// Bytes that the names and values of an object's metadata may have together.
const METADATA_MAX: usize = 2048;

/// The storage classes that a general purpose bucket has.
const STORAGE_CLASSES: [&str; 8] = [
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "DEEP_ARCHIVE",
    "GLACIER_IR",
];

/// The headers that an object keeps as they come.
const KEPT: [&str; 5] = [
    "CacheControl",
    "ContentDisposition",
    "ContentLanguage",
    "Expires",
    "WebsiteRedirectLocation",
];

/// PutObject.
pub(super) fn put(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    let key = object::key(call);
    check(call, &key)?;
    check_present(call, &bucket, &key)?;
    if call.has("ChecksumAlgorithm") && checksum::stated(call)?.is_none() {
        let algorithm = call.str("ChecksumAlgorithm").unwrap_or_default();
        checksum::check_modelled(algorithm)?;
        return Err(errors::invalid_request(
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or \
             x-amz-trailer headers were found.",
        ));
    }
    let checksum = checksum::of_upload(call, checksum::DEFAULT)?;
    let about = about(call, &bucket)?;
    let (tags, acl) = (tagging::from_header(call)?, acl::for_object(call, &bucket)?);
    let content = Content {
        etag: hex::encode(Md5::digest(&call.body)),
        size: call.body.len() as u64,
        bodies: vec![store_body(call, checksum.clone())?],
        in_parts: false,
        checksum,
        about,
        tags,
        acl,
    };
    let version = versions::write(call, &bucket, &key, content.clone())?;
    let mut reply = content.about.encryption;
    reply.insert("ETag".into(), json!(format!("\"{}\"", content.etag)));
    if let Some(checksum) = &content.checksum {
        checksum.show_with_type(&mut reply);
    }
    let mut reply = Value::Object(reply);
    if version.id != versions::NULL {
        reply["VersionId"] = json!(version.id);
    }
    Ok(reply)
}

/// Keeps the call's body in the store.
pub(super) fn store_body(
    call: &mut Call<'_>,
    checksum: Option<Checksum>,
) -> Result<Body, ApiError> {
    let body = call.body.clone();
    Ok(Body {
        sha256: call.txn.put_blob(&body)?,
        size: body.len() as u64,
        checksum,
    })
}

/// What no write of an object may ask for, whichever operation it is.
pub(super) fn check(call: &Call<'_>, key: &str) -> Result<(), ApiError> {
    if key.len() > KEY_MAX {
        return Err(
            ApiError::new("KeyTooLongError", 400, "Your key is too long")
                .with("Size", key.len().to_string())
                .with("MaxSizeAllowed", KEY_MAX.to_string()),
        );
    }
    let locks = [
        "ObjectLockMode",
        "ObjectLockRetainUntilDate",
        "ObjectLockLegalHoldStatus",
        "ObjectLockEventHold",
    ];
    if locks.iter().any(|member| call.has(member)) {
        return Err(errors::invalid_request(
            "Bucket is missing Object Lock Configuration",
        ));
    }
    let redirect = call.str("WebsiteRedirectLocation").unwrap_or("/");
    if !["/", "http://", "https://"]
        .iter()
        .any(|start| redirect.starts_with(start))
    {
        return Err(ApiError::new(
            "InvalidRedirectLocation",
            400,
            "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
        ));
    }
    if call.has("WriteOffsetBytes") {
        return Err(ApiError::not_implemented(
            "appending to objects of S3 outside directory buckets",
        ));
    }
    Ok(())
}

/// Refuses a write whose conditions on what is there do not hold.
pub(super) fn check_present(
    call: &mut Call<'_>,
    bucket: &Bucket,
    key: &str,
) -> Result<(), ApiError> {
    if !call.has("IfMatch") && !call.has("IfNoneMatch") {
        return Ok(());
    }
    let present = Object::find(call.txn, &format!("{}/{key}", bucket.name))?;
    conditions::check_write(call, key, present.as_ref().and_then(Object::current))
}

/// What the call says about the object it writes.
pub(super) fn about(call: &Call<'_>, bucket: &Bucket) -> Result<About, ApiError> {
    Ok(About {
        headers: headers(call),
        metadata: metadata(call)?,
        storage_class: storage_class(call)?,
        encryption: encryption::for_object(call, bucket)?,
    })
}

/// The headers that come back with every read. How the request itself was framed is not kept.
pub(super) fn headers(call: &Call<'_>) -> BTreeMap<String, Value> {
    let mut kept = BTreeMap::new();
    for member in KEPT {
        if call.has(member) {
            kept.insert(member.to_owned(), call.input[member].clone());
        }
    }
    let codings: Vec<&str> = call
        .str("ContentEncoding")
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|coding| !coding.is_empty() && *coding != "aws-chunked")
        .collect();
    if !codings.is_empty() {
        kept.insert("ContentEncoding".to_owned(), json!(codings.join(",")));
    }
    let content_type = call
        .str("ContentType")
        .filter(|text| !text.is_empty())
        .unwrap_or("binary/octet-stream");
    kept.insert("ContentType".to_owned(), json!(content_type));
    kept
}

/// The client's own metadata, names in lower case as headers are.
pub(super) fn metadata(call: &Call<'_>) -> Result<BTreeMap<String, String>, ApiError> {
    let metadata: BTreeMap<String, String> = call
        .input
        .get("Metadata")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, value)| {
            let value = value.as_str().unwrap_or_default();
            (name.to_ascii_lowercase(), value.to_owned())
        })
        .collect();
    let size: usize = metadata.iter().map(|(k, v)| k.len() + v.len()).sum();
    if size > METADATA_MAX {
        return Err(ApiError::new(
            "MetadataTooLarge",
            400,
            "Your metadata headers exceed the maximum allowed metadata size",
        )
        .with("Size", size.to_string())
        .with("MaxSizeAllowed", METADATA_MAX.to_string()));
    }
    Ok(metadata)
}

/// The storage class asked for, else STANDARD.
pub(super) fn storage_class(call: &Call<'_>) -> Result<String, ApiError> {
    let class = call.str("StorageClass").unwrap_or("STANDARD");
    if STORAGE_CLASSES.contains(&class) {
        return Ok(class.to_owned());
    }
    Err(ApiError::new(
        "InvalidStorageClass",
        400,
        "The storage class you specified is not valid",
    )
    .with("StorageClassRequested", class))
}
