"""Instances as boto3 sees them: launching, states, tokens, attributes, profiles, waiters."""

import base64
import json
import re
import time

import pytest
from botocore.exceptions import WaiterError

ACCOUNT = "123456789012"
IMAGE = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
ARM = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
OLD = "/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
# Waiters of real minutes, at the pace of a simulated cloud.
SOON = {"Delay": 0.1, "MaxAttempts": 100}


@pytest.fixture(scope="session")
def ec2(client):
    return client("ec2")


@pytest.fixture(scope="session")
def image(client):
    return client("ssm").get_parameter(Name=IMAGE)["Parameter"]["Value"]


@pytest.fixture(scope="session")
def profile(client, unique):
    """A profile with a role in it."""
    return make_profile(client("iam"), unique("profile"))


def make_profile(iam, name):
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    made = iam.create_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    return made


def launch(ec2, **more):
    return ec2.run_instances(**{"MinCount": 1, "MaxCount": 1, "InstanceType": "t3.micro", **more})


@pytest.fixture
def run(ec2, image):
    """Launches one instance and returns its id; ends it after the test."""
    made = []

    def run(wait=True, **more):
        (instance,) = launch(ec2, **{"ImageId": image, **more})["Instances"]
        made.append(instance["InstanceId"])
        if wait:
            ec2.get_waiter("instance_running").wait(InstanceIds=made[-1:], WaiterConfig=SOON)
        return made[-1]

    yield run
    for instance in made:
        end(ec2, instance)


def end(ec2, instance):
    if read(ec2, instance)["State"]["Name"] == "terminated":
        return
    ec2.modify_instance_attribute(InstanceId=instance, DisableApiTermination={"Value": False})
    ec2.terminate_instances(InstanceIds=[instance])
    ec2.get_waiter("instance_terminated").wait(InstanceIds=[instance], WaiterConfig=SOON)


def read(ec2, instance):
    (reservation,) = ec2.describe_instances(InstanceIds=[instance])["Reservations"]
    (found,) = reservation["Instances"]
    return found


def stop(ec2, instance):
    ec2.stop_instances(InstanceIds=[instance])
    ec2.get_waiter("instance_stopped").wait(InstanceIds=[instance], WaiterConfig=SOON)


def attribute(ec2, instance, name, member):
    return ec2.describe_instance_attribute(InstanceId=instance, Attribute=name)[member]


# Launching


def test_what_run_instances_answers_and_fills_in(ec2, image, run):
    answer = launch(ec2, ImageId=image)
    (made,) = answer["Instances"]
    instance = made["InstanceId"]
    assert re.fullmatch(r"i-0[0-9a-f]{16}", instance) and re.fullmatch(r"r-0[0-9a-f]{16}", answer["ReservationId"])
    assert answer["OwnerId"] == ACCOUNT and answer["Groups"] == []
    assert made["State"] == {"Code": 0, "Name": "pending"} and made["StateReason"] == {"Code": "pending", "Message": "pending"}
    assert made["PublicDnsName"] == "" and "PublicIpAddress" not in made and made["BlockDeviceMappings"] == []
    assert made["MetadataOptions"]["State"] == "pending" and made["StateTransitionReason"] == ""
    (port,) = made["NetworkInterfaces"]
    assert port["Attachment"]["Status"] == "attaching" and "Association" not in port
    ec2.get_waiter("instance_running").wait(InstanceIds=[instance], WaiterConfig=SOON)
    found = read(ec2, instance)
    assert found["State"] == {"Code": 16, "Name": "running"} and "StateReason" not in found
    address = found["PublicIpAddress"].replace(".", "-")
    assert found["PublicDnsName"] == f"ec2-{address}.compute-1.amazonaws.com"
    private = found["PrivateIpAddress"].replace(".", "-")
    assert found["PrivateDnsName"] == f"ip-{private}.ec2.internal" and found["PrivateIpAddress"].startswith("172.31.")
    assert found["MetadataOptions"] == {
        "State": "applied",
        "HttpTokens": "required",
        "HttpPutResponseHopLimit": 2,
        "HttpEndpoint": "enabled",
        "HttpProtocolIpv6": "disabled",
        "InstanceMetadataTags": "disabled",
    }
    assert found["Placement"] == {"AvailabilityZoneId": "use1-az1", "GroupName": "", "Tenancy": "default", "AvailabilityZone": "us-east-1a"}
    assert found["CpuOptions"] == {"CoreCount": 1, "ThreadsPerCore": 2}
    assert (found["Architecture"], found["Hypervisor"], found["RootDeviceName"], found["RootDeviceType"]) == ("x86_64", "xen", "/dev/xvda", "ebs")
    assert (found["Monitoring"], found["EbsOptimized"], found["SourceDestCheck"]) == ({"State": "disabled"}, False, True)
    assert found["HibernationOptions"] == {"Configured": False} and found["EnclaveOptions"] == {"Enabled": False}
    assert (found["BootMode"], found["CurrentInstanceBootMode"]) == ("uefi-preferred", "uefi")
    assert found["ClientToken"], "boto3 sends one of its own"
    assert [group["GroupName"] for group in found["SecurityGroups"]] == ["default"]
    for absent in ["UserData", "KeyName", "IamInstanceProfile", "Tags", "Platform"]:
        assert absent not in found
    (disk,) = found["BlockDeviceMappings"]
    assert disk["DeviceName"] == "/dev/xvda" and disk["Ebs"]["DeleteOnTermination"] and disk["Ebs"]["Status"] == "attached"
    end(ec2, instance)


