//! The operations on rules of security groups.

use serde_json::{Value, json};

use super::describe::{Describe, plain};
use super::errors::{combination, error, invalid_value, missing};
use super::rules::{self, Match, Peer};
use super::things::{RULE, SECURITY_GROUP, VPC, text};
use super::{prefix_list, security_group, tagging};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

/// Rules of a group in one direction.
const QUOTA: usize = 60;

/// AuthorizeSecurityGroupIngress.
pub fn authorize_ingress(call: &mut Call<'_>) -> Reply {
    authorize(call, false)
}

/// AuthorizeSecurityGroupEgress.
pub fn authorize_egress(call: &mut Call<'_>) -> Reply {
    authorize(call, true)
}

fn authorize(call: &mut Call<'_>, egress: bool) -> Reply {
    let tags = tagging::sent(call, &RULE)?;
    let group = security_group::named(call)?;
    let (id, region) = (text(&group, "GroupId").to_owned(), call.region);
    let permissions = permissions(call)?;
    let wanted = rules::wanted(call, &permissions, text(&group, "VpcId"))?;
    rules::check_distinct(&wanted)?;
    let held = held(call, &id, egress)?;
    if let Some((rule, _)) = wanted
        .iter()
        .find(|(rule, _)| held.iter().any(|record| Match::of(record) == *rule))
    {
        return Err(duplicate(rule));
    }
    if held.len() + wanted.len() > QUOTA {
        return Err(error(
            "RulesPerSecurityGroupLimitExceeded",
            "The maximum number of rules per security group has been reached.",
        ));
    }
    let mut made = Vec::new();
    for rule in &wanted {
        let record = rules::record(call.txn, region, &id, egress, rule, &tags)?;
        RULE.save(call.txn, region, &record)?;
        made.push(RULE.view(record));
    }
    Ok(json!({ "Return": true, "SecurityGroupRules": made }))
}

fn duplicate(rule: &Match) -> ApiError {
    error(
        "InvalidPermission.Duplicate",
        format!("the specified rule \"{}\" already exists", rule.sentence()),
    )
}

/// The rules of a group in one direction.
fn held(call: &mut Call<'_>, group: &str, egress: bool) -> Result<Vec<Value>, ApiError> {
    let mut held = security_group::rules_of(call.txn, call.region, group)?;
    held.retain(|rule| rule["IsEgress"] == egress);
    Ok(held)
}

/// The call's permissions: a list, or the flat members of old.
fn permissions(call: &Call<'_>) -> Result<Vec<Value>, ApiError> {
    const FLAT: [&str; 6] = [
        "CidrIp",
        "IpProtocol",
        "FromPort",
        "ToPort",
        "SourceSecurityGroupName",
        "SourceSecurityGroupOwnerId",
    ];
    let flat = FLAT.iter().any(|member| call.has(member));
    let list = call.list("IpPermissions");
    if flat && !list.is_empty() {
        return Err(combination(
            "The parameter 'ipPermissions' may not be used in combination with 'ipProtocol'",
        ));
    }
    if !list.is_empty() {
        return Ok(list.to_vec());
    }
    if !flat {
        return Err(missing("ipPermissions"));
    }
    let mut one = json!({
        "IpProtocol": call.str("IpProtocol"),
        "FromPort": call.int("FromPort"),
        "ToPort": call.int("ToPort"),
    });
    if let Some(block) = call.str("CidrIp") {
        one["IpRanges"] = json!([{ "CidrIp": block }]);
    }
    if let Some(name) = call.str("SourceSecurityGroupName") {
        let owner = call
            .str("SourceSecurityGroupOwnerId")
            .unwrap_or(call.account);
        one["UserIdGroupPairs"] = json!([{ "GroupName": name, "UserId": owner }]);
        if !call.has("IpProtocol") {
            one["IpProtocol"] = "-1".into();
        }
    }
    Ok(vec![one])
}

/// RevokeSecurityGroupIngress.
pub fn revoke_ingress(call: &mut Call<'_>) -> Reply {
    revoke(call, false)
}

/// RevokeSecurityGroupEgress.
pub fn revoke_egress(call: &mut Call<'_>) -> Reply {
    revoke(call, true)
}

