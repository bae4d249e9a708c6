"""What instances, their interfaces and volumes can be told after they were launched, and what AWS offers to launch."""

import base64
import datetime
import time

import pytest
from test_ec2_instances import ACCOUNT, ARM, IMAGE, OLD, SOON, attribute, ec2, end, image, launch, make_profile, profile, read, run, stop  # noqa: F401


def until(check, seconds=15):
    """What `check` answers once it answers something true."""
    deadline = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.03)
    return found


# Attributes


def test_attributes_are_read(ec2, run):
    instance = run(InstanceInitiatedShutdownBehavior="terminate")
    found = read(ec2, instance)
    for name, member, value in [
        ("instanceType", "InstanceType", {"Value": "t3.micro"}),
        ("disableApiTermination", "DisableApiTermination", {"Value": False}),
        ("disableApiStop", "DisableApiStop", {"Value": False}),
        ("instanceInitiatedShutdownBehavior", "InstanceInitiatedShutdownBehavior", {"Value": "terminate"}),
        ("rootDeviceName", "RootDeviceName", {"Value": "/dev/xvda"}),
        ("blockDeviceMapping", "BlockDeviceMappings", found["BlockDeviceMappings"]),
        ("productCodes", "ProductCodes", []),
        ("sourceDestCheck", "SourceDestCheck", {"Value": True}),
        ("groupSet", "Groups", found["SecurityGroups"]),
        ("ebsOptimized", "EbsOptimized", {"Value": False}),
        ("enaSupport", "EnaSupport", {"Value": True}),
        ("enclaveOptions", "EnclaveOptions", {"Enabled": False}),
        ("userData", "UserData", {}),
        ("kernel", "KernelId", {}),
        ("ramdisk", "RamdiskId", {}),
        ("sriovNetSupport", "SriovNetSupport", {"Value": "simple"}),
    ]:
        assert attribute(ec2, instance, name, member) == value, name


def test_user_data_and_type_change_while_stopped(ec2, run, fails):
    instance = run(UserData="one")
    with fails("IncorrectInstanceState", 400, f"The instance '{instance}' must be in a 'stopped' state to modify its userData attribute."):
        ec2.modify_instance_attribute(InstanceId=instance, UserData={"Value": b"two"})
    with fails("IncorrectInstanceState", 400):
        ec2.modify_instance_attribute(InstanceId=instance, InstanceType={"Value": "t3.small"})
    with fails("IncorrectInstanceState", 400):
        ec2.modify_instance_attribute(InstanceId=instance, EbsOptimized={"Value": True})
    stop(ec2, instance)
    ec2.modify_instance_attribute(InstanceId=instance, UserData={"Value": b"two\n"})
    assert base64.b64decode(attribute(ec2, instance, "userData", "UserData")["Value"]) == b"two\n"
    ec2.modify_instance_attribute(InstanceId=instance, UserData={"Value": b""})
    assert attribute(ec2, instance, "userData", "UserData") == {}
    with fails("InvalidParameterValue", 400, "User data is limited to 16384 bytes"):
        ec2.modify_instance_attribute(InstanceId=instance, UserData={"Value": b"x" * 16385})
    with fails("InvalidParameterValue", 400, "The architecture 'arm64'"):
        ec2.modify_instance_attribute(InstanceId=instance, InstanceType={"Value": "t4g.micro"})
    with fails("InvalidParameterValue", 400, "Invalid value 'z9.tiny' for InstanceType."):
        ec2.modify_instance_attribute(InstanceId=instance, InstanceType={"Value": "z9.tiny"})
    ec2.modify_instance_attribute(InstanceId=instance, Attribute="instanceType", Value="m5.xlarge")
    ec2.modify_instance_attribute(InstanceId=instance, EbsOptimized={"Value": True})
    ec2.modify_instance_attribute(InstanceId=instance, EnaSupport={"Value": True})
    found = read(ec2, instance)
    assert (found["InstanceType"], found["CpuOptions"], found["EbsOptimized"]) == ("m5.xlarge", {"CoreCount": 2, "ThreadsPerCore": 2}, True)
    ec2.start_instances(InstanceIds=[instance])
    ec2.get_waiter("instance_running").wait(InstanceIds=[instance], WaiterConfig=SOON)


def test_attributes_change_while_running(ec2, run, unique, fails):
    instance = run()
    one, two = [ec2.create_security_group(GroupName=unique("group"), Description="d")["GroupId"] for _ in range(2)]
    ec2.modify_instance_attribute(InstanceId=instance, Groups=[two, one])
    assert [group["GroupId"] for group in read(ec2, instance)["SecurityGroups"]] == [two, one]
    ec2.modify_instance_attribute(InstanceId=instance, SourceDestCheck={"Value": False})
    assert read(ec2, instance)["SourceDestCheck"] is False
    ec2.reset_instance_attribute(InstanceId=instance, Attribute="sourceDestCheck")
    assert read(ec2, instance)["SourceDestCheck"] is True
    with fails("InvalidParameterValue", 400):
        ec2.reset_instance_attribute(InstanceId=instance, Attribute="kernel")
    ec2.modify_instance_attribute(InstanceId=instance, InstanceInitiatedShutdownBehavior={"Value": "terminate"})
    assert attribute(ec2, instance, "instanceInitiatedShutdownBehavior", "InstanceInitiatedShutdownBehavior") == {"Value": "terminate"}
    with fails("InvalidParameterValue", 400):
        ec2.modify_instance_attribute(InstanceId=instance, InstanceInitiatedShutdownBehavior={"Value": "burn"})
    with fails("InvalidParameterCombination", 400, "only one attribute can be modified at a time"):
        ec2.modify_instance_attribute(InstanceId=instance, SourceDestCheck={"Value": True}, DisableApiStop={"Value": True})
    with fails("MissingParameter", 400):
        ec2.modify_instance_attribute(InstanceId=instance)
    with fails("InvalidGroup.NotFound", 400):
        ec2.modify_instance_attribute(InstanceId=instance, Groups=["sg-0123456789abcdef0"])


