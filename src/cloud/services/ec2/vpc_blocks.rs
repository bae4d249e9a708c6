//! Further IPv4 blocks of VPCs.

use serde_json::{Value, json};

use super::cidr::Cidr4;
use super::errors::error;
use super::route_table::{self, local};
use super::things::{ROUTE_TABLE, SUBNET, VPC, text};
use super::vpc;
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

/// IPv4 blocks of a VPC.
const BLOCKS_QUOTA: usize = 5;

/// AssociateVpcCidrBlock: one more IPv4 block, with its local routes.
pub fn associate(call: &mut Call<'_>) -> Reply {
    for member in [
        "AmazonProvidedIpv6CidrBlock",
        "Ipv6CidrBlock",
        "Ipv6Pool",
        "Ipv4IpamPoolId",
        "Ipv6IpamPoolId",
    ] {
        if call.has(member) {
            return Err(ApiError::not_implemented(format!(
                "AssociateVpcCidrBlock's {member}"
            )));
        }
    }
    let mut parent = vpc::named(call)?;
    let block = vpc::sent_block(call, "InvalidVpc.Range")?;
    let held = vpc::blocks(&parent);
    if held
        .iter()
        .filter_map(|b| Cidr4::parse(b))
        .any(|b| b.overlaps(block))
    {
        return Err(error(
            "InvalidVpc.Conflict",
            format!("The CIDR '{block}' conflicts with one or more existing CIDR blocks."),
        ));
    }
    if held.len() >= BLOCKS_QUOTA {
        return Err(error(
            "CidrLimitExceeded",
            "The maximum number of CIDR blocks of a VPC has been reached.",
        ));
    }
    let mut association = json!({
        "AssociationId": format!("vpc-cidr-assoc-0{}", call.txn.hex_id(16)?),
        "CidrBlock": block.to_string(),
        "CidrBlockState": { "State": "associated" },
    });
    route_table::push(&mut parent, "CidrBlockAssociationSet", association.clone());
    VPC.save(call.txn, call.region, &parent)?;
    for mut table in tables_of(call, &parent)? {
        route_table::push(&mut table, "Routes", local(&block.to_string()));
        ROUTE_TABLE.save(call.txn, call.region, &table)?;
    }
    association["CidrBlockState"]["State"] = "associating".into();
    Ok(json!({ "VpcId": parent["VpcId"], "CidrBlockAssociation": association }))
}

/// DisassociateVpcCidrBlock: not the first block, nor one with subnets.
pub fn disassociate(call: &mut Call<'_>) -> Reply {
    let id = call.str("AssociationId").unwrap_or_default().to_owned();
    let held = |vpc: &Value| {
        let list = vpc["CidrBlockAssociationSet"].as_array();
        list.and_then(|list| {
            list.iter()
                .find(|a| text(a, "AssociationId") == id)
                .cloned()
        })
    };
    let vpcs = VPC.all(call.txn, call.region)?;
    let found = vpcs.into_iter().find_map(|vpc| Some((held(&vpc)?, vpc)));
    let (mut association, mut parent) = found.ok_or_else(|| {
        error(
            "InvalidVpcCidrBlockAssociationID.NotFound",
            format!("The vpc CIDR block association ID '{id}' does not exist"),
        )
    })?;
    let block = text(&association, "CidrBlock").to_owned();
    if block == text(&parent, "CidrBlock") {
        return Err(error(
            "OperationNotPermitted",
            format!(
                "The vpc CIDR block with association ID {id} may not be disassociated. It is the primary IPv4 CIDR block of the VPC"
            ),
        ));
    }
    let used = SUBNET.all(call.txn, call.region)?.iter().any(|subnet| {
        let whole = Cidr4::parse(&block);
        let part = Cidr4::parse(text(subnet, "CidrBlock"));
        subnet["VpcId"] == parent["VpcId"]
            && whole
                .zip(part)
                .is_some_and(|(whole, part)| whole.contains(part))
    });
    if used {
        return Err(error(
            "InvalidCidrBlock.InUse",
            format!("The vpc CIDR block {block} is in use by one or more subnets."),
        ));
    }
    if let Some(list) = parent["CidrBlockAssociationSet"].as_array_mut() {
        list.retain(|a| text(a, "AssociationId") != id);
    }
    VPC.save(call.txn, call.region, &parent)?;
    for mut table in tables_of(call, &parent)? {
        if let Some(routes) = table["Routes"].as_array_mut() {
            routes.retain(|route| text(route, "DestinationCidrBlock") != block);
        }
        ROUTE_TABLE.save(call.txn, call.region, &table)?;
    }
    association["CidrBlockState"]["State"] = "disassociating".into();
    Ok(json!({ "VpcId": parent["VpcId"], "CidrBlockAssociation": association }))
}

fn tables_of(call: &mut Call<'_>, vpc: &Value) -> Result<Vec<Value>, ApiError> {
    let mut tables = ROUTE_TABLE.all(call.txn, call.region)?;
    tables.retain(|table| table["VpcId"] == vpc["VpcId"]);
    Ok(tables)
}
