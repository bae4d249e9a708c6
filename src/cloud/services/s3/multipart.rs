//! Uploads in parts: begun, filled in any order, completed or given up.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use serde_json::{Map, Value, json};

use super::acl;
use super::bucket;
use super::checksum::{self, Checksum};
use super::copy;
use super::errors;
use super::object;
use super::put;
use super::record::{Body, Bucket, Part, Record as _, Upload};
use super::tagging;
use super::versions;
use crate::cloud::error::ApiError;
use crate::cloud::services::{Call, Reply};

/// The algorithms that can be computed over the whole of an upload.
const WHOLE: [&str; 3] = ["CRC32", "CRC32C", "CRC64NVME"];

/// CreateMultipartUpload.
pub(super) fn create(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    let key = object::key(call);
    put::check(call, &key)?;
    let (algorithm, checksum_type) = checksum_plan(call)?;
    let id = STANDARD
        .encode(call.txn.hex_id(96)?)
        .replace(['+', '/', '='], "_");
    let upload = Upload {
        id,
        key,
        initiated: versions::now(call),
        initiator: call.principal_arn.to_owned(),
        about: put::about(call, &bucket)?,
        tags: tagging::from_header(call)?,
        acl: acl::for_object(call, &bucket)?,
        algorithm,
        checksum_type,
    };
    upload.save(call.txn, &upload_key(&bucket, &upload.id))?;
    let mut reply = upload.about.encryption;
    reply.insert("Bucket".into(), json!(bucket.name));
    reply.insert("Key".into(), json!(upload.key));
    reply.insert("UploadId".into(), json!(upload.id));
    if let Some(algorithm) = upload.algorithm {
        reply.insert("ChecksumAlgorithm".into(), json!(algorithm));
        reply.insert("ChecksumType".into(), json!(upload.checksum_type));
    }
    Ok(reply.into())
}

/// The algorithm and type of checksum that the upload is to have.
fn checksum_plan(call: &Call<'_>) -> Result<(Option<String>, Option<String>), ApiError> {
    let kind = call.str("ChecksumType");
    let Some(algorithm) = call.str("ChecksumAlgorithm") else {
        return match kind {
            None => Ok((None, None)),
            Some(_) => Err(errors::invalid_request(
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm \
                 header.",
            )),
        };
    };
    checksum::check_modelled(algorithm)?;
    let kind = kind.unwrap_or(if algorithm == checksum::DEFAULT {
        checksum::FULL
    } else {
        checksum::COMPOSITE
    });
    let possible = match kind {
        checksum::FULL => WHOLE.contains(&algorithm),
        checksum::COMPOSITE => algorithm != checksum::DEFAULT,
        _ => false,
    };
    if !possible {
        return Err(errors::invalid_request(format!(
            "The {kind} checksum type cannot be used with the {} checksum algorithm.",
            algorithm.to_lowercase()
        )));
    }
    Ok((Some(algorithm.to_owned()), Some(kind.to_owned())))
}

fn upload_key(bucket: &Bucket, id: &str) -> String {
    format!("{}/{id}", bucket.name)
}

fn part_key(bucket: &Bucket, id: &str, number: i64) -> String {
    format!("{}/{id}/{number:05}", bucket.name)
}

/// The upload that the call names, under its key.
pub(super) fn named(call: &mut Call<'_>, bucket: &Bucket) -> Result<Upload, ApiError> {
    let id = call.str("UploadId").unwrap_or_default().to_owned();
    let key = object::key(call);
    Upload::find(call.txn, &upload_key(bucket, &id))?
        .filter(|upload| upload.key == key)
        .ok_or_else(|| errors::no_such_upload(&id))
}

/// The parts uploaded so far, by number.
pub(super) fn parts(
    call: &mut Call<'_>,
    bucket: &Bucket,
    upload: &Upload,
) -> Result<Vec<Part>, ApiError> {
    let prefix = format!("{}/{}/", bucket.name, upload.id);
    let rows = Part::all(call.txn, &prefix)?;
    Ok(rows.into_iter().map(|(_, part)| part).collect())
}

