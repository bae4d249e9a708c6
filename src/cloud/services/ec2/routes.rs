//! Routes, and which subnets follow a route table.

use serde_json::{Value, json};

use super::cidr::Cidr4;
use super::errors::{combination, dependency, error, invalid_value, missing};
use super::route_table::{self, blank, local, push};
use super::things::{INTERNET_GATEWAY, ROUTE_TABLE, SUBNET, text};
use super::{tagging, vpc};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

/// CreateRouteTable.
pub fn create_table(call: &mut Call<'_>) -> Reply {
    let tags = tagging::sent(call, &ROUTE_TABLE)?;
    let parent = vpc::named(call)?;
    let block = text(&parent, "CidrBlock");
    let mut table = blank(call.txn, text(&parent, "VpcId"), block, tags)?;
    for more in vpc::blocks(&parent).iter().skip(1) {
        push(&mut table, "Routes", local(more));
    }
    ROUTE_TABLE.save(call.txn, call.region, &table)?;
    Ok(json!({ "RouteTable": ROUTE_TABLE.view(table) }))
}

/// DeleteRouteTable: not a main one, nor one that subnets follow.
pub fn delete_table(call: &mut Call<'_>) -> Reply {
    let table = table(call)?;
    let id = text(&table, "RouteTableId");
    if table["Associations"]
        .as_array()
        .is_some_and(|list| !list.is_empty())
    {
        return Err(dependency(format!(
            "The routeTable '{id}' has dependencies and cannot be deleted."
        )));
    }
    ROUTE_TABLE.delete(call.txn, call.region, id)?;
    Ok(json!({}))
}

/// AssociateRouteTable: a subnet follows one table; following the same one again changes nothing.
pub fn associate(call: &mut Call<'_>) -> Reply {
    if call.has("GatewayId") || call.has("PublicIpv4Pool") {
        return Err(ApiError::not_implemented("route tables of gateways"));
    }
    let mut table = table(call)?;
    let subnet = call
        .str("SubnetId")
        .ok_or_else(|| missing("subnetId"))?
        .to_owned();
    let found = SUBNET.load(call.txn, call.region, &subnet)?;
    check_same_vpc(&table, &found, &subnet)?;
    for other in ROUTE_TABLE.all(call.txn, call.region)? {
        let Some(held) = association(&other, |a| text(a, "SubnetId") == subnet) else {
            continue;
        };
        if other["RouteTableId"] != table["RouteTableId"] {
            return Err(error(
                "Resource.AlreadyAssociated",
                format!(
                    "the specified association for route table {} conflicts with an existing association",
                    text(&table, "RouteTableId")
                ),
            ));
        }
        return Ok(associated(&held));
    }
    let made = new_association(call, &table, &subnet)?;
    push(&mut table, "Associations", made.clone());
    ROUTE_TABLE.save(call.txn, call.region, &table)?;
    Ok(associated(&made))
}

fn check_same_vpc(table: &Value, other: &Value, id: &str) -> Result<(), ApiError> {
    if table["VpcId"] == other["VpcId"] {
        return Ok(());
    }
    Err(invalid_value(format!(
        "route table {} and subnet {id} belong to different networks",
        text(table, "RouteTableId")
    )))
}

fn associated(association: &Value) -> Value {
    json!({
        "AssociationId": association["RouteTableAssociationId"],
        "AssociationState": { "State": "associated" },
    })
}

fn new_association(call: &mut Call<'_>, table: &Value, subnet: &str) -> Result<Value, ApiError> {
    Ok(json!({
        "Main": false,
        "RouteTableAssociationId": format!("rtbassoc-0{}", call.txn.hex_id(16)?),
        "RouteTableId": table["RouteTableId"],
        "SubnetId": subnet,
        "AssociationState": { "State": "associated" },
    }))
}

/// DisassociateRouteTable: the subnet follows the main table again.
pub fn disassociate(call: &mut Call<'_>) -> Reply {
    let id = call.str("AssociationId").unwrap_or_default().to_owned();
    let (mut table, held) = holder(call, &id)?;
    if held["Main"] == true {
        return Err(invalid_value(format!(
            "cannot disassociate the main route table association {id}"
        )));
    }
    take(&mut table, &id);
    ROUTE_TABLE.save(call.txn, call.region, &table)?;
    Ok(json!({}))
}

/// ReplaceRouteTableAssociation: moves a subnet, or being the main table, to another table.
pub fn replace_association(call: &mut Call<'_>) -> Reply {
    let id = call.str("AssociationId").unwrap_or_default().to_owned();
    let (mut from, held) = holder(call, &id)?;
    let mut to = table(call)?;
    check_same_vpc(&to, &from, text(&held, "SubnetId"))?;
    if to["RouteTableId"] == from["RouteTableId"] {
        return Ok(with_new_id(&held));
    }
    let mut made = new_association(call, &to, text(&held, "SubnetId"))?;
    if held["Main"] == true {
        made["Main"] = true.into();
        if let Some(members) = made.as_object_mut() {
            members.remove("SubnetId");
        }
    }
    take(&mut from, &id);
    push(&mut to, "Associations", made.clone());
    ROUTE_TABLE.save(call.txn, call.region, &from)?;
    ROUTE_TABLE.save(call.txn, call.region, &to)?;
    Ok(with_new_id(&made))
}

fn with_new_id(association: &Value) -> Value {
    json!({
        "NewAssociationId": association["RouteTableAssociationId"],
        "AssociationState": { "State": "associated" },
    })
}

