//! The account as a whole: everything in bulk, and its counts.

use serde_json::{Map, Value, json};

use super::instance_profile::{self, InstanceProfile};
use super::managed_policy::{self, Policy};
use super::role::{self, Role};
use super::{attached_policy, aws_managed, boundary, document, ids, lists};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::tags;

/// GetAccountAuthorizationDetails: roles with all that is theirs, the account's policies, and
/// those of AWS's that are attached to something. One page runs over all of them.
pub fn authorization_details(call: &mut Call<'_>) -> Reply {
    let wanted = call.strings("Filter");
    let want = |kind: &str| wanted.is_empty() || wanted.iter().any(|w| w == kind);
    let roles = role::listed(call.txn)?;
    let mut items: Vec<(String, Item<'_>)> = Vec::new();
    if want("Role") {
        for role in &roles {
            items.push((format!("role/{}", ids::key(&role.name)), Item::Role(role)));
        }
    }
    for policy in policies(
        call,
        &roles,
        want("LocalManagedPolicy"),
        want("AWSManagedPolicy"),
    )? {
        // Sorts after the roles.
        items.push((format!("rolf/{}", policy.arn), Item::Policy(policy)));
    }
    let (page, mut reply) = lists::page(call, items)?;
    let profiles = instance_profile::by_role(call.txn)?;
    let (mut role_details, mut policy_details) = (Vec::new(), Vec::new());
    for (_, item) in page {
        match item {
            Item::Role(role) => {
                let own = profiles.get(&role.name).map_or(&[][..], Vec::as_slice);
                role_details.push(role_detail(call, role, own)?);
            }
            Item::Policy(policy) => {
                let uses = managed_policy::uses(&roles, &policy.arn);
                policy_details.push(policy.detail(uses));
            }
        }
    }
    reply.insert("UserDetailList".into(), json!([]));
    reply.insert("GroupDetailList".into(), json!([]));
    reply.insert("RoleDetailList".into(), role_details.into());
    reply.insert("Policies".into(), policy_details.into());
    Ok(Value::Object(reply))
}

/// What an account has, on its way into a page.
enum Item<'a> {
    Role(&'a Role),
    Policy(Policy),
}

fn policies(
    call: &mut Call<'_>,
    roles: &[Role],
    local: bool,
    aws: bool,
) -> Result<Vec<Policy>, ApiError> {
    let mut policies = Vec::new();
    if local {
        policies.extend(managed_policy::listed(call.txn)?);
    }
    if aws {
        let used = |arn: &str| {
            roles
                .iter()
                .any(|r| r.attached.contains_key(arn) || r.boundary.as_deref() == Some(arn))
        };
        policies.extend(aws_managed::all().filter(|policy| used(&policy.arn)));
    }
    Ok(policies)
}

/// The `RoleDetail` shape.
fn role_detail(
    call: &mut Call<'_>,
    role: &Role,
    held_by: &[InstanceProfile],
) -> Result<Value, ApiError> {
    let mut profiles = Vec::new();
    for profile in held_by {
        profiles.push(profile.brief(call.txn)?);
    }
    let inline: Vec<_> = role
        .inline
        .iter()
        .map(
            |(name, text)| json!({ "PolicyName": name, "PolicyDocument": document::encoded(text) }),
        )
        .collect();
    let attached: Vec<_> = role
        .attached
        .iter()
        .map(|(arn, name)| attached_policy::view(arn, name))
        .collect();
    let mut detail = json!({
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": role.arn,
        "CreateDate": role.created,
        "AssumeRolePolicyDocument": document::encoded(&role.trust),
        "InstanceProfileList": profiles,
        "RolePolicyList": inline,
        "AttachedManagedPolicies": attached,
        "Tags": tags::to_list(&role.tags),
        "RoleLastUsed": {},
    });
    if let Some(arn) = &role.boundary {
        detail["PermissionsBoundary"] = boundary::view(arn);
    }
    Ok(detail)
}

/// GetAccountSummary: what is counted here and the quotas that are kept here.
pub fn summary(call: &mut Call<'_>) -> Reply {
    let roles = role::listed(call.txn)?;
    let own = managed_policy::listed(call.txn)?;
    let versions: usize = own.iter().map(|policy| policy.versions.len()).sum();
    let profiles = instance_profile::tagged(call.txn)?.len();
    let counts: [(&str, usize); 19] = [
        ("Users", 0),
        ("UsersQuota", 5000),
        ("Groups", 0),
        ("GroupsQuota", 300),
        ("Roles", roles.len()),
        ("RolesQuota", 1000),
        ("InstanceProfiles", profiles),
        ("InstanceProfilesQuota", 1000),
        ("Policies", own.len()),
        ("PoliciesQuota", 1500),
        ("PolicySizeQuota", 6144),
        ("PolicyVersionsInUse", versions),
        ("PolicyVersionsInUseQuota", 10_000),
        ("VersionsPerPolicyQuota", 5),
        ("AttachedPoliciesPerRoleQuota", 10),
        ("RolePolicySizeQuota", 10_240),
        ("AssumeRolePolicySizeQuota", 2048),
        ("MFADevices", 0),
        ("AccountMFAEnabled", 0),
    ];
    let map: Map<String, Value> = counts
        .into_iter()
        .map(|(name, count)| (name.to_owned(), count.into()))
        .collect();
    Ok(json!({ "SummaryMap": map }))
}

/// ListAccountAliases: an account has none until one is made, which is not modelled.
pub fn aliases(call: &mut Call<'_>) -> Reply {
    lists::reply(call, "AccountAliases", Vec::new())
}