def test_a_whole_launch(client, ec2, image, run, profile, unique):
    key, name = unique("key"), unique("group")
    ec2.create_key_pair(KeyName=key)
    group = ec2.create_security_group(GroupName=name, Description="d")["GroupId"]
    tags = lambda kind: {"ResourceType": kind, "Tags": [{"Key": "of", "Value": kind}, {"Key": "pinfra:stack", "Value": name}]}
    instance = run(
        KeyName=key,
        SecurityGroupIds=[group],
        IamInstanceProfile={"Name": profile["InstanceProfileName"]},
        UserData="#!/bin/sh\necho hello\n",
        Placement={"AvailabilityZone": "us-east-1c"},
        Monitoring={"Enabled": True},
        MetadataOptions={"HttpTokens": "optional", "InstanceMetadataTags": "enabled"},
        TagSpecifications=[tags("instance"), tags("volume"), tags("network-interface")],
    )
    found = read(ec2, instance)
    assert found["KeyName"] == key and found["SecurityGroups"] == [{"GroupId": group, "GroupName": name}]
    assert found["IamInstanceProfile"] == {"Arn": profile["Arn"], "Id": profile["InstanceProfileId"]}
    assert found["Placement"]["AvailabilityZone"] == "us-east-1c" and found["Monitoring"] == {"State": "enabled"}
    assert (found["MetadataOptions"]["HttpTokens"], found["MetadataOptions"]["InstanceMetadataTags"]) == ("optional", "enabled")
    assert {tag["Key"]: tag["Value"] for tag in found["Tags"]} == {"of": "instance", "pinfra:stack": name}
    data = attribute(ec2, instance, "userData", "UserData")["Value"]
    assert base64.b64decode(data) == b"#!/bin/sh\necho hello\n"
    port = found["NetworkInterfaces"][0]["NetworkInterfaceId"]
    volume = found["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    listed = ec2.describe_tags(Filters=[{"Name": "key", "Values": ["of"]}, {"Name": "resource-id", "Values": [instance, port, volume]}])["Tags"]
    assert {(tag["ResourceId"], tag["ResourceType"]) for tag in listed} == {(instance, "instance"), (port, "network-interface"), (volume, "volume")}
    tagged = client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "pinfra:stack", "Values": [name]}])["ResourceTagMappingList"]
    arn = f"arn:aws:ec2:us-east-1:{ACCOUNT}:"
    assert {one["ResourceARN"] for one in tagged} == {f"{arn}instance/{instance}", f"{arn}network-interface/{port}", f"{arn}volume/{volume}"}
    ec2.create_tags(Resources=[instance], Tags=[{"Key": "later", "Value": ""}])
    ec2.delete_tags(Resources=[instance], Tags=[{"Key": "of"}])
    assert {tag["Key"] for tag in read(ec2, instance)["Tags"]} == {"later", "pinfra:stack"}


