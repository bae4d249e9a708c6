//! Where an instance is put: its subnet, groups and interfaces.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::super::cidr::Cidr4;
use super::super::errors::{combination, error, invalid_value};
use super::super::things::{INTERFACE, SECURITY_GROUP, SUBNET, VPC, text};
use super::super::{default_security_group, interfaces, regions, security_group, vpc};
use super::wish::{not_modelled, texts};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::Call;
use crate::cloud::store::{StoreError, Txn};

/// Groups an interface can have.
const MOST_GROUPS: usize = 5;

/// One interface to be made for each instance.
pub struct Port {
    pub subnet: Value,
    /// `GroupId` and `GroupName` of each group.
    pub groups: Vec<Value>,
    address: Option<Ipv4Addr>,
    public: bool,
    index: i64,
    description: String,
}

/// The interfaces that a RunInstances call asks for, by device index; at least one.
pub fn ports(call: &mut Call<'_>) -> Result<Vec<Port>, ApiError> {
    let asked = call.list("NetworkInterfaces").to_vec();
    if asked.is_empty() {
        return Ok(vec![plain(call)?]);
    }
    for (member, what) in [
        ("SecurityGroupIds", "security groups"),
        ("SecurityGroups", "security groups"),
        ("SubnetId", "subnet ID"),
        ("PrivateIpAddress", "private IP address"),
    ] {
        if call.has(member) {
            return Err(combination(format!(
                "Network interfaces and an instance-level {what} may not be specified on the same request"
            )));
        }
    }
    let many = asked.len() > 1;
    let mut ports = Vec::new();
    for one in &asked {
        if many && one["AssociatePublicIpAddress"] == true {
            return Err(combination(
                "The associatePublicIPAddress parameter cannot be specified when launching with multiple network interfaces.",
            ));
        }
        let mut port = asked_for(call, one)?;
        port.public &= !many;
        ports.push(port);
    }
    ports.sort_by_key(|port| port.index);
    let expected = ports.iter().zip(0..).all(|(port, n)| port.index == n);
    match expected {
        true => Ok(ports),
        false => Err(invalid_value(
            "Each network interface requires a unique device index, from 0 on.",
        )),
    }
}

/// The one interface of a call without `NetworkInterfaces`.
fn plain(call: &mut Call<'_>) -> Result<Port, ApiError> {
    let named = call.str("SubnetId").map(str::to_owned);
    let subnet = subnet(call, named.as_deref())?;
    let mut ids = call.strings("SecurityGroupIds");
    let names = call.strings("SecurityGroups");
    if !names.is_empty() && named.is_some() {
        return Err(combination(
            "The parameter groupName cannot be used with the parameter subnet",
        ));
    }
    for name in names {
        let group = security_group::by_name(call.txn, call.region, &name)?;
        ids.push(text(&group, SECURITY_GROUP.id).to_owned());
    }
    let address = call.str("PrivateIpAddress").map(str::to_owned);
    Ok(Port {
        groups: groups(call.txn, call.region, &ids, &subnet)?,
        address: address
            .map(|text| own_address(call, &text, &subnet))
            .transpose()?,
        public: subnet["MapPublicIpOnLaunch"] == true,
        index: 0,
        description: String::new(),
        subnet,
    })
}

/// One entry of `NetworkInterfaces`.
fn asked_for(call: &mut Call<'_>, asked: &Value) -> Result<Port, ApiError> {
    if let Some(id) = asked["NetworkInterfaceId"].as_str() {
        // Interfaces of their own cannot be made here, so each there is belongs to something.
        INTERFACE.load(call.txn, call.region, id)?;
        return Err(error(
            "InvalidNetworkInterface.InUse",
            format!("Interface: [{id}] in use."),
        ));
    }
    const MODELLED: [&str; 7] = [
        "AssociatePublicIpAddress",
        "DeleteOnTermination",
        "Description",
        "DeviceIndex",
        "Groups",
        "PrivateIpAddress",
        "SubnetId",
    ];
    let usual = [
        ("InterfaceType", json!("interface")),
        ("NetworkCardIndex", json!(0)),
    ];
    not_modelled("RunInstances' NetworkInterfaces", asked, &MODELLED, &usual)?;
    if asked["DeleteOnTermination"] == false {
        return Err(ApiError::not_implemented(
            "interfaces that outlive their instance",
        ));
    }
    let Some(index) = asked["DeviceIndex"].as_i64() else {
        return Err(invalid_value(
            "Each network interface requires a device index.",
        ));
    };
    let subnet = subnet(call, asked["SubnetId"].as_str())?;
    let ids = texts(&asked["Groups"]);
    let address = asked["PrivateIpAddress"].as_str();
    Ok(Port {
        groups: groups(call.txn, call.region, &ids, &subnet)?,
        address: address
            .map(|text| own_address(call, text, &subnet))
            .transpose()?,
        public: asked["AssociatePublicIpAddress"]
            .as_bool()
            .unwrap_or(subnet["MapPublicIpOnLaunch"] == true),
        index,
        description: text(asked, "Description").to_owned(),
        subnet,
    })
}

