//! The policy of a cluster, for callers from other accounts.

use serde_json::{Value, json};

use super::cluster::{self, bad, version_token};
use crate::cloud::services::call::{Call, Reply};

/// PutClusterPolicy: the first one without a version, each later one with the current one.
pub fn put(call: &mut Call<'_>) -> Reply {
    let mut cluster = cluster::wanted(call)?;
    let text = call.str("Policy").unwrap_or_default().to_owned();
    let document: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
    if !document["Statement"].is_array() && !document["Statement"].is_object() {
        return Err(bad(
            "policy",
            "The policy is not a valid JSON policy document.",
        ));
    }
    let count = match (&cluster.policy, call.str("CurrentVersion")) {
        (None, _) => 1,
        (Some(_), None) => {
            return Err(bad(
                "currentVersion",
                "Current cluster policy version needed for Update",
            ));
        }
        (Some((_, count)), Some(version)) if version == token(&cluster.uuid, *count) => count + 1,
        (Some(_), Some(_)) => {
            return Err(bad(
                "currentVersion",
                "The version of the cluster policy isn't current. Check the current version and \
                 try again.",
            ));
        }
    };
    cluster.policy = Some((text, count));
    cluster.save(call.txn, call.region)?;
    Ok(json!({ "CurrentVersion": token(&cluster.uuid, count) }))
}

fn token(uuid: &str, count: u64) -> String {
    version_token(&format!("{uuid}/policy"), count)
}

/// GetClusterPolicy.
pub fn get(call: &mut Call<'_>) -> Reply {
    let cluster = cluster::wanted(call)?;
    match &cluster.policy {
        Some((text, count)) => Ok(json!({
            "CurrentVersion": token(&cluster.uuid, *count),
            "Policy": text,
        })),
        None => Err(cluster::not_found("clusterArn")),
    }
}

/// DeleteClusterPolicy.
pub fn delete(call: &mut Call<'_>) -> Reply {
    let mut cluster = cluster::wanted(call)?;
    if cluster.policy.take().is_none() {
        return Err(cluster::not_found("clusterArn"));
    }
    cluster.save(call.txn, call.region)?;
    Ok(json!({}))
}
