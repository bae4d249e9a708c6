//! The lists of a bucket's objects, of their versions, and of uploads under way with their parts.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::bucket::{self, owner};
use super::errors;
use super::multipart;
use super::record::{Bucket, Content, Object, Record as _, Upload, Version};
use super::walk::{Entry, Query, Walked, walk};
use crate::cloud::error::ApiError;
use crate::cloud::services::{Call, Reply, paging};

/// Items a page at most, whatever is asked for.
const PAGE: i64 = 1000;

/// What S3 leaves as it is in a URL-encoded key; a space becomes `+`.
const LEFT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'*')
    .remove(b'/')
    .remove(b' ');

/// A key as lists write it under `encoding-type=url`.
pub(super) fn url_encoded(text: &str) -> String {
    utf8_percent_encode(text, LEFT)
        .to_string()
        .replace(' ', "+")
}

/// How a list writes keys.
#[derive(Clone, Copy)]
struct Spelling {
    url: bool,
}

impl Spelling {
    fn of(call: &Call<'_>) -> Result<Self, ApiError> {
        match call.str("EncodingType") {
            None => Ok(Spelling { url: false }),
            Some("url") => Ok(Spelling { url: true }),
            Some(other) => Err(errors::invalid_argument(
                "Invalid Encoding Method specified in Request",
                "encoding-type",
                other,
            )),
        }
    }

    fn spell(self, text: &str) -> Value {
        if self.url {
            json!(url_encoded(text))
        } else {
            json!(text)
        }
    }
}

/// How many items the call wants on a page; `wire` is the argument's name in errors.
fn asked_max(call: &Call<'_>, member: &str, wire: &str) -> Result<i64, ApiError> {
    let asked = call.int(member).unwrap_or(PAGE);
    if (0..=i64::from(i32::MAX)).contains(&asked) {
        return Ok(asked.min(PAGE));
    }
    Err(errors::invalid_argument(
        format!("Argument {wire} must be an integer between 0 and 2147483647"),
        wire,
        asked.to_string(),
    ))
}

fn query(call: &Call<'_>, max: i64, after: &str) -> Query {
    let text = |member: &str| call.str(member).unwrap_or_default().to_owned();
    Query {
        prefix: text("Prefix"),
        delimiter: text("Delimiter"),
        max: usize::try_from(max).unwrap_or(0),
        after: after.to_owned(),
        after_id: None,
    }
}

/// The members that every list begins with.
fn frame<T>(call: &Call<'_>, spelling: Spelling, page: &Walked<T>) -> Map<String, Value> {
    let mut reply = Map::new();
    reply.insert("IsTruncated".into(), json!(page.next.is_some()));
    reply.insert(
        "Prefix".into(),
        spelling.spell(call.str("Prefix").unwrap_or_default()),
    );
    if let Some(delimiter) = call.str("Delimiter").filter(|text| !text.is_empty()) {
        reply.insert("Delimiter".into(), spelling.spell(delimiter));
    }
    if spelling.url {
        reply.insert("EncodingType".into(), json!("url"));
    }
    if !page.prefixes.is_empty() {
        let prefixes = page.prefixes.iter();
        let shown = prefixes.map(|prefix| json!({ "Prefix": spelling.spell(prefix) }));
        reply.insert("CommonPrefixes".into(), shown.collect());
    }
    reply
}

fn add_list(reply: &mut Map<String, Value>, member: &str, items: Vec<Value>) {
    if !items.is_empty() {
        reply.insert(member.to_owned(), items.into());
    }
}

/// The bucket's objects that are not deleted, with a prefix.
fn objects(
    call: &mut Call<'_>,
    bucket: &Bucket,
    prefix: &str,
) -> Result<Vec<Entry<Version>>, ApiError> {
    let all = Object::all(call.txn, &format!("{}/{prefix}", bucket.name))?;
    let skip = bucket.name.len() + 1;
    Ok(all
        .into_iter()
        .filter_map(|(place, object)| {
            let newest = object.versions.into_iter().next()?;
            newest.content.as_ref()?;
            Some(Entry {
                key: place.get(skip..)?.to_owned(),
                id: String::new(),
                value: newest,
            })
        })
        .collect())
}

/// An object or a version as lists show it.
fn shown(key: Value, version: &Version, content: &Content) -> Value {
    let mut entry = json!({
        "Key": key,
        "LastModified": version.modified,
        "ETag": format!("\"{}\"", content.etag),
        "Size": content.size,
        "StorageClass": content.about.storage_class,
    });
    if let Some(checksum) = &content.checksum {
        entry["ChecksumAlgorithm"] = json!([checksum.algorithm]);
        entry["ChecksumType"] = json!(checksum.kind);
    }
    entry
}

