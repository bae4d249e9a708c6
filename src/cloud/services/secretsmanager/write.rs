//! PutSecretValue and UpdateSecret.

use serde_json::json;

use super::secret::{self, CURRENT, fail};
use super::stages;
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

/// PutSecretValue: a new version, with the labels of the request or AWSCURRENT.
pub fn put_value(call: &mut Call<'_>) -> Reply {
    let mut secret = secret::wanted(call)?;
    let Some(given) = stages::given(call)? else {
        return Err(fail(
            "InvalidRequestException",
            "You must provide either SecretString or SecretBinary.",
        ));
    };
    let mut labels = call.strings("VersionStages");
    if labels.is_empty() || secret.versions.is_empty() {
        labels.push(CURRENT.to_owned());
    }
    labels.dedup();
    let id = stages::add(call, &mut secret, given, &labels)?;
    secret.save(call)?;
    let stages = secret.version(&id).map(|version| version.stages.clone());
    Ok(json!({
        "ARN": secret.arn,
        "Name": secret.name,
        "VersionId": id,
        "VersionStages": stages,
    }))
}

/// UpdateSecret: the description, the key, and with a value a new current version.
pub fn update(call: &mut Call<'_>) -> Reply {
    if call.has("Type") {
        return Err(ApiError::not_implemented("secrets managed by partners"));
    }
    let mut secret = secret::wanted(call)?;
    if let Some(text) = call.str("Description") {
        secret.description = Some(text.to_owned());
    }
    if let Some(key) = call.str("KmsKeyId") {
        secret.key_id = Some(key.to_owned()).filter(|key| !key.is_empty());
    }
    secret.changed_at = call.now;
    let mut reply = json!({ "ARN": secret.arn, "Name": secret.name });
    if let Some(given) = stages::given(call)? {
        let id = stages::add(call, &mut secret, given, &[CURRENT.to_owned()])?;
        reply["VersionId"] = id.into();
    }
    secret.save(call)?;
    Ok(reply)
}