/// The subnet of this id, else the default one of the call's zone.
fn subnet(call: &mut Call<'_>, id: Option<&str>) -> Result<Value, ApiError> {
    let placement = &call.input["Placement"];
    let zone = text(placement, "AvailabilityZone").to_owned();
    let zone_id = text(placement, "AvailabilityZoneId").to_owned();
    let zones = regions::zones(call.region);
    if !zone.is_empty() && zones.iter().all(|z| z.name != zone) {
        return Err(invalid_value(format!(
            "Invalid availability zone: [{zone}]"
        )));
    }
    if !zone_id.is_empty() && zones.iter().all(|z| z.id != zone_id) {
        return Err(invalid_value(format!(
            "Invalid availability zone-id: [{zone_id}]"
        )));
    }
    let fits = |subnet: &Value| {
        (zone.is_empty() || text(subnet, "AvailabilityZone") == zone)
            && (zone_id.is_empty() || text(subnet, "AvailabilityZoneId") == zone_id)
    };
    if let Some(id) = id {
        let subnet = SUBNET.load(call.txn, call.region, id)?;
        return match fits(&subnet) {
            true => Ok(subnet),
            false => Err(invalid_value(format!(
                "The subnet '{id}' is not in the availability zone '{zone}{zone_id}'."
            ))),
        };
    }
    let Some(vpc) = vpc::default_vpc(call.txn, call.region)? else {
        return Err(error(
            "VPCIdNotSpecified",
            "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.",
        ));
    };
    let mut defaults = SUBNET.all(call.txn, call.region)?;
    defaults.retain(|subnet| subnet["DefaultForAz"] == true && fits(subnet));
    defaults.sort_by(|a, b| text(a, "AvailabilityZone").cmp(text(b, "AvailabilityZone")));
    defaults.into_iter().next().ok_or_else(|| {
        let place = match (zone.as_str(), zone_id.as_str()) {
            ("", "") => String::new(),
            (zone, id) => format!(" in availability zone '{zone}{id}'"),
        };
        error(
            "MissingInput",
            format!(
                "No subnets found for the default VPC '{}'{place}. Please specify a subnet.",
                text(&vpc, "VpcId")
            ),
        )
    })
}

/// The groups of these ids, which must be of the subnet's VPC; its default group where none is named.
pub fn groups(
    txn: &mut Txn,
    region: &str,
    ids: &[String],
    subnet: &Value,
) -> Result<Vec<Value>, ApiError> {
    let named =
        |group: &Value| json!({ "GroupId": group["GroupId"], "GroupName": group["GroupName"] });
    if ids.is_empty() {
        let default = default_security_group(txn, region, text(subnet, "VpcId"))?;
        return Ok(default.iter().map(named).collect());
    }
    let mut groups: Vec<Value> = Vec::new();
    for id in ids {
        let group = SECURITY_GROUP.load(txn, region, id)?;
        if group["VpcId"] != subnet["VpcId"] {
            return Err(error(
                "InvalidParameter",
                format!(
                    "Security group {id} and subnet {} belong to different networks.",
                    text(subnet, "SubnetId")
                ),
            ));
        }
        if groups.iter().all(|g| g["GroupId"] != group["GroupId"]) {
            groups.push(named(&group));
        }
    }
    if groups.len() > MOST_GROUPS {
        return Err(error(
            "SecurityGroupsPerInterfaceLimitExceeded",
            "The maximum number of security groups per interface has been reached.",
        ));
    }
    Ok(groups)
}

