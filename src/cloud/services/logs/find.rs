//! DescribeLogGroups and ListLogGroups: both by name, behind the writes where lists lag.

use serde_json::{Value, json};

use super::group::{self, Group, KIND};
use super::{invalid, page};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::record;

/// DescribeLogGroups.
pub fn describe(call: &mut Call<'_>) -> Reply {
    own_account_only(call)?;
    if call.has("logGroupNamePrefix") && call.has("logGroupNamePattern") {
        return Err(invalid(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ));
    }
    let identifiers = call.strings("logGroupIdentifiers");
    let others = ["logGroupNamePrefix", "logGroupNamePattern", "logGroupClass"];
    let pattern = call.str("logGroupNamePattern").map(str::to_owned);
    let groups = if identifiers.is_empty() {
        let prefix = call
            .str("logGroupNamePrefix")
            .unwrap_or_default()
            .to_owned();
        let mut groups = of_class(call, &prefix)?;
        groups.retain(|group| group.name.contains(pattern.as_deref().unwrap_or_default()));
        groups
    } else if others.iter().any(|member| call.has(member)) {
        return Err(invalid(
            "LogGroup identifiers and other filters are mutually exclusive parameters.",
        ));
    } else {
        let mut found = Vec::new();
        for identifier in identifiers {
            match group::identified(call, &identifier) {
                Ok(group) => found.push(group),
                // Identifiers are a filter: what there is not is not shown.
                Err(error) if error.status == 400 => {}
                Err(error) => return Err(error),
            }
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found.dedup_by(|a, b| a.name == b.name);
        found
    };
    let items = groups.into_iter().map(|group| (group.name.clone(), group));
    let (groups, next) = page(call, items.collect(), 50)?;
    let mut views = Vec::new();
    for group in groups {
        views.push(match pattern {
            Some(_) => group.brief(),
            None => group.view(call)?,
        });
    }
    Ok(json!({ "logGroups": views, "nextToken": next }))
}

/// The groups whose name begins so and that are of the request's class, by name.
fn of_class(call: &mut Call<'_>, prefix: &str) -> Result<Vec<Group>, ApiError> {
    let prefix = format!("{}/{prefix}", call.region);
    let mut groups: Vec<Group> = record::list(call.txn, KIND, &prefix)?;
    let class = call.str("logGroupClass");
    groups.retain(|group| class.is_none_or(|class| class == group.class));
    Ok(groups)
}

/// Other accounts are linked to no one here: asking for them finds nothing, and is refused.
fn own_account_only(call: &Call<'_>) -> Result<(), ApiError> {
    let foreign = call.strings("accountIdentifiers");
    if foreign.iter().any(|account| account != call.account) {
        return Err(ApiError::not_implemented("log groups of linked accounts"));
    }
    Ok(())
}

/// ListLogGroups: only what each is called and of what class.
pub fn list(call: &mut Call<'_>) -> Reply {
    own_account_only(call)?;
    for member in ["dataSources", "fieldIndexNames"] {
        if call.has(member) {
            return Err(ApiError::not_implemented(format!(
                "{member} of ListLogGroups"
            )));
        }
    }
    let alternatives: Vec<String> = call
        .str("logGroupNamePattern")
        .map(|pattern| pattern.split('|').map(str::to_owned).collect())
        .unwrap_or_default();
    let tags = call.list("logGroupTags").to_vec();
    let mut groups = of_class(call, "")?;
    groups.retain(|group| {
        (alternatives.is_empty() || alternatives.iter().any(|part| fits(part, &group.name)))
            && tags.iter().all(|filter| has_tag(group, filter))
    });
    let view = |group: &Group| {
        let view = json!({
            "logGroupName": group.name,
            "logGroupArn": group.arn,
            "logGroupClass": group.class,
        });
        (group.name.clone(), view)
    };
    let (groups, next) = page(call, groups.iter().map(view).collect(), 1000)?;
    Ok(json!({ "logGroups": groups, "nextToken": next }))
}

/// One of a pattern's alternatives: a part of the name, or with `^` its beginning.
fn fits(part: &str, name: &str) -> bool {
    match part.strip_prefix('^') {
        Some(start) => name.starts_with(start),
        None => name.contains(part),
    }
}

fn has_tag(group: &Group, filter: &Value) -> bool {
    let held = filter["key"].as_str().and_then(|key| group.tags.get(key));
    let values = filter["values"].as_array();
    held.is_some_and(|held| {
        values.is_none_or(|values| {
            values.is_empty() || values.iter().any(|value| value == held.as_str())
        })
    })
}
