//! The public access block: four switches, all on for a new bucket (since April 2023).

use serde_json::{Value, json};

use super::record::Bucket;
use super::settings::{Setting, sent};
use crate::cloud::services::{Call, Reply};

const SWITCHES: [&str; 4] = [
    "BlockPublicAcls",
    "IgnorePublicAcls",
    "BlockPublicPolicy",
    "RestrictPublicBuckets",
];

const BLOCK: Setting = Setting {
    name: "public_access_block",
    absent: (
        "NoSuchPublicAccessBlockConfiguration",
        "The public access block configuration was not found",
    ),
};

/// Gives a new bucket its block.
pub(super) fn begin(bucket: &mut Bucket) {
    let all: Value = SWITCHES
        .iter()
        .map(|switch| ((*switch).to_owned(), Value::Bool(true)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    bucket.settings.insert(BLOCK.name.to_owned(), all);
}

/// Whether one of the switches is on.
pub(super) fn blocks(bucket: &Bucket, switch: &str) -> bool {
    BLOCK.of(bucket).is_some_and(|block| block[switch] == true)
}

/// GetPublicAccessBlock.
pub(super) fn get(call: &mut Call<'_>) -> Reply {
    Ok(json!({ "PublicAccessBlockConfiguration": BLOCK.read(call)? }))
}

/// PutPublicAccessBlock: what is not sent is off.
pub(super) fn put(call: &mut Call<'_>) -> Reply {
    let asked = sent(call, "PublicAccessBlockConfiguration");
    let block: serde_json::Map<_, _> = SWITCHES
        .iter()
        .map(|switch| ((*switch).to_owned(), Value::Bool(asked[*switch] == true)))
        .collect();
    BLOCK.write(call, block.into())
}

/// DeletePublicAccessBlock.
pub(super) fn delete(call: &mut Call<'_>) -> Reply {
    BLOCK.clear(call)
}
