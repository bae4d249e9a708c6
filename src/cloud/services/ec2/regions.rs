//! Regions and their availability zones.

use serde_json::{Value, json};

use super::describe::page;
use super::errors::{error, invalid_value};
use super::filters;
use crate::cloud::services::call::{Call, Reply};

/// A region: its name, how zone ids begin, the letters of its zones, and whether an account has to
/// opt in to it.
pub struct Region {
    /// `us-east-1`.
    pub name: &'static str,
    code: &'static str,
    zones: &'static str,
    opt_in: bool,
    geography: &'static str,
}

const fn region(
    name: &'static str,
    code: &'static str,
    zones: &'static str,
    opt_in: bool,
    geography: &'static str,
) -> Region {
    Region {
        name,
        code,
        zones,
        opt_in,
        geography,
    }
}

const REGIONS: &[Region] = &[
    region("af-south-1", "afs1", "abc", true, "South Africa"),
    region("ap-east-1", "ape1", "abc", true, "Hong Kong"),
    region("ap-northeast-1", "apne1", "acd", false, "Japan"),
    region("ap-northeast-2", "apne2", "abcd", false, "South Korea"),
    region("ap-northeast-3", "apne3", "abc", false, "Japan"),
    region("ap-south-1", "aps1", "abc", false, "India"),
    region("ap-south-2", "aps2", "abc", true, "India"),
    region("ap-southeast-1", "apse1", "abc", false, "Singapore"),
    region("ap-southeast-2", "apse2", "abc", false, "Australia"),
    region("ap-southeast-3", "apse3", "abc", true, "Indonesia"),
    region("ap-southeast-4", "apse4", "abc", true, "Australia"),
    region("ap-southeast-5", "apse5", "abc", true, "Malaysia"),
    region("ap-southeast-7", "apse7", "abc", true, "Thailand"),
    region("ca-central-1", "cac1", "abd", false, "Canada"),
    region("ca-west-1", "caw1", "abc", true, "Canada"),
    region("eu-central-1", "euc1", "abc", false, "Germany"),
    region("eu-central-2", "euc2", "abc", true, "Switzerland"),
    region("eu-north-1", "eun1", "abc", false, "Sweden"),
    region("eu-south-1", "eus1", "abc", true, "Italy"),
    region("eu-south-2", "eus2", "abc", true, "Spain"),
    region("eu-west-1", "euw1", "abc", false, "Ireland"),
    region("eu-west-2", "euw2", "abc", false, "United Kingdom"),
    region("eu-west-3", "euw3", "abc", false, "France"),
    region("il-central-1", "ilc1", "abc", true, "Israel"),
    region("me-central-1", "mec1", "abc", true, "United Arab Emirates"),
    region("me-south-1", "mes1", "abc", true, "Bahrain"),
    region("mx-central-1", "mxc1", "abc", true, "Mexico"),
    region("sa-east-1", "sae1", "abc", false, "Brazil"),
    region(
        "us-east-1",
        "use1",
        "abcdef",
        false,
        "United States of America",
    ),
    region(
        "us-east-2",
        "use2",
        "abc",
        false,
        "United States of America",
    ),
    region("us-west-1", "usw1", "ac", false, "United States of America"),
    region(
        "us-west-2",
        "usw2",
        "abcd",
        false,
        "United States of America",
    ),
];

/// A zone of a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// `us-east-1a`.
    pub name: String,
    /// `use1-az1`.
    pub id: String,
}

/// Whether AWS has this region.
pub fn is_known(name: &str) -> bool {
    REGIONS.iter().any(|region| region.name == name)
}

/// The zones of a region, by name; none where AWS has no such region.
pub fn zones(name: &str) -> Vec<Zone> {
    let Some(region) = REGIONS.iter().find(|region| region.name == name) else {
        return Vec::new();
    };
    let zone = |(n, letter)| Zone {
        name: format!("{name}{letter}"),
        id: format!("{}-az{}", region.code, n + 1),
    };
    region.zones.chars().enumerate().map(zone).collect()
}

const ZONE_FILTERS: filters::Table = &[
    ("group-long-name", "GroupLongName"),
    ("group-name", "GroupName"),
    ("opt-in-status", "OptInStatus"),
    ("region-name", "RegionName"),
    ("state", "State"),
    ("zone-id", "ZoneId"),
    ("zone-name", "ZoneName"),
    ("zone-type", "ZoneType"),
];