fn revoke(call: &mut Call<'_>, egress: bool) -> Reply {
    let group = security_group::named(call)?;
    let (id, region) = (text(&group, "GroupId").to_owned(), call.region);
    let held = held(call, &id, egress)?;
    let ids = call.strings("SecurityGroupRuleIds");
    let (gone, unknown) = if ids.is_empty() {
        by_permissions(call, &group, &held)?
    } else if call.has("IpPermissions") || call.has("IpProtocol") {
        return Err(combination(
            "The parameters 'ipPermissions' and 'securityGroupRuleIds' may not be used in combination",
        ));
    } else {
        (by_ids(&held, &ids)?, Vec::new())
    };
    for record in &gone {
        RULE.delete(call.txn, region, text(record, RULE.id))?;
    }
    let revoked: Vec<Value> = gone.into_iter().map(revoked_view).collect();
    Ok(json!({
        "Return": true,
        "UnknownIpPermissions": unknown,
        "RevokedSecurityGroupRules": revoked,
    }))
}

/// The records of these rule ids, all of which the group must have.
fn by_ids(held: &[Value], ids: &[String]) -> Result<Vec<Value>, ApiError> {
    let mut found: Vec<Value> = Vec::new();
    for id in ids {
        RULE.check_id(id)?;
        let record = held
            .iter()
            .find(|record| text(record, RULE.id) == id)
            .ok_or_else(|| RULE.absent(std::slice::from_ref(id)))?;
        if !found.contains(record) {
            found.push(record.clone());
        }
    }
    Ok(found)
}

/// The records that the call's permissions match, and the permissions that match none: an error
/// everywhere but in the default VPC.
fn by_permissions(
    call: &mut Call<'_>,
    group: &Value,
    held: &[Value],
) -> Result<(Vec<Value>, Vec<Value>), ApiError> {
    let permissions = permissions(call)?;
    let vpc = text(group, "VpcId");
    let (mut gone, mut unknown) = (Vec::new(), Vec::new());
    for permission in permissions {
        let wanted = rules::wanted(call, std::slice::from_ref(&permission), vpc)?;
        for (rule, _) in wanted {
            match held.iter().find(|record| Match::of(record) == rule) {
                Some(record) if gone.contains(record) => {}
                Some(record) => gone.push(record.clone()),
                None => unknown.push(rule),
            }
        }
    }
    if unknown.is_empty() {
        return Ok((gone, Vec::new()));
    }
    let parent = VPC.load(call.txn, call.region, vpc)?;
    if parent["IsDefault"] != true {
        return Err(no_such_rule());
    }
    let records: Vec<Value> = unknown
        .iter()
        .map(|rule| {
            let mut record = json!({});
            rule.write(&mut record, call.account);
            record
        })
        .collect();
    let records: Vec<&Value> = records.iter().collect();
    Ok((gone, rules::permissions(&records, call.account)))
}

fn no_such_rule() -> ApiError {
    error(
        "InvalidPermission.NotFound",
        "The specified rule does not exist in this security group.",
    )
}

/// The `RevokedSecurityGroupRule` shape.
fn revoked_view(record: Value) -> Value {
    let mut view = RULE.view(record);
    if let Some(members) = view.as_object_mut() {
        for member in ["Tags", "SecurityGroupRuleArn", "GroupOwnerId"] {
            members.remove(member);
        }
        if let Some(group) = members.remove("ReferencedGroupInfo") {
            members.insert("ReferencedGroupId".to_owned(), group["GroupId"].clone());
        }
    }
    view
}

static DESCRIBE: Describe = Describe {
    thing: &RULE,
    ids: "SecurityGroupRuleIds",
    reply: "SecurityGroupRules",
    filters: &[
        ("group-id", "GroupId"),
        ("security-group-rule-id", "SecurityGroupRuleId"),
    ],
    never: &[],
};

/// DescribeSecurityGroupRules.
pub fn describe(call: &mut Call<'_>) -> Reply {
    DESCRIBE.answer(call, plain(&RULE))
}

/// ModifySecurityGroupRules: puts other traffic, peers and descriptions into rules that exist.
pub fn modify(call: &mut Call<'_>) -> Reply {
    let group = security_group::named(call)?;
    let (id, region) = (text(&group, "GroupId").to_owned(), call.region);
    let updates = call.list("SecurityGroupRules").to_vec();
    let mut held = security_group::rules_of(call.txn, region, &id)?;
    for update in &updates {
        let rule_id = text(update, RULE.id).to_owned();
        RULE.check_id(&rule_id)?;
        let at = held
            .iter()
            .position(|record| text(record, RULE.id) == rule_id)
            .ok_or_else(|| RULE.absent(std::slice::from_ref(&rule_id)))?;
        held[at] = modified(call, &held[at], &update["SecurityGroupRule"], &group)?;
    }
    for (n, record) in held.iter().enumerate() {
        let rule = Match::of(record);
        let twin =
            |other: &Value| other["IsEgress"] == record["IsEgress"] && Match::of(other) == rule;
        if held[..n].iter().any(twin) {
            return Err(duplicate(&rule));
        }
    }
    for record in &held {
        RULE.save(call.txn, region, record)?;
    }
    Ok(json!({ "Return": true }))
}

