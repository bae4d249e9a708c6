//! Subnets.

use serde_json::{Value, json};

use super::cidr::Cidr4;
use super::describe::Describe;
use super::errors::{combination, dependency, error, invalid_value, missing};
use super::interfaces;
use super::regions::{self, Zone};
use super::things::{NETWORK_ACL, ROUTE_TABLE, SUBNET, text};
use super::{network_acl, route_table, tagging, vpc};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::store::{StoreError, Txn};

/// Addresses of each subnet that AWS keeps: the first four and the last.
pub const RESERVED: u64 = 5;

/// Network bits of a default subnet.
const DEFAULT_BITS: u32 = 20;

/// Makes the default subnet of a zone: the n-th zone has the n-th part of the VPC's block.
pub fn make_default(
    txn: &mut Txn,
    region: &str,
    vpc: &Value,
    zone: &Zone,
) -> Result<Option<Value>, StoreError> {
    let position = regions::zones(region).iter().position(|z| z == zone);
    let block = Cidr4::parse(text(vpc, "CidrBlock"));
    let (Some(block), Some(n)) = (block, position.and_then(|n| u32::try_from(n).ok())) else {
        return Ok(None);
    };
    let part = block.part(n, DEFAULT_BITS);
    let mut subnet = blank(txn, region, text(vpc, "VpcId"), zone, part, json!([]))?;
    subnet["DefaultForAz"] = true.into();
    subnet["MapPublicIpOnLaunch"] = true.into();
    SUBNET.save(txn, region, &subnet)?;
    network_acl::associate(txn, region, &subnet)?;
    Ok(Some(subnet))
}

fn blank(
    txn: &mut Txn,
    region: &str,
    vpc: &str,
    zone: &Zone,
    block: Cidr4,
    tags: Value,
) -> Result<Value, StoreError> {
    let id = SUBNET.new_id(txn)?;
    Ok(json!({
        "SubnetId": id,
        "SubnetArn": SUBNET.arn(txn, region, &id),
        "VpcId": vpc,
        "OwnerId": txn.account(),
        "State": "available",
        "CidrBlock": block.to_string(),
        "AvailabilityZone": zone.name,
        "AvailabilityZoneId": zone.id,
        "DefaultForAz": false,
        "MapPublicIpOnLaunch": false,
        "MapCustomerOwnedIpOnLaunch": false,
        "AssignIpv6AddressOnCreation": false,
        "Ipv6CidrBlockAssociationSet": [],
        "EnableDns64": false,
        "Ipv6Native": false,
        "PrivateDnsNameOptionsOnLaunch": {
            "HostnameType": "ip-name",
            "EnableResourceNameDnsARecord": false,
            "EnableResourceNameDnsAAAARecord": false,
        },
        "Tags": tags,
    }))
}

/// CreateSubnet.
pub fn create(call: &mut Call<'_>) -> Reply {
    for member in [
        "Ipv4IpamPoolId",
        "Ipv6IpamPoolId",
        "Ipv6CidrBlock",
        "OutpostArn",
    ] {
        if call.has(member) {
            return Err(ApiError::not_implemented(format!(
                "CreateSubnet's {member}"
            )));
        }
    }
    if call.bool("Ipv6Native") == Some(true) {
        return Err(ApiError::not_implemented("subnets of IPv6 only"));
    }
    let tags = tagging::sent(call, &SUBNET)?;
    let parent = vpc::named(call)?;
    let block = vpc::sent_block(call, "InvalidSubnet.Range")?;
    let within = vpc::blocks(&parent)
        .iter()
        .filter_map(|whole| Cidr4::parse(whole))
        .any(|whole| whole.contains(block));
    if !within {
        return Err(error(
            "InvalidSubnet.Range",
            format!("The CIDR '{block}' is invalid."),
        ));
    }
    let zone = sent_zone(call)?;
    let region = call.region;
    let conflict = SUBNET
        .all(call.txn, region)?
        .iter()
        .filter(|subnet| subnet["VpcId"] == parent["VpcId"])
        .filter_map(|subnet| Cidr4::parse(text(subnet, "CidrBlock")))
        .any(|other| other.overlaps(block));
    if conflict {
        return Err(error(
            "InvalidSubnet.Conflict",
            format!("The CIDR '{block}' conflicts with another subnet"),
        ));
    }
    let subnet = blank(call.txn, region, text(&parent, "VpcId"), &zone, block, tags)?;
    SUBNET.save(call.txn, region, &subnet)?;
    network_acl::associate(call.txn, region, &subnet)?;
    let view = views(call, vec![subnet])?.pop().unwrap_or_default();
    Ok(json!({ "Subnet": view }))
}

