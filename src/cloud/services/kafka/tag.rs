//! Tags of clusters; configurations have none.

use serde_json::json;

use super::cluster::{self, Cluster, bad};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::tags::{self, Alphabet, TagRules, Tags};
use crate::cloud::store::Txn;

const RULES: TagRules = TagRules::with(Alphabet::Any);

/// The request's Tags, checked.
pub fn given(call: &Call<'_>) -> Result<Tags, ApiError> {
    let given = tags::from_map(call.input.get("Tags"));
    let pairs = given
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()));
    tags::check_sent(&RULES, pairs).map_err(|problem| bad("tags", problem.to_string()))?;
    Ok(given)
}

fn wanted(call: &mut Call<'_>) -> Result<Cluster, ApiError> {
    let arn = call.str("ResourceArn").unwrap_or_default().to_owned();
    let found = cluster::find(call, &arn).map_err(|_| {
        bad(
            "resourceArn",
            "One or more of the parameters are not valid.",
        )
    })?;
    found.ok_or_else(|| cluster::not_found("resourceArn"))
}

/// TagResource.
pub fn tag(call: &mut Call<'_>) -> Reply {
    let mut cluster = wanted(call)?;
    cluster.tags.extend(given(call)?);
    tags::check_count(&RULES, cluster.tags.len())
        .map_err(|problem| bad("tags", problem.to_string()))?;
    cluster.save(call.txn, call.region)?;
    Ok(json!({}))
}

/// UntagResource.
pub fn untag(call: &mut Call<'_>) -> Reply {
    let mut cluster = wanted(call)?;
    for key in call.strings("TagKeys") {
        cluster.tags.remove(&key);
    }
    cluster.save(call.txn, call.region)?;
    Ok(json!({}))
}

/// ListTagsForResource.
pub fn list(call: &mut Call<'_>) -> Reply {
    Ok(json!({ "Tags": tags::to_map(&wanted(call)?.tags) }))
}

/// The ARNs and tags of the region's clusters, for the Resource Groups Tagging API.
///
/// # Errors
/// `InternalFailure` when the store fails.
pub fn tagged(txn: &mut Txn, region: &str) -> Result<Vec<(String, Tags)>, ApiError> {
    let clusters = cluster::all(txn, region)?;
    Ok(clusters
        .into_iter()
        .map(|cluster| (cluster.arn, cluster.tags))
        .collect())
}
