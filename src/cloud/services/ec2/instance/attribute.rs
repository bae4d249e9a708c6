//! DescribeInstanceAttribute, ModifyInstanceAttribute, ResetInstanceAttribute.

use serde_json::{Value, json};

use super::super::errors::{combination, error, invalid_value, missing};
use super::super::image;
use super::super::things::{INSTANCE, INTERFACE, SUBNET, VOLUME, text};
use super::life::{self, State};
use super::view::Attached;
use super::{network, types, wish};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

/// Attributes that are read from the record: as a call names them, the reply's member, where the
/// record has it.
const READ: [(&str, &str, &str); 7] = [
    (
        "disableApiStop",
        "DisableApiStop",
        "/Protection/DisableApiStop",
    ),
    (
        "disableApiTermination",
        "DisableApiTermination",
        "/Protection/DisableApiTermination",
    ),
    ("ebsOptimized", "EbsOptimized", "/EbsOptimized"),
    ("enaSupport", "EnaSupport", "/EnaSupport"),
    (
        "instanceInitiatedShutdownBehavior",
        "InstanceInitiatedShutdownBehavior",
        "/Protection/InstanceInitiatedShutdownBehavior",
    ),
    ("instanceType", "InstanceType", "/InstanceType"),
    ("rootDeviceName", "RootDeviceName", "/RootDeviceName"),
];

fn named(call: &mut Call<'_>) -> Result<Value, ApiError> {
    let id = call.str("InstanceId").unwrap_or_default().to_owned();
    let record = INSTANCE.load(call.txn, call.region, &id)?;
    match life::state(&record, call.now) {
        State::Terminated => Err(INSTANCE.absent(&[id])),
        _ => Ok(record),
    }
}

/// DescribeInstanceAttribute: what has no value is an empty member.
pub fn describe(call: &mut Call<'_>) -> Reply {
    let record = named(call)?;
    let attribute = call.str("Attribute").unwrap_or_default();
    let mut reply = json!({ "InstanceId": record["InstanceId"] });
    if let Some((_, member, at)) = READ.iter().find(|(name, _, _)| *name == attribute) {
        reply[*member] = json!({ "Value": record.pointer(at) });
        return Ok(reply);
    }
    let attribute = attribute.to_owned();
    let id = text(&record, INSTANCE.id);
    let attached = Attached::of_instances(call.txn, call.region, [id])?;
    let first = attached.interfaces(id).first().cloned().unwrap_or_default();
    match attribute.as_str() {
        "userData" => {
            reply["UserData"] = match record.get("UserData") {
                Some(data) => json!({ "Value": data }),
                None => json!({}),
            };
        }
        "groupSet" => reply["Groups"] = first["Groups"].clone(),
        "sourceDestCheck" => {
            reply["SourceDestCheck"] = json!({ "Value": first["SourceDestCheck"] });
        }
        "sriovNetSupport" => reply["SriovNetSupport"] = json!({ "Value": "simple" }),
        "enclaveOptions" => reply["EnclaveOptions"] = record["EnclaveOptions"].clone(),
        "productCodes" => reply["ProductCodes"] = json!([]),
        "kernel" => reply["KernelId"] = json!({}),
        "ramdisk" => reply["RamdiskId"] = json!({}),
        "blockDeviceMapping" => {
            let view = super::view::instance(&record, &attached, call.now);
            reply["BlockDeviceMappings"] = view["BlockDeviceMappings"].clone();
        }
        other => {
            return Err(ApiError::not_implemented(format!(
                "DescribeInstanceAttribute's {other}"
            )));
        }
    }
    Ok(reply)
}

