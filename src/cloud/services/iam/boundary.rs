//! Permissions boundaries of roles.

use serde_json::{Value, json};

use super::errors::no_such_entity;
use super::{managed_policy, role};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

/// The `AttachedPermissionsBoundary` shape.
pub fn view(arn: &str) -> Value {
    json!({ "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn })
}

/// The `PermissionsBoundary` of a call: the ARN of a policy that exists.
pub fn sent(call: &mut Call<'_>) -> Result<Option<String>, ApiError> {
    let Some(arn) = call.str("PermissionsBoundary").map(str::to_owned) else {
        return Ok(None);
    };
    if managed_policy::find(call.txn, &arn)?.is_none() {
        return Err(no_such_entity(format!(
            "Scope ARN: {arn} does not exist or is not attachable."
        )));
    }
    Ok(Some(arn))
}

/// PutRolePermissionsBoundary.
pub fn put(call: &mut Call<'_>) -> Reply {
    let mut role = role::modifiable(call)?;
    role.boundary = sent(call)?;
    role::save(call.txn, &role)?;
    Ok(json!({}))
}

/// DeleteRolePermissionsBoundary.
pub fn delete(call: &mut Call<'_>) -> Reply {
    let mut role = role::modifiable(call)?;
    if role.boundary.take().is_none() {
        return Err(no_such_entity(format!(
            "Role {} does not have a permissions boundary.",
            role.name
        )));
    }
    role::save(call.txn, &role)?;
    Ok(json!({}))
}
