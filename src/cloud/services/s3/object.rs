//! Objects: finding, reading and removing them.

use bytes::{Bytes, BytesMut};
use serde_json::{Map, Value, json};

use super::bucket;
use super::conditions::{self, Verdict};
use super::errors;
use super::ranges::{self, Slice};
use super::record::{Bucket, Content, Object, Record as _, Version};
use super::settings::{list, sent, text};
use super::versions;
use crate::cloud::error::ApiError;
use crate::cloud::services::{Call, Reply};
use crate::cloud::store::Txn;

/// Keys a DeleteObjects call may name.
const DELETE_MAX: usize = 1000;

/// The storage classes whose objects must be restored before they can be read.
const FROZEN: [&str; 2] = ["GLACIER", "DEEP_ARCHIVE"];

/// The members of a read that override what the object says, and what they override.
const OVERRIDES: [(&str, &str); 6] = [
    ("ResponseCacheControl", "CacheControl"),
    ("ResponseContentDisposition", "ContentDisposition"),
    ("ResponseContentEncoding", "ContentEncoding"),
    ("ResponseContentLanguage", "ContentLanguage"),
    ("ResponseContentType", "ContentType"),
    ("ResponseExpires", "Expires"),
];

/// The key in the call.
pub(super) fn key(call: &Call<'_>) -> String {
    call.str("Key").unwrap_or_default().to_owned()
}

/// Where the store keeps the call's object.
pub(super) fn record_key(call: &Call<'_>, bucket: &Bucket) -> String {
    format!("{}/{}", bucket.name, key(call))
}

/// The object that the call names and the place of the version it means: the one asked for, else
/// the newest. Delete markers are errors of their own; `method` names the call in them.
pub(super) fn wanted(
    call: &mut Call<'_>,
    bucket: &Bucket,
    method: &str,
) -> Result<(Object, usize), ApiError> {
    let (key, version) = (key(call), call.str("VersionId").map(str::to_owned));
    find(call.txn, bucket, &key, version.as_deref(), method)
}

/// As [`wanted`], by key and version.
pub(super) fn find(
    txn: &mut Txn,
    bucket: &Bucket,
    key: &str,
    version: Option<&str>,
    method: &str,
) -> Result<(Object, usize), ApiError> {
    if let Some(id) = version {
        versions::check_id(id)?;
    }
    let found = Object::find(txn, &format!("{}/{key}", bucket.name))?;
    let at = match (&found, version) {
        (None, None) => return Err(errors::no_such_key(key)),
        (None, Some(id)) => return Err(errors::no_such_version(key, id)),
        (Some(_), None) => 0,
        (Some(object), Some(id)) => object
            .versions
            .iter()
            .position(|version| version.id == id)
            .ok_or_else(|| errors::no_such_version(key, id))?,
    };
    let object = found.unwrap_or_default();
    let chosen = &object.versions[at];
    if chosen.content.is_none() {
        let error = match version {
            None => errors::no_such_key(key),
            Some(_) => errors::is_delete_marker(method).with("allow", "DELETE"),
        };
        return Err(error
            .with("x-amz-delete-marker", "true")
            .with("x-amz-version-id", &*chosen.id));
    }
    Ok((object, at))
}

/// The content of a version that is no delete marker.
pub(super) fn content(object: &Object, at: usize) -> Result<&Content, ApiError> {
    let version = object.versions.get(at);
    version
        .and_then(|version| version.content.as_ref())
        .ok_or_else(|| ApiError::internal("a version without content was chosen"))
}

/// As [`content`], to change it.
pub(super) fn content_mut(object: &mut Object, at: usize) -> Result<&mut Content, ApiError> {
    let version = object.versions.get_mut(at);
    version
        .and_then(|version| version.content.as_mut())
        .ok_or_else(|| ApiError::internal("a version without content was chosen"))
}

/// Adds `VersionId`, which only buckets that were ever versioned show.
pub(super) fn add_version(reply: &mut Value, bucket: &Bucket, version: &Version) {
    if bucket.versioning.is_some() {
        reply["VersionId"] = json!(version.id);
    }
}

