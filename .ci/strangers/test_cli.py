"""The AWS CLI drives the main operations of every service, as people type them."""

import json
import re
import time

import pytest

ACCOUNT = "123456789012"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


def tags(items):
    return {tag["Key"]: tag["Value"] for tag in items}


# Identity


def test_sts(aws_cli):
    who = aws_cli("sts", "get-caller-identity")
    assert who["Account"] == ACCOUNT
    assert who["Arn"].startswith(f"arn:aws:iam::{ACCOUNT}:")


def test_iam_roles(aws_cli, unique):
    name = unique("cli-role")
    made = aws_cli("iam", "create-role", "--role-name", name, "--assume-role-policy-document", json.dumps(TRUST), "--tags", "Key=a,Value=1")["Role"]
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/{name}"
    assert made["AssumeRolePolicyDocument"] == TRUST
    again = aws_cli.error("iam", "create-role", "--role-name", name, "--assume-role-policy-document", json.dumps(TRUST))
    assert (again.code, again.operation) == ("EntityAlreadyExists", "CreateRole")
    assert again.message == f"Role with name {name} already exists."
    aws_cli("iam", "put-role-policy", "--role-name", name, "--policy-name", "inline", "--policy-document", json.dumps(ALLOW))
    assert aws_cli("iam", "get-role-policy", "--role-name", name, "--policy-name", "inline")["PolicyDocument"] == ALLOW
    policy = aws_cli("iam", "create-policy", "--policy-name", name, "--policy-document", json.dumps(ALLOW))["Policy"]["Arn"]
    aws_cli("iam", "attach-role-policy", "--role-name", name, "--policy-arn", policy)
    assert aws_cli("iam", "list-attached-role-policies", "--role-name", name)["AttachedPolicies"] == [{"PolicyName": name, "PolicyArn": policy}]
    aws_cli("iam", "tag-role", "--role-name", name, "--tags", "Key=b,Value=2")
    assert tags(aws_cli("iam", "list-role-tags", "--role-name", name)["Tags"]) == {"a": "1", "b": "2"}
    assert name in [role["RoleName"] for role in aws_cli("iam", "list-roles")["Roles"]]
    assert aws_cli.error("iam", "delete-role", "--role-name", name).code == "DeleteConflict"
    aws_cli("iam", "detach-role-policy", "--role-name", name, "--policy-arn", policy)
    aws_cli("iam", "delete-policy", "--policy-arn", policy)
    aws_cli("iam", "delete-role-policy", "--role-name", name, "--policy-name", "inline")
    aws_cli("iam", "delete-role", "--role-name", name)
    gone = aws_cli.error("iam", "get-role", "--role-name", name)
    assert (gone.code, gone.message) == ("NoSuchEntity", f"The role with name {name} cannot be found.")


def test_iam_instance_profiles(aws_cli, unique):
    name = unique("cli-profile")
    aws_cli("iam", "create-role", "--role-name", name, "--assume-role-policy-document", json.dumps(TRUST))
    aws_cli("iam", "create-instance-profile", "--instance-profile-name", name)
    aws_cli("iam", "add-role-to-instance-profile", "--instance-profile-name", name, "--role-name", name)
    profile = aws_cli("iam", "get-instance-profile", "--instance-profile-name", name)["InstanceProfile"]
    assert [role["RoleName"] for role in profile["Roles"]] == [name]
    aws_cli("iam", "remove-role-from-instance-profile", "--instance-profile-name", name, "--role-name", name)
    aws_cli("iam", "delete-instance-profile", "--instance-profile-name", name)
    assert aws_cli.error("iam", "get-instance-profile", "--instance-profile-name", name).code == "NoSuchEntity"


# EC2


def test_ec2_defaults(aws_cli):
    (vpc,) = aws_cli("ec2", "describe-vpcs", "--filters", "Name=is-default,Values=true")["Vpcs"]
    assert (vpc["CidrBlock"], vpc["State"]) == ("172.31.0.0/16", "available")
    subnets = aws_cli("ec2", "describe-subnets", "--filters", f"Name=vpc-id,Values={vpc['VpcId']}", "Name=default-for-az,Values=true")["Subnets"]
    assert "us-east-1a" in {subnet["AvailabilityZone"] for subnet in subnets}
    (group,) = aws_cli("ec2", "describe-security-groups", "--filters", f"Name=vpc-id,Values={vpc['VpcId']}", "Name=group-name,Values=default")["SecurityGroups"]
    assert group["Description"] == "default VPC security group"


