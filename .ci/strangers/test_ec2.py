"""EC2's networks and key pairs as boto3 and the AWS CLI see them. Security groups have a file of their own."""

import base64
import hashlib
import subprocess
import time

import pytest

ACCOUNT = "123456789012"


@pytest.fixture(scope="session")
def ec2(client):
    return client("ec2")


@pytest.fixture(scope="session")
def default_vpc(ec2):
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    return vpc


@pytest.fixture
def other(served):
    """EC2 of a cloud of its own: VPCs are limited to five."""
    return served().client("ec2")


def tag_spec(kind, **tags):
    return [{"ResourceType": kind, "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}]


# What a fresh account has


def test_the_default_vpc(ec2, default_vpc):
    assert default_vpc["CidrBlock"] == "172.31.0.0/16"
    assert default_vpc["State"] == "available" and default_vpc["OwnerId"] == ACCOUNT
    assert default_vpc["InstanceTenancy"] == "default" and "Tags" not in default_vpc
    (association,) = default_vpc["CidrBlockAssociationSet"]
    assert association["CidrBlockState"] == {"State": "associated"}
    options = ec2.describe_dhcp_options(DhcpOptionsIds=[default_vpc["DhcpOptionsId"]])["DhcpOptions"][0]
    assert {"Key": "domain-name", "Values": [{"Value": "ec2.internal"}]} in options["DhcpConfigurations"]


def test_the_default_subnets(ec2, default_vpc):
    subnets = ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
    by_zone = {s["AvailabilityZone"]: s for s in subnets}
    assert sorted(by_zone) == [f"us-east-1{letter}" for letter in "abcdef"]
    first = by_zone["us-east-1a"]
    assert first["CidrBlock"] == "172.31.0.0/20" and first["MapPublicIpOnLaunch"]
    assert first["AvailabilityZoneId"] == "use1-az1"
    assert first["VpcId"] == default_vpc["VpcId"]
    assert first["SubnetArn"] == f"arn:aws:ec2:us-east-1:{ACCOUNT}:subnet/{first['SubnetId']}"
    assert by_zone["us-east-1b"]["AvailableIpAddressCount"] == 4091
    some = ec2.describe_subnets(
        Filters=[{"Name": "availability-zone", "Values": ["us-east-1a", "us-east-1b"]}, {"Name": "vpc-id", "Values": [default_vpc["VpcId"]]}]
    )["Subnets"]
    assert {s["AvailabilityZone"] for s in some} == {"us-east-1a", "us-east-1b"}


def test_what_comes_with_the_default_vpc(ec2, default_vpc):
    in_vpc = [{"Name": "vpc-id", "Values": [default_vpc["VpcId"]]}]
    (table,) = ec2.describe_route_tables(Filters=[*in_vpc, {"Name": "association.main", "Values": ["true"]}])["RouteTables"]
    gateways = ec2.describe_internet_gateways(Filters=[{"Name": "attachment.vpc-id", "Values": [default_vpc["VpcId"]]}])
    (gateway,) = gateways["InternetGateways"]
    assert gateway["Attachments"] == [{"State": "available", "VpcId": default_vpc["VpcId"]}]
    routes = {r["DestinationCidrBlock"]: r["GatewayId"] for r in table["Routes"]}
    assert routes == {"172.31.0.0/16": "local", "0.0.0.0/0": gateway["InternetGatewayId"]}
    (acl,) = ec2.describe_network_acls(Filters=[*in_vpc, {"Name": "default", "Values": ["true"]}])["NetworkAcls"]
    assert len(acl["Associations"]) == 6
    assert sorted((e["Egress"], e["RuleNumber"], e["RuleAction"]) for e in acl["Entries"]) == [
        (False, 100, "allow"), (False, 32767, "deny"), (True, 100, "allow"), (True, 32767, "deny"),
    ]  # fmt: skip
    assert ec2.describe_network_interfaces(Filters=in_vpc)["NetworkInterfaces"] == []


def test_regions_and_zones(ec2, client, fails):
    zones = ec2.describe_availability_zones()["AvailabilityZones"]
    assert [z["ZoneName"] for z in zones] == [f"us-east-1{letter}" for letter in "abcdef"]
    assert {(z["State"], z["ZoneType"], z["OptInStatus"]) for z in zones} == {("available", "availability-zone", "opt-in-not-required")}
    one = ec2.describe_availability_zones(Filters=[{"Name": "zone-id", "Values": ["use1-az2"]}])["AvailabilityZones"]
    assert [z["ZoneName"] for z in one] == ["us-east-1b"]
    with fails("InvalidParameterValue", 400, "Invalid availability zone: [us-east-1z]"):
        ec2.describe_availability_zones(ZoneNames=["us-east-1z"])
    regions = [r["RegionName"] for r in ec2.describe_regions()["Regions"]]
    assert "us-east-1" in regions and "af-south-1" not in regions
    everything = ec2.describe_regions(AllRegions=True)["Regions"]
    assert {"RegionName": "af-south-1", "OptInStatus": "not-opted-in"}.items() <= next(r for r in everything if r["RegionName"] == "af-south-1").items()
    named = ec2.describe_regions(RegionNames=["eu-west-1"])["Regions"]
    assert named[0]["Endpoint"] == "ec2.eu-west-1.amazonaws.com"
    with fails("InvalidParameterValue", 400):
        ec2.describe_regions(RegionNames=["moon-1"])
    tokyo = client("ec2", region="ap-northeast-1")
    assert [s["AvailabilityZone"][-1] for s in sorted(tokyo.describe_subnets()["Subnets"], key=lambda s: s["AvailabilityZone"])] == ["a", "c", "d"]


def test_account_attributes(ec2, default_vpc):
    attributes = {a["AttributeName"]: a["AttributeValues"][0]["AttributeValue"] for a in ec2.describe_account_attributes()["AccountAttributes"]}
    assert attributes["supported-platforms"] == "VPC" and attributes["default-vpc"] == default_vpc["VpcId"]
    only = ec2.describe_account_attributes(AttributeNames=["default-vpc"])["AccountAttributes"]
    assert [a["AttributeName"] for a in only] == ["default-vpc"]


def test_prefix_lists(ec2, fails):
    (s3,) = ec2.describe_prefix_lists(Filters=[{"Name": "prefix-list-name", "Values": ["com.amazonaws.us-east-1.s3"]}])["PrefixLists"]
    assert s3["PrefixListId"] == "pl-63a5400a" and s3["Cidrs"]
    assert ec2.describe_prefix_lists(PrefixListIds=["pl-63a5400a"])["PrefixLists"] == [s3]
    with fails("InvalidPrefixListID.NotFound", 400):
        ec2.describe_prefix_lists(PrefixListIds=["pl-00000000"])


# What all Describe operations have in common


@pytest.mark.parametrize(
    "operation, parameter, prefix, absent, malformed",
    [
        ("describe_vpcs", "VpcIds", "vpc", "InvalidVpcID.NotFound", "InvalidVpcID.Malformed"),
        ("describe_subnets", "SubnetIds", "subnet", "InvalidSubnetID.NotFound", "InvalidSubnetID.Malformed"),
        ("describe_internet_gateways", "InternetGatewayIds", "igw", "InvalidInternetGatewayID.NotFound", "InvalidInternetGatewayId.Malformed"),
        ("describe_route_tables", "RouteTableIds", "rtb", "InvalidRouteTableID.NotFound", "InvalidRouteTableId.Malformed"),
        ("describe_network_acls", "NetworkAclIds", "acl", "InvalidNetworkAclID.NotFound", "InvalidNetworkAclId.Malformed"),
        ("describe_network_interfaces", "NetworkInterfaceIds", "eni", "InvalidNetworkInterfaceID.NotFound", "InvalidNetworkInterfaceId.Malformed"),
        ("describe_security_groups", "GroupIds", "sg", "InvalidGroup.NotFound", "InvalidGroupId.Malformed"),
        ("describe_security_group_rules", "SecurityGroupRuleIds", "sgr", "InvalidSecurityGroupRuleId.NotFound", "InvalidSecurityGroupRuleId.Malformed"),
        ("describe_key_pairs", "KeyPairIds", "key", "InvalidKeyPair.NotFound", "InvalidKeyPairId.Malformed"),
    ],
)
def test_ids_and_filters(ec2, fails, operation, parameter, prefix, absent, malformed):
    describe = getattr(ec2, operation)
    unknown = f"{prefix}-0123456789abcdef0"
    with fails(absent, 400, f"'{unknown}' does not exist"):
        describe(**{parameter: [unknown]})
    with fails(malformed, 400, f'Invalid id: "nonsense" (expecting "{prefix}-...")'):
        describe(**{parameter: ["nonsense"]})
    with fails("InvalidParameterValue", 400, "The filter 'no-such-filter' is invalid"):
        describe(Filters=[{"Name": "no-such-filter", "Values": ["x"]}])
    with fails("DryRunOperation", 412, "Request would have succeeded, but DryRun flag is set."):
        describe(DryRun=True)


def test_every_documented_filter_is_known(ec2):
    """Each filter is sent with a value that nothing has: it must be understood and match nothing."""
    filters = {
        "describe_vpcs": "cidr cidr-block-association.cidr-block cidr-block-association.association-id cidr-block-association.state dhcp-options-id "
        "ipv6-cidr-block-association.ipv6-cidr-block ipv6-cidr-block-association.ipv6-pool ipv6-cidr-block-association.association-id "
        "ipv6-cidr-block-association.state is-default owner-id state tag-key tag:x vpc-id",
        "describe_subnets": "availability-zone availability-zone-id available-ip-address-count cidr-block customer-owned-ipv4-pool default-for-az "
        "enable-dns64 enable-lni-at-device-index ipv6-cidr-block-association.ipv6-cidr-block ipv6-cidr-block-association.association-id "
        "ipv6-cidr-block-association.state ipv6-native map-customer-owned-ip-on-launch map-public-ip-on-launch outpost-arn owner-id "
        "private-dns-name-options-on-launch.hostname-type private-dns-name-options-on-launch.enable-resource-name-dns-a-record "
        "private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record state subnet-arn subnet-id tag-key tag:x vpc-id",
        "describe_internet_gateways": "attachment.state attachment.vpc-id internet-gateway-id owner-id tag-key tag:x",
        "describe_route_tables": "association.gateway-id association.route-table-association-id association.route-table-id association.subnet-id "
        "association.main owner-id route-table-id route.destination-cidr-block route.destination-ipv6-cidr-block route.destination-prefix-list-id "
        "route.egress-only-internet-gateway-id route.gateway-id route.instance-id route.nat-gateway-id route.transit-gateway-id route.origin "
        "route.state route.vpc-peering-connection-id tag-key tag:x vpc-id",
        "describe_network_acls": "association.association-id association.network-acl-id association.subnet-id default entry.cidr entry.icmp.code "
        "entry.icmp.type entry.ipv6-cidr entry.port-range.from entry.port-range.to entry.protocol entry.rule-action entry.egress entry.rule-number "
        "network-acl-id owner-id tag-key tag:x vpc-id",
        "describe_network_interfaces": "association.allocation-id association.association-id addresses.association.owner-id "
        "addresses.association.public-ip addresses.primary addresses.private-ip-address association.ip-owner-id association.public-ip "
        "association.public-dns-name attachment.attach-time attachment.attachment-id attachment.delete-on-termination attachment.device-index "
        "attachment.instance-id attachment.instance-owner-id attachment.status availability-zone availability-zone-id description group-id "
        "ipv6-addresses.ipv6-address interface-type mac-address network-interface-id operator.managed operator.principal owner-id private-dns-name "
        "private-ip-address requester-id requester-managed source-dest-check status subnet-id tag-key tag:x vpc-id",
        "describe_security_groups": "description egress.ip-permission.cidr egress.ip-permission.from-port egress.ip-permission.group-id "
        "egress.ip-permission.group-name egress.ip-permission.ipv6-cidr egress.ip-permission.prefix-list-id egress.ip-permission.protocol "
        "egress.ip-permission.to-port egress.ip-permission.user-id group-id group-name ip-permission.cidr ip-permission.from-port "
        "ip-permission.group-id ip-permission.group-name ip-permission.ipv6-cidr ip-permission.prefix-list-id ip-permission.protocol "
        "ip-permission.to-port ip-permission.user-id owner-id tag-key tag:x vpc-id",
        "describe_security_group_rules": "group-id security-group-rule-id tag:x",
        "describe_key_pairs": "key-pair-id fingerprint key-name tag-key tag:x",
        "describe_tags": "key resource-id resource-type tag:x value",
        "describe_dhcp_options": "dhcp-options-id key owner-id value tag-key tag:x",
    }
    for operation, known in filters.items():
        for name in known.split():
            reply = getattr(ec2, operation)(Filters=[{"Name": name, "Values": ["nothing-has-this"]}])
            lists = [value for key, value in reply.items() if isinstance(value, list)]
            assert lists == [[]], (operation, name)


def test_wildcards_and_pages(ec2, fails):
    found = ec2.describe_subnets(Filters=[{"Name": "cidr-block", "Values": ["172.31.?.0/20", "172.31.*.0/99"]}])["Subnets"]
    assert [s["CidrBlock"] for s in found] == ["172.31.0.0/20"]
    pages = list(ec2.get_paginator("describe_subnets").paginate(PaginationConfig={"PageSize": 5}))
    assert len(pages) >= 2
    ids = [s["SubnetId"] for page in pages for s in page["Subnets"]]
    assert sorted(ids) == sorted(s["SubnetId"] for s in ec2.describe_subnets()["Subnets"])
    with fails("InvalidNextToken", 400):
        ec2.describe_subnets(NextToken="nonsense")


# VPCs and subnets


def test_vpcs(other, fails):
    made = other.create_vpc(CidrBlock="10.1.2.3/16", TagSpecifications=tag_spec("vpc", Name="mine"))["Vpc"]
    assert made["CidrBlock"] == "10.1.0.0/16" and made["State"] == "pending" and not made["IsDefault"]
    assert made["Tags"] == [{"Key": "Name", "Value": "mine"}]
    vpc = made["VpcId"]
    other.get_waiter("vpc_available").wait(VpcIds=[vpc])
    (read,) = other.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": ["mi*"]}])["Vpcs"]
    assert read["VpcId"] == vpc
    in_vpc = [{"Name": "vpc-id", "Values": [vpc]}]
    assert [g["GroupName"] for g in other.describe_security_groups(Filters=in_vpc)["SecurityGroups"]] == ["default"]
    (table,) = other.describe_route_tables(Filters=in_vpc)["RouteTables"]
    assert [r["GatewayId"] for r in table["Routes"]] == ["local"]
    assert len(other.describe_network_acls(Filters=in_vpc)["NetworkAcls"]) == 1
    for member, value in (("EnableDnsSupport", True), ("EnableDnsHostnames", False)):
        attribute = member[0].lower() + member[1:]
        assert other.describe_vpc_attribute(VpcId=vpc, Attribute=attribute)[member] == {"Value": value}
        other.modify_vpc_attribute(VpcId=vpc, **{member: {"Value": not value}})
        assert other.describe_vpc_attribute(VpcId=vpc, Attribute=attribute)[member] == {"Value": not value}
    with fails("InvalidParameterCombination", 400):
        other.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": True}, EnableDnsHostnames={"Value": True})
    other.create_security_group(GroupName="g", Description="d", VpcId=vpc)
    with fails("DependencyViolation", 400, f"The vpc '{vpc}' has dependencies and cannot be deleted."):
        other.delete_vpc(VpcId=vpc)
    (group,) = other.describe_security_groups(Filters=[*in_vpc, {"Name": "group-name", "Values": ["g"]}])["SecurityGroups"]
    other.delete_security_group(GroupId=group["GroupId"])
    other.delete_vpc(VpcId=vpc)
    with fails("InvalidVpcID.NotFound", 400, f"The vpc ID '{vpc}' does not exist"):
        other.delete_vpc(VpcId=vpc)
    assert other.describe_route_tables(Filters=in_vpc)["RouteTables"] == []


def test_bad_vpcs(other, fails):
    with fails("MissingParameter", 400, "cidrBlock"):
        other.create_vpc()
    with fails("InvalidVpc.Range", 400, "The CIDR '10.0.0.0/8' is invalid."):
        other.create_vpc(CidrBlock="10.0.0.0/8")
    with fails("InvalidParameterValue", 400, "This is not a valid CIDR block."):
        other.create_vpc(CidrBlock="10.0.0/16")
    with fails("InvalidParameterValue", 400, "'subnet' is not a valid taggable resource type for this operation."):
        other.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tag_spec("subnet", a="b"))
    with fails("DryRunOperation", 412):
        other.create_vpc(CidrBlock="10.0.0.0/16", DryRun=True)
    assert len(other.describe_vpcs()["Vpcs"]) == 1, "a dry run makes nothing"
    for n in range(4):
        other.create_vpc(CidrBlock=f"10.{n}.0.0/16")
    with fails("VpcLimitExceeded", 400):
        other.create_vpc(CidrBlock="10.9.0.0/16")


def test_further_blocks_of_a_vpc(other, fails):
    vpc = other.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]
    with fails("InvalidVpc.Conflict", 400):
        other.associate_vpc_cidr_block(VpcId=vpc["VpcId"], CidrBlock="10.1.128.0/17")
    made = other.associate_vpc_cidr_block(VpcId=vpc["VpcId"], CidrBlock="10.2.0.0/16")["CidrBlockAssociation"]
    assert made["CidrBlockState"] == {"State": "associating"}
    subnet = other.create_subnet(VpcId=vpc["VpcId"], CidrBlock="10.2.1.0/24")["Subnet"]["SubnetId"]
    (table,) = other.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["RouteTables"]
    assert {r["DestinationCidrBlock"] for r in table["Routes"]} == {"10.1.0.0/16", "10.2.0.0/16"}
    with fails("InvalidCidrBlock.InUse", 400):
        other.disassociate_vpc_cidr_block(AssociationId=made["AssociationId"])
    other.delete_subnet(SubnetId=subnet)
    other.disassociate_vpc_cidr_block(AssociationId=made["AssociationId"])
    assert len(other.describe_vpcs(VpcIds=[vpc["VpcId"]])["Vpcs"][0]["CidrBlockAssociationSet"]) == 1
    with fails("OperationNotPermitted", 400):
        other.disassociate_vpc_cidr_block(AssociationId=vpc["CidrBlockAssociationSet"][0]["AssociationId"])