def test_groups_of_another_vpc(ec2, image, run, unique, fails):
    vpc = ec2.create_vpc(CidrBlock="10.78.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName=unique("group"), Description="d", VpcId=vpc)["GroupId"]
    with fails("InvalidParameter", 400, f"Security group {group} and subnet "):
        launch(ec2, ImageId=image, SecurityGroupIds=[group])
    instance = run()
    with fails("InvalidParameter", 400, "belong to different networks."):
        ec2.modify_instance_attribute(InstanceId=instance, Groups=[group])
    ec2.delete_security_group(GroupId=group)
    ec2.delete_vpc(VpcId=vpc)


def test_an_instance_keeps_its_network_in_use(ec2, image, unique, fails):
    vpc = ec2.create_vpc(CidrBlock="10.79.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.79.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName=unique("group"), Description="d", VpcId=vpc)["GroupId"]
    (made,) = launch(ec2, ImageId=image, SubnetId=subnet, SecurityGroupIds=[group], PrivateIpAddress="10.79.1.77")["Instances"]
    instance = made["InstanceId"]
    assert (made["PrivateIpAddress"], made["VpcId"], made["SubnetId"]) == ("10.79.1.77", vpc, subnet)
    ec2.get_waiter("instance_running").wait(InstanceIds=[instance], WaiterConfig=SOON)
    found = read(ec2, instance)
    assert found["PublicDnsName"] == "" and "PublicIpAddress" not in found, "such a subnet maps no public addresses"
    (seen,) = ec2.describe_subnets(SubnetIds=[subnet])["Subnets"]
    assert seen["AvailableIpAddressCount"] == 250
    with fails("InvalidIPAddress.InUse", 400, "Address 10.79.1.77 is in use."):
        launch(ec2, ImageId=image, SubnetId=subnet, PrivateIpAddress="10.79.1.77")
    for address in ["10.80.1.1", "10.79.1.3", "10.79.1.255", "nowhere"]:
        with fails("InvalidParameterValue", 400):
            launch(ec2, ImageId=image, SubnetId=subnet, PrivateIpAddress=address)
    with fails("InvalidParameterCombination", 400, "The parameter groupName cannot be used with the parameter subnet"):
        launch(ec2, ImageId=image, SubnetId=subnet, SecurityGroups=["default"])
    with fails("InvalidParameterValue", 400):
        launch(ec2, ImageId=image, SubnetId=subnet, Placement={"AvailabilityZone": "us-east-1b"})
    deletions = [lambda: ec2.delete_security_group(GroupId=group), lambda: ec2.delete_subnet(SubnetId=subnet), lambda: ec2.delete_vpc(VpcId=vpc)]
    for delete in deletions:
        with fails("DependencyViolation", 400):
            delete()
    stop(ec2, instance)
    with fails("DependencyViolation", 400):
        ec2.delete_security_group(GroupId=group)
    end(ec2, instance)
    for delete in deletions:
        delete()


# Interfaces


def test_interfaces_of_instances(ec2, image, run, unique, fails):
    group = ec2.create_security_group(GroupName=unique("group"), Description="d")["GroupId"]
    (subnet,) = ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}, {"Name": "availability-zone", "Values": ["us-east-1b"]}])["Subnets"]
    instance = run(
        NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": subnet["SubnetId"], "Groups": [group], "AssociatePublicIpAddress": False, "Description": "mine"}],
    )
    found = read(ec2, instance)
    assert "PublicIpAddress" not in found and found["Placement"]["AvailabilityZone"] == "us-east-1b"
    (port,) = ec2.describe_network_interfaces(Filters=[{"Name": "attachment.instance-id", "Values": [instance]}])["NetworkInterfaces"]
    assert (port["Description"], port["Status"], port["RequesterManaged"], port["OwnerId"]) == ("mine", "in-use", False, ACCOUNT)
    assert "RequesterId" not in port and "Association" not in port and port["TagSet"] == []
    attachment = port["Attachment"]
    assert (attachment["InstanceId"], attachment["InstanceOwnerId"], attachment["DeviceIndex"], attachment["DeleteOnTermination"]) == (instance, ACCOUNT, 0, True)
    assert attachment["AttachmentId"].startswith("eni-attach-") and attachment["Status"] == "attached"
    id = port["NetworkInterfaceId"]
    ask = lambda name: ec2.describe_network_interface_attribute(NetworkInterfaceId=id, Attribute=name)
    assert ask("description")["Description"] == {"Value": "mine"} and ask("sourceDestCheck")["SourceDestCheck"] == {"Value": True}
    assert ask("groupSet")["Groups"] == port["Groups"] and ask("attachment")["Attachment"] == attachment
    change = lambda **what: ec2.modify_network_interface_attribute(NetworkInterfaceId=id, **what)
    change(Description={"Value": "yours"})
    change(SourceDestCheck={"Value": False})
    change(AssociatePublicIpAddress=True)
    change(Attachment={"AttachmentId": attachment["AttachmentId"], "DeleteOnTermination": True})
    other = ec2.create_security_group(GroupName=unique("group"), Description="d")["GroupId"]
    change(Groups=[other])
    found = read(ec2, instance)
    assert found["SourceDestCheck"] is False and [one["GroupId"] for one in found["SecurityGroups"]] == [other]
    (port,) = ec2.describe_network_interfaces(NetworkInterfaceIds=[id])["NetworkInterfaces"]
    assert port["Association"] == {"IpOwnerId": "amazon", "PublicDnsName": found["PublicDnsName"], "PublicIp": found["PublicIpAddress"]}
    assert ask("associatePublicIpAddress")["AssociatePublicIpAddress"] is True
    assert ec2.describe_network_interfaces(Filters=[{"Name": "association.public-ip", "Values": [found["PublicIpAddress"]]}])["NetworkInterfaces"] == [port]
    with fails("InvalidParameterCombination", 400):
        change(Description={"Value": "a"}, SourceDestCheck={"Value": True})
    with fails("InvalidAttachmentID.NotFound", 400):
        change(Attachment={"AttachmentId": "eni-attach-0123456789abcdef0", "DeleteOnTermination": True})
    with fails("NotImplemented", 501):
        change(Attachment={"AttachmentId": attachment["AttachmentId"], "DeleteOnTermination": False})
    with fails("InvalidNetworkInterface.InUse", 400, f"Interface: [{id}] in use."):
        launch(ec2, ImageId=image, NetworkInterfaces=[{"DeviceIndex": 0, "NetworkInterfaceId": id}])


