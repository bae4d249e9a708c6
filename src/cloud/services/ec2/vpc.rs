//! VPCs and what AWS makes with each: the main route table, the default ACL and group.

use serde_json::{Value, json};

use super::cidr::Cidr4;
use super::describe::{Describe, plain};
use super::errors::{dependency, error, invalid_value, missing};
use super::things::{
    DHCP_OPTIONS, INTERFACE, INTERNET_GATEWAY, NETWORK_ACL, ROUTE_TABLE, RULE, SECURITY_GROUP,
    SUBNET, VPC, text,
};
use super::{network_acl, route_table, security_group, subnet, tagging};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::store::{StoreError, Txn};

/// VPCs of a region.
const QUOTA: usize = 5;

/// The default VPC's block.
const DEFAULT_BLOCK: &str = "172.31.0.0/16";

/// Network bits of a VPC's or subnet's block.
pub const BITS: std::ops::RangeInclusive<u32> = 16..=28;

/// The region's default VPC.
pub fn default_vpc(txn: &mut Txn, region: &str) -> Result<Option<Value>, StoreError> {
    let all = VPC.all(txn, region)?;
    Ok(all.into_iter().find(|vpc| vpc["IsDefault"] == true))
}

/// Writes what a fresh account has in this region.
pub fn seed(txn: &mut Txn) -> Result<(), StoreError> {
    let region = txn.region().to_owned();
    let zones = super::regions::zones(&region);
    if zones.is_empty() {
        return Ok(());
    }
    make_default(txn, &region).map(|_| ())
}

/// Makes the default VPC with a subnet a zone and a gateway.
fn make_default(txn: &mut Txn, region: &str) -> Result<Value, StoreError> {
    let vpc = make(txn, region, DEFAULT_BLOCK, true, "default", json!([]))?;
    let id = text(&vpc, "VpcId").to_owned();
    for zone in super::regions::zones(region) {
        subnet::make_default(txn, region, &vpc, &zone)?;
    }
    let gateway = json!({
        "InternetGatewayId": INTERNET_GATEWAY.new_id(txn)?,
        "OwnerId": txn.account(),
        "Attachments": [{ "State": "available", "VpcId": id }],
        "Tags": [],
    });
    INTERNET_GATEWAY.save(txn, region, &gateway)?;
    if let Some(mut table) = route_table::main_of(txn, region, &id)? {
        let to = text(&gateway, "InternetGatewayId");
        if let Some(routes) = table["Routes"].as_array_mut() {
            routes.push(route_table::route("0.0.0.0/0", to));
        }
        ROUTE_TABLE.save(txn, region, &table)?;
    }
    Ok(vpc)
}

/// Makes a VPC and what comes with it.
fn make(
    txn: &mut Txn,
    region: &str,
    block: &str,
    is_default: bool,
    tenancy: &str,
    tags: Value,
) -> Result<Value, StoreError> {
    let id = VPC.new_id(txn)?;
    let options = default_options(txn, region)?;
    let vpc = json!({
        "VpcId": id,
        "OwnerId": txn.account(),
        "State": "available",
        "CidrBlock": block,
        "DhcpOptionsId": options,
        "InstanceTenancy": tenancy,
        "IsDefault": is_default,
        "CidrBlockAssociationSet": [{
            "AssociationId": format!("vpc-cidr-assoc-0{}", txn.hex_id(16)?),
            "CidrBlock": block,
            "CidrBlockState": { "State": "associated" },
        }],
        "Tags": tags,
        "Attributes": {
            "EnableDnsSupport": true,
            "EnableDnsHostnames": is_default,
            "EnableNetworkAddressUsageMetrics": false,
        },
    });
    VPC.save(txn, region, &vpc)?;
    route_table::make_main(txn, region, &id, block)?;
    network_acl::make_default(txn, region, &id)?;
    security_group::make_default(txn, region, &id)?;
    Ok(vpc)
}

/// The region's own DHCP options, made when first needed.
fn default_options(txn: &mut Txn, region: &str) -> Result<String, StoreError> {
    if let Some(options) = DHCP_OPTIONS.all(txn, region)?.first() {
        return Ok(text(options, "DhcpOptionsId").to_owned());
    }
    let domain = match region {
        "us-east-1" => "ec2.internal".to_owned(),
        region => format!("{region}.compute.internal"),
    };
    let id = DHCP_OPTIONS.new_id(txn)?;
    let options = json!({
        "DhcpOptionsId": id,
        "OwnerId": txn.account(),
        "DhcpConfigurations": [
            { "Key": "domain-name", "Values": [{ "Value": domain }] },
            { "Key": "domain-name-servers", "Values": [{ "Value": "AmazonProvidedDNS" }] },
        ],
        "Tags": [],
    });
    DHCP_OPTIONS.save(txn, region, &options)?;
    Ok(id)
}

