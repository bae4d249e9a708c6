//! AWS's own prefix lists: the addresses of S3 and DynamoDB in a region.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::describe::page;
use super::errors::error;
use super::filters;
use super::regions;
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

/// Services with a list, its id in us-east-1, and a block of it.
const LISTS: [(&str, &str, &str); 2] = [
    ("s3", "pl-63a5400a", "52.216.0.0/15"),
    ("dynamodb", "pl-02cd2c6b", "52.94.0.0/22"),
];

/// The lists of a region: id, name, blocks.
fn lists(region: &str) -> Vec<Value> {
    if !regions::is_known(region) {
        return Vec::new();
    }
    LISTS
        .iter()
        .map(|(service, id, block)| {
            let name = format!("com.amazonaws.{region}.{service}");
            let id = match region {
                "us-east-1" => (*id).to_owned(),
                _ => format!("pl-{}", &hex::encode(Sha256::digest(&name))[..8]),
            };
            json!({ "PrefixListId": id, "PrefixListName": name, "Cidrs": [block] })
        })
        .collect()
}

/// Refuses an id that is none of the region's lists.
pub fn check(region: &str, id: &str) -> Result<(), ApiError> {
    if lists(region).iter().any(|list| list["PrefixListId"] == id) {
        return Ok(());
    }
    if !id.starts_with("pl-") {
        return Err(error(
            "InvalidPrefixListId.Malformed",
            format!("Invalid id: \"{id}\" (expecting \"pl-...\")"),
        ));
    }
    Err(error(
        "InvalidPrefixListID.NotFound",
        format!("The prefix list ID '{id}' does not exist"),
    ))
}

/// DescribePrefixLists.
pub fn describe(call: &mut Call<'_>) -> Reply {
    const FILTERS: filters::Table = &[
        ("prefix-list-id", "PrefixListId"),
        ("prefix-list-name", "PrefixListName"),
    ];
    let filters = filters::parse(call.list("Filters"), FILTERS, &[], false)?;
    let ids = call.strings("PrefixListIds");
    for id in &ids {
        check(call.region, id)?;
    }
    let views = lists(call.region)
        .into_iter()
        .filter(|list| ids.is_empty() || ids.iter().any(|id| list["PrefixListId"] == id.as_str()))
        .filter(|list| filters::pass(&filters, list, ""))
        .map(|list| (list["PrefixListId"].to_string(), list))
        .collect();
    page(call, "PrefixLists", views)
}
