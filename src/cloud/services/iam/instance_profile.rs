//! Instance profiles: what hands a role to an EC2 instance.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::errors::{already_exists, delete_conflict, no_such_entity, no_such_profile, quota};
use super::role::{self, whole_seconds};
use super::{decode, encode, ids, lists, tagging};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::tags::{self, Tags};
use crate::cloud::store::{StoreError, Txn};

/// Where they are kept, by name in lower case.
const KIND: &str = "iam.instance_profile";

/// An instance profile.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InstanceProfile {
    /// As created, with its case.
    pub name: String,
    /// `AIPA…`.
    pub id: String,
    /// With its path.
    pub arn: String,
    /// `/` or `/…/`.
    pub path: String,
    /// Simulated ms since the epoch.
    pub created: i64,
    /// The name of the role in it: one at most.
    pub role: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

impl InstanceProfile {
    /// The `InstanceProfile` shape as lists have it, without tags.
    pub fn brief(&self, txn: &mut Txn) -> Result<Value, StoreError> {
        let role = match &self.role {
            Some(name) => role::find(txn, name)?,
            None => None,
        };
        let roles: Vec<_> = role.iter().map(in_profile).collect();
        Ok(json!({
            "Path": self.path,
            "InstanceProfileName": self.name,
            "InstanceProfileId": self.id,
            "Arn": self.arn,
            "CreateDate": self.created,
            "Roles": roles,
        }))
    }
}

/// The `Role` shape inside a profile: only what is always there.
fn in_profile(role: &role::Role) -> Value {
    let mut view = role.brief();
    if let Some(view) = view.as_object_mut() {
        view.remove("Description");
        view.remove("MaxSessionDuration");
    }
    view
}

/// The profile of this name.
pub fn find(txn: &mut Txn, name: &str) -> Result<Option<InstanceProfile>, StoreError> {
    txn.get(KIND, &ids::key(name))?.map(decode).transpose()
}

/// The profile of this name as lists show it.
pub fn seen(txn: &mut Txn, name: &str) -> Result<Option<InstanceProfile>, StoreError> {
    let key = ids::key(name);
    let shown = txn.list(KIND, &key)?;
    let found = shown.into_iter().find(|(found, _)| *found == key);
    found.map(|(_, record)| decode(record)).transpose()
}

/// The profile that the call's `InstanceProfileName` names.
pub fn named(call: &mut Call<'_>) -> Result<InstanceProfile, ApiError> {
    let name = profile_name(call);
    find(call.txn, &name)?.ok_or_else(|| no_such_profile(&name))
}

/// Writes a profile.
pub fn save(txn: &mut Txn, profile: &InstanceProfile) -> Result<(), ApiError> {
    Ok(txn.put(KIND, &ids::key(&profile.name), &encode(profile)?)?)
}

/// The profiles that a role is in, for each role that is in any.
pub fn by_role(txn: &mut Txn) -> Result<BTreeMap<String, Vec<InstanceProfile>>, StoreError> {
    let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (_, record) in txn.scan(KIND, "")? {
        let profile: InstanceProfile = decode(record)?;
        if let Some(role) = profile.role.clone() {
            found.entry(role).or_default().push(profile);
        }
    }
    Ok(found)
}

/// ARNs and tags of all profiles.
pub fn tagged(txn: &mut Txn) -> Result<Vec<(String, Tags)>, StoreError> {
    let profiles = listed(txn)?;
    Ok(profiles.into_iter().map(|p| (p.arn, p.tags)).collect())
}

fn listed(txn: &mut Txn) -> Result<Vec<InstanceProfile>, StoreError> {
    let records = txn.list(KIND, "")?;
    records.into_iter().map(|(_, r)| decode(r)).collect()
}

/// CreateInstanceProfile.
pub fn create(call: &mut Call<'_>) -> Reply {
    let name = profile_name(call);
    let tags = tagging::sent(call)?;
    if find(call.txn, &name)?.is_some() {
        return Err(already_exists(format!(
            "Instance Profile {name} already exists."
        )));
    }
    let path = call.str("Path").unwrap_or("/").to_owned();
    let profile = InstanceProfile {
        id: ids::unique(call.txn, "AIPA")?,
        arn: call.arn("iam", &format!("instance-profile{path}{name}")),
        created: whole_seconds(call.now),
        role: None,
        name,
        path,
        tags,
    };
    save(call.txn, &profile)?;
    view(call, &profile)
}

/// GetInstanceProfile.
pub fn get(call: &mut Call<'_>) -> Reply {
    let profile = named(call)?;
    view(call, &profile)
}

/// ListInstanceProfiles.
pub fn list(call: &mut Call<'_>) -> Reply {
    let profiles = listed(call.txn)?;
    listing(call, profiles)
}

/// ListInstanceProfilesForRole.
pub fn list_for_role(call: &mut Call<'_>) -> Reply {
    let role = role::named(call)?;
    let mut profiles = listed(call.txn)?;
    profiles.retain(|profile| profile.role.as_deref() == Some(&role.name));
    listing(call, profiles)
}

/// AddRoleToInstanceProfile.
pub fn add_role(call: &mut Call<'_>) -> Reply {
    let mut profile = named(call)?;
    let role = role::modifiable(call)?;
    if profile.role.is_some() {
        return Err(quota("InstanceSessionsPerInstanceProfile", 1));
    }
    profile.role = Some(role.name);
    save(call.txn, &profile)?;
    Ok(json!({}))
}

/// RemoveRoleFromInstanceProfile.
pub fn remove_role(call: &mut Call<'_>) -> Reply {
    let mut profile = named(call)?;
    let role = role::named(call)?;
    if profile.role.as_deref() != Some(&role.name) {
        return Err(no_such_entity(format!(
            "Role {} in Instance Profile {} cannot be found.",
            role.name, profile.name
        )));
    }
    profile.role = None;
    save(call.txn, &profile)?;
    Ok(json!({}))
}

/// DeleteInstanceProfile.
pub fn delete(call: &mut Call<'_>) -> Reply {
    let profile = named(call)?;
    if profile.role.is_some() {
        return Err(delete_conflict(
            "Cannot delete entity, must remove roles from instance profile first.",
        ));
    }
    call.txn.delete(KIND, &ids::key(&profile.name))?;
    Ok(json!({}))
}

fn profile_name(call: &Call<'_>) -> String {
    call.str("InstanceProfileName")
        .unwrap_or_default()
        .to_owned()
}

fn view(call: &mut Call<'_>, profile: &InstanceProfile) -> Reply {
    let mut view = profile.brief(call.txn)?;
    if !profile.tags.is_empty() {
        view["Tags"] = tags::to_list(&profile.tags);
    }
    Ok(json!({ "InstanceProfile": view }))
}

fn listing(call: &mut Call<'_>, profiles: Vec<InstanceProfile>) -> Reply {
    let mut items = Vec::new();
    for profile in profiles {
        if lists::under_prefix(call, &profile.path) {
            items.push((ids::key(&profile.name), profile.brief(call.txn)?));
        }
    }
    lists::reply(call, "InstanceProfiles", items)
}