fn part_number(call: &Call<'_>) -> Result<i64, ApiError> {
    let number = call.int("PartNumber").unwrap_or_default();
    if (1..=10_000).contains(&number) {
        return Ok(number);
    }
    Err(errors::invalid_argument(
        "Part number must be an integer between 1 and 10000, inclusive",
        "partNumber",
        number.to_string(),
    ))
}

/// UploadPart: a number again replaces that part.
pub(super) fn upload_part(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    let number = part_number(call)?;
    let upload = named(call, &bucket)?;
    let stated = checksum::stated(call)?.map(|(algorithm, _)| algorithm);
    // An upload begun without an algorithm takes parts with any.
    if let Some(expected) = upload.algorithm.as_deref().filter(|e| stated != Some(*e)) {
        return Err(errors::invalid_request(format!(
            "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
            expected.to_lowercase(),
            stated.unwrap_or("null").to_lowercase()
        )));
    }
    let checksum = checksum::of_upload(call, checksum::DEFAULT)?;
    let part = Part {
        number,
        etag: hex::encode(Md5::digest(&call.body)),
        modified: versions::now(call),
        body: put::store_body(call, checksum.clone())?,
    };
    part.save(call.txn, &part_key(&bucket, &upload.id, number))?;
    let mut reply = upload.about.encryption;
    reply.insert("ETag".into(), json!(format!("\"{}\"", part.etag)));
    if let Some(checksum) = checksum {
        checksum.show(&mut reply);
    }
    Ok(reply.into())
}

/// UploadPartCopy: the part is a range of an object that is there already.
pub(super) fn copy_part(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    let number = part_number(call)?;
    let upload = named(call, &bucket)?;
    let source = copy::source(call)?;
    let (start, end) = copy_range(call, source.content.size)?;
    let bytes = object::read(call.txn, &source.content, start, end)?;
    let algorithm = upload.algorithm.as_deref().unwrap_or(checksum::DEFAULT);
    let checksum = Checksum::of(algorithm, &bytes);
    let part = Part {
        number,
        etag: hex::encode(Md5::digest(&bytes)),
        modified: versions::now(call),
        body: Body {
            sha256: call.txn.put_blob(&bytes)?,
            size: end - start,
            checksum: checksum.clone(),
        },
    };
    part.save(call.txn, &part_key(&bucket, &upload.id, number))?;
    let mut result = Map::new();
    result.insert("ETag".into(), json!(format!("\"{}\"", part.etag)));
    result.insert("LastModified".into(), json!(part.modified));
    if let Some(checksum) = checksum.filter(|_| upload.algorithm.is_some()) {
        checksum.show(&mut result);
    }
    let mut reply = upload.about.encryption;
    reply.insert("CopyPartResult".into(), result.into());
    let mut reply = Value::Object(reply);
    copy::add_source_version(&mut reply, &source);
    Ok(reply)
}

/// `bytes=first-last`, both there; without the header the whole source.
fn copy_range(call: &Call<'_>, size: u64) -> Result<(u64, u64), ApiError> {
    let Some(header) = call.str("CopySourceRange") else {
        return Ok((0, size));
    };
    let refused = |message: String| {
        Err(errors::invalid_argument(
            message,
            "x-amz-copy-source-range",
            header,
        ))
    };
    let bounds = header
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
        .and_then(|(first, last)| Some((first.parse().ok()?, last.parse::<u64>().ok()?)));
    match bounds {
        Some((first, last)) if first <= last && last < size => Ok((first, last + 1)),
        Some((first, last)) if first <= last => refused(format!(
            "Range specified is not valid for source object of size: {size}"
        )),
        _ => refused(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first \
             and last are the zero-based offsets of the first and last bytes to copy"
                .to_owned(),
        ),
    }
}

/// AbortMultipartUpload.
pub(super) fn abort(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    let upload = named(call, &bucket)?;
    forget(call, &bucket, &upload)?;
    Ok(json!({}))
}

/// Removes an upload and its parts.
pub(super) fn forget(
    call: &mut Call<'_>,
    bucket: &Bucket,
    upload: &Upload,
) -> Result<(), ApiError> {
    let parts = format!("{}/{}/", bucket.name, upload.id);
    bucket::remove_all(call.txn, Part::KIND, &parts)?;
    Ok(Upload::remove(call.txn, &upload_key(bucket, &upload.id))?)
}