const ZONE_NEVER: &[&str] = &["message", "parent-zone-id", "parent-zone-name"];

/// DescribeAvailabilityZones.
pub fn describe_zones(call: &mut Call<'_>) -> Reply {
    let filters = filters::parse(call.list("Filters"), ZONE_FILTERS, ZONE_NEVER, false)?;
    let zones = zones(call.region);
    let (names, ids) = (call.strings("ZoneNames"), call.strings("ZoneIds"));
    if let Some(unknown) = names.iter().find(|n| zones.iter().all(|z| z.name != **n)) {
        return Err(invalid_value(format!(
            "Invalid availability zone: [{unknown}]"
        )));
    }
    if let Some(unknown) = ids.iter().find(|id| zones.iter().all(|z| z.id != **id)) {
        return Err(invalid_value(format!(
            "Invalid availability zone-id: [{unknown}]"
        )));
    }
    let wanted = |zone: &Zone| {
        (names.is_empty() || names.contains(&zone.name))
            && (ids.is_empty() || ids.contains(&zone.id))
    };
    let views: Vec<Value> = zones
        .iter()
        .filter(|zone| wanted(zone))
        .map(|zone| zone_view(call.region, zone))
        .filter(|view| filters::pass(&filters, view, ""))
        .collect();
    Ok(json!({ "AvailabilityZones": views }))
}

fn zone_view(region: &str, zone: &Zone) -> Value {
    json!({
        "State": "available",
        "OptInStatus": "opt-in-not-required",
        "Messages": [],
        "RegionName": region,
        "ZoneName": zone.name,
        "ZoneId": zone.id,
        "GroupName": format!("{region}-zg-1"),
        "NetworkBorderGroup": region,
        "ZoneType": "availability-zone",
    })
}

const REGION_FILTERS: filters::Table = &[
    ("endpoint", "Endpoint"),
    ("opt-in-status", "OptInStatus"),
    ("region-name", "RegionName"),
];

/// DescribeRegions: the account has opted in to none.
pub fn describe_regions(call: &mut Call<'_>) -> Reply {
    let filters = filters::parse(call.list("Filters"), REGION_FILTERS, &[], false)?;
    let names = call.strings("RegionNames");
    if let Some(unknown) = names.iter().find(|name| !is_known(name)) {
        return Err(invalid_value(format!("Invalid region: [{unknown}]")));
    }
    let all = call.bool("AllRegions").unwrap_or(false) || !names.is_empty();
    let views: Vec<Value> = REGIONS
        .iter()
        .filter(|region| all || !region.opt_in)
        .filter(|region| names.is_empty() || names.iter().any(|name| name == region.name))
        .map(region_view)
        .filter(|view| filters::pass(&filters, view, ""))
        .collect();
    Ok(json!({ "Regions": views }))
}

fn region_view(region: &Region) -> Value {
    json!({
        "RegionName": region.name,
        "Endpoint": format!("ec2.{}.amazonaws.com", region.name),
        "OptInStatus": if region.opt_in { "not-opted-in" } else { "opt-in-not-required" },
        "Geography": [{ "Name": region.geography }],
    })
}

/// DescribeAccountAttributes.
pub fn describe_account(call: &mut Call<'_>) -> Reply {
    let region = call.region;
    let default = super::vpc::default_vpc(call.txn, region)?;
    let default = default.map_or("none".to_owned(), |vpc| {
        super::things::text(&vpc, "VpcId").to_owned()
    });
    let attributes: [(&str, &str); 6] = [
        ("supported-platforms", "VPC"),
        ("default-vpc", &default),
        ("max-instances", "20"),
        ("vpc-max-security-groups-per-interface", "5"),
        ("max-elastic-ips", "5"),
        ("vpc-max-elastic-ips", "5"),
    ];
    let names = call.strings("AttributeNames");
    if let Some(unknown) = names.iter().find(|n| attributes.iter().all(|a| a.0 != **n)) {
        return Err(error(
            "InvalidParameterValue",
            format!("Value ({unknown}) for parameter attributeName is invalid."),
        ));
    }
    let views = attributes
        .iter()
        .filter(|(name, _)| names.is_empty() || names.iter().any(|n| n == name))
        .map(|(name, value)| {
            let view = json!({
                "AttributeName": name,
                "AttributeValues": [{ "AttributeValue": value }],
            });
            ((*name).to_owned(), view)
        })
        .collect();
    page(call, "AccountAttributes", views)
}
