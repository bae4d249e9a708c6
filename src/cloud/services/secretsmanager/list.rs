//! ListSecrets and ListSecretVersionIds.

use serde_json::{Value, json};

use super::secret::{self, KIND, MANAGED_KEY, Secret, fail};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::paging::{self, Page};
use crate::cloud::services::{record, tags};

/// Whether a secret passes one filter: one of its values must fit. `!` turns a value around.
fn takes(secret: &Secret, filter: &Value) -> bool {
    let key = filter["Key"].as_str().unwrap_or_default();
    let values = filter["Values"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    let fits = |value: &str| match value.strip_prefix('!') {
        Some(value) => !fits_key(secret, key, value),
        None => fits_key(secret, key, value),
    };
    values.into_iter().any(fits)
}

fn fits_key(secret: &Secret, key: &str, value: &str) -> bool {
    let lower = |text: &str| text.to_lowercase();
    let description = secret.description.as_deref().unwrap_or_default();
    match key {
        "name" => secret.name.starts_with(value),
        "description" => lower(description).starts_with(&lower(value)),
        "tag-key" => secret.tags.keys().any(|key| key.starts_with(value)),
        "tag-value" => secret.tags.values().any(|text| text.starts_with(value)),
        "all" => {
            let mut texts = vec![lower(&secret.name), lower(description)];
            texts.extend(
                secret
                    .tags
                    .iter()
                    .flat_map(|(key, text)| [lower(key), lower(text)]),
            );
            value
                .split([' ', '/', '_', '+', '=', '.', '@', '-'])
                .all(|word| texts.iter().any(|text| text.contains(&lower(word))))
        }
        // No secret here is owned by a service or copied from another region.
        _ => false,
    }
}

/// One page of the secrets that pass the request's filters, in the order it asks for.
pub fn page(call: &mut Call<'_>, most: usize) -> Result<Page<Secret>, ApiError> {
    let now = call.now;
    let deleted = call.bool("IncludePlannedDeletion") == Some(true);
    let filters = call.list("Filters").to_vec();
    let mut all: Vec<Secret> = record::list(call.txn, KIND, &format!("{}/", call.region))?;
    all.retain(|secret| {
        secret.gone_at.is_none_or(|at| now < at)
            && (deleted || secret.deleted_at.is_none())
            && filters.iter().all(|filter| takes(secret, filter))
    });
    let by = call.str("SortBy").unwrap_or("created-date").to_owned();
    let down = call.str("SortOrder") == Some("desc");
    let at = |at: i64| format!("{:020}", if down { i64::MAX - at } else { at });
    let mut items: Vec<(String, Secret)> = all
        .into_iter()
        .map(|secret| {
            let key = match by.as_str() {
                "name" => String::new(),
                "last-accessed-date" => at(secret.accessed_at.unwrap_or(0)),
                "last-changed-date" => at(secret.changed_at),
                _ => at(secret.created_at),
            };
            (format!("{key}{}", secret.name), secret)
        })
        .collect();
    items.sort_by(|a, b| a.0.cmp(&b.0));
    if by == "name" && down {
        // Pages go by growing keys: number the names backwards.
        items.reverse();
        for (at, item) in items.iter_mut().enumerate() {
            item.0 = format!("{at:09}");
        }
    }
    let limit = paging::limit(call.int("MaxResults"), most, 100);
    paging::page(items, call.str("NextToken"), limit).map_err(|_| bad_token())
}

fn bad_token() -> ApiError {
    fail(
        "InvalidNextTokenException",
        "The NextToken value is invalid.",
    )
}

/// ListSecrets.
pub fn secrets(call: &mut Call<'_>) -> Reply {
    let page = page(call, 100)?;
    let next = page.next.clone();
    let list: Vec<Value> = page
        .into_values()
        .iter()
        .map(|secret| {
            let mut view = secret.view();
            if !secret.tags.is_empty() {
                view["Tags"] = tags::to_list(&secret.tags);
            }
            view["SecretVersionsToStages"] = secret.version_stages();
            view
        })
        .collect();
    let mut reply = json!({ "SecretList": list });
    if let Some(token) = next {
        reply["NextToken"] = token.into();
    }
    Ok(reply)
}

/// ListSecretVersionIds; versions without a label only with IncludeDeprecated.
pub fn versions(call: &mut Call<'_>) -> Reply {
    let secret = secret::wanted_any(call)?;
    let deprecated = call.bool("IncludeDeprecated") == Some(true);
    let key = secret.key_id.as_deref().unwrap_or(MANAGED_KEY);
    let items = secret
        .versions
        .iter()
        .enumerate()
        .filter(|(_, version)| deprecated || !version.stages.is_empty())
        .map(|(at, version)| {
            let mut view = json!({
                "VersionId": version.id,
                "CreatedDate": version.created_at,
                "KmsKeyIds": [key],
            });
            if !version.stages.is_empty() {
                view["VersionStages"] = version.stages.clone().into();
            }
            if let Some(at) = version.accessed_at {
                view["LastAccessedDate"] = at.into();
            }
            (format!("{at:09}"), view)
        })
        .collect();
    let limit = paging::limit(call.int("MaxResults"), 100, 100);
    let page = paging::page(items, call.str("NextToken"), limit).map_err(|_| bad_token())?;
    let next = page.next.clone();
    let mut reply = json!({
        "Versions": page.into_values(),
        "ARN": secret.arn,
        "Name": secret.name,
    });
    if let Some(token) = next {
        reply["NextToken"] = token.into();
    }
    Ok(reply)
}
