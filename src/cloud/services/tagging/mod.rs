//! The Resource Groups Tagging API: one view of the tags of every service in a region.
//!
//! It holds nothing itself. [`sources`] asks each service for what it has tagged; the view
//! trails behind when the `tags_lag` fault is on, and then also shows what was tagged once.
//! Writing tags ([`write`]) calls the owner's own operation. IAM's roles are not covered, as at
//! AWS.

mod read;
mod sources;
mod write;

use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Handler, Service, no_seed};

/// The service's operations.
pub static SERVICE: Service = Service {
    name: "resourcegroupstaggingapi",
    operations: OPERATIONS,
    validation_code: "InvalidParameterException",
    seed: no_seed,
};

const OPERATIONS: &[(&str, Handler)] = &[
    ("GetResources", read::get_resources),
    ("GetTagKeys", read::get_tag_keys),
    ("GetTagValues", read::get_tag_values),
    ("TagResources", write::tag_resources),
    ("UntagResources", write::untag_resources),
];

/// InvalidParameterException.
fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterException", 400, message)
}