def test_subnets(other, fails):
    vpc = other.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    made = other.create_subnet(
        VpcId=vpc, CidrBlock="10.1.1.77/24", AvailabilityZone="us-east-1c", TagSpecifications=tag_spec("subnet", Name="a")
    )["Subnet"]
    assert made["CidrBlock"] == "10.1.1.0/24" and made["AvailableIpAddressCount"] == 251
    assert made["AvailabilityZoneId"] == "use1-az3" and not made["MapPublicIpOnLaunch"] and not made["DefaultForAz"]
    with fails("InvalidSubnet.Conflict", 400, "The CIDR '10.1.1.128/25' conflicts with another subnet"):
        other.create_subnet(VpcId=vpc, CidrBlock="10.1.1.128/25")
    with fails("InvalidSubnet.Range", 400, "The CIDR '10.2.0.0/24' is invalid."):
        other.create_subnet(VpcId=vpc, CidrBlock="10.2.0.0/24")
    with fails("InvalidParameterValue", 400, "availabilityZone"):
        other.create_subnet(VpcId=vpc, CidrBlock="10.1.2.0/24", AvailabilityZone="us-east-1z")
    subnet = made["SubnetId"]
    other.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    other.modify_subnet_attribute(SubnetId=subnet, PrivateDnsHostnameTypeOnLaunch="resource-name")
    (read,) = other.describe_subnets(SubnetIds=[subnet])["Subnets"]
    assert read["MapPublicIpOnLaunch"] and read["PrivateDnsNameOptionsOnLaunch"]["HostnameType"] == "resource-name"
    with fails("DependencyViolation", 400):
        other.delete_vpc(VpcId=vpc)
    other.delete_subnet(SubnetId=subnet)
    with fails("InvalidSubnetID.NotFound", 400, f"The subnet ID '{subnet}' does not exist"):
        other.delete_subnet(SubnetId=subnet)


