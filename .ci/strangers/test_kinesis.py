"""Kinesis: every operation, with AWS's states, limits, defaults and error texts."""

import datetime
import hashlib
import json
import time

import pytest

ACCOUNT = "123456789012"


@pytest.fixture(scope="module")
def kinesis(client):
    return client("kinesis")


def status(kinesis, name):
    return kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamStatus"]


def wait(kinesis, name, wanted="ACTIVE", seconds=10):
    deadline = time.monotonic() + seconds
    while status(kinesis, name) != wanted:
        assert time.monotonic() < deadline, f"{name} is {status(kinesis, name)}, not {wanted}"
        time.sleep(0.02)


@pytest.fixture
def stream(kinesis, unique):
    """Makes ACTIVE streams."""

    def make(shards=1, **arguments):
        name = unique("stream")
        if arguments.get("StreamModeDetails", {}).get("StreamMode") != "ON_DEMAND":
            arguments["ShardCount"] = shards
        kinesis.create_stream(StreamName=name, **arguments)
        wait(kinesis, name)
        return name

    return make


def arn_of(name):
    return f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/{name}"


def shards_of(kinesis, name, **arguments):
    return kinesis.list_shards(StreamName=name, **arguments)["Shards"]


def open_shards(kinesis, name):
    return [s for s in shards_of(kinesis, name) if "EndingSequenceNumber" not in s["SequenceNumberRange"]]


