"""The Resource Groups Tagging API: one view of all services' tags, filters, pages, writing, and lagging."""

import json

import pytest

ACCOUNT = "123456789012"


@pytest.fixture(scope="module")
def tagging(client):
    return client("resourcegroupstaggingapi")


@pytest.fixture(scope="module")
def things(client, unique):
    """One tagged object of each service."""
    stack = unique("stack")
    tags = {"pinfra:stack": stack, "kind": "test"}
    pairs = [{"Key": k, "Value": v} for k, v in tags.items()]
    kinesis, ssm, ec2, kafka = client("kinesis"), client("ssm"), client("ec2"), client("kafka")
    kinesis.create_stream(StreamName=stack, ShardCount=1, Tags=tags)
    ssm.put_parameter(Name=f"/{stack}", Value="x", Type="String", Tags=pairs)
    secret = client("secretsmanager").create_secret(Name=stack, SecretString="x", Tags=pairs)["ARN"]
    bucket = f"tagging-{stack}"
    client("s3").create_bucket(Bucket=bucket)
    client("s3").put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": pairs})
    group = ec2.create_security_group(
        GroupName=stack, Description="d", TagSpecifications=[{"ResourceType": "security-group", "Tags": pairs}]
    )["GroupId"]
    subnets = ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
    subnets = [s["SubnetId"] for s in sorted(subnets, key=lambda s: s["AvailabilityZone"])[:3]]
    cluster = kafka.create_cluster(
        ClusterName=stack,
        KafkaVersion="3.8.x",
        NumberOfBrokerNodes=3,
        BrokerNodeGroupInfo={"InstanceType": "kafka.m5.large", "ClientSubnets": subnets},
        Tags=tags,
    )["ClusterArn"]
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    role = client("iam").create_role(RoleName=stack, AssumeRolePolicyDocument=json.dumps(trust), Tags=pairs)["Role"]["Arn"]
    return {
        "stack": stack,
        "kinesis": f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/{stack}",
        "ssm": f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/{stack}",
        "secretsmanager": secret,
        "s3": f"arn:aws:s3:::{bucket}",
        "ec2": f"arn:aws:ec2:us-east-1:{ACCOUNT}:security-group/{group}",
        "kafka": cluster,
        "role": role,
    }


def mine(things):
    return [{"Key": "pinfra:stack", "Values": [things["stack"]]}]


def arns(reply):
    return [m["ResourceARN"] for m in reply["ResourceTagMappingList"]]


def test_every_service_but_roles_is_found(tagging, things):
    found = tagging.get_resources(TagFilters=mine(things))
    expected = sorted(arn for service, arn in things.items() if service not in ("stack", "role"))
    assert sorted(arns(found)) == expected and found["PaginationToken"] == ""
    for mapping in found["ResourceTagMappingList"]:
        assert {t["Key"]: t["Value"] for t in mapping["Tags"]} == {"pinfra:stack": things["stack"], "kind": "test"}


def test_filters_are_anded_and_their_values_ored(tagging, things, fails):
    def found(*filters, **arguments):
        return arns(tagging.get_resources(TagFilters=[*mine(things), *filters], **arguments))

    assert len(found({"Key": "kind", "Values": ["other", "test"]})) == 6
    assert found({"Key": "kind", "Values": ["other"]}) == []
    assert len(found({"Key": "kind"})) == 6 and found({"Key": "absent"}) == []
    assert found(ResourceTypeFilters=["kinesis:stream"]) == [things["kinesis"]]
    assert found(ResourceTypeFilters=["ec2:security-group"]) == [things["ec2"]]
    assert found(ResourceTypeFilters=["kafka:cluster"]) == [things["kafka"]]
    assert found(ResourceTypeFilters=["s3"]) == [things["s3"]]
    assert found(ResourceTypeFilters=["ec2"]) == [things["ec2"]]
    assert found(ResourceTypeFilters=["ec2:instance"]) == []
    assert set(found(ResourceTypeFilters=["ssm:parameter", "secretsmanager:secret"])) == {things["ssm"], things["secretsmanager"]}
    assert arns(tagging.get_resources(ResourceARNList=[things["kafka"], things["role"]])) == [things["kafka"]]
    for arguments in [
        {"ResourceARNList": [things["kafka"]], "TagFilters": mine(things)},
        {"ResourceARNList": ["nonsense"]},
        {"ResourcesPerPage": 101},
        {"TagsPerPage": 150},
        {"TagFilters": [{"Values": ["x"]}]},
    ]:
        with fails("InvalidParameterException", status=400):
            tagging.get_resources(**arguments)


