//! Tags of everything EC2 holds.

use serde_json::{Value, json};

use super::describe::page;
use super::errors::{error, invalid_value};
use super::filters::{self, Table};
use super::things::{self, Thing, text};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::tags::{self, Alphabet, TagProblem, TagRules, Tags};
use crate::cloud::store::{StoreError, Txn};

const RULES: TagRules = TagRules {
    alphabet: Alphabet::Any,
    max: 50,
    key_max: 128,
    value_max: 256,
};

fn problem(problem: TagProblem) -> ApiError {
    match problem {
        TagProblem::TooMany { .. } => error(
            "TagLimitExceeded",
            "The maximum number of Tags for a resource has been reached.",
        ),
        TagProblem::KeyLength { key, .. } if key.is_empty() => {
            invalid_value("Tag key cannot be null or empty")
        }
        TagProblem::KeyLength { key, max } => invalid_value(format!(
            "Tag key exceeds the maximum length of {max} characters: '{key}'"
        )),
        TagProblem::ValueLength { max, .. } => invalid_value(format!(
            "Tag value exceeds the maximum length of {max} characters"
        )),
        TagProblem::Character { key } => {
            invalid_value(format!("Tag '{key}' contains invalid characters"))
        }
        TagProblem::Reserved { key } => invalid_value(format!(
            "Value ( {key} ) for parameter key is invalid. Tag keys starting with 'aws:' are reserved for internal use"
        )),
        TagProblem::Duplicate { key } => {
            invalid_value(format!("Duplicate tag key '{key}' specified."))
        }
    }
}

fn checked(list: &[Value]) -> Result<Tags, ApiError> {
    let pairs = tags::pairs(list, "Key", "Value");
    let refs = pairs.iter().map(|(k, v)| (k.as_str(), v.as_str()));
    tags::check_sent(&RULES, refs).map_err(problem)?;
    Ok(pairs.into_iter().collect())
}

/// The tags that a create call's `TagSpecifications` give to the thing made, as a list.
pub fn sent(call: &Call<'_>, thing: &Thing) -> Result<Value, ApiError> {
    let [tags] = sent_to(call, [thing])?;
    Ok(tags)
}

/// The same where a call makes several things: the tags of each.
pub fn sent_to<const N: usize>(
    call: &Call<'_>,
    things: [&Thing; N],
) -> Result<[Value; N], ApiError> {
    let mut lists: [Vec<Value>; N] = std::array::from_fn(|_| Vec::new());
    for specification in call.list("TagSpecifications") {
        let kind = text(specification, "ResourceType");
        let Some(at) = things.iter().position(|t| t.resource_type == kind) else {
            return Err(invalid_value(format!(
                "'{kind}' is not a valid taggable resource type for this operation."
            )));
        };
        let tags = specification["Tags"].as_array().into_iter().flatten();
        lists[at].extend(tags.cloned());
    }
    let mut sent = [const { Value::Null }; N];
    for (list, sent) in lists.iter().zip(&mut sent) {
        *sent = tags::to_list(&checked(list)?);
    }
    Ok(sent)
}

/// The tags a record holds.
pub fn held(thing: &Thing, record: &Value) -> Tags {
    tags::from_list(record[thing.tags].as_array().map_or(&[], Vec::as_slice))
}

/// The things that the call's `Resources` name, with their records.
fn resources(call: &mut Call<'_>) -> Result<Vec<(&'static Thing, Value)>, ApiError> {
    let mut found = Vec::new();
    for id in call.strings("Resources") {
        let Some(thing) = of_id(&id) else {
            return Err(error("InvalidID", format!("The ID '{id}' is not valid")));
        };
        found.push((thing, thing.load(call.txn, call.region, &id)?));
    }
    Ok(found)
}

fn of_id(id: &str) -> Option<&'static Thing> {
    things::ALL.into_iter().find(|thing| thing.is_id(id))
}

/// CreateTags: adds tags or replaces their values, on all resources or on none.
pub fn create(call: &mut Call<'_>) -> Reply {
    let sent = checked(call.list("Tags"))?;
    for (thing, mut record) in resources(call)? {
        let mut all = held(thing, &record);
        all.extend(sent.clone());
        tags::check_count(&RULES, all.len()).map_err(problem)?;
        record[thing.tags] = tags::to_list(&all);
        thing.save(call.txn, call.region, &record)?;
    }
    Ok(json!({}))
}

/// DeleteTags: a tag without a value goes whatever its value, one with a value only if it has it;
/// no tags at all means all of them. What is not there is no error.
pub fn delete(call: &mut Call<'_>) -> Reply {
    let asked: Vec<(String, Option<String>)> = call
        .list("Tags")
        .iter()
        .map(|tag| {
            let value = tag["Value"].as_str().map(str::to_owned);
            (text(tag, "Key").to_owned(), value)
        })
        .collect();
    if asked.iter().any(|(key, _)| key.starts_with("aws:")) {
        return Err(invalid_value(
            "Tag keys starting with 'aws:' are reserved for internal use",
        ));
    }
    for (thing, mut record) in resources(call)? {
        let mut all = held(thing, &record);
        all.retain(|key, value| {
            let goes = asked
                .iter()
                .any(|(k, v)| k == key && v.as_ref().is_none_or(|v| v == value));
            !(asked.is_empty() || goes)
        });
        record[thing.tags] = tags::to_list(&all);
        thing.save(call.txn, call.region, &record)?;
    }
    Ok(json!({}))
}

const FILTERS: Table = &[
    ("key", "Key"),
    ("resource-id", "ResourceId"),
    ("resource-type", "ResourceType"),
    ("value", "Value"),
];

/// DescribeTags.
pub fn describe(call: &mut Call<'_>) -> Reply {
    // `tag:<key>` here is a filter on the entry's key and value.
    let (by_tag, plain): (Vec<_>, Vec<_>) = call
        .list("Filters")
        .iter()
        .cloned()
        .partition(|filter| text(filter, "Name").starts_with("tag:"));
    let filters = filters::parse(&plain, FILTERS, &[], false)?;
    let by_tag = filters::parse(&by_tag, &[], &[], true)?;
    let mut entries = Vec::new();
    for (thing, record) in taggable(call.txn, call.region)? {
        for (key, value) in held(thing, &record) {
            let entry = json!({
                "ResourceId": text(&record, thing.id),
                "ResourceType": thing.resource_type,
                "Key": key,
                "Value": value,
            });
            let as_tags = json!({ "Tags": [{ "Key": key, "Value": value }] });
            if filters::pass(&filters, &entry, "") && filters::pass(&by_tag, &as_tags, "Tags") {
                entries.push((format!("{} {key}", text(&record, thing.id)), entry));
            }
        }
    }
    page(call, "Tags", entries)
}

/// Everything of a region that can carry tags, as lists show it.
fn taggable(txn: &mut Txn, region: &str) -> Result<Vec<(&'static Thing, Value)>, StoreError> {
    let mut found = Vec::new();
    for thing in things::ALL {
        for record in thing.listed(txn, region)? {
            found.push((thing, record));
        }
    }
    Ok(found)
}

/// The ARN and tags of everything of a region that can carry tags.
pub fn tagged(txn: &mut Txn, region: &str) -> Result<Vec<(String, Tags)>, StoreError> {
    let found = taggable(txn, region)?;
    Ok(found
        .into_iter()
        .map(|(thing, record)| {
            let arn = thing.arn(txn, region, text(&record, thing.id));
            (arn, held(thing, &record))
        })
        .collect())
}