fn contents(page: &Walked<Version>, spelling: Spelling, with_owner: Option<&Bucket>) -> Vec<Value> {
    let show = |entry: &Entry<Version>| {
        let content = entry.value.content.as_ref()?;
        let mut object = shown(spelling.spell(&entry.key), &entry.value, content);
        if let Some(bucket) = with_owner {
            object["Owner"] = owner(&bucket.account);
        }
        Some(object)
    };
    page.entries.iter().filter_map(show).collect()
}

/// ListObjects, the older form: markers are keys.
pub(super) fn objects_v1(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    let spelling = Spelling::of(call)?;
    let max = asked_max(call, "MaxKeys", "max-keys")?;
    let marker = call.str("Marker").unwrap_or_default();
    let query = query(call, max, marker);
    let page = walk(objects(call, &bucket, &query.prefix)?, &query);
    let mut reply = frame(call, spelling, &page);
    reply.insert("Name".into(), json!(bucket.name));
    reply.insert("MaxKeys".into(), json!(max));
    reply.insert("Marker".into(), spelling.spell(&query.after));
    if let Some((next, _)) = page.next.as_ref().filter(|_| !query.delimiter.is_empty()) {
        reply.insert("NextMarker".into(), spelling.spell(next));
    }
    add_list(
        &mut reply,
        "Contents",
        contents(&page, spelling, Some(&bucket)),
    );
    Ok(reply.into())
}

/// ListObjectsV2: continuation tokens are opaque, and outweigh `StartAfter`.
pub(super) fn objects_v2(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    let spelling = Spelling::of(call)?;
    let max = asked_max(call, "MaxKeys", "max-keys")?;
    let after = match call.str("ContinuationToken") {
        Some(token) => paging::decode(token).map_err(|_| errors::bad_token(token))?,
        None => call.str("StartAfter").unwrap_or_default().to_owned(),
    };
    let query = query(call, max, &after);
    let page = walk(objects(call, &bucket, &query.prefix)?, &query);
    let mut reply = frame(call, spelling, &page);
    reply.insert("Name".into(), json!(bucket.name));
    reply.insert("MaxKeys".into(), json!(max));
    let count = page.entries.len() + page.prefixes.len();
    reply.insert("KeyCount".into(), json!(count));
    if let Some(token) = call.str("ContinuationToken") {
        reply.insert("ContinuationToken".into(), json!(token));
    }
    if let Some((next, _)) = &page.next {
        reply.insert("NextContinuationToken".into(), json!(paging::encode(next)));
    }
    if let Some(start) = call.str("StartAfter") {
        reply.insert("StartAfter".into(), spelling.spell(start));
    }
    let with_owner = (call.bool("FetchOwner") == Some(true)).then_some(&bucket);
    add_list(
        &mut reply,
        "Contents",
        contents(&page, spelling, with_owner),
    );
    Ok(reply.into())
}

/// ListObjectVersions: versions and delete markers, of each key the newest first.
pub(super) fn object_versions(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    let spelling = Spelling::of(call)?;
    let max = asked_max(call, "MaxKeys", "max-keys")?;
    let key_marker = call.str("KeyMarker").unwrap_or_default();
    let id_marker = call.str("VersionIdMarker").filter(|id| !id.is_empty());
    if key_marker.is_empty() && id_marker.is_some() {
        return Err(errors::invalid_argument(
            "A version-id marker cannot be specified without a key marker.",
            "version-id-marker",
            id_marker.unwrap_or_default(),
        ));
    }
    let mut query = query(call, max, key_marker);
    query.after_id = id_marker.map(str::to_owned);
    let page = walk(all_versions(call, &bucket, &query.prefix)?, &query);
    let mut reply = frame(call, spelling, &page);
    reply.insert("Name".into(), json!(bucket.name));
    reply.insert("MaxKeys".into(), json!(max));
    reply.insert("KeyMarker".into(), spelling.spell(&query.after));
    let id_marker = query.after_id.as_deref().unwrap_or_default();
    reply.insert("VersionIdMarker".into(), json!(id_marker));
    if let Some((key, id)) = &page.next {
        reply.insert("NextKeyMarker".into(), spelling.spell(key));
        if !id.is_empty() {
            reply.insert("NextVersionIdMarker".into(), json!(id));
        }
    }
    let (mut versions, mut markers) = (Vec::new(), Vec::new());
    for entry in &page.entries {
        let (version, newest) = &entry.value;
        let key = spelling.spell(&entry.key);
        let (mut one, list) = match &version.content {
            Some(content) => (shown(key, version, content), &mut versions),
            None => (
                json!({ "Key": key, "LastModified": version.modified }),
                &mut markers,
            ),
        };
        one["VersionId"] = json!(version.id);
        one["IsLatest"] = json!(newest);
        one["Owner"] = owner(&bucket.account);
        list.push(one);
    }
    add_list(&mut reply, "Versions", versions);
    add_list(&mut reply, "DeleteMarkers", markers);
    Ok(reply.into())
}

