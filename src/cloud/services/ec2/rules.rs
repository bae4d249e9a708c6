//! Rules of security groups: from a request's permissions to single rules and back.
//!
//! A request speaks of permissions: a protocol with ports and any number of peers. EC2 keeps one
//! rule a peer, and groups rules of the same protocol and ports again when it shows a group.

use serde_json::{Map, Value, json};

use super::cidr::{Cidr4, canonical_v6};
use super::errors::{error, invalid_value, missing};
use super::prefix_list;
use super::security_group;
use super::things::{RULE, SECURITY_GROUP, text};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::Call;
use crate::cloud::store::{StoreError, Txn};

/// All protocols.
const ANY: &str = "-1";

/// What a rule lets in or out: its peer's member in the `SecurityGroupRule` shape and the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer {
    /// `CidrIpv4`
    V4(String),
    /// `CidrIpv6`
    V6(String),
    /// `PrefixListId`
    Prefix(String),
    /// `ReferencedGroupInfo`
    Group(String),
}

/// What makes one rule different from another of its group and direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// `tcp`, `udp`, `icmp`, `icmpv6`, `-1` or a number.
    pub protocol: String,
    /// Port, ICMP type, or -1.
    pub from: i64,
    /// Port, ICMP code, or -1.
    pub to: i64,
    /// The one peer.
    pub peer: Peer,
}

impl Peer {
    fn name(&self) -> &str {
        match self {
            Peer::V4(name) | Peer::V6(name) | Peer::Prefix(name) | Peer::Group(name) => name,
        }
    }
}

impl Match {
    /// The rule that a record holds.
    pub fn of(record: &Value) -> Match {
        let member = |name: &str| record[name].as_str().map(str::to_owned);
        let peer = member("CidrIpv4")
            .map(Peer::V4)
            .or_else(|| member("CidrIpv6").map(Peer::V6))
            .or_else(|| member("PrefixListId").map(Peer::Prefix))
            .unwrap_or_else(|| {
                Peer::Group(text(&record["ReferencedGroupInfo"], "GroupId").to_owned())
            });
        Match {
            protocol: text(record, "IpProtocol").to_owned(),
            from: record["FromPort"].as_i64().unwrap_or(-1),
            to: record["ToPort"].as_i64().unwrap_or(-1),
            peer,
        }
    }

    /// As the error of a duplicate names it.
    pub fn sentence(&self) -> String {
        let peer = self.peer.name();
        if self.protocol == ANY {
            return format!("peer: {peer}, ALL, ALLOW");
        }
        format!(
            "peer: {peer}, {}, from port: {}, to port: {}, ALLOW",
            self.protocol.to_uppercase(),
            self.from,
            self.to
        )
    }

    /// Writes the rule into a record of the `SecurityGroupRule` shape, in place of what it was.
    pub fn write(&self, record: &mut Value, account: &str) {
        let Some(members) = record.as_object_mut() else {
            return;
        };
        for peer in [
            "CidrIpv4",
            "CidrIpv6",
            "PrefixListId",
            "ReferencedGroupInfo",
        ] {
            members.remove(peer);
        }
        let (member, value) = match &self.peer {
            Peer::V4(block) => ("CidrIpv4", json!(block)),
            Peer::V6(block) => ("CidrIpv6", json!(block)),
            Peer::Prefix(list) => ("PrefixListId", json!(list)),
            Peer::Group(group) => (
                "ReferencedGroupInfo",
                json!({ "GroupId": group, "UserId": account }),
            ),
        };
        members.insert(member.to_owned(), value);
        members.insert("IpProtocol".to_owned(), json!(self.protocol));
        members.insert("FromPort".to_owned(), json!(self.from));
        members.insert("ToPort".to_owned(), json!(self.to));
    }
}

/// A new record of a rule, not yet written.
pub fn record(
    txn: &mut Txn,
    region: &str,
    group: &str,
    egress: bool,
    (rule, description): &(Match, Option<String>),
    tags: &Value,
) -> Result<Value, StoreError> {
    let id = RULE.new_id(txn)?;
    let mut record = json!({
        "SecurityGroupRuleId": id,
        "SecurityGroupRuleArn": RULE.arn(txn, region, &id),
        "GroupId": group,
        "GroupOwnerId": txn.account(),
        "IsEgress": egress,
        "Tags": tags,
        "Order": txn.next_id()?,
    });
    let account = txn.account().to_owned();
    rule.write(&mut record, &account);
    if let Some(description) = description {
        record["Description"] = json!(description);
    }
    Ok(record)
}

