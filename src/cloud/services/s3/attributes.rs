//! GetObjectAttributes: what is known of an object, by name, without its bytes.

use serde_json::{Map, Value, json};

use super::bucket;
use super::errors;
use super::object;
use super::record::Content;
use crate::cloud::services::{Call, Reply};

const ATTRIBUTES: [&str; 5] = [
    "ETag",
    "Checksum",
    "ObjectParts",
    "StorageClass",
    "ObjectSize",
];

/// Parts a page, when nothing else is asked for.
const PAGE: i64 = 1000;

/// GetObjectAttributes.
pub(super) fn get(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    let wanted = call.strings("ObjectAttributes");
    if wanted.is_empty() || wanted.iter().any(|name| !ATTRIBUTES.contains(&&**name)) {
        return Err(errors::invalid_argument(
            "Invalid attribute name specified.",
            "x-amz-object-attributes",
            wanted.join(","),
        ));
    }
    let (found, at) = object::wanted(call, &bucket, "GET")?;
    let content = object::content(&found, at)?;
    let mut reply = json!({ "LastModified": found.versions[at].modified });
    object::add_version(&mut reply, &bucket, &found.versions[at]);
    for name in &wanted {
        if let Some(value) = attribute(call, name, content) {
            reply[name.as_str()] = value;
        }
    }
    Ok(reply)
}

/// One attribute; `None` where the object has none of it.
fn attribute(call: &Call<'_>, name: &str, content: &Content) -> Option<Value> {
    Some(match name {
        "ETag" => json!(content.etag),
        "StorageClass" => json!(content.about.storage_class),
        "ObjectSize" => json!(content.size),
        "Checksum" => {
            let mut shown = Map::new();
            content.checksum.as_ref()?.show_with_type(&mut shown);
            shown.into()
        }
        "ObjectParts" if content.in_parts => parts(call, content),
        _ => return None,
    })
}

/// How many parts there are; each by itself only where clients gave them checksums.
fn parts(call: &Call<'_>, content: &Content) -> Value {
    let total = content.bodies.len();
    let algorithm = content.checksum.as_ref().map(|c| &c.algorithm);
    let each: Vec<Value> = content
        .bodies
        .iter()
        .zip(1_i64..)
        .filter_map(|(body, number)| {
            let checksum = body.checksum.as_ref();
            let checksum = checksum.filter(|c| Some(&c.algorithm) == algorithm)?;
            let mut part = Map::new();
            part.insert("PartNumber".into(), json!(number));
            part.insert("Size".into(), json!(body.size));
            checksum.show(&mut part);
            Some(part.into())
        })
        .collect();
    if each.len() != total {
        return json!({ "TotalPartsCount": total });
    }
    let max = call.int("MaxParts").unwrap_or(PAGE).clamp(0, PAGE);
    let marker = call.int("PartNumberMarker").unwrap_or(0).max(0);
    let page: Vec<Value> = each
        .into_iter()
        .skip(usize::try_from(marker).unwrap_or(usize::MAX))
        .take(usize::try_from(max).unwrap_or(0))
        .collect();
    let next = page
        .last()
        .map_or(0, |part| part["PartNumber"].as_i64().unwrap_or(0));
    let truncated = !page.is_empty() && usize::try_from(next).is_ok_and(|next| next < total);
    let mut shown = json!({
        "TotalPartsCount": total,
        "PartNumberMarker": marker,
        "NextPartNumberMarker": next,
        "MaxParts": max,
        "IsTruncated": truncated,
    });
    if !page.is_empty() {
        shown["Parts"] = page.into();
    }
    shown
}
