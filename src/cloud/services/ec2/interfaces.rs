//! Network interfaces, of instances and of services: what keeps a group or subnet in use.

use std::net::Ipv4Addr;
use std::ops::Range;

use serde_json::{Value, json};

use super::cidr::Cidr4;
use super::describe::{Describe, plain};
use super::errors::error;
use super::subnet::RESERVED;
use super::things::{INTERFACE, SECURITY_GROUP, SUBNET, key, text};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::store::{StoreError, Txn};

/// The kind of each subnet's record of the offset in its block where looking for a free address
/// begins: looking from the start each time would take ever longer.
const NEXT_OFFSET: &str = "index.ec2.next_offset";

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
    for mut interface in INTERFACE.with(txn, region, "Owner", owner)? {
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
    let all = INTERFACE.with(txn, region, "Owner", owner)?;
    Ok(all.into_iter().map(|i| INTERFACE.view(i)).collect())
}

/// The interfaces in a subnet.
pub fn in_subnet(txn: &mut Txn, region: &str, subnet: &str) -> Result<Vec<Value>, StoreError> {
    INTERFACE.with(txn, region, "SubnetId", subnet)
}

/// The interfaces attached to an instance.
pub fn of_instance(txn: &mut Txn, region: &str, instance: &str) -> Result<Vec<Value>, StoreError> {
    INTERFACE.with(txn, region, "Attachment.InstanceId", instance)
}

/// Whether an address of a subnet is an interface's.
pub fn is_taken(
    txn: &mut Txn,
    region: &str,
    subnet: &str,
    address: Ipv4Addr,
) -> Result<bool, StoreError> {
    let holders = INTERFACE.with(txn, region, "PrivateIpAddress", &address.to_string())?;
    Ok(holders.iter().any(|one| text(one, "SubnetId") == subnet))
}

/// A free address of a subnet: the next after the one given before, round and round.
pub fn free_address(txn: &mut Txn, region: &str, subnet: &Value) -> Result<Ipv4Addr, ApiError> {
    let id = text(subnet, "SubnetId");
    let full = || {
        error(
            "InsufficientFreeAddressesInSubnet",
            format!("Insufficient free addresses in subnet '{id}'."),
        )
    };
    let block = Cidr4::parse(text(subnet, "CidrBlock")).ok_or_else(full)?;
    let own = own_offsets(block);
    let place = key(region, id);
    let next = txn.get(NEXT_OFFSET, &place)?;
    let next = next.and_then(|next| u32::try_from(next.as_u64()?).ok());
    let next = next.unwrap_or(own.start).clamp(own.start, own.end);
    for offset in (next..own.end).chain(own.start..next) {
        let address = block.address(offset);
        if !is_taken(txn, region, id, address)? {
            txn.put(NEXT_OFFSET, &place, &json!(offset + 1))?;
            return Ok(address);
        }
    }
    Err(full())
}

/// Forgets which address of a subnet comes next: the subnet is gone.
pub fn forget_addresses(txn: &mut Txn, region: &str, subnet: &str) -> Result<(), StoreError> {
    txn.delete(NEXT_OFFSET, &key(region, subnet))?;
    Ok(())
}

/// The addresses of a block that are not AWS's: those are the first four and the last.
fn own_offsets(block: Cidr4) -> Range<u32> {
    let offset = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    offset(RESERVED - 1)..offset(block.size() - 1)
}

/// Whether an address of a block is AWS's.
pub fn is_reserved(block: Cidr4, address: Ipv4Addr) -> bool {
    let offset = u32::from(address) - u32::from(block.address(0));
    !own_offsets(block).contains(&offset)
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