def test_the_default_vpc_can_be_made_again(other, fails):
    with fails("DefaultVpcAlreadyExists", 400):
        other.create_default_vpc()
    with fails("DefaultSubnetAlreadyExistsInAvailabilityZone", 400):
        other.create_default_subnet(AvailabilityZone="us-east-1b")
    (vpc,) = other.describe_vpcs()["Vpcs"]
    subnets = other.describe_subnets()["Subnets"]
    other.delete_subnet(SubnetId=next(s["SubnetId"] for s in subnets if s["AvailabilityZone"] == "us-east-1b"))
    again = other.create_default_subnet(AvailabilityZone="us-east-1b")["Subnet"]
    assert again["DefaultForAz"] and again["CidrBlock"] == "172.31.16.0/20"
    (gateway,) = other.describe_internet_gateways()["InternetGateways"]
    image = other.describe_images(Owners=["amazon"])["Images"][0]
    kind = {"x86_64": "t3.micro", "arm64": "t4g.micro"}[image["Architecture"]]
    run = other.run_instances(ImageId=image["ImageId"], InstanceType=kind, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    with fails("DependencyViolation", 400, f"Network {vpc['VpcId']} has some mapped public address(es)."):
        other.detach_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"], VpcId=vpc["VpcId"])
    other.terminate_instances(InstanceIds=[run])
    other.get_waiter("instance_terminated").wait(InstanceIds=[run], WaiterConfig={"Delay": 0.1, "MaxAttempts": 100})
    for subnet in other.describe_subnets()["Subnets"]:
        other.delete_subnet(SubnetId=subnet["SubnetId"])
    other.detach_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"], VpcId=vpc["VpcId"])
    other.delete_vpc(VpcId=vpc["VpcId"])
    with fails("VPCIdNotSpecified", 400, "No default VPC for this user"):
        other.create_security_group(GroupName="g", Description="d")
    assert other.create_default_vpc()["Vpc"]["IsDefault"]
    assert len(other.describe_subnets()["Subnets"]) == 6


def test_gateways_and_routes(other, fails):
    vpc = other.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnet = other.create_subnet(VpcId=vpc, CidrBlock="10.1.1.0/24")["Subnet"]["SubnetId"]
    made = other.create_internet_gateway(TagSpecifications=tag_spec("internet-gateway", a="b"))["InternetGateway"]
    gateway = made["InternetGatewayId"]
    assert made["Attachments"] == [] and made["Tags"] == [{"Key": "a", "Value": "b"}]
    table = other.create_route_table(VpcId=vpc, TagSpecifications=tag_spec("route-table", a="b"))["RouteTable"]["RouteTableId"]
    route = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway}
    with fails("InvalidParameterValue", 400, "belong to different networks"):
        other.create_route(**route)
    other.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    with fails("Resource.AlreadyAssociated", 400):
        other.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    assert other.create_route(**route)["Return"]
    with fails("InvalidRoute.NotFound", 400):
        other.replace_route(**{**route, "DestinationCidrBlock": "10.9.0.0/16"})
    other.replace_route(**route)
    association = other.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"]
    assert other.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"] == association
    with fails("DependencyViolation", 400):
        other.delete_route_table(RouteTableId=table)
    second = other.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    with fails("Resource.AlreadyAssociated", 400):
        other.associate_route_table(RouteTableId=second, SubnetId=subnet)
    moved = other.replace_route_table_association(AssociationId=association, RouteTableId=second)["NewAssociationId"]
    with fails("InvalidAssociationID.NotFound", 400):
        other.disassociate_route_table(AssociationId=association)
    (found,) = other.describe_route_tables(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])["RouteTables"]
    assert found["RouteTableId"] == second
    other.disassociate_route_table(AssociationId=moved)
    with fails("DependencyViolation", 400):
        other.delete_internet_gateway(InternetGatewayId=gateway)
    other.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    with fails("Gateway.NotAttached", 400):
        other.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    (left,) = other.describe_route_tables(RouteTableIds=[table])["RouteTables"]
    assert {r["DestinationCidrBlock"]: r["State"] for r in left["Routes"]} == {"10.1.0.0/16": "active", "0.0.0.0/0": "blackhole"}
    other.delete_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
    with fails("InvalidParameterValue", 400, "cannot remove local route"):
        other.delete_route(RouteTableId=table, DestinationCidrBlock="10.1.0.0/16")
    other.delete_internet_gateway(InternetGatewayId=gateway)
    for one in (table, second):
        other.delete_route_table(RouteTableId=one)
    other.delete_subnet(SubnetId=subnet)
    other.delete_vpc(VpcId=vpc)


