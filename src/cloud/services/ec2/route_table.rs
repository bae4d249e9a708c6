//! Route tables.

use serde_json::{Value, json};

use super::describe::{Describe, plain};
use super::things::{ROUTE_TABLE, text};
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::store::{StoreError, Txn};

/// Makes a VPC's main route table.
pub fn make_main(txn: &mut Txn, region: &str, vpc: &str, block: &str) -> Result<(), StoreError> {
    let mut table = blank(txn, vpc, block, json!([]))?;
    let association = json!({
        "Main": true,
        "RouteTableAssociationId": format!("rtbassoc-0{}", txn.hex_id(16)?),
        "RouteTableId": table["RouteTableId"],
        "AssociationState": { "State": "associated" },
    });
    table["Associations"] = json!([association]);
    ROUTE_TABLE.save(txn, region, &table)
}

/// A new route table with the local route only.
pub fn blank(txn: &mut Txn, vpc: &str, block: &str, tags: Value) -> Result<Value, StoreError> {
    Ok(json!({
        "RouteTableId": ROUTE_TABLE.new_id(txn)?,
        "VpcId": vpc,
        "OwnerId": txn.account(),
        "Associations": [],
        "PropagatingVgws": [],
        "Routes": [local(block)],
        "Tags": tags,
    }))
}

/// The route that a table has to each of its VPC's blocks.
pub fn local(block: &str) -> Value {
    let mut route = route(block, "local");
    route["Origin"] = "CreateRouteTable".into();
    route
}

/// A route to a gateway.
pub fn route(block: &str, gateway: &str) -> Value {
    json!({
        "DestinationCidrBlock": block,
        "GatewayId": gateway,
        "Origin": "CreateRoute",
        "State": "active",
    })
}

/// The main route table of a VPC.
pub fn main_of(txn: &mut Txn, region: &str, vpc: &str) -> Result<Option<Value>, StoreError> {
    let tables = ROUTE_TABLE.all(txn, region)?;
    let main = |table: &Value| text(table, "VpcId") == vpc && is_main(table);
    Ok(tables.into_iter().find(main))
}

/// Whether a table is its VPC's main one.
pub fn is_main(table: &Value) -> bool {
    table["Associations"]
        .as_array()
        .is_some_and(|list| list.iter().any(|a| a["Main"] == true))
}

/// Adds to one of a record's lists.
pub fn push(record: &mut Value, list: &str, value: Value) {
    if let Some(list) = record[list].as_array_mut() {
        list.push(value);
    }
}

/// Takes a subnet out of a record's list of associations; true if it was there.
pub fn forget_subnet(record: &mut Value, list: &str, subnet: &str) -> bool {
    let Some(list) = record[list].as_array_mut() else {
        return false;
    };
    let before = list.len();
    list.retain(|association| text(association, "SubnetId") != subnet);
    list.len() < before
}

static DESCRIBE: Describe = Describe {
    thing: &ROUTE_TABLE,
    ids: "RouteTableIds",
    reply: "RouteTables",
    filters: &[
        ("association.gateway-id", "Associations.GatewayId"),
        ("association.main", "Associations.Main"),
        (
            "association.route-table-association-id",
            "Associations.RouteTableAssociationId",
        ),
        ("association.route-table-id", "Associations.RouteTableId"),
        ("association.subnet-id", "Associations.SubnetId"),
        ("owner-id", "OwnerId"),
        ("route-table-id", "RouteTableId"),
        (
            "route.destination-cidr-block",
            "Routes.DestinationCidrBlock",
        ),
        ("route.gateway-id", "Routes.GatewayId"),
        ("route.origin", "Routes.Origin"),
        ("route.state", "Routes.State"),
        ("vpc-id", "VpcId"),
    ],
    never: &[
        "route.destination-ipv6-cidr-block",
        "route.destination-prefix-list-id",
        "route.egress-only-internet-gateway-id",
        "route.instance-id",
        "route.nat-gateway-id",
        "route.transit-gateway-id",
        "route.vpc-peering-connection-id",
    ],
};

/// DescribeRouteTables.
pub fn describe(call: &mut Call<'_>) -> Reply {
    DESCRIBE.answer(call, plain(&ROUTE_TABLE))
}