def test_a_stream_is_created_described_listed_and_deleted(served, fails):
    # A slower clock, to see the states in between.
    kinesis = served(time_scale=60).client("kinesis")
    kinesis.create_stream(StreamName="events", ShardCount=3, Tags={"team": "data", "pinfra:resource": "a.b/c"})
    new = kinesis.describe_stream(StreamName="events")["StreamDescription"]
    assert new["StreamStatus"] == "CREATING" and new["Shards"] == []
    assert new["StreamARN"] == arn_of("events")
    with fails("ResourceInUseException", status=400, message="Stream events under account 123456789012 already exists."):
        kinesis.create_stream(StreamName="events", ShardCount=3)
    with fails("ResourceInUseException", message="not ACTIVE, instead in state CREATING"):
        kinesis.update_shard_count(StreamName="events", TargetShardCount=4, ScalingType="UNIFORM_SCALING")
    with fails("ResourceNotFoundException"):
        kinesis.put_record(StreamName="events", Data=b"x", PartitionKey="k")
    wait(kinesis, "events")
    made = kinesis.describe_stream(StreamARN=arn_of("events"))["StreamDescription"]
    assert made["StreamModeDetails"] == {"StreamMode": "PROVISIONED"}
    assert made["RetentionPeriodHours"] == 24 and made["EncryptionType"] == "NONE" and "KeyId" not in made
    assert made["EnhancedMonitoring"] == [{"ShardLevelMetrics": []}] and made["HasMoreShards"] is False
    assert isinstance(made["StreamCreationTimestamp"], datetime.datetime)
    assert [s["ShardId"] for s in made["Shards"]] == [f"shardId-{n:012}" for n in range(3)]
    ranges = [s["HashKeyRange"] for s in made["Shards"]]
    assert ranges[0] == {"StartingHashKey": "0", "EndingHashKey": "113427455640312821154458202477256070484"}
    assert ranges[2]["EndingHashKey"] == str(2**128 - 1)
    assert all(len(s["SequenceNumberRange"]["StartingSequenceNumber"]) == 56 for s in made["Shards"])
    tags = kinesis.list_tags_for_stream(StreamName="events")
    assert tags["Tags"] == [{"Key": "pinfra:resource", "Value": "a.b/c"}, {"Key": "team", "Value": "data"}]
    kinesis.delete_stream(StreamName="events")
    assert status(kinesis, "events") == "DELETING"
    assert kinesis.list_streams()["StreamSummaries"][0]["StreamStatus"] == "DELETING"
    with fails("ResourceInUseException"):
        kinesis.create_stream(StreamName="events", ShardCount=1)
    deadline = time.monotonic() + 10
    while kinesis.list_streams()["StreamNames"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with fails("ResourceNotFoundException", status=400, message="Stream events under account 123456789012 not found."):
        kinesis.describe_stream(StreamName="events")
    kinesis.create_stream(StreamName="events", ShardCount=1)


def test_what_a_stream_needs_is_checked(kinesis, stream, unique, fails):
    name = unique("wrong")
    with fails("InvalidArgumentException"):
        kinesis.create_stream(StreamName=name)
    with fails("InvalidArgumentException"):
        kinesis.create_stream(StreamName=name, ShardCount=1, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    with fails("InvalidArgumentException", message="invalid characters"):
        kinesis.create_stream(StreamName=name, ShardCount=1, Tags={"a": 'b["c"]'})
    with fails("InvalidArgumentException"):
        kinesis.create_stream(StreamName=name, ShardCount=1, Tags={"aws:x": "b"})
    with fails("ValidationException", message="streamName"):
        kinesis.create_stream(StreamName="a b", ShardCount=1)
    with fails("LimitExceededException", message="shard limit"):
        kinesis.create_stream(StreamName=name, ShardCount=50_000)
    with fails("InvalidArgumentException"):
        kinesis.describe_stream()
    with fails("InvalidArgumentException"):
        kinesis.describe_stream(StreamName="a", StreamARN=arn_of("b"))
    with fails("ResourceNotFoundException"):
        kinesis.delete_stream(StreamName=name)


def test_streams_are_listed_in_pages(served):
    kinesis = served().client("kinesis")
    names = [f"s{n}" for n in range(4)]
    for name in names:
        kinesis.create_stream(StreamName=name, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    first = kinesis.list_streams(Limit=3)
    assert first["StreamNames"] == names[:3] and first["HasMoreStreams"] is True
    assert first["StreamSummaries"][0]["StreamARN"] == arn_of("s0")
    assert first["StreamSummaries"][0]["StreamModeDetails"] == {"StreamMode": "ON_DEMAND"}
    rest = kinesis.list_streams(NextToken=first["NextToken"])
    assert rest["StreamNames"] == names[3:] and rest["HasMoreStreams"] is False and "NextToken" not in rest
    assert kinesis.list_streams(ExclusiveStartStreamName="s2")["StreamNames"] == ["s3"]
    limits = kinesis.describe_limits()
    assert limits["OnDemandStreamCount"] == 4 and limits["OpenShardCount"] == 0 and limits["ShardLimit"] == 20000
    wait(kinesis, "s0")
    assert len(kinesis.describe_stream(StreamName="s0")["StreamDescription"]["Shards"]) == 4


def test_shards_are_described_and_listed_in_pages(kinesis, stream, fails):
    name = stream(5)
    page = kinesis.describe_stream(StreamName=name, Limit=2)["StreamDescription"]
    assert len(page["Shards"]) == 2 and page["HasMoreShards"] is True
    rest = kinesis.describe_stream(StreamName=name, ExclusiveStartShardId=page["Shards"][-1]["ShardId"])
    assert len(rest["StreamDescription"]["Shards"]) == 3
    page = kinesis.list_shards(StreamName=name, MaxResults=3)
    rest = kinesis.list_shards(NextToken=page["NextToken"])
    assert len(page["Shards"]) == 3 and len(rest["Shards"]) == 2 and "NextToken" not in rest
    with fails("InvalidArgumentException", message="NextToken and StreamName cannot be provided together."):
        kinesis.list_shards(StreamName=name, NextToken=page["NextToken"])
    assert len(shards_of(kinesis, name, ShardFilter={"Type": "AT_LATEST"})) == 5
    after = {"Type": "AFTER_SHARD_ID", "ShardId": "shardId-000000000003"}
    assert [s["ShardId"] for s in shards_of(kinesis, name, ShardFilter=after)] == ["shardId-000000000004"]


def test_the_shard_count_is_updated_in_legal_steps(kinesis, stream, fails):
    name = stream(2)
    with fails("InvalidArgumentException", message="cannot scale up over double your current open shard count"):
        kinesis.update_shard_count(StreamName=name, TargetShardCount=5, ScalingType="UNIFORM_SCALING")
    reply = kinesis.update_shard_count(StreamName=name, TargetShardCount=4, ScalingType="UNIFORM_SCALING")
    assert (reply["CurrentShardCount"], reply["TargetShardCount"]) == (2, 4)
    assert reply["StreamName"] == name and reply["StreamARN"] == arn_of(name)
    wait(kinesis, name)
    assert len(open_shards(kinesis, name)) == 4 and len(shards_of(kinesis, name)) == 6
    child = open_shards(kinesis, name)[0]
    assert child["ParentShardId"] == "shardId-000000000000" and child["HashKeyRange"]["StartingHashKey"] == "0"
    with fails("InvalidArgumentException", message="cannot scale down below half"):
        kinesis.update_shard_count(StreamName=name, TargetShardCount=1, ScalingType="UNIFORM_SCALING")
    kinesis.update_shard_count(StreamName=name, TargetShardCount=2, ScalingType="UNIFORM_SCALING")
    wait(kinesis, name)
    merged = open_shards(kinesis, name)[0]
    assert merged["ParentShardId"] and merged["AdjacentParentShardId"]
    assert kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["OpenShardCount"] == 2


def test_ten_shard_count_updates_a_day(served, fails):
    kinesis = served(time_scale=1000).client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=2)
    for n in range(10):
        wait(kinesis, "s")
        kinesis.update_shard_count(StreamName="s", TargetShardCount=3 - n % 2, ScalingType="UNIFORM_SCALING")
    wait(kinesis, "s")
    with fails("LimitExceededException", status=400):
        kinesis.update_shard_count(StreamName="s", TargetShardCount=3, ScalingType="UNIFORM_SCALING")


def test_shards_split_and_merge(kinesis, stream, fails):
    name = stream(2)
    one, two = (s["ShardId"] for s in shards_of(kinesis, name))
    with fails("InvalidArgumentException", message="is not both greater than one plus the shard's StartingHashKey"):
        kinesis.split_shard(StreamName=name, ShardToSplit=one, NewStartingHashKey="0")
    with fails("ResourceNotFoundException", message="Could not find shard"):
        kinesis.split_shard(StreamName=name, ShardToSplit="shardId-000000000009", NewStartingHashKey="9")
    kinesis.split_shard(StreamName=name, ShardToSplit=one, NewStartingHashKey="1000")
    assert status(kinesis, name) == "UPDATING"
    wait(kinesis, name)
    shards = {s["ShardId"]: s for s in shards_of(kinesis, name)}
    assert "EndingSequenceNumber" in shards[one]["SequenceNumberRange"]
    assert shards["shardId-000000000002"]["HashKeyRange"] == {"StartingHashKey": "0", "EndingHashKey": "999"}
    with fails("InvalidArgumentException", message="already been merged or split"):
        kinesis.split_shard(StreamName=name, ShardToSplit=one, NewStartingHashKey="1000")
    with fails("InvalidArgumentException", message="are not an adjacent pair of shards eligible for merging"):
        kinesis.merge_shards(StreamName=name, ShardToMerge="shardId-000000000002", AdjacentShardToMerge=two)
    kinesis.merge_shards(StreamName=name, ShardToMerge="shardId-000000000003", AdjacentShardToMerge=two)
    wait(kinesis, name)
    merged = open_shards(kinesis, name)[-1]
    assert merged["ParentShardId"] == "shardId-000000000003" and merged["AdjacentParentShardId"] == two
    assert merged["HashKeyRange"] == {"StartingHashKey": "1000", "EndingHashKey": str(2**128 - 1)}


def test_the_mode_changes_twice_a_day(kinesis, stream, fails):
    name = stream(2)
    for mode in ["ON_DEMAND", "PROVISIONED"]:
        kinesis.update_stream_mode(StreamARN=arn_of(name), StreamModeDetails={"StreamMode": mode})
        wait(kinesis, name)
        summary = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
        assert summary["StreamModeDetails"] == {"StreamMode": mode} and summary["OpenShardCount"] == 2
    with fails("LimitExceededException"):
        kinesis.update_stream_mode(StreamARN=arn_of(name), StreamModeDetails={"StreamMode": "ON_DEMAND"})
    on_demand = stream(StreamModeDetails={"StreamMode": "ON_DEMAND"})
    with fails("ValidationException"):
        kinesis.update_shard_count(StreamName=on_demand, TargetShardCount=8, ScalingType="UNIFORM_SCALING")
    reply = kinesis.update_stream_warm_throughput(StreamARN=arn_of(on_demand), WarmThroughputMiBps=8)
    assert reply["WarmThroughput"]["TargetMiBps"] == 8
    with fails("ValidationException"):
        kinesis.update_stream_warm_throughput(StreamARN=arn_of(name), WarmThroughputMiBps=8)


def test_on_demand_streams_can_spread_their_records(kinesis, stream, fails):
    name = stream(StreamModeDetails={"StreamMode": "ON_DEMAND"})
    summary = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    assert summary["RecordDistributionStrategy"] == "USER_PARTITION_KEY"
    with fails("InvalidArgumentException"):
        kinesis.put_record(StreamName=name, Data=b"x")
    kinesis.update_stream_record_distribution_strategy(StreamARN=arn_of(name), RecordDistributionStrategy="AUTO")
    assert len({kinesis.put_record(StreamName=name, Data=b"x", PartitionKey="k")["ShardId"] for _ in range(30)}) > 1
    provisioned = stream(1)
    with fails("InvalidArgumentException"):
        kinesis.update_stream_record_distribution_strategy(StreamARN=arn_of(provisioned), RecordDistributionStrategy="AUTO")
    assert "RecordDistributionStrategy" not in kinesis.describe_stream_summary(StreamName=provisioned)["StreamDescriptionSummary"]


def test_retention_goes_up_and_down_by_its_own_operations(kinesis, stream, fails):
    name = stream()
    with fails("InvalidArgumentException", message="Minimum allowed retention period is 24 hours"):
        kinesis.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=23)
    with fails("InvalidArgumentException", message="Maximum allowed retention period is 8760 hours"):
        kinesis.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=8761)
    kinesis.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=48)
    wait(kinesis, name)
    with fails("InvalidArgumentException", message="can not be shorter than existing retention period"):
        kinesis.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=36)
    with fails("InvalidArgumentException", message="can not be longer than existing retention period"):
        kinesis.decrease_stream_retention_period(StreamName=name, RetentionPeriodHours=72)
    kinesis.decrease_stream_retention_period(StreamName=name, RetentionPeriodHours=36)
    wait(kinesis, name)
    assert kinesis.describe_stream(StreamName=name)["StreamDescription"]["RetentionPeriodHours"] == 36