def test_two_interfaces(ec2, image, run, fails):
    instance = run(NetworkInterfaces=[{"DeviceIndex": 1}, {"DeviceIndex": 0}])
    found = read(ec2, instance)
    assert [port["Attachment"]["DeviceIndex"] for port in found["NetworkInterfaces"]] == [0, 1]
    assert "PublicIpAddress" not in found
    with fails("InvalidInstanceID", 400, "There are multiple interfaces attached to instance"):
        ec2.modify_instance_attribute(InstanceId=instance, SourceDestCheck={"Value": False})
    with fails("InvalidParameterCombination", 400, "associatePublicIPAddress"):
        launch(ec2, ImageId=image, NetworkInterfaces=[{"DeviceIndex": 0, "AssociatePublicIpAddress": True}, {"DeviceIndex": 1}])
    with fails("InvalidParameterValue", 400):
        launch(ec2, ImageId=image, NetworkInterfaces=[{"DeviceIndex": 1}])
    with fails("AttachmentLimitExceeded", 400, "Interface count 3 exceeds the limit for t3.micro"):
        launch(ec2, ImageId=image, NetworkInterfaces=[{"DeviceIndex": index} for index in range(3)])


# Instance profiles


def test_profile_associations(client, ec2, run, profile, unique, fails):
    instance = run()
    named = {"Name": profile["InstanceProfileName"]}
    made = ec2.associate_iam_instance_profile(InstanceId=instance, IamInstanceProfile=named)["IamInstanceProfileAssociation"]
    shown = {"Arn": profile["Arn"], "Id": profile["InstanceProfileId"]}
    assert made["AssociationId"].startswith("iip-assoc-") and made["InstanceId"] == instance
    assert (made["IamInstanceProfile"], made["State"]) == (shown, "associating")
    assert read(ec2, instance)["IamInstanceProfile"] == shown
    of = lambda *states: ec2.describe_iam_instance_profile_associations(
        Filters=[{"Name": "instance-id", "Values": [instance]}, {"Name": "state", "Values": list(states)}]
    )["IamInstanceProfileAssociations"]
    (found,) = until(lambda: of("associated"))
    assert found["AssociationId"] == made["AssociationId"]
    with fails("IncorrectState", 400, f"There is an existing association for instance {instance}"):
        ec2.associate_iam_instance_profile(InstanceId=instance, IamInstanceProfile=named)
    other = make_profile(client("iam"), unique("profile"))
    new = ec2.replace_iam_instance_profile_association(AssociationId=made["AssociationId"], IamInstanceProfile={"Arn": other["Arn"]})["IamInstanceProfileAssociation"]
    assert new["AssociationId"] != made["AssociationId"] and new["IamInstanceProfile"]["Arn"] == other["Arn"]
    with fails("InvalidAssociationID.NotFound", 400):
        ec2.disassociate_iam_instance_profile(AssociationId=made["AssociationId"])
    (found,) = ec2.describe_iam_instance_profile_associations(AssociationIds=[new["AssociationId"]])["IamInstanceProfileAssociations"]
    assert found["InstanceId"] == instance
    ec2.stop_instances(InstanceIds=[instance])
    until(lambda: read(ec2, instance)["State"]["Name"] == "stopped")
    with fails("IncorrectState", 400, "is not the active association"):
        ec2.replace_iam_instance_profile_association(AssociationId=new["AssociationId"], IamInstanceProfile=named)
    gone = ec2.disassociate_iam_instance_profile(AssociationId=new["AssociationId"])["IamInstanceProfileAssociation"]
    assert gone["State"] == "disassociating"
    until(lambda: not of("*"))
    assert "IamInstanceProfile" not in read(ec2, instance)
    with fails("InvalidAssociationID.NotFound", 400):
        ec2.describe_iam_instance_profile_associations(AssociationIds=[new["AssociationId"]])
    with fails("InvalidParameterValue", 400, "Invalid IAM Instance Profile name"):
        ec2.associate_iam_instance_profile(InstanceId=instance, IamInstanceProfile={"Name": "nobody"})
    # A profile in use can be deleted all the same.
    iam = client("iam")
    ec2.associate_iam_instance_profile(InstanceId=instance, IamInstanceProfile={"Arn": other["Arn"]})
    iam.remove_role_from_instance_profile(InstanceProfileName=other["InstanceProfileName"], RoleName=other["InstanceProfileName"])
    iam.delete_instance_profile(InstanceProfileName=other["InstanceProfileName"])
    assert read(ec2, instance)["IamInstanceProfile"]["Arn"] == other["Arn"]