def test_ec2_vpcs_and_subnets(aws_cli):
    vpc = aws_cli("ec2", "create-vpc", "--cidr-block", "10.9.8.7/16", "--tag-specifications", "ResourceType=vpc,Tags=[{Key=Name,Value=cli}]")["Vpc"]
    assert vpc["CidrBlock"] == "10.9.0.0/16"
    assert tags(vpc["Tags"]) == {"Name": "cli"}
    identity = vpc["VpcId"]
    subnet = aws_cli("ec2", "create-subnet", "--vpc-id", identity, "--cidr-block", "10.9.1.0/24", "--availability-zone", "us-east-1b")["Subnet"]
    assert subnet["AvailableIpAddressCount"] == 251
    clash = aws_cli.error("ec2", "create-subnet", "--vpc-id", identity, "--cidr-block", "10.9.1.128/25")
    assert clash.code == "InvalidSubnet.Conflict"
    assert aws_cli.error("ec2", "delete-vpc", "--vpc-id", identity).code == "DependencyViolation"
    aws_cli("ec2", "delete-subnet", "--subnet-id", subnet["SubnetId"])
    aws_cli("ec2", "delete-vpc", "--vpc-id", identity)
    gone = aws_cli.error("ec2", "describe-vpcs", "--vpc-ids", identity)
    assert (gone.code, gone.message) == ("InvalidVpcID.NotFound", f"The vpc ID '{identity}' does not exist")


def test_ec2_security_groups(aws_cli, unique):
    name = unique("cli-group")
    made = aws_cli("ec2", "create-security-group", "--group-name", name, "--description", "by the CLI")
    group = made["GroupId"]
    assert re.fullmatch("sg-[0-9a-f]{17}", group)
    again = aws_cli.error("ec2", "create-security-group", "--group-name", name, "--description", "again")
    assert again.code == "InvalidGroup.Duplicate"
    rule = ("--group-id", group, "--protocol", "tcp", "--port", "22", "--cidr", "10.0.0.0/8")
    added = aws_cli("ec2", "authorize-security-group-ingress", *rule)
    assert added["Return"] is True
    assert added["SecurityGroupRules"][0]["CidrIpv4"] == "10.0.0.0/8"
    assert aws_cli.error("ec2", "authorize-security-group-ingress", *rule).code == "InvalidPermission.Duplicate"
    (shown,) = aws_cli("ec2", "describe-security-groups", "--group-ids", group)["SecurityGroups"]
    assert [(p["IpProtocol"], p["FromPort"]) for p in shown["IpPermissions"]] == [("tcp", 22)]
    assert [p["IpProtocol"] for p in shown["IpPermissionsEgress"]] == ["-1"]
    rules = aws_cli("ec2", "describe-security-group-rules", "--filters", f"Name=group-id,Values={group}")["SecurityGroupRules"]
    assert len(rules) == 2
    aws_cli("ec2", "create-tags", "--resources", group, "--tags", "Key=a,Value=b c")
    assert tags(aws_cli("ec2", "describe-tags", "--filters", f"Name=resource-id,Values={group}")["Tags"]) == {"a": "b c"}
    aws_cli("ec2", "revoke-security-group-ingress", *rule)
    aws_cli("ec2", "delete-security-group", "--group-id", group)
    assert aws_cli.error("ec2", "describe-security-groups", "--group-ids", group).code == "InvalidGroup.NotFound"


def test_ec2_key_pairs(aws_cli, unique):
    name = unique("cli-key")
    made = aws_cli("ec2", "create-key-pair", "--key-name", name, "--key-type", "ed25519")
    assert made["KeyMaterial"].startswith("-----BEGIN OPENSSH PRIVATE KEY-----")
    (shown,) = aws_cli("ec2", "describe-key-pairs", "--key-names", name)["KeyPairs"]
    assert (shown["KeyType"], shown["KeyPairId"]) == ("ed25519", made["KeyPairId"])
    assert aws_cli.error("ec2", "create-key-pair", "--key-name", name).code == "InvalidKeyPair.Duplicate"
    aws_cli("ec2", "delete-key-pair", "--key-name", name)
    assert aws_cli.error("ec2", "describe-key-pairs", "--key-names", name).code == "InvalidKeyPair.NotFound"


# Streams and clusters