def test_a_cluster_uses_subnets_and_groups(served, fails):
    cloud = served()
    ec2 = cloud.client("ec2")
    subnets = [s["SubnetId"] for s in ec2.describe_subnets()["Subnets"]][:3]
    group = ec2.create_security_group(GroupName="brokers", Description="d")["GroupId"]
    kafka = cloud.client("kafka")
    cluster = kafka.create_cluster(
        ClusterName="c",
        KafkaVersion="3.8.x",
        NumberOfBrokerNodes=3,
        BrokerNodeGroupInfo={"ClientSubnets": subnets, "InstanceType": "kafka.m5.large", "SecurityGroups": [group]},
    )["ClusterArn"]
    used = ec2.describe_network_interfaces(Filters=[{"Name": "group-id", "Values": [group]}])["NetworkInterfaces"]
    assert sorted(i["SubnetId"] for i in used) == sorted(subnets)
    assert {(i["Status"], i["RequesterManaged"], i["InterfaceType"]) for i in used} == {("in-use", True, "interface")}
    assert {s["AvailableIpAddressCount"] for s in ec2.describe_subnets(SubnetIds=subnets)["Subnets"]} == {4090}
    with fails("DependencyViolation", 400, f"resource {group} has a dependent object"):
        ec2.delete_security_group(GroupId=group)
    with fails("DependencyViolation", 400, f"The subnet '{subnets[0]}' has dependencies and cannot be deleted."):
        ec2.delete_subnet(SubnetId=subnets[0])
    deadline = time.monotonic() + 30
    while kafka.describe_cluster(ClusterArn=cluster)["ClusterInfo"]["State"] != "ACTIVE":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    kafka.delete_cluster(ClusterArn=cluster)
    while ec2.describe_network_interfaces()["NetworkInterfaces"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    ec2.delete_security_group(GroupId=group)


def test_a_region_that_does_not_exist(client, fails):
    with fails("InvalidRegion", 400, "The region 'moon-1' does not exist."):
        client("ec2", region="moon-1").describe_vpcs()


# Key pairs

# Made with ssh-keygen and openssl; their fingerprints with the commands of AWS's documentation.


def openssl(*arguments, stdin=None):
    return subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, check=True).stdout