/// The IPv4 blocks of a VPC, the first one first.
pub fn blocks(vpc: &Value) -> Vec<String> {
    let associations = vpc["CidrBlockAssociationSet"].as_array();
    let block = |a: &Value| text(a, "CidrBlock").to_owned();
    associations.into_iter().flatten().map(block).collect()
}

/// The VPC that a call's `VpcId` names.
pub fn named(call: &mut Call<'_>) -> Result<Value, ApiError> {
    let id = call.str("VpcId").unwrap_or_default().to_owned();
    VPC.load(call.txn, call.region, &id)
}

/// A block of a request: masked as EC2 does, of a size it takes.
pub fn sent_block(call: &Call<'_>, range_code: &str) -> Result<Cidr4, ApiError> {
    let given = call.str("CidrBlock").ok_or_else(|| missing("cidrBlock"))?;
    let block = Cidr4::parse(given).ok_or_else(|| {
        invalid_value(format!(
            "Value ({given}) for parameter cidrBlock is invalid. This is not a valid CIDR block."
        ))
    })?;
    if BITS.contains(&block.bits) {
        Ok(block)
    } else {
        Err(error(range_code, format!("The CIDR '{given}' is invalid.")))
    }
}

/// CreateVpc.
pub fn create(call: &mut Call<'_>) -> Reply {
    for member in [
        "Ipv4IpamPoolId",
        "Ipv6Pool",
        "Ipv6IpamPoolId",
        "Ipv6CidrBlock",
        "VpcEncryptionControl",
    ] {
        if call.has(member) {
            return Err(ApiError::not_implemented(format!("CreateVpc's {member}")));
        }
    }
    if call.bool("AmazonProvidedIpv6CidrBlock") == Some(true) {
        return Err(ApiError::not_implemented("IPv6 blocks of VPCs"));
    }
    let tags = tagging::sent(call, &VPC)?;
    let block = sent_block(call, "InvalidVpc.Range")?;
    let region = call.region;
    if VPC.all(call.txn, region)?.len() >= QUOTA {
        return Err(error(
            "VpcLimitExceeded",
            "The maximum number of VPCs has been reached.",
        ));
    }
    let tenancy = call.str("InstanceTenancy").unwrap_or("default").to_owned();
    let vpc = make(call.txn, region, &block.to_string(), false, &tenancy, tags)?;
    let mut view = VPC.view(vpc);
    view["State"] = "pending".into();
    view["Ipv6CidrBlockAssociationSet"] = json!([]);
    Ok(json!({ "Vpc": view }))
}

/// CreateDefaultVpc.
pub fn create_default(call: &mut Call<'_>) -> Reply {
    let region = call.region;
    if default_vpc(call.txn, region)?.is_some() {
        return Err(error(
            "DefaultVpcAlreadyExists",
            "A Default VPC already exists for this account in this region.",
        ));
    }
    let vpc = make_default(call.txn, region)?;
    Ok(json!({ "Vpc": VPC.view(vpc) }))
}

static DESCRIBE: Describe = Describe {
    thing: &VPC,
    ids: "VpcIds",
    reply: "Vpcs",
    filters: &[
        ("cidr", "CidrBlock"),
        ("cidrBlock", "CidrBlock"),
        ("cidr-block", "CidrBlock"),
        (
            "cidr-block-association.association-id",
            "CidrBlockAssociationSet.AssociationId",
        ),
        (
            "cidr-block-association.cidr-block",
            "CidrBlockAssociationSet.CidrBlock",
        ),
        (
            "cidr-block-association.state",
            "CidrBlockAssociationSet.CidrBlockState.State",
        ),
        ("dhcp-options-id", "DhcpOptionsId"),
        ("dhcpOptionsId", "DhcpOptionsId"),
        ("instance-tenancy", "InstanceTenancy"),
        ("is-default", "IsDefault"),
        ("isDefault", "IsDefault"),
        ("owner-id", "OwnerId"),
        ("state", "State"),
        ("vpc-id", "VpcId"),
        ("vpcId", "VpcId"),
    ],
    never: &[
        "ipv6-cidr-block-association.association-id",
        "ipv6-cidr-block-association.ipv6-cidr-block",
        "ipv6-cidr-block-association.ipv6-pool",
        "ipv6-cidr-block-association.state",
    ],
};

/// DescribeVpcs.
pub fn describe(call: &mut Call<'_>) -> Reply {
    DESCRIBE.answer(call, plain(&VPC))
}

