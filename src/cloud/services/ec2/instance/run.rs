//! RunInstances.

use serde_json::{Value, json};

use super::super::errors::error;
use super::super::tagging;
use super::super::things::{INSTANCE, INTERFACE, VOLUME, text};
use super::disks::{self, Disk};
use super::life::{self, Order};
use super::network::{self, Port};
use super::types::InstanceType;
use super::view::{self, Attached};
use super::{power, profile, token, wish};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

/// All that a call asks for, checked.
struct Launch {
    ports: Vec<Port>,
    disks: Vec<Disk>,
    /// Of the instance, its volumes and its interfaces.
    tags: [Value; 3],
    /// The record but for ids.
    record: Value,
}

/// RunInstances: the same request with the same token launches nothing and shows what it launched.
pub fn run(call: &mut Call<'_>) -> Reply {
    wish::check_modelled(call)?;
    if let Some(before) = token::recall(call)? {
        return again(call, &before);
    }
    let count = wish::count(call)?;
    let launch = checked(call)?;
    let reservation = format!("r-0{}", call.txn.hex_id(16)?);
    let mut ids = Vec::new();
    for index in 0..count {
        ids.push(make(call, &launch, &reservation, index)?);
    }
    token::remember(
        call,
        json!({ "Reservation": reservation, "Instances": ids }),
    )?;
    let mut reply = reply(call, &reservation, &ids)?;
    for instance in reply["Instances"].as_array_mut().into_iter().flatten() {
        just_launched(instance);
    }
    Ok(reply)
}

fn checked(call: &mut Call<'_>) -> Result<Launch, ApiError> {
    let image = wish::image(call)?;
    let kind = wish::kind(call, &image)?;
    let ports = network::ports(call)?;
    let count = ports.len();
    if i64::try_from(count).is_ok_and(|count| count > kind.interfaces) {
        return Err(error(
            "AttachmentLimitExceeded",
            format!(
                "Interface count {count} exceeds the limit for {}",
                kind.name
            ),
        ));
    }
    let disks = disks::disks(call, &image)?;
    let tags = tagging::sent_to(call, [&INSTANCE, &VOLUME, &INTERFACE])?;
    let subnet = ports
        .first()
        .map(|port| port.subnet.clone())
        .unwrap_or_default();
    let record = record(call, &image, kind, &subnet)?;
    Ok(Launch {
        ports,
        disks,
        tags,
        record,
    })
}

/// The record of an instance, but for what differs from one to the next.
fn record(
    call: &mut Call<'_>,
    image: &Value,
    kind: &InstanceType,
    subnet: &Value,
) -> Result<Value, ApiError> {
    let user_data = call.str("UserData").map(wish::user_data).transpose()?;
    let mut record = json!({
        "ImageId": image["ImageId"],
        "InstanceType": kind.name,
        "LaunchTime": call.now,
        "Architecture": image["Architecture"],
        "CapacityReservationSpecification": { "CapacityReservationPreference": "open" },
        "ClientToken": call.str("ClientToken").unwrap_or_default(),
        "CpuOptions": kind.cpu_options(),
        "CurrentInstanceBootMode": wish::boot_mode(image, kind),
        "EbsOptimized": call.bool("EbsOptimized").unwrap_or(false),
        "EnaSupport": image["EnaSupport"],
        "EnclaveOptions": { "Enabled": false },
        "HibernationOptions": { "Configured": false },
        "Hypervisor": "xen",
        "MaintenanceOptions": { "AutoRecovery": "default", "RebootMigration": "default" },
        "MetadataOptions": wish::metadata(call, image)?,
        "NetworkPerformanceOptions": { "BandwidthWeighting": "default" },
        "Operator": { "Managed": false },
        "Placement": {
            "AvailabilityZone": subnet["AvailabilityZone"],
            "AvailabilityZoneId": subnet["AvailabilityZoneId"],
            "GroupName": "",
            "Tenancy": "default",
        },
        "PlatformDetails": image["PlatformDetails"],
        "PrivateDnsNameOptions": wish::private_names(call, subnet),
        "ProductCodes": [],
        "RootDeviceName": image["RootDeviceName"],
        "RootDeviceType": image["RootDeviceType"],
        "UsageOperation": image["UsageOperation"],
        "UsageOperationUpdateTime": call.now,
        "VirtualizationType": image["VirtualizationType"],
        "Monitored": call.input["Monitoring"]["Enabled"] == true,
        "Protection": {
            "DisableApiStop": call.bool("DisableApiStop").unwrap_or(false),
            "DisableApiTermination": call.bool("DisableApiTermination").unwrap_or(false),
            "InstanceInitiatedShutdownBehavior":
                call.str("InstanceInitiatedShutdownBehavior").unwrap_or("stop"),
        },
    });
    let recovery = call.input["MaintenanceOptions"]["AutoRecovery"].clone();
    if !recovery.is_null() {
        record["MaintenanceOptions"]["AutoRecovery"] = recovery;
    }
    let asked = call.input["IamInstanceProfile"].clone();
    if !asked.is_null() {
        let found = profile::asked_for(call, &asked)?;
        record["Profile"] = profile::association(call, &found)?;
    }
    let optional = [
        ("BootMode", image.get("BootMode").cloned()),
        ("KeyName", wish::key(call)?.map(Value::from)),
        ("Credits", wish::credits(call, kind)?.map(Value::from)),
        ("UserData", user_data.map(Value::from)),
    ];
    for (member, value) in optional {
        if let Some(value) = value {
            record[member] = value;
        }
    }
    Ok(record)
}

