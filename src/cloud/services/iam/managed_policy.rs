//! Managed policies: the account's own, and AWS's, which are read only.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::errors::{already_exists, delete_conflict, no_such_policy, quota, validation};
use super::{aws_managed, decode, document, encode, ids, lists, role, tagging};
use crate::cloud::error::ApiError;
use crate::cloud::services::arn::Arn;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::tags::{self, Tags};
use crate::cloud::store::{StoreError, Txn};

/// Where the account's own policies are kept, by name in lower case.
const KIND: &str = "iam.policy";

/// A policy's size without white space.
const SIZE_QUOTA: usize = 6144;

/// A managed policy with all its versions.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Policy {
    /// As created, with its case.
    pub name: String,
    /// `ANPA…`.
    pub id: String,
    /// With its path; the account is `aws` for AWS's own.
    pub arn: String,
    /// `/` or `/…/`.
    pub path: String,
    /// Absent where never given.
    pub description: Option<String>,
    /// Simulated ms since the epoch.
    pub created: i64,
    /// When its versions last changed.
    pub updated: i64,
    /// Its tags.
    pub tags: Tags,
    /// The number of the version in force.
    pub default: u32,
    /// The number of the next version: numbers are never used twice.
    pub next: u32,
    /// Oldest first.
    pub versions: Vec<Version>,
}

/// One version of a managed policy.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Version {
    /// 1 for `v1`.
    pub number: u32,
    /// As given.
    pub document: String,
    /// Simulated ms since the epoch.
    pub created: i64,
}

/// How many roles use a policy: attached, and as their boundary.
#[derive(Debug, Clone, Copy, Default)]
pub struct Uses {
    attached: usize,
    boundary: usize,
}

impl Policy {
    /// Whether AWS made it.
    pub fn is_aws(&self) -> bool {
        Arn::parse(&self.arn).is_some_and(|arn| arn.account == "aws")
    }

    /// The `Policy` shape as ListPolicies has it: no description, no tags.
    pub fn brief(&self, uses: Uses) -> Value {
        json!({
            "PolicyName": self.name,
            "PolicyId": self.id,
            "Arn": self.arn,
            "Path": self.path,
            "DefaultVersionId": format!("v{}", self.default),
            "AttachmentCount": uses.attached,
            "PermissionsBoundaryUsageCount": uses.boundary,
            "IsAttachable": true,
            "CreateDate": self.created,
            "UpdateDate": self.updated,
        })
    }

    /// The `ManagedPolicyDetail` shape: with all versions and their documents.
    pub fn detail(&self, uses: Uses) -> Value {
        let mut detail = self.brief(uses);
        if let Some(description) = &self.description {
            detail["Description"] = description.as_str().into();
        }
        detail["PolicyVersionList"] = self
            .versions
            .iter()
            .rev()
            .map(|version| self.version_view(version, true))
            .collect();
        detail
    }

    /// The `PolicyVersion` shape.
    pub fn version_view(&self, version: &Version, with_document: bool) -> Value {
        let mut view = json!({
            "VersionId": format!("v{}", version.number),
            "IsDefaultVersion": version.number == self.default,
            "CreateDate": version.created,
        });
        if with_document {
            view["Document"] = document::encoded(&version.document).into();
        }
        view
    }
}

/// The policy of this ARN, AWS's or the account's.
pub fn find(txn: &mut Txn, arn: &str) -> Result<Option<Policy>, StoreError> {
    if let Some(policy) = aws_managed::find(arn) {
        return Ok(Some(policy));
    }
    let name = arn.rsplit('/').next().unwrap_or_default();
    let policy: Option<Policy> = txn.get(KIND, &ids::key(name))?.map(decode).transpose()?;
    Ok(policy.filter(|policy| policy.arn == arn))
}

/// The call's `PolicyArn`, if it can be a policy's at all.
pub fn checked_arn(call: &Call<'_>) -> Result<String, ApiError> {
    let text = call.str("PolicyArn").unwrap_or_default();
    let is_policy = Arn::parse(text)
        .is_some_and(|arn| arn.service == "iam" && arn.resource_of("policy").is_some());
    if !is_policy {
        return Err(validation(format!("ARN {text} is not valid.")));
    }
    Ok(text.to_owned())
}

/// The policy that the call's `PolicyArn` names.
pub fn named(call: &mut Call<'_>) -> Result<Policy, ApiError> {
    let arn = checked_arn(call)?;
    find(call.txn, &arn)?.ok_or_else(|| no_such_policy(&arn))
}

/// The policy that the call's `PolicyArn` names, for `action`, which AWS's own policies refuse.
pub fn owned(call: &mut Call<'_>, action: &str) -> Result<Policy, ApiError> {
    let policy = named(call)?;
    if policy.is_aws() {
        return Err(ApiError::new(
            "AccessDenied",
            403,
            format!(
                "User: {} is not authorized to perform: {action} on resource: policy {}",
                call.principal_arn, policy.arn
            ),
        ));
    }
    Ok(policy)
}

/// Writes one of the account's policies.
pub fn save(txn: &mut Txn, policy: &Policy) -> Result<(), ApiError> {
    Ok(txn.put(KIND, &ids::key(&policy.name), &encode(policy)?)?)
}