def test_several_in_a_reservation(ec2, image):
    answer = launch(ec2, ImageId=image, MinCount=2, MaxCount=3)
    ids = [one["InstanceId"] for one in answer["Instances"]]
    assert len(set(ids)) == 3 and [one["AmiLaunchIndex"] for one in answer["Instances"]] == [0, 1, 2]
    found = ec2.describe_instances(Filters=[{"Name": "reservation-id", "Values": [answer["ReservationId"]]}])["Reservations"]
    assert [(one["ReservationId"], [i["InstanceId"] for i in one["Instances"]]) for one in found] == [(answer["ReservationId"], ids)]
    assert len({one["PrivateIpAddress"] for one in found[0]["Instances"]}) == 3
    ec2.terminate_instances(InstanceIds=ids)


def test_client_tokens(ec2, image, unique, fails):
    token = unique("token")
    first = launch(ec2, ImageId=image, ClientToken=token)
    again = launch(ec2, ImageId=image, ClientToken=token)
    (one,), (other,) = first["Instances"], again["Instances"]
    assert one["InstanceId"] == other["InstanceId"] and first["ReservationId"] == again["ReservationId"]
    with fails("IdempotentParameterMismatch", 400):
        launch(ec2, ImageId=image, ClientToken=token, InstanceType="t3.small")
    end(ec2, one["InstanceId"])
    (dead,) = launch(ec2, ImageId=image, ClientToken=token)["Instances"]
    assert (dead["InstanceId"], dead["State"]["Name"]) == (one["InstanceId"], "terminated")


def test_a_token_outlives_its_instance(served):
    # An hour is a quarter of a second.
    cloud = served(time_scale=14400)
    ec2 = cloud.client("ec2")
    image = cloud.client("ssm").get_parameter(Name=IMAGE)["Parameter"]["Value"]
    (one,) = launch(ec2, ImageId=image, ClientToken="mine")["Instances"]
    ec2.terminate_instances(InstanceIds=[one["InstanceId"]])
    deadline = time.monotonic() + 20
    while ec2.describe_instances()["Reservations"]:
        assert time.monotonic() < deadline, "a terminated instance goes after an hour"
        time.sleep(0.05)
    (dead,) = launch(ec2, ImageId=image, ClientToken="mine")["Instances"]
    assert (dead["InstanceId"], dead["State"]["Name"]) == (one["InstanceId"], "terminated")
    with pytest.raises(ec2.exceptions.ClientError, match=r"InvalidInstanceID\.NotFound"):
        ec2.describe_instances(InstanceIds=[one["InstanceId"]])
    while launch(ec2, ImageId=image, ClientToken="mine")["Instances"][0]["InstanceId"] == one["InstanceId"]:
        assert time.monotonic() < deadline, "a token is forgotten after a day"
        time.sleep(0.2)


