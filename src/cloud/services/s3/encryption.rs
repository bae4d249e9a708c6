//! Encryption: a bucket's default, and what an object's replies say about its own.
//!
//! Nothing is encrypted here; what counts is that the settings behave. Every bucket has a default:
//! removing it brings back S3's own.

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::bucket;
use super::errors;
use super::record::Bucket;
use super::settings::{list, sent, text};
use crate::cloud::error::ApiError;
use crate::cloud::services::{Call, Reply};

const SETTING: &str = "encryption";

/// The algorithms that S3's own buckets take.
const ALGORITHMS: [&str; 3] = ["AES256", "aws:kms", "aws:kms:dsse"];

/// S3's own default. Keys provided by customers are blocked in new buckets since April 2026.
fn default_rules() -> Value {
    json!({ "Rules": [{
        "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "AES256" },
        "BucketKeyEnabled": false,
        "BlockedEncryptionTypes": { "EncryptionType": ["SSE-C"] },
    }] })
}

/// Gives a new bucket its default encryption.
pub(super) fn begin(bucket: &mut Bucket) {
    bucket.settings.insert(SETTING.to_owned(), default_rules());
}

/// GetBucketEncryption.
pub(super) fn get(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    Ok(json!({ "ServerSideEncryptionConfiguration": bucket.settings.get(SETTING) }))
}

/// PutBucketEncryption: exactly one rule. What it leaves out of the blocked types stays.
pub(super) fn put(call: &mut Call<'_>) -> Reply {
    let asked = sent(call, "ServerSideEncryptionConfiguration");
    let [rule] = list(&asked, "Rules") else {
        return Err(errors::malformed_xml());
    };
    let mut bucket = bucket::of(call)?;
    let present = bucket.settings.get(SETTING).cloned();
    let present = present.as_ref().map(|rules| &rules["Rules"][0]);
    let mut kept = checked(rule)?;
    let blocked = rule
        .get("BlockedEncryptionTypes")
        .or_else(|| present.and_then(|rule| rule.get("BlockedEncryptionTypes")));
    if let Some(blocked) = blocked {
        kept["BlockedEncryptionTypes"] = blocked.clone();
    }
    bucket
        .settings
        .insert(SETTING.to_owned(), json!({ "Rules": [kept] }));
    bucket::save(call, &bucket)?;
    Ok(json!({}))
}

/// A rule with what S3 fills in.
fn checked(rule: &Value) -> Result<Value, ApiError> {
    let by_default = rule
        .get("ApplyServerSideEncryptionByDefault")
        .cloned()
        .unwrap_or_else(|| json!({ "SSEAlgorithm": "AES256" }));
    let algorithm = text(&by_default, "SSEAlgorithm");
    if !ALGORITHMS.contains(&algorithm) {
        return Err(errors::malformed_xml());
    }
    let key = text(&by_default, "KMSMasterKeyID");
    if algorithm == "AES256" && !key.is_empty() {
        return Err(errors::invalid_argument(
            "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or \
             aws:kms:dsse",
            "ApplyServerSideEncryptionByDefault",
            "null",
        ));
    }
    let blocked = list(&rule["BlockedEncryptionTypes"], "EncryptionType");
    if blocked.iter().any(|kind| kind != "SSE-C" && kind != "NONE") {
        return Err(errors::malformed_xml());
    }
    Ok(json!({
        "ApplyServerSideEncryptionByDefault": by_default,
        "BucketKeyEnabled": rule["BucketKeyEnabled"] == true,
    }))
}

/// DeleteBucketEncryption: S3's own default again.
pub(super) fn delete(call: &mut Call<'_>) -> Reply {
    let mut bucket = bucket::of(call)?;
    begin(&mut bucket);
    bucket::save(call, &bucket)?;
    Ok(json!({}))
}

/// The encryption of a new object: what the call asks for, else the bucket's default; in the form
/// of the members that replies carry.
pub(super) fn for_object(call: &Call<'_>, bucket: &Bucket) -> Result<Map<String, Value>, ApiError> {
    let rule = bucket.settings.get(SETTING).map(|s| &s["Rules"][0]);
    if call.has("SSECustomerAlgorithm") {
        let blocked = rule.is_some_and(|rule| {
            list(&rule["BlockedEncryptionTypes"], "EncryptionType").contains(&json!("SSE-C"))
        });
        return Err(if blocked {
            errors::access_denied()
        } else {
            ApiError::not_implemented("encryption with keys that customers provide in S3")
        });
    }
    let by_default = rule.map_or(&Value::Null, |r| &r["ApplyServerSideEncryptionByDefault"]);
    let asked = call.str("ServerSideEncryption");
    let algorithm = asked.unwrap_or_else(|| match text(by_default, "SSEAlgorithm") {
        "" => "AES256",
        algorithm => algorithm,
    });
    if !ALGORITHMS.contains(&algorithm) {
        return Err(errors::invalid_argument(
            "The encryption method specified is not supported",
            "x-amz-server-side-encryption",
            algorithm,
        ));
    }
    let mut said = Map::new();
    said.insert("ServerSideEncryption".into(), json!(algorithm));
    if algorithm == "AES256" {
        return match call.str("SSEKMSKeyId") {
            Some(key) => Err(errors::invalid_argument(
                "Server Side Encryption with KMS managed key requires HTTP header \
                 x-amz-server-side-encryption : aws:kms",
                "x-amz-server-side-encryption-aws-kms-key-id",
                key,
            )),
            None => Ok(said),
        };
    }
    let default_key = match asked {
        None => text(by_default, "KMSMasterKeyID"),
        Some(_) => "",
    };
    let key = call.str("SSEKMSKeyId").unwrap_or(default_key);
    said.insert("SSEKMSKeyId".into(), json!(key_arn(call, key)));
    let bucket_key = call
        .bool("BucketKeyEnabled")
        .unwrap_or_else(|| rule.is_some_and(|rule| rule["BucketKeyEnabled"] == true));
    if bucket_key {
        said.insert("BucketKeyEnabled".into(), json!(true));
    }
    Ok(said)
}

/// A key's ARN as replies carry it; without a key, the key that AWS manages for S3 in the account.
fn key_arn(call: &Call<'_>, key: &str) -> String {
    if key.starts_with("arn:") {
        return key.to_owned();
    }
    let resource = match key {
        "" | "alias/aws/s3" => format!("key/{}", managed_key(call)),
        alias if alias.starts_with("alias/") => alias.to_owned(),
        id => format!("key/{id}"),
    };
    format!("arn:aws:kms:{}:{}:{resource}", call.region, call.account)
}

/// The id of the key `aws/s3`: a UUID, one for each account and region.
fn managed_key(call: &Call<'_>) -> String {
    let seed = format!("aws/s3 of {} in {}", call.account, call.region);
    let hex = hex::encode(Sha256::digest(seed));
    [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..32],
    ]
    .join("-")
}
