"""Security groups and their rules as boto3 and the AWS CLI see them."""

import pytest

ACCOUNT = "123456789012"
ALL_OUT = {"IpProtocol": "-1", "UserIdGroupPairs": [], "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [], "PrefixListIds": []}


@pytest.fixture(scope="session")
def ec2(client):
    return client("ec2")


@pytest.fixture(scope="session")
def vpc(ec2):
    """A VPC that is not the default one: unknown rules are errors there."""
    return ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]


@pytest.fixture
def make(ec2, vpc, unique):
    return lambda **more: ec2.create_security_group(**{"GroupName": unique("group"), "Description": "a group", "VpcId": vpc, **more})["GroupId"]


@pytest.fixture
def group(make):
    return make()


def tcp(port, *blocks, **more):
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": b} for b in blocks], **more}


def read(ec2, group):
    (found,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    return found


# Groups


def test_a_group_is_created(ec2, unique, vpc):
    name = unique("group")
    made = ec2.create_security_group(
        GroupName=name + "  ", Description="for brokers", VpcId=vpc, TagSpecifications=[{"ResourceType": "security-group", "Tags": [{"Key": "a", "Value": "b"}]}]
    )
    group = made["GroupId"]
    arn = f"arn:aws:ec2:us-east-1:{ACCOUNT}:security-group/{group}"
    assert made["SecurityGroupArn"] == arn and made["Tags"] == [{"Key": "a", "Value": "b"}]
    found = read(ec2, group)
    assert found["GroupName"] == name, "trailing spaces go"
    assert (found["Description"], found["VpcId"], found["OwnerId"], found["SecurityGroupArn"]) == ("for brokers", vpc, ACCOUNT, arn)
    assert found["IpPermissions"] == [] and found["IpPermissionsEgress"] == [ALL_OUT]
    assert found["Tags"] == [{"Key": "a", "Value": "b"}]


def test_a_group_without_a_vpc_is_in_the_default_one(ec2, unique, fails):
    name = unique("group")
    group = ec2.create_security_group(GroupName=name, Description="d")["GroupId"]
    (default,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    (found,) = ec2.describe_security_groups(GroupNames=[name])["SecurityGroups"]
    assert found["GroupId"] == group and found["VpcId"] == default["VpcId"] and "Tags" not in found
    with fails("InvalidGroup.Duplicate", 400, f"The security group '{name}' already exists for VPC '{default['VpcId']}'"):
        ec2.create_security_group(GroupName=name, Description="d")
    with fails("InvalidGroup.NotFound", 400, f"The security group 'nobody' does not exist in default VPC '{default['VpcId']}'"):
        ec2.describe_security_groups(GroupNames=["nobody"])
    ec2.delete_security_group(GroupName=name)


@pytest.mark.parametrize(
    "change, code, sentence",
    [
        ({"GroupName": "sg-mine"}, "InvalidParameterValue", "Group names may not be in the format sg-*"),
        ({"GroupName": "default"}, "InvalidParameterValue", "Cannot use reserved security group name: default"),
        ({"GroupName": "x" * 256}, "InvalidParameterValue", ""),
        ({"Description": "söme"}, "InvalidParameterValue", "Invalid security group description."),
        ({"VpcId": "vpc-0123456789abcdef0"}, "InvalidVpcID.NotFound", "does not exist"),
        ({"TagSpecifications": [{"ResourceType": "vpc", "Tags": []}]}, "InvalidParameterValue", "'vpc' is not a valid taggable resource type for this operation."),
    ],
)
def test_bad_groups(make, fails, change, code, sentence):
    with fails(code, 400, sentence):
        make(**change)


def test_the_default_group(ec2, vpc, fails):
    (default,) = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}])["SecurityGroups"]
    group = default["GroupId"]
    (permission,) = default["IpPermissions"]
    assert permission["IpProtocol"] == "-1"
    assert permission["UserIdGroupPairs"] == [{"GroupId": group, "UserId": ACCOUNT}]
    with fails("CannotDelete", 400, f'the specified group: "{group}" name: "default" cannot be deleted by a user'):
        ec2.delete_security_group(GroupId=group)


