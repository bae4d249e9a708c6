//! The managed policies of AWS that pipelines attach, made of a table (`aws_managed/table.rs`).

mod table;

use self::table::{Entry, TABLE};
use super::ids;
use super::managed_policy::{Policy, Version};
use crate::cloud::services::tags::Tags;

/// All of them were there when the account was opened: 2015-02-06T18:40:00Z.
const CREATED_MS: i64 = 1_423_248_000_000;

/// The ARN of one of AWS's policies.
pub fn arn(path: &str, name: &str) -> String {
    format!("arn:aws:iam::aws:policy{path}{name}")
}

/// The policy of this ARN.
pub fn find(wanted: &str) -> Option<Policy> {
    TABLE
        .iter()
        .find(|entry| arn(entry.path, entry.name) == wanted)
        .map(policy)
}

/// Every policy of the table.
pub fn all() -> impl Iterator<Item = Policy> {
    TABLE.iter().map(policy)
}

fn policy(entry: &Entry) -> Policy {
    let arn = arn(entry.path, entry.name);
    let document = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": entry.actions, "Resource": "*" }],
    });
    Policy {
        name: entry.name.to_owned(),
        id: ids::derived("ANPA", &arn),
        path: entry.path.to_owned(),
        description: Some(entry.description.to_owned()),
        created: CREATED_MS,
        updated: CREATED_MS,
        tags: Tags::new(),
        default: 1,
        next: 2,
        versions: vec![Version {
            number: 1,
            document: document.to_string(),
            created: CREATED_MS,
        }],
        arn,
    }
}
