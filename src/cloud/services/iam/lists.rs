//! Pages in IAM's form: `Marker`, `MaxItems`, `IsTruncated`.

use serde_json::{Map, Value};

use super::errors::validation;
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::paging;

/// Items of a page where the caller does not say.
const DEFAULT_ITEMS: usize = 100;

/// The most items a page can have.
const MAX_ITEMS: usize = 1000;

/// The reply of a list operation: one page of `items` (keys unique, any order) under `member`.
pub fn reply(call: &Call<'_>, member: &str, items: Vec<(String, Value)>) -> Reply {
    let (page, mut reply) = page(call, items)?;
    let values = page.into_iter().map(|(_, value)| value).collect();
    reply.insert(member.to_owned(), Value::Array(values));
    Ok(Value::Object(reply))
}

/// One page of keyed items, and the reply's paging members.
pub type Page<T> = (Vec<(String, T)>, Map<String, Value>);

/// One page of `items` (keys unique, any order).
pub fn page<T>(call: &Call<'_>, mut items: Vec<(String, T)>) -> Result<Page<T>, ApiError> {
    items.sort_by(|a, b| a.0.cmp(&b.0));
    let limit = paging::limit(call.int("MaxItems"), DEFAULT_ITEMS, MAX_ITEMS);
    let page = paging::page(items, call.str("Marker"), limit)
        .map_err(|_| validation("Invalid Marker."))?;
    let mut reply = Map::new();
    reply.insert("IsTruncated".into(), page.next.is_some().into());
    if let Some(marker) = page.next {
        reply.insert("Marker".into(), marker.into());
    }
    Ok((page.items, reply))
}

/// Whether a thing's path lies under the request's `PathPrefix`.
pub fn under_prefix(call: &Call<'_>, path: &str) -> bool {
    path.starts_with(call.str("PathPrefix").unwrap_or("/"))
}