/// The bytes from `start` up to (not including) `end`.
pub(super) fn read(
    txn: &mut Txn,
    content: &Content,
    start: u64,
    end: u64,
) -> Result<Bytes, ApiError> {
    let mut pieces = Vec::new();
    let mut offset = 0;
    for body in &content.bodies {
        let (from, to) = (start.max(offset), end.min(offset + body.size));
        if from < to {
            let bytes = txn.blob(&body.sha256)?;
            let (from, to) = ((from - offset) as usize, (to - offset) as usize);
            if bytes.len() < to {
                return Err(ApiError::internal("a stored body is shorter than it was"));
            }
            pieces.push(bytes.slice(from..to));
        }
        offset += body.size;
    }
    if pieces.len() == 1 {
        return Ok(pieces.swap_remove(0));
    }
    let mut joined = BytesMut::new();
    for piece in pieces {
        joined.extend_from_slice(&piece);
    }
    Ok(joined.freeze())
}

/// GetObject.
pub(super) fn get(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    let (object, at) = wanted(call, &bucket, "GET")?;
    let content = content(&object, at)?;
    if FROZEN.contains(&content.about.storage_class.as_str()) {
        return Err(ApiError::new(
            "InvalidObjectState",
            403,
            "The operation is not valid for the object's storage class",
        )
        .with("StorageClass", &*content.about.storage_class));
    }
    let (reply, slice) = answer(call, &bucket, &object.versions[at], content)?;
    if let Some(slice) = slice {
        call.reply_body = Some(read(call.txn, content, slice.start, slice.end)?);
    }
    Ok(reply)
}

/// HeadObject: all that GetObject says, without the bytes.
pub(super) fn head(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    let (object, at) = wanted(call, &bucket, "HEAD")?;
    let content = content(&object, at)?;
    answer(call, &bucket, &object.versions[at], content).map(|(reply, _)| reply)
}

/// What a read answers, and which bytes it gives; none when the client has them already.
fn answer(
    call: &mut Call<'_>,
    bucket: &Bucket,
    version: &Version,
    content: &Content,
) -> Result<(Value, Option<Slice>), ApiError> {
    let verdict = conditions::weigh(call, &conditions::READ, version, content)?;
    if verdict == Verdict::NotModified {
        call.reply_status = Some(304);
        let mut reply = json!({
            "ETag": format!("\"{}\"", content.etag),
            "LastModified": version.modified,
        });
        add_version(&mut reply, bucket, version);
        return Ok((reply, None));
    }
    let slice = ranges::asked(call, content)?;
    let mut reply = described(version, content);
    for (member, overridden) in OVERRIDES {
        if call.has(member) {
            reply.insert(overridden.to_owned(), call.input[member].clone());
        }
    }
    reply.insert("ContentLength".to_owned(), json!(slice.end - slice.start));
    if slice.partial {
        call.reply_status = Some(206);
        let range = match slice.end.checked_sub(1) {
            Some(last) => format!("bytes {}-{last}/{}", slice.start, content.size),
            None => "bytes 0-0/0".to_owned(),
        };
        if content.size > 0 {
            reply.insert("ContentRange".to_owned(), json!(range));
        }
    }
    if call.int("PartNumber").is_some() && content.in_parts {
        reply.insert("PartsCount".to_owned(), json!(content.bodies.len()));
    }
    if call.has("ChecksumMode") {
        show_checksum(call, content, slice, &mut reply);
    }
    let mut reply = Value::Object(reply);
    add_version(&mut reply, bucket, version);
    Ok((reply, Some(slice)))
}

/// The whole object's checksum, or the part's that was asked for; a range has none.
fn show_checksum(call: &Call<'_>, content: &Content, slice: Slice, reply: &mut Map<String, Value>) {
    let part = call
        .int("PartNumber")
        .filter(|_| content.in_parts)
        .and_then(|number| usize::try_from(number - 1).ok());
    match (part, &content.checksum) {
        (Some(at), Some(whole)) => {
            let part = content.bodies.get(at).and_then(|b| b.checksum.as_ref());
            if let Some(checksum) = part {
                checksum.show(reply);
                reply.insert("ChecksumType".to_owned(), json!(whole.kind));
            }
        }
        (None, Some(whole)) if slice.end - slice.start == content.size => {
            whole.show_with_type(reply);
        }
        _ => {}
    }
}