/// The record with the request's rule in it. Its kind of peer stays.
fn modified(
    call: &mut Call<'_>,
    record: &Value,
    sent: &Value,
    group: &Value,
) -> Result<Value, ApiError> {
    let (protocol, from, to) = rules::traffic(sent)?;
    let mut peers = Vec::new();
    if let Some(block) = sent["CidrIpv4"].as_str() {
        peers.push(Peer::V4(rules::block_v4(block)?));
    }
    if let Some(block) = sent["CidrIpv6"].as_str() {
        peers.push(Peer::V6(rules::block_v6(block)?));
    }
    if let Some(id) = sent["PrefixListId"].as_str() {
        prefix_list::check(call.region, id)?;
        peers.push(Peer::Prefix(id.to_owned()));
    }
    if let Some(id) = sent["ReferencedGroupId"].as_str() {
        let other = SECURITY_GROUP.load(call.txn, call.region, id)?;
        if other["VpcId"] != group["VpcId"] {
            return Err(SECURITY_GROUP.absent(&[id.to_owned()]));
        }
        peers.push(Peer::Group(id.to_owned()));
    }
    let (Some(peer), true) = (peers.pop(), peers.is_empty()) else {
        return Err(combination(
            "Exactly one of cidrIpv4, cidrIpv6, prefixListId and referencedGroupId must be specified",
        ));
    };
    let before = Match::of(record).peer;
    if std::mem::discriminant(&before) != std::mem::discriminant(&peer) {
        return Err(invalid_value(
            "The type of a security group rule cannot be modified",
        ));
    }
    let description = sent["Description"].as_str();
    rules::check_description(description)?;
    let mut record = record.clone();
    let rule = Match {
        protocol,
        from,
        to,
        peer,
    };
    rule.write(&mut record, call.account);
    describe_rule(&mut record, description);
    Ok(record)
}

fn describe_rule(record: &mut Value, description: Option<&str>) {
    match description {
        Some(text) => record["Description"] = json!(text),
        None => {
            if let Some(members) = record.as_object_mut() {
                members.remove("Description");
            }
        }
    }
}

/// UpdateSecurityGroupRuleDescriptionsIngress.
pub fn update_descriptions_ingress(call: &mut Call<'_>) -> Reply {
    update_descriptions(call, false)
}

/// UpdateSecurityGroupRuleDescriptionsEgress.
pub fn update_descriptions_egress(call: &mut Call<'_>) -> Reply {
    update_descriptions(call, true)
}

fn update_descriptions(call: &mut Call<'_>, egress: bool) -> Reply {
    let group = security_group::named(call)?;
    let region = call.region;
    let held = held(call, text(&group, "GroupId"), egress)?;
    let permissions = call.list("IpPermissions").to_vec();
    let by_id = call.list("SecurityGroupRuleDescriptions").to_vec();
    if permissions.is_empty() == by_id.is_empty() {
        return Err(match by_id.is_empty() {
            true => missing("ipPermissions or securityGroupRuleDescriptions"),
            false => combination(
                "The parameters 'ipPermissions' and 'securityGroupRuleDescriptions' may not be used in combination",
            ),
        });
    }
    let mut updated = Vec::new();
    for (rule, description) in rules::wanted(call, &permissions, text(&group, "VpcId"))? {
        let record = held.iter().find(|record| Match::of(record) == rule);
        updated.push((record.ok_or_else(no_such_rule)?.clone(), description));
    }
    for entry in by_id {
        let ids = [text(&entry, RULE.id).to_owned()];
        let description = entry["Description"].as_str().map(str::to_owned);
        rules::check_description(description.as_deref())?;
        for record in by_ids(&held, &ids)? {
            updated.push((record, description.clone()));
        }
    }
    for (mut record, description) in updated {
        describe_rule(&mut record, description.as_deref());
        RULE.save(call.txn, region, &record)?;
    }
    Ok(json!({ "Return": true }))
}
