//! What a log group is set to: retention, key, deletion protection.

use serde_json::json;

use super::group::{self, Group};
use super::{fail, invalid};
use crate::cloud::error::ApiError;
use crate::cloud::services::arn::Arn;
use crate::cloud::services::call::{Call, Reply};

/// The days that events can be kept for, as AWS's refusal lists them.
const DAYS: [i64; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

/// PutRetentionPolicy.
pub fn put_retention(call: &mut Call<'_>) -> Reply {
    let days = call.int("retentionInDays").unwrap_or_default();
    if !DAYS.contains(&days) {
        let listed: Vec<String> = DAYS.iter().map(i64::to_string).collect();
        return Err(invalid(format!(
            "1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy \
             constraint: Member must satisfy enum value set: [{}]",
            listed.join(", ")
        )));
    }
    let mut group = retained(call)?;
    group.retention = Some(days);
    group.save(call)?;
    Ok(json!({}))
}

/// DeleteRetentionPolicy: events never expire.
pub fn delete_retention(call: &mut Call<'_>) -> Reply {
    let mut group = retained(call)?;
    group.retention = None;
    group.save(call)?;
    Ok(json!({}))
}

/// The request's group, whose retention can be changed.
fn retained(call: &mut Call<'_>) -> Result<Group, ApiError> {
    let group = group::wanted(call)?;
    if group.class == "DELIVERY" {
        return Err(invalid(
            "The retention of log groups of the class DELIVERY cannot be changed.",
        ));
    }
    Ok(group)
}

/// The request's `kmsKeyId`: an ARN of a key. Which keys there are is not modelled.
pub fn key(call: &Call<'_>) -> Result<Option<String>, ApiError> {
    let Some(key) = call.str("kmsKeyId") else {
        return Ok(None);
    };
    let arn = Arn::parse(key).filter(|arn| arn.service == "kms");
    if arn.is_none_or(|arn| arn.region != call.region) {
        return Err(invalid(format!(
            "The specified KMS Key Id could not be found: {key}"
        )));
    }
    Ok(Some(key.to_owned()))
}

/// AssociateKmsKey.
pub fn associate_key(call: &mut Call<'_>) -> Reply {
    let mut group = encrypted(call)?;
    group.kms_key = key(call)?;
    group.save(call)?;
    Ok(json!({}))
}

/// DisassociateKmsKey; without a key it changes nothing.
pub fn disassociate_key(call: &mut Call<'_>) -> Reply {
    let mut group = encrypted(call)?;
    group.kms_key = None;
    group.save(call)?;
    Ok(json!({}))
}

/// The group of the request's `logGroupName` or `resourceIdentifier`.
fn encrypted(call: &mut Call<'_>) -> Result<Group, ApiError> {
    let identifier = call.str("resourceIdentifier").map(str::to_owned);
    match (call.has("logGroupName"), identifier) {
        (true, None) => group::wanted(call),
        (false, Some(identifier)) if identifier.contains(":query-result:") => {
            Err(ApiError::not_implemented("the encryption of query results"))
        }
        (false, Some(identifier)) => group::identified(call, &identifier),
        _ => Err(invalid(
            "Exactly one of logGroupName and resourceIdentifier must be provided.",
        )),
    }
}

/// PutLogGroupDeletionProtection.
pub fn protect(call: &mut Call<'_>) -> Reply {
    let identifier = call
        .str("logGroupIdentifier")
        .unwrap_or_default()
        .to_owned();
    let mut group = group::identified(call, &identifier)?;
    group.protected = call.bool("deletionProtectionEnabled").unwrap_or_default();
    if group.protected && group.class == "DELIVERY" {
        return Err(fail(
            "InvalidOperationException",
            "Deletion protection is not supported for log groups of the class DELIVERY.",
        ));
    }
    group.save(call)?;
    Ok(json!({}))
}
