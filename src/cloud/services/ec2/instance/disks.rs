//! The volumes an instance is launched with: the image's, and what the call lays over them.

use serde_json::{Value, json};

use super::super::errors::{error, invalid_value, missing};
use super::super::things::{VOLUME, text};
use super::super::volume::{self, Sizes};
use super::wish::not_modelled;
use crate::cloud::error::ApiError;
use crate::cloud::services::call::Call;
use crate::cloud::store::{StoreError, Txn};

/// Devices of an instance.
const MOST: usize = 28;

/// One volume to be made for each instance.
pub struct Disk {
    device: String,
    sizes: Sizes,
    snapshot: Option<String>,
    encrypted: bool,
    ends_with_instance: bool,
}

/// The volumes that a RunInstances call asks for on an image.
pub fn disks(call: &Call<'_>, image: &Value) -> Result<Vec<Disk>, ApiError> {
    let root = text(image, "RootDeviceName");
    let mut mappings: Vec<Value> = image["BlockDeviceMappings"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    for sent in call.list("BlockDeviceMappings") {
        overlay(&mut mappings, sent, root)?;
    }
    if mappings.len() > MOST {
        return Err(error(
            "InvalidBlockDeviceMapping",
            format!("An instance can have at most {MOST} block devices."),
        ));
    }
    mappings
        .iter()
        .map(|mapping| disk(mapping, &image["BlockDeviceMappings"][0]["Ebs"]))
        .collect()
}

fn overlay(mappings: &mut Vec<Value>, sent: &Value, root: &str) -> Result<(), ApiError> {
    let device = text(sent, "DeviceName");
    if device.is_empty() {
        return Err(missing("deviceName"));
    }
    if sent.get("VirtualName").is_some() {
        return Err(ApiError::not_implemented("instance store volumes"));
    }
    let at = mappings
        .iter()
        .position(|m| text(m, "DeviceName") == device);
    match (at, sent.get("NoDevice").is_some()) {
        (Some(_), true) if device == root => Err(error(
            "InvalidBlockDeviceMapping",
            format!("The root device '{device}' cannot be left out."),
        )),
        (Some(at), true) => {
            mappings.remove(at);
            Ok(())
        }
        (None, true) => Ok(()),
        (Some(at), false) => {
            lay_over(&mut mappings[at]["Ebs"], &sent["Ebs"]);
            Ok(())
        }
        (None, false) => {
            let mut mapping = json!({ "DeviceName": device, "Ebs": { "VolumeType": "gp2" } });
            lay_over(&mut mapping["Ebs"], &sent["Ebs"]);
            mappings.push(mapping);
            Ok(())
        }
    }
}

/// Another type of volume does not keep the figures of the image's type.
fn lay_over(ebs: &mut Value, sent: &Value) {
    let retyped = sent
        .get("VolumeType")
        .is_some_and(|kind| *kind != ebs["VolumeType"]);
    if let (true, Some(members)) = (retyped, ebs.as_object_mut()) {
        members.remove("Iops");
        members.remove("Throughput");
    }
    for (member, value) in sent.as_object().into_iter().flatten() {
        ebs[member.as_str()] = value.clone();
    }
}

fn disk(mapping: &Value, image: &Value) -> Result<Disk, ApiError> {
    let ebs = &mapping["Ebs"];
    const MODELLED: [&str; 7] = [
        "DeleteOnTermination",
        "Encrypted",
        "Iops",
        "SnapshotId",
        "Throughput",
        "VolumeSize",
        "VolumeType",
    ];
    not_modelled("RunInstances' BlockDeviceMappings.Ebs", ebs, &MODELLED, &[])?;
    let snapshot = ebs["SnapshotId"].as_str();
    if let Some(unknown) = snapshot.filter(|id| *id != text(image, "SnapshotId")) {
        return Err(error(
            "InvalidSnapshot.NotFound",
            format!("The snapshot '{unknown}' does not exist."),
        ));
    }
    let least = snapshot.and_then(|_| image["VolumeSize"].as_i64());
    let Some(size) = ebs["VolumeSize"].as_i64().or(least) else {
        return Err(missing("size or snapshotId"));
    };
    if let (Some(least), Some(snapshot)) = (least.filter(|least| size < *least), snapshot) {
        return Err(error(
            "InvalidBlockDeviceMapping",
            format!(
                "Volume of size {size}GB is smaller than snapshot '{snapshot}', expect size>= {least}GB"
            ),
        ));
    }
    let device = text(mapping, "DeviceName");
    if !device.starts_with("/dev/") && !device.starts_with("xvd") {
        return Err(invalid_value(format!(
            "Value ({device}) for parameter device is invalid. {device} is not a valid EBS device name."
        )));
    }
    Ok(Disk {
        device: device.to_owned(),
        sizes: volume::sizes(
            text(ebs, "VolumeType"),
            size,
            ebs["Iops"].as_i64(),
            ebs["Throughput"].as_i64(),
        )?,
        snapshot: snapshot.map(str::to_owned),
        encrypted: ebs["Encrypted"] == true,
        ends_with_instance: ebs["DeleteOnTermination"].as_bool().unwrap_or(true),
    })
}

/// Makes a volume and attaches it.
pub fn attach(
    txn: &mut Txn,
    region: &str,
    disk: &Disk,
    instance: &Value,
    tags: &Value,
) -> Result<(), StoreError> {
    let id = VOLUME.new_id(txn)?;
    let mut record = json!({
        "VolumeId": id,
        "AvailabilityZone": instance["Placement"]["AvailabilityZone"],
        "AvailabilityZoneId": instance["Placement"]["AvailabilityZoneId"],
        "CreateTime": txn.now(),
        "Encrypted": disk.encrypted,
        "MultiAttachEnabled": false,
        "Operator": { "Managed": false },
        "SnapshotId": disk.snapshot.as_deref().unwrap_or_default(),
        "State": "in-use",
        "Attachments": [{
            "AttachTime": txn.now(),
            "DeleteOnTermination": disk.ends_with_instance,
            "Device": disk.device,
            "InstanceId": instance["InstanceId"],
            "State": "attached",
            "VolumeId": id,
        }],
        "Tags": tags,
    });
    if disk.encrypted {
        record["KmsKeyId"] = volume::default_key(txn, region).into();
    }
    disk.sizes.write(&mut record);
    VOLUME.save(txn, region, &record)
}
