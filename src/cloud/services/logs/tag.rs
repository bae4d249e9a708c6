//! Tags of log groups, by the older operations (by name) and the newer (by ARN).

use serde_json::{Value, json};

use super::group::{self, Group};
use super::{fail, invalid};
use crate::cloud::error::ApiError;
use crate::cloud::services::arn::Arn;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::tags::{self, Alphabet, TagProblem, TagRules, Tags};

const RULES: TagRules = TagRules::with(Alphabet::Common);

/// The request's tags, checked.
pub fn given(call: &Call<'_>) -> Result<Tags, ApiError> {
    let given = tags::from_map(call.input.get("tags"));
    let pairs = given.iter().map(|(k, v)| (k.as_str(), v.as_str()));
    tags::check_sent(&RULES, pairs).map_err(|problem| invalid(problem.to_string()))?;
    Ok(given)
}

/// The group that the request's `resourceArn` names: this API's ARNs have no `:*`.
fn by_arn(call: &mut Call<'_>) -> Result<Group, ApiError> {
    let arn = call.str("resourceArn").unwrap_or_default().to_owned();
    let parsed = Arn::parse(&arn).filter(|arn| arn.service == "logs");
    match parsed.map(|parsed| parsed.resource) {
        Some(resource) if resource.starts_with("log-group:") => group::identified(call, &arn),
        Some(resource) if resource.starts_with("destination:") => {
            Err(ApiError::not_implemented("tags of destinations"))
        }
        _ => Err(invalid(format!("{arn} is not a valid ARN of a log group."))),
    }
}

fn add(call: &mut Call<'_>, mut group: Group, too_many: &str) -> Reply {
    group.tags.extend(given(call)?);
    tags::check_count(&RULES, group.tags.len()).map_err(|problem| match problem {
        TagProblem::TooMany { .. } => fail(too_many, problem.to_string()),
        other => invalid(other.to_string()),
    })?;
    group.save(call)?;
    Ok(json!({}))
}

fn remove(call: &mut Call<'_>, mut group: Group, keys: &[String]) -> Reply {
    group.tags.retain(|key, _| !keys.contains(key));
    group.save(call)?;
    Ok(json!({}))
}

fn shown(group: &Group) -> Value {
    json!({ "tags": tags::to_map(&group.tags) })
}

/// TagResource.
pub fn add_by_arn(call: &mut Call<'_>) -> Reply {
    let group = by_arn(call)?;
    add(call, group, "TooManyTagsException")
}

/// TagLogGroup.
pub fn add_by_name(call: &mut Call<'_>) -> Reply {
    let group = group::wanted(call)?;
    add(call, group, "InvalidParameterException")
}

/// UntagResource; a key that is not there is no error.
pub fn remove_by_arn(call: &mut Call<'_>) -> Reply {
    let group = by_arn(call)?;
    let keys = call.strings("tagKeys");
    remove(call, group, &keys)
}

/// UntagLogGroup.
pub fn remove_by_name(call: &mut Call<'_>) -> Reply {
    let group = group::wanted(call)?;
    let keys = call.strings("tags");
    remove(call, group, &keys)
}

/// ListTagsForResource.
pub fn list_by_arn(call: &mut Call<'_>) -> Reply {
    Ok(shown(&by_arn(call)?))
}

/// ListTagsLogGroup.
pub fn list_by_name(call: &mut Call<'_>) -> Reply {
    Ok(shown(&group::wanted(call)?))
}