def test_kinesis(aws_cli, unique):
    name = unique("cli-stream")
    aws_cli("kinesis", "create-stream", "--stream-name", name, "--shard-count", 1, "--tags", "a=1")
    aws_cli("kinesis", "wait", "stream-exists", "--stream-name", name)
    summary = aws_cli("kinesis", "describe-stream-summary", "--stream-name", name)["StreamDescriptionSummary"]
    assert (summary["StreamStatus"], summary["OpenShardCount"], summary["RetentionPeriodHours"]) == ("ACTIVE", 1, 24)
    assert aws_cli.error("kinesis", "create-stream", "--stream-name", name, "--shard-count", 1).code == "ResourceInUseException"
    put = aws_cli("kinesis", "put-record", "--stream-name", name, "--partition-key", "k", "--data", "aGVsbG8=")
    iterator = aws_cli("kinesis", "get-shard-iterator", "--stream-name", name, "--shard-id", put["ShardId"], "--shard-iterator-type", "TRIM_HORIZON")
    records = aws_cli("kinesis", "get-records", "--shard-iterator", iterator["ShardIterator"])["Records"]
    assert [(r["SequenceNumber"], r["PartitionKey"]) for r in records] == [(put["SequenceNumber"], "k")]
    assert tags(aws_cli("kinesis", "list-tags-for-stream", "--stream-name", name)["Tags"]) == {"a": "1"}
    assert name in aws_cli("kinesis", "list-streams")["StreamNames"]
    aws_cli("kinesis", "delete-stream", "--stream-name", name)
    aws_cli("kinesis", "wait", "stream-not-exists", "--stream-name", name)
    gone = aws_cli.error("kinesis", "describe-stream-summary", "--stream-name", name)
    assert gone.code == "ResourceNotFoundException"
    assert gone.message == f"Stream {name} under account {ACCOUNT} not found."


def wait_until(look, wanted, seconds=30):
    """Until `look` gives what is wanted; simulated minutes pass in real seconds."""
    deadline = time.monotonic() + seconds
    while (seen := look()) != wanted:
        assert time.monotonic() < deadline, f"{seen} and not {wanted} after {seconds} s"
        time.sleep(0.2)


def test_kafka(aws_cli, client, unique):
    name = unique("cli-cluster")
    subnets = aws_cli("ec2", "describe-subnets", "--filters", "Name=default-for-az,Values=true")["Subnets"]
    brokers = {
        "InstanceType": "kafka.m5.large",
        "ClientSubnets": [subnet["SubnetId"] for subnet in sorted(subnets, key=lambda s: s["AvailabilityZone"])[:3]],
        "StorageInfo": {"EbsStorageInfo": {"VolumeSize": 100}},
    }
    made = aws_cli(
        "kafka", "create-cluster", "--cluster-name", name, "--kafka-version", "3.8.x", "--number-of-broker-nodes", 3,
        "--broker-node-group-info", json.dumps(brokers), "--client-authentication", '{"Sasl":{"Iam":{"Enabled":true}}}', "--tags", "a=1",
    )
    assert (made["ClusterName"], made["State"]) == (name, "CREATING")
    arn = made["ClusterArn"]

    def cluster():
        return aws_cli("kafka", "describe-cluster", "--cluster-arn", arn)["ClusterInfo"]

    wait_until(lambda: cluster()["State"], "ACTIVE")
    strings = aws_cli("kafka", "get-bootstrap-brokers", "--cluster-arn", arn)["BootstrapBrokerStringSaslIam"].split(",")
    assert len(strings) == 3 and all(broker.endswith(":9098") for broker in strings)
    assert tags([{"Key": k, "Value": v} for k, v in aws_cli("kafka", "list-tags-for-resource", "--resource-arn", arn)["Tags"].items()]) == {"a": "1"}
    grow = json.dumps([{"KafkaBrokerNodeId": "All", "VolumeSizeGB": 200}])
    stale = aws_cli.error("kafka", "update-broker-storage", "--cluster-arn", arn, "--current-version", "K0", "--target-broker-ebs-volume-info", grow)
    assert stale.code == "BadRequestException"
    operation = aws_cli("kafka", "update-broker-storage", "--cluster-arn", arn, "--current-version", cluster()["CurrentVersion"], "--target-broker-ebs-volume-info", grow)
    operation = operation["ClusterOperationArn"]
    wait_until(lambda: aws_cli("kafka", "describe-cluster-operation", "--cluster-operation-arn", operation)["ClusterOperationInfo"]["OperationState"], "UPDATE_COMPLETE")
    assert cluster()["BrokerNodeGroupInfo"]["StorageInfo"]["EbsStorageInfo"]["VolumeSize"] == 200
    assert aws_cli("kafka", "delete-cluster", "--cluster-arn", arn)["State"] == "DELETING"
    wait_until(lambda: name in [c["ClusterName"] for c in aws_cli("kafka", "list-clusters-v2")["ClusterInfoList"]], False)
    assert aws_cli.error("kafka", "describe-cluster", "--cluster-arn", arn).code == "NotFoundException"


