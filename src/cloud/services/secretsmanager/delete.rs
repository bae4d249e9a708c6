//! DeleteSecret and RestoreSecret.

use serde_json::json;

use super::secret::{self, KIND, fail};
use crate::cloud::services::call::{Call, Reply};

const DAY_MS: i64 = 86_400_000;
const DEFAULT_DAYS: i64 = 30;

/// DeleteSecret: marks the secret; it is gone when the recovery window ends, or at once when
/// the deletion is forced.
pub fn delete_secret(call: &mut Call<'_>) -> Reply {
    let force = call.bool("ForceDeleteWithoutRecovery") == Some(true);
    let days = call.int("RecoveryWindowInDays");
    if force && days.is_some() {
        return Err(fail(
            "InvalidParameterException",
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        ));
    }
    if days.is_some_and(|days| !(7..=30).contains(&days)) {
        return Err(fail(
            "InvalidParameterException",
            "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
        ));
    }
    let id = call.str("SecretId").unwrap_or_default().to_owned();
    let mut secret = match secret::find(call, &id)? {
        Some(secret) => secret,
        // Forcing is repeatable: AWS answers as if the secret had been there.
        None if force && !id.starts_with("arn:") => {
            let arn = call.arn("secretsmanager", &format!("secret:{id}"));
            return Ok(json!({ "ARN": arn, "Name": id, "DeletionDate": call.now }));
        }
        None => return Err(secret::not_found()),
    };
    if force {
        call.txn
            .delete(KIND, &format!("{}/{}", call.region, secret.name))?;
        return Ok(json!({ "ARN": secret.arn, "Name": secret.name, "DeletionDate": call.now }));
    }
    secret::must_live(&secret)?;
    let gone_at = call.now + days.unwrap_or(DEFAULT_DAYS) * DAY_MS;
    secret.deleted_at = Some(call.now);
    secret.gone_at = Some(gone_at);
    secret.save(call)?;
    Ok(json!({ "ARN": secret.arn, "Name": secret.name, "DeletionDate": gone_at }))
}

/// RestoreSecret: takes the mark away again; a secret without one stays as it is.
pub fn restore(call: &mut Call<'_>) -> Reply {
    let mut secret = secret::wanted_any(call)?;
    secret.deleted_at = None;
    secret.gone_at = None;
    secret.save(call)?;
    Ok(json!({ "ARN": secret.arn, "Name": secret.name }))
}
