//! Internet gateways.

use serde_json::{Value, json};

use super::describe::{Describe, plain};
use super::errors::{dependency, error};
use super::tagging;
use super::things::{INTERFACE, INTERNET_GATEWAY, ROUTE_TABLE, VPC, text};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

static DESCRIBE: Describe = Describe {
    thing: &INTERNET_GATEWAY,
    ids: "InternetGatewayIds",
    reply: "InternetGateways",
    filters: &[
        ("attachment.state", "Attachments.State"),
        ("attachment.vpc-id", "Attachments.VpcId"),
        ("internet-gateway-id", "InternetGatewayId"),
        ("owner-id", "OwnerId"),
    ],
    never: &[],
};

/// DescribeInternetGateways.
pub fn describe(call: &mut Call<'_>) -> Reply {
    DESCRIBE.answer(call, plain(&INTERNET_GATEWAY))
}

/// CreateInternetGateway.
pub fn create(call: &mut Call<'_>) -> Reply {
    let gateway = json!({
        "InternetGatewayId": INTERNET_GATEWAY.new_id(call.txn)?,
        "OwnerId": call.account,
        "Attachments": [],
        "Tags": tagging::sent(call, &INTERNET_GATEWAY)?,
    });
    INTERNET_GATEWAY.save(call.txn, call.region, &gateway)?;
    Ok(json!({ "InternetGateway": INTERNET_GATEWAY.view(gateway) }))
}

/// AttachInternetGateway: a gateway has one VPC, a VPC one gateway.
pub fn attach(call: &mut Call<'_>) -> Reply {
    let (mut gateway, vpc) = both(call)?;
    if let Some(other) = vpc_of(&gateway) {
        return Err(error(
            "Resource.AlreadyAssociated",
            format!(
                "resource {} is already attached to network {other}",
                text(&gateway, "InternetGatewayId")
            ),
        ));
    }
    let region = call.region;
    let taken = INTERNET_GATEWAY
        .all(call.txn, region)?
        .iter()
        .any(|g| vpc_of(g).as_deref() == Some(&vpc));
    if taken {
        return Err(error(
            "InvalidParameterValue",
            format!("Network {vpc} already has an internet gateway attached"),
        ));
    }
    gateway["Attachments"] = json!([{ "State": "available", "VpcId": vpc }]);
    INTERNET_GATEWAY.save(call.txn, region, &gateway)?;
    Ok(json!({}))
}

/// DetachInternetGateway: not from a VPC where something is reached through it.
pub fn detach(call: &mut Call<'_>) -> Reply {
    let (mut gateway, vpc) = both(call)?;
    if vpc_of(&gateway).as_deref() != Some(&vpc) {
        return Err(error(
            "Gateway.NotAttached",
            format!(
                "resource {} is not attached to network {vpc}",
                text(&gateway, "InternetGatewayId")
            ),
        ));
    }
    let interfaces = INTERFACE.all(call.txn, call.region)?;
    let mapped = |i: &Value| text(i, "VpcId") == vpc && i["Association"].get("PublicIp").is_some();
    if interfaces.iter().any(mapped) {
        return Err(dependency(format!(
            "Network {vpc} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway."
        )));
    }
    gateway["Attachments"] = json!([]);
    INTERNET_GATEWAY.save(call.txn, call.region, &gateway)?;
    let id = text(&gateway, "InternetGatewayId");
    for mut table in ROUTE_TABLE.all(call.txn, call.region)? {
        if mark_blackholes(&mut table, id) {
            ROUTE_TABLE.save(call.txn, call.region, &table)?;
        }
    }
    Ok(json!({}))
}

/// DeleteInternetGateway.
pub fn delete(call: &mut Call<'_>) -> Reply {
    let gateway = named(call)?;
    let id = text(&gateway, "InternetGatewayId");
    if vpc_of(&gateway).is_some() {
        return Err(dependency(format!(
            "The internetGateway '{id}' has dependencies and cannot be deleted."
        )));
    }
    INTERNET_GATEWAY.delete(call.txn, call.region, id)?;
    Ok(json!({}))
}

fn named(call: &mut Call<'_>) -> Result<Value, ApiError> {
    let id = call.str("InternetGatewayId").unwrap_or_default().to_owned();
    INTERNET_GATEWAY.load(call.txn, call.region, &id)
}

/// The gateway and the id of the VPC that the call names.
fn both(call: &mut Call<'_>) -> Result<(Value, String), ApiError> {
    let gateway = named(call)?;
    let vpc = call.str("VpcId").unwrap_or_default().to_owned();
    VPC.load(call.txn, call.region, &vpc)?;
    Ok((gateway, vpc))
}

fn vpc_of(gateway: &Value) -> Option<String> {
    let attachment = gateway["Attachments"].as_array()?.first()?;
    Some(text(attachment, "VpcId").to_owned())
}

/// Routes to a gateway that has left lead nowhere.
fn mark_blackholes(table: &mut Value, gateway: &str) -> bool {
    let mut marked = false;
    for route in table["Routes"].as_array_mut().into_iter().flatten() {
        if text(route, "GatewayId") == gateway {
            route["State"] = "blackhole".into();
            marked = true;
        }
    }
    marked
}