/// The one attribute that a call sets, by its member, and the value; both ways of naming it.
fn sent(call: &Call<'_>) -> Result<(String, Value), ApiError> {
    let mut members = wish::members(&call.input);
    for apart in ["InstanceId", "DryRun"] {
        members.remove(apart);
    }
    let (attribute, value) = (members.remove("Attribute"), members.remove("Value"));
    if let Some(mappings) = members.get("BlockDeviceMappings")
        && attribute
            .as_ref()
            .is_some_and(|name| name == "blockDeviceMapping")
    {
        return Ok(("BlockDeviceMappings".to_owned(), mappings.clone()));
    }
    match (attribute, members.len()) {
        (Some(attribute), 0) => {
            let name = attribute.as_str().unwrap_or_default();
            let value = value.ok_or_else(|| missing("value"))?;
            by_name(name, value)
        }
        (None, 1) => {
            let found = members.into_iter().next();
            let (member, value) = found.ok_or_else(|| missing("attribute"))?;
            let inner = value.get("Value").cloned().unwrap_or(value);
            Ok((member, inner))
        }
        (None, 0) => Err(missing("attribute")),
        _ => Err(combination(
            "Fields for multiple attribute types specified: only one attribute can be modified at a time",
        )),
    }
}

/// `Attribute` and `Value`, as the members of the other way.
fn by_name(name: &str, value: Value) -> Result<(String, Value), ApiError> {
    let text = value.as_str().unwrap_or_default();
    let truth = || match text.to_ascii_lowercase().as_str() {
        "true" => Ok(json!(true)),
        "false" => Ok(json!(false)),
        _ => Err(invalid_value(format!(
            "Value ({text}) for parameter value is invalid. Expected a boolean."
        ))),
    };
    let (member, value) = match name {
        "disableApiStop" => ("DisableApiStop", truth()?),
        "disableApiTermination" => ("DisableApiTermination", truth()?),
        "ebsOptimized" => ("EbsOptimized", truth()?),
        "enaSupport" => ("EnaSupport", truth()?),
        "sourceDestCheck" => ("SourceDestCheck", truth()?),
        "instanceType" => ("InstanceType", value),
        "userData" => ("UserData", value),
        "instanceInitiatedShutdownBehavior" => ("InstanceInitiatedShutdownBehavior", value),
        other => {
            return Err(ApiError::not_implemented(format!(
                "ModifyInstanceAttribute's {other}"
            )));
        }
    };
    Ok((member.to_owned(), value))
}

/// ModifyInstanceAttribute: one attribute a call.
pub fn modify(call: &mut Call<'_>) -> Reply {
    let mut record = named(call)?;
    let (member, value) = sent(call)?;
    match member.as_str() {
        "DisableApiStop" | "DisableApiTermination" => record["Protection"][&member] = value,
        "InstanceInitiatedShutdownBehavior" => {
            if !["stop", "terminate"].contains(&value.as_str().unwrap_or_default()) {
                return Err(invalid_value(
                    "Invalid value for instanceInitiatedShutdownBehavior. Valid values are: stop, terminate.",
                ));
            }
            record["Protection"][&member] = value;
        }
        "InstanceType" => retype(call, &mut record, &value)?,
        "UserData" => {
            stopped(call, &record, "userData")?;
            match value.as_str().unwrap_or_default() {
                "" => record["UserData"] = Value::Null,
                sent => record["UserData"] = wish::user_data(sent)?.into(),
            }
            if let Some(members) = record.as_object_mut() {
                members.retain(|name, value| name != "UserData" || !value.is_null());
            }
        }
        "EbsOptimized" => {
            stopped(call, &record, "ebsOptimized")?;
            record["EbsOptimized"] = value;
        }
        "EnaSupport" => {
            stopped(call, &record, "enaSupport")?;
            record["EnaSupport"] = value;
        }
        "Groups" => return regroup(call, &record, &wish::texts(&value)),
        "SourceDestCheck" => return check_source(call, &record, &value),
        "BlockDeviceMappings" => return keep_volumes(call, &record, &value),
        other => {
            return Err(ApiError::not_implemented(format!(
                "ModifyInstanceAttribute's {other}"
            )));
        }
    }
    INSTANCE.save(call.txn, call.region, &record)?;
    Ok(json!({}))
}

fn stopped(call: &Call<'_>, record: &Value, attribute: &str) -> Result<(), ApiError> {
    match life::state(record, call.now) {
        State::Stopped => Ok(()),
        _ => Err(life::incorrect(
            record,
            &format!("must be in a 'stopped' state to modify its {attribute} attribute."),
        )),
    }
}

