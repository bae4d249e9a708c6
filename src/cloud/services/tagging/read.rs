//! GetResources, GetTagKeys and GetTagValues.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{invalid, sources};
use crate::cloud::error::ApiError;
use crate::cloud::services::arn::Arn;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::paging;
use crate::cloud::services::tags::{self, Tags};

type Resource = (String, Tags);

/// GetResources.
pub fn get_resources(call: &mut Call<'_>) -> Reply {
    check(call)?;
    let mut found = sources::shown(call.txn, call.region)?;
    let arns = call.strings("ResourceARNList");
    let types = call.strings("ResourceTypeFilters");
    let filters = call.list("TagFilters");
    found.retain(|(arn, tags)| {
        (arns.is_empty() || arns.contains(arn))
            && (types.is_empty() || types.iter().any(|wanted| is_of_type(arn, wanted)))
            && filters.iter().all(|filter| passes(tags, filter))
    });
    let after = match call
        .str("PaginationToken")
        .filter(|token| !token.is_empty())
    {
        Some(token) => paging::decode(token).map_err(|_| {
            ApiError::new(
                "PaginationTokenExpiredException",
                400,
                "The PaginationToken is not valid or has expired.",
            )
        })?,
        None => String::new(),
    };
    found.retain(|(arn, _)| *arn > after);
    let length = page_length(call, &found);
    let more = found.len() > length;
    found.truncate(length);
    let next = match found.last() {
        Some((last, _)) if more => paging::encode(last),
        _ => String::new(),
    };
    let list: Vec<Value> = found
        .iter()
        .map(|(arn, tags)| json!({ "ResourceARN": arn, "Tags": tags::to_list(tags) }))
        .collect();
    Ok(json!({ "PaginationToken": next, "ResourceTagMappingList": list }))
}

fn check(call: &Call<'_>) -> Result<(), ApiError> {
    for member in ["IncludeComplianceDetails", "ExcludeCompliantResources"] {
        if call.bool(member) == Some(true) {
            return Err(ApiError::not_implemented(format!(
                "{member} of GetResources"
            )));
        }
    }
    let others = [
        "TagFilters",
        "ResourceTypeFilters",
        "ResourcesPerPage",
        "TagsPerPage",
        "PaginationToken",
    ];
    if call.has("ResourceARNList") {
        for member in others {
            let text = call.str(member);
            if call.has(member) && text != Some("") {
                return Err(invalid(format!(
                    "ResourceARNList and {member} cannot be used in the same request."
                )));
            }
        }
        if let Some(wrong) = call
            .strings("ResourceARNList")
            .iter()
            .find(|arn| Arn::parse(arn).is_none())
        {
            return Err(invalid(format!("{wrong} is not an ARN.")));
        }
    }
    if call
        .int("ResourcesPerPage")
        .is_some_and(|n| !(1..=100).contains(&n))
    {
        return Err(invalid("ResourcesPerPage must be from 1 to 100."));
    }
    if call
        .int("TagsPerPage")
        .is_some_and(|n| !(100..=500).contains(&n) || n % 100 != 0)
    {
        return Err(invalid("TagsPerPage must be 100, 200, 300, 400 or 500."));
    }
    let mut keys = BTreeSet::new();
    for filter in call.list("TagFilters") {
        let Some(key) = filter["Key"].as_str() else {
            return Err(invalid("Every one of the TagFilters must have a Key."));
        };
        if !keys.insert(key) {
            return Err(invalid(format!(
                "The key {key} is in the TagFilters more than once."
            )));
        }
    }
    Ok(())
}

/// How many resources the page has: by their number, or by the number of their tags.
fn page_length(call: &Call<'_>, found: &[Resource]) -> usize {
    if let Some(most) = call
        .int("TagsPerPage")
        .and_then(|n| usize::try_from(n).ok())
    {
        let mut tags = 0;
        let fits = |(_, held): &&Resource| {
            tags += held.len();
            tags <= most
        };
        return found.iter().take_while(fits).count().max(1);
    }
    paging::limit(call.int("ResourcesPerPage"), 50, 100)
}

/// Whether a filter `service` or `service:type` covers the ARN's resource.
fn is_of_type(arn: &str, wanted: &str) -> bool {
    let Some(arn) = Arn::parse(arn) else {
        return false;
    };
    match wanted.split_once(':') {
        None => arn.service == wanted,
        Some((service, kind)) => arn.service == service && kinds(&arn).contains(&kind.to_owned()),
    }
}

/// The types an ARN's resource goes by: what stands before its name, and for a thing within
/// another (`stream/a/consumer/b`) both words.
fn kinds(arn: &Arn<'_>) -> Vec<String> {
    if arn.service == "s3" {
        return vec!["bucket".to_owned()];
    }
    let parts: Vec<&str> = arn.resource.splitn(4, ['/', ':']).collect();
    match parts.as_slice() {
        ["stream", _, "consumer", _] => vec!["consumer".into(), "stream/consumer".into()],
        [kind, ..] => vec![(*kind).to_owned()],
        [] => Vec::new(),
    }
}

/// A filter without values asks for the key alone.
fn passes(tags: &Tags, filter: &Value) -> bool {
    let Some(value) = filter["Key"].as_str().and_then(|key| tags.get(key)) else {
        return false;
    };
    match filter["Values"].as_array() {
        Some(values) if !values.is_empty() => values.iter().any(|wanted| wanted == value.as_str()),
        _ => true,
    }
}

/// GetTagKeys.
pub fn get_tag_keys(call: &mut Call<'_>) -> Reply {
    let shown = sources::shown(call.txn, call.region)?;
    let keys = shown
        .into_iter()
        .flat_map(|(_, tags)| tags.into_keys())
        .collect();
    paged(call, keys, "TagKeys")
}

/// GetTagValues: every value of one key.
pub fn get_tag_values(call: &mut Call<'_>) -> Reply {
    let key = call.str("Key").unwrap_or_default().to_owned();
    let shown = sources::shown(call.txn, call.region)?;
    let values = shown
        .into_iter()
        .filter_map(|(_, mut tags)| tags.remove(&key))
        .collect();
    paged(call, values, "TagValues")
}

fn paged(call: &Call<'_>, texts: BTreeSet<String>, member: &str) -> Reply {
    let items = texts.into_iter().map(|text| (text.clone(), text)).collect();
    let token = call
        .str("PaginationToken")
        .filter(|token| !token.is_empty());
    let page = paging::page(items, token, 1000).map_err(|_| {
        ApiError::new(
            "PaginationTokenExpiredException",
            400,
            "The PaginationToken is not valid or has expired.",
        )
    })?;
    let next = page.next.clone().unwrap_or_default();
    Ok(json!({ "PaginationToken": next, member: page.into_values() }))
}