def test_groups_that_name_each_other(ec2, make, fails):
    one, two = make(), make()
    pair = lambda group: [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}]
    ec2.authorize_security_group_ingress(GroupId=one, IpPermissions=pair(two))
    ec2.authorize_security_group_ingress(GroupId=two, IpPermissions=pair(one))
    ec2.authorize_security_group_ingress(GroupId=two, IpPermissions=pair(two))
    with fails("DependencyViolation", 400, f"resource {one} has a dependent object"):
        ec2.delete_security_group(GroupId=one)
    ec2.revoke_security_group_ingress(GroupId=two, IpPermissions=pair(one))
    assert ec2.delete_security_group(GroupId=one) ["GroupId"] == one
    ec2.delete_security_group(GroupId=two)
    with fails("InvalidGroup.NotFound", 400, f"The security group '{two}' does not exist"):
        ec2.delete_security_group(GroupId=two)
    left = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [one, two]}])
    assert left["SecurityGroupRules"] == []


def test_filters(ec2, make, vpc):
    group = make(Description="very special")
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[tcp(8082, "192.0.2.0/24")])
    for name, value in [
        ("description", "very*"),
        ("ip-permission.cidr", "192.0.2.0/24"),
        ("ip-permission.from-port", "8082"),
        ("ip-permission.protocol", "tc?"),
        ("group-id", group),
    ]:
        filters = [{"Name": name, "Values": [value]}, {"Name": "vpc-id", "Values": [vpc]}]
        found = [g["GroupId"] for g in ec2.describe_security_groups(Filters=filters)["SecurityGroups"]]
        assert group in found, name
    none = ec2.describe_security_groups(Filters=[{"Name": "egress.ip-permission.to-port", "Values": ["8082"]}])
    assert group not in [g["GroupId"] for g in none["SecurityGroups"]]


def test_groups_of_a_vpc(ec2, make, vpc):
    group = make()
    groups = ec2.get_security_groups_for_vpc(VpcId=vpc)["SecurityGroupForVpcs"]
    (found,) = [g for g in groups if g["GroupId"] == group]
    assert found["PrimaryVpcId"] == vpc and found["OwnerId"] == ACCOUNT
    assert ec2.describe_security_group_references(GroupId=[group])["SecurityGroupReferenceSet"] == []
    assert ec2.describe_stale_security_groups(VpcId=vpc)["StaleSecurityGroupSet"] == []


# Rules


def test_rules_are_rewritten_and_grouped(ec2, group, make):
    other = make()
    reply = ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            tcp(22, "10.1.2.3/16", IpProtocol="6"),
            tcp(22, "192.0.2.77/32"),
            {"IpProtocol": "-1", "FromPort": 1, "ToPort": 2, "IpRanges": [{"CidrIp": "198.51.100.9/24", "Description": "all of them"}]},
            {"IpProtocol": "TCP", "FromPort": 22, "ToPort": 22, "Ipv6Ranges": [{"CidrIpv6": "2001:DB8:0:0::1/64"}]},
            {"IpProtocol": "udp", "FromPort": 53, "ToPort": 60, "UserIdGroupPairs": [{"GroupId": other, "Description": "names"}]},
            {"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
            {"IpProtocol": "58", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
            {"IpProtocol": "50", "PrefixListIds": [{"PrefixListId": "pl-63a5400a"}]},
        ],
        TagSpecifications=[{"ResourceType": "security-group-rule", "Tags": [{"Key": "a", "Value": "b"}]}],
    )
    assert reply["Return"]
    rules = reply["SecurityGroupRules"]
    assert len(rules) == 8 and len({r["SecurityGroupRuleId"] for r in rules}) == 8
    assert all(r["SecurityGroupRuleId"].startswith("sgr-0") and r["GroupId"] == group and not r["IsEgress"] for r in rules)
    assert all(r["Tags"] == [{"Key": "a", "Value": "b"}] and r["GroupOwnerId"] == ACCOUNT for r in rules)
    assert rules[0]["CidrIpv4"] == "10.1.0.0/16" and rules[0]["IpProtocol"] == "tcp"
    assert (rules[2]["FromPort"], rules[2]["ToPort"], rules[2]["Description"]) == (-1, -1, "all of them")
    assert rules[3]["CidrIpv6"] == "2001:db8::/64"
    assert rules[4]["ReferencedGroupInfo"] == {"GroupId": other, "UserId": ACCOUNT}
    permissions = {(p["IpProtocol"], p.get("FromPort"), p.get("ToPort")): p for p in read(ec2, group)["IpPermissions"]}
    assert set(permissions) == {("tcp", 22, 22), ("-1", None, None), ("udp", 53, 60), ("icmp", 8, -1), ("icmpv6", -1, -1), ("50", None, None)}
    ssh = permissions["tcp", 22, 22]
    assert ssh["IpRanges"] == [{"CidrIp": "10.1.0.0/16"}, {"CidrIp": "192.0.2.77/32"}]
    assert ssh["Ipv6Ranges"] == [{"CidrIpv6": "2001:db8::/64"}]
    assert permissions["-1", None, None]["IpRanges"] == [{"CidrIp": "198.51.100.0/24", "Description": "all of them"}]
    assert permissions["udp", 53, 60]["UserIdGroupPairs"] == [{"GroupId": other, "UserId": ACCOUNT, "Description": "names"}]
    assert permissions["50", None, None]["PrefixListIds"] == [{"PrefixListId": "pl-63a5400a"}]


