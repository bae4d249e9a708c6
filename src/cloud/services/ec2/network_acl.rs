//! Network ACLs: only each VPC's default one.

use serde_json::{Value, json};

use super::describe::{Describe, plain};
use super::things::{NETWORK_ACL, text};
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::store::{StoreError, Txn};

/// Rule numbers: all traffic is let in and out at 100, the rest is denied at the end.
const ALLOW: i64 = 100;
const DENY: i64 = 32767;

/// Makes a VPC's default ACL.
pub fn make_default(txn: &mut Txn, region: &str, vpc: &str) -> Result<(), StoreError> {
    let mut entries = Vec::new();
    for egress in [true, false] {
        for (number, action) in [(ALLOW, "allow"), (DENY, "deny")] {
            entries.push(json!({
                "CidrBlock": "0.0.0.0/0",
                "Egress": egress,
                "Protocol": "-1",
                "RuleAction": action,
                "RuleNumber": number,
            }));
        }
    }
    let acl = json!({
        "NetworkAclId": NETWORK_ACL.new_id(txn)?,
        "VpcId": vpc,
        "OwnerId": txn.account(),
        "IsDefault": true,
        "Associations": [],
        "Entries": entries,
        "Tags": [],
    });
    NETWORK_ACL.save(txn, region, &acl)
}

/// Puts a new subnet under its VPC's default ACL.
pub fn associate(txn: &mut Txn, region: &str, subnet: &Value) -> Result<(), StoreError> {
    for mut acl in NETWORK_ACL.all(txn, region)? {
        if acl["IsDefault"] != true || acl["VpcId"] != subnet["VpcId"] {
            continue;
        }
        let association = json!({
            "NetworkAclAssociationId": format!("aclassoc-0{}", txn.hex_id(16)?),
            "NetworkAclId": text(&acl, "NetworkAclId"),
            "SubnetId": subnet["SubnetId"],
        });
        if let Some(list) = acl["Associations"].as_array_mut() {
            list.push(association);
        }
        NETWORK_ACL.save(txn, region, &acl)?;
    }
    Ok(())
}

static DESCRIBE: Describe = Describe {
    thing: &NETWORK_ACL,
    ids: "NetworkAclIds",
    reply: "NetworkAcls",
    filters: &[
        (
            "association.association-id",
            "Associations.NetworkAclAssociationId",
        ),
        ("association.network-acl-id", "Associations.NetworkAclId"),
        ("association.subnet-id", "Associations.SubnetId"),
        ("default", "IsDefault"),
        ("entry.cidr", "Entries.CidrBlock"),
        ("entry.egress", "Entries.Egress"),
        ("entry.protocol", "Entries.Protocol"),
        ("entry.rule-action", "Entries.RuleAction"),
        ("entry.rule-number", "Entries.RuleNumber"),
        ("network-acl-id", "NetworkAclId"),
        ("owner-id", "OwnerId"),
        ("vpc-id", "VpcId"),
    ],
    never: &[
        "entry.icmp.code",
        "entry.icmp.type",
        "entry.ipv6-cidr",
        "entry.port-range.from",
        "entry.port-range.to",
    ],
};

/// DescribeNetworkAcls.
pub fn describe(call: &mut Call<'_>) -> Reply {
    DESCRIBE.answer(call, plain(&NETWORK_ACL))
}