/// The path in a policy's ARN: `/` or `/…/`.
pub fn path_of(arn: &str) -> &str {
    let resource = Arn::parse(arn).map_or("", |arn| arn.resource);
    let path = resource.strip_prefix("policy").unwrap_or(resource);
    path.rfind('/').map_or("/", |end| &path[..=end])
}

/// The account's own policies as lists show them.
pub fn listed(txn: &mut Txn) -> Result<Vec<Policy>, StoreError> {
    let records = txn.list(KIND, "")?;
    records.into_iter().map(|(_, r)| decode(r)).collect()
}

/// How the roles use a policy.
pub fn uses(roles: &[role::Role], arn: &str) -> Uses {
    Uses {
        attached: roles
            .iter()
            .filter(|r| r.attached.contains_key(arn))
            .count(),
        boundary: roles
            .iter()
            .filter(|r| r.boundary.as_deref() == Some(arn))
            .count(),
    }
}

/// ARNs and tags of the account's own policies.
pub fn tagged(txn: &mut Txn) -> Result<Vec<(String, Tags)>, StoreError> {
    let policies = listed(txn)?;
    Ok(policies.into_iter().map(|p| (p.arn, p.tags)).collect())
}

/// Checks a managed policy's document and its size.
pub fn checked_document(call: &Call<'_>) -> Result<String, ApiError> {
    let text = role::required_document(call, "PolicyDocument")?;
    document::check_identity(&text)?;
    if document::size(&text) > SIZE_QUOTA {
        return Err(quota("PolicySize", SIZE_QUOTA));
    }
    Ok(text)
}

/// CreatePolicy.
pub fn create(call: &mut Call<'_>) -> Reply {
    let name = call.str("PolicyName").unwrap_or_default().to_owned();
    let tags = tagging::sent(call)?;
    let document = checked_document(call)?;
    if call.txn.get(KIND, &ids::key(&name))?.is_some() {
        return Err(already_exists(format!(
            "A policy called {name} already exists. Duplicate names are not allowed."
        )));
    }
    let path = call.str("Path").unwrap_or("/").to_owned();
    let now = role::whole_seconds(call.now);
    let policy = Policy {
        id: ids::unique(call.txn, "ANPA")?,
        arn: call.arn("iam", &format!("policy{path}{name}")),
        description: call.str("Description").map(str::to_owned),
        created: now,
        updated: now,
        default: 1,
        next: 2,
        versions: vec![Version {
            number: 1,
            document,
            created: now,
        }],
        name,
        path,
        tags,
    };
    save(call.txn, &policy)?;
    let mut view = policy.brief(Uses::default());
    with_tags(&mut view, &policy);
    Ok(json!({ "Policy": view }))
}

/// GetPolicy.
pub fn get(call: &mut Call<'_>) -> Reply {
    let policy = named(call)?;
    let roles = role::all(call.txn)?;
    let mut view = policy.brief(uses(&roles, &policy.arn));
    if let Some(description) = &policy.description {
        view["Description"] = description.as_str().into();
    }
    // GetPolicy alone sends an empty list where there is no tag.
    view["Tags"] = tags::to_list(&policy.tags);
    Ok(json!({ "Policy": view }))
}

/// ListPolicies.
pub fn list(call: &mut Call<'_>) -> Reply {
    let scope = call.str("Scope").unwrap_or("All").to_owned();
    let mut policies = Vec::new();
    if scope != "AWS" {
        policies.extend(listed(call.txn)?);
    }
    if scope != "Local" {
        policies.extend(aws_managed::all());
    }
    let roles = role::listed(call.txn)?;
    let only_attached = call.bool("OnlyAttached").unwrap_or(false);
    let usage = call.str("PolicyUsageFilter");
    let wanted = |uses: &Uses| match usage {
        Some("PermissionsBoundary") => uses.boundary > 0,
        Some(_) => uses.attached > 0,
        None => !only_attached || uses.attached > 0,
    };
    let items = policies
        .iter()
        .filter(|policy| lists::under_prefix(call, &policy.path))
        .map(|policy| (policy, uses(&roles, &policy.arn)))
        .filter(|(_, uses)| wanted(uses))
        .map(|(policy, uses)| {
            let key = format!("{}{}", u8::from(policy.is_aws()), policy.arn);
            (key, policy.brief(uses))
        })
        .collect();
    lists::reply(call, "Policies", items)
}

/// DeletePolicy.
pub fn delete(call: &mut Call<'_>) -> Reply {
    let policy = owned(call, "iam:DeletePolicy")?;
    let uses = uses(&role::all(call.txn)?, &policy.arn);
    if uses.attached + uses.boundary > 0 {
        return Err(delete_conflict(
            "Cannot delete a policy attached to entities.",
        ));
    }
    if policy.versions.len() > 1 {
        return Err(delete_conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
        ));
    }
    call.txn.delete(KIND, &ids::key(&policy.name))?;
    Ok(json!({}))
}

fn with_tags(view: &mut Value, policy: &Policy) {
    if !policy.tags.is_empty() {
        view["Tags"] = tags::to_list(&policy.tags);
    }
}
