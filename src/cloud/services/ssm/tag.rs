//! Tags of parameters.

use serde_json::json;

use super::find;
use super::parameter::{KIND, Parameter, fail};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::record;
use crate::cloud::services::tags::{self, Alphabet, TagProblem, TagRules, Tags};
use crate::cloud::store::Txn;

const RULES: TagRules = TagRules::with(Alphabet::Common);

fn refused(problem: &TagProblem) -> ApiError {
    match problem {
        TagProblem::TooMany { .. } => fail("TooManyTagsError", problem.to_string()),
        _ => fail("ValidationException", problem.to_string()),
    }
}

/// The request's Tags, checked.
pub fn given(call: &Call<'_>) -> Result<Tags, ApiError> {
    let pairs = tags::pairs(call.list("Tags"), "Key", "Value");
    tags::check_sent(&RULES, pairs.iter().map(|(k, v)| (k.as_str(), v.as_str())))
        .map_err(|problem| refused(&problem))?;
    Ok(pairs.into_iter().collect())
}

/// The parameter of a tagging request.
fn wanted(call: &mut Call<'_>) -> Result<Parameter, ApiError> {
    let kind = call.str("ResourceType").unwrap_or_default();
    if kind != "Parameter" {
        return Err(ApiError::not_implemented(format!(
            "tags of the resource type {kind}"
        )));
    }
    let name = call.str("ResourceId").unwrap_or_default().to_owned();
    let found = find::own_named(call, &name)?;
    found.ok_or_else(|| {
        fail(
            "InvalidResourceId",
            "The resource ID is not valid. Verify that you entered the correct ID and try again.",
        )
    })
}

/// AddTagsToResource.
pub fn add(call: &mut Call<'_>) -> Reply {
    let mut parameter = wanted(call)?;
    parameter.tags.extend(given(call)?);
    tags::check_count(&RULES, parameter.tags.len()).map_err(|problem| refused(&problem))?;
    parameter.save(call)?;
    Ok(json!({}))
}

/// RemoveTagsFromResource.
pub fn remove(call: &mut Call<'_>) -> Reply {
    let mut parameter = wanted(call)?;
    for key in call.strings("TagKeys") {
        parameter.tags.remove(&key);
    }
    parameter.save(call)?;
    Ok(json!({}))
}

/// ListTagsForResource.
pub fn list(call: &mut Call<'_>) -> Reply {
    Ok(json!({ "TagList": tags::to_list(&wanted(call)?.tags) }))
}

/// The ARNs and tags of the region's parameters, for the Resource Groups Tagging API.
///
/// # Errors
/// `InternalFailure` when the store fails.
pub fn tagged(txn: &mut Txn, region: &str) -> Result<Vec<(String, Tags)>, ApiError> {
    let all: Vec<Parameter> = record::scan(txn, KIND, &format!("{region}/"))?;
    Ok(all
        .into_iter()
        .map(|parameter| (parameter.arn, parameter.tags))
        .collect())
}
