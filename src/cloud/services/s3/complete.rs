//! CompleteMultipartUpload: the parts named, in their order, become an object.

use md5::{Digest as _, Md5};
use serde_json::{Value, json};

use super::bucket;
use super::checksum::{self, Checksum};
use super::errors;
use super::listing::url_encoded;
use super::multipart;
use super::object;
use super::put;
use super::record::{Bucket, Content, Part, Upload};
use super::settings::{list, sent, text};
use super::versions;
use crate::cloud::error::ApiError;
use crate::cloud::services::{Call, Reply};

/// Bytes that every part but the last must have.
const SMALLEST: u64 = 5 * 1024 * 1024;

/// CompleteMultipartUpload.
pub(super) fn complete(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    let upload = multipart::named(call, &bucket)?;
    put::check_present(call, &bucket, &upload.key)?;
    let parts = chosen(call, &bucket, &upload)?;
    let content = assembled(call, &upload, &parts)?;
    check_stated(call, &content)?;
    let version = versions::write(call, &bucket, &upload.key, content.clone())?;
    multipart::forget(call, &bucket, &upload)?;
    let mut reply = content.about.encryption;
    let key = url_encoded(&upload.key).replace('+', "%20");
    reply.insert(
        "Location".into(),
        json!(format!(
            "https://{}.s3.{}.amazonaws.com/{key}",
            bucket.name, bucket.region
        )),
    );
    reply.insert("Bucket".into(), json!(bucket.name));
    reply.insert("Key".into(), json!(upload.key));
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

/// The parts that the call names, proved: there, unchanged, in ascending order, large enough.
fn chosen(call: &mut Call<'_>, bucket: &Bucket, upload: &Upload) -> Result<Vec<Part>, ApiError> {
    let asked = sent(call, "MultipartUpload");
    let asked = list(&asked, "Parts");
    if asked.is_empty() {
        return Err(errors::malformed_xml());
    }
    let number = |part: &Value| part["PartNumber"].as_i64().unwrap_or_default();
    if asked
        .windows(2)
        .any(|pair| number(&pair[0]) >= number(&pair[1]))
    {
        return Err(ApiError::new(
            "InvalidPartOrder",
            400,
            "The list of parts was not in ascending order. Parts must be ordered by part number.",
        )
        .with("UploadId", &*upload.id));
    }
    let there = multipart::parts(call, bucket, upload)?;
    let mut chosen: Vec<Part> = Vec::new();
    for part in asked {
        let found = there.iter().find(|there| there.number == number(part));
        let found = found.filter(|found| matches(found, part));
        chosen.push(found.cloned().ok_or_else(|| invalid_part(upload, part))?);
        check_has_checksum(upload, part)?;
    }
    let all_but_last = &chosen[..chosen.len() - 1];
    match all_but_last.iter().find(|part| part.body.size < SMALLEST) {
        None => Ok(chosen),
        Some(part) => Err(ApiError::new(
            "EntityTooSmall",
            400,
            "Your proposed upload is smaller than the minimum allowed size",
        )
        .with("ProposedSize", part.body.size.to_string())
        .with("MinSizeAllowed", SMALLEST.to_string())
        .with("PartNumber", part.number.to_string())
        .with("ETag", &*part.etag)),
    }
}

/// Whether the ETag and the checksum that the call names are those of the part.
fn matches(found: &Part, asked: &Value) -> bool {
    let checksum_agrees = found.body.checksum.as_ref().is_none_or(|checksum| {
        let asked = text(asked, &checksum::member(&checksum.algorithm));
        asked.is_empty() || asked == checksum.value
    });
    text(asked, "ETag").trim_matches('"') == found.etag && checksum_agrees
}

fn invalid_part(upload: &Upload, asked: &Value) -> ApiError {
    ApiError::new(
        "InvalidPart",
        400,
        "One or more of the specified parts could not be found.  The part may not have been \
         uploaded, or the specified entity tag may not match the part's entity tag.",
    )
    .with("UploadId", &*upload.id)
    .with("PartNumber", asked["PartNumber"].to_string())
    .with("ETag", text(asked, "ETag").trim_matches('"'))
}

/// A composite checksum needs every part's own in the call.
fn check_has_checksum(upload: &Upload, asked: &Value) -> Result<(), ApiError> {
    let Some(algorithm) = &upload.algorithm else {
        return Ok(());
    };
    let composite = upload.checksum_type.as_deref() == Some(checksum::COMPOSITE);
    if !composite || !text(asked, &checksum::member(algorithm)).is_empty() {
        return Ok(());
    }
    Err(errors::invalid_request(format!(
        "The upload was created using a {} checksum. The complete request must include the \
         checksum for each part. It was missing for part {} in the request.",
        algorithm.to_lowercase(),
        asked["PartNumber"]
    )))
}

/// The object that the parts make. Its ETag is the MD5 of theirs, and their number.
fn assembled(call: &mut Call<'_>, upload: &Upload, parts: &[Part]) -> Result<Content, ApiError> {
    let mut joined = Vec::new();
    for part in parts {
        let md5 = hex::decode(&part.etag)
            .map_err(|_| ApiError::internal("a part's ETag is not hexadecimal"))?;
        joined.extend(md5);
    }
    let mut content = Content {
        etag: format!("{}-{}", hex::encode(Md5::digest(&joined)), parts.len()),
        size: parts.iter().map(|part| part.body.size).sum(),
        bodies: parts.iter().map(|part| part.body.clone()).collect(),
        in_parts: true,
        checksum: None,
        about: upload.about.clone(),
        tags: upload.tags.clone(),
        acl: upload.acl.clone(),
    };
    let algorithm = upload.algorithm.as_deref().unwrap_or(checksum::DEFAULT);
    content.checksum = if upload.checksum_type.as_deref() == Some(checksum::COMPOSITE) {
        let each: Vec<&Checksum> = parts
            .iter()
            .filter_map(|p| p.body.checksum.as_ref())
            .collect();
        checksum::composite(algorithm, &each)
    } else {
        let bytes = object::read(call.txn, &content, 0, content.size)?;
        Checksum::of(algorithm, &bytes)
    };
    Ok(content)
}

/// Refuses an object that is not what the call says it must be.
fn check_stated(call: &Call<'_>, content: &Content) -> Result<(), ApiError> {
    if let Some(size) = call.int("MpuObjectSize")
        && u64::try_from(size).ok() != Some(content.size)
    {
        return Err(errors::invalid_request(format!(
            "The provided 'x-amz-mp-object-size' header value {size} does not match what was \
             computed: {}",
            content.size
        )));
    }
    let computed = content.checksum.as_ref();
    if let (Some(asked), Some(computed)) = (call.str("ChecksumType"), computed)
        && asked != computed.kind
    {
        return Err(errors::invalid_request(format!(
            "The upload was created using the {} checksum mode. The complete request must use the \
             same checksum mode.",
            computed.kind
        )));
    }
    match (checksum::stated(call)?, computed) {
        (Some((algorithm, value)), Some(computed))
            if algorithm != computed.algorithm || value != computed.value =>
        {
            Err(checksum::mismatch(algorithm))
        }
        _ => Ok(()),
    }
}