def colons(digest):
    return ":".join(digest[n : n + 2] for n in range(0, len(digest), 2))


def ssh_rsa(public_pem):
    """The OpenSSH line of a PEM public key, put together from its numbers."""
    text = openssl("rsa", "-pubin", "-noout", "-text", stdin=public_pem).decode()
    modulus = bytes.fromhex(text.split("Modulus:")[1].split("Exponent:")[0].replace(":", "").replace("\n", "").replace(" ", ""))
    field = lambda data: len(data).to_bytes(4, "big") + data
    blob = field(b"ssh-rsa") + field((65537).to_bytes(3, "big")) + field(modulus)
    return blob, b"ssh-rsa " + base64.b64encode(blob) + b" someone@somewhere\n"


def test_a_made_rsa_key(ec2, unique, fails):
    name = unique("key")
    made = ec2.create_key_pair(KeyName=name, TagSpecifications=tag_spec("key-pair", a="b"))
    assert made["KeyPairId"].startswith("key-0") and made["Tags"] == [{"Key": "a", "Value": "b"}]
    assert made["KeyMaterial"].startswith("-----BEGIN RSA PRIVATE KEY-----")
    private = openssl("pkcs8", "-topk8", "-nocrypt", "-outform", "DER", stdin=made["KeyMaterial"].encode())
    assert made["KeyFingerprint"] == colons(hashlib.sha1(private).hexdigest())
    with fails("InvalidKeyPair.Duplicate", 400, "already exists"):
        ec2.create_key_pair(KeyName=name)
    (read,) = ec2.describe_key_pairs(KeyNames=[name], IncludePublicKey=True)["KeyPairs"]
    assert read["KeyType"] == "rsa" and read["KeyFingerprint"] == made["KeyFingerprint"]
    public = openssl("rsa", "-pubout", stdin=made["KeyMaterial"].encode())
    assert read["PublicKey"].split()[:2] == ssh_rsa(public)[1].decode().split()[:2]
    (short,) = ec2.describe_key_pairs(KeyPairIds=[made["KeyPairId"]])["KeyPairs"]
    assert "PublicKey" not in short and short["CreateTime"]


