//! CopyObject, and the source that a copy names in a header.

use bytes::Bytes;
use md5::{Digest as _, Md5};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::acl;
use super::bucket;
use super::checksum::{self, Checksum};
use super::conditions;
use super::encryption;
use super::errors;
use super::object;
use super::put;
use super::record::{About, Body, Bucket, Content, Version};
use super::{tagging, versions};
use crate::cloud::error::ApiError;
use crate::cloud::services::{Call, Reply};

/// The object that a copy reads.
pub(super) struct Source {
    pub bucket: Bucket,
    pub key: String,
    pub version: Version,
    pub content: Content,
    /// Whether the header names a version.
    pub by_version: bool,
}

/// `bucket`, `key` and version id out of `[/]bucket/key[?versionId=…]`, percent-encoded.
fn parse(header: &str) -> Option<(String, String, Option<String>)> {
    let (path, version) = match header.split_once("?versionId=") {
        Some((path, version)) => (path, Some(version.to_owned())),
        None => (header, None),
    };
    let path = percent_decode_str(path).decode_utf8().ok()?;
    let (bucket, key) = path.strip_prefix('/').unwrap_or(&path).split_once('/')?;
    let full = !bucket.is_empty() && !key.is_empty();
    full.then(|| (bucket.to_owned(), key.to_owned(), version))
}

/// Finds the source and weighs the conditions on it.
pub(super) fn source(call: &mut Call<'_>) -> Result<Source, ApiError> {
    let header = call.str("CopySource").unwrap_or_default().to_owned();
    if header.starts_with("arn:") {
        return Err(ApiError::not_implemented(
            "copying from access points in S3",
        ));
    }
    if call.has("CopySourceSSECustomerAlgorithm") {
        return Err(ApiError::not_implemented(
            "encryption with keys that customers provide in S3",
        ));
    }
    let (name, key, version) = parse(&header).ok_or_else(|| {
        errors::invalid_argument(
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
            "x-amz-copy-source",
            &*header,
        )
    })?;
    // A copy may cross regions: the source is read wherever it lives.
    let bucket = bucket::reachable(call, &name, "ExpectedSourceBucketOwner")?;
    let found = object::find(call.txn, &bucket, &key, version.as_deref(), "PUT");
    let (object, at) = found.map_err(|error| match error.code.as_str() {
        "MethodNotAllowed" => errors::invalid_request(
            "The source of a copy request may not specifically refer to a delete marker by \
             version id.",
        ),
        _ => error,
    })?;
    let content = object::content(&object, at)?.clone();
    let version_found = object.versions[at].clone();
    conditions::weigh_source(call, &version_found, &content)?;
    Ok(Source {
        bucket,
        key,
        version: version_found,
        content,
        by_version: version.is_some(),
    })
}

/// CopyObject.
pub(super) fn copy(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    let key = object::key(call);
    put::check(call, &key)?;
    let source = source(call)?;
    refuse_nothing_changed(call, &bucket, &key, &source)?;
    put::check_present(call, &bucket, &key)?;
    let about = about(call, &bucket, &source)?;
    let tags = match call.str("TaggingDirective") {
        Some("REPLACE") => tagging::from_header(call)?,
        None | Some("COPY") => source.content.tags.clone(),
        Some(other) => return Err(unknown_directive("x-amz-tagging-directive", other)),
    };
    let mut content = whole(call, &source.content)?;
    content.about = about;
    content.tags = tags;
    content.acl = acl::for_object(call, &bucket)?;
    let version = versions::write(call, &bucket, &key, content.clone())?;
    Ok(answer(&bucket, &source, &version, &content))
}

fn answer(bucket: &Bucket, source: &Source, version: &Version, content: &Content) -> Value {
    let mut result = Map::new();
    result.insert("ETag".into(), json!(format!("\"{}\"", content.etag)));
    result.insert("LastModified".into(), json!(version.modified));
    if let Some(checksum) = &content.checksum {
        checksum.show_with_type(&mut result);
    }
    let mut reply = content.about.encryption.clone();
    reply.insert("CopyObjectResult".into(), result.into());
    let mut reply = Value::Object(reply);
    add_source_version(&mut reply, source);
    if bucket.versioning.is_some() && version.id != versions::NULL {
        reply["VersionId"] = json!(version.id);
    }
    reply
}

