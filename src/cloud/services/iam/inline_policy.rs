//! Policies written into a role.

use serde_json::json;

use super::errors::{limit_exceeded, no_such_entity};
use super::{document, lists, role};
use crate::cloud::services::call::{Call, Reply};

/// All inline policies of a role together, without white space.
const QUOTA: usize = 10_240;

/// PutRolePolicy: makes the policy or takes its place.
pub fn put(call: &mut Call<'_>) -> Reply {
    let mut role = role::modifiable(call)?;
    let policy = role::required_document(call, "PolicyDocument")?;
    document::check_identity(&policy)?;
    role.inline.insert(policy_name(call), policy);
    let total: usize = role.inline.values().map(|d| document::size(d)).sum();
    if total > QUOTA {
        return Err(limit_exceeded(format!(
            "Maximum policy size of {QUOTA} bytes exceeded for role {}",
            role.name
        )));
    }
    role::save(call.txn, &role)?;
    Ok(json!({}))
}

/// GetRolePolicy.
pub fn get(call: &mut Call<'_>) -> Reply {
    let role = role::named(call)?;
    let name = policy_name(call);
    let policy = role.inline.get(&name).ok_or_else(|| absent(&name))?;
    Ok(json!({
        "RoleName": role.name,
        "PolicyName": name,
        "PolicyDocument": document::encoded(policy),
    }))
}

/// ListRolePolicies: names only.
pub fn list(call: &mut Call<'_>) -> Reply {
    let role = role::named(call)?;
    let names = role
        .inline
        .into_keys()
        .map(|name| (name.clone(), name.into()))
        .collect();
    lists::reply(call, "PolicyNames", names)
}

/// DeleteRolePolicy.
pub fn delete(call: &mut Call<'_>) -> Reply {
    let mut role = role::modifiable(call)?;
    let name = policy_name(call);
    if role.inline.remove(&name).is_none() {
        return Err(absent(&name));
    }
    role::save(call.txn, &role)?;
    Ok(json!({}))
}

fn policy_name(call: &Call<'_>) -> String {
    call.str("PolicyName").unwrap_or_default().to_owned()
}

fn absent(name: &str) -> crate::cloud::error::ApiError {
    no_such_entity(format!("The role policy with name {name} cannot be found."))
}
