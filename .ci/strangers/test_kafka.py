"""MSK: every operation; states that take time, version tokens, one operation at a time, AWS's defaults and error texts.

One cluster lives through the whole module where its history does not matter; its clock is the default one, so a
cluster is ACTIVE within five seconds.
"""

import base64
import json
import re
import time

import pytest

ACCOUNT = "123456789012"
PARTIAL = "The request does not include any updates to the"


@pytest.fixture(scope="module")
def kafka(client):
    return client("kafka")


@pytest.fixture(scope="module")
def subnets(client):
    found = client("ec2").describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
    return sorted(found, key=lambda s: s["AvailabilityZone"])[:3]


@pytest.fixture(scope="module")
def nodes(subnets):
    """BrokerNodeGroupInfo with the smallest content AWS takes."""
    return {"InstanceType": "kafka.m5.large", "ClientSubnets": [s["SubnetId"] for s in subnets]}


def wait(kafka, arn, wanted="ACTIVE", seconds=20):
    deadline = time.monotonic() + seconds
    while True:
        state = kafka.describe_cluster_v2(ClusterArn=arn)["ClusterInfo"]["State"]
        if state == wanted:
            return
        assert time.monotonic() < deadline, f"{arn} is {state}, not {wanted}"
        time.sleep(0.05)


def cluster(kafka, arn):
    return kafka.describe_cluster_v2(ClusterArn=arn)["ClusterInfo"]


def create(kafka, nodes, name, **arguments):
    arguments = {"KafkaVersion": "3.8.x", "NumberOfBrokerNodes": 3, "BrokerNodeGroupInfo": nodes, **arguments}
    return kafka.create_cluster(ClusterName=name, **arguments)["ClusterArn"]


@pytest.fixture(scope="module")
def shared(kafka, nodes):
    """A cluster with IAM and SCRAM that the module's tests change one after the other."""
    arn = create(
        kafka,
        {**nodes, "StorageInfo": {"EbsStorageInfo": {"VolumeSize": 100}}},
        "pinterest-msk-cluster",
        ClientAuthentication={"Sasl": {"Iam": {"Enabled": True}}},
        Tags={"pinfra:stack": "pinterest", "Name": "x"},
    )
    wait(kafka, arn)
    return arn


@pytest.fixture
def update(kafka, shared):
    """Runs an update with the current version and waits for its end; checks the operation it made."""

    def run(method, kind, **arguments):
        before = cluster(kafka, shared)["CurrentVersion"]
        reply = getattr(kafka, method)(ClusterArn=shared, CurrentVersion=before, **arguments)
        assert reply["ClusterArn"] == shared
        during = cluster(kafka, shared)
        assert during["State"] == "UPDATING"
        assert during["ActiveOperationArn"] == reply["ClusterOperationArn"]
        running = kafka.describe_cluster_operation(ClusterOperationArn=reply["ClusterOperationArn"])["ClusterOperationInfo"]
        assert running["OperationState"] == "UPDATE_IN_PROGRESS" and "EndTime" not in running
        wait(kafka, shared)
        after = cluster(kafka, shared)
        assert after["CurrentVersion"] != before and "ActiveOperationArn" not in after
        done = kafka.describe_cluster_operation(ClusterOperationArn=reply["ClusterOperationArn"])["ClusterOperationInfo"]
        assert (done["OperationState"], done["OperationType"]) == ("UPDATE_COMPLETE", kind)
        return done, after["Provisioned"]

    return run


@pytest.fixture
def current(kafka, shared):
    return lambda: {"ClusterArn": shared, "CurrentVersion": cluster(kafka, shared)["CurrentVersion"]}


