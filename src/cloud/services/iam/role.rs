//! Roles.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::document::{self, Principal};
use super::errors::{
    already_exists, delete_conflict, malformed, no_such_role, quota, unmodifiable, validation,
};
use super::{boundary, decode, encode, ids, instance_profile, lists, role_name, tagging};
use crate::cloud::error::ApiError;
use crate::cloud::services::arn::Arn;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::tags::{self, Tags};
use crate::cloud::store::{StoreError, Txn};

/// Where roles are kept, by name in lower case.
pub const KIND: &str = "iam.role";

const TRUST_QUOTA: usize = 2048;
const ROLES_QUOTA: usize = 1000;
const DEFAULT_SESSION_SECONDS: i64 = 3600;

/// A role and all that belongs to it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Role {
    /// As created, with its case.
    pub name: String,
    /// `AROA…`.
    pub id: String,
    /// With its path.
    pub arn: String,
    /// `/` or `/…/`.
    pub path: String,
    /// Simulated ms since the epoch.
    pub created: i64,
    /// The trust policy, compact JSON.
    pub trust: String,
    /// Absent where never given.
    pub description: Option<String>,
    /// The longest session, seconds.
    pub max_session: i64,
    /// Its tags.
    pub tags: Tags,
    /// The ARN of the policy that is its permissions boundary.
    pub boundary: Option<String>,
    /// Inline policies: name and document as given.
    pub inline: BTreeMap<String, String>,
    /// Attached policies: ARN and name.
    pub attached: BTreeMap<String, String>,
    /// Made by and for one service, which alone may change it.
    pub service_linked: bool,
}

impl Role {
    /// The `Role` shape as GetRole has it.
    pub fn view(&self) -> Value {
        let mut role = self.brief();
        role["RoleLastUsed"] = json!({});
        if !self.tags.is_empty() {
            role["Tags"] = tags::to_list(&self.tags);
        }
        if let Some(arn) = &self.boundary {
            role["PermissionsBoundary"] = boundary::view(arn);
        }
        role
    }

    /// The `Role` shape as ListRoles has it: no tags, boundary or last use.
    pub fn brief(&self) -> Value {
        let mut role = json!({
            "Path": self.path,
            "RoleName": self.name,
            "RoleId": self.id,
            "Arn": self.arn,
            "CreateDate": self.created,
            "AssumeRolePolicyDocument": document::encoded(&self.trust),
            "MaxSessionDuration": self.max_session,
        });
        if let Some(description) = &self.description {
            role["Description"] = description.as_str().into();
        }
        role
    }
}

/// The role of this name.
pub fn find(txn: &mut Txn, name: &str) -> Result<Option<Role>, StoreError> {
    txn.get(KIND, &ids::key(name))?.map(decode).transpose()
}

/// The role that the call's `RoleName` names.
pub fn named(call: &mut Call<'_>) -> Result<Role, ApiError> {
    let name = call.str("RoleName").unwrap_or_default().to_owned();
    find(call.txn, &name)?.ok_or_else(|| no_such_role(&name))
}

/// The role that the call's `RoleName` names, if customers may change it.
pub fn modifiable(call: &mut Call<'_>) -> Result<Role, ApiError> {
    let role = named(call)?;
    if role.service_linked {
        return Err(unmodifiable(&role.name));
    }
    Ok(role)
}

/// Writes a role.
pub fn save(txn: &mut Txn, role: &Role) -> Result<(), ApiError> {
    Ok(txn.put(KIND, &ids::key(&role.name), &encode(role)?)?)
}

/// Every role, strongly consistent.
pub fn all(txn: &mut Txn) -> Result<Vec<Role>, StoreError> {
    let records = txn.scan(KIND, "")?;
    records.into_iter().map(|(_, r)| decode(r)).collect()
}

/// Every role as IAM's lists show them.
pub fn listed(txn: &mut Txn) -> Result<Vec<Role>, StoreError> {
    let records = txn.list(KIND, "")?;
    records.into_iter().map(|(_, r)| decode(r)).collect()
}

/// CreateRole.
pub fn create(call: &mut Call<'_>) -> Reply {
    let name = call.str("RoleName").unwrap_or_default().to_owned();
    let sent = tagging::sent(call)?;
    if find(call.txn, &name)?.is_some() {
        return Err(already_exists(format!(
            "Role with name {name} already exists."
        )));
    }
    if call.txn.count(KIND, "")? >= ROLES_QUOTA {
        return Err(quota("RolesPerAccount", ROLES_QUOTA));
    }
    let path = call.str("Path").unwrap_or("/").to_owned();
    let role = Role {
        id: ids::unique(call.txn, "AROA")?,
        arn: call.arn("iam", &format!("role{path}{name}")),
        created: whole_seconds(call.now),
        trust: trust_document(call, "AssumeRolePolicyDocument")?,
        description: call.str("Description").map(str::to_owned),
        max_session: call
            .int("MaxSessionDuration")
            .unwrap_or(DEFAULT_SESSION_SECONDS),
        tags: sent,
        boundary: boundary::sent(call)?,
        inline: BTreeMap::new(),
        attached: BTreeMap::new(),
        service_linked: false,
        name,
        path,
    };
    save(call.txn, &role)?;
    let mut view = role.view();
    if let Some(view) = view.as_object_mut() {
        view.remove("RoleLastUsed");
    }
    Ok(json!({ "Role": view }))
}

/// GetRole.
pub fn get(call: &mut Call<'_>) -> Reply {
    Ok(json!({ "Role": named(call)?.view() }))
}