/// What every read says about an object.
fn described(version: &Version, content: &Content) -> Map<String, Value> {
    let mut reply = content.about.encryption.clone();
    for (name, value) in &content.about.headers {
        reply.insert(name.clone(), value.clone());
    }
    reply.insert("AcceptRanges".into(), json!("bytes"));
    reply.insert("LastModified".into(), json!(version.modified));
    reply.insert("ETag".into(), json!(format!("\"{}\"", content.etag)));
    if !content.about.metadata.is_empty() {
        reply.insert("Metadata".into(), json!(content.about.metadata));
    }
    if content.about.storage_class != "STANDARD" {
        reply.insert("StorageClass".into(), json!(content.about.storage_class));
    }
    if !content.tags.is_empty() {
        reply.insert("TagCount".into(), json!(content.tags.len()));
    }
    reply
}

/// DeleteObject.
pub(super) fn delete(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    for member in ["IfMatchLastModifiedTime", "IfMatchSize"] {
        if call.has(member) {
            return Err(ApiError::not_implemented(format_args!(
                "{member} of DeleteObject outside directory buckets"
            )));
        }
    }
    let key = key(call);
    let version = call.str("VersionId").map(str::to_owned);
    if call.has("IfMatch") {
        let present = Object::find(call.txn, &record_key(call, &bucket))?;
        let present = present.as_ref().and_then(Object::current);
        conditions::check_write(call, &key, present)?;
    }
    let done = versions::delete(call, &bucket, &key, version.as_deref())?;
    let mut reply = Map::new();
    if let Some(version) = done.version {
        reply.insert("VersionId".into(), json!(version));
    }
    if done.marker {
        reply.insert("DeleteMarker".into(), json!(true));
    }
    Ok(reply.into())
}

/// DeleteObjects: each key by itself; what fails does not stop the others.
pub(super) fn delete_many(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    let asked = sent(call, "Delete");
    let objects = list(&asked, "Objects");
    if objects.is_empty() || objects.len() > DELETE_MAX {
        return Err(errors::malformed_xml());
    }
    let quiet = asked["Quiet"] == true;
    let (mut deleted, mut failed) = (Vec::new(), Vec::new());
    for object in objects {
        match delete_one(call, &bucket, object) {
            Ok(_) if quiet => {}
            Ok(done) => deleted.push(done),
            Err(error) if error.status >= 500 => return Err(error),
            Err(error) => {
                let mut entry = json!({
                    "Key": text(object, "Key"), "Code": error.code, "Message": error.message,
                });
                if let Some(version) = object.get("VersionId") {
                    entry["VersionId"] = version.clone();
                }
                failed.push(entry);
            }
        }
    }
    let mut reply = json!({});
    for (member, entries) in [("Deleted", deleted), ("Errors", failed)] {
        if !entries.is_empty() {
            reply[member] = entries.into();
        }
    }
    Ok(reply)
}

fn delete_one(call: &mut Call<'_>, bucket: &Bucket, object: &Value) -> Reply {
    let key = text(object, "Key");
    let asked = object.get("VersionId").and_then(Value::as_str);
    if let Some(tag) = object.get("ETag").and_then(Value::as_str) {
        let place = format!("{}/{key}", bucket.name);
        let present = Object::find(call.txn, &place)?;
        let present = present.as_ref().and_then(Object::current);
        let present = present.ok_or_else(|| errors::no_such_key(key))?;
        if tag != "*" && tag.trim_matches('"') != present.etag {
            return Err(errors::precondition_failed("If-Match"));
        }
    }
    let done = versions::delete(call, bucket, key, asked)?;
    let mut entry = json!({ "Key": key });
    if let Some(asked) = asked {
        entry["VersionId"] = json!(asked);
    }
    if done.marker {
        entry["DeleteMarker"] = json!(true);
        entry["DeleteMarkerVersionId"] = json!(done.version);
    }
    Ok(entry)
}
