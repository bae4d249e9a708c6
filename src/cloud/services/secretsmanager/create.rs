//! CreateSecret.

use serde_json::json;

use super::secret::{self, CURRENT, Secret, fail};
use super::{stages, tag};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

/// CreateSecret, with or without a first value. The same token and value again is the same
/// request again.
pub fn create_secret(call: &mut Call<'_>) -> Reply {
    if !call.list("AddReplicaRegions").is_empty() {
        return Err(ApiError::not_implemented("the replication of secrets"));
    }
    if call.has("Type") {
        return Err(ApiError::not_implemented("secrets managed by partners"));
    }
    let name = call.str("Name").unwrap_or_default().to_owned();
    check_name(&name)?;
    let given = stages::given(call)?;
    if let Some(held) = secret::find(call, &name)? {
        return repeated(call, &held);
    }
    let mut secret = Secret {
        arn: format!(
            "{}-{}",
            call.arn("secretsmanager", &format!("secret:{name}")),
            ending(call)?
        ),
        name,
        description: call.str("Description").map(str::to_owned),
        key_id: call
            .str("KmsKeyId")
            .filter(|key| !key.is_empty())
            .map(str::to_owned),
        created_at: call.now,
        changed_at: call.now,
        accessed_at: None,
        deleted_at: None,
        gone_at: None,
        tags: tag::given(call)?,
        versions: Vec::new(),
        policy: None,
    };
    let mut reply = json!({ "ARN": secret.arn, "Name": secret.name });
    if let Some(given) = given {
        let id = stages::add(call, &mut secret, given, &[CURRENT.to_owned()])?;
        reply["VersionId"] = id.into();
    }
    secret.save(call)?;
    Ok(reply)
}

fn repeated(call: &Call<'_>, held: &Secret) -> Reply {
    if held.deleted_at.is_some() {
        return Err(fail(
            "InvalidRequestException",
            "You can't create this secret because a secret with this name is already scheduled \
             for deletion.",
        ));
    }
    let version = call
        .str("ClientRequestToken")
        .and_then(|token| held.version(token));
    if let Some(version) = version
        && version.string.as_deref() == call.str("SecretString")
        && version.binary.as_deref() == call.str("SecretBinary")
    {
        return Ok(json!({ "ARN": held.arn, "Name": held.name, "VersionId": version.id }));
    }
    Err(fail(
        "ResourceExistsException",
        format!(
            "The operation failed because the secret {} already exists.",
            held.name
        ),
    ))
}

fn check_name(name: &str) -> Result<(), ApiError> {
    let legal = |c: char| c.is_ascii_alphanumeric() || "-/_+=.@!".contains(c);
    if name.chars().all(legal) {
        return Ok(());
    }
    Err(fail(
        "ValidationException",
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the \
         following: -/_+=.@!",
    ))
}

/// The six random letters and digits at the end of an ARN.
fn ending(call: &mut Call<'_>) -> Result<String, ApiError> {
    let hex = call.txn.hex_id(16)?;
    let mut number = u64::from_str_radix(&hex, 16).unwrap_or_default();
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut text = String::new();
    for _ in 0..6 {
        let at = usize::try_from(number % alphabet.len() as u64).unwrap_or(0);
        text.push(char::from(alphabet[at]));
        number /= alphabet.len() as u64;
    }
    Ok(text)
}
