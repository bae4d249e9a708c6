//! Instances as replies show them: the record, its state, and what is attached to it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::things::{INSTANCE, INTERFACE, VOLUME, text};
use super::super::{interfaces, volume};
use super::life::{self, Order, State};
use super::profile;
use crate::cloud::protocol::scalar::{self, TimeFormat};
use crate::cloud::store::{StoreError, Txn};

/// Interfaces and volumes by the instance they are attached to.
pub struct Attached {
    interfaces: BTreeMap<String, Vec<Value>>,
    volumes: BTreeMap<String, Vec<Value>>,
}

impl Attached {
    /// Of these instances, as they are.
    pub fn of_instances<'i>(
        txn: &mut Txn,
        region: &str,
        ids: impl IntoIterator<Item = &'i str>,
    ) -> Result<Attached, StoreError> {
        let (mut interfaces, mut volumes) = (Vec::new(), Vec::new());
        for id in ids {
            interfaces.extend(interfaces::of_instance(txn, region, id)?);
            volumes.extend(VOLUME.with(txn, region, "Attachments.InstanceId", id)?);
        }
        Ok(Attached::of(interfaces, volumes, txn.now()))
    }

    /// As lists show them.
    pub fn listed(txn: &mut Txn, region: &str) -> Result<Attached, StoreError> {
        let interfaces = INTERFACE.listed(txn, region)?;
        let volumes = VOLUME.listed(txn, region)?;
        Ok(Attached::of(interfaces, volumes, txn.now()))
    }

    fn of(interfaces: Vec<Value>, volumes: Vec<Value>, now: i64) -> Attached {
        let mut attached = Attached {
            interfaces: BTreeMap::new(),
            volumes: BTreeMap::new(),
        };
        for interface in interfaces {
            let instance = text(&interface["Attachment"], "InstanceId").to_owned();
            attached
                .interfaces
                .entry(instance)
                .or_default()
                .push(interface);
        }
        for record in volumes {
            let record = volume::at(record, now);
            let instance = text(&record["Attachments"][0], "InstanceId").to_owned();
            attached.volumes.entry(instance).or_default().push(record);
        }
        for ports in attached.interfaces.values_mut() {
            ports.sort_by_key(|port| port["Attachment"]["DeviceIndex"].as_i64());
        }
        attached
    }

    /// An instance's interfaces, by device index.
    pub fn interfaces(&self, instance: &str) -> &[Value] {
        self.interfaces.get(instance).map_or(&[], Vec::as_slice)
    }

    /// An instance's volumes.
    pub fn volumes(&self, instance: &str) -> &[Value] {
        self.volumes.get(instance).map_or(&[], Vec::as_slice)
    }
}

/// An instance as it is at an instant.
pub fn instance(record: &Value, attached: &Attached, now: i64) -> Value {
    let state = life::state(record, now);
    let mut view = INSTANCE.view(record.clone());
    view["State"] = state.view();
    view["StateTransitionReason"] = transition(record, state).into();
    if let Some(reason) = reason(record, state) {
        view["StateReason"] = reason;
    }
    view["Monitoring"] = json!({ "State": monitoring(record, state) });
    view["MetadataOptions"]["State"] = match state {
        State::Pending | State::Terminated => "pending".into(),
        _ => "applied".into(),
    };
    if state == State::Terminated {
        bare(&mut view);
        return view;
    }
    if let Some(profile) = profile::shown(record, now) {
        view["IamInstanceProfile"] = profile;
    }
    let id = text(record, INSTANCE.id);
    view["BlockDeviceMappings"] = attached.volumes(id).iter().map(mapping).collect();
    connect(&mut view, attached.interfaces(id));
    view
}

/// What of an instance is left when it is terminated.
fn bare(view: &mut Value) {
    for member in ["PrivateDnsName", "PublicDnsName", "ClientToken"] {
        view[member] = "".into();
    }
    for member in ["NetworkInterfaces", "SecurityGroups", "BlockDeviceMappings"] {
        view[member] = json!([]);
    }
}

/// What an instance takes from its interfaces; most from the first.
fn connect(view: &mut Value, ports: &[Value]) {
    let shown = ports.iter().map(|port| {
        let mut port = INTERFACE.view(port.clone());
        if let Some(members) = port.as_object_mut() {
            for member in [
                "AvailabilityZone",
                "AvailabilityZoneId",
                "RequesterId",
                "RequesterManaged",
                "TagSet",
            ] {
                members.remove(member);
            }
        }
        if let Some(members) = port["Attachment"].as_object_mut() {
            members.remove("InstanceId");
            members.remove("InstanceOwnerId");
        }
        port["Operator"] = json!({ "Managed": false });
        port
    });
    view["NetworkInterfaces"] = shown.collect();
    let Some(first) = ports.first() else { return };
    for (member, from) in [
        ("SubnetId", "SubnetId"),
        ("VpcId", "VpcId"),
        ("PrivateDnsName", "PrivateDnsName"),
        ("PrivateIpAddress", "PrivateIpAddress"),
        ("SecurityGroups", "Groups"),
        ("SourceDestCheck", "SourceDestCheck"),
    ] {
        view[member] = first[from].clone();
    }
    let association = &first["Association"];
    view["PublicDnsName"] = text(association, "PublicDnsName").into();
    if let Some(address) = association.get("PublicIp") {
        view["PublicIpAddress"] = address.clone();
    }
}

/// A volume as the instance shows it.
fn mapping(volume: &Value) -> Value {
    let attachment = &volume["Attachments"][0];
    json!({
        "DeviceName": attachment["Device"],
        "Ebs": {
            "AttachTime": attachment["AttachTime"],
            "DeleteOnTermination": attachment["DeleteOnTermination"],
            "Status": attachment["State"],
            "VolumeId": volume["VolumeId"],
        },
    })
}

/// `User initiated (2026-01-02 03:04:05 GMT)`, once it was stopped or terminated.
fn transition(record: &Value, state: State) -> String {
    match (life::ordered(record), state) {
        (Order::Run, _) | (Order::Fail, State::Pending) => return String::new(),
        (Order::Fail, _) => return text(&record["Failure"], "Code").to_owned(),
        (Order::Stop | Order::Terminate, _) => {}
    }
    let at = life::since(record) / 1000 * 1000;
    let at = scalar::write_time(at, TimeFormat::Iso8601);
    let at = at.replace('T', " ").replace('Z', " GMT");
    format!("User initiated ({at})")
}

fn reason(record: &Value, state: State) -> Option<Value> {
    if state == State::Pending {
        return Some(json!({ "Code": "pending", "Message": "pending" }));
    }
    let (code, message) = match life::ordered(record) {
        Order::Run => return None,
        Order::Fail => {
            let failure = &record["Failure"];
            (text(failure, "Code"), text(failure, "Message"))
        }
        Order::Stop | Order::Terminate => {
            ("Client.UserInitiatedShutdown", "User initiated shutdown")
        }
    };
    Some(json!({ "Code": code, "Message": format!("{code}: {message}") }))
}

/// The state of detailed monitoring.
pub fn monitoring(record: &Value, state: State) -> &'static str {
    match (record["Monitored"] == true, state) {
        (false, _) | (_, State::Terminated) => "disabled",
        (true, State::Pending) => "pending",
        (true, _) => "enabled",
    }
}
