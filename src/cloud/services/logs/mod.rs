//! Amazon CloudWatch Logs: log groups, their streams and events, filters, resource policies.
//!
//! A group ([`group`]) and a stream ([`stream`]) are records; so is every event ([`put`]), under its
//! stream and in the order of its time, so that reading ([`read`]) is a walk over keys. What belongs
//! to a group is kept under the group's own id, so that a group of the same name made later is empty.
//! Subscriptions ([`subscription`]) hand new events on to Kinesis at once; metric filters are kept,
//! and metrics, which belong to CloudWatch, are not modelled.

mod find;
mod group;
mod metric_filter;
mod pattern;
mod policy;
mod put;
mod read;
mod settings;
mod stream;
mod subscription;
mod tag;

use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Handler, Service, no_seed};
use crate::cloud::services::paging::{self, BadToken, Page};
use crate::cloud::services::tags::Tags;
use crate::cloud::store::Txn;

/// The service's operations.
pub static SERVICE: Service = Service {
    name: "logs",
    operations: OPERATIONS,
    validation_code: "InvalidParameterException",
    seed: no_seed,
};

const OPERATIONS: &[(&str, Handler)] = &[
    ("AssociateKmsKey", settings::associate_key),
    ("CreateLogGroup", group::create),
    ("CreateLogStream", stream::create),
    ("DeleteLogGroup", group::delete),
    ("DeleteLogStream", stream::delete),
    ("DeleteMetricFilter", metric_filter::delete),
    ("DeleteResourcePolicy", policy::delete),
    ("DeleteRetentionPolicy", settings::delete_retention),
    ("DeleteSubscriptionFilter", subscription::delete),
    ("DescribeLogGroups", find::describe),
    ("DescribeLogStreams", stream::describe),
    ("DescribeMetricFilters", metric_filter::describe),
    ("DescribeResourcePolicies", policy::describe),
    ("DescribeSubscriptionFilters", subscription::describe),
    ("DisassociateKmsKey", settings::disassociate_key),
    ("FilterLogEvents", read::filter),
    ("GetLogEvents", read::get),
    ("ListLogGroups", find::list),
    ("ListTagsForResource", tag::list_by_arn),
    ("ListTagsLogGroup", tag::list_by_name),
    ("PutLogEvents", put::put),
    ("PutLogGroupDeletionProtection", settings::protect),
    ("PutMetricFilter", metric_filter::put),
    ("PutResourcePolicy", policy::put),
    ("PutRetentionPolicy", settings::put_retention),
    ("PutSubscriptionFilter", subscription::put),
    ("TagLogGroup", tag::add_by_name),
    ("TagResource", tag::add_by_arn),
    ("UntagLogGroup", tag::remove_by_name),
    ("UntagResource", tag::remove_by_arn),
];

/// An error of this service: its codes all have the status 400.
fn fail(code: &str, message: impl Into<String>) -> ApiError {
    ApiError::new(code, 400, message)
}

/// InvalidParameterException.
fn invalid(message: impl Into<String>) -> ApiError {
    fail("InvalidParameterException", message)
}

/// ResourceNotFoundException for a log group, a log stream, a filter.
fn absent(what: &str) -> ApiError {
    fail(
        "ResourceNotFoundException",
        format!("The specified {what} does not exist."),
    )
}

/// Items of a page, and the next token.
type Paged<T> = Result<(Vec<T>, Option<String>), ApiError>;

/// The page of a request with `nextToken` and `limit`.
fn page<T>(call: &Call<'_>, items: Vec<(String, T)>, most: usize) -> Paged<T> {
    let limit = paging::limit(call.int("limit"), 50, most);
    told(paging::page(items, call.str("nextToken"), limit))
}

/// The same from the end on.
fn page_back<T>(call: &Call<'_>, items: Vec<(String, T)>, most: usize) -> Paged<T> {
    let limit = paging::limit(call.int("limit"), 50, most);
    told(paging::page_back(items, call.str("nextToken"), limit))
}

fn told<T>(page: Result<Page<T>, BadToken>) -> Paged<T> {
    let page = page.map_err(|_| invalid("The specified nextToken is invalid."))?;
    let next = page.next.clone();
    Ok((page.into_values(), next))
}

/// The ARNs and tags of the region's log groups, for the Resource Groups Tagging API.
///
/// # Errors
/// `InternalFailure` when the store fails.
pub fn tagged(txn: &mut Txn, region: &str) -> Result<Vec<(String, Tags)>, ApiError> {
    let groups = group::all(txn, region)?;
    Ok(groups.into_iter().map(|g| (g.arn, g.tags)).collect())
}
