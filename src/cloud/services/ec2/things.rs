//! The things EC2 holds: a table of how each is named, and reading and writing their records.
//!
//! A record is the API's own shape of the thing, plus members that only this cloud sees
//! (`hidden`). Keys are `<region>/<id>`.

use serde_json::{Value, json};

use super::errors::error;
use crate::cloud::error::ApiError;
use crate::cloud::services::arn;
use crate::cloud::store::{StoreError, Txn};

/// How one kind of thing is named and kept.
#[derive(Debug)]
pub struct Thing {
    /// Its kind in the store.
    pub kind: &'static str,
    /// The member that holds its id.
    pub id: &'static str,
    /// What its ids begin with, without the hyphen.
    pub prefix: &'static str,
    /// How tags and ARNs name its type.
    pub resource_type: &'static str,
    /// How AWS's sentences name its id.
    pub noun: &'static str,
    /// The code of an id that names nothing.
    pub not_found: &'static str,
    /// The code of an id that cannot be one.
    pub malformed: &'static str,
    /// The member that holds its tags.
    pub tags: &'static str,
    /// Whether replies leave an empty list of tags out.
    pub omits_no_tags: bool,
    /// Members that replies do not have.
    pub hidden: &'static [&'static str],
    /// Paths by whose values [`Thing::with`] finds records; lists on the way are looked through.
    pub found_by: &'static [&'static str],
}

/// A VPC. `Attributes` holds what ModifyVpcAttribute sets.
pub static VPC: Thing = Thing {
    kind: "ec2.vpc",
    id: "VpcId",
    prefix: "vpc",
    resource_type: "vpc",
    noun: "vpc ID",
    not_found: "InvalidVpcID.NotFound",
    malformed: "InvalidVpcID.Malformed",
    tags: "Tags",
    omits_no_tags: true,
    hidden: &["Attributes"],
    found_by: &[],
};

/// A subnet.
pub static SUBNET: Thing = Thing {
    kind: "ec2.subnet",
    id: "SubnetId",
    prefix: "subnet",
    resource_type: "subnet",
    noun: "subnet ID",
    not_found: "InvalidSubnetID.NotFound",
    malformed: "InvalidSubnetID.Malformed",
    tags: "Tags",
    omits_no_tags: true,
    hidden: &[],
    found_by: &[],
};

/// An internet gateway.
pub static INTERNET_GATEWAY: Thing = Thing {
    kind: "ec2.internet_gateway",
    id: "InternetGatewayId",
    prefix: "igw",
    resource_type: "internet-gateway",
    noun: "internetGateway ID",
    not_found: "InvalidInternetGatewayID.NotFound",
    malformed: "InvalidInternetGatewayId.Malformed",
    tags: "Tags",
    omits_no_tags: false,
    hidden: &[],
    found_by: &[],
};

/// A route table.
pub static ROUTE_TABLE: Thing = Thing {
    kind: "ec2.route_table",
    id: "RouteTableId",
    prefix: "rtb",
    resource_type: "route-table",
    noun: "routeTable ID",
    not_found: "InvalidRouteTableID.NotFound",
    malformed: "InvalidRouteTableId.Malformed",
    tags: "Tags",
    omits_no_tags: false,
    hidden: &[],
    found_by: &[],
};

/// A network ACL.
pub static NETWORK_ACL: Thing = Thing {
    kind: "ec2.network_acl",
    id: "NetworkAclId",
    prefix: "acl",
    resource_type: "network-acl",
    noun: "networkAcl ID",
    not_found: "InvalidNetworkAclID.NotFound",
    malformed: "InvalidNetworkAclId.Malformed",
    tags: "Tags",
    omits_no_tags: false,
    hidden: &[],
    found_by: &[],
};

/// A set of DHCP options.
pub static DHCP_OPTIONS: Thing = Thing {
    kind: "ec2.dhcp_options",
    id: "DhcpOptionsId",
    prefix: "dopt",
    resource_type: "dhcp-options",
    noun: "dhcpOption ID",
    not_found: "InvalidDhcpOptionID.NotFound",
    malformed: "InvalidDhcpOptionsId.Malformed",
    tags: "Tags",
    omits_no_tags: false,
    hidden: &[],
    found_by: &[],
};