def test_a_made_ed25519_key(ec2, unique):
    name = unique("key")
    made = ec2.create_key_pair(KeyName=name, KeyType="ed25519")
    assert made["KeyMaterial"].startswith("-----BEGIN OPENSSH PRIVATE KEY-----")
    (read,) = ec2.describe_key_pairs(KeyNames=[name], IncludePublicKey=True)["KeyPairs"]
    kind, body, comment = read["PublicKey"].split()
    assert (kind, comment, read["KeyType"]) == ("ssh-ed25519", name, "ed25519")
    blob = base64.b64decode(body)
    assert made["KeyFingerprint"] == base64.b64encode(hashlib.sha256(blob).digest()).decode()
    private = base64.b64decode("".join(made["KeyMaterial"].splitlines()[1:-1]))
    assert blob in private


@pytest.mark.parametrize("bits", [1024, 2048, 4096])
def test_imported_rsa_keys(ec2, unique, bits):
    private = openssl("genrsa", str(bits))
    pem = openssl("rsa", "-pubout", stdin=private)
    der = openssl("rsa", "-pubin", "-outform", "DER", stdin=pem)
    blob, line = ssh_rsa(pem)
    body = base64.encodebytes(blob).decode()
    rfc4716 = f'---- BEGIN SSH2 PUBLIC KEY ----\nComment: "a key: with \\\na long comment"\n{body}---- END SSH2 PUBLIC KEY ----\n'
    fingerprint = colons(hashlib.md5(der).hexdigest())
    for material in (line, rfc4716.encode(), pem, base64.b64encode(der)):
        name = unique("key")
        made = ec2.import_key_pair(KeyName=name, PublicKeyMaterial=material, TagSpecifications=tag_spec("key-pair", a="b"))
        assert made["KeyFingerprint"] == fingerprint and made["Tags"] == [{"Key": "a", "Value": "b"}]
        (read,) = ec2.describe_key_pairs(Filters=[{"Name": "key-name", "Values": [name]}], IncludePublicKey=True)["KeyPairs"]
        assert read["PublicKey"] == line.decode().split(" someone")[0] + " " + name