def test_encryption_metrics_and_record_size(kinesis, stream, fails):
    name = stream()
    with fails("KMSNotFoundException"):
        kinesis.start_stream_encryption(StreamName=name, EncryptionType="KMS", KeyId="nonsense")
    kinesis.start_stream_encryption(StreamName=name, EncryptionType="KMS", KeyId="alias/aws/kinesis")
    assert status(kinesis, name) == "UPDATING"
    wait(kinesis, name)
    encrypted = kinesis.describe_stream(StreamName=name)["StreamDescription"]
    assert (encrypted["EncryptionType"], encrypted["KeyId"]) == ("KMS", "alias/aws/kinesis")
    assert kinesis.put_record(StreamName=name, Data=b"x", PartitionKey="k")["EncryptionType"] == "KMS"
    kinesis.stop_stream_encryption(StreamName=name, EncryptionType="KMS", KeyId="alias/aws/kinesis")
    wait(kinesis, name)
    assert kinesis.describe_stream(StreamName=name)["StreamDescription"]["EncryptionType"] == "NONE"

    enabled = kinesis.enable_enhanced_monitoring(StreamName=name, ShardLevelMetrics=["IncomingBytes", "OutgoingBytes"])
    assert enabled["CurrentShardLevelMetrics"] == []
    assert enabled["DesiredShardLevelMetrics"] == ["IncomingBytes", "OutgoingBytes"]
    wait(kinesis, name)
    disabled = kinesis.disable_enhanced_monitoring(StreamName=name, ShardLevelMetrics=["OutgoingBytes"])
    assert disabled["DesiredShardLevelMetrics"] == ["IncomingBytes"]
    wait(kinesis, name)
    metrics = kinesis.describe_stream(StreamName=name)["StreamDescription"]["EnhancedMonitoring"]
    assert metrics == [{"ShardLevelMetrics": ["IncomingBytes"]}]
    assert len(kinesis.enable_enhanced_monitoring(StreamName=name, ShardLevelMetrics=["ALL"])["DesiredShardLevelMetrics"]) == 7
    wait(kinesis, name)

    with fails("InvalidArgumentException"):
        kinesis.put_record(StreamName=name, Data=b"x" * 1_100_000, PartitionKey="k")
    kinesis.update_max_record_size(StreamARN=arn_of(name), MaxRecordSizeInKiB=2048)
    wait(kinesis, name)
    summary = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    assert summary["MaxRecordSizeInKiB"] == 2048
    kinesis.put_record(StreamName=name, Data=b"x" * 1_100_000, PartitionKey="k")


