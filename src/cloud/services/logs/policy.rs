//! Resource policies: of the account by name, of a log group by its ARN with a revision.

use serde_json::{Value, json};

use super::group::{self, Group};
use super::{fail, invalid, page};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

/// Where they live, under `<region>/account/<name>` and `<region>/group/<its uid>`, as the API shows
/// them.
const KIND: &str = "logs.resource_policy";
/// How many an account has in a region at most.
const MOST: usize = 10;

/// PutResourcePolicy.
pub fn put(call: &mut Call<'_>) -> Reply {
    let document = call.str("policyDocument").unwrap_or_default().to_owned();
    let parsed: Option<Value> = serde_json::from_str(&document).ok();
    if parsed
        .is_none_or(|policy| !policy["Statement"].is_array() && !policy["Statement"].is_object())
    {
        return Err(invalid("PolicyDocument is not a valid JSON policy."));
    }
    let mut policy = json!({ "policyDocument": document, "lastUpdatedTime": call.now });
    if call.has("resourceArn") {
        let (arn, key) = resource(call)?;
        let revision = expected_revision(call, &key)?;
        let next = revision.map_or(0, |held| held.parse::<u64>().unwrap_or(0)) + 1;
        policy["policyScope"] = "RESOURCE".into();
        policy["resourceArn"] = arn.into();
        policy["revisionId"] = next.to_string().into();
        call.txn.put(KIND, &key, &policy)?;
        let revision = policy["revisionId"].clone();
        return Ok(json!({ "resourcePolicy": policy, "revisionId": revision }));
    }
    let Some(name) = call.str("policyName").map(str::to_owned) else {
        return Err(invalid(
            "Either policyName or resourceArn must be provided.",
        ));
    };
    let key = format!("{}/account/{name}", call.region);
    let held = call.txn.count(KIND, &format!("{}/account/", call.region))?;
    if held >= MOST && call.txn.get(KIND, &key)?.is_none() {
        return Err(fail("LimitExceededException", "Resource limit exceeded."));
    }
    policy["policyName"] = name.into();
    policy["policyScope"] = "ACCOUNT".into();
    call.txn.put(KIND, &key, &policy)?;
    Ok(json!({ "resourcePolicy": policy }))
}

/// The ARN of the request's log group, and the key of its policy.
fn resource(call: &mut Call<'_>) -> Result<(String, String), ApiError> {
    let identifier = call.str("resourceArn").unwrap_or_default().to_owned();
    let group = group::identified(call, &identifier)?;
    let key = of_group(call, &group);
    Ok((group.arn, key))
}

fn of_group(call: &Call<'_>, group: &Group) -> String {
    format!("{}/group/{}", call.region, group.uid)
}

/// Deletes the policy of a group that is deleted.
pub fn forget(call: &mut Call<'_>, group: &Group) -> Result<(), ApiError> {
    let key = of_group(call, group);
    call.txn.delete(KIND, &key)?;
    Ok(())
}

/// The revision of the policy that is there, which the request has to know.
fn expected_revision(call: &mut Call<'_>, key: &str) -> Result<Option<String>, ApiError> {
    let held = call.txn.get(KIND, key)?;
    let held = held.and_then(|held| held["revisionId"].as_str().map(str::to_owned));
    let expected = call.str("expectedRevisionId");
    if held.as_deref() != expected {
        return Err(invalid(
            "The expectedRevisionId is not that of the resource's current policy.",
        ));
    }
    Ok(held)
}

/// DescribeResourcePolicies: the account's, or with an ARN or the scope RESOURCE those of groups.
pub fn describe(call: &mut Call<'_>) -> Reply {
    let prefix = if call.has("resourceArn") {
        resource(call)?.1
    } else if call.str("policyScope") == Some("RESOURCE") {
        return Err(invalid(
            "resourceArn must be provided for the policy scope RESOURCE.",
        ));
    } else {
        format!("{}/account/", call.region)
    };
    let items = call.txn.list(KIND, &prefix)?;
    let (policies, next) = page(call, items, 50)?;
    Ok(json!({ "resourcePolicies": policies, "nextToken": next }))
}

/// DeleteResourcePolicy.
pub fn delete(call: &mut Call<'_>) -> Reply {
    let key = if call.has("resourceArn") {
        let (_, key) = resource(call)?;
        if call.txn.get(KIND, &key)?.is_some() {
            expected_revision(call, &key)?;
        }
        key
    } else {
        let name = call.str("policyName").unwrap_or_default();
        format!("{}/account/{name}", call.region)
    };
    if !call.txn.delete(KIND, &key)? {
        let name = call.str("policyName").unwrap_or_default();
        return Err(fail(
            "ResourceNotFoundException",
            format!("Policy with name [{name}] does not exist"),
        ));
    }
    Ok(json!({}))
}