@pytest.mark.parametrize(
    "change, code, sentence",
    [
        ({"ImageId": "ami-0123456789abcdef0"}, "InvalidAMIID.NotFound", "The image id '[ami-0123456789abcdef0]' does not exist"),
        ({"ImageId": "ami-x"}, "InvalidAMIID.Malformed", 'Invalid id: "ami-x"'),
        ({"InstanceType": "t4g.micro"}, "InvalidParameterValue", "The architecture 'arm64' of the specified instance type does not match"),
        ({"InstanceType": "z9.tiny"}, "InvalidParameterValue", "z9.tiny"),
        ({"KeyName": "nobody's"}, "InvalidKeyPair.NotFound", "The key pair 'nobody's' does not exist"),
        ({"SubnetId": "subnet-0123456789abcdef0"}, "InvalidSubnetID.NotFound", "The subnet ID 'subnet-0123456789abcdef0' does not exist"),
        ({"SecurityGroupIds": ["sg-0123456789abcdef0"]}, "InvalidGroup.NotFound", "The security group 'sg-0123456789abcdef0' does not exist"),
        ({"SecurityGroups": ["nobody"]}, "InvalidGroup.NotFound", "The security group 'nobody' does not exist in default VPC"),
        ({"Placement": {"AvailabilityZone": "us-east-1z"}}, "InvalidParameterValue", "Invalid availability zone: [us-east-1z]"),
        ({"IamInstanceProfile": {"Name": "nobody"}}, "InvalidParameterValue", "Value (nobody) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name"),
        (
            {"IamInstanceProfile": {"Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/nobody"}},
            "InvalidParameterValue",
            "Invalid IAM Instance Profile ARN",
        ),
        ({"MinCount": 2}, "InvalidParameterCombination", "minCount"),
        ({"MinCount": 0}, "InvalidParameterValue", "minCount"),
        ({"UserData": "x" * 16385}, "InvalidParameterValue", "User data is limited to 16384 bytes"),
        ({"UserData": "x" * 20000}, "InvalidParameterValue", "Encoded User data is limited to 25600 bytes"),
        ({"DryRun": True}, "DryRunOperation", "Request would have succeeded, but DryRun flag is set."),
        ({"TagSpecifications": [{"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "b"}]}]}, "InvalidParameterValue", "'vpc' is not a valid taggable resource type"),
        ({"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 4}}]}, "InvalidBlockDeviceMapping", "smaller than snapshot"),
        ({"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeType": "io1"}}]}, "MissingParameter", "iops"),
        ({"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeType": "gp2", "Iops": 300}}]}, "InvalidParameterCombination", "The parameter iops is not supported for gp2 volumes."),
        ({"BlockDeviceMappings": [{"DeviceName": "/dev/sdf"}]}, "MissingParameter", "size or snapshotId"),
        ({"NetworkInterfaces": [{"DeviceIndex": 0}], "SecurityGroupIds": ["sg-0123456789abcdef0"]}, "InvalidParameterCombination", "instance-level security groups"),
        ({"NetworkInterfaces": [{"DeviceIndex": 0}], "SubnetId": "subnet-0123456789abcdef0"}, "InvalidParameterCombination", "instance-level subnet ID"),
        ({"EbsOptimized": True, "InstanceType": "t2.micro"}, "Unsupported", ""),
        ({"CreditSpecification": {"CpuCredits": "none"}}, "InvalidParameterValue", "cpuCredits"),
        ({"MetadataOptions": {"HttpPutResponseHopLimit": 65}}, "InvalidParameterValue", "HttpPutResponseHopLimit"),
    ],
)
def test_bad_launches(ec2, image, fails, change, code, sentence):
    with fails(code, message=sentence):
        launch(ec2, **{"ImageId": image, **change})


@pytest.mark.parametrize(
    "change",
    [
        {"LaunchTemplate": {"LaunchTemplateName": "mine"}},
        {"InstanceMarketOptions": {"MarketType": "spot"}},
        {"Placement": {"GroupName": "cluster"}},
        {"Placement": {"Tenancy": "host"}},
        {"HibernationOptions": {"Configured": True}},
        {"Ipv6AddressCount": 1},
        {"NetworkInterfaces": [{"DeviceIndex": 0, "SecondaryPrivateIpAddressCount": 2}]},
        {"InstanceType": "p5.48xlarge"},
    ],
)
def test_what_is_not_modelled_says_so(ec2, image, fails, change):
    with fails("NotImplemented", 501):
        launch(ec2, **{"ImageId": image, **change})


