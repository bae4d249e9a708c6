//! Tags of secrets.

use serde_json::json;

use super::secret::{self, fail};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::tags::{self, Alphabet, TagRules, Tags};
use crate::cloud::store::Txn;

const RULES: TagRules = TagRules::with(Alphabet::Any);

/// The request's Tags, checked.
pub fn given(call: &Call<'_>) -> Result<Tags, ApiError> {
    let pairs = tags::pairs(call.list("Tags"), "Key", "Value");
    tags::check_sent(&RULES, pairs.iter().map(|(k, v)| (k.as_str(), v.as_str())))
        .map_err(|problem| fail("InvalidParameterException", problem.to_string()))?;
    Ok(pairs.into_iter().collect())
}

/// TagResource.
pub fn tag(call: &mut Call<'_>) -> Reply {
    let mut secret = secret::wanted(call)?;
    secret.tags.extend(given(call)?);
    tags::check_count(&RULES, secret.tags.len())
        .map_err(|problem| fail("InvalidParameterException", problem.to_string()))?;
    secret.changed_at = call.now;
    secret.save(call)?;
    Ok(json!({}))
}

/// UntagResource.
pub fn untag(call: &mut Call<'_>) -> Reply {
    let mut secret = secret::wanted(call)?;
    for key in call.strings("TagKeys") {
        secret.tags.remove(&key);
    }
    secret.changed_at = call.now;
    secret.save(call)?;
    Ok(json!({}))
}

/// The ARNs and tags of the region's secrets, for the Resource Groups Tagging API.
///
/// # Errors
/// `InternalFailure` when the store fails.
pub fn tagged(txn: &mut Txn, region: &str) -> Result<Vec<(String, Tags)>, ApiError> {
    let secrets = secret::all(txn, region)?;
    Ok(secrets
        .into_iter()
        .map(|secret| (secret.arn, secret.tags))
        .collect())
}
