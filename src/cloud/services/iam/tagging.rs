//! Tags of roles, policies and instance profiles. Keys are told apart without their case.

use serde_json::{Value, json};

use super::errors::{invalid_input, quota, validation};
use super::{instance_profile, lists, managed_policy, role};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::tags::{self, Alphabet, TagProblem, TagRules, Tags};

const RULES: TagRules = TagRules::with(Alphabet::Common);

/// The call's `Tags`, checked.
pub fn sent(call: &Call<'_>) -> Result<Tags, ApiError> {
    let pairs = tags::pairs(call.list("Tags"), "Key", "Value");
    let refs = pairs.iter().map(|(k, v)| (k.as_str(), v.as_str()));
    tags::check_sent(&RULES, refs).map_err(problem)?;
    let mut lower: Vec<_> = pairs.iter().map(|(key, _)| key.to_lowercase()).collect();
    lower.sort();
    if lower.windows(2).any(|two| two[0] == two[1]) {
        return Err(duplicate());
    }
    Ok(pairs.into_iter().collect())
}

fn duplicate() -> ApiError {
    invalid_input("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
}

fn problem(problem: TagProblem) -> ApiError {
    match problem {
        TagProblem::TooMany { max } => quota("TagsPerResource", max),
        TagProblem::Duplicate { .. } => duplicate(),
        TagProblem::Reserved { .. } => {
            invalid_input("Caller is not authorized to use system tags (aws: prefixed).")
        }
        other => validation(other.to_string()),
    }
}

/// Adds the call's tags; a key that differs only in case takes the place of the old one.
fn add(call: &Call<'_>, held: &mut Tags) -> Result<(), ApiError> {
    for (key, value) in sent(call)? {
        let lower = key.to_lowercase();
        held.retain(|old, _| old.to_lowercase() != lower);
        held.insert(key, value);
    }
    tags::check_count(&RULES, held.len()).map_err(problem)
}

fn remove(call: &Call<'_>, held: &mut Tags) {
    let gone: Vec<_> = call
        .strings("TagKeys")
        .iter()
        .map(|key| key.to_lowercase())
        .collect();
    held.retain(|key, _| !gone.contains(&key.to_lowercase()));
}

fn list(call: &Call<'_>, held: &Tags) -> Reply {
    let entries = held
        .iter()
        .map(|(key, value)| (key.clone(), json!({ "Key": key, "Value": value })))
        .collect::<Vec<(String, Value)>>();
    lists::reply(call, "Tags", entries)
}

/// TagRole.
pub fn tag_role(call: &mut Call<'_>) -> Reply {
    let mut role = role::modifiable(call)?;
    add(call, &mut role.tags)?;
    role::save(call.txn, &role)?;
    Ok(json!({}))
}

/// UntagRole.
pub fn untag_role(call: &mut Call<'_>) -> Reply {
    let mut role = role::modifiable(call)?;
    remove(call, &mut role.tags);
    role::save(call.txn, &role)?;
    Ok(json!({}))
}

/// ListRoleTags.
pub fn list_role_tags(call: &mut Call<'_>) -> Reply {
    let role = role::named(call)?;
    list(call, &role.tags)
}

/// TagPolicy.
pub fn tag_policy(call: &mut Call<'_>) -> Reply {
    let mut policy = managed_policy::owned(call, "iam:TagPolicy")?;
    add(call, &mut policy.tags)?;
    managed_policy::save(call.txn, &policy)?;
    Ok(json!({}))
}

/// UntagPolicy.
pub fn untag_policy(call: &mut Call<'_>) -> Reply {
    let mut policy = managed_policy::owned(call, "iam:UntagPolicy")?;
    remove(call, &mut policy.tags);
    managed_policy::save(call.txn, &policy)?;
    Ok(json!({}))
}

/// ListPolicyTags.
pub fn list_policy_tags(call: &mut Call<'_>) -> Reply {
    let policy = managed_policy::named(call)?;
    list(call, &policy.tags)
}

/// TagInstanceProfile.
pub fn tag_profile(call: &mut Call<'_>) -> Reply {
    let mut profile = instance_profile::named(call)?;
    add(call, &mut profile.tags)?;
    instance_profile::save(call.txn, &profile)?;
    Ok(json!({}))
}

/// UntagInstanceProfile.
pub fn untag_profile(call: &mut Call<'_>) -> Reply {
    let mut profile = instance_profile::named(call)?;
    remove(call, &mut profile.tags);
    instance_profile::save(call.txn, &profile)?;
    Ok(json!({}))
}

/// ListInstanceProfileTags.
pub fn list_profile_tags(call: &mut Call<'_>) -> Reply {
    let profile = instance_profile::named(call)?;
    list(call, &profile.tags)
}
