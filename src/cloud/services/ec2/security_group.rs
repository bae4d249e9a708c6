//! Security groups. Their rules are records of their own (`rules.rs`, `rule_calls.rs`).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::describe::{self, Describe};
use super::errors::{dependency, error, invalid_value, missing};
use super::things::{INTERFACE, RULE, SECURITY_GROUP, VPC, text};
use super::{filters, rules, tagging, vpc};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::store::{StoreError, Txn};

/// The name of the group that comes with each VPC.
pub const DEFAULT: &str = "default";

/// Makes a VPC's default group: all traffic among its members, and all out.
pub fn make_default(txn: &mut Txn, region: &str, vpc: &str) -> Result<(), StoreError> {
    let description = "default VPC security group";
    let group = make(txn, region, vpc, DEFAULT, description, json!([]))?;
    let id = text(&group, "GroupId");
    let members = rules::Match {
        protocol: "-1".to_owned(),
        from: -1,
        to: -1,
        peer: rules::Peer::Group(id.to_owned()),
    };
    let rule = rules::record(txn, region, id, false, &(members, None), &json!([]))?;
    RULE.save(txn, region, &rule)
}

/// Makes a group that lets everything out.
fn make(
    txn: &mut Txn,
    region: &str,
    vpc: &str,
    name: &str,
    description: &str,
    tags: Value,
) -> Result<Value, StoreError> {
    let id = SECURITY_GROUP.new_id(txn)?;
    let group = json!({
        "GroupId": id,
        "GroupName": name,
        "Description": description,
        "VpcId": vpc,
        "OwnerId": txn.account(),
        "SecurityGroupArn": SECURITY_GROUP.arn(txn, region, &id),
        "Tags": tags,
    });
    SECURITY_GROUP.save(txn, region, &group)?;
    let all = rules::Match {
        protocol: "-1".to_owned(),
        from: -1,
        to: -1,
        peer: rules::Peer::V4("0.0.0.0/0".to_owned()),
    };
    let rule = rules::record(txn, region, &id, true, &(all, None), &json!([]))?;
    RULE.save(txn, region, &rule)?;
    Ok(group)
}

/// CreateSecurityGroup.
pub fn create(call: &mut Call<'_>) -> Reply {
    let tags = tagging::sent(call, &SECURITY_GROUP)?;
    let name = call
        .str("GroupName")
        .unwrap_or_default()
        .trim_end()
        .to_owned();
    let description = call.str("Description").unwrap_or_default().to_owned();
    check_name(&name)?;
    if description.is_empty() {
        return Err(missing("GroupDescription"));
    }
    if !rules::is_plain_text(&description) {
        return Err(invalid_value(
            "Invalid security group description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*",
        ));
    }
    let region = call.region;
    let vpc = match call.str("VpcId").map(str::to_owned) {
        Some(id) => VPC.load(call.txn, region, &id)?,
        None => vpc::default_vpc(call.txn, region)?.ok_or_else(no_default_vpc)?,
    };
    let vpc = text(&vpc, "VpcId");
    if of_name(call.txn, region, vpc, &name)?.is_some() {
        return Err(error(
            "InvalidGroup.Duplicate",
            format!("The security group '{name}' already exists for VPC '{vpc}'"),
        ));
    }
    let group = make(call.txn, region, vpc, &name, &description, tags)?;
    Ok(json!({
        "GroupId": group["GroupId"],
        "SecurityGroupArn": group["SecurityGroupArn"],
        "Tags": group["Tags"],
    }))
}

fn check_name(name: &str) -> Result<(), ApiError> {
    if name.is_empty() {
        return Err(missing("GroupName"));
    }
    if name
        .get(..3)
        .is_some_and(|start| start.eq_ignore_ascii_case("sg-"))
    {
        return Err(invalid_value(
            "Invalid group name. Group names may not be in the format sg-*",
        ));
    }
    if name.eq_ignore_ascii_case(DEFAULT) {
        return Err(invalid_value(format!(
            "Cannot use reserved security group name: {name}"
        )));
    }
    if !rules::is_plain_text(name) {
        return Err(invalid_value(format!(
            "Value ({name}) for parameter GroupName is invalid. Character sets beyond ASCII are not supported."
        )));
    }
    Ok(())
}

fn no_default_vpc() -> ApiError {
    error("VPCIdNotSpecified", "No default VPC for this user")
}

