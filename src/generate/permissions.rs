//! The IAM actions that a type's calls need, and what the registry adds.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::aws_model::{Model, RegistryType};

use super::spec::{Action, Call, Discovery, Spec, TagChange};

/// Operations of S3 whose IAM actions have other names than they (S3's user guide, "Required
/// permissions for Amazon S3 API operations").
const OF_S3: [(&str, &[&str]); 22] = [
    ("CreateBucket", &["CreateBucket", "TagResource"]),
    ("DeleteBucketCors", &["PutBucketCORS"]),
    ("DeleteBucketEncryption", &["PutEncryptionConfiguration"]),
    ("DeleteBucketLifecycle", &["PutLifecycleConfiguration"]),
    ("DeleteBucketTagging", &["PutBucketTagging"]),
    ("DeleteObjects", &["DeleteObject", "DeleteObjectVersion"]),
    ("DeletePublicAccessBlock", &["PutBucketPublicAccessBlock"]),
    ("GetBucketCors", &["GetBucketCORS"]),
    ("GetBucketEncryption", &["GetEncryptionConfiguration"]),
    (
        "GetBucketLifecycleConfiguration",
        &["GetLifecycleConfiguration"],
    ),
    ("GetPublicAccessBlock", &["GetBucketPublicAccessBlock"]),
    ("HeadBucket", &["ListBucket"]),
    ("HeadObject", &["GetObject"]),
    ("ListBuckets", &["ListAllMyBuckets"]),
    ("ListMultipartUploads", &["ListBucketMultipartUploads"]),
    ("ListObjectVersions", &["ListBucketVersions"]),
    ("ListObjectsV2", &["ListBucket"]),
    ("PutBucketCors", &["PutBucketCORS"]),
    ("PutBucketEncryption", &["PutEncryptionConfiguration"]),
    (
        "PutBucketLifecycleConfiguration",
        &["PutLifecycleConfiguration"],
    ),
    ("PutObject", &["PutObject", "PutObjectTagging"]),
    ("PutPublicAccessBlock", &["PutBucketPublicAccessBlock"]),
];

/// The rows of the permissions table: what for, and the actions.
pub(super) fn rows(spec: &Spec, model: &Model) -> Vec<Value> {
    let reads = spec.reads.iter().map(|read| &read.call);
    let plan: Vec<&Call> = reads
        .chain(spec.list.iter().map(|list| &list.call))
        .collect();
    let mut create: Vec<&Call> = spec.create.iter().map(|create| &create.call).collect();
    // Tags in the creating call take the permission to tag as well.
    if let Some(TagChange::Some { set, .. }) = spec.tags.as_ref().map(|tags| &tags.change) {
        create.extend(spec.create.iter().map(|_| set));
    }
    let mut update: Vec<&Call> = Vec::new();
    for each in &spec.updates {
        match &each.action {
            Action::Call(call) | Action::Steps { call, .. } => update.push(call),
            Action::Items(items) => {
                update.extend([&items.add, &items.remove]);
                update.extend(&items.change);
            }
            Action::Impossible(_) | Action::Replace | Action::Keep(_) => {}
        }
    }
    update.extend(spec.rest.iter().flat_map(|rest| [&rest.stop, &rest.start]));
    match spec.tags.as_ref().map(|tags| &tags.change) {
        Some(TagChange::Some { set, remove }) => update.extend([set, remove]),
        Some(TagChange::All(call)) => update.push(call),
        None => {}
    }
    let mut delete: Vec<&Call> = Vec::new();
    if let Some(each) = &spec.delete {
        delete.extend(each.before.iter().map(|(_, call)| call));
        delete.extend(
            each.empty
                .iter()
                .flat_map(|empty| [&empty.list, &empty.remove]),
        );
        delete.push(&each.call);
    }
    let kinds = [
        ("plan", plan),
        ("create", create),
        ("change", update),
        ("destroy", delete),
    ];
    let filled = kinds.into_iter().filter(|(_, calls)| !calls.is_empty());
    let row = |(what, calls): (&str, Vec<&Call>)| {
        let mut actions = actions(spec, model, &calls);
        if what == "plan" && matches!(spec.discovery, Discovery::TaggingApi(_)) {
            actions.insert("tag:GetResources".to_owned());
        }
        let parameters = spec
            .attributes
            .iter()
            .any(|(_, entry)| entry.parameter.is_some());
        if what == "plan" && parameters {
            actions.insert("ssm:GetParameter".to_owned());
        }
        json!({ "what": what, "actions": quoted(actions) })
    };
    filled.map(row).collect()
}

fn actions(spec: &Spec, model: &Model, calls: &[&Call]) -> BTreeSet<String> {
    let prefix = model.metadata.signing_name();
    let mut actions = BTreeSet::new();
    for call in calls {
        let name = call.operation.text.as_str();
        let own = OF_S3
            .iter()
            .find(|(operation, _)| spec.service.text == "s3" && *operation == name);
        let own = own.map_or(vec![name], |(_, actions)| actions.to_vec());
        actions.extend(own.into_iter().map(|action| format!("{prefix}:{action}")));
    }
    actions
}

/// The actions of other services that the registry's handlers need for some of the attributes.
pub(super) fn of_others(model: &Model, registry: Option<&RegistryType>) -> String {
    let own = format!("{}:", model.metadata.signing_name());
    let handlers = registry
        .iter()
        .flat_map(|registry| registry.handlers.values());
    let all = handlers.flat_map(|handler| handler.permissions.iter().cloned());
    quoted(all.filter(|action| !action.starts_with(&own)).collect())
}

fn quoted(actions: BTreeSet<String>) -> String {
    let quoted: Vec<String> = actions
        .into_iter()
        .map(|action| format!("`{action}`"))
        .collect();
    quoted.join(", ")
}