/// The table that holds an association, and the association.
fn holder(call: &mut Call<'_>, id: &str) -> Result<(Value, Value), ApiError> {
    for table in ROUTE_TABLE.all(call.txn, call.region)? {
        if let Some(held) = association(&table, |a| text(a, "RouteTableAssociationId") == id) {
            return Ok((table, held));
        }
    }
    Err(error(
        "InvalidAssociationID.NotFound",
        format!("The association ID '{id}' does not exist"),
    ))
}

fn association(table: &Value, wanted: impl Fn(&Value) -> bool) -> Option<Value> {
    let list = table["Associations"].as_array()?;
    list.iter().find(|a| wanted(a)).cloned()
}

fn take(table: &mut Value, id: &str) {
    if let Some(list) = table["Associations"].as_array_mut() {
        list.retain(|a| text(a, "RouteTableAssociationId") != id);
    }
}

fn table(call: &mut Call<'_>) -> Result<Value, ApiError> {
    let id = call.str("RouteTableId").unwrap_or_default().to_owned();
    ROUTE_TABLE.load(call.txn, call.region, &id)
}

/// The block that the call's route leads to, as EC2 keeps it.
fn destination(call: &Call<'_>) -> Result<String, ApiError> {
    if call.has("DestinationIpv6CidrBlock") || call.has("DestinationPrefixListId") {
        return Err(ApiError::not_implemented(
            "routes to IPv6 blocks and prefix lists",
        ));
    }
    let given = call
        .str("DestinationCidrBlock")
        .ok_or_else(|| missing("destinationCidrBlock"))?;
    let block = Cidr4::parse(given).ok_or_else(|| {
        invalid_value(format!(
            "Value ({given}) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block."
        ))
    })?;
    Ok(block.to_string())
}

/// The gateway that the call's route leads through: an internet gateway of the table's VPC.
fn target(call: &mut Call<'_>, table: &Value) -> Result<String, ApiError> {
    const OTHERS: [&str; 9] = [
        "NatGatewayId",
        "InstanceId",
        "NetworkInterfaceId",
        "TransitGatewayId",
        "VpcEndpointId",
        "VpcPeeringConnectionId",
        "LocalGatewayId",
        "CarrierGatewayId",
        "EgressOnlyInternetGatewayId",
    ];
    if let Some(other) = OTHERS.iter().find(|member| call.has(member)) {
        return Err(ApiError::not_implemented(format!(
            "routes through a {other}"
        )));
    }
    let id = call
        .str("GatewayId")
        .ok_or_else(|| {
            error(
                "MissingParameter",
                "The request must contain exactly one of gatewayId, natGatewayId, networkInterfaceId, vpcPeeringConnectionId, transitGatewayId, instanceId",
            )
        })?
        .to_owned();
    let gateway = INTERNET_GATEWAY.load(call.txn, call.region, &id)?;
    let attached = gateway["Attachments"]
        .as_array()
        .is_some_and(|list| list.iter().any(|a| a["VpcId"] == table["VpcId"]));
    if !attached {
        return Err(invalid_value(format!(
            "route table {} and network gateway {id} belong to different networks",
            text(table, "RouteTableId")
        )));
    }
    Ok(id)
}

fn position(table: &Value, block: &str) -> Option<usize> {
    let routes = table["Routes"].as_array()?;
    routes
        .iter()
        .position(|route| text(route, "DestinationCidrBlock") == block)
}

/// CreateRoute.
pub fn create(call: &mut Call<'_>) -> Reply {
    let mut table = table(call)?;
    let block = destination(call)?;
    let gateway = target(call, &table)?;
    if let Some(at) = position(&table, &block) {
        if text(&table["Routes"][at], "GatewayId") == gateway {
            return Ok(json!({ "Return": true }));
        }
        return Err(error(
            "RouteAlreadyExists",
            format!("The route identified by {block} already exists."),
        ));
    }
    push(&mut table, "Routes", route_table::route(&block, &gateway));
    ROUTE_TABLE.save(call.txn, call.region, &table)?;
    Ok(json!({ "Return": true }))
}

fn absent(table: &Value, block: &str) -> ApiError {
    error(
        "InvalidRoute.NotFound",
        format!(
            "no route with destination-cidr-block {block} in route table {}",
            text(table, "RouteTableId")
        ),
    )
}

/// Where the call's route is in the table; the local routes cannot be touched.
fn changeable(table: &Value, block: &str) -> Result<usize, ApiError> {
    let at = position(table, block).ok_or_else(|| absent(table, block))?;
    if text(&table["Routes"][at], "GatewayId") == "local" {
        return Err(invalid_value(format!(
            "cannot remove local route {block} in route table {}",
            text(table, "RouteTableId")
        )));
    }
    Ok(at)
}

/// ReplaceRoute.
pub fn replace(call: &mut Call<'_>) -> Reply {
    let mut table = table(call)?;
    let block = destination(call)?;
    let at = changeable(&table, &block)?;
    if call.bool("LocalTarget") == Some(true) {
        return Err(combination(
            "localTarget is only for routes to the VPC's own blocks",
        ));
    }
    let gateway = target(call, &table)?;
    table["Routes"][at] = route_table::route(&block, &gateway);
    ROUTE_TABLE.save(call.txn, call.region, &table)?;
    Ok(json!({}))
}

/// DeleteRoute.
pub fn delete(call: &mut Call<'_>) -> Reply {
    let mut table = table(call)?;
    let block = destination(call)?;
    let at = changeable(&table, &block)?;
    if let Some(routes) = table["Routes"].as_array_mut() {
        routes.remove(at);
    }
    ROUTE_TABLE.save(call.txn, call.region, &table)?;
    Ok(json!({}))
}