/// The attributes that DescribeVpcAttribute and ModifyVpcAttribute know: on the wire, in the shape.
const ATTRIBUTES: [(&str, &str); 3] = [
    ("enableDnsSupport", "EnableDnsSupport"),
    ("enableDnsHostnames", "EnableDnsHostnames"),
    (
        "enableNetworkAddressUsageMetrics",
        "EnableNetworkAddressUsageMetrics",
    ),
];

/// DescribeVpcAttribute.
pub fn describe_attribute(call: &mut Call<'_>) -> Reply {
    let vpc = named(call)?;
    let wanted = call.str("Attribute").ok_or_else(|| missing("attribute"))?;
    let (_, member) = ATTRIBUTES
        .iter()
        .find(|(wire, _)| *wire == wanted)
        .ok_or_else(|| {
            invalid_value(format!(
                "Value ({wanted}) for parameter attribute is invalid. Unknown attribute."
            ))
        })?;
    Ok(json!({
        "VpcId": vpc["VpcId"],
        *member: { "Value": vpc["Attributes"][*member] },
    }))
}

/// ModifyVpcAttribute: one attribute a call.
pub fn modify_attribute(call: &mut Call<'_>) -> Reply {
    let mut vpc = named(call)?;
    let sent: Vec<_> = ATTRIBUTES
        .iter()
        .map(|(_, member)| *member)
        .filter(|member| call.has(member))
        .collect();
    let [member] = sent.as_slice() else {
        return Err(match sent.is_empty() {
            true => missing("enableDnsSupport"),
            false => super::errors::combination(
                "Fields for multiple attribute types specified: only one attribute can be modified at a time",
            ),
        });
    };
    let value = call.input[*member]["Value"].as_bool().unwrap_or(false);
    vpc["Attributes"][*member] = value.into();
    if *member == "EnableDnsSupport" && !value && vpc["Attributes"]["EnableDnsHostnames"] == true {
        vpc["Attributes"]["EnableDnsHostnames"] = false.into();
    }
    VPC.save(call.txn, call.region, &vpc)?;
    Ok(json!({}))
}

/// DeleteVpc: takes along what came with it, refuses while anything else is in it.
pub fn delete(call: &mut Call<'_>) -> Reply {
    let vpc = named(call)?;
    let (id, region) = (text(&vpc, "VpcId").to_owned(), call.region);
    let in_vpc = |record: &Value| text(record, "VpcId") == id;
    let txn = &mut *call.txn;
    let groups: Vec<Value> = SECURITY_GROUP
        .all(txn, region)?
        .into_iter()
        .filter(in_vpc)
        .collect();
    let tables: Vec<Value> = ROUTE_TABLE
        .all(txn, region)?
        .into_iter()
        .filter(in_vpc)
        .collect();
    let acls: Vec<Value> = NETWORK_ACL
        .all(txn, region)?
        .into_iter()
        .filter(in_vpc)
        .collect();
    let attached = |gateway: &Value| {
        gateway["Attachments"]
            .as_array()
            .is_some_and(|list| list.iter().any(in_vpc))
    };
    let used = groups
        .iter()
        .any(|group| text(group, "GroupName") != "default")
        || tables.iter().any(|table| !route_table::is_main(table))
        || acls.iter().any(|acl| acl["IsDefault"] != true)
        || SUBNET.all(txn, region)?.iter().any(in_vpc)
        || INTERFACE.all(txn, region)?.iter().any(in_vpc)
        || INTERNET_GATEWAY.all(txn, region)?.iter().any(attached);
    if used {
        return Err(dependency(format!(
            "The vpc '{id}' has dependencies and cannot be deleted."
        )));
    }
    for group in &groups {
        for rule in security_group::rules_of(txn, region, text(group, "GroupId"))? {
            RULE.delete(txn, region, text(&rule, RULE.id))?;
        }
    }
    for (thing, records) in [
        (&SECURITY_GROUP, groups),
        (&ROUTE_TABLE, tables),
        (&NETWORK_ACL, acls),
    ] {
        for record in records {
            thing.delete(txn, region, text(&record, thing.id))?;
        }
    }
    VPC.delete(txn, region, &id)?;
    Ok(json!({}))
}

/// DescribeDhcpOptions.
pub fn describe_options(call: &mut Call<'_>) -> Reply {
    static OPTIONS: Describe = Describe {
        thing: &DHCP_OPTIONS,
        ids: "DhcpOptionsIds",
        reply: "DhcpOptions",
        filters: &[
            ("dhcp-options-id", "DhcpOptionsId"),
            ("key", "DhcpConfigurations.Key"),
            ("owner-id", "OwnerId"),
            ("value", "DhcpConfigurations.Values.Value"),
        ],
        never: &[],
    };
    OPTIONS.answer(call, plain(&DHCP_OPTIONS))
}