/// Every version with whether it is its key's newest.
fn all_versions(
    call: &mut Call<'_>,
    bucket: &Bucket,
    prefix: &str,
) -> Result<Vec<Entry<(Version, bool)>>, ApiError> {
    let skip = bucket.name.len() + 1;
    let mut entries = Vec::new();
    for (place, object) in Object::all(call.txn, &format!("{}/{prefix}", bucket.name))? {
        for (at, version) in object.versions.into_iter().enumerate() {
            entries.push(Entry {
                key: place.get(skip..).unwrap_or_default().to_owned(),
                id: version.id.clone(),
                value: (version, at == 0),
            });
        }
    }
    Ok(entries)
}

/// ListMultipartUploads: by key, then in the order in which they were begun.
pub(super) fn uploads(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    let spelling = Spelling::of(call)?;
    let max = asked_max(call, "MaxUploads", "max-uploads")?;
    let mut query = query(call, max, call.str("KeyMarker").unwrap_or_default());
    // Without a key marker the upload marker is ignored.
    query.after_id = call
        .str("UploadIdMarker")
        .filter(|id| !id.is_empty() && !query.after.is_empty())
        .map(str::to_owned);
    let mut under_way: Vec<Upload> = Upload::all(call.txn, &format!("{}/", bucket.name))?
        .into_iter()
        .map(|(_, upload)| upload)
        .collect();
    under_way.sort_by(|a, b| (&a.key, a.initiated, &a.id).cmp(&(&b.key, b.initiated, &b.id)));
    let entries = under_way.into_iter().map(|upload| Entry {
        key: upload.key.clone(),
        id: upload.id.clone(),
        value: upload,
    });
    let page = walk(entries.collect(), &query);
    let mut reply = frame(call, spelling, &page);
    reply.insert("Bucket".into(), json!(bucket.name));
    reply.insert("MaxUploads".into(), json!(max));
    reply.insert("KeyMarker".into(), spelling.spell(&query.after));
    let id_marker = query.after_id.as_deref().unwrap_or_default();
    reply.insert("UploadIdMarker".into(), json!(id_marker));
    if let Some((key, id)) = &page.next {
        reply.insert("NextKeyMarker".into(), spelling.spell(key));
        reply.insert("NextUploadIdMarker".into(), json!(id));
    }
    let shown = page.entries.iter().map(|entry| {
        let mut upload = json!({
            "UploadId": entry.value.id,
            "Key": spelling.spell(&entry.key),
            "Initiated": entry.value.initiated,
        });
        add_origin(&mut upload, &bucket, &entry.value);
        upload
    });
    add_list(&mut reply, "Uploads", shown.collect());
    Ok(reply.into())
}

/// Who owns and began an upload, and what it is to become.
fn add_origin(reply: &mut Value, bucket: &Bucket, upload: &Upload) {
    reply["StorageClass"] = json!(upload.about.storage_class);
    reply["Owner"] = owner(&bucket.account);
    reply["Initiator"] = if upload.initiator.ends_with(":root") {
        owner(&bucket.account)
    } else {
        let name = upload.initiator.rsplit('/').next().unwrap_or_default();
        json!({ "ID": upload.initiator, "DisplayName": name })
    };
    if let Some(algorithm) = &upload.algorithm {
        reply["ChecksumAlgorithm"] = json!(algorithm);
        reply["ChecksumType"] = json!(upload.checksum_type);
    }
}

/// ListParts: by number.
pub(super) fn parts(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    let upload = multipart::named(call, &bucket)?;
    let max = asked_max(call, "MaxParts", "max-parts")?;
    let marker = call.int("PartNumberMarker").unwrap_or(0);
    let mut left = multipart::parts(call, &bucket, &upload)?;
    left.retain(|part| part.number > marker);
    let page = usize::try_from(max).unwrap_or(0);
    let truncated = page > 0 && left.len() > page;
    left.truncate(page);
    let mut reply = json!({
        "Bucket": bucket.name,
        "Key": upload.key,
        "UploadId": upload.id,
        "PartNumberMarker": marker,
        "NextPartNumberMarker": left.last().map_or(0, |part| part.number),
        "MaxParts": max,
        "IsTruncated": truncated,
    });
    add_origin(&mut reply, &bucket, &upload);
    if !left.is_empty() {
        let shown = left.iter().map(|part| {
            let mut one = Map::new();
            one.insert("PartNumber".into(), json!(part.number));
            one.insert("LastModified".into(), json!(part.modified));
            one.insert("ETag".into(), json!(format!("\"{}\"", part.etag)));
            one.insert("Size".into(), json!(part.body.size));
            let checksum = part.body.checksum.as_ref();
            if let Some(checksum) = checksum.filter(|_| upload.algorithm.is_some()) {
                checksum.show(&mut one);
            }
            Value::Object(one)
        });
        reply["Parts"] = shown.collect();
    }
    Ok(reply)
}
