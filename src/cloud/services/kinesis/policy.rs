//! Resource policies of streams and consumers.

use serde_json::{Value, json};

use super::find_resource;
use super::stream::fail;
use super::tag::Resource;
use crate::cloud::services::call::{Call, Reply};

fn policy_mut(resource: &mut Resource) -> &mut Option<String> {
    match resource {
        Resource::Stream(stream) => &mut stream.policy,
        Resource::Consumer(consumer) => &mut consumer.policy,
    }
}

/// PutResourcePolicy.
pub fn put_resource_policy(call: &mut Call<'_>) -> Reply {
    let mut resource = find_resource(call)?;
    let policy = call.str("Policy").unwrap_or_default().to_owned();
    let document: Value = serde_json::from_str(&policy).unwrap_or(Value::Null);
    if !document["Statement"].is_array() && !document["Statement"].is_object() {
        return Err(fail(
            "InvalidArgumentException",
            "The policy is not a valid JSON policy document.",
        ));
    }
    *policy_mut(&mut resource) = Some(policy);
    resource.save(call)?;
    Ok(json!({}))
}

/// GetResourcePolicy.
pub fn get_resource_policy(call: &mut Call<'_>) -> Reply {
    let mut resource = find_resource(call)?;
    match policy_mut(&mut resource) {
        Some(policy) => Ok(json!({ "Policy": policy })),
        None => Err(absent(call)),
    }
}

/// DeleteResourcePolicy.
pub fn delete_resource_policy(call: &mut Call<'_>) -> Reply {
    let mut resource = find_resource(call)?;
    if policy_mut(&mut resource).take().is_none() {
        return Err(absent(call));
    }
    resource.save(call)?;
    Ok(json!({}))
}

fn absent(call: &Call<'_>) -> crate::cloud::error::ApiError {
    let arn = call.str("ResourceARN").unwrap_or_default();
    fail(
        "ResourceNotFoundException",
        format!("No resource policy found for the resource {arn}."),
    )
}
