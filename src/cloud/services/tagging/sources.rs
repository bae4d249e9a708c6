//! Where the tags come from: every service with taggable objects.

use serde_json::Value;

use crate::cloud::error::ApiError;
use crate::cloud::services::tags::{self, Tags};
use crate::cloud::services::{ec2, iam, kafka, kinesis, logs, s3, secretsmanager, ssm};
use crate::cloud::store::Txn;

/// What a service says of a region: ARNs and tags.
type Source = fn(&mut Txn, &str) -> Result<Vec<(String, Tags)>, ApiError>;

const SOURCES: &[Source] = &[
    |txn, region| Ok(ec2::tagged(txn, region)?),
    |txn, region| Ok(iam::tagged(txn, region)?),
    kafka::tagged,
    kinesis::tagged,
    logs::tagged,
    s3::tagged,
    secretsmanager::tagged,
    ssm::tagged,
];

/// Everything in the region that has tags, by ARN, as the API shows it: behind the writes when
/// tags lag.
pub fn shown(txn: &mut Txn, region: &str) -> Result<Vec<(String, Tags)>, ApiError> {
    let mut current: Vec<(String, Value)> = Vec::new();
    for source in SOURCES {
        let found = source(txn, region)?;
        let tagged = found.into_iter().filter(|(_, tags)| !tags.is_empty());
        current.extend(tagged.map(|(arn, tags)| (arn, tags::to_map(&tags))));
    }
    let mut shown: Vec<(String, Tags)> = txn
        .trailing(&format!("tags/{region}"), current)?
        .into_iter()
        .map(|(arn, tags)| (arn, tags::from_map(Some(&tags))))
        .collect();
    shown.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(shown)
}