/// A security group, without its rules.
pub static SECURITY_GROUP: Thing = Thing {
    kind: "ec2.security_group",
    id: "GroupId",
    prefix: "sg",
    resource_type: "security-group",
    noun: "security group",
    not_found: "InvalidGroup.NotFound",
    malformed: "InvalidGroupId.Malformed",
    tags: "Tags",
    omits_no_tags: true,
    hidden: &[],
    found_by: &["GroupName"],
};

/// One rule of a security group. `Order` is a number that grows from rule to rule.
pub static RULE: Thing = Thing {
    kind: "ec2.security_group_rule",
    id: "SecurityGroupRuleId",
    prefix: "sgr",
    resource_type: "security-group-rule",
    noun: "security group rule ID",
    not_found: "InvalidSecurityGroupRuleId.NotFound",
    malformed: "InvalidSecurityGroupRuleId.Malformed",
    tags: "Tags",
    omits_no_tags: false,
    hidden: &["Order"],
    found_by: &["GroupId", "ReferencedGroupInfo.GroupId"],
};

/// A network interface. `Owner` is what it was made for, where that is a service; `AutoPublic` says
/// that its instance gets a public address at each start; from `GoneAt` on it is not there.
pub static INTERFACE: Thing = Thing {
    kind: "ec2.network_interface",
    id: "NetworkInterfaceId",
    prefix: "eni",
    resource_type: "network-interface",
    noun: "networkInterface ID",
    not_found: "InvalidNetworkInterfaceID.NotFound",
    malformed: "InvalidNetworkInterfaceId.Malformed",
    tags: "TagSet",
    omits_no_tags: false,
    hidden: &["Owner", "GoneAt", "AutoPublic"],
    found_by: &[
        "Attachment.InstanceId",
        "Groups.GroupId",
        "Owner",
        "PrivateIpAddress",
        "SubnetId",
    ],
};

/// A key pair. `PublicKey` shows only where it is asked for.
pub static KEY_PAIR: Thing = Thing {
    kind: "ec2.key_pair",
    id: "KeyPairId",
    prefix: "key",
    resource_type: "key-pair",
    noun: "key pair ID",
    not_found: "InvalidKeyPair.NotFound",
    malformed: "InvalidKeyPairId.Malformed",
    tags: "Tags",
    omits_no_tags: false,
    hidden: &["PublicKey"],
    found_by: &["KeyName"],
};

/// An instance; what its hidden members are, `instance/mod.rs` says.
pub static INSTANCE: Thing = Thing {
    kind: "ec2.instance",
    id: "InstanceId",
    prefix: "i",
    resource_type: "instance",
    noun: "instance ID",
    not_found: "InvalidInstanceID.NotFound",
    malformed: "InvalidInstanceID.Malformed",
    tags: "Tags",
    omits_no_tags: true,
    hidden: &[
        "Life",
        "GoneAt",
        "Reservation",
        "UserData",
        "Protection",
        "Credits",
        "Profile",
        "Monitored",
        "Failure",
    ],
    found_by: &["Profile.AssociationId"],
};

/// An EBS volume. From `LeftAt` on it is attached to nothing, from `GoneAt` on it is not there.
pub static VOLUME: Thing = Thing {
    kind: "ec2.volume",
    id: "VolumeId",
    prefix: "vol",
    resource_type: "volume",
    noun: "volume",
    not_found: "InvalidVolume.NotFound",
    malformed: "InvalidVolumeID.Malformed",
    tags: "Tags",
    omits_no_tags: true,
    hidden: &["LeftAt", "GoneAt", "Modification"],
    found_by: &["Attachments.InstanceId"],
};

/// Everything that can carry tags.
pub static ALL: [&Thing; 12] = [
    &VPC,
    &SUBNET,
    &INTERNET_GATEWAY,
    &ROUTE_TABLE,
    &NETWORK_ACL,
    &DHCP_OPTIONS,
    &SECURITY_GROUP,
    &RULE,
    &INTERFACE,
    &INSTANCE,
    &VOLUME,
    &KEY_PAIR,
];

/// Digits of an id after its prefix, and of those made before 2016.
const DIGITS: [usize; 2] = [17, 8];

impl Thing {
    /// A new id.
    pub fn new_id(&self, txn: &mut Txn) -> Result<String, StoreError> {
        Ok(format!("{}-0{}", self.prefix, txn.hex_id(DIGITS[0] - 1)?))
    }

