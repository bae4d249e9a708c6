//! What the Describe operations of instances have in common: ids, and pages of five at least.

use serde_json::Value;

use super::super::describe::by_ids;
use super::super::errors::{combination, error, invalid_value};
use super::super::things::INSTANCE;
use super::view::Attached;
use crate::cloud::error::ApiError;
use crate::cloud::services::call::Call;
use crate::cloud::services::paging;
use crate::cloud::store::StoreError;

/// Instances a page can have, at least and at most.
const PAGE: [i64; 2] = [5, 1000];

/// The instances that a call names, or all, as lists show them.
pub fn named(call: &mut Call<'_>) -> Result<Vec<Value>, ApiError> {
    let ids = call.strings("InstanceIds");
    if !ids.is_empty() && call.has("MaxResults") {
        return Err(combination(
            "The parameter instancesSet cannot be used with the parameter maxResults",
        ));
    }
    match ids.is_empty() {
        true => Ok(INSTANCE.listed(call.txn, call.region)?),
        false => by_ids(call, &INSTANCE, &ids),
    }
}

/// What is attached to the instances that a call names, or to all, as lists show it.
pub fn attached(call: &mut Call<'_>) -> Result<Attached, StoreError> {
    let ids = call.strings("InstanceIds");
    match ids.is_empty() {
        true => Attached::listed(call.txn, call.region),
        false => Attached::of_instances(call.txn, call.region, ids.iter().map(String::as_str)),
    }
}

/// How many instances a page may have.
pub fn limit(call: &Call<'_>) -> Result<usize, ApiError> {
    let [least, most] = PAGE;
    match call.int("MaxResults") {
        Some(asked) if asked < least => Err(invalid_value(format!(
            "Value ( {asked} ) for parameter maxResults is invalid. Expecting a value greater than {least}."
        ))),
        asked => {
            let most = usize::try_from(most).unwrap_or(usize::MAX);
            Ok(paging::limit(asked, most, most))
        }
    }
}

/// One page of keyed items, by key, and the token of the next.
pub fn page(
    call: &Call<'_>,
    mut items: Vec<(String, Value)>,
) -> Result<(Vec<Value>, Option<String>), ApiError> {
    items.sort_by(|a, b| a.0.cmp(&b.0));
    let page = paging::page(items, call.str("NextToken"), limit(call)?)
        .map_err(|_| error("InvalidNextToken", "The specified NextToken is not valid."))?;
    let next = page.next.clone();
    Ok((page.into_values(), next))
}
