//! Network interfaces, of instances and of services: what keeps a group or subnet in use.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::cidr::Cidr4;
use super::describe::{Describe, plain};
use super::errors::error;
use super::subnet::RESERVED;
use super::things::{INTERFACE, SECURITY_GROUP, SUBNET, text};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::store::{StoreError, Txn};

/// Puts one interface into each of `subnets` (an id may repeat), with all of `groups`, and returns
/// their ids. `owner` is what [`release_interfaces`] finds them by (an ARN); `description` is what
/// people see (`DO NOT DELETE - Amazon MSK network interface for cluster …`).
///
/// # Errors
/// EC2's own: a subnet or group that does not exist, a subnet without a free address.
pub fn attach_interfaces(
    txn: &mut Txn,
    region: &str,
    owner: &str,
    description: &str,
    subnets: &[String],
    groups: &[String],
) -> Result<Vec<String>, ApiError> {
    let mut named = Vec::new();
    for id in groups {
        let group = SECURITY_GROUP.load(txn, region, id)?;
        named.push(json!({ "GroupId": id, "GroupName": group["GroupName"] }));
    }
    let mut made = Vec::new();
    for id in subnets {
        let subnet = SUBNET.load(txn, region, id)?;
        let address = free_address(txn, region, &subnet)?;
        let interface = managed(txn, owner, description, &subnet, address, &named)?;
        made.push(text(&interface, INTERFACE.id).to_owned());
        INTERFACE.save(txn, region, &interface)?;
    }
    Ok(made)
}

/// Takes an owner's interfaces away at simulated time `at` (now or later), and says how many.
pub fn release_interfaces(
    txn: &mut Txn,
    region: &str,
    owner: &str,
    at: i64,
) -> Result<usize, StoreError> {
    let mut released = 0;
    for mut interface in INTERFACE.all(txn, region)? {
        if text(&interface, "Owner") != owner {
            continue;
        }
        released += 1;
        if at <= txn.now() {
            INTERFACE.delete(txn, region, text(&interface, INTERFACE.id))?;
        } else {
            interface["GoneAt"] = at.into();
            INTERFACE.save(txn, region, &interface)?;
        }
    }
    Ok(released)
}

/// The addresses of an owner's interfaces with the subnets they are in.
pub fn interfaces_of(txn: &mut Txn, region: &str, owner: &str) -> Result<Vec<Value>, StoreError> {
    let mut all = INTERFACE.all(txn, region)?;
    all.retain(|interface| text(interface, "Owner") == owner);
    Ok(all.into_iter().map(|i| INTERFACE.view(i)).collect())
}

/// Whether an interface is in this subnet.
pub fn in_subnet(interface: &Value, subnet: &str) -> bool {
    text(interface, "SubnetId") == subnet
}

/// Whether an interface is attached to this instance.
pub fn is_of(interface: &Value, instance: &str) -> bool {
    text(&interface["Attachment"], "InstanceId") == instance
}

/// Whether an interface has this group.
pub fn has_group(interface: &Value, group: &str) -> bool {
    interface["Groups"]
        .as_array()
        .is_some_and(|groups| groups.iter().any(|g| text(g, "GroupId") == group))
}

/// A free address of a subnet.
pub fn free_address(txn: &mut Txn, region: &str, subnet: &Value) -> Result<Ipv4Addr, ApiError> {
    let id = text(subnet, "SubnetId");
    let full = || {
        error(
            "InsufficientFreeAddressesInSubnet",
            format!("Insufficient free addresses in subnet '{id}'."),
        )
    };
    let block = Cidr4::parse(text(subnet, "CidrBlock")).ok_or_else(full)?;
    let taken: BTreeSet<String> = INTERFACE
        .all(txn, region)?
        .iter()
        .filter(|interface| in_subnet(interface, id))
        .map(|interface| text(interface, "PrivateIpAddress").to_owned())
        .collect();
    own_addresses(block)
        .find(|address| !taken.contains(&address.to_string()))
        .ok_or_else(full)
}

/// The addresses of a block that are not AWS's: those are the first four and the last.
fn own_addresses(block: Cidr4) -> impl Iterator<Item = Ipv4Addr> {
    (RESERVED - 1..block.size() - 1)
        .filter_map(|n| u32::try_from(n).ok())
        .map(move |n| block.address(n))
}

/// Whether an address of a block is AWS's.
pub fn is_reserved(block: Cidr4, address: Ipv4Addr) -> bool {
    let offset = u64::from(u32::from(address) - u32::from(block.address(0)));
    !(RESERVED - 1..block.size() - 1).contains(&offset)
}