def test_profiles_need_a_settled_instance(ec2, image, profile, fails):
    (made,) = launch(ec2, ImageId=image)["Instances"]
    with fails("IncorrectInstanceState", 400, "is not in the 'running' or 'stopped' states."):
        ec2.associate_iam_instance_profile(InstanceId=made["InstanceId"], IamInstanceProfile={"Name": profile["InstanceProfileName"]})
    end(ec2, made["InstanceId"])


# Options


def test_monitoring(ec2, run):
    instance = run()
    change = lambda call: call(InstanceIds=[instance])["InstanceMonitorings"]
    assert change(ec2.monitor_instances) == [{"InstanceId": instance, "Monitoring": {"State": "pending"}}]
    assert read(ec2, instance)["Monitoring"] == {"State": "enabled"}
    assert change(ec2.monitor_instances)[0]["Monitoring"] == {"State": "enabled"}
    assert change(ec2.unmonitor_instances)[0]["Monitoring"] == {"State": "disabling"}
    assert read(ec2, instance)["Monitoring"] == {"State": "disabled"}


def test_metadata_options(ec2, run, fails):
    instance = run()
    changed = ec2.modify_instance_metadata_options(InstanceId=instance, HttpTokens="optional", HttpPutResponseHopLimit=5)
    assert changed["InstanceId"] == instance
    expected = {"HttpTokens": "optional", "HttpPutResponseHopLimit": 5, "HttpEndpoint": "enabled", "HttpProtocolIpv6": "disabled", "InstanceMetadataTags": "disabled"}
    assert changed["InstanceMetadataOptions"] == {"State": "pending", **expected}
    assert read(ec2, instance)["MetadataOptions"] == {"State": "applied", **expected}
    with fails("InvalidParameterValue", 400):
        ec2.modify_instance_metadata_options(InstanceId=instance, HttpPutResponseHopLimit=0)
    with fails("InvalidParameterCombination", 400):
        ec2.modify_instance_metadata_options(InstanceId=instance, HttpEndpoint="disabled", HttpTokens="required")


def test_credits(ec2, run, image, fails):
    instance = run(InstanceType="t2.micro")
    plain = run(InstanceType="m5.large")
    spent = lambda *ids: {one["InstanceId"]: one["CpuCredits"] for one in ec2.describe_instance_credit_specifications(InstanceIds=list(ids))["InstanceCreditSpecifications"]}
    assert spent(instance) == {instance: "standard"}
    assert spent(plain, instance) == {plain: "standard", instance: "standard"}
    done = ec2.modify_instance_credit_specification(
        InstanceCreditSpecifications=[{"InstanceId": instance, "CpuCredits": "unlimited"}, {"InstanceId": plain, "CpuCredits": "unlimited"}]
    )
    assert done["SuccessfulInstanceCreditSpecifications"] == [{"InstanceId": instance}]
    (failed,) = done["UnsuccessfulInstanceCreditSpecifications"]
    assert (failed["InstanceId"], failed["Error"]["Code"]) == (plain, "InstanceCreditSpecification.NotSupported")
    listed = ec2.describe_instance_credit_specifications(Filters=[{"Name": "instance-id", "Values": [instance]}])["InstanceCreditSpecifications"]
    assert listed == [{"InstanceId": instance, "CpuCredits": "unlimited"}]
    with fails("InvalidParameterCombination", 400):
        launch(ec2, ImageId=image, InstanceType="m5.large", CreditSpecification={"CpuCredits": "unlimited"})
    assert spent(run(wait=False)) and list(spent(run(wait=False, CreditSpecification={"CpuCredits": "standard"})).values()) == ["standard"]