/// CreateDefaultSubnet.
pub fn create_default(call: &mut Call<'_>) -> Reply {
    let zone = sent_zone(call)?;
    let region = call.region;
    let Some(parent) = vpc::default_vpc(call.txn, region)? else {
        return Err(error(
            "DefaultVpcDoesNotExist",
            "No default VPC exists for this account in this region.",
        ));
    };
    let taken = SUBNET.all(call.txn, region)?.into_iter().any(|subnet| {
        subnet["DefaultForAz"] == true && text(&subnet, "AvailabilityZone") == zone.name
    });
    if taken {
        return Err(error(
            "DefaultSubnetAlreadyExistsInAvailabilityZone",
            format!("'{}' already has a default subnet.", zone.name),
        ));
    }
    let made = make_default(call.txn, region, &parent, &zone)?;
    let view = views(call, made.into_iter().collect())?
        .pop()
        .unwrap_or_default();
    Ok(json!({ "Subnet": view }))
}

/// The zone that a call names, or the region's first.
fn sent_zone(call: &Call<'_>) -> Result<Zone, ApiError> {
    let zones = regions::zones(call.region);
    let (name, id) = (call.str("AvailabilityZone"), call.str("AvailabilityZoneId"));
    if name.is_some() && id.is_some() {
        return Err(combination(
            "Only one of availabilityZone and availabilityZoneId can be specified.",
        ));
    }
    let unknown = || {
        invalid_value(format!(
            "Value ({}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: {}.",
            name.or(id).unwrap_or_default(),
            zones
                .iter()
                .map(|z| z.name.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        ))
    };
    zones
        .iter()
        .find(|zone| name.is_none_or(|n| zone.name == n) && id.is_none_or(|i| zone.id == i))
        .cloned()
        .ok_or_else(unknown)
}

/// Replies of subnets: the free addresses are counted.
pub fn views(call: &mut Call<'_>, records: Vec<Value>) -> Result<Vec<Value>, ApiError> {
    let mut views = Vec::new();
    for mut subnet in records {
        let used = interfaces::in_subnet(call.txn, call.region, text(&subnet, "SubnetId"))?;
        let size = Cidr4::parse(text(&subnet, "CidrBlock")).map_or(0, Cidr4::size);
        let free = size.saturating_sub(RESERVED + used.len() as u64);
        subnet["AvailableIpAddressCount"] = free.into();
        views.push(SUBNET.view(subnet));
    }
    Ok(views)
}

static DESCRIBE: Describe = Describe {
    thing: &SUBNET,
    ids: "SubnetIds",
    reply: "Subnets",
    filters: &[
        ("availability-zone", "AvailabilityZone"),
        ("availabilityZone", "AvailabilityZone"),
        ("availability-zone-id", "AvailabilityZoneId"),
        ("availabilityZoneId", "AvailabilityZoneId"),
        ("available-ip-address-count", "AvailableIpAddressCount"),
        ("cidr", "CidrBlock"),
        ("cidr-block", "CidrBlock"),
        ("cidrBlock", "CidrBlock"),
        ("default-for-az", "DefaultForAz"),
        ("defaultForAz", "DefaultForAz"),
        ("enable-dns64", "EnableDns64"),
        ("ipv6-native", "Ipv6Native"),
        (
            "map-customer-owned-ip-on-launch",
            "MapCustomerOwnedIpOnLaunch",
        ),
        ("map-public-ip-on-launch", "MapPublicIpOnLaunch"),
        ("owner-id", "OwnerId"),
        (
            "private-dns-name-options-on-launch.enable-resource-name-dns-a-record",
            "PrivateDnsNameOptionsOnLaunch.EnableResourceNameDnsARecord",
        ),
        (
            "private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record",
            "PrivateDnsNameOptionsOnLaunch.EnableResourceNameDnsAAAARecord",
        ),
        (
            "private-dns-name-options-on-launch.hostname-type",
            "PrivateDnsNameOptionsOnLaunch.HostnameType",
        ),
        ("state", "State"),
        ("subnet-arn", "SubnetArn"),
        ("subnet-id", "SubnetId"),
        ("vpc-id", "VpcId"),
    ],
    never: &[
        "customer-owned-ipv4-pool",
        "enable-lni-at-device-index",
        "ipv6-cidr-block-association.association-id",
        "ipv6-cidr-block-association.ipv6-cidr-block",
        "ipv6-cidr-block-association.state",
        "outpost-arn",
    ],
};

/// DescribeSubnets.
pub fn describe(call: &mut Call<'_>) -> Reply {
    DESCRIBE.answer(call, views)
}

/// What ModifySubnetAttribute sets: the request's member and the path in the record.
const ATTRIBUTES: [(&str, &str); 4] = [
    ("MapPublicIpOnLaunch", "/MapPublicIpOnLaunch"),
    ("EnableDns64", "/EnableDns64"),
    (
        "EnableResourceNameDnsARecordOnLaunch",
        "/PrivateDnsNameOptionsOnLaunch/EnableResourceNameDnsARecord",
    ),
    (
        "EnableResourceNameDnsAAAARecordOnLaunch",
        "/PrivateDnsNameOptionsOnLaunch/EnableResourceNameDnsAAAARecord",
    ),
];

/// ModifySubnetAttribute: one attribute a call.
pub fn modify_attribute(call: &mut Call<'_>) -> Reply {
    let mut subnet = named(call)?;
    let sent: Vec<String> = call
        .input
        .as_object()
        .into_iter()
        .flatten()
        .map(|(member, _)| member.clone())
        .filter(|member| !["SubnetId", "DryRun"].contains(&member.as_str()))
        .collect();
    let [member] = sent.as_slice() else {
        return Err(match sent.is_empty() {
            true => missing("mapPublicIpOnLaunch"),
            false => combination(
                "Fields for multiple attribute types specified: only one attribute can be modified at a time",
            ),
        });
    };
    let (path, value) = if member == "PrivateDnsHostnameTypeOnLaunch" {
        let path = "/PrivateDnsNameOptionsOnLaunch/HostnameType";
        (path, call.input[member.as_str()].clone())
    } else if let Some((_, path)) = ATTRIBUTES.iter().find(|(known, _)| known == member) {
        (*path, call.input[member.as_str()]["Value"].clone())
    } else {
        return Err(ApiError::not_implemented(format!(
            "ModifySubnetAttribute's {member}"
        )));
    };
    if let Some(place) = subnet.pointer_mut(path) {
        *place = value;
    }
    SUBNET.save(call.txn, call.region, &subnet)?;
    Ok(json!({}))
}

fn named(call: &mut Call<'_>) -> Result<Value, ApiError> {
    let id = call.str("SubnetId").unwrap_or_default().to_owned();
    SUBNET.load(call.txn, call.region, &id)
}

/// DeleteSubnet.
pub fn delete(call: &mut Call<'_>) -> Reply {
    let subnet = named(call)?;
    let (id, region) = (text(&subnet, "SubnetId").to_owned(), call.region);
    if !interfaces::in_subnet(call.txn, region, &id)?.is_empty() {
        return Err(dependency(format!(
            "The subnet '{id}' has dependencies and cannot be deleted."
        )));
    }
    for (thing, list) in [
        (&ROUTE_TABLE, "Associations"),
        (&NETWORK_ACL, "Associations"),
    ] {
        for mut record in thing.all(call.txn, region)? {
            if route_table::forget_subnet(&mut record, list, &id) {
                thing.save(call.txn, region, &record)?;
            }
        }
    }
    interfaces::forget_addresses(call.txn, region, &id)?;
    SUBNET.delete(call.txn, region, &id)?;
    Ok(json!({}))
}