def test_user_data_that_is_no_base64(ec2, endpoint, image, fails):
    from conftest import signed
    from urllib.parse import urlencode

    body = urlencode({"Action": "RunInstances", "Version": "2016-11-15", "ImageId": image, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1, "UserData": "!"})
    answer = signed("POST", endpoint, "us-east-1", service="ec2", body=body.encode(), headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 400 and b"<Code>InvalidUserData.Malformed</Code><Message>Invalid BASE64 encoding of user data.</Message>" in answer.content


def test_images_by_parameter(client, ec2, run, unique, image, fails):
    own = unique("/mine/ami")
    client("ssm").put_parameter(Name=own, Value=image, Type="String")
    assert read(ec2, run(wait=False, ImageId=f"resolve:ssm:{IMAGE}"))["ImageId"] == image
    assert read(ec2, run(wait=False, ImageId=f"resolve:ssm:{own}:1"))["ImageId"] == image
    with fails("InvalidParameterValue", 400, "/nobody/knows"):
        launch(ec2, ImageId="resolve:ssm:/nobody/knows")


def test_old_images_have_old_defaults(client, ec2, run):
    image = client("ssm").get_parameter(Name=OLD)["Parameter"]["Value"]
    found = read(ec2, run(ImageId=image, InstanceType="t2.micro"))
    assert (found["MetadataOptions"]["HttpTokens"], found["MetadataOptions"]["HttpPutResponseHopLimit"]) == ("optional", 1)
    assert found["CurrentInstanceBootMode"] == "legacy-bios" and "BootMode" not in found


def test_a_profile_without_a_role(client, ec2, image, unique, fails):
    name = unique("profile")
    made = client("iam").create_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    with fails("InvalidParameterValue", 400, f'IAM Instance Profile "{made["Arn"]}" has no associated IAM Roles'):
        launch(ec2, ImageId=image, IamInstanceProfile={"Arn": made["Arn"]})


def test_a_profile_is_seen_late(served):
    cloud = served(faults=[{"service": "iam", "action": {"lag": {"reads": 2}}}])
    ec2, iam = cloud.client("ec2"), cloud.client("iam")
    image = cloud.client("ssm").get_parameter(Name=IMAGE)["Parameter"]["Value"]
    made = make_profile(iam, "late")
    problems = []
    for _ in range(10):
        try:
            launch(ec2, ImageId=image, IamInstanceProfile={"Name": made["InstanceProfileName"]})
            break
        except ec2.exceptions.ClientError as error:
            problems.append(error.response["Error"])
    assert 0 < len(problems) < 10
    assert {problem["Code"] for problem in problems} == {"InvalidParameterValue"}
    assert "Invalid IAM Instance Profile name" in problems[0]["Message"]


def test_a_launch_that_fails(served):
    failure = {"code": "Server.InternalError", "message": "Internal error on launch"}
    cloud = served(faults=[{"service": "ec2", "operation": "RunInstances", "times": 1, "action": {"fails_later": failure}}])
    ec2 = cloud.client("ec2")
    image = cloud.client("ssm").get_parameter(Name=IMAGE)["Parameter"]["Value"]
    (made,) = launch(ec2, ImageId=image)["Instances"]
    assert made["State"]["Name"] == "pending" and made["StateReason"]["Code"] == "pending"
    with pytest.raises(WaiterError):
        ec2.get_waiter("instance_running").wait(InstanceIds=[made["InstanceId"]], WaiterConfig=SOON)
    found = read(ec2, made["InstanceId"])
    assert found["State"]["Name"] == "terminated" and found["StateTransitionReason"] == "Server.InternalError"
    assert found["StateReason"] == {"Code": "Server.InternalError", "Message": "Server.InternalError: Internal error on launch"}
    assert ec2.describe_network_interfaces()["NetworkInterfaces"] == [] == ec2.describe_volumes()["Volumes"]
    (made,) = launch(ec2, ImageId=image)["Instances"]
    ec2.get_waiter("instance_running").wait(InstanceIds=[made["InstanceId"]], WaiterConfig=SOON)


# States


def test_stop_and_start(ec2, run):
    instance = run()
    before = read(ec2, instance)
    (change,) = ec2.stop_instances(InstanceIds=[instance])["StoppingInstances"]
    assert (change["PreviousState"], change["CurrentState"]) == ({"Code": 16, "Name": "running"}, {"Code": 64, "Name": "stopping"})
    ec2.get_waiter("instance_stopped").wait(InstanceIds=[instance], WaiterConfig=SOON)
    stopped = read(ec2, instance)
    assert stopped["PublicDnsName"] == "" and "PublicIpAddress" not in stopped
    assert all("Association" not in port for port in stopped["NetworkInterfaces"])
    for kept in ["PrivateDnsName", "PrivateIpAddress", "SecurityGroups", "BlockDeviceMappings", "SubnetId"]:
        assert stopped[kept] == before[kept], kept
    assert stopped["StateReason"] == {"Code": "Client.UserInitiatedShutdown", "Message": "Client.UserInitiatedShutdown: User initiated shutdown"}
    assert re.fullmatch(r"User initiated \(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d GMT\)", stopped["StateTransitionReason"])
    (change,) = ec2.stop_instances(InstanceIds=[instance])["StoppingInstances"]
    assert change["PreviousState"]["Name"] == change["CurrentState"]["Name"] == "stopped"
    (change,) = ec2.start_instances(InstanceIds=[instance])["StartingInstances"]
    assert (change["PreviousState"]["Name"], change["CurrentState"]["Name"]) == ("stopped", "pending")
    ec2.get_waiter("instance_running").wait(InstanceIds=[instance], WaiterConfig=SOON)
    after = read(ec2, instance)
    assert after["PublicIpAddress"] != before["PublicIpAddress"] and after["PublicDnsName"] != before["PublicDnsName"]
    assert after["LaunchTime"] > before["LaunchTime"] and after["UsageOperationUpdateTime"] == before["UsageOperationUpdateTime"]
    assert "StateReason" not in after and after["StateTransitionReason"] == ""
    (change,) = ec2.start_instances(InstanceIds=[instance])["StartingInstances"]
    assert change["PreviousState"]["Name"] == change["CurrentState"]["Name"] == "running"


def test_terminate(ec2, run):
    instance = run(TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "b"}]}])
    port = read(ec2, instance)["NetworkInterfaces"][0]["NetworkInterfaceId"]
    (change,) = ec2.terminate_instances(InstanceIds=[instance])["TerminatingInstances"]
    assert (change["PreviousState"]["Name"], change["CurrentState"]) == ("running", {"Code": 32, "Name": "shutting-down"})
    ec2.get_waiter("instance_terminated").wait(InstanceIds=[instance], WaiterConfig=SOON)
    found = read(ec2, instance)
    assert found["State"] == {"Code": 48, "Name": "terminated"} and found["Tags"] == [{"Key": "a", "Value": "b"}]
    for empty in ["NetworkInterfaces", "SecurityGroups", "BlockDeviceMappings"]:
        assert found[empty] == []
    for absent in ["VpcId", "SubnetId", "PrivateIpAddress", "PublicIpAddress", "IamInstanceProfile"]:
        assert absent not in found
    assert found["PrivateDnsName"] == found["PublicDnsName"] == ""
    assert ec2.describe_network_interfaces(Filters=[{"Name": "network-interface-id", "Values": [port]}])["NetworkInterfaces"] == []
    (change,) = ec2.terminate_instances(InstanceIds=[instance])["TerminatingInstances"]
    assert change["PreviousState"]["Name"] == change["CurrentState"]["Name"] == "terminated"


