//! IAM: roles with their trust, inline and attached policies, managed policies and instance
//! profiles.
//!
//! IAM is global: records carry no region in their keys. A name is unique whatever its case, so
//! keys are names in lower case. A role's record holds everything that belongs to it (`role.rs`);
//! the operations on its parts each have a file. Documents are checked and rewritten in
//! `document.rs` and leave percent-encoded, as the query API sends them.

mod account;
mod attached_policy;
mod aws_managed;
mod boundary;
pub mod document;
mod errors;
mod ids;
mod inline_policy;
mod instance_profile;
mod lists;
mod managed_policy;
mod policy_version;
pub mod role;
mod service_linked;
mod tagging;

use crate::cloud::error::ApiError;
use crate::cloud::services::arn::Arn;
use crate::cloud::services::call::{Service, no_seed};
use crate::cloud::services::tags::Tags;
use crate::cloud::store::{StoreError, Txn};

pub use instance_profile::InstanceProfile;
pub use role::Role;

/// The operations of IAM.
pub static SERVICE: Service = Service {
    name: "iam",
    operations: &[
        ("CreateRole", role::create),
        ("GetRole", role::get),
        ("ListRoles", role::list),
        ("UpdateRole", role::update),
        ("UpdateRoleDescription", role::update_description),
        ("UpdateAssumeRolePolicy", role::update_trust),
        ("DeleteRole", role::delete),
        ("PutRolePermissionsBoundary", boundary::put),
        ("DeleteRolePermissionsBoundary", boundary::delete),
        ("TagRole", tagging::tag_role),
        ("UntagRole", tagging::untag_role),
        ("ListRoleTags", tagging::list_role_tags),
        ("PutRolePolicy", inline_policy::put),
        ("GetRolePolicy", inline_policy::get),
        ("ListRolePolicies", inline_policy::list),
        ("DeleteRolePolicy", inline_policy::delete),
        ("AttachRolePolicy", attached_policy::attach),
        ("DetachRolePolicy", attached_policy::detach),
        ("ListAttachedRolePolicies", attached_policy::list),
        ("ListEntitiesForPolicy", attached_policy::list_entities),
        ("CreatePolicy", managed_policy::create),
        ("GetPolicy", managed_policy::get),
        ("ListPolicies", managed_policy::list),
        ("DeletePolicy", managed_policy::delete),
        ("TagPolicy", tagging::tag_policy),
        ("UntagPolicy", tagging::untag_policy),
        ("ListPolicyTags", tagging::list_policy_tags),
        ("CreatePolicyVersion", policy_version::create),
        ("GetPolicyVersion", policy_version::get),
        ("ListPolicyVersions", policy_version::list),
        ("SetDefaultPolicyVersion", policy_version::set_default),
        ("DeletePolicyVersion", policy_version::delete),
        ("CreateInstanceProfile", instance_profile::create),
        ("GetInstanceProfile", instance_profile::get),
        ("ListInstanceProfiles", instance_profile::list),
        (
            "ListInstanceProfilesForRole",
            instance_profile::list_for_role,
        ),
        ("AddRoleToInstanceProfile", instance_profile::add_role),
        (
            "RemoveRoleFromInstanceProfile",
            instance_profile::remove_role,
        ),
        ("DeleteInstanceProfile", instance_profile::delete),
        ("TagInstanceProfile", tagging::tag_profile),
        ("UntagInstanceProfile", tagging::untag_profile),
        ("ListInstanceProfileTags", tagging::list_profile_tags),
        ("CreateServiceLinkedRole", service_linked::create),
        ("DeleteServiceLinkedRole", service_linked::delete),
        (
            "GetServiceLinkedRoleDeletionStatus",
            service_linked::deletion_status,
        ),
        (
            "GetAccountAuthorizationDetails",
            account::authorization_details,
        ),
        ("GetAccountSummary", account::summary),
        ("ListAccountAliases", account::aliases),
    ],
    validation_code: "ValidationError",
    seed: no_seed,
};

/// The region under which the Resource Groups Tagging API shows IAM's objects.
const TAGGING_REGION: &str = "us-east-1";

/// The role of this ARN, whatever its age.
pub fn role_by_arn(txn: &mut Txn, arn: &str) -> Result<Option<Role>, StoreError> {
    let Some(name) = role_name(arn) else {
        return Ok(None);
    };
    let role = role::find(txn, name)?;
    Ok(role.filter(|role| role.arn == arn))
}

/// The instance profile of this name, whatever its age.
pub fn instance_profile(txn: &mut Txn, name: &str) -> Result<Option<InstanceProfile>, StoreError> {
    instance_profile::find(txn, name)
}

/// The instance profile of this name as other services see it: as IAM's lists show it, which lag
/// behind writes only where that fault is on; asking counts as a reading.
pub fn instance_profile_seen(
    txn: &mut Txn,
    name: &str,
) -> Result<Option<InstanceProfile>, StoreError> {
    instance_profile::seen(txn, name)
}

/// Whether another service accepts this role yet: it exists, and IAM's lists show it. They lag
/// behind writes only where that fault is on; asking counts as a reading.
pub fn role_visible(txn: &mut Txn, arn: &str) -> Result<bool, StoreError> {
    let Some(role) = role_by_arn(txn, arn)? else {
        return Ok(false);
    };
    let key = ids::key(&role.name);
    let shown = txn.list(role::KIND, &key)?;
    Ok(shown.iter().any(|(found, _)| *found == key))
}

/// What the Resource Groups Tagging API finds of IAM: instance profiles and customer managed
/// policies, only in us-east-1, and no roles.
pub fn tagged(txn: &mut Txn, region: &str) -> Result<Vec<(String, Tags)>, StoreError> {
    if region != TAGGING_REGION {
        return Ok(Vec::new());
    }
    let mut found = instance_profile::tagged(txn)?;
    found.extend(managed_policy::tagged(txn)?);
    Ok(found)
}

/// The unique id (`AIDA…`, `ASIA…`) that always belongs to this text.
pub fn unique_id(prefix: &str, seed: &str) -> String {
    ids::derived(prefix, seed)
}

/// The name at the end of a role's ARN (`arn:aws:iam::1:role/a/b/name`).
fn role_name(arn: &str) -> Option<&str> {
    Arn::parse(arn)
        .filter(|arn| arn.service == "iam")?
        .resource_of("role")?
        .rsplit('/')
        .next()
}

/// A record out of the store; one that cannot be read is a fault of the store, not an absence.
fn decode<T: serde::de::DeserializeOwned>(record: serde_json::Value) -> Result<T, StoreError> {
    serde_json::from_value(record).map_err(|e| StoreError::Record(e.to_string()))
}

/// A record for the store.
fn encode<T: serde::Serialize>(record: &T) -> Result<serde_json::Value, ApiError> {
    serde_json::to_value(record).map_err(|e| ApiError::internal(e.to_string()))
}