def test_duplicates(ec2, group, fails):
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[tcp(22, "10.0.0.0/8")])
    sentence = 'the specified rule "peer: 10.0.0.0/8, TCP, from port: 22, to port: 22, ALLOW" already exists'
    with fails("InvalidPermission.Duplicate", 400, sentence):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[tcp(80, "0.0.0.0/0"), tcp(22, "10.9.9.9/8")])
    assert len(read(ec2, group)["IpPermissions"]) == 1, "all or none"
    with fails("InvalidPermission.Duplicate", 400, "peer: 0.0.0.0/0, ALL, ALLOW"):
        ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
    with fails("InvalidParameterValue", 400, "The same permission must not appear multiple times"):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[tcp(80, "0.0.0.0/0", "0.0.0.0/0")])


@pytest.mark.parametrize(
    "permission, code, sentence",
    [
        (tcp(22, "10.0.0.0"), "InvalidParameterValue", "CIDR block 10.0.0.0 is malformed"),
        (tcp(22, "10.0.0.0/33"), "InvalidParameterValue", "CIDR block 10.0.0.0/33 is malformed"),
        (tcp(22, "0.0.0.0/0", IpProtocol="all"), "InvalidParameterValue", "Invalid value 'all' for IP protocol. Unknown protocol."),
        ({"IpProtocol": "tcp", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}, "InvalidParameterValue", "Must specify both from and to ports with TCP/UDP."),
        (tcp(70000, "0.0.0.0/0"), "InvalidParameterValue", "TCP/UDP (from) port (70000) out of range"),
        (tcp(-1, "0.0.0.0/0"), "InvalidParameterValue", "TCP/UDP (from) port (-1) out of range"),
        (tcp(22, "0.0.0.0/0", ToPort=21), "InvalidParameterValue", "Invalid TCP/UDP port range (22:21)"),
        (tcp(22, UserIdGroupPairs=[{"GroupId": "sg-0123456789abcdef0"}]), "InvalidGroup.NotFound", "The security group 'sg-0123456789abcdef0' does not exist"),
        (tcp(22, UserIdGroupPairs=[{"GroupId": "mine"}]), "InvalidGroupId.Malformed", 'Invalid id: "mine" (expecting "sg-...")'),
        (tcp(22, PrefixListIds=[{"PrefixListId": "pl-12345678"}]), "InvalidPrefixListID.NotFound", "does not exist"),
        (tcp(22, IpRanges=[{"CidrIp": "0.0.0.0/0", "Description": "ümlaut"}]), "InvalidParameterValue", "Invalid rule description."),
        (tcp(22), "MissingParameter", ""),
    ],
)
def test_bad_rules(ec2, group, fails, permission, code, sentence):
    with fails(code, 400, sentence):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])


def test_groups_of_other_vpcs_cannot_be_named(ec2, group, unique, fails):
    elsewhere = ec2.create_security_group(GroupName=unique("group"), Description="d")["GroupId"]
    with fails("InvalidGroup.NotFound", 400, "You have specified two resources that belong to different networks."):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[tcp(22, UserIdGroupPairs=[{"GroupId": elsewhere}])])


def test_the_flat_parameters_of_old(ec2, group, unique, fails):
    ec2.authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=80, ToPort=81, CidrIp="10.1.1.1/24")
    (permission,) = read(ec2, group)["IpPermissions"]
    assert permission["IpRanges"] == [{"CidrIp": "10.1.1.0/24"}] and permission["ToPort"] == 81
    ec2.revoke_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=80, ToPort=81, CidrIp="10.1.1.0/24")
    assert read(ec2, group)["IpPermissions"] == []
    named = unique("group")
    ec2.create_security_group(GroupName=named, Description="d")
    ec2.authorize_security_group_ingress(GroupName=named, SourceSecurityGroupName=named)
    (found,) = ec2.describe_security_groups(GroupNames=[named])["SecurityGroups"]
    assert found["IpPermissions"][0]["UserIdGroupPairs"] == [{"GroupId": found["GroupId"], "UserId": ACCOUNT}]
    with fails("MissingParameter", 400):
        ec2.authorize_security_group_ingress(GroupId=group)


