//! Staging labels: adding versions, and moving labels between them.

use serde_json::json;

use super::secret::{self, CURRENT, PREVIOUS, Secret, Version, fail};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

/// The value a request carries.
pub struct Given {
    pub string: Option<String>,
    pub binary: Option<String>,
}

/// The request's SecretString or SecretBinary; both are one too many.
pub fn given(call: &Call<'_>) -> Result<Option<Given>, ApiError> {
    let string = call.str("SecretString").map(str::to_owned);
    let binary = call.str("SecretBinary").map(str::to_owned);
    match (&string, &binary) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(fail(
            "InvalidParameterException",
            "You can't specify both a binary secret value and a string secret value in the same \
             secret.",
        )),
        _ => Ok(Some(Given { string, binary })),
    }
}

/// Adds a version with these labels, named by the request's ClientRequestToken, and returns its
/// id. A token seen before is the same request again if the value is the same.
pub fn add(
    call: &mut Call<'_>,
    secret: &mut Secret,
    given: Given,
    stages: &[String],
) -> Result<String, ApiError> {
    let id = match call.str("ClientRequestToken") {
        Some(token) => token.to_owned(),
        None => {
            let hex = call.txn.hex_id(32)?;
            [
                &hex[..8],
                &hex[8..12],
                &hex[12..16],
                &hex[16..20],
                &hex[20..32],
            ]
            .join("-")
        }
    };
    if let Some(held) = secret.version(&id) {
        if held.string == given.string && held.binary == given.binary {
            return Ok(id);
        }
        return Err(fail(
            "ResourceExistsException",
            format!(
                "You can't use ClientRequestToken {id} because that value is already in use for a \
                 version of secret {}.",
                secret.arn
            ),
        ));
    }
    secret.versions.push(Version {
        id: id.clone(),
        string: given.string,
        binary: given.binary,
        stages: Vec::new(),
        created_at: call.now,
        accessed_at: None,
    });
    for stage in stages {
        move_stage(secret, stage, &id);
    }
    secret.changed_at = call.now;
    Ok(id)
}

/// Gives a label to one version and takes it from all others. The version that loses AWSCURRENT
/// becomes AWSPREVIOUS.
fn move_stage(secret: &mut Secret, stage: &str, to: &str) {
    let loser = secret.staged(stage).map(|version| version.id.clone());
    for version in &mut secret.versions {
        version.stages.retain(|held| held != stage);
        if version.id == to {
            version.stages.push(stage.to_owned());
        }
    }
    if let Some(loser) = loser.filter(|id| stage == CURRENT && id != to) {
        move_stage(secret, PREVIOUS, &loser);
    }
}

/// UpdateSecretVersionStage.
pub fn update(call: &mut Call<'_>) -> Reply {
    let mut secret = secret::wanted(call)?;
    let stage = call.str("VersionStage").unwrap_or_default().to_owned();
    let from = call.str("RemoveFromVersionId").map(str::to_owned);
    let to = call.str("MoveToVersionId").map(str::to_owned);
    for id in from.iter().chain(&to) {
        if secret.version(id).is_none() {
            return Err(fail(
                "ResourceNotFoundException",
                format!("Secrets Manager can't find the specified secret version: {id}."),
            ));
        }
    }
    let holder = secret.staged(&stage).map(|version| version.id.clone());
    if let Some(from) = &from
        && holder.as_ref() != Some(from)
    {
        return Err(fail(
            "InvalidParameterException",
            format!("The staging label {stage} is not attached to version {from}."),
        ));
    }
    match (&to, &from, &holder) {
        (Some(to), _, None) => move_stage(&mut secret, &stage, to),
        (Some(to), None, Some(holder)) if holder != to => {
            return Err(fail(
                "InvalidParameterException",
                format!(
                    "The parameter RemoveFromVersionId can't be empty. Staging label {stage} is \
                     currently attached to version {holder}, so you must explicitly reference \
                     that version in RemoveFromVersionId."
                ),
            ));
        }
        (Some(to), _, Some(_)) => move_stage(&mut secret, &stage, to),
        (None, Some(_), _) if stage == CURRENT => {
            return Err(fail(
                "InvalidParameterException",
                format!(
                    "You can only move staging label {CURRENT} to a different secret version. \
                         It can't be completely removed."
                ),
            ));
        }
        (None, Some(from), _) => {
            for version in secret
                .versions
                .iter_mut()
                .filter(|version| version.id == *from)
            {
                version.stages.retain(|held| *held != stage);
            }
        }
        (None, None, _) => {
            return Err(fail(
                "InvalidParameterException",
                "Specify MoveToVersionId, RemoveFromVersionId or both.",
            ));
        }
    }
    secret.changed_at = call.now;
    secret.save(call)?;
    Ok(json!({ "ARN": secret.arn, "Name": secret.name }))
}
