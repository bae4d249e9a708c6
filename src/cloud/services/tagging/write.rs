//! TagResources and UntagResources: each resource is tagged by its own service's operation.

use serde_json::{Map, Value, json};

use super::invalid;
use crate::cloud::error::ApiError;
use crate::cloud::services::arn::Arn;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::service;
use crate::cloud::services::tags::{self, Tags};

/// What is to be done to one resource.
enum Change {
    Add(Tags),
    Remove(Vec<String>),
}

/// TagResources: what fails is listed, not an error.
pub fn tag_resources(call: &mut Call<'_>) -> Reply {
    let change = Change::Add(tags::from_map(call.input.get("Tags")));
    all(call, &change)
}

/// UntagResources.
pub fn untag_resources(call: &mut Call<'_>) -> Reply {
    let change = Change::Remove(call.strings("TagKeys"));
    all(call, &change)
}

fn all(call: &mut Call<'_>, change: &Change) -> Reply {
    let mut failed = Map::new();
    for arn in call.strings("ResourceARNList") {
        if let Err(error) = one(call, &arn, change) {
            let code = match error.status {
                500.. => "InternalServiceException",
                _ => "InvalidParameterException",
            };
            let entry = json!({
                "StatusCode": error.status,
                "ErrorCode": code,
                "ErrorMessage": error.message,
            });
            failed.insert(arn, entry);
        }
    }
    Ok(json!({ "FailedResourcesMap": failed }))
}

fn one(call: &mut Call<'_>, arn: &str, change: &Change) -> Result<(), ApiError> {
    let parsed = Arn::parse(arn).ok_or_else(|| invalid(format!("{arn} is not an ARN.")))?;
    if !["", call.region].contains(&parsed.region) {
        return Err(invalid(format!(
            "{arn} is not in the region {}.",
            call.region
        )));
    }
    if parsed.service == "s3" {
        return bucket(call, parsed.resource, change);
    }
    let (service, operation, input) = request(&parsed, arn, change)?;
    perform(call, service, operation, input).map(drop)
}

/// The owner's operation and its input.
fn request(
    parsed: &Arn<'_>,
    arn: &str,
    change: &Change,
) -> Result<(&'static str, &'static str, Value), ApiError> {
    let (adds, mut input) = match change {
        Change::Add(tags) => (true, json!({ "Tags": tags::to_list(tags) })),
        Change::Remove(keys) => (false, json!({ "TagKeys": keys })),
    };
    let pick = |add, remove| if adds { add } else { remove };
    let name = parsed
        .resource
        .split_once('/')
        .map_or(parsed.resource, |(_, name)| name);
    Ok(match parsed.service {
        "kafka" | "kinesis" => {
            if let Change::Add(tags) = change {
                input["Tags"] = tags::to_map(tags);
            }
            input["ResourceArn"] = arn.into();
            input["ResourceARN"] = arn.into();
            let service = if parsed.service == "kafka" {
                "kafka"
            } else {
                "kinesis"
            };
            (service, pick("TagResource", "UntagResource"), input)
        }
        "logs" if parsed.resource.starts_with("log-group:") => {
            let input = match change {
                Change::Add(tags) => json!({ "resourceArn": arn, "tags": tags::to_map(tags) }),
                Change::Remove(keys) => json!({ "resourceArn": arn, "tagKeys": keys }),
            };
            ("logs", pick("TagResource", "UntagResource"), input)
        }
        "secretsmanager" => {
            input["SecretId"] = arn.into();
            (
                "secretsmanager",
                pick("TagResource", "UntagResource"),
                input,
            )
        }
        "ssm" if parsed.resource.starts_with("parameter/") => {
            input["ResourceType"] = "Parameter".into();
            input["ResourceId"] = arn.into();
            (
                "ssm",
                pick("AddTagsToResource", "RemoveTagsFromResource"),
                input,
            )
        }
        "ec2" => {
            input["Resources"] = json!([name]);
            if let Change::Remove(keys) = change {
                input["Tags"] = keys.iter().map(|key| json!({ "Key": key })).collect();
            }
            ("ec2", pick("CreateTags", "DeleteTags"), input)
        }
        "iam" if parsed.resource.starts_with("instance-profile/") => {
            input["InstanceProfileName"] = name.rsplit('/').next().unwrap_or(name).into();
            (
                "iam",
                pick("TagInstanceProfile", "UntagInstanceProfile"),
                input,
            )
        }
        "iam" if parsed.resource.starts_with("policy/") => {
            input["PolicyArn"] = arn.into();
            ("iam", pick("TagPolicy", "UntagPolicy"), input)
        }
        _ => {
            return Err(invalid(format!(
                "{arn} is of a type that this API does not support."
            )));
        }
    })
}

/// A bucket's tags are one document: read, changed, written.
fn bucket(call: &mut Call<'_>, name: &str, change: &Change) -> Result<(), ApiError> {
    let held = match perform(call, "s3", "GetBucketTagging", json!({ "Bucket": name })) {
        Ok(reply) => reply["TagSet"].as_array().cloned().unwrap_or_default(),
        Err(error) if error.code == "NoSuchTagSet" => Vec::new(),
        Err(error) => return Err(error),
    };
    let mut all = tags::from_list(&held);
    match change {
        Change::Add(tags) => all.extend(tags.clone()),
        Change::Remove(keys) => all.retain(|key, _| !keys.contains(key)),
    }
    if all.is_empty() {
        return perform(call, "s3", "DeleteBucketTagging", json!({ "Bucket": name })).map(drop);
    }
    let tagging = json!({ "TagSet": tags::to_list(&all) });
    let input = json!({ "Bucket": name, "Tagging": tagging });
    perform(call, "s3", "PutBucketTagging", input).map(drop)
}

/// Calls another service's operation in this call's transaction.
fn perform(
    call: &mut Call<'_>,
    name: &'static str,
    operation: &'static str,
    input: Value,
) -> Reply {
    let handler = service(name)
        .and_then(|service| service.handler(operation))
        .ok_or_else(|| ApiError::not_implemented(format!("{operation} of {name}")))?;
    let mut inner = Call {
        service: name,
        operation,
        input,
        body: Default::default(),
        headers: call.headers,
        account: call.account,
        region: call.region,
        principal_arn: call.principal_arn,
        now: call.now,
        time_scale: call.time_scale,
        request_id: call.request_id,
        txn: call.txn,
        failure: None,
        reply_body: None,
        reply_status: None,
    };
    handler(&mut inner)
}
