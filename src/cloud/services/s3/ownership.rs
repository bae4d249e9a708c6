//! Object ownership: whether ACLs count. A new bucket enforces its owner, so they do not.

use serde_json::json;

use super::acl;
use super::bucket;
use super::errors;
use super::record::Bucket;
use super::settings::{Setting, list, sent, text};
use crate::cloud::error::ApiError;
use crate::cloud::services::{Call, Reply};

const ENFORCED: &str = "BucketOwnerEnforced";

const CONTROLS: Setting = Setting {
    name: "ownership",
    absent: (
        "OwnershipControlsNotFoundError",
        "The bucket ownership controls were not found",
    ),
};

/// The settings there are.
const SETTINGS: [&str; 3] = ["BucketOwnerPreferred", "ObjectWriter", ENFORCED];

/// Gives a new bucket its ownership setting.
pub(super) fn begin(bucket: &mut Bucket, asked: Option<&str>) -> Result<(), ApiError> {
    let setting = asked.unwrap_or(ENFORCED);
    if !SETTINGS.contains(&setting) {
        return Err(errors::invalid_argument(
            format!("Invalid x-amz-object-ownership header: {setting}"),
            "x-amz-object-ownership",
            setting,
        ));
    }
    let rules = json!({ "Rules": [{ "ObjectOwnership": setting }] });
    bucket.settings.insert(CONTROLS.name.to_owned(), rules);
    Ok(())
}

/// Whether ACLs are switched off.
pub(super) fn enforced(bucket: &Bucket) -> bool {
    CONTROLS
        .of(bucket)
        .is_some_and(|controls| controls["Rules"][0]["ObjectOwnership"] == ENFORCED)
}

/// 400: an ACL for others cannot stand beside an enforced owner.
pub(super) fn conflicts_with_acl() -> ApiError {
    ApiError::new(
        "InvalidBucketAclWithObjectOwnership",
        400,
        "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
    )
}

/// GetBucketOwnershipControls.
pub(super) fn get(call: &mut Call<'_>) -> Reply {
    Ok(json!({ "OwnershipControls": CONTROLS.read(call)? }))
}

/// PutBucketOwnershipControls: exactly one rule.
pub(super) fn put(call: &mut Call<'_>) -> Reply {
    let controls = sent(call, "OwnershipControls");
    let [rule] = list(&controls, "Rules") else {
        return Err(errors::malformed_xml());
    };
    let asked = text(rule, "ObjectOwnership");
    if !SETTINGS.contains(&asked) {
        return Err(errors::malformed_xml());
    }
    let bucket = bucket::of(call)?;
    if asked == ENFORCED && !acl::is_private(&bucket) {
        return Err(conflicts_with_acl());
    }
    CONTROLS.write(call, controls)
}

/// DeleteBucketOwnershipControls: ACLs count again.
pub(super) fn delete(call: &mut Call<'_>) -> Reply {
    CONTROLS.clear(call)
}