/// Adds `CopySourceVersionId`, which only buckets that were ever versioned show.
pub(super) fn add_source_version(reply: &mut Value, source: &Source) {
    if source.bucket.versioning.is_some() {
        reply["CopySourceVersionId"] = json!(source.version.id);
    }
}

/// An object cannot be copied onto itself unchanged.
fn refuse_nothing_changed(
    call: &Call<'_>,
    bucket: &Bucket,
    key: &str,
    source: &Source,
) -> Result<(), ApiError> {
    let changes = [
        "StorageClass",
        "WebsiteRedirectLocation",
        "ServerSideEncryption",
        "SSEKMSKeyId",
        "BucketKeyEnabled",
        "ChecksumAlgorithm",
    ];
    let onto_itself = source.bucket.name == bucket.name && source.key == key && !source.by_version;
    let replaced = call.str("MetadataDirective") == Some("REPLACE");
    if onto_itself && !replaced && !changes.iter().any(|member| call.has(member)) {
        return Err(errors::invalid_request(
            "This copy request is illegal because it is trying to copy an object to itself \
             without changing the object's metadata, storage class, website redirect location or \
             encryption attributes.",
        ));
    }
    Ok(())
}

fn unknown_directive(header: &str, value: &str) -> ApiError {
    let what = if header.contains("tagging") {
        "tagging"
    } else {
        "metadata"
    };
    errors::invalid_argument(format!("Unknown {what} directive."), header, value)
}

/// How the copy is described: as its source, or as the call says.
fn about(call: &Call<'_>, bucket: &Bucket, source: &Source) -> Result<About, ApiError> {
    let (headers, metadata) = match call.str("MetadataDirective") {
        Some("REPLACE") => (put::headers(call), put::metadata(call)?),
        None | Some("COPY") => {
            let mut headers = source.content.about.headers.clone();
            headers.remove("WebsiteRedirectLocation");
            if let Some(location) = call.str("WebsiteRedirectLocation") {
                headers.insert("WebsiteRedirectLocation".into(), json!(location));
            }
            (headers, source.content.about.metadata.clone())
        }
        Some(other) => return Err(unknown_directive("x-amz-metadata-directive", other)),
    };
    Ok(About {
        headers,
        metadata,
        storage_class: put::storage_class(call)?,
        encryption: encryption::for_object(call, bucket)?,
    })
}

/// The source's content as one body: what was uploaded in parts is an ordinary object once copied.
fn whole(call: &mut Call<'_>, source: &Content) -> Result<Content, ApiError> {
    let mut content = source.clone();
    let algorithm = call.str("ChecksumAlgorithm").map(str::to_owned);
    let kept = source.checksum.as_ref();
    let same = algorithm
        .as_deref()
        .is_none_or(|asked| kept.is_some_and(|kept| kept.algorithm == asked));
    if !source.in_parts && same {
        return Ok(content);
    }
    let algorithm = algorithm
        .or_else(|| kept.map(|kept| kept.algorithm.clone()))
        .unwrap_or_else(|| checksum::DEFAULT.to_owned());
    checksum::check_modelled(&algorithm)?;
    let bytes: Bytes = object::read(call.txn, source, 0, source.size)?;
    content.checksum = Checksum::of(&algorithm, &bytes);
    content.etag = hex::encode(Md5::digest(&bytes));
    content.in_parts = false;
    content.bodies = vec![Body {
        sha256: call.txn.put_blob(&bytes)?,
        size: source.size,
        checksum: content.checksum.clone(),
    }];
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn sources_are_decoded_once_and_keep_their_slashes() {
        let named = |header: &str| parse(header).map(|(b, k, v)| format!("{b}|{k}|{v:?}"));
        assert_eq!(named("/b/a%20b").as_deref(), Some("b|a b|None"));
        assert_eq!(named("b//a%2F+").as_deref(), Some("b|/a/+|None"));
        assert_eq!(named("b/k?versionId=v").as_deref(), Some("b|k|Some(\"v\")"));
        assert_eq!(named("b"), None);
        assert_eq!(named("b/"), None);
    }
}