def test_console(ec2, image, run):
    (made,) = launch(ec2, ImageId=image)["Instances"]
    early = ec2.get_console_output(InstanceId=made["InstanceId"])
    assert early["InstanceId"] == made["InstanceId"] and "Output" not in early
    ec2.get_waiter("instance_running").wait(InstanceIds=[made["InstanceId"]], WaiterConfig=SOON)
    assert image in ec2.get_console_output(InstanceId=made["InstanceId"], Latest=True)["Output"]
    end(ec2, made["InstanceId"])


# Volumes


def test_volumes_of_an_instance(ec2, run, fails):
    instance = run(
        BlockDeviceMappings=[
            {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20, "Encrypted": True}},
            {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 100, "VolumeType": "io1", "Iops": 500, "DeleteOnTermination": False}},
            {"DeviceName": "/dev/sdg", "Ebs": {"VolumeSize": 50}},
        ]
    )
    ids = {one["DeviceName"]: one["Ebs"]["VolumeId"] for one in read(ec2, instance)["BlockDeviceMappings"]}
    assert set(ids) == {"/dev/xvda", "/dev/sdf", "/dev/sdg"}
    of = {one["VolumeId"]: one for one in ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [instance]}])["Volumes"]}
    root, data, plain = of[ids["/dev/xvda"]], of[ids["/dev/sdf"]], of[ids["/dev/sdg"]]
    assert (root["Size"], root["VolumeType"], root["Iops"], root["Throughput"], root["Encrypted"]) == (20, "gp3", 3000, 125, True)
    assert root["KmsKeyId"].startswith(f"arn:aws:kms:us-east-1:{ACCOUNT}:key/") and root["SnapshotId"].startswith("snap-0")
    assert (data["Size"], data["VolumeType"], data["Iops"], data["SnapshotId"], data["Encrypted"]) == (100, "io1", 500, "", False)
    assert "Throughput" not in data and "KmsKeyId" not in data and "Tags" not in data
    assert (plain["VolumeType"], plain["Iops"]) == ("gp2", 150)
    (attachment,) = root["Attachments"]
    assert (attachment["Device"], attachment["InstanceId"], attachment["State"], attachment["DeleteOnTermination"]) == ("/dev/xvda", instance, "attached", True)
    assert root["State"] == "in-use" and root["AvailabilityZone"] == "us-east-1a"
    ec2.modify_instance_attribute(InstanceId=instance, BlockDeviceMappings=[{"DeviceName": "/dev/sdg", "Ebs": {"DeleteOnTermination": False}}])
    with fails("InvalidInstanceAttributeValue", 400, "No device is currently mapped at /dev/sdz"):
        ec2.modify_instance_attribute(InstanceId=instance, BlockDeviceMappings=[{"DeviceName": "/dev/sdz", "Ebs": {"DeleteOnTermination": False}}])
    end(ec2, instance)
    with fails("InvalidVolume.NotFound", 400, f"The volume '{root['VolumeId']}' does not exist"):
        ec2.describe_volumes(VolumeIds=[root["VolumeId"]])
    left = ec2.describe_volumes(VolumeIds=[data["VolumeId"], plain["VolumeId"]])["Volumes"]
    assert [(one["State"], one["Attachments"]) for one in left] == [("available", [])] * 2
    ec2.get_waiter("volume_available").wait(VolumeIds=[data["VolumeId"]], WaiterConfig=SOON)