def test_sixty_rules_fit(ec2, group, fails):
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[tcp(n, "0.0.0.0/0") for n in range(1, 61)])
    with fails("RulesPerSecurityGroupLimitExceeded", 400, "The maximum number of rules per security group has been reached."):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[tcp(61, "0.0.0.0/0")])
    ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[tcp(61, "0.0.0.0/0")])


def test_rules_are_revoked(ec2, group, fails):
    made = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[tcp(22, "10.0.0.0/8", "192.0.2.0/24"), tcp(80, "0.0.0.0/0")])
    revoked = ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[tcp(22, "10.0.0.0/8")])
    assert revoked["Return"] and revoked["UnknownIpPermissions"] == []
    (gone,) = revoked["RevokedSecurityGroupRules"]
    assert gone["SecurityGroupRuleId"] == made["SecurityGroupRules"][0]["SecurityGroupRuleId"] and gone["CidrIpv4"] == "10.0.0.0/8"
    with fails("InvalidPermission.NotFound", 400, "The specified rule does not exist in this security group."):
        ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[tcp(22, "10.0.0.0/8"), tcp(80, "0.0.0.0/0")])
    rule = made["SecurityGroupRules"][2]["SecurityGroupRuleId"]
    ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=[rule])
    with fails("InvalidSecurityGroupRuleId.NotFound", 400, f"The security group rule ID '{rule}' does not exist"):
        ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=[rule])
    assert [p["IpRanges"] for p in read(ec2, group)["IpPermissions"]] == [[{"CidrIp": "192.0.2.0/24"}]]
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
    assert read(ec2, group)["IpPermissionsEgress"] == []


def test_the_default_vpc_only_reports_unknown_rules(ec2, unique):
    group = ec2.create_security_group(GroupName=unique("group"), Description="d")["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[tcp(80, "0.0.0.0/0")])
    reply = ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[tcp(22, "10.0.0.0/8"), tcp(80, "0.0.0.0/0")])
    (unknown,) = reply["UnknownIpPermissions"]
    assert unknown["FromPort"] == 22 and unknown["IpRanges"] == [{"CidrIp": "10.0.0.0/8"}]
    assert len(reply["RevokedSecurityGroupRules"]) == 1
    assert read(ec2, group)["IpPermissions"] == []


def test_rules_one_by_one(ec2, group):
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[tcp(n, "0.0.0.0/0") for n in range(1, 8)])
    pages = list(ec2.get_paginator("describe_security_group_rules").paginate(Filters=[{"Name": "group-id", "Values": [group]}], PaginationConfig={"PageSize": 5}))
    rules = [r for page in pages for r in page["SecurityGroupRules"]]
    assert len(pages) == 2 and sorted(r["FromPort"] for r in rules) == [-1, 1, 2, 3, 4, 5, 6, 7]
    assert [r["IsEgress"] for r in rules].count(True) == 1
    rule = next(r for r in rules if r["FromPort"] == 3)
    ec2.create_tags(Resources=[rule["SecurityGroupRuleId"]], Tags=[{"Key": "Name", "Value": group}])
    (found,) = ec2.describe_security_group_rules(Filters=[{"Name": "tag:Name", "Values": [group]}])["SecurityGroupRules"]
    assert found["SecurityGroupRuleId"] == rule["SecurityGroupRuleId"]
    by_id = ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule["SecurityGroupRuleId"]])["SecurityGroupRules"]
    assert by_id == [found]


def test_rules_are_modified(ec2, group, make, fails):
    other = make()
    made = ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[tcp(22, "10.0.0.0/8"), tcp(80, "10.0.0.0/8"), tcp(22, UserIdGroupPairs=[{"GroupId": other}])]
    )["SecurityGroupRules"]
    ssh, web, peer = (r["SecurityGroupRuleId"] for r in made)
    update = lambda rule, **to: ec2.modify_security_group_rules(GroupId=group, SecurityGroupRules=[{"SecurityGroupRuleId": rule, "SecurityGroupRule": to}])
    assert update(ssh, IpProtocol="tcp", FromPort=23, ToPort=24, CidrIpv4="192.0.2.9/24", Description="other")["Return"]
    (found,) = ec2.describe_security_group_rules(SecurityGroupRuleIds=[ssh])["SecurityGroupRules"]
    assert (found["FromPort"], found["ToPort"], found["CidrIpv4"], found["Description"]) == (23, 24, "192.0.2.0/24", "other")
    update(peer, IpProtocol="-1", ReferencedGroupId=group)
    with fails("InvalidPermission.Duplicate", 400):
        update(web, IpProtocol="tcp", FromPort=23, ToPort=24, CidrIpv4="192.0.2.0/24")
    with fails("InvalidParameterValue", 400):
        update(web, IpProtocol="tcp", FromPort=80, ToPort=80, CidrIpv6="::/0")
    with fails("InvalidParameterCombination", 400):
        update(web, IpProtocol="tcp", FromPort=80, ToPort=80)
    with fails("InvalidSecurityGroupRuleId.NotFound", 400):
        ec2.modify_security_group_rules(
            GroupId=other, SecurityGroupRules=[{"SecurityGroupRuleId": web, "SecurityGroupRule": {"IpProtocol": "-1", "CidrIpv4": "0.0.0.0/0"}}]
        )


