//! Managed policies attached to roles.

use serde_json::{Value, json};

use super::errors::{no_such_entity, no_such_policy, quota};
use super::{lists, managed_policy, role};
use crate::cloud::services::call::{Call, Reply};

/// Managed policies a role can have.
const QUOTA: usize = 10;

/// AttachRolePolicy; attaching twice changes nothing.
pub fn attach(call: &mut Call<'_>) -> Reply {
    let mut role = role::modifiable(call)?;
    let arn = managed_policy::checked_arn(call)?;
    let Some(policy) = managed_policy::find(call.txn, &arn)? else {
        return Err(no_such_entity(format!(
            "Policy {arn} does not exist or is not attachable."
        )));
    };
    role.attached.insert(arn, policy.name);
    if role.attached.len() > QUOTA {
        return Err(quota("PoliciesPerRole", QUOTA));
    }
    role::save(call.txn, &role)?;
    Ok(json!({}))
}

/// DetachRolePolicy.
pub fn detach(call: &mut Call<'_>) -> Reply {
    let mut role = role::modifiable(call)?;
    let arn = managed_policy::checked_arn(call)?;
    if role.attached.remove(&arn).is_none() {
        return Err(no_such_policy(&arn));
    }
    role::save(call.txn, &role)?;
    Ok(json!({}))
}

/// ListAttachedRolePolicies.
pub fn list(call: &mut Call<'_>) -> Reply {
    let role = role::named(call)?;
    let policies = role
        .attached
        .iter()
        .filter(|(arn, _)| lists::under_prefix(call, managed_policy::path_of(arn)))
        .map(|(arn, name)| (name.to_lowercase() + arn, view(arn, name)))
        .collect();
    lists::reply(call, "AttachedPolicies", policies)
}

/// The `AttachedPolicy` shape.
pub fn view(arn: &str, name: &str) -> Value {
    json!({ "PolicyName": name, "PolicyArn": arn })
}

/// ListEntitiesForPolicy: roles only, the other entities are not modelled and so never there.
pub fn list_entities(call: &mut Call<'_>) -> Reply {
    let policy = managed_policy::named(call)?;
    let roles_wanted = matches!(call.str("EntityFilter"), None | Some("Role"));
    let as_boundary = match call.str("PolicyUsageFilter") {
        Some("PermissionsBoundary") => vec![true],
        Some(_) => vec![false],
        None => vec![false, true],
    };
    let uses = |role: &role::Role| {
        as_boundary.iter().any(|boundary| match boundary {
            true => role.boundary.as_deref() == Some(&policy.arn),
            false => role.attached.contains_key(&policy.arn),
        })
    };
    let entities = role::listed(call.txn)?
        .into_iter()
        .filter(|role| roles_wanted && uses(role) && lists::under_prefix(call, &role.path))
        .map(|role| {
            let entity = json!({ "RoleName": role.name, "RoleId": role.id });
            (role.name.to_lowercase(), entity)
        })
        .collect();
    let mut reply = lists::reply(call, "PolicyRoles", entities)?;
    reply["PolicyGroups"] = json!([]);
    reply["PolicyUsers"] = json!([]);
    Ok(reply)
}