# Parameters, secrets, tags


def test_ssm(aws_cli, unique):
    name = f"/{unique('cli')}/password"
    assert aws_cli("ssm", "put-parameter", "--name", name, "--type", "SecureString", "--value", "s3cret")["Version"] == 1
    again = aws_cli.error("ssm", "put-parameter", "--name", name, "--type", "SecureString", "--value", "x")
    assert again.code == "ParameterAlreadyExists"
    hidden = aws_cli("ssm", "get-parameter", "--name", name)["Parameter"]["Value"]
    assert hidden != "s3cret"
    assert aws_cli("ssm", "get-parameter", "--name", name, "--with-decryption")["Parameter"]["Value"] == "s3cret"
    path = name.rsplit("/", 1)[0]
    assert [p["Name"] for p in aws_cli("ssm", "get-parameters-by-path", "--path", path)["Parameters"]] == [name]
    aws_cli("ssm", "delete-parameter", "--name", name)
    assert aws_cli.error("ssm", "get-parameter", "--name", name).code == "ParameterNotFound"


def test_secretsmanager(aws_cli, unique):
    name = unique("cli-secret")
    made = aws_cli("secretsmanager", "create-secret", "--name", name, "--secret-string", "one")
    assert made["ARN"].startswith(f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:{name}-")
    assert aws_cli.error("secretsmanager", "create-secret", "--name", name, "--secret-string", "x").code == "ResourceExistsException"
    aws_cli("secretsmanager", "put-secret-value", "--secret-id", name, "--secret-string", "two")
    assert aws_cli("secretsmanager", "get-secret-value", "--secret-id", name)["SecretString"] == "two"
    before = aws_cli("secretsmanager", "get-secret-value", "--secret-id", name, "--version-stage", "AWSPREVIOUS")
    assert before["SecretString"] == "one"
    aws_cli("secretsmanager", "delete-secret", "--secret-id", name, "--force-delete-without-recovery")
    gone = aws_cli.error("secretsmanager", "get-secret-value", "--secret-id", name)
    assert gone.code == "ResourceNotFoundException"
    assert gone.message == "Secrets Manager can't find the specified secret."


def test_tagging_api(aws_cli, unique):
    stack, bucket, stream = unique("cli-stack"), unique("cli-tagged"), unique("cli-tagged")
    aws_cli("s3api", "create-bucket", "--bucket", bucket, "--create-bucket-configuration", json.dumps({"Tags": [{"Key": "pinfra:stack", "Value": stack}]}))
    aws_cli("kinesis", "create-stream", "--stream-name", stream, "--shard-count", 1, "--tags", f"pinfra:stack={stack}")
    found = aws_cli("resourcegroupstaggingapi", "get-resources", "--tag-filters", f"Key=pinfra:stack,Values={stack}")
    arns = {entry["ResourceARN"] for entry in found["ResourceTagMappingList"]}
    assert arns == {f"arn:aws:s3:::{bucket}", f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/{stream}"}
    only = aws_cli("resourcegroupstaggingapi", "get-resources", "--tag-filters", f"Key=pinfra:stack,Values={stack}", "--resource-type-filters", "s3")
    assert [entry["ResourceARN"] for entry in only["ResourceTagMappingList"]] == [f"arn:aws:s3:::{bucket}"]
    assert "pinfra:stack" in aws_cli("resourcegroupstaggingapi", "get-tag-keys")["TagKeys"]


# S3


def test_s3_commands(aws_cli, tmp_path, unique):
    bucket = f"s3://{unique('cli-bucket')}"
    assert f"make_bucket: {bucket[5:]}" in aws_cli("s3", "mb", bucket)
    assert bucket[5:] in aws_cli("s3", "ls")
    folder = tmp_path / "site"
    (folder / "sub dir").mkdir(parents=True)
    (folder / "index.html").write_text("<html>")
    (folder / "sub dir" / "ü+%.txt").write_text("text")
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(range(256)) * (9 * 4096))
    aws_cli("s3", "cp", large, f"{bucket}/large.bin")
    aws_cli("s3", "cp", f"{bucket}/large.bin", tmp_path / "back.bin")
    assert (tmp_path / "back.bin").read_bytes() == large.read_bytes()
    aws_cli("s3", "sync", folder, f"{bucket}/site")
    assert aws_cli("s3", "sync", folder, f"{bucket}/site") == {}
    # Of the same length: only the dates tell them apart, so ours must not run ahead of the file's.
    time.sleep(1.1)
    (folder / "index.html").write_text("<HTML>")
    assert "index.html" in aws_cli("s3", "sync", folder, f"{bucket}/site")
    assert aws_cli("s3", "cp", f"{bucket}/site/index.html", "-") == "<HTML>"
    assert "PRE site/" in aws_cli("s3", "ls", f"{bucket}/")
    listed = aws_cli("s3", "ls", "--recursive", f"{bucket}/site/")
    assert [line.split(None, 3)[3] for line in listed.splitlines()] == ["site/index.html", "site/sub dir/ü+%.txt"]
    (folder / "index.html").unlink()
    aws_cli("s3", "sync", "--delete", folder, f"{bucket}/site")
    aws_cli("s3", "sync", f"{bucket}/site", tmp_path / "copy")
    assert (tmp_path / "copy" / "sub dir" / "ü+%.txt").read_text() == "text"
    assert not (tmp_path / "copy" / "index.html").exists()
    aws_cli("s3", "mv", f"{bucket}/large.bin", f"{bucket}/moved.bin")
    assert aws_cli("s3", "cp", f"{bucket}/site/sub dir/ü+%.txt", "-") == "text"
    url = aws_cli("s3", "presign", f"{bucket}/moved.bin").strip()
    assert "/moved.bin?" in url
    assert aws_cli.error("s3", "rb", bucket).code == "BucketNotEmpty"
    aws_cli("s3", "rm", "--recursive", bucket)
    aws_cli("s3", "rb", bucket)
    assert aws_cli.error("s3", "ls", bucket).code == "NoSuchBucket"


def test_s3api(aws_cli, tmp_path, unique):
    bucket = unique("cli-bucket")
    where = ("--bucket", bucket)
    assert aws_cli("s3api", "create-bucket", *where)["Location"] == f"/{bucket}"
    aws_cli("s3api", "put-bucket-versioning", *where, "--versioning-configuration", "Status=Enabled")
    assert aws_cli("s3api", "get-bucket-versioning", *where) == {"Status": "Enabled"}
    block = aws_cli("s3api", "get-public-access-block", *where)["PublicAccessBlockConfiguration"]
    assert all(block.values()) and len(block) == 4
    rule = {"Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 1}}
    aws_cli("s3api", "put-bucket-lifecycle-configuration", *where, "--lifecycle-configuration", json.dumps({"Rules": [rule]}))
    assert aws_cli("s3api", "get-bucket-lifecycle-configuration", *where)["Rules"][0]["Expiration"] == {"Days": 1}
    body = tmp_path / "body"
    body.write_text("body")
    first = aws_cli("s3api", "put-object", *where, "--key", "k", "--body", body, "--if-none-match", "*")["VersionId"]
    assert aws_cli.error("s3api", "put-object", *where, "--key", "k", "--body", body, "--if-none-match", "*").code == "PreconditionFailed"
    aws_cli("s3api", "get-object", *where, "--key", "k", "--version-id", first, "--range", "bytes=1-2", tmp_path / "part")
    assert (tmp_path / "part").read_text() == "od"
    marker = aws_cli("s3api", "delete-object", *where, "--key", "k")["VersionId"]
    assert aws_cli.error("s3api", "get-object", *where, "--key", "k", tmp_path / "none").code == "NoSuchKey"
    versions = aws_cli("s3api", "list-object-versions", *where)
    assert [v["VersionId"] for v in versions["Versions"]] == [first]
    assert [m["VersionId"] for m in versions["DeleteMarkers"]] == [marker]
    assert aws_cli.error("s3api", "delete-bucket", *where).code == "BucketNotEmpty"
    both = {"Objects": [{"Key": "k", "VersionId": version} for version in (first, marker)]}
    assert len(aws_cli("s3api", "delete-objects", *where, "--delete", json.dumps(both))["Deleted"]) == 2
    aws_cli("s3api", "delete-bucket", *where)
    assert aws_cli.error("s3api", "head-bucket", *where).code == "404"
    west = aws_cli("s3api", "create-bucket", *where, "--create-bucket-configuration", "LocationConstraint=us-west-2", region="us-west-2")
    assert west["Location"] == f"http://{bucket}.s3.amazonaws.com/"
    assert aws_cli("s3api", "get-bucket-location", *where) == {"LocationConstraint": "us-west-2"}


@pytest.mark.parametrize("command", [("s3api", "get-bucket-abac", "--bucket", "b-b-b"), ("iam", "create-user", "--user-name", "u"), ("ec2", "create-volume", "--availability-zone", "us-east-1a")])
def test_what_is_not_modelled_says_so(aws_cli, command):
    error = aws_cli.error(*command)
    assert error.code == "NotImplemented", error
    assert "does not implement" in error.message