/// The group of this name in a VPC.
pub fn of_name(
    txn: &mut Txn,
    region: &str,
    vpc: &str,
    name: &str,
) -> Result<Option<Value>, StoreError> {
    let mut groups = SECURITY_GROUP.with(txn, region, "GroupName", name)?;
    groups.retain(|group| text(group, "VpcId") == vpc);
    Ok(groups.pop())
}

/// The group of this name in the default VPC.
pub fn by_name(txn: &mut Txn, region: &str, name: &str) -> Result<Value, ApiError> {
    let vpc = vpc::default_vpc(txn, region)?.ok_or_else(no_default_vpc)?;
    let vpc = text(&vpc, "VpcId");
    of_name(txn, region, vpc, name)?.ok_or_else(|| {
        error(
            "InvalidGroup.NotFound",
            format!("The security group '{name}' does not exist in default VPC '{vpc}'"),
        )
    })
}

/// The group that a call's `GroupId` or `GroupName` names.
pub fn named(call: &mut Call<'_>) -> Result<Value, ApiError> {
    let region = call.region;
    let (id, name) = (call.str("GroupId"), call.str("GroupName"));
    match (id.map(str::to_owned), name.map(str::to_owned)) {
        (Some(id), _) => SECURITY_GROUP.load(call.txn, region, &id),
        (None, Some(name)) => by_name(call.txn, region, &name),
        (None, None) => Err(missing("groupName or groupId")),
    }
}

/// The rules of one group, in the order they were made.
pub fn rules_of(txn: &mut Txn, region: &str, group: &str) -> Result<Vec<Value>, StoreError> {
    let mut rules = RULE.with(txn, region, "GroupId", group)?;
    rules.sort_by_key(|rule| rule["Order"].as_u64());
    Ok(rules)
}

/// Replies of groups, with their rules as permissions.
fn views(mut rules: Vec<Value>, groups: Vec<Value>, account: &str) -> Vec<Value> {
    rules.sort_by_key(|rule| rule["Order"].as_u64());
    let mut held: BTreeMap<(&str, bool), Vec<&Value>> = BTreeMap::new();
    for rule in &rules {
        let direction = (text(rule, "GroupId"), rule["IsEgress"] == true);
        held.entry(direction).or_default().push(rule);
    }
    let permissions = |group: &Value, egress: bool| {
        let own = held.get(&(text(group, "GroupId"), egress));
        rules::permissions(own.map_or(&[], Vec::as_slice), account)
    };
    groups
        .into_iter()
        .map(|mut group| {
            group["IpPermissions"] = permissions(&group, false).into();
            group["IpPermissionsEgress"] = permissions(&group, true).into();
            SECURITY_GROUP.view(group)
        })
        .collect()
}

static DESCRIBE: Describe = Describe {
    thing: &SECURITY_GROUP,
    ids: "GroupIds",
    reply: "SecurityGroups",
    filters: &[
        ("description", "Description"),
        (
            "egress.ip-permission.cidr",
            "IpPermissionsEgress.IpRanges.CidrIp",
        ),
        (
            "egress.ip-permission.from-port",
            "IpPermissionsEgress.FromPort",
        ),
        (
            "egress.ip-permission.group-id",
            "IpPermissionsEgress.UserIdGroupPairs.GroupId",
        ),
        (
            "egress.ip-permission.ipv6-cidr",
            "IpPermissionsEgress.Ipv6Ranges.CidrIpv6",
        ),
        (
            "egress.ip-permission.prefix-list-id",
            "IpPermissionsEgress.PrefixListIds.PrefixListId",
        ),
        (
            "egress.ip-permission.protocol",
            "IpPermissionsEgress.IpProtocol",
        ),
        ("egress.ip-permission.to-port", "IpPermissionsEgress.ToPort"),
        (
            "egress.ip-permission.user-id",
            "IpPermissionsEgress.UserIdGroupPairs.UserId",
        ),
        ("group-id", "GroupId"),
        ("group-name", "GroupName"),
        ("ip-permission.cidr", "IpPermissions.IpRanges.CidrIp"),
        ("ip-permission.from-port", "IpPermissions.FromPort"),
        (
            "ip-permission.group-id",
            "IpPermissions.UserIdGroupPairs.GroupId",
        ),
        (
            "ip-permission.ipv6-cidr",
            "IpPermissions.Ipv6Ranges.CidrIpv6",
        ),
        (
            "ip-permission.prefix-list-id",
            "IpPermissions.PrefixListIds.PrefixListId",
        ),
        ("ip-permission.protocol", "IpPermissions.IpProtocol"),
        ("ip-permission.to-port", "IpPermissions.ToPort"),
        (
            "ip-permission.user-id",
            "IpPermissions.UserIdGroupPairs.UserId",
        ),
        ("owner-id", "OwnerId"),
        ("vpc-id", "VpcId"),
    ],
    // Rules within a VPC name groups by id only.
    never: &[
        "egress.ip-permission.group-name",
        "ip-permission.group-name",
    ],
};