def test_states_that_do_not_allow_it(ec2, image, run, fails):
    (made,) = launch(ec2, ImageId=image)["Instances"]
    with fails("IncorrectInstanceState", 400, "is not in a state from which it can be stopped."):
        ec2.stop_instances(InstanceIds=[made["InstanceId"]])
    end(ec2, made["InstanceId"])
    with fails("IncorrectInstanceState", 400, f"The instance '{made['InstanceId']}' is not in a state from which it can be started."):
        ec2.start_instances(InstanceIds=[made["InstanceId"]])
    instance = run()
    ec2.reboot_instances(InstanceIds=[instance])
    stop(ec2, instance)
    with fails("IncorrectInstanceState", 400):
        ec2.reboot_instances(InstanceIds=[instance])
    (change,) = ec2.terminate_instances(InstanceIds=[instance])["TerminatingInstances"]
    assert (change["PreviousState"]["Name"], change["CurrentState"]["Name"]) == ("stopped", "terminated")
    ec2.reboot_instances(InstanceIds=[instance])


def test_protection(ec2, run, fails):
    instance = run(DisableApiTermination=True, DisableApiStop=True)
    sentence = f"The instance '{instance}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again."
    with fails("OperationNotPermitted", 400, sentence):
        ec2.terminate_instances(InstanceIds=[instance])
    with fails("OperationNotPermitted", 400, "'disableApiStop'"):
        ec2.stop_instances(InstanceIds=[instance])
    ec2.modify_instance_attribute(InstanceId=instance, Attribute="disableApiStop", Value="false")
    stop(ec2, instance)


def test_ids(ec2, fails):
    with fails("InvalidInstanceID.NotFound", 400, "The instance ID 'i-0123456789abcdef0' does not exist"):
        ec2.describe_instances(InstanceIds=["i-0123456789abcdef0"])
    with fails("InvalidInstanceID.NotFound", 400, "The instance IDs 'i-0123456789abcdef0, i-0123456789abcdef1' do not exist"):
        ec2.terminate_instances(InstanceIds=["i-0123456789abcdef0", "i-0123456789abcdef1"])
    with fails("InvalidInstanceID.Malformed", 400, 'Invalid id: "i-me"'):
        ec2.describe_instances(InstanceIds=["i-me"])