/// The rules of a request's permissions with their descriptions, in its order.
pub fn wanted(
    call: &mut Call<'_>,
    permissions: &[Value],
    vpc: &str,
) -> Result<Vec<(Match, Option<String>)>, ApiError> {
    let mut rules = Vec::new();
    for permission in permissions {
        let (protocol, from, to) = traffic(permission)?;
        let peers = peers(call, permission, vpc)?;
        if peers.is_empty() {
            return Err(missing("cidrIp"));
        }
        for (peer, description) in peers {
            let rule = Match {
                protocol: protocol.clone(),
                from,
                to,
                peer,
            };
            check_description(description.as_deref())?;
            rules.push((rule, description));
        }
    }
    Ok(rules)
}

/// Refuses two equal rules in one request.
pub fn check_distinct(rules: &[(Match, Option<String>)]) -> Result<(), ApiError> {
    let again = |n: usize| rules[..n].iter().any(|(rule, _)| *rule == rules[n].0);
    if (1..rules.len()).any(again) {
        return Err(invalid_value(
            "The same permission must not appear multiple times",
        ));
    }
    Ok(())
}

/// Protocol and ports of a permission or of a rule's update, as EC2 keeps them.
pub fn traffic(permission: &Value) -> Result<(String, i64, i64), ApiError> {
    let given = permission["IpProtocol"]
        .as_str()
        .ok_or_else(|| missing("ipProtocol"))?;
    let protocol = protocol(given)?;
    let (from, to) = (
        permission["FromPort"].as_i64(),
        permission["ToPort"].as_i64(),
    );
    let (from, to) = match protocol.as_str() {
        "tcp" | "udp" => ports(from, to)?,
        "icmp" | "icmpv6" => icmp(from.unwrap_or(-1), to.unwrap_or(-1))?,
        _ => (-1, -1),
    };
    Ok((protocol, from, to))
}

fn protocol(given: &str) -> Result<String, ApiError> {
    let name = match given.to_ascii_lowercase().as_str() {
        "-1" => ANY,
        "tcp" | "6" => "tcp",
        "udp" | "17" => "udp",
        "icmp" | "1" => "icmp",
        "icmpv6" | "58" => "icmpv6",
        number if number.parse::<u8>().is_ok_and(|n| n.to_string() == number) => given,
        _ => {
            return Err(invalid_value(format!(
                "Invalid value '{given}' for IP protocol. Unknown protocol."
            )));
        }
    };
    Ok(name.to_owned())
}

fn ports(from: Option<i64>, to: Option<i64>) -> Result<(i64, i64), ApiError> {
    let (Some(from), Some(to)) = (from, to) else {
        return Err(invalid_value(
            "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
        ));
    };
    for (end, port) in [("from", from), ("to", to)] {
        if !(0..=65535).contains(&port) {
            return Err(invalid_value(format!(
                "TCP/UDP ({end}) port ({port}) out of range"
            )));
        }
    }
    if from > to {
        return Err(invalid_value(format!(
            "Invalid TCP/UDP port range ({from}:{to})"
        )));
    }
    Ok((from, to))
}

fn icmp(kind: i64, code: i64) -> Result<(i64, i64), ApiError> {
    for (what, value) in [("type", kind), ("code", code)] {
        if !(-1..=255).contains(&value) {
            return Err(invalid_value(format!("ICMP {what} ({value}) out of range")));
        }
    }
    if kind == -1 && code != -1 {
        return Err(invalid_value("ICMP code must be -1 where the type is -1"));
    }
    Ok((kind, code))
}

/// An IPv4 block as EC2 keeps it.
pub fn block_v4(given: &str) -> Result<String, ApiError> {
    let malformed = || invalid_value(format!("CIDR block {given} is malformed"));
    Ok(Cidr4::parse(given).ok_or_else(malformed)?.to_string())
}

/// An IPv6 block as EC2 keeps it.
pub fn block_v6(given: &str) -> Result<String, ApiError> {
    canonical_v6(given).ok_or_else(|| invalid_value(format!("CIDR block {given} is malformed")))
}