/// DescribeSecurityGroups. Names are of the default VPC's groups.
pub fn describe(call: &mut Call<'_>) -> Reply {
    let mut ids = call.strings("GroupIds");
    for name in call.strings("GroupNames") {
        let group = by_name(call.txn, call.region, &name)?;
        ids.push(text(&group, "GroupId").to_owned());
    }
    let by_id = !ids.is_empty();
    if by_id {
        call.input["GroupIds"] = json!(ids);
    }
    DESCRIBE.answer(call, |call, groups| {
        let mut rules = Vec::new();
        if by_id {
            for group in &groups {
                rules.extend(rules_of(call.txn, call.region, text(group, "GroupId"))?);
            }
        } else {
            rules = RULE.listed(call.txn, call.region)?;
        }
        Ok(views(rules, groups, call.account))
    })
}

/// GetSecurityGroupsForVpc: the groups that an interface in the VPC can have.
pub fn for_vpc(call: &mut Call<'_>) -> Reply {
    const FILTERS: filters::Table = &[
        ("group-id", "GroupId"),
        ("group-name", "GroupName"),
        ("description", "Description"),
        ("owner-id", "OwnerId"),
        ("primary-vpc-id", "PrimaryVpcId"),
    ];
    let vpc = vpc::named(call)?;
    let filters = filters::parse(call.list("Filters"), FILTERS, &[], true)?;
    let views = SECURITY_GROUP
        .listed(call.txn, call.region)?
        .into_iter()
        .filter(|group| group["VpcId"] == vpc["VpcId"])
        .map(|group| {
            json!({
                "GroupId": group["GroupId"],
                "GroupName": group["GroupName"],
                "Description": group["Description"],
                "OwnerId": group["OwnerId"],
                "PrimaryVpcId": group["VpcId"],
                "Tags": group["Tags"],
            })
        })
        .filter(|view| filters::pass(&filters, view, "Tags"))
        .map(|view| (text(&view, "GroupId").to_owned(), view))
        .collect();
    describe::page(call, "SecurityGroupForVpcs", views)
}

/// DescribeSecurityGroupReferences: only groups of peered VPCs count, and there are none here.
pub fn references(call: &mut Call<'_>) -> Reply {
    let ids = call.strings("GroupId");
    describe::by_ids(call, &SECURITY_GROUP, &ids)?;
    Ok(json!({ "SecurityGroupReferenceSet": [] }))
}

/// DescribeStaleSecurityGroups: rules go stale only with a peering or a peered group.
pub fn stale(call: &mut Call<'_>) -> Reply {
    vpc::named(call)?;
    Ok(json!({ "StaleSecurityGroupSet": [] }))
}

/// DeleteSecurityGroup.
pub fn delete(call: &mut Call<'_>) -> Reply {
    let group = named(call)?;
    let (id, region) = (text(&group, "GroupId"), call.region);
    if text(&group, "GroupName") == DEFAULT {
        return Err(error(
            "CannotDelete",
            format!(
                "the specified group: \"{id}\" name: \"{DEFAULT}\" cannot be deleted by a user"
            ),
        ));
    }
    let referring = RULE.with(call.txn, region, "ReferencedGroupInfo.GroupId", id)?;
    let referenced = referring.iter().any(|rule| text(rule, "GroupId") != id);
    let used = INTERFACE.with(call.txn, region, "Groups.GroupId", id)?;
    if referenced || !used.is_empty() {
        return Err(dependency(format!("resource {id} has a dependent object")));
    }
    for rule in rules_of(call.txn, region, id)? {
        RULE.delete(call.txn, region, text(&rule, RULE.id))?;
    }
    SECURITY_GROUP.delete(call.txn, region, id)?;
    Ok(json!({ "Return": true, "GroupId": id }))
}