def test_pages(ec2, image, fails):
    ids = {one["InstanceId"] for one in launch(ec2, ImageId=image, MinCount=7, MaxCount=7)["Instances"]}
    filters = [{"Name": "instance-id", "Values": sorted(ids)}]
    pages = list(ec2.get_paginator("describe_instances").paginate(Filters=filters, PaginationConfig={"PageSize": 5}))
    sizes = [sum(len(one["Instances"]) for one in page["Reservations"]) for page in pages]
    assert sizes == [5, 2]
    assert {i["InstanceId"] for page in pages for one in page["Reservations"] for i in one["Instances"]} == ids
    with fails("InvalidParameterValue", 400, "Value ( 4 ) for parameter maxResults is invalid. Expecting a value greater than 5."):
        ec2.describe_instances(MaxResults=4)
    with fails("InvalidParameterCombination", 400, "The parameter instancesSet cannot be used with the parameter maxResults"):
        ec2.describe_instances(InstanceIds=sorted(ids), MaxResults=5)
    ec2.terminate_instances(InstanceIds=sorted(ids))


def test_filters(ec2, run, profile, unique):
    name = unique("found")
    instance = run(IamInstanceProfile={"Arn": profile["Arn"]}, TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name}]}])
    found = read(ec2, instance)
    for filter, value in [
        ("tag:Name", name),
        ("tag-key", "Name"),
        ("instance-state-name", "run*"),
        ("instance-state-code", "16"),
        ("iam-instance-profile.arn", profile["Arn"]),
        ("iam-instance-profile.name", profile["InstanceProfileName"]),
        ("dns-name", found["PublicDnsName"]),
        ("ip-address", found["PublicIpAddress"]),
        ("private-ip-address", found["PrivateIpAddress"]),
        ("instance.group-id", found["SecurityGroups"][0]["GroupId"]),
        ("vpc-id", found["VpcId"]),
        ("launch-time", found["LaunchTime"].strftime("%Y-%m-%d*")),
        ("block-device-mapping.volume-id", found["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]),
        ("network-interface.network-interface-id", found["NetworkInterfaces"][0]["NetworkInterfaceId"]),
        ("client-token", found["ClientToken"]),
        ("owner-id", ACCOUNT),
    ]:
        filters = [{"Name": filter, "Values": [value]}, {"Name": "instance-id", "Values": [instance]}]
        assert ec2.describe_instances(Filters=filters)["Reservations"], filter
        filters[0]["Values"] = ["no such value"]
        assert not ec2.describe_instances(Filters=filters)["Reservations"], filter


def test_lists_lag(served):
    cloud = served(faults=[{"service": "ec2", "action": {"lag": {"reads": 2}}}])
    ec2 = cloud.client("ec2")
    image = cloud.client("ssm").get_parameter(Name=IMAGE)["Parameter"]["Value"]
    (one,) = launch(ec2, ImageId=image)["Instances"]
    assert read(ec2, one["InstanceId"])["InstanceId"] == one["InstanceId"]
    seen = [len(ec2.describe_instances()["Reservations"]) for _ in range(4)]
    assert seen == [0, 0, 1, 1]


# Status


def test_status(ec2, image, run):
    (made,) = launch(ec2, ImageId=image)["Instances"]
    instance = made["InstanceId"]
    assert ec2.describe_instance_status(InstanceIds=[instance])["InstanceStatuses"] == []
    (status,) = ec2.describe_instance_status(InstanceIds=[instance], IncludeAllInstances=True)["InstanceStatuses"]
    of_applications = [{"Name": "application-status.status", "Values": ["ok", "impaired"]}]
    assert ec2.describe_instance_status(InstanceIds=[instance], IncludeAllInstances=True, Filters=of_applications)["InstanceStatuses"] == []
    assert status["InstanceState"]["Name"] == "pending" and status["InstanceStatus"] == {"Status": "not-applicable"}
    ec2.get_waiter("instance_status_ok").wait(InstanceIds=[instance], WaiterConfig=SOON)
    deadline = time.monotonic() + 10
    while not (found := ec2.describe_instance_status(InstanceIds=[instance])["InstanceStatuses"]) or found[0]["SystemStatus"]["Status"] != "ok":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert found[0]["InstanceStatus"] == {"Status": "ok", "Details": [{"Name": "reachability", "Status": "passed"}]}
    end(ec2, instance)
