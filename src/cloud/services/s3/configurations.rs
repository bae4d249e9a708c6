//! The four kinds of settings of which a bucket can have many, each under an id: analytics,
//! intelligent tiering, inventory, metrics. They are kept and given back; nothing is measured.
//!
//! Their operations differ by name only, so the operation's name says which kind is meant.

use serde_json::{Map, Value, json};

use super::bucket;
use super::errors;
use super::settings::{sent, text};
use crate::cloud::error::ApiError;
use crate::cloud::services::{Call, Reply, paging};

/// Configurations a page.
const PAGE: usize = 100;

const KINDS: [&str; 4] = ["Analytics", "IntelligentTiering", "Inventory", "Metrics"];

/// The member (and the setting's key) that holds one configuration of the call's kind.
fn member(call: &Call<'_>) -> String {
    let kind = KINDS.iter().find(|kind| call.operation.contains(*kind));
    format!("{}Configuration", kind.copied().unwrap_or_default())
}

fn absent(bucket: &str) -> ApiError {
    errors::not_set(
        "NoSuchConfiguration",
        "The specified configuration does not exist.",
        bucket,
    )
}

/// PutBucket…Configuration: makes or replaces one.
pub(super) fn put(call: &mut Call<'_>) -> Reply {
    let member = member(call);
    let asked = sent(call, &member);
    let id = call.str("Id").unwrap_or_default().to_owned();
    if text(&asked, "Id") != id {
        return Err(errors::invalid_argument(
            "The configuration id in the request does not match the id in the document",
            "id",
            id,
        ));
    }
    let mut bucket = bucket::of(call)?;
    let all = bucket.settings.entry(member).or_insert_with(|| json!({}));
    all[id.as_str()] = asked;
    bucket::save(call, &bucket)?;
    Ok(json!({}))
}

/// GetBucket…Configuration: one by its id.
pub(super) fn get(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    let member = member(call);
    let id = call.str("Id").unwrap_or_default();
    let found = bucket.settings.get(&member).and_then(|all| all.get(id));
    let found = found.ok_or_else(|| absent(&bucket.name))?;
    Ok(json!({ member: found }))
}

/// DeleteBucket…Configuration.
pub(super) fn delete(call: &mut Call<'_>) -> Reply {
    let mut bucket = bucket::of(call)?;
    let id = call.str("Id").unwrap_or_default();
    bucket
        .settings
        .get_mut(&member(call))
        .and_then(Value::as_object_mut)
        .and_then(|all| all.shift_remove(id))
        .ok_or_else(|| absent(&bucket.name))?;
    bucket::save(call, &bucket)?;
    Ok(json!({}))
}

/// ListBucket…Configurations: all of them, by id.
pub(super) fn list(call: &mut Call<'_>) -> Reply {
    let bucket = bucket::of(call)?;
    let member = member(call);
    let mut items: Vec<(String, Value)> = bucket
        .settings
        .get(&member)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(id, value)| (id.clone(), value.clone()))
        .collect();
    items.sort_by(|a, b| a.0.cmp(&b.0));
    let token = call.str("ContinuationToken");
    let page = paging::page(items, token, PAGE)
        .map_err(|_| errors::bad_token(token.unwrap_or_default()))?;
    let mut reply = Map::new();
    reply.insert("IsTruncated".into(), json!(page.next.is_some()));
    if let Some(token) = token {
        reply.insert("ContinuationToken".into(), json!(token));
    }
    if let Some(next) = &page.next {
        reply.insert("NextContinuationToken".into(), json!(next));
    }
    let shown = page.into_values();
    if !shown.is_empty() {
        reply.insert(format!("{member}List"), shown.into());
    }
    Ok(reply.into())
}