def test_an_imported_ed25519_key(ec2, unique):
    blob = b"\0\0\0\x0bssh-ed25519\0\0\0 " + bytes(range(32))
    name = unique("key")
    made = ec2.import_key_pair(KeyName=name, PublicKeyMaterial=b"ssh-ed25519 " + base64.b64encode(blob))
    assert made["KeyFingerprint"] == base64.b64encode(hashlib.sha256(blob).digest()).decode()


def test_bad_keys(ec2, unique, fails):
    for material in (b"nonsense", b"ssh-rsa AAAA", b"", b"ssh-rsa " + base64.b64encode(b"\0\0\0\x07ssh-rsa")):
        with fails("InvalidKey.Format", 400, "Key is not in valid OpenSSH public key format"):
            ec2.import_key_pair(KeyName=unique("key"), PublicKeyMaterial=material)
    with fails("InvalidParameterValue", 400, "Length exceeds maximum of 2048."):
        ec2.import_key_pair(KeyName=unique("key"), PublicKeyMaterial=b"x" * 3000)
    with fails("NotImplemented", 501):
        ec2.create_key_pair(KeyName=unique("key"), KeyFormat="ppk")
    with fails("InvalidKeyPair.NotFound", 400, "The key pair 'nobody' does not exist"):
        ec2.describe_key_pairs(KeyNames=["nobody"])