    /// Whether a text has the form of such an id.
    pub fn is_id(&self, text: &str) -> bool {
        text.strip_prefix(self.prefix)
            .and_then(|rest| rest.strip_prefix('-'))
            .is_some_and(|digits| {
                DIGITS.contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit())
            })
    }

    /// Refuses an id of another form.
    pub fn check_id(&self, id: &str) -> Result<(), ApiError> {
        if self.is_id(id) {
            return Ok(());
        }
        Err(error(
            self.malformed,
            format!("Invalid id: \"{id}\" (expecting \"{}-...\")", self.prefix),
        ))
    }

    /// The error of ids that name nothing.
    pub fn absent(&self, ids: &[String]) -> ApiError {
        let message = match ids {
            [one] => format!("The {} '{one}' does not exist", self.noun),
            many => format!("The {}s '{}' do not exist", self.noun, many.join(", ")),
        };
        error(self.not_found, message)
    }

    /// The record of an id, as it is now.
    pub fn get(&self, txn: &mut Txn, region: &str, id: &str) -> Result<Option<Value>, StoreError> {
        let record = txn.get(self.kind, &key(region, id))?;
        let now = txn.now();
        Ok(record.filter(|record| is_there(record, now)))
    }

    /// The record of an id, even where it is no longer shown.
    pub fn remembered(
        &self,
        txn: &mut Txn,
        region: &str,
        id: &str,
    ) -> Result<Option<Value>, StoreError> {
        txn.get(self.kind, &key(region, id))
    }

    /// The record of an id that must be well formed and exist.
    pub fn load(&self, txn: &mut Txn, region: &str, id: &str) -> Result<Value, ApiError> {
        self.check_id(id)?;
        self.get(txn, region, id)?
            .ok_or_else(|| self.absent(&[id.to_owned()]))
    }

    /// All records of a region, for deciding.
    pub fn all(&self, txn: &mut Txn, region: &str) -> Result<Vec<Value>, StoreError> {
        let records = txn.scan(self.kind, &key(region, ""))?;
        Ok(present(records, txn.now()))
    }

    /// All records of a region as lists show them.
    pub fn listed(&self, txn: &mut Txn, region: &str) -> Result<Vec<Value>, StoreError> {
        let records = txn.list(self.kind, &key(region, ""))?;
        Ok(present(records, txn.now()))
    }

    /// Writes a record.
    pub fn save(&self, txn: &mut Txn, region: &str, record: &Value) -> Result<(), StoreError> {
        let id = text(record, self.id);
        self.index(txn, region, id, Some(record))?;
        txn.put(self.kind, &key(region, id), record)
    }

    /// Deletes a record.
    pub fn delete(&self, txn: &mut Txn, region: &str, id: &str) -> Result<(), StoreError> {
        self.index(txn, region, id, None)?;
        txn.delete(self.kind, &key(region, id))?;
        Ok(())
    }

    /// The record as replies show it.
    pub fn view(&self, mut record: Value) -> Value {
        if let Some(members) = record.as_object_mut() {
            for hidden in self.hidden {
                members.remove(*hidden);
            }
            let no_tags = members
                .get(self.tags)
                .is_none_or(|tags| tags.as_array().is_none_or(Vec::is_empty));
            if no_tags {
                members.remove(self.tags);
                if !self.omits_no_tags {
                    members.insert(self.tags.to_owned(), json!([]));
                }
            }
        }
        record
    }

    /// The ARN of an id.
    pub fn arn(&self, txn: &Txn, region: &str, id: &str) -> String {
        arn::arn(
            "ec2",
            region,
            txn.account(),
            &format!("{}/{id}", self.resource_type),
        )
    }
}

/// A record's text member; empty when absent.
pub fn text<'a>(record: &'a Value, member: &str) -> &'a str {
    record.get(member).and_then(Value::as_str).unwrap_or("")
}

/// The key of a region's record; with an empty id what all of the region's begin with.
pub(super) fn key(region: &str, id: &str) -> String {
    format!("{region}/{id}")
}

fn present(records: Vec<(String, Value)>, now: i64) -> Vec<Value> {
    records
        .into_iter()
        .map(|(_, record)| record)
        .filter(|record| is_there(record, now))
        .collect()
}

fn is_there(record: &Value, now: i64) -> bool {
    record["GoneAt"].as_i64().is_none_or(|gone| now < gone)
}