/// Makes one instance with its interfaces and volumes.
fn make(
    call: &mut Call<'_>,
    launch: &Launch,
    reservation: &str,
    index: i64,
) -> Result<String, ApiError> {
    let region = call.region;
    let id = INSTANCE.new_id(call.txn)?;
    let mut record = launch.record.clone();
    record["InstanceId"] = id.as_str().into();
    record["AmiLaunchIndex"] = index.into();
    record["Reservation"] = reservation.into();
    let [instance_tags, volume_tags, interface_tags] = &launch.tags;
    record["Tags"] = instance_tags.clone();
    if record.get("Profile").is_some() && index > 0 {
        record["Profile"]["AssociationId"] = profile::new_id(call.txn)?.into();
    }
    let order = match &call.failure {
        None => Order::Run,
        Some(failure) => {
            record["Failure"] = json!({ "Code": failure.code, "Message": failure.message });
            Order::Fail
        }
    };
    let done = life::order(&mut record, order, call.now);
    for port in &launch.ports {
        network::attach(call.txn, region, port, &id, interface_tags)?;
    }
    for disk in &launch.disks {
        disks::attach(call.txn, region, disk, &record, volume_tags)?;
    }
    INSTANCE.save(call.txn, region, &record)?;
    if order.is_last() {
        power::end(call.txn, region, &id, done)?;
    }
    Ok(id)
}

/// The reply to a request that came before: the instances as they are now, whatever became of
/// them.
fn again(call: &mut Call<'_>, before: &Value) -> Reply {
    let ids = wish::texts(&before["Instances"]);
    reply(call, text(before, "Reservation"), &ids)
}

fn reply(call: &mut Call<'_>, reservation: &str, ids: &[String]) -> Reply {
    let attached = Attached::of_instances(call.txn, call.region, ids.iter().map(String::as_str))?;
    let mut views = Vec::new();
    for id in ids {
        if let Some(record) = INSTANCE.remembered(call.txn, call.region, id)? {
            views.push(view::instance(&record, &attached, call.now));
        }
    }
    Ok(json!({
        "ReservationId": reservation,
        "OwnerId": call.account,
        "Groups": [],
        "Instances": views,
    }))
}

/// What is not known yet when RunInstances answers: the public address and the volumes.
fn just_launched(instance: &mut Value) {
    instance["BlockDeviceMappings"] = json!([]);
    instance["PublicDnsName"] = "".into();
    if let Some(members) = instance.as_object_mut() {
        members.remove("PublicIpAddress");
    }
    for port in instance["NetworkInterfaces"]
        .as_array_mut()
        .into_iter()
        .flatten()
    {
        network::take_public(port);
        port["Attachment"]["Status"] = "attaching".into();
    }
}