def test_records_go_to_shards_by_md5_and_are_read_in_order(kinesis, stream, fails):
    name = stream(3)
    shards = shards_of(kinesis, name)
    sent = {}
    for n in range(20):
        key = f"key-{n}"
        reply = kinesis.put_record(StreamName=name, Data=f"{n}".encode(), PartitionKey=key)
        hashed = int(hashlib.md5(key.encode()).hexdigest(), 16)
        shard = next(s for s in shards if int(s["HashKeyRange"]["StartingHashKey"]) <= hashed <= int(s["HashKeyRange"]["EndingHashKey"]))
        assert reply["ShardId"] == shard["ShardId"]
        sent.setdefault(reply["ShardId"], []).append((key, f"{n}".encode(), reply["SequenceNumber"]))
    for shard, records in sent.items():
        numbers = [int(number) for _, _, number in records]
        assert numbers == sorted(numbers)
        iterator = kinesis.get_shard_iterator(StreamName=name, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        got = []
        while len(got) < len(records):
            page = kinesis.get_records(ShardIterator=iterator, Limit=2)
            assert len(page["Records"]) <= 2
            got += page["Records"]
            iterator = page["NextShardIterator"]
        assert [(r["PartitionKey"], r["Data"], r["SequenceNumber"]) for r in got] == records
        assert page["MillisBehindLatest"] == 0
    shard, records = next((s, r) for s, r in sent.items() if len(r) > 2)

    def read(kind, **arguments):
        it = kinesis.get_shard_iterator(StreamARN=arn_of(name), ShardId=shard, ShardIteratorType=kind, **arguments)
        return [r["SequenceNumber"] for r in kinesis.get_records(ShardIterator=it["ShardIterator"])["Records"]]

    numbers = [number for _, _, number in records]
    assert read("AT_SEQUENCE_NUMBER", StartingSequenceNumber=numbers[1]) == numbers[1:]
    assert read("AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=numbers[1]) == numbers[2:]
    assert read("LATEST") == []
    created = kinesis.describe_stream(StreamName=name)["StreamDescription"]["StreamCreationTimestamp"]
    assert read("AT_TIMESTAMP", Timestamp=created) == numbers
    explicit = kinesis.put_record(StreamName=name, Data=b"", PartitionKey="x", ExplicitHashKey=str(2**128 - 1))
    assert explicit["ShardId"] == "shardId-000000000002"
    with fails("InvalidArgumentException", message="and no StartingSequenceNumber"):
        read("AT_SEQUENCE_NUMBER")
    with fails("InvalidArgumentException", message="did not come from this stream"):
        read("AFTER_SEQUENCE_NUMBER", StartingSequenceNumber="1")
    with fails("InvalidArgumentException", message="Invalid ShardIterator."):
        kinesis.get_records(ShardIterator="nonsense")
    with fails("ResourceNotFoundException"):
        kinesis.get_shard_iterator(StreamName=name, ShardId="shardId-000000000099", ShardIteratorType="LATEST")


def test_many_records_and_the_end_of_a_closed_shard(kinesis, stream):
    name = stream(1)
    reply = kinesis.put_records(StreamName=name, Records=[{"Data": bytes([n]), "PartitionKey": "k"} for n in range(10)])
    assert reply["FailedRecordCount"] == 0 and reply["EncryptionType"] == "NONE"
    numbers = [int(r["SequenceNumber"]) for r in reply["Records"]]
    assert numbers == sorted(set(numbers))
    kinesis.update_shard_count(StreamName=name, TargetShardCount=2, ScalingType="UNIFORM_SCALING")
    wait(kinesis, name)
    start = kinesis.get_shard_iterator(StreamName=name, ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON")
    page = kinesis.get_records(ShardIterator=start["ShardIterator"])
    assert [r["Data"] for r in page["Records"]] == [bytes([n]) for n in range(10)]
    assert "NextShardIterator" not in page
    assert [c["ParentShards"] for c in page["ChildShards"]] == [["shardId-000000000000"]] * 2


def test_an_iterator_lives_five_minutes_of_the_clients_time(served, fails):
    kinesis = served(time_scale=10_000).client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    wait(kinesis, "s")
    it = kinesis.get_shard_iterator(StreamName="s", ShardId="shardId-000000000000", ShardIteratorType="LATEST")
    kinesis.put_record(StreamName="s", Data=b"later", PartitionKey="k")
    time.sleep(0.3)
    assert [r["Data"] for r in kinesis.get_records(ShardIterator=it["ShardIterator"])["Records"]] == [b"later"]


def test_tags_of_both_generations(kinesis, stream, fails):
    name = stream()
    kinesis.add_tags_to_stream(StreamName=name, Tags={"a": "1", "b": "2", "c": "3"})
    page = kinesis.list_tags_for_stream(StreamName=name, Limit=2)
    assert page["HasMoreTags"] is True and [t["Key"] for t in page["Tags"]] == ["a", "b"]
    rest = kinesis.list_tags_for_stream(StreamName=name, ExclusiveStartTagKey="b")
    assert rest["Tags"] == [{"Key": "c", "Value": "3"}] and rest["HasMoreTags"] is False
    kinesis.remove_tags_from_stream(StreamName=name, TagKeys=["a", "absent"])
    kinesis.tag_resource(ResourceARN=arn_of(name), Tags={"b": "20", "d": ""})
    kinesis.untag_resource(ResourceARN=arn_of(name), TagKeys=["c"])
    assert kinesis.list_tags_for_resource(ResourceARN=arn_of(name))["Tags"] == [
        {"Key": "b", "Value": "20"},
        {"Key": "d", "Value": ""},
    ]
    with fails("InvalidArgumentException"):
        kinesis.add_tags_to_stream(StreamName=name, Tags={f"k{n}": "" for n in range(49)})
    with fails("ResourceNotFoundException"):
        kinesis.tag_resource(ResourceARN=arn_of("absent"), Tags={"a": "b"})


def test_consumers_hold_their_stream(kinesis, stream, fails):
    name = stream()
    made = kinesis.register_stream_consumer(StreamARN=arn_of(name), ConsumerName="reader", Tags={"a": "b"})["Consumer"]
    assert made["ConsumerStatus"] == "CREATING"
    assert made["ConsumerARN"].startswith(f"{arn_of(name)}/consumer/reader:")
    with fails("ResourceInUseException"):
        kinesis.register_stream_consumer(StreamARN=arn_of(name), ConsumerName="reader")
    by_name = kinesis.describe_stream_consumer(StreamARN=arn_of(name), ConsumerName="reader")["ConsumerDescription"]
    by_arn = kinesis.describe_stream_consumer(ConsumerARN=made["ConsumerARN"])["ConsumerDescription"]
    assert by_name["StreamARN"] == by_arn["StreamARN"] == arn_of(name)
    assert [c["ConsumerName"] for c in kinesis.list_stream_consumers(StreamARN=arn_of(name))["Consumers"]] == ["reader"]
    assert kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["ConsumerCount"] == 1
    assert kinesis.list_tags_for_resource(ResourceARN=made["ConsumerARN"])["Tags"] == [{"Key": "a", "Value": "b"}]
    with fails("ResourceInUseException"):
        kinesis.delete_stream(StreamName=name)
    kinesis.deregister_stream_consumer(ConsumerARN=made["ConsumerARN"])
    assert kinesis.describe_stream_consumer(ConsumerARN=made["ConsumerARN"])["ConsumerDescription"]["ConsumerStatus"] == "DELETING"
    deadline = time.monotonic() + 10
    while kinesis.list_stream_consumers(StreamARN=arn_of(name))["Consumers"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    with fails("ResourceNotFoundException"):
        kinesis.describe_stream_consumer(ConsumerARN=made["ConsumerARN"])
    kinesis.register_stream_consumer(StreamARN=arn_of(name), ConsumerName="other")
    kinesis.delete_stream(StreamName=name, EnforceConsumerDeletion=True)


def test_resource_policies(kinesis, stream, fails):
    arn = arn_of(stream())
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kinesis:GetRecords", "Resource": arn}]})
    with fails("ResourceNotFoundException"):
        kinesis.get_resource_policy(ResourceARN=arn)
    with fails("InvalidArgumentException"):
        kinesis.put_resource_policy(ResourceARN=arn, Policy="{")
    kinesis.put_resource_policy(ResourceARN=arn, Policy=policy)
    assert kinesis.get_resource_policy(ResourceARN=arn)["Policy"] == policy
    kinesis.delete_resource_policy(ResourceARN=arn)
    with fails("ResourceNotFoundException"):
        kinesis.delete_resource_policy(ResourceARN=arn)


def test_the_account(kinesis):
    assert kinesis.describe_account_settings()["MinimumThroughputBillingCommitment"]["Status"] == "DISABLED"


def test_the_cli_puts_and_gets(aws_cli, kinesis, unique):
    name = unique("cli-stream")
    aws_cli("kinesis", "create-stream", "--stream-name", name, "--shard-count", 1, "--tags", "a=b")
    wait(kinesis, name)
    put = aws_cli("kinesis", "put-record", "--stream-name", name, "--partition-key", "k", "--data", "hello")
    assert put["ShardId"] == "shardId-000000000000"
    summary = aws_cli("kinesis", "describe-stream-summary", "--stream-name", name)["StreamDescriptionSummary"]
    assert summary["StreamStatus"] == "ACTIVE"
    aws_cli("kinesis", "delete-stream", "--stream-name", name)
    while name in kinesis.list_streams()["StreamNames"]:
        time.sleep(0.05)
    error = aws_cli.error("kinesis", "describe-stream", "--stream-name", name)
    assert error.code == "ResourceNotFoundException"
