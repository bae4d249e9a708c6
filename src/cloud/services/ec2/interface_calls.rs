//! Attributes of one network interface.

use serde_json::{Value, json};

use super::errors::{combination, error, missing};
use super::instance::network;
use super::things::{INTERFACE, SUBNET, text};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

fn named(call: &mut Call<'_>) -> Result<Value, ApiError> {
    let id = call
        .str("NetworkInterfaceId")
        .unwrap_or_default()
        .to_owned();
    INTERFACE.load(call.txn, call.region, &id)
}

/// DescribeNetworkInterfaceAttribute.
pub fn describe_attribute(call: &mut Call<'_>) -> Reply {
    let record = named(call)?;
    let mut reply = json!({ "NetworkInterfaceId": record["NetworkInterfaceId"] });
    match call.str("Attribute") {
        Some("description") => reply["Description"] = json!({ "Value": record["Description"] }),
        Some("groupSet") => reply["Groups"] = record["Groups"].clone(),
        Some("sourceDestCheck") => {
            reply["SourceDestCheck"] = json!({ "Value": record["SourceDestCheck"] });
        }
        Some("attachment") => reply["Attachment"] = record["Attachment"].clone(),
        Some("associatePublicIpAddress") => {
            reply["AssociatePublicIpAddress"] = json!(record["AutoPublic"] == true);
        }
        _ => return Err(missing("attribute")),
    }
    Ok(reply)
}

/// ModifyNetworkInterfaceAttribute: one attribute a call, and none of AWS's own interfaces.
pub fn modify_attribute(call: &mut Call<'_>) -> Reply {
    let mut record = named(call)?;
    if record["RequesterManaged"] == true {
        return Err(error(
            "AuthFailure",
            "You do not have permission to access the specified resource.",
        ));
    }
    let sent: Vec<(String, Value)> = call
        .input
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(member, _)| !["NetworkInterfaceId", "DryRun"].contains(&member.as_str()))
        .map(|(member, value)| (member.clone(), value.clone()))
        .collect();
    let [(member, value)] = sent.as_slice() else {
        return Err(match sent.is_empty() {
            true => missing("attribute"),
            false => combination(
                "Fields for multiple attribute types specified: only one attribute can be modified at a time",
            ),
        });
    };
    match member.as_str() {
        "Description" | "SourceDestCheck" => record[member] = value["Value"].clone(),
        "Groups" => {
            let subnet = SUBNET.load(call.txn, call.region, text(&record, "SubnetId"))?;
            let ids = call.strings("Groups");
            record["Groups"] = network::groups(call.txn, call.region, &ids, &subnet)?.into();
        }
        "Attachment" => check_attachment(&record, value)?,
        "AssociatePublicIpAddress" => {
            record["AutoPublic"] = value.clone();
            network::take_public(&mut record);
            network::give_public(call.txn, call.region, &mut record)?;
        }
        other => {
            return Err(ApiError::not_implemented(format!(
                "ModifyNetworkInterfaceAttribute's {other}"
            )));
        }
    }
    INTERFACE.save(call.txn, call.region, &record)?;
    Ok(json!({}))
}

/// An instance's interface goes with it, and that cannot be changed here.
fn check_attachment(record: &Value, sent: &Value) -> Result<(), ApiError> {
    let id = text(sent, "AttachmentId");
    if id != text(&record["Attachment"], "AttachmentId") {
        return Err(error(
            "InvalidAttachmentID.NotFound",
            format!("The attachment '{id}' does not exist"),
        ));
    }
    let modelled = ["AttachmentId", "DeleteOnTermination"];
    let other = sent
        .as_object()
        .into_iter()
        .flatten()
        .find(|(member, _)| !modelled.contains(&member.as_str()));
    match (other, sent["DeleteOnTermination"].as_bool()) {
        (None, Some(true)) => Ok(()),
        (None, None) => Err(missing("deleteOnTermination")),
        _ => Err(ApiError::not_implemented(
            "interfaces that outlive their instance",
        )),
    }
}