def test_pages(tagging, things, fails):
    pages = list(
        tagging.get_paginator("get_resources").paginate(TagFilters=mine(things), ResourcesPerPage=4)
    )
    assert [len(p["ResourceTagMappingList"]) for p in pages] == [4, 2]
    assert len({arn for page in pages for arn in arns(page)}) == 6
    assert len(arns(tagging.get_resources(TagFilters=mine(things), TagsPerPage=100))) == 6
    with fails("PaginationTokenExpiredException"):
        tagging.get_resources(PaginationToken="nonsense")


def test_keys_and_values(tagging, things):
    assert {"pinfra:stack", "kind"} <= set(tagging.get_tag_keys()["TagKeys"])
    assert things["stack"] in tagging.get_tag_values(Key="pinfra:stack")["TagValues"]
    assert tagging.get_tag_values(Key="absent")["TagValues"] == []


def test_tags_are_written_through_each_service(tagging, things, client):
    targets = [things[s] for s in ["kinesis", "ssm", "secretsmanager", "s3", "ec2", "kafka"]]
    absent = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/absent"
    failed = tagging.tag_resources(ResourceARNList=[*targets, absent, things["role"]], Tags={"added": "yes"})["FailedResourcesMap"]
    assert set(failed) == {absent, things["role"]}
    assert failed[absent]["ErrorCode"] == "InvalidParameterException" and failed[absent]["StatusCode"] == 400
    found = arns(tagging.get_resources(TagFilters=[*mine(things), {"Key": "added", "Values": ["yes"]}]))
    assert sorted(found) == sorted(targets)
    assert client("kafka").list_tags_for_resource(ResourceArn=things["kafka"])["Tags"]["added"] == "yes"
    assert client("s3").get_bucket_tagging(Bucket=things["s3"].rsplit(":", 1)[-1])["TagSet"]
    assert tagging.untag_resources(ResourceARNList=targets, TagKeys=["added"])["FailedResourcesMap"] == {}
    assert arns(tagging.get_resources(TagFilters=[*mine(things), {"Key": "added"}])) == []


def test_regions_are_apart_and_the_dead_are_not_found(tagging, client, things, unique):
    assert arns(client("resourcegroupstaggingapi", region="eu-west-1").get_resources(TagFilters=mine(things))) == []
    name = unique("short-lived")
    ssm = client("ssm")
    ssm.put_parameter(Name=f"/{name}", Value="x", Type="String", Tags=[{"Key": "pinfra:stack", "Value": name}])
    wanted = [{"Key": "pinfra:stack", "Values": [name]}]
    assert len(arns(tagging.get_resources(TagFilters=wanted))) == 1
    ssm.delete_parameter(Name=f"/{name}")
    assert arns(tagging.get_resources(TagFilters=wanted)) == []


def test_with_lag_the_view_trails_the_truth(served):
    cloud = served(faults={"rules": [{"action": {"tags_lag": {"reads": 2}}}]})
    tagging, ssm = cloud.client("resourcegroupstaggingapi"), cloud.client("ssm")

    def reads(count):
        return [len(arns(tagging.get_resources(TagFilters=[{"Key": "a"}]))) for _ in range(count)]

    ssm.put_parameter(Name="/p", Value="x", Type="String", Tags=[{"Key": "a", "Value": "b"}])
    assert reads(4) == [0, 0, 1, 1]
    ssm.delete_parameter(Name="/p")
    assert reads(4) == [1, 1, 0, 0]


def test_the_cli(aws_cli, things):
    found = aws_cli("resourcegroupstaggingapi", "get-resources", "--tag-filters", f"Key=pinfra:stack,Values={things['stack']}")
    assert len(found["ResourceTagMappingList"]) == 6
