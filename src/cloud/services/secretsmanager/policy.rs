//! Resource policies of secrets.

use serde_json::{Value, json};

use super::secret::{self, fail};
use crate::cloud::services::call::{Call, Reply};

fn is_policy(text: &str) -> bool {
    let document: Value = serde_json::from_str(text).unwrap_or(Value::Null);
    document["Statement"].is_array() || document["Statement"].is_object()
}

/// Whether a statement allows everyone without any condition.
fn is_public(text: &str) -> bool {
    let document: Value = serde_json::from_str(text).unwrap_or(Value::Null);
    let statements = match &document["Statement"] {
        Value::Array(list) => list.clone(),
        one => vec![one.clone()],
    };
    statements.iter().any(|statement| {
        let principal = &statement["Principal"];
        statement["Effect"] == "Allow"
            && (principal == "*" || principal["AWS"] == "*")
            && statement["Condition"].is_null()
    })
}

/// PutResourcePolicy.
pub fn put(call: &mut Call<'_>) -> Reply {
    let mut secret = secret::wanted(call)?;
    let text = call.str("ResourcePolicy").unwrap_or_default().to_owned();
    if !is_policy(&text) {
        return Err(fail(
            "MalformedPolicyDocumentException",
            "This resource policy contains invalid Json.",
        ));
    }
    if call.bool("BlockPublicPolicy") == Some(true) && is_public(&text) {
        return Err(fail(
            "PublicPolicyException",
            "The resource policy grants broad access to the secret.",
        ));
    }
    secret.policy = Some(text);
    secret.save(call)?;
    Ok(json!({ "ARN": secret.arn, "Name": secret.name }))
}

/// GetResourcePolicy; without a policy only the secret is named.
pub fn get(call: &mut Call<'_>) -> Reply {
    let secret = secret::wanted(call)?;
    let mut reply = json!({ "ARN": secret.arn, "Name": secret.name });
    if let Some(text) = secret.policy {
        reply["ResourcePolicy"] = text.into();
    }
    Ok(reply)
}

/// DeleteResourcePolicy.
pub fn delete(call: &mut Call<'_>) -> Reply {
    let mut secret = secret::wanted(call)?;
    secret.policy = None;
    secret.save(call)?;
    Ok(json!({ "ARN": secret.arn, "Name": secret.name }))
}

/// ValidateResourcePolicy.
pub fn validate(call: &mut Call<'_>) -> Reply {
    if call.has("SecretId") {
        secret::wanted(call)?;
    }
    let text = call.str("ResourcePolicy").unwrap_or_default();
    if !is_policy(text) {
        return Err(fail(
            "MalformedPolicyDocumentException",
            "This resource policy contains invalid Json.",
        ));
    }
    if is_public(text) {
        return Ok(json!({
            "PolicyValidationPassed": false,
            "ValidationErrors": [{
                "CheckName": "BlockPublicPolicy",
                "ErrorMessage": "The resource policy grants broad access to the secret.",
            }],
        }));
    }
    Ok(json!({ "PolicyValidationPassed": true, "ValidationErrors": [] }))
}