def test_modifying_a_volume(ec2, run, fails):
    volume = read(ec2, run())["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    one = lambda: ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]
    with fails("InvalidVolumeModification.NotFound", 400):
        ec2.describe_volumes_modifications(VolumeIds=[volume])
    with fails("InvalidParameterValue", 400, "New size cannot be smaller than existing size"):
        ec2.modify_volume(VolumeId=volume, Size=4)
    with fails("MissingParameter", 400):
        ec2.modify_volume(VolumeId=volume)
    with fails("InvalidParameterValue", 400):
        ec2.modify_volume(VolumeId=volume, Throughput=9000)
    with fails("InvalidParameterValue", 400):
        ec2.modify_volume(VolumeId=volume, Size=100_000)
    made = ec2.modify_volume(VolumeId=volume, Size=16, Iops=4000)["VolumeModification"]
    assert (made["ModificationState"], made["OriginalSize"], made["TargetSize"], made["Progress"]) == ("modifying", 8, 16, 0)
    assert (made["OriginalIops"], made["TargetIops"], made["TargetThroughput"], made["TargetVolumeType"]) == (3000, 4000, 125, "gp3")
    with fails("IncorrectModificationState", 400):
        ec2.modify_volume(VolumeId=volume, Size=32)
    until(lambda: one()["Size"] == 16)
    state = lambda: ec2.describe_volumes_modifications(VolumeIds=[volume])["VolumesModifications"][0]
    done = until(lambda: state() if state()["ModificationState"] == "completed" else None)
    assert done["Progress"] == 100 and done["EndTime"] > done["StartTime"]
    listed = ec2.describe_volumes_modifications(Filters=[{"Name": "target-size", "Values": ["16"]}, {"Name": "volume-id", "Values": [volume]}])
    assert [one["VolumeId"] for one in listed["VolumesModifications"]] == [volume]
    for _ in range(3):
        ec2.modify_volume(VolumeId=volume, VolumeType="gp2" if one()["VolumeType"] == "gp3" else "gp3")
        until(lambda: state()["ModificationState"] == "completed")
    assert (one()["VolumeType"], one()["Iops"], "Throughput" in one()) == ("gp2", 100, False)
    again = (done["StartTime"] + datetime.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    with fails("VolumeModificationRateExceeded", 400, f"within 24 hours. It can next be modified at {again}."):
        ec2.modify_volume(VolumeId=volume, Size=64)


def test_a_modification_shows_where_it_leads_from_its_start(served, fails):
    slow = served(time_scale=1)
    ec2 = slow.client("ec2")
    image = slow.client("ssm").get_parameter(Name=IMAGE)["Parameter"]["Value"]
    (instance,) = launch(ec2, ImageId=image)["Instances"]
    volume = read(ec2, instance["InstanceId"])["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    made = ec2.modify_volume(VolumeId=volume, Size=10, VolumeType="io1")["VolumeModification"]
    assert (made["TargetVolumeType"], made["TargetIops"], "TargetThroughput" in made) == ("io1", 3000, False)
    started = made["StartTime"].strftime("%Y-%m-%dT%H:%M:%S.000Z")
    filters = [{"Name": "start-time", "Values": [started]}, {"Name": "targetMultiAttachEnabled", "Values": ["false"]}]
    (shown,) = ec2.describe_volumes_modifications(Filters=filters)["VolumesModifications"]
    assert (shown["ModificationState"], shown["OriginalSize"], shown["TargetSize"]) == ("modifying", 8, 10)
    assert (shown["OriginalVolumeType"], shown["TargetVolumeType"]) == ("gp3", "io1")
    (still,) = ec2.describe_volumes(VolumeIds=[volume])["Volumes"]
    assert (still["Size"], still["VolumeType"]) == (8, "gp3"), "the figures hold once it is being optimised"
    with fails("IncorrectModificationState", 400, f"Cannot modify volume {volume}, currently in modification state MODIFYING."):
        ec2.modify_volume(VolumeId=volume, Size=10, VolumeType="io1")


def test_a_modification_is_optimised_for_a_while(served, fails):
    cloud = served(time_scale=60)
    ec2 = cloud.client("ec2")
    image = cloud.client("ssm").get_parameter(Name=IMAGE)["Parameter"]["Value"]
    (instance,) = launch(ec2, ImageId=image)["Instances"]
    volume = read(ec2, instance["InstanceId"])["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    ec2.modify_volume(VolumeId=volume, Size=10)
    shown = lambda: ec2.describe_volumes_modifications(VolumeIds=[volume])["VolumesModifications"][0]
    optimised = until(lambda: shown() if shown()["ModificationState"] != "modifying" else None)
    assert optimised["ModificationState"] == "optimizing" and optimised["Progress"] < 100 and "EndTime" not in optimised
    assert ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]["Size"] == 10, "the new size can be used before all is done"
    with fails("IncorrectModificationState", 400, f"Cannot modify volume {volume}, currently in modification state OPTIMIZING."):
        ec2.modify_volume(VolumeId=volume, Size=12)


def test_a_modification_that_fails(served):
    failure = {"code": "InternalError", "message": "The modification could not be carried out"}
    cloud = served(faults=[{"service": "ec2", "operation": "ModifyVolume", "times": 1, "action": {"fails_later": failure}}])
    ec2 = cloud.client("ec2")
    image = cloud.client("ssm").get_parameter(Name=IMAGE)["Parameter"]["Value"]
    (instance,) = launch(ec2, ImageId=image)["Instances"]
    volume = read(ec2, instance["InstanceId"])["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    assert ec2.modify_volume(VolumeId=volume, Size=10)["VolumeModification"]["ModificationState"] == "modifying"
    shown = lambda: ec2.describe_volumes_modifications(VolumeIds=[volume])["VolumesModifications"][0]
    failed = until(lambda: shown() if shown()["ModificationState"] != "modifying" else None)
    assert (failed["ModificationState"], failed["StatusMessage"], failed["Progress"]) == ("failed", failure["message"], 0)
    assert (failed["OriginalSize"], failed["TargetSize"]) == (8, 10) and failed["EndTime"] > failed["StartTime"]
    assert ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]["Size"] == 8
    again = ec2.modify_volume(VolumeId=volume, Size=10)["VolumeModification"]
    assert (again["OriginalSize"], again["TargetSize"], "StatusMessage" in again) == (8, 10, False)
    until(lambda: shown()["ModificationState"] == "completed")
    assert ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]["Size"] == 10


def test_status_and_attributes_of_volumes(ec2, run, fails):
    instance = run()
    volume = read(ec2, instance)["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    (status,) = ec2.describe_volume_status(VolumeIds=[volume])["VolumeStatuses"]
    assert status["VolumeStatus"]["Status"] == "ok" and status["AttachmentStatuses"][0]["InstanceId"] == instance
    assert ec2.describe_volume_attribute(VolumeId=volume, Attribute="autoEnableIO")["AutoEnableIO"] == {"Value": False}
    assert ec2.describe_volume_attribute(VolumeId=volume, Attribute="productCodes")["ProductCodes"] == []
    ec2.get_waiter("volume_in_use").wait(VolumeIds=[volume], WaiterConfig=SOON)
    for name, value in [("status", "in-use"), ("volume-type", "gp3"), ("size", "8"), ("attachment.device", "/dev/xvda"), ("create-time", "20*")]:
        assert ec2.describe_volumes(Filters=[{"Name": name, "Values": [value]}, {"Name": "volume-id", "Values": [volume]}])["Volumes"], name
    with fails("InvalidParameterValue", 400):
        ec2.describe_volumes(MaxResults=1)
    with fails("InvalidParameterCombination", 400):
        ec2.describe_volumes(VolumeIds=[volume], MaxResults=5)
    with fails("InvalidVolumeID.Malformed", 400):
        ec2.describe_volumes(VolumeIds=["vol-x"])


# What there is to launch


def test_images(client, ec2, image, fails):
    (found,) = ec2.describe_images(ImageIds=[image])["Images"]
    assert found["Name"].startswith("al2023-ami-2023.") and found["Name"].endswith("-kernel-6.1-x86_64")
    assert (found["OwnerId"], found["ImageOwnerAlias"], found["Public"], found["State"]) == ("137112412989", "amazon", True, "available")
    assert (found["Architecture"], found["BootMode"], found["ImdsSupport"], found["RootDeviceName"]) == ("x86_64", "uefi-preferred", "v2.0", "/dev/xvda")
    (mapping,) = found["BlockDeviceMappings"]
    assert (mapping["Ebs"]["VolumeSize"], mapping["Ebs"]["VolumeType"], mapping["Ebs"]["DeleteOnTermination"]) == (8, "gp3", True)
    names = [f"al2023-ami-kernel-{kernel}-x86_64" for kernel in ["default", "6.1"]]
    got = client("ssm").get_parameters(Names=["/aws/service/ami-amazon-linux-latest/" + name for name in names])["Parameters"]
    assert {one["Value"] for one in got} == {image}, "the default kernel is one of them"
    by = lambda **more: [one["ImageId"] for one in ec2.describe_images(**more)["Images"]]
    assert by(Owners=["amazon"]) == by(Owners=["137112412989"]) == by(ExecutableUsers=["all"]) == by()
    assert by(Owners=["self"]) == [] == by(ExecutableUsers=["self"])
    arm = client("ssm").get_parameter(Name=ARM)["Parameter"]["Value"]
    named = [{"Name": "name", "Values": ["al2023-ami-2023.*"]}]
    assert sorted(by(Filters=named)) == sorted([arm, image])
    assert by(Filters=[*named, {"Name": "architecture", "Values": ["arm64"]}]) == [arm]
    assert len(ec2.describe_images(MaxResults=2)["Images"]) == 2
    with fails("InvalidAMIID.NotFound", 400, "The image id '[ami-0123456789abcdef0]' does not exist"):
        by(ImageIds=["ami-0123456789abcdef0"])
    with fails("InvalidAMIID.Malformed", 400):
        by(ImageIds=["ami-x"])
    with fails("InvalidParameterValue", 400):
        by(Owners=["nobody"])
    elsewhere = client("ssm", region="eu-west-1").get_parameter(Name=IMAGE)["Parameter"]["Value"]
    assert elsewhere != image
    ask = lambda name: ec2.describe_image_attribute(ImageId=image, Attribute=name)
    assert ask("description")["Description"]["Value"] == found["Description"] and ask("bootMode")["BootMode"] == {"Value": "uefi-preferred"}
    with fails("AuthFailure", 400, f"Not authorized for image:{image}"):
        ask("launchPermission")


def test_a_newer_image_is_published(served, pinfra):
    cloud = served()
    ec2, ssm = cloud.client("ec2"), cloud.client("ssm")
    named = lambda: ssm.get_parameter(Name=IMAGE)["Parameter"]
    old = named()
    (instance,) = launch(ec2, ImageId=old["Value"])["Instances"]
    pinfra("cloud", "publish-image", "al2023-ami-kernel-default-x86_64", "--dir", str(cloud.dir))
    new = named()
    assert new["Value"] != old["Value"] and new["Version"] == old["Version"] + 1 and new["LastModifiedDate"] > old["LastModifiedDate"]
    images = {one["ImageId"]: one for one in ec2.describe_images(ImageIds=[old["Value"], new["Value"]])["Images"]}
    assert images[new["Value"]]["CreationDate"] > images[old["Value"]]["CreationDate"]
    assert images[new["Value"]]["Name"] != images[old["Value"]]["Name"]
    assert read(ec2, instance["InstanceId"])["ImageId"] == old["Value"]
    launch(ec2, ImageId=old["Value"])
    (newer,) = launch(ec2, ImageId=f"resolve:ssm:{IMAGE}")["Instances"]
    assert newer["ImageId"] == new["Value"]
    assert ssm.get_parameter(Name=OLD)["Parameter"]["Version"] == old["Version"], "the others stay"


def test_instance_types(ec2, fails):
    (found,) = ec2.describe_instance_types(InstanceTypes=["t3.micro"])["InstanceTypes"]
    assert found["VCpuInfo"] == {"DefaultVCpus": 2, "DefaultCores": 1, "DefaultThreadsPerCore": 2}
    assert (found["MemoryInfo"], found["Hypervisor"], found["BurstablePerformanceSupported"]) == ({"SizeInMiB": 1024}, "nitro", True)
    assert found["ProcessorInfo"]["SupportedArchitectures"] == ["x86_64"]
    listed = {one["InstanceType"] for page in ec2.get_paginator("describe_instance_types").paginate(PaginationConfig={"PageSize": 10}) for one in page["InstanceTypes"]}
    assert {"t2.micro", "t3.micro", "m5.large", "t4g.small"} <= listed
    arm = ec2.describe_instance_types(Filters=[{"Name": "processor-info.supported-architecture", "Values": ["arm64"]}])["InstanceTypes"]
    assert arm and all(one["InstanceType"].split(".")[0] in {"t4g", "m6g"} for one in arm)
    with fails("NotImplemented", 501):
        ec2.describe_instance_types(InstanceTypes=["p5.48xlarge"])
    ebs = found["EbsInfo"]["EbsOptimizedInfo"]
    for name, value in {
        "ebs-info.ebs-optimized-info.baseline-bandwidth-in-mbps": ebs["BaselineBandwidthInMbps"],
        "ebs-info.ebs-optimized-info.baseline-iops": ebs["BaselineIops"],
        "ebs-info.ebs-optimized-info.baseline-throughput-in-mbps": ebs["BaselineThroughputInMBps"],
        "ebs-info.ebs-optimized-info.maximum-bandwidth-in-mbps": ebs["MaximumBandwidthInMbps"],
        "ebs-info.ebs-optimized-info.maximum-iops": ebs["MaximumIops"],
        "ebs-info.ebs-optimized-info.maximum-throughput-in-mbps": ebs["MaximumThroughputInMBps"],
        "network-info.ipv6-addresses-per-interface": found["NetworkInfo"]["Ipv6AddressesPerInterface"],
        "network-info.ipv6-supported": "true",
        "network-info.maximum-network-cards": 1,
    }.items():
        fitting = ec2.describe_instance_types(Filters=[{"Name": name, "Values": [str(value)]}])["InstanceTypes"]
        assert "t3.micro" in {one["InstanceType"] for one in fitting}, name
    disks = [{"Name": "instance-storage-info.disk.type", "Values": ["ssd"]}]
    assert ec2.describe_instance_types(Filters=disks)["InstanceTypes"] == []
    with fails("NotImplemented", 501):
        ec2.describe_instance_types(Filters=[{"Name": "hibernation-supported", "Values": ["true"]}])
    with fails("InvalidParameterValue", 400, "The filter 'size' is invalid"):
        ec2.describe_instance_types(Filters=[{"Name": "size", "Values": ["large"]}])
    where = ec2.describe_instance_type_offerings(LocationType="availability-zone", Filters=[{"Name": "instance-type", "Values": ["t2.micro"]}])["InstanceTypeOfferings"]
    assert {one["Location"] for one in where} == {f"us-east-1{letter}" for letter in "abcdef"}
    region = ec2.describe_instance_type_offerings(Filters=[{"Name": "instance-type", "Values": ["t2.micro"]}])["InstanceTypeOfferings"]
    assert region == [{"InstanceType": "t2.micro", "LocationType": "region", "Location": "us-east-1"}]


# The command line


def test_cli(aws_cli, image, unique):
    name = unique("cli")
    made = aws_cli(
        "ec2", "run-instances", "--image-id", image, "--instance-type", "t2.micro", "--user-data", "#!/bin/sh\n", "--client-token", name,
        "--tag-specifications", f"ResourceType=instance,Tags=[{{Key=Name,Value={name}}}]",
    )  # fmt: skip
    instance = made["Instances"][0]["InstanceId"]
    by_name = ("--filters", f"Name=tag:Name,Values={name}")
    state = lambda: aws_cli("ec2", "describe-instances", *by_name, "--query", "Reservations[].Instances[].State.Name")[0]
    until(lambda: state() == "running")
    data = aws_cli("ec2", "describe-instance-attribute", "--instance-id", instance, "--attribute", "userData")["UserData"]["Value"]
    assert base64.b64decode(data) == b"#!/bin/sh\n"
    aws_cli("ec2", "stop-instances", "--instance-ids", instance)
    until(lambda: state() == "stopped")
    aws_cli("ec2", "start-instances", "--instance-ids", instance)
    until(lambda: state() == "running")
    aws_cli("ec2", "modify-instance-attribute", "--instance-id", instance, "--disable-api-termination")
    error = aws_cli.error("ec2", "terminate-instances", "--instance-ids", instance)
    assert (error.code, error.operation) == ("OperationNotPermitted", "TerminateInstances")
    aws_cli("ec2", "modify-instance-attribute", "--instance-id", instance, "--no-disable-api-termination")
    assert aws_cli("ec2", "describe-volumes", "--filters", f"Name=attachment.instance-id,Values={instance}")["Volumes"]
    assert aws_cli("ec2", "describe-images", "--image-ids", image)["Images"][0]["ImageId"] == image
    aws_cli("ec2", "terminate-instances", "--instance-ids", instance)
    until(lambda: state() == "terminated")