fn retype(call: &mut Call<'_>, record: &mut Value, value: &Value) -> Result<(), ApiError> {
    stopped(call, record, "instanceType")?;
    let name = value.as_str().unwrap_or_default();
    if !types::is_type(name) {
        return Err(invalid_value(format!(
            "Invalid value '{name}' for InstanceType."
        )));
    }
    let kind = types::named(name)?;
    wish::suits(kind, text(record, "Architecture"))?;
    let image = image::load(call.txn, call.region, text(record, "ImageId"))?;
    record["InstanceType"] = name.into();
    record["CpuOptions"] = kind.cpu_options();
    record["CurrentInstanceBootMode"] = wish::boot_mode(&image, kind).into();
    if let Some(members) = record.as_object_mut() {
        members.remove("Credits");
    }
    if let Some(credits) = kind.family.credits {
        record["Credits"] = credits.into();
    }
    Ok(())
}

/// Sets the groups of the instance's one interface.
fn regroup(call: &mut Call<'_>, record: &Value, ids: &[String]) -> Reply {
    let mut port = only_port(call, record)?;
    if ids.is_empty() {
        return Err(missing("groupId"));
    }
    let subnet = SUBNET.load(call.txn, call.region, text(&port, "SubnetId"))?;
    port["Groups"] = network::groups(call.txn, call.region, ids, &subnet)?.into();
    INTERFACE.save(call.txn, call.region, &port)?;
    Ok(json!({}))
}

fn check_source(call: &mut Call<'_>, record: &Value, value: &Value) -> Reply {
    let mut port = only_port(call, record)?;
    port["SourceDestCheck"] = value.clone();
    INTERFACE.save(call.txn, call.region, &port)?;
    Ok(json!({}))
}

/// The interface of an instance that has only one: with more, each is modified by itself.
fn only_port(call: &mut Call<'_>, record: &Value) -> Result<Value, ApiError> {
    let id = text(record, INSTANCE.id);
    let attached = Attached::of_instances(call.txn, call.region, [id])?;
    match attached.interfaces(id) {
        [one] => Ok(one.clone()),
        _ => Err(error(
            "InvalidInstanceID",
            format!(
                "There are multiple interfaces attached to instance '{id}'. Please specify an interface ID for the operation instead."
            ),
        )),
    }
}

/// Sets which volumes end with the instance.
fn keep_volumes(call: &mut Call<'_>, record: &Value, mappings: &Value) -> Reply {
    let id = text(record, INSTANCE.id);
    let attached = Attached::of_instances(call.txn, call.region, [id])?;
    for mapping in mappings.as_array().into_iter().flatten() {
        let device = text(mapping, "DeviceName");
        let found = attached
            .volumes(id)
            .iter()
            .find(|volume| text(&volume["Attachments"][0], "Device") == device);
        let Some(volume) = found else {
            return Err(error(
                "InvalidInstanceAttributeValue",
                format!("No device is currently mapped at {device}"),
            ));
        };
        let mut volume = VOLUME.load(call.txn, call.region, text(volume, VOLUME.id))?;
        if let Some(ends) = mapping["Ebs"]["DeleteOnTermination"].as_bool() {
            volume["Attachments"][0]["DeleteOnTermination"] = ends.into();
            VOLUME.save(call.txn, call.region, &volume)?;
        }
    }
    Ok(json!({}))
}

/// ResetInstanceAttribute: only the check of source and destination can be reset here; kernels and
/// RAM disks belong to paravirtual instances.
pub fn reset(call: &mut Call<'_>) -> Reply {
    let record = named(call)?;
    match call.str("Attribute").unwrap_or_default() {
        "sourceDestCheck" => check_source(call, &record, &json!(true)),
        other => Err(invalid_value(format!(
            "Value ({other}) for parameter attribute is invalid. Only sourceDestCheck can be reset for this instance."
        ))),
    }
}
