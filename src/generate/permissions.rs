//! The IAM actions that a type's calls need, and what the registry adds.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::aws_model::{Model, RegistryType};

use super::calls::Purpose;
use super::fields::Name;
use super::spec::{Call, Discovery, Spec};
use super::{Checked, plan_calls};

/// Operations whose IAM actions are not just their own name: service, operation, actions (S3's user guide, "Required
/// permissions for Amazon S3 API operations"; IAM's API reference).
const ACTIONS: [(&str, &str, &[&str]); 23] = [
    // Whoever gives a role away must be allowed to.
    (
        "iam",
        "AddRoleToInstanceProfile",
        &["AddRoleToInstanceProfile", "PassRole"],
    ),
    ("s3", "CreateBucket", &["CreateBucket", "TagResource"]),
    ("s3", "DeleteBucketCors", &["PutBucketCORS"]),
    (
        "s3",
        "DeleteBucketEncryption",
        &["PutEncryptionConfiguration"],
    ),
    (
        "s3",
        "DeleteBucketLifecycle",
        &["PutLifecycleConfiguration"],
    ),
    ("s3", "DeleteBucketTagging", &["PutBucketTagging"]),
    (
        "s3",
        "DeleteObjects",
        &["DeleteObject", "DeleteObjectVersion"],
    ),
    (
        "s3",
        "DeletePublicAccessBlock",
        &["PutBucketPublicAccessBlock"],
    ),
    ("s3", "GetBucketCors", &["GetBucketCORS"]),
    ("s3", "GetBucketEncryption", &["GetEncryptionConfiguration"]),
    (
        "s3",
        "GetBucketLifecycleConfiguration",
        &["GetLifecycleConfiguration"],
    ),
    (
        "s3",
        "GetPublicAccessBlock",
        &["GetBucketPublicAccessBlock"],
    ),
    ("s3", "HeadBucket", &["ListBucket"]),
    // Without the second, what is not there answers as what is forbidden.
    ("s3", "HeadObject", &["GetObject", "ListBucket"]),
    ("s3", "ListBuckets", &["ListAllMyBuckets"]),
    (
        "s3",
        "ListMultipartUploads",
        &["ListBucketMultipartUploads"],
    ),
    ("s3", "ListObjectVersions", &["ListBucketVersions"]),
    ("s3", "ListObjectsV2", &["ListBucket"]),
    ("s3", "PutBucketCors", &["PutBucketCORS"]),
    ("s3", "PutBucketEncryption", &["PutEncryptionConfiguration"]),
    (
        "s3",
        "PutBucketLifecycleConfiguration",
        &["PutLifecycleConfiguration"],
    ),
    ("s3", "PutObject", &["PutObject", "PutObjectTagging"]),
    (
        "s3",
        "PutPublicAccessBlock",
        &["PutBucketPublicAccessBlock"],
    ),
];

/// The rows of the permissions table: what for, and the actions.
pub(super) fn rows(spec: &Spec, types: &Types<'_>) -> Vec<Value> {
    let mut actions: BTreeMap<Purpose, BTreeSet<String>> = BTreeMap::new();
    let mut add = |purpose, actions_of| actions.entry(purpose).or_default().extend(actions_of);
    for (purpose, call) in spec.calls_for() {
        add(purpose, types.actions(spec, call));
    }
    if matches!(spec.discovery, Discovery::TaggingApi(_)) {
        add(Purpose::Plan, vec!["tag:GetResources".to_owned()]);
    }
    let mut attributes = spec.attributes.iter();
    if attributes.any(|(_, entry)| entry.parameter.is_some()) {
        add(Purpose::Plan, vec!["ssm:GetParameter".to_owned()]);
    }
    let within = spec.name_within.iter();
    let default = within.filter_map(|within| within.default.as_ref());
    for place in default.filter_map(|default| types.find(&default.type_name)) {
        let mut calls = place.calls_for();
        calls.retain(|(purpose, _)| *purpose == Purpose::Plan);
        for (_, call) in calls {
            add(Purpose::Plan, types.actions(place, call));
        }
    }
    let parent = spec.marks.as_ref().and_then(|own| types.find(&own.parent));
    if let Some(parent) = parent {
        let reads = plan_calls::strong(parent);
        let reads = reads.into_iter().map(|read| &read.call);
        let marking: Vec<&Call> = reads.chain(parent.tag_changes()).collect();
        for purpose in [Purpose::Create, Purpose::Change, Purpose::Destroy] {
            for call in &marking {
                add(purpose, types.actions(parent, call));
            }
        }
    }
    let row = |(purpose, actions)| json!({ "what": word(purpose), "actions": quoted(actions) });
    actions.into_iter().map(row).collect()
}

fn word(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Plan => "plan",
        Purpose::Create => "create",
        Purpose::Change => "change",
        Purpose::Destroy => "destroy",
    }
}

/// Every type, for what one type's calls have to do with another's.
#[derive(Clone, Copy)]
pub(super) struct Types<'a> {
    pub all: &'a [Checked],
    pub models: &'a BTreeMap<String, Model>,
}

impl<'a> Types<'a> {
    fn find(&self, name: &Name) -> Option<&'a Spec> {
        let mut all = self.all.iter().map(|checked| &checked.spec);
        all.find(|spec| spec.type_name.text == name.text)
    }

    /// The actions that a call of a type needs.
    fn actions(&self, spec: &Spec, call: &Call) -> Vec<String> {
        let prefix = self.models[&spec.service.text].metadata.signing_name();
        let name = call.operation.text.as_str();
        let service = spec.service.text.as_str();
        let mut known = ACTIONS.iter();
        let known = known.find(|(of, operation, _)| (*of, *operation) == (service, name));
        let own = known.map_or(vec![name], |(.., actions)| actions.to_vec());
        own.into_iter()
            .map(|action| format!("{prefix}:{action}"))
            .collect()
    }
}

/// The actions of other services that the registry's handlers need for some of the attributes.
pub(super) fn of_others(model: &Model, registry: Option<&RegistryType>) -> String {
    let own = model.metadata.signing_name();
    let handlers = registry
        .iter()
        .flat_map(|registry| registry.handlers.values());
    let all = handlers.flat_map(|handler| handler.permissions.iter().cloned());
    // The registry is careless about case, which does not count in actions.
    let foreign = |action: &String| {
        let service = action.split_once(':').map(|(service, _)| service);
        !service.is_some_and(|service| service.eq_ignore_ascii_case(own))
    };
    quoted(all.filter(foreign).collect())
}

fn quoted(actions: BTreeSet<String>) -> String {
    let quoted: Vec<String> = actions
        .into_iter()
        .map(|action| format!("`{action}`"))
        .collect();
    quoted.join(", ")
}