fn peers(
    call: &mut Call<'_>,
    permission: &Value,
    vpc: &str,
) -> Result<Vec<(Peer, Option<String>)>, ApiError> {
    let list = |member: &str| permission[member].as_array().cloned().unwrap_or_default();
    let described = |entry: &Value| entry["Description"].as_str().map(str::to_owned);
    let mut peers = Vec::new();
    for entry in list("IpRanges") {
        peers.push((
            Peer::V4(block_v4(text(&entry, "CidrIp"))?),
            described(&entry),
        ));
    }
    for entry in list("Ipv6Ranges") {
        peers.push((
            Peer::V6(block_v6(text(&entry, "CidrIpv6"))?),
            described(&entry),
        ));
    }
    for entry in list("PrefixListIds") {
        let id = text(&entry, "PrefixListId");
        prefix_list::check(call.region, id)?;
        peers.push((Peer::Prefix(id.to_owned()), described(&entry)));
    }
    for entry in list("UserIdGroupPairs") {
        let group = referenced(call, &entry, vpc)?;
        peers.push((Peer::Group(group), described(&entry)));
    }
    Ok(peers)
}

/// The id of a group that a rule names, by id or, in the default VPC, by name.
fn referenced(call: &mut Call<'_>, pair: &Value, vpc: &str) -> Result<String, ApiError> {
    let region = call.region;
    let group = match pair["GroupId"].as_str() {
        Some(id) => SECURITY_GROUP.load(call.txn, region, id)?,
        None => {
            let name = pair["GroupName"]
                .as_str()
                .ok_or_else(|| missing("groupId"))?;
            security_group::by_name(call.txn, region, name)?
        }
    };
    let owner = pair["UserId"].as_str().unwrap_or(call.account);
    if owner != call.account {
        return Err(SECURITY_GROUP.absent(&[text(&group, "GroupId").to_owned()]));
    }
    if text(&group, "VpcId") != vpc {
        return Err(error(
            "InvalidGroup.NotFound",
            "You have specified two resources that belong to different networks.",
        ));
    }
    Ok(text(&group, "GroupId").to_owned())
}

/// The characters and length that descriptions and names can have.
pub fn is_plain_text(text: &str) -> bool {
    text.chars().count() <= 255
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c))
}

/// Refuses a rule's description that EC2 does not take.
pub fn check_description(description: Option<&str>) -> Result<(), ApiError> {
    if description.is_none_or(is_plain_text) {
        return Ok(());
    }
    Err(invalid_value(
        "Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*",
    ))
}

/// One direction of a group as permissions: the rules of the same protocol and ports together.
pub fn permissions(rules: &[&Value], account: &str) -> Vec<Value> {
    let mut groups: Vec<((String, i64, i64), Value)> = Vec::new();
    for record in rules {
        let rule = Match::of(record);
        let key = (rule.protocol.clone(), rule.from, rule.to);
        let at = match groups.iter().position(|(known, _)| *known == key) {
            Some(at) => at,
            None => {
                groups.push((key, empty_permission(&rule)));
                groups.len() - 1
            }
        };
        let (list, entry) = match &rule.peer {
            Peer::V4(block) => ("IpRanges", json!({ "CidrIp": block })),
            Peer::V6(block) => ("Ipv6Ranges", json!({ "CidrIpv6": block })),
            Peer::Prefix(id) => ("PrefixListIds", json!({ "PrefixListId": id })),
            Peer::Group(id) => (
                "UserIdGroupPairs",
                json!({ "GroupId": id, "UserId": account }),
            ),
        };
        let mut entry = entry;
        if let Some(description) = record["Description"].as_str() {
            entry["Description"] = json!(description);
        }
        if let Some(list) = groups[at].1[list].as_array_mut() {
            list.push(entry);
        }
    }
    groups
        .into_iter()
        .map(|(_, permission)| permission)
        .collect()
}

fn empty_permission(rule: &Match) -> Value {
    let mut permission = Map::new();
    permission.insert("IpProtocol".to_owned(), json!(rule.protocol));
    if ["tcp", "udp", "icmp", "icmpv6"].contains(&rule.protocol.as_str()) {
        permission.insert("FromPort".to_owned(), json!(rule.from));
        permission.insert("ToPort".to_owned(), json!(rule.to));
    }
    for list in [
        "UserIdGroupPairs",
        "IpRanges",
        "Ipv6Ranges",
        "PrefixListIds",
    ] {
        permission.insert(list.to_owned(), json!([]));
    }
    Value::Object(permission)
}
