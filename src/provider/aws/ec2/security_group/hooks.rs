//! A security group's rules: EC2 keeps them as permissions with several ranges each.

use serde_json::{Map, Value, json};

use crate::provider::hooks::{Finding, Hooks};
use crate::provider::network::{masked, ports, protocol, wrong_ranges};
use crate::provider::path;

/// A security group's hand-written parts.
pub static HOOKS: SecurityGroup = SecurityGroup;

/// See [`HOOKS`].
#[derive(Debug)]
pub struct SecurityGroup;

/// The attribute, the member with its permissions, and what a rule calls the other side.
const SIDES: [(&str, &str, &str); 2] = [
    ("ingress", "ip_permissions", "source"),
    ("egress", "ip_permissions_egress", "destination"),
];
/// How the other side begins, where a permission has such ranges, and what a range calls it.
const RANGES: [(&str, &str, &str); 4] = [
    ("sg-", "user_id_group_pairs", "group_id"),
    ("pl-", "prefix_list_ids", "prefix_list_id"),
    (":", "ipv6_ranges", "cidr_ipv6"),
    ("", "ip_ranges", "cidr_ip"),
];

impl Hooks for SecurityGroup {
    fn live(&self, mut live: Value) -> Value {
        for (attribute, member, peer) in SIDES {
            if live.get(member).is_some() || live.get(attribute).is_none() {
                let permissions = live[member].as_array().into_iter().flatten();
                let rules = permissions.flat_map(|one| rules(one, peer, &live["owner_id"]));
                live[attribute] = rules.collect();
            }
            // What names another group: the two hold each other until these rules are gone.
            let rules = live[attribute].as_array().into_iter().flatten();
            let peers = rules.filter(|rule| rule[peer].as_str().is_some_and(|p| p.contains("sg-")));
            live[format!("{attribute}_from_groups")] = peers.cloned().collect();
        }
        live
    }

    fn desired(&self, attribute: &str, mut value: Value) -> Value {
        let peer = peer(attribute);
        for rule in value.as_array_mut().into_iter().flatten() {
            let range = rule[peer].as_str().and_then(masked);
            for (member, text) in [("protocol", protocol(&rule["protocol"])), (peer, range)] {
                if let (Some(text), Some(rule)) = (text, rule.as_object_mut()) {
                    // All types and all codes are -1, which is what leaving them out says.
                    rule.retain(|member, value| !member.starts_with("icmp_") || *value != -1);
                    rule.insert(member.to_owned(), text.into());
                }
            }
        }
        value
    }

    fn check(&self, desired: &Map<String, Value>) -> Vec<Finding> {
        let sides = SIDES.iter();
        let wrong = sides.map(|(side, _, peer)| wrong_ranges(side, peer, desired.get(*side)));
        wrong.flatten().collect()
    }

    fn item(&self, attribute: &str, rule: &Value) -> Value {
        let name = protocol(&rule["protocol"]).unwrap_or_default();
        let icmp = |member: &str| rule[member].as_i64().or(Some(-1));
        let (from, to) = match name.as_str() {
            "tcp" | "udp" => {
                let (from, to) = ports(&path::text(&rule["ports"]).unwrap_or_default());
                (Some(from), Some(to))
            }
            "icmp" | "icmpv6" => (icmp("icmp_type"), icmp("icmp_code")),
            _ => (None, None),
        };
        let text = rule[peer(attribute)].as_str().unwrap_or_default();
        let (account, other) = match text.split_once('/') {
            Some((account, group)) if group.starts_with("sg-") => (Some(account), group),
            _ => (None, text),
        };
        let kind = RANGES.iter().find(|(mark, ..)| match *mark {
            ":" => other.contains(':'),
            mark => other.starts_with(mark),
        });
        let (_, list, member) = kind.unwrap_or(&RANGES[3]);
        let range =
            json!({ *member: other, "user_id": account, "description": rule["description"] });
        let name = if name == "all" { "-1" } else { &name };
        json!({ "ip_protocol": name, "from_port": from, "to_port": to, *list: [range] })
    }
}

fn peer(attribute: &str) -> &'static str {
    let side = SIDES.iter().find(|side| attribute.starts_with(side.0));
    side.map_or("source", |side| side.2)
}

/// One rule for each range of a permission.
fn rules(permission: &Value, peer: &str, owner: &Value) -> Vec<Value> {
    let name = protocol(&permission["ip_protocol"]).unwrap_or_default();
    let [from, to] = ["from_port", "to_port"].map(|member| permission[member].as_i64());
    let icmp = |value: Option<i64>| value.filter(|value| name.starts_with("icmp") && *value >= 0);
    let ports = match (from, to) {
        (Some(from), Some(to)) if name == "tcp" || name == "udp" => format!("{from}-{to}"),
        _ => "all".to_owned(),
    };
    let ranges = RANGES.iter().flat_map(|(_, list, member)| {
        let ranges = permission[*list].as_array().into_iter().flatten();
        ranges.filter_map(|range| Some((range, range[*member].as_str()?)))
    });
    let rule = ranges.map(|(range, text)| {
        let user = range["user_id"].as_str();
        let other = user.filter(|user| owner.as_str() != Some(user));
        let text = other.map_or_else(|| text.to_owned(), |user| format!("{user}/{text}"));
        json!({ "protocol": name, "ports": ports, "icmp_type": icmp(from), "icmp_code": icmp(to),
            peer: text, "description": range["description"] })
    });
    rule.collect()
}