def test_descriptions_are_updated(ec2, group, fails):
    made = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[tcp(22, "10.0.0.0/8")])["SecurityGroupRules"]
    described = tcp(22, IpRanges=[{"CidrIp": "10.0.0.0/8", "Description": "ssh"}])
    assert ec2.update_security_group_rule_descriptions_ingress(GroupId=group, IpPermissions=[described])["Return"]
    assert read(ec2, group)["IpPermissions"][0]["IpRanges"] == [{"CidrIp": "10.0.0.0/8", "Description": "ssh"}]
    entry = {"SecurityGroupRuleId": made[0]["SecurityGroupRuleId"], "Description": "ssh again"}
    ec2.update_security_group_rule_descriptions_ingress(GroupId=group, SecurityGroupRuleDescriptions=[entry])
    assert read(ec2, group)["IpPermissions"][0]["IpRanges"][0]["Description"] == "ssh again"
    out = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "everything"}]}
    ec2.update_security_group_rule_descriptions_egress(GroupId=group, IpPermissions=[out])
    assert read(ec2, group)["IpPermissionsEgress"][0]["IpRanges"] == [{"CidrIp": "0.0.0.0/0", "Description": "everything"}]
    ec2.update_security_group_rule_descriptions_ingress(GroupId=group, IpPermissions=[tcp(22, "10.0.0.0/8")])
    assert read(ec2, group)["IpPermissions"][0]["IpRanges"] == [{"CidrIp": "10.0.0.0/8"}]
    with fails("InvalidPermission.NotFound", 400):
        ec2.update_security_group_rule_descriptions_ingress(GroupId=group, IpPermissions=[tcp(23, "10.0.0.0/8")])
    # A described rule is revoked without its description.
    ec2.update_security_group_rule_descriptions_ingress(GroupId=group, IpPermissions=[described])
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[tcp(22, "10.0.0.0/8")])


def test_a_dry_run_changes_nothing(ec2, group, fails):
    with fails("DryRunOperation", 412):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[tcp(22, "10.0.0.0/8")], DryRun=True)
    assert read(ec2, group)["IpPermissions"] == []
    with fails("DryRunOperation", 412):
        ec2.delete_security_group(GroupId=group, DryRun=True)
    assert read(ec2, group)


def test_lists_can_lag_while_ids_do_not(served):
    ec2 = served(faults={"rules": [{"service": "ec2", "action": {"lag": {"reads": 2}}}]}).client("ec2")
    for _ in range(3):
        ec2.describe_security_groups()
    group = ec2.create_security_group(GroupName="late", Description="d")["GroupId"]
    assert read(ec2, group)["GroupName"] == "late"
    named = [{"Name": "group-name", "Values": ["late"]}]
    shown = [len(ec2.describe_security_groups(Filters=named)["SecurityGroups"]) for _ in range(4)]
    assert shown == [0, 0, 1, 1]


def test_the_cli(aws_cli, unique):
    name = unique("group")
    group = aws_cli("ec2", "create-security-group", "--group-name", name, "--description", "from the CLI")["GroupId"]
    made = aws_cli("ec2", "authorize-security-group-ingress", "--group-id", group, "--protocol", "tcp", "--port", "22", "--cidr", "203.0.113.5/24")
    assert made["SecurityGroupRules"][0]["CidrIpv4"] == "203.0.113.0/24"
    assert aws_cli.error("ec2", "authorize-security-group-ingress", "--group-id", group, "--protocol", "tcp", "--port", "22", "--cidr", "203.0.113.0/24").code == (
        "InvalidPermission.Duplicate"
    )
    aws_cli("ec2", "delete-security-group", "--group-id", group)
    assert aws_cli.error("ec2", "describe-security-groups", "--group-ids", group).code == "InvalidGroup.NotFound"
