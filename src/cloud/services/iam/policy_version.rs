//! Versions of managed policies: at most five, one of them in force.

use serde_json::json;

use super::errors::{delete_conflict, limit_exceeded, no_such_entity};
use super::managed_policy::{self, Policy, Version};
use super::{lists, role};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

const QUOTA: usize = 5;

/// CreatePolicyVersion.
pub fn create(call: &mut Call<'_>) -> Reply {
    let mut policy = managed_policy::owned(call, "iam:CreatePolicyVersion")?;
    let document = managed_policy::checked_document(call)?;
    if policy.versions.len() >= QUOTA {
        return Err(limit_exceeded(format!(
            "A managed policy can have up to {QUOTA} versions. Before you create a new version, you must delete an existing version."
        )));
    }
    let version = Version {
        number: policy.next,
        document,
        created: role::whole_seconds(call.now),
    };
    policy.next += 1;
    if call.bool("SetAsDefault").unwrap_or(false) {
        policy.default = version.number;
    }
    policy.updated = version.created;
    let view = policy.version_view(&version, false);
    policy.versions.push(version);
    managed_policy::save(call.txn, &policy)?;
    Ok(json!({ "PolicyVersion": view }))
}

/// GetPolicyVersion.
pub fn get(call: &mut Call<'_>) -> Reply {
    let policy = managed_policy::named(call)?;
    let at = asked(call, &policy)?;
    let view = policy.version_view(&policy.versions[at], true);
    Ok(json!({ "PolicyVersion": view }))
}

/// ListPolicyVersions: newest first, without documents.
pub fn list(call: &mut Call<'_>) -> Reply {
    let policy = managed_policy::named(call)?;
    let versions = policy
        .versions
        .iter()
        .rev()
        .enumerate()
        .map(|(n, version)| (format!("{n:06}"), policy.version_view(version, false)))
        .collect();
    lists::reply(call, "Versions", versions)
}

/// SetDefaultPolicyVersion.
pub fn set_default(call: &mut Call<'_>) -> Reply {
    let mut policy = managed_policy::owned(call, "iam:SetDefaultPolicyVersion")?;
    let at = asked(call, &policy)?;
    policy.default = policy.versions[at].number;
    policy.updated = role::whole_seconds(call.now);
    managed_policy::save(call.txn, &policy)?;
    Ok(json!({}))
}

/// DeletePolicyVersion.
pub fn delete(call: &mut Call<'_>) -> Reply {
    let mut policy = managed_policy::owned(call, "iam:DeletePolicyVersion")?;
    let at = asked(call, &policy)?;
    if policy.versions[at].number == policy.default {
        return Err(delete_conflict(
            "Cannot delete the default version of a policy.",
        ));
    }
    policy.versions.remove(at);
    policy.updated = role::whole_seconds(call.now);
    managed_policy::save(call.txn, &policy)?;
    Ok(json!({}))
}

/// Where in the policy's list the call's `VersionId` is.
fn asked(call: &Call<'_>, policy: &Policy) -> Result<usize, ApiError> {
    let id = call.str("VersionId").unwrap_or_default();
    policy
        .versions
        .iter()
        .position(|version| format!("v{}", version.number) == id)
        .ok_or_else(|| {
            no_such_entity(format!(
                "Policy {} version {id} does not exist or is not attachable.",
                policy.arn
            ))
        })
}