def test_a_new_cluster_has_awss_defaults(kafka, nodes, subnets, client, unique, fails):
    name = unique("defaults")
    made = kafka.create_cluster_v2(
        ClusterName=name,
        Tags={"a": "b"},
        Provisioned={"KafkaVersion": "3.8.x", "NumberOfBrokerNodes": 3, "BrokerNodeGroupInfo": nodes},
    )
    arn = made["ClusterArn"]
    assert (made["ClusterName"], made["State"], made["ClusterType"]) == (name, "CREATING", "PROVISIONED")
    assert re.fullmatch(rf"arn:aws:kafka:us-east-1:{ACCOUNT}:cluster/{name}/[0-9a-f-]{{36}}-\d+", arn)
    creating = cluster(kafka, arn)
    assert "ZookeeperConnectString" not in creating["Provisioned"]
    assert kafka.list_nodes(ClusterArn=arn)["NodeInfoList"] == []
    with fails("ConflictException", status=409):
        kafka.get_bootstrap_brokers(ClusterArn=arn)
    with fails("BadRequestException", message="in one of the following states"):
        kafka.delete_cluster(ClusterArn=arn)
    with fails("ConflictException", status=409):
        create(kafka, nodes, name)
    with fails("BadRequestException"):
        kafka.update_broker_count(ClusterArn=arn, CurrentVersion=creating["CurrentVersion"], TargetNumberOfBrokerNodes=6)
    wait(kafka, arn)
    info = cluster(kafka, arn)
    assert info["Tags"] == {"a": "b"} and re.fullmatch(r"K[0-9A-Z]{13}", info["CurrentVersion"])
    provisioned = info["Provisioned"]
    group = provisioned["BrokerNodeGroupInfo"]
    default = client("ec2").describe_security_groups(
        Filters=[{"Name": "vpc-id", "Values": [subnets[0]["VpcId"]]}, {"Name": "group-name", "Values": ["default"]}]
    )["SecurityGroups"][0]["GroupId"]
    assert group["SecurityGroups"] == [default]
    assert group["BrokerAZDistribution"] == "DEFAULT"
    assert group["StorageInfo"] == {"EbsStorageInfo": {"VolumeSize": 100}}
    assert group["ConnectivityInfo"]["PublicAccess"] == {"Type": "DISABLED"}
    assert group["ZoneIds"] == [s["AvailabilityZoneId"] for s in subnets]
    assert provisioned["CurrentBrokerSoftwareInfo"] == {"KafkaVersion": "3.8.x"}
    assert provisioned["ClientAuthentication"]["Unauthenticated"] == {"Enabled": True}
    assert provisioned["ClientAuthentication"]["Sasl"] == {"Scram": {"Enabled": False}, "Iam": {"Enabled": False}}
    encryption = provisioned["EncryptionInfo"]
    assert encryption["EncryptionInTransit"] == {"ClientBroker": "TLS", "InCluster": True}
    assert encryption["EncryptionAtRest"]["DataVolumeKMSKeyId"].startswith(f"arn:aws:kms:us-east-1:{ACCOUNT}:key/")
    assert (provisioned["EnhancedMonitoring"], provisioned["StorageMode"]) == ("DEFAULT", "LOCAL")
    assert provisioned["OpenMonitoring"]["Prometheus"]["JmxExporter"] == {"EnabledInBroker": False}
    assert provisioned["NumberOfBrokerNodes"] == 3
    zookeeper = provisioned["ZookeeperConnectString"].split(",")
    assert len(zookeeper) == 3 and all(re.fullmatch(r"z-\d\.[a-z0-9]+\.[a-z0-9]{6}\.c2\.kafka\.us-east-1\.amazonaws\.com:2181", z) for z in zookeeper)
    assert provisioned["ZookeeperConnectStringTls"].count(":2182") == 3
    old = kafka.describe_cluster(ClusterArn=arn)["ClusterInfo"]
    assert old["ZookeeperConnectString"] == provisioned["ZookeeperConnectString"] and old["NumberOfBrokerNodes"] == 3
    brokers = kafka.get_bootstrap_brokers(ClusterArn=arn)
    assert brokers["BootstrapBrokerStringTls"].count(":9094") == 3 and "BootstrapBrokerString" not in brokers

    # Its interfaces hold its subnets and groups until it is gone.
    ec2 = client("ec2")
    described = {"Name": "description", "Values": [f"*{arn}*"]}
    assert len(ec2.describe_network_interfaces(Filters=[described])["NetworkInterfaces"]) == 3
    with fails("BadRequestException", message="isn't current"):
        kafka.delete_cluster(ClusterArn=arn, CurrentVersion="K000000000000")
    assert kafka.delete_cluster(ClusterArn=arn, CurrentVersion=info["CurrentVersion"])["State"] == "DELETING"
    assert cluster(kafka, arn)["State"] == "DELETING"
    with fails("ConflictException"):
        create(kafka, nodes, name)
    deadline = time.monotonic() + 20
    while kafka.list_clusters_v2(ClusterNameFilter=name)["ClusterInfoList"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with fails("NotFoundException", status=404):
        kafka.describe_cluster_v2(ClusterArn=arn)
    assert ec2.describe_network_interfaces(Filters=[described])["NetworkInterfaces"] == []


def test_what_a_cluster_needs_is_checked(kafka, nodes, client, unique, fails):
    name = unique("wrong")
    with fails("BadRequestException", status=400, message="Unsupported KafkaVersion [2.8.1]. Valid values: [3.6.0") as error:
        create(kafka, nodes, name, KafkaVersion="2.8.1")
    assert error.value.response["InvalidParameter"] == "kafkaVersion"
    with fails("BadRequestException", message="must be a multiple of Availability Zones"):
        create(kafka, nodes, name, NumberOfBrokerNodes=4)
    with fails("BadRequestException", message="two or three client subnets"):
        create(kafka, {**nodes, "ClientSubnets": nodes["ClientSubnets"][:1]}, name)
    with fails("BadRequestException"):
        create(kafka, {**nodes, "ClientSubnets": [nodes["ClientSubnets"][0]] * 3}, name)
    with fails("BadRequestException", message="subnet-0123456789abcdef0"):
        create(kafka, {**nodes, "ClientSubnets": [*nodes["ClientSubnets"][:2], "subnet-0123456789abcdef0"]}, name)
    with fails("BadRequestException", message="sg-0123456789abcdef0"):
        create(kafka, {**nodes, "SecurityGroups": ["sg-0123456789abcdef0"]}, name)
    with fails("BadRequestException", message="Unsupported InstanceType [kafka.x9.large]"):
        create(kafka, {**nodes, "InstanceType": "kafka.x9.large"}, name)
    with fails("BadRequestException", message="characters that are not valid"):
        create(kafka, nodes, "with_underscore")
    with fails("BadRequestException"):
        create(kafka, nodes, "n" * 65)
    with fails("BadRequestException", message="Invalid Configuration ARN."):
        arn = f"arn:aws:kafka:us-east-1:{ACCOUNT}:configuration/none/00000000-0000-4000-a000-000000000000-1"
        create(kafka, nodes, name, ConfigurationInfo={"Arn": arn, "Revision": 1})
    with fails("BadRequestException"):
        plain = {"EncryptionInTransit": {"ClientBroker": "PLAINTEXT"}}
        create(kafka, nodes, name, EncryptionInfo=plain, ClientAuthentication={"Sasl": {"Iam": {"Enabled": True}}})
    with fails("BadRequestException"):
        create(kafka, {**nodes, "ConnectivityInfo": {"PublicAccess": {"Type": "SERVICE_PROVIDED_EIPS"}}}, name)
    with fails("BadRequestException"):
        create(kafka, {**nodes, "InstanceType": "express.m7g.large"}, name, KafkaVersion="3.7.x")
    with fails("BadRequestException"):
        kafka.create_cluster_v2(ClusterName=name)
    with fails("NotFoundException", status=404):
        kafka.describe_cluster(ClusterArn=f"arn:aws:kafka:us-east-1:{ACCOUNT}:cluster/{name}/00000000-0000-4000-a000-000000000000-1")
    with fails("BadRequestException"):
        kafka.describe_cluster(ClusterArn="nonsense")
    assert kafka.list_clusters(ClusterNameFilter=name)["ClusterInfoList"] == []


def test_bootstrap_strings_follow_the_ways_in_and_change_their_order(kafka, shared):
    seen = set()
    for _ in range(30):
        reply = kafka.get_bootstrap_brokers(ClusterArn=shared)
        assert [k for k in reply if k.startswith("Bootstrap")] == ["BootstrapBrokerStringSaslIam"]
        hosts = reply["BootstrapBrokerStringSaslIam"].split(",")
        assert len(hosts) == 3
        assert all(re.fullmatch(r"b-[1-3]\.pinterestmskcluster\.[a-z0-9]{6}\.c2\.kafka\.us-east-1\.amazonaws\.com:9098", h) for h in hosts)
        seen.add(tuple(hosts))
    assert len(seen) > 1 and len({frozenset(hosts) for hosts in seen}) == 1


def test_nodes_are_brokers_and_zookeeper(kafka, shared, nodes):
    listed = kafka.list_nodes(ClusterArn=shared)["NodeInfoList"]
    brokers = [n for n in listed if "BrokerNodeInfo" in n]
    assert [n["BrokerNodeInfo"]["BrokerId"] for n in brokers] == [1, 2, 3]
    assert [n["BrokerNodeInfo"]["ClientSubnet"] for n in brokers] == nodes["ClientSubnets"]
    assert all(n["NodeType"] == "BROKER" and n["InstanceType"] == "m5.large" for n in brokers)
    assert brokers[0]["BrokerNodeInfo"]["Endpoints"][0].startswith("b-1.pinterestmskcluster.")
    assert brokers[0]["BrokerNodeInfo"]["AttachedENIId"].startswith("eni-") and brokers[0]["BrokerNodeInfo"]["ClientVpcIpAddress"]
    assert len([n for n in listed if "ZookeeperNodeInfo" in n]) == 3
    page = kafka.list_nodes(ClusterArn=shared, MaxResults=4)
    assert len(page["NodeInfoList"]) == 4
    assert len(kafka.list_nodes(ClusterArn=shared, NextToken=page["NextToken"])["NodeInfoList"]) == 2


def test_clusters_are_listed_with_their_tags(kafka, shared, fails):
    found = kafka.list_clusters_v2(ClusterNameFilter="pinterest-")["ClusterInfoList"]
    assert [c["ClusterName"] for c in found] == ["pinterest-msk-cluster"]
    assert found[0]["Tags"]["pinfra:stack"] == "pinterest" and found[0]["Provisioned"]["NumberOfBrokerNodes"] == 3
    assert kafka.list_clusters(ClusterNameFilter="pinterest-")["ClusterInfoList"][0]["ClusterArn"] == shared
    assert kafka.list_clusters_v2(ClusterNameFilter="msk-cluster")["ClusterInfoList"] == []
    assert kafka.list_clusters_v2(ClusterNameFilter="pinterest-", ClusterTypeFilter="SERVERLESS")["ClusterInfoList"] == []
    with fails("BadRequestException"):
        kafka.list_clusters_v2(ClusterTypeFilter="OTHER")
    with fails("BadRequestException"):
        kafka.list_clusters_v2(NextToken="nonsense")


def test_storage_only_grows(kafka, shared, update, current, fails):
    target = [{"KafkaBrokerNodeId": "All", "VolumeSizeGB": 200}]
    done, after = update("update_broker_storage", "UPDATE_BROKER_STORAGE", TargetBrokerEBSVolumeInfo=target)
    assert done["SourceClusterInfo"]["BrokerEBSVolumeInfo"] == [{"KafkaBrokerNodeId": "All", "VolumeSizeGB": 100}]
    assert done["TargetClusterInfo"]["BrokerEBSVolumeInfo"] == target
    assert after["BrokerNodeGroupInfo"]["StorageInfo"]["EbsStorageInfo"]["VolumeSize"] == 200
    with fails("BadRequestException", message=f"{PARTIAL} EBS volumes of the cluster. Verify the request, then try again."):
        kafka.update_broker_storage(**current(), TargetBrokerEBSVolumeInfo=target)
    with fails("BadRequestException", message="can only be increased"):
        kafka.update_broker_storage(**current(), TargetBrokerEBSVolumeInfo=[{"KafkaBrokerNodeId": "All", "VolumeSizeGB": 150}])
    with fails("BadRequestException", message="broker ID 9"):
        kafka.update_broker_storage(**current(), TargetBrokerEBSVolumeInfo=[{"KafkaBrokerNodeId": "9", "VolumeSizeGB": 300}])
    with fails("BadRequestException", message="The version of the cluster isn't current."):
        kafka.update_broker_storage(ClusterArn=shared, CurrentVersion="K000", TargetBrokerEBSVolumeInfo=target)
    done, _ = update(
        "update_broker_storage", "UPDATE_BROKER_STORAGE", TargetBrokerEBSVolumeInfo=[{"KafkaBrokerNodeId": "1", "VolumeSizeGB": 210}]
    )
    assert [v["VolumeSizeGB"] for v in done["TargetClusterInfo"]["BrokerEBSVolumeInfo"]] == [210, 200, 200]
    _, after = update("update_storage", "UPDATE_STORAGE", VolumeSizeGB=220, StorageMode="TIERED")
    assert after["StorageMode"] == "TIERED"
    assert after["BrokerNodeGroupInfo"]["StorageInfo"]["EbsStorageInfo"]["VolumeSize"] == 220
    with fails("BadRequestException"):
        kafka.update_storage(**current(), StorageMode="LOCAL")


def test_brokers_change_their_type_and_number(kafka, shared, update, current, fails):
    done, after = update("update_broker_type", "UPDATE_BROKER_TYPE", TargetInstanceType="kafka.m7g.large")
    assert done["SourceClusterInfo"]["InstanceType"] == "kafka.m5.large"
    assert after["BrokerNodeGroupInfo"]["InstanceType"] == "kafka.m7g.large"
    with fails("BadRequestException", message=f"{PARTIAL} instance type"):
        kafka.update_broker_type(**current(), TargetInstanceType="kafka.m7g.large")
    with fails("BadRequestException"):
        kafka.update_broker_type(**current(), TargetInstanceType="express.m7g.large")
    with fails("BadRequestException", message="multiple"):
        kafka.update_broker_count(**current(), TargetNumberOfBrokerNodes=4)
    with fails("BadRequestException", message=PARTIAL):
        kafka.update_broker_count(**current(), TargetNumberOfBrokerNodes=3)
    done, after = update("update_broker_count", "INCREASE_BROKER_COUNT", TargetNumberOfBrokerNodes=6)
    assert (done["SourceClusterInfo"]["NumberOfBrokerNodes"], after["NumberOfBrokerNodes"]) == (3, 6)
    assert kafka.get_bootstrap_brokers(ClusterArn=shared)["BootstrapBrokerStringSaslIam"].count(":9098") == 3
    _, after = update("update_broker_count", "DECREASE_BROKER_COUNT", TargetNumberOfBrokerNodes=3)
    assert after["NumberOfBrokerNodes"] == 3
    ids = [n["BrokerNodeInfo"]["BrokerId"] for n in kafka.list_nodes(ClusterArn=shared)["NodeInfoList"] if "BrokerNodeInfo" in n]
    assert ids == [1, 2, 3]


def test_security_and_one_operation_at_a_time(kafka, shared, update, current, fails):
    arguments = current()
    kafka.update_security(**arguments, ClientAuthentication={"Sasl": {"Scram": {"Enabled": True}}})
    with fails("BadRequestException", status=400, message="only valid for resources that are in one of the following states :[ACTIVE]"):
        kafka.update_monitoring(**arguments, EnhancedMonitoring="PER_BROKER")
    assert "BootstrapBrokerStringSaslScram" not in kafka.get_bootstrap_brokers(ClusterArn=shared)
    wait(kafka, shared)
    assert ":9096" in kafka.get_bootstrap_brokers(ClusterArn=shared)["BootstrapBrokerStringSaslScram"]
    with fails("BadRequestException", message=f"{PARTIAL} security setting of the cluster. Verify the request, then try again."):
        kafka.update_security(**current(), ClientAuthentication={"Sasl": {"Scram": {"Enabled": True}}})
    done, after = update(
        "update_security",
        "UPDATE_SECURITY",
        ClientAuthentication={"Unauthenticated": {"Enabled": True}},
        EncryptionInfo={"EncryptionInTransit": {"ClientBroker": "TLS_PLAINTEXT"}},
    )
    assert done["TargetClusterInfo"]["EncryptionInfo"]["EncryptionInTransit"]["ClientBroker"] == "TLS_PLAINTEXT"
    assert after["ClientAuthentication"]["Sasl"] == {"Scram": {"Enabled": True}, "Iam": {"Enabled": True}}
    brokers = kafka.get_bootstrap_brokers(ClusterArn=shared)
    assert ":9092" in brokers["BootstrapBrokerString"] and ":9094" in brokers["BootstrapBrokerStringTls"]
    with fails("BadRequestException"):
        kafka.update_security(**current(), EncryptionInfo={"EncryptionInTransit": {"InCluster": False}})
    with fails("BadRequestException"):
        off = {"Enabled": False}
        kafka.update_security(**current(), ClientAuthentication={"Sasl": {"Scram": off, "Iam": off}, "Unauthenticated": off})


def test_scram_secrets(kafka, shared, client, fails):
    secrets = client("secretsmanager")
    good = secrets.create_secret(Name="AmazonMSK_user", SecretString="{}", KmsKeyId="1234abcd-12ab-34cd-56ef-1234567890ab")["ARN"]
    managed = secrets.create_secret(Name="AmazonMSK_managed", SecretString="{}")["ARN"]
    badly = secrets.create_secret(Name="other", SecretString="{}")["ARN"]
    reply = kafka.batch_associate_scram_secret(ClusterArn=shared, SecretArnList=[good, managed, badly])
    assert {u["SecretArn"] for u in reply["UnprocessedScramSecrets"]} == {managed, badly}
    assert kafka.list_scram_secrets(ClusterArn=shared)["SecretArnList"] == [good]
    reply = kafka.batch_disassociate_scram_secret(ClusterArn=shared, SecretArnList=[good, managed])
    assert [u["SecretArn"] for u in reply["UnprocessedScramSecrets"]] == [managed]
    assert kafka.list_scram_secrets(ClusterArn=shared)["SecretArnList"] == []


def test_monitoring_connectivity_and_rebalancing(kafka, shared, update, current, fails):
    logs = {"BrokerLogs": {"CloudWatchLogs": {"Enabled": True, "LogGroup": "msk"}}}
    done, after = update("update_monitoring", "UPDATE_MONITORING", EnhancedMonitoring="PER_BROKER", LoggingInfo=logs)
    assert done["TargetClusterInfo"]["EnhancedMonitoring"] == after["EnhancedMonitoring"] == "PER_BROKER"
    assert after["LoggingInfo"]["BrokerLogs"] == {
        "CloudWatchLogs": {"Enabled": True, "LogGroup": "msk"},
        "Firehose": {"Enabled": False},
        "S3": {"Enabled": False},
    }
    with fails("BadRequestException", message=f"{PARTIAL} monitoring"):
        kafka.update_monitoring(**current(), EnhancedMonitoring="PER_BROKER")
    with fails("BadRequestException", message="Public access"):
        kafka.update_connectivity(**current(), ConnectivityInfo={"PublicAccess": {"Type": "SERVICE_PROVIDED_EIPS"}})
    iam = {"VpcConnectivity": {"ClientAuthentication": {"Sasl": {"Iam": {"Enabled": True}}}}}
    update("update_connectivity", "UPDATE_CONNECTIVITY", ConnectivityInfo=iam)
    assert ":14001" in kafka.get_bootstrap_brokers(ClusterArn=shared)["BootstrapBrokerStringVpcConnectivitySaslIam"]
    with fails("BadRequestException", message=f"{PARTIAL} connectivity"):
        kafka.update_connectivity(**current(), ConnectivityInfo=iam)
    with fails("BadRequestException"):
        kafka.update_rebalancing(**current(), Rebalancing={"Status": "PAUSED"})


def test_the_version_goes_up_and_a_configuration_is_used(kafka, shared, update, current, fails, unique):
    name = unique("configuration")
    made = kafka.create_configuration(Name=name, Description="one", KafkaVersions=["3.8.x", "3.9.x"], ServerProperties=b"num.partitions=3\n")
    assert made["State"] == "ACTIVE" and made["LatestRevision"]["Revision"] == 1 and made["LatestRevision"]["Description"] == "one"
    arn = made["Arn"]
    _, after = update("update_cluster_configuration", "UPDATE_CLUSTER_CONFIGURATION", ConfigurationInfo={"Arn": arn, "Revision": 1})
    assert after["CurrentBrokerSoftwareInfo"] == {"ConfigurationArn": arn, "ConfigurationRevision": 1, "KafkaVersion": "3.8.x"}
    with fails("BadRequestException", message=f"{PARTIAL} configuration"):
        kafka.update_cluster_configuration(**current(), ConfigurationInfo={"Arn": arn, "Revision": 1})
    with fails("BadRequestException"):
        kafka.update_cluster_configuration(**current(), ConfigurationInfo={"Arn": arn, "Revision": 2})
    with fails("BadRequestException", message="Configuration is in use by one or more clusters"):
        kafka.delete_configuration(Arn=arn)

    assert kafka.get_compatible_kafka_versions(ClusterArn=shared)["CompatibleKafkaVersions"] == [
        {"SourceVersion": "3.8.x", "TargetVersions": ["3.9.x"]}
    ]
    with fails("BadRequestException"):
        kafka.update_cluster_kafka_version(**current(), TargetKafkaVersion="3.7.x")
    with fails("BadRequestException"):
        kafka.update_cluster_kafka_version(**current(), TargetKafkaVersion="4.0.x.kraft")
    with fails("BadRequestException", message=PARTIAL):
        kafka.update_cluster_kafka_version(**current(), TargetKafkaVersion="3.8.x")
    done, after = update("update_cluster_kafka_version", "UPDATE_CLUSTER_KAFKA_VERSION", TargetKafkaVersion="3.9.x")
    assert after["CurrentBrokerSoftwareInfo"]["KafkaVersion"] == done["TargetClusterInfo"]["KafkaVersion"] == "3.9.x"
    assert after["CurrentBrokerSoftwareInfo"]["ConfigurationArn"] == arn


def test_a_broker_reboots(kafka, shared, fails):
    with fails("BadRequestException"):
        kafka.reboot_broker(ClusterArn=shared, BrokerIds=["9"])
    reply = kafka.reboot_broker(ClusterArn=shared, BrokerIds=["1"])
    assert cluster(kafka, shared)["State"] == "REBOOTING_BROKER"
    wait(kafka, shared)
    done = kafka.describe_cluster_operation_v2(ClusterOperationArn=reply["ClusterOperationArn"])["ClusterOperationInfo"]
    assert (done["OperationType"], done["OperationState"], done["ClusterType"]) == ("REBOOT_NODE", "UPDATE_COMPLETE", "PROVISIONED")


def test_operations_are_listed_newest_first(kafka, shared, fails):
    listed = kafka.list_cluster_operations(ClusterArn=shared)["ClusterOperationInfoList"]
    assert len(listed) > 5 and listed[0]["CreationTime"] >= listed[-1]["CreationTime"]
    newer = kafka.list_cluster_operations_v2(ClusterArn=shared, MaxResults=2)
    assert [o["OperationArn"] for o in newer["ClusterOperationInfoList"]] == [o["OperationArn"] for o in listed[:2]]
    rest = kafka.list_cluster_operations_v2(ClusterArn=shared, NextToken=newer["NextToken"])["ClusterOperationInfoList"]
    assert len(rest) == len(listed) - 2
    with fails("NotFoundException", status=404):
        kafka.describe_cluster_operation(ClusterOperationArn=listed[0]["OperationArn"][:-4] + "0000")


def test_tags(kafka, shared, fails):
    kafka.tag_resource(ResourceArn=shared, Tags={"owner": "me", "Name": "y"})
    kafka.untag_resource(ResourceArn=shared, TagKeys=["pinfra:stack"])
    assert kafka.list_tags_for_resource(ResourceArn=shared)["Tags"] == {"Name": "y", "owner": "me"}
    assert cluster(kafka, shared)["Tags"] == {"Name": "y", "owner": "me"}
    with fails("BadRequestException"):
        kafka.tag_resource(ResourceArn=shared, Tags={"aws:x": "y"})
    with fails("NotFoundException"):
        kafka.list_tags_for_resource(ResourceArn=shared[:-4] + "9999")


def test_cluster_policies(kafka, shared, fails):
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    with fails("NotFoundException", status=404):
        kafka.get_cluster_policy(ClusterArn=shared)
    first = kafka.put_cluster_policy(ClusterArn=shared, Policy=policy)["CurrentVersion"]
    with fails("BadRequestException", message="Current cluster policy version needed for Update"):
        kafka.put_cluster_policy(ClusterArn=shared, Policy=policy)
    second = kafka.put_cluster_policy(ClusterArn=shared, Policy=policy, CurrentVersion=first)["CurrentVersion"]
    assert second != first
    assert kafka.get_cluster_policy(ClusterArn=shared)["Policy"] == policy
    kafka.delete_cluster_policy(ClusterArn=shared)
    with fails("NotFoundException"):
        kafka.delete_cluster_policy(ClusterArn=shared)


def test_configurations_have_revisions(kafka, unique, fails):
    name = unique("revisions")
    arn = kafka.create_configuration(Name=name, ServerProperties=b"auto.create.topics.enable=true")["Arn"]
    assert re.fullmatch(rf"arn:aws:kafka:us-east-1:{ACCOUNT}:configuration/{name}/[0-9a-f-]{{36}}-\d+", arn)
    with fails("ConflictException", status=409):
        kafka.create_configuration(Name=name, ServerProperties=b"")
    with fails("BadRequestException", message="Key 'broker.id' is not supported"):
        kafka.update_configuration(Arn=arn, ServerProperties=b"broker.id=1")
    with fails("BadRequestException"):
        kafka.create_configuration(Name="a_b", ServerProperties=b"")
    updated = kafka.update_configuration(Arn=arn, Description="two", ServerProperties=b"num.partitions=2")
    assert updated["LatestRevision"]["Revision"] == 2
    found = kafka.describe_configuration(Arn=arn)
    assert found["Name"] == name and found["KafkaVersions"] == [] and found["LatestRevision"]["Description"] == "two"
    first = kafka.describe_configuration_revision(Arn=arn, Revision=1)
    assert first["ServerProperties"] == b"auto.create.topics.enable=true"
    with fails("NotFoundException", status=404):
        kafka.describe_configuration_revision(Arn=arn, Revision=3)
    page = kafka.list_configuration_revisions(Arn=arn, MaxResults=1)
    rest = kafka.list_configuration_revisions(Arn=arn, NextToken=page["NextToken"])
    assert [r["Revision"] for r in page["Revisions"] + rest["Revisions"]] == [1, 2]
    assert name in [c["Name"] for c in kafka.list_configurations()["Configurations"]]
    assert kafka.delete_configuration(Arn=arn)["State"] == "DELETING"
    deadline = time.monotonic() + 10
    while name in [c["Name"] for c in kafka.list_configurations()["Configurations"]]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    with fails("BadRequestException", status=400, message="Configuration ARN does not exist"):
        kafka.describe_configuration(Arn=arn)


def test_versions(kafka):
    versions = {v["Version"]: v["Status"] for v in kafka.list_kafka_versions()["KafkaVersions"]}
    assert versions["2.8.1"] == "DEPRECATED"
    assert all(versions[v] == "ACTIVE" for v in ["3.6.0", "3.7.x", "3.7.x.kraft", "3.8.x", "3.8.x.kraft", "3.9.x", "3.9.x.kraft", "4.0.x.kraft"])
    page = kafka.list_kafka_versions(MaxResults=5)
    assert len(page["KafkaVersions"]) == 5 and page["NextToken"]
    pairs = kafka.get_compatible_kafka_versions()["CompatibleKafkaVersions"]
    assert {"SourceVersion": "3.8.x.kraft", "TargetVersions": ["3.9.x.kraft", "4.0.x.kraft", "4.1.x.kraft"]} in pairs


def test_kraft_clusters_have_no_zookeeper_and_express_brokers_no_volumes(kafka, nodes, unique, fails):
    kraft = create(kafka, nodes, unique("kraft"), KafkaVersion="4.0.x.kraft")
    express = create(kafka, {**nodes, "InstanceType": "express.m7g.large"}, unique("express"))
    wait(kafka, kraft)
    wait(kafka, express)
    assert "ZookeeperConnectString" not in cluster(kafka, kraft)["Provisioned"]
    assert len([n for n in kafka.list_nodes(ClusterArn=kraft)["NodeInfoList"] if "ControllerNodeInfo" in n]) == 3
    made = cluster(kafka, express)
    assert made["Provisioned"]["Rebalancing"] == {"Status": "ACTIVE"} and "StorageInfo" not in made["Provisioned"]["BrokerNodeGroupInfo"]
    version = made["CurrentVersion"]
    with fails("BadRequestException"):
        kafka.update_broker_storage(
            ClusterArn=express, CurrentVersion=version, TargetBrokerEBSVolumeInfo=[{"KafkaBrokerNodeId": "All", "VolumeSizeGB": 9}]
        )
    kafka.update_rebalancing(ClusterArn=express, CurrentVersion=version, Rebalancing={"Status": "PAUSED"})
    wait(kafka, express)
    assert cluster(kafka, express)["Provisioned"]["Rebalancing"] == {"Status": "PAUSED"}


def test_serverless_clusters(kafka, nodes, unique, fails):
    name = unique("serverless")
    made = kafka.create_cluster_v2(
        ClusterName=name,
        Serverless={"VpcConfigs": [{"SubnetIds": nodes["ClientSubnets"]}], "ClientAuthentication": {"Sasl": {"Iam": {"Enabled": True}}}},
    )
    arn = made["ClusterArn"]
    assert made["ClusterType"] == "SERVERLESS"
    wait(kafka, arn)
    assert cluster(kafka, arn)["Serverless"]["VpcConfigs"][0]["SubnetIds"] == nodes["ClientSubnets"]
    assert kafka.get_bootstrap_brokers(ClusterArn=arn)["BootstrapBrokerStringSaslIam"].endswith(".kafka-serverless.us-east-1.amazonaws.com:9098")
    assert kafka.list_clusters(ClusterNameFilter=name)["ClusterInfoList"] == []
    assert len(kafka.list_clusters_v2(ClusterTypeFilter="SERVERLESS", ClusterNameFilter=name)["ClusterInfoList"]) == 1
    with fails("BadRequestException"):
        kafka.describe_cluster(ClusterArn=arn)
    kafka.delete_cluster(ClusterArn=arn)


def test_topics(kafka, shared, fails):
    configs = base64.b64encode(b"retention.ms=1000").decode()
    topic = {"ClusterArn": shared, "TopicName": "0a60b9a8a831.pin"}
    made = kafka.create_topic(**topic, PartitionCount=4, ReplicationFactor=3, Configs=configs)
    assert made["TopicArn"] == shared.replace(":cluster/", ":topic/") + "/0a60b9a8a831.pin"
    with fails("TopicExistsException", status=409):
        kafka.create_topic(**topic, PartitionCount=1, ReplicationFactor=1)
    for wrong in [{"ReplicationFactor": 4}, {"TopicName": "a/b"}, {"TopicName": ".."}, {"Configs": "%"}]:
        with fails("BadRequestException", status=400):
            kafka.create_topic(**{"ClusterArn": shared, "TopicName": "other", "PartitionCount": 1, "ReplicationFactor": 1, **wrong})
    found = kafka.describe_topic(**topic)
    assert (found["PartitionCount"], found["ReplicationFactor"], found["Configs"], found["Status"]) == (4, 3, configs, "ACTIVE")
    with fails("BadRequestException"):
        kafka.update_topic(**topic, PartitionCount=2)
    kafka.update_topic(**topic, PartitionCount=6)
    partitions = kafka.describe_topic_partitions(**topic, MaxResults=5)
    assert len(partitions["Partitions"]) == 5 and partitions["NextToken"]
    assert partitions["Partitions"][1] == {"Partition": 1, "Leader": 2, "Replicas": [2, 3, 1], "Isr": [2, 3, 1]}
    kafka.create_topic(ClusterArn=shared, TopicName="geo", PartitionCount=1, ReplicationFactor=1)
    assert [t["TopicName"] for t in kafka.list_topics(ClusterArn=shared)["Topics"]] == ["0a60b9a8a831.pin", "geo"]
    assert [t["PartitionCount"] for t in kafka.list_topics(ClusterArn=shared, TopicNameFilter="0a")["Topics"]] == [6]
    kafka.delete_topic(**topic)
    with fails("UnknownTopicOrPartitionException", status=404):
        kafka.delete_topic(**topic)
    with fails("NotFoundException", status=404):
        kafka.describe_topic(**topic)


def test_the_cli_reads(aws_cli, shared):
    assert aws_cli("kafka", "describe-cluster-v2", "--cluster-arn", shared)["ClusterInfo"]["State"] == "ACTIVE"
    assert aws_cli("kafka", "get-bootstrap-brokers", "--cluster-arn", shared)["BootstrapBrokerStringSaslIam"]
    assert aws_cli("kafka", "list-tags-for-resource", "--resource-arn", shared)["Tags"]


def test_a_creation_that_fails(served):
    failure = {"code": "AccessDenied", "message": "MSK could not use the key."}
    cloud = served(faults=[{"service": "kafka", "operation": "CreateCluster", "times": 1, "action": {"fails_later": failure}}])
    kafka, ec2 = cloud.client("kafka"), cloud.client("ec2")
    found = ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
    ids = [s["SubnetId"] for s in sorted(found, key=lambda s: s["AvailabilityZone"])[:3]]
    nodes = {"InstanceType": "kafka.m5.large", "ClientSubnets": ids}
    arn = create(kafka, nodes, "doomed")
    made = cluster(kafka, arn)
    assert made["State"] == "CREATING" and "StateInfo" not in made
    wait(kafka, arn, "FAILED")
    failed = kafka.describe_cluster(ClusterArn=arn)["ClusterInfo"]
    assert failed["StateInfo"] == {"Code": "AccessDenied", "Message": "MSK could not use the key."}
    assert "ZookeeperConnectString" not in failed and kafka.list_nodes(ClusterArn=arn)["NodeInfoList"] == []
    with pytest.raises(kafka.exceptions.ConflictException):
        kafka.get_bootstrap_brokers(ClusterArn=arn)
    with pytest.raises(kafka.exceptions.BadRequestException):
        kafka.update_monitoring(ClusterArn=arn, CurrentVersion=failed["CurrentVersion"], EnhancedMonitoring="PER_BROKER")
    with pytest.raises(kafka.exceptions.ConflictException):
        create(kafka, nodes, "doomed")
    kafka.delete_cluster(ClusterArn=arn)
    deadline = time.monotonic() + 20
    while kafka.list_clusters_v2()["ClusterInfoList"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    wait(kafka, create(kafka, nodes, "doomed"))