/// An address that the caller chose: within the subnet, and free.
fn own_address(call: &mut Call<'_>, given: &str, subnet: &Value) -> Result<Ipv4Addr, ApiError> {
    let outside = || {
        invalid_value(format!(
            "Address {given} does not fall within the subnet's address range"
        ))
    };
    if call.int("MaxCount").is_some_and(|count| count > 1) {
        return Err(combination(
            "A private IP address can be specified for one instance only.",
        ));
    }
    let address: Ipv4Addr = given
        .parse()
        .map_err(|_| invalid_value(format!("Invalid IPv4 address: {given}")))?;
    let block = Cidr4::parse(text(subnet, "CidrBlock")).ok_or_else(outside)?;
    let alone = Cidr4::parse(&format!("{address}/32")).ok_or_else(outside)?;
    if !block.contains(alone) {
        return Err(outside());
    }
    if interfaces::is_reserved(block, address) {
        return Err(invalid_value(format!(
            "Address {given} is in subnet's reserved address range"
        )));
    }
    match interfaces::is_taken(call.txn, call.region, text(subnet, "SubnetId"), address)? {
        true => Err(error(
            "InvalidIPAddress.InUse",
            format!("Address {given} is in use."),
        )),
        false => Ok(address),
    }
}

/// Makes an instance's interface.
pub fn attach(
    txn: &mut Txn,
    region: &str,
    port: &Port,
    instance: &str,
    tags: &Value,
) -> Result<Value, ApiError> {
    let address = match port.address {
        Some(address) => address,
        None => interfaces::free_address(txn, region, &port.subnet)?,
    };
    let mut interface =
        interfaces::blank(txn, &port.description, &port.subnet, address, &port.groups)?;
    interface["Attachment"] = json!({
        "AttachmentId": format!("eni-attach-0{}", txn.hex_id(16)?),
        "AttachTime": txn.now(),
        "DeleteOnTermination": true,
        "DeviceIndex": port.index,
        "InstanceId": instance,
        "InstanceOwnerId": txn.account(),
        "NetworkCardIndex": 0,
        "Status": "attached",
    });
    interface["TagSet"] = tags.clone();
    interface["AutoPublic"] = port.public.into();
    give_public(txn, region, &mut interface)?;
    INTERFACE.save(txn, region, &interface)?;
    Ok(interface)
}

/// Gives an interface that is to have one a new public address, and the name that goes with it
/// where the VPC has names.
pub fn give_public(txn: &mut Txn, region: &str, interface: &mut Value) -> Result<(), StoreError> {
    if interface["AutoPublic"] != true {
        return Ok(());
    }
    let vpc = VPC
        .get(txn, region, text(interface, "VpcId"))?
        .unwrap_or_default();
    let address = public_address(txn)?;
    let named = ["EnableDnsHostnames", "EnableDnsSupport"]
        .iter()
        .all(|attribute| vpc["Attributes"][*attribute] == true);
    let name = match named {
        true => public_name(region, address),
        false => String::new(),
    };
    let association = json!({
        "IpOwnerId": "amazon",
        "PublicDnsName": name,
        "PublicIp": address.to_string(),
    });
    interface["Association"] = association.clone();
    if let Some(first) = interface.pointer_mut("/PrivateIpAddresses/0") {
        first["Association"] = association;
    }
    Ok(())
}

/// Takes the public address away.
pub fn take_public(interface: &mut Value) {
    for at in ["", "/PrivateIpAddresses/0"] {
        if let Some(members) = interface.pointer_mut(at).and_then(Value::as_object_mut) {
            members.remove("Association");
        }
    }
}

/// An address out of what Amazon has; not the one before.
fn public_address(txn: &mut Txn) -> Result<Ipv4Addr, StoreError> {
    const FIRST: [u8; 8] = [3, 18, 34, 35, 44, 52, 54, 100];
    let bits = u32::from_str_radix(&txn.hex_id(8)?, 16).unwrap_or_default();
    let [a, b, c, d] = bits.to_be_bytes();
    Ok(Ipv4Addr::new(
        FIRST[usize::from(a % 8)],
        b,
        c,
        d.clamp(1, 254),
    ))
}

/// `ec2-3-80-1-2.compute-1.amazonaws.com`; regions other than us-east-1 have their own domain.
fn public_name(region: &str, address: Ipv4Addr) -> String {
    let domain = match region {
        "us-east-1" => "compute-1".to_owned(),
        region => format!("{region}.compute"),
    };
    let address = address.to_string().replace('.', "-");
    format!("ec2-{address}.{domain}.amazonaws.com")
}