def test_keys_are_deleted(ec2, unique):
    name = unique("key")
    key = ec2.create_key_pair(KeyName=name, KeyType="ed25519")["KeyPairId"]
    assert ec2.delete_key_pair(KeyName=name)["KeyPairId"] == key
    gone = ec2.delete_key_pair(KeyName=name)
    assert gone["Return"] and "KeyPairId" not in gone
    again = ec2.create_key_pair(KeyName=name, KeyType="ed25519")["KeyPairId"]
    ec2.delete_key_pair(KeyPairId=again)
    assert ec2.describe_key_pairs(Filters=[{"Name": "key-name", "Values": [name]}])["KeyPairs"] == []


# Tags


def test_tags(other, fails):
    vpc = other.describe_vpcs()["Vpcs"][0]["VpcId"]
    key = other.create_key_pair(KeyName="k", KeyType="ed25519")["KeyPairId"]
    gateway = other.describe_internet_gateways()["InternetGateways"][0]["InternetGatewayId"]
    rule = other.describe_security_group_rules()["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    everything = [vpc, key, gateway, rule]
    other.create_tags(Resources=everything, Tags=[{"Key": "Name", "Value": "x"}, {"Key": "stage", "Value": "dev"}])
    other.create_tags(Resources=[vpc], Tags=[{"Key": "Name", "Value": "y"}])
    tags = other.describe_tags()["Tags"]
    assert {(t["ResourceId"], t["ResourceType"]) for t in tags} == {
        (vpc, "vpc"), (key, "key-pair"), (gateway, "internet-gateway"), (rule, "security-group-rule"),
    }  # fmt: skip
    assert len(tags) == 8
    named = other.describe_tags(Filters=[{"Name": "key", "Values": ["Name"]}, {"Name": "value", "Values": ["y"]}])["Tags"]
    assert named == [{"ResourceId": vpc, "ResourceType": "vpc", "Key": "Name", "Value": "y"}]
    by_tag = other.describe_tags(Filters=[{"Name": "tag:Name", "Values": ["y"]}])["Tags"]
    assert by_tag == named
    assert [v["VpcId"] for v in other.describe_vpcs(Filters=[{"Name": "tag-key", "Values": ["stage"]}])["Vpcs"]] == [vpc]
    other.delete_tags(Resources=[vpc], Tags=[{"Key": "Name", "Value": "other"}])
    assert len(other.describe_vpcs()["Vpcs"][0]["Tags"]) == 2, "a tag with another value stays"
    other.delete_tags(Resources=[vpc], Tags=[{"Key": "Name"}, {"Key": "absent"}])
    assert other.describe_vpcs()["Vpcs"][0]["Tags"] == [{"Key": "stage", "Value": "dev"}]
    other.delete_tags(Resources=everything)
    assert other.describe_tags()["Tags"] == []
    with fails("InvalidVpcID.NotFound", 400):
        other.create_tags(Resources=[vpc, "vpc-0123456789abcdef0"], Tags=[{"Key": "a", "Value": "b"}])
    assert other.describe_tags()["Tags"] == [], "all or none"
    with fails("InvalidID", 400, "The ID 'nonsense' is not valid"):
        other.create_tags(Resources=["nonsense"], Tags=[{"Key": "a", "Value": "b"}])
    with fails("InvalidParameterValue", 400, "Tag keys starting with 'aws:' are reserved for internal use"):
        other.create_tags(Resources=[vpc], Tags=[{"Key": "aws:a", "Value": "b"}])
    with fails("TagLimitExceeded", 400):
        other.create_tags(Resources=[vpc], Tags=[{"Key": f"k{n}", "Value": ""} for n in range(51)])
    awkward = [{"Key": "any [of] these", "Value": "é\"<&>"}]
    other.create_tags(Resources=[vpc], Tags=awkward)
    assert other.describe_vpcs()["Vpcs"][0]["Tags"] == awkward


def test_regions_are_apart(client, unique):
    name = unique("key")
    client("ec2").create_key_pair(KeyName=name, KeyType="ed25519")
    there = client("ec2", region="eu-west-1").describe_key_pairs(Filters=[{"Name": "key-name", "Values": [name]}])
    assert there["KeyPairs"] == []


def test_the_cli(aws_cli, unique, tmp_path):
    assert aws_cli("ec2", "describe-vpcs", "--filters", "Name=is-default,Values=true")["Vpcs"][0]["IsDefault"]
    name = unique("key")
    public = tmp_path / "key.pub"
    public.write_text("ssh-ed25519 " + base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0 " + bytes(32)).decode())
    made = aws_cli("ec2", "import-key-pair", "--key-name", name, "--public-key-material", f"fileb://{public}")
    assert made["KeyPairId"].startswith("key-")
    aws_cli("ec2", "delete-key-pair", "--key-name", name)
    assert aws_cli.error("ec2", "describe-key-pairs", "--key-names", name).code == "InvalidKeyPair.NotFound"
