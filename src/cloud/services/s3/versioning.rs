//! Whether a bucket keeps versions: never set, enabled, or suspended; there is no way back to the first.

use serde_json::json;

use super::bucket;
use super::errors;
use super::record::Versioning;
use super::settings::{sent, text};
use crate::cloud::error::ApiError;
use crate::cloud::services::{Call, Reply};

/// GetBucketVersioning: empty when it was never set.
pub(super) fn get(call: &mut Call<'_>) -> Reply {
    Ok(match bucket::of(call)?.versioning {
        None => json!({}),
        Some(state) => json!({ "Status": state }),
    })
}

/// PutBucketVersioning.
pub(super) fn put(call: &mut Call<'_>) -> Reply {
    let asked = sent(call, "VersioningConfiguration");
    if text(&asked, "MFADelete") == "Enabled" {
        return Err(ApiError::not_implemented("MFA delete in S3"));
    }
    let state = match text(&asked, "Status") {
        "Enabled" => Versioning::Enabled,
        "Suspended" => Versioning::Suspended,
        "" => {
            return Err(ApiError::new(
                "IllegalVersioningConfigurationException",
                400,
                "The Versioning element must be specified",
            ));
        }
        _ => return Err(errors::malformed_xml()),
    };
    let mut bucket = bucket::of(call)?;
    bucket.versioning = Some(state);
    bucket::save(call, &bucket)?;
    Ok(json!({}))
}