/// ListRoles.
pub fn list(call: &mut Call<'_>) -> Reply {
    let roles = listed(call.txn)?
        .into_iter()
        .filter(|role| lists::under_prefix(call, &role.path))
        .map(|role| (ids::key(&role.name), role.brief()))
        .collect();
    lists::reply(call, "Roles", roles)
}

/// UpdateRole: the description and the longest session; what is absent is left.
pub fn update(call: &mut Call<'_>) -> Reply {
    let mut role = modifiable(call)?;
    if let Some(description) = call.str("Description") {
        role.description = Some(description.to_owned());
    }
    if let Some(seconds) = call.int("MaxSessionDuration") {
        role.max_session = seconds;
    }
    save(call.txn, &role)?;
    Ok(json!({}))
}

/// UpdateRoleDescription, which answers with the role.
pub fn update_description(call: &mut Call<'_>) -> Reply {
    let mut role = modifiable(call)?;
    role.description = call.str("Description").map(str::to_owned);
    save(call.txn, &role)?;
    Ok(json!({ "Role": role.view() }))
}

/// UpdateAssumeRolePolicy.
pub fn update_trust(call: &mut Call<'_>) -> Reply {
    let mut role = modifiable(call)?;
    role.trust = trust_document(call, "PolicyDocument")?;
    save(call.txn, &role)?;
    Ok(json!({}))
}

/// DeleteRole, which leaves its id in the trust policies that named it.
pub fn delete(call: &mut Call<'_>) -> Reply {
    let role = modifiable(call)?;
    if !role.attached.is_empty() {
        return Err(delete_conflict(
            "Cannot delete entity, must detach all policies first.",
        ));
    }
    if !role.inline.is_empty() {
        return Err(delete_conflict(
            "Cannot delete entity, must delete policies first.",
        ));
    }
    if instance_profile::by_role(call.txn)?.contains_key(&role.name) {
        return Err(delete_conflict(
            "Cannot delete entity, must remove roles from instance profile first.",
        ));
    }
    remove(call.txn, &role)?;
    Ok(json!({}))
}

/// Deletes a role that nothing hangs on.
pub fn remove(txn: &mut Txn, role: &Role) -> Result<(), ApiError> {
    txn.delete(KIND, &ids::key(&role.name))?;
    for mut other in all(txn)? {
        if let Some(trust) = document::forget_principal(&other.trust, &role.arn, &role.id) {
            other.trust = trust;
            save(txn, &other)?;
        }
    }
    Ok(())
}

/// IAM's dates have no fraction of a second.
pub fn whole_seconds(now: i64) -> i64 {
    now - now.rem_euclid(1000)
}

/// The trust policy in a member of the call, checked and as IAM keeps it.
fn trust_document(call: &mut Call<'_>, member: &str) -> Result<String, ApiError> {
    let given = call.str(member).unwrap_or_default().to_owned();
    if given.is_empty() {
        return Err(validation(format!(
            "The specified value for {member} is invalid. It must contain a policy document."
        )));
    }
    let (account, caller) = (call.account, call.principal_arn);
    let txn = &mut *call.txn;
    let kept = document::trust(&given, &mut |principal| {
        resolve(txn, principal, account, caller)
    })?;
    if document::size(&kept) > TRUST_QUOTA {
        return Err(quota("ACLSizePerRole", TRUST_QUOTA));
    }
    Ok(kept)
}

/// What an AWS principal names: an account, a role or the caller himself, or a stale id. Things of
/// other accounts are taken on trust; users of this one are not modelled, so only the caller is.
fn resolve(
    txn: &mut Txn,
    principal: &str,
    account: &str,
    caller: &str,
) -> Result<Principal, ApiError> {
    let known = |spelling: &str| Ok(Principal::Known(spelling.to_owned()));
    if principal == "*" || principal == caller {
        return known(principal);
    }
    if principal.len() == 12 && principal.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(Principal::Known(format!("arn:aws:iam::{principal}:root")));
    }
    if principal.starts_with("AROA") {
        let role = all(txn)?.into_iter().find(|role| role.id == principal);
        return Ok(role.map_or(Principal::Unknown, |role| Principal::Known(role.arn)));
    }
    let Some(arn) = Arn::parse(principal).filter(|arn| is_principal(arn)) else {
        return Ok(Principal::Unknown);
    };
    if arn.account != account || arn.resource == "root" {
        return known(principal);
    }
    let exists = match arn.service {
        "sts" => {
            let session = arn.resource_of("assumed-role").unwrap_or_default();
            find(txn, session.split('/').next().unwrap_or_default())?.is_some()
        }
        _ => match role_name(principal) {
            Some(name) => find(txn, name)?.is_some_and(|role| role.arn == principal),
            None => false,
        },
    };
    Ok(if exists {
        Principal::Known(principal.to_owned())
    } else {
        Principal::Unknown
    })
}

/// Whether an ARN has the form of a principal.
fn is_principal(arn: &Arn<'_>) -> bool {
    let kinds: &[&str] = match arn.service {
        "iam" => &["role", "user"],
        "sts" => &["assumed-role", "federated-user"],
        _ => return false,
    };
    arn.account.len() == 12
        && !arn.resource.contains(['*', '?'])
        && (arn.resource == "root" || kinds.iter().any(|kind| arn.resource_of(kind).is_some()))
}

/// Refuses a document that is not there at all.
pub fn required_document(call: &Call<'_>, member: &str) -> Result<String, ApiError> {
    match call.str(member) {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(malformed("Syntax errors in policy.")),
    }
}