/// An interface of a service: attached to something of AWS's own.
fn managed(
    txn: &mut Txn,
    owner: &str,
    description: &str,
    subnet: &Value,
    address: Ipv4Addr,
    groups: &[Value],
) -> Result<Value, StoreError> {
    let mut interface = blank(txn, description, subnet, address, groups)?;
    interface["Attachment"] = json!({
        "AttachmentId": format!("ela-attach-0{}", txn.hex_id(16)?),
        "AttachTime": txn.now(),
        "DeleteOnTermination": false,
        "DeviceIndex": 1,
        "InstanceOwnerId": "amazon-aws",
        "Status": "attached",
    });
    interface["RequesterId"] = "amazon-aws".into();
    interface["RequesterManaged"] = true.into();
    interface["Owner"] = owner.into();
    Ok(interface)
}

/// An interface of the account, in use, without its attachment.
pub fn blank(
    txn: &mut Txn,
    description: &str,
    subnet: &Value,
    address: Ipv4Addr,
    groups: &[Value],
) -> Result<Value, StoreError> {
    let mac = txn.hex_id(10)?;
    let octets: Vec<&str> = (0..5).map(|n| &mac[2 * n..2 * n + 2]).collect();
    let name = private_name(subnet, address);
    Ok(json!({
        "NetworkInterfaceId": INTERFACE.new_id(txn)?,
        "AvailabilityZone": subnet["AvailabilityZone"],
        "AvailabilityZoneId": subnet["AvailabilityZoneId"],
        "Description": description,
        "Groups": groups,
        "InterfaceType": "interface",
        "Ipv6Addresses": [],
        "MacAddress": format!("02:{}", octets.join(":")),
        "OwnerId": txn.account(),
        "PrivateDnsName": name,
        "PrivateIpAddress": address.to_string(),
        "PrivateIpAddresses": [{
            "Primary": true,
            "PrivateDnsName": name,
            "PrivateIpAddress": address.to_string(),
        }],
        "RequesterManaged": false,
        "SourceDestCheck": true,
        "Status": "in-use",
        "SubnetId": subnet["SubnetId"],
        "TagSet": [],
        "VpcId": subnet["VpcId"],
    }))
}

/// `ip-172-31-0-4.ec2.internal`; regions other than us-east-1 have their own domain.
fn private_name(subnet: &Value, address: Ipv4Addr) -> String {
    let zone = text(subnet, "AvailabilityZone");
    let region = zone.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let domain = match region {
        "us-east-1" => "ec2.internal".to_owned(),
        region => format!("{region}.compute.internal"),
    };
    format!("ip-{}.{domain}", address.to_string().replace('.', "-"))
}

static DESCRIBE: Describe = Describe {
    thing: &INTERFACE,
    ids: "NetworkInterfaceIds",
    reply: "NetworkInterfaces",
    filters: &[
        (
            "addresses.association.owner-id",
            "PrivateIpAddresses.Association.IpOwnerId",
        ),
        (
            "addresses.association.public-ip",
            "PrivateIpAddresses.Association.PublicIp",
        ),
        ("association.ip-owner-id", "Association.IpOwnerId"),
        ("association.public-dns-name", "Association.PublicDnsName"),
        ("association.public-ip", "Association.PublicIp"),
        ("addresses.primary", "PrivateIpAddresses.Primary"),
        (
            "addresses.private-ip-address",
            "PrivateIpAddresses.PrivateIpAddress",
        ),
        ("attachment.attachment-id", "Attachment.AttachmentId"),
        (
            "attachment.delete-on-termination",
            "Attachment.DeleteOnTermination",
        ),
        ("attachment.device-index", "Attachment.DeviceIndex"),
        ("attachment.instance-id", "Attachment.InstanceId"),
        ("attachment.instance-owner-id", "Attachment.InstanceOwnerId"),
        ("attachment.status", "Attachment.Status"),
        ("availability-zone", "AvailabilityZone"),
        ("availability-zone-id", "AvailabilityZoneId"),
        ("description", "Description"),
        ("group-id", "Groups.GroupId"),
        ("group-name", "Groups.GroupName"),
        ("interface-type", "InterfaceType"),
        ("mac-address", "MacAddress"),
        ("network-interface-id", "NetworkInterfaceId"),
        ("owner-id", "OwnerId"),
        ("private-dns-name", "PrivateDnsName"),
        ("private-ip-address", "PrivateIpAddress"),
        ("requester-id", "RequesterId"),
        ("requester-managed", "RequesterManaged"),
        ("source-dest-check", "SourceDestCheck"),
        ("status", "Status"),
        ("subnet-id", "SubnetId"),
        ("vpc-id", "VpcId"),
    ],
    never: &[
        "association.allocation-id",
        "association.association-id",
        "attachment.attach-time",
        "ipv6-addresses.ipv6-address",
        "operator.managed",
        "operator.principal",
    ],
};

/// DescribeNetworkInterfaces.
pub fn describe(call: &mut Call<'_>) -> Reply {
    DESCRIBE.answer(call, plain(&INTERFACE))
}
