//! Tags of buckets (50) and of objects (10, also as a header of the write).

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::bucket;
use super::errors;
use super::object;
use super::record::Record as _;
use super::settings::{list, sent};
use crate::cloud::error::ApiError;
use crate::cloud::services::tags::{
    self, Alphabet, TagProblem, TagRules, Tags, check_sent, pairs, to_list,
};
use crate::cloud::services::{Call, Reply};

const BUCKET_RULES: TagRules = TagRules::with(Alphabet::Common);
const OBJECT_RULES: TagRules = TagRules {
    max: 10,
    ..BUCKET_RULES
};

/// GetBucketTagging.
pub(super) fn get_bucket(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    if bucket.tags.is_empty() {
        return Err(errors::not_set(
            "NoSuchTagSet",
            "The TagSet does not exist",
            &bucket.name,
        ));
    }
    Ok(json!({ "TagSet": to_list(&bucket.tags) }))
}

/// PutBucketTagging: replaces the whole set.
pub(super) fn put_bucket(call: &mut Call<'_>) -> Reply {
    let tags = bucket_tags(list(&sent(call, "Tagging"), "TagSet"))?;
    let mut bucket = bucket::of(call)?;
    bucket.tags = tags;
    bucket::save(call, &bucket)?;
    Ok(json!({}))
}

/// DeleteBucketTagging.
pub(super) fn delete_bucket(call: &mut Call<'_>) -> Reply {
    let mut bucket = bucket::of(call)?;
    bucket.tags.clear();
    bucket::save(call, &bucket)?;
    Ok(json!({}))
}

/// A bucket's tags out of a list of `{Key, Value}`.
pub(super) fn bucket_tags(list: &[Value]) -> Result<Tags, ApiError> {
    checked(&BUCKET_RULES, pairs(list, "Key", "Value")).map_err(|p| refusal(&p, "Bucket tag count"))
}

/// GetObjectTagging.
pub(super) fn get_object(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    let (found, at) = object::wanted(call, &bucket, "GET")?;
    let mut reply = json!({ "TagSet": to_list(&object::content(&found, at)?.tags) });
    object::add_version(&mut reply, &bucket, &found.versions[at]);
    Ok(reply)
}

/// PutObjectTagging.
pub(super) fn put_object(call: &mut Call<'_>) -> Reply {
    let sent = sent(call, "Tagging");
    let tags = checked(&OBJECT_RULES, pairs(list(&sent, "TagSet"), "Key", "Value"))
        .map_err(|problem| refusal(&problem, "Object tags"))?;
    replace_object_tags(call, tags)
}

/// DeleteObjectTagging.
pub(super) fn delete_object(call: &mut Call<'_>) -> Reply {
    replace_object_tags(call, Tags::new())
}

fn replace_object_tags(call: &mut Call<'_>, tags: Tags) -> Reply {
    let bucket = bucket::of(call)?;
    let (mut found, at) = object::wanted(call, &bucket, "PUT")?;
    object::content_mut(&mut found, at)?.tags = tags;
    found.save(call.txn, &object::record_key(call, &bucket))?;
    let mut reply = json!({});
    object::add_version(&mut reply, &bucket, &found.versions[at]);
    Ok(reply)
}

/// The tags in an `x-amz-tagging` header: a URL query.
pub(super) fn from_header(call: &Call<'_>) -> Result<Tags, ApiError> {
    let Some(header) = call.str("Tagging").filter(|text| !text.is_empty()) else {
        return Ok(Tags::new());
    };
    let malformed = || {
        errors::invalid_argument(
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query \
             parameters without tag name duplicates.",
            "x-amz-tagging",
            header,
        )
    };
    let decode = |text: &str| {
        percent_decode_str(&text.replace('+', " "))
            .decode_utf8()
            .map(|text| text.into_owned())
            .map_err(|_| malformed())
    };
    let mut pairs = Vec::new();
    for pair in header.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        pairs.push((decode(key)?, decode(value)?));
    }
    checked(&OBJECT_RULES, pairs).map_err(|problem| match problem {
        TagProblem::Duplicate { .. } => malformed(),
        problem => refusal(&problem, "Object tags"),
    })
}

fn checked(rules: &TagRules, pairs: Vec<(String, String)>) -> Result<Tags, TagProblem> {
    check_sent(rules, pairs.iter().map(|(k, v)| (k.as_str(), v.as_str())))?;
    tags::check_count(rules, pairs.len())?;
    Ok(pairs.into_iter().collect())
}

/// A problem with tags in S3's words; `what` begins the sentence about their number.
fn refusal(problem: &TagProblem, what: &str) -> ApiError {
    let invalid = |message: &str| ApiError::new("InvalidTag", 400, message);
    match problem {
        TagProblem::TooMany { max } => ApiError::new(
            "BadRequest",
            400,
            format!("{what} cannot be greater than {max}"),
        ),
        TagProblem::KeyLength { key, .. } => {
            invalid("The TagKey you have provided is invalid").with("TagKey", key.as_str())
        }
        TagProblem::ValueLength { key, .. } => {
            invalid("The TagValue you have provided is invalid").with("TagKey", key.as_str())
        }
        TagProblem::Character { key } => {
            let key_is_bad = check_sent(&BUCKET_RULES, [(key.as_str(), "")]).is_err();
            let which = if key_is_bad { "TagKey" } else { "TagValue" };
            invalid(&format!("The {which} you have provided is invalid"))
                .with("TagKey", key.as_str())
        }
        TagProblem::Reserved { .. } => invalid("System tags cannot be added/updated by requester"),
        TagProblem::Duplicate { key } => {
            invalid("Cannot provide multiple Tags with the same key").with("TagKey", key.as_str())
        }
    }
}
