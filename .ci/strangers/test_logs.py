"""CloudWatch Logs: every operation, with AWS's defaults, limits, pages and error texts."""

import gzip
import json
import time

import pytest

ACCOUNT = "123456789012"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"


@pytest.fixture(scope="module")
def logs(client):
    return client("logs")


@pytest.fixture
def group(logs, unique):
    """Makes log groups."""

    def make(**arguments):
        name = unique("/pipeline/group")
        logs.create_log_group(logGroupName=name, **arguments)
        return name

    return make


def arn_of(name):
    return f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{name}"


def described(logs, name):
    [found] = [g for g in logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"] if g["logGroupName"] == name]
    return found


def now_ms():
    return int(time.time() * 1000)


def test_a_group_is_created_described_and_deleted(logs, unique, fails):
    name = unique("/pipeline/client#1.x")
    logs.create_log_group(logGroupName=name, kmsKeyId=KEY, tags={"team": "data", "pinfra:resource": "a.b/c"})
    made = described(logs, name)
    assert made["arn"] == arn_of(name) + ":*" and made["logGroupArn"] == arn_of(name)
    assert made["logGroupClass"] == "STANDARD" and made["kmsKeyId"] == KEY
    assert made["storedBytes"] == 0 and made["metricFilterCount"] == 0 and made["deletionProtectionEnabled"] is False
    assert "retentionInDays" not in made and isinstance(made["creationTime"], int)
    with fails("ResourceAlreadyExistsException", status=400, message="The specified log group already exists"):
        logs.create_log_group(logGroupName=name)
    logs.delete_log_group(logGroupName=name)
    with fails("ResourceNotFoundException", status=400, message="The specified log group does not exist."):
        logs.delete_log_group(logGroupName=name)
    with fails("InvalidParameterException", message="reserved"):
        logs.create_log_group(logGroupName="aws/mine")
    with fails("InvalidParameterException", message="failed to satisfy constraint"):
        logs.create_log_group(logGroupName="with space")
    with fails("InvalidParameterException", message="KMS"):
        logs.create_log_group(logGroupName=name, kmsKeyId="alias/mine")


def test_groups_are_found_by_prefix_pattern_identifier_and_page(logs, unique, fails):
    stem = unique("/pages")
    names = [f"{stem}/{number:02}" for number in range(53)]
    for name in names:
        logs.create_log_group(logGroupName=name)
    first = logs.describe_log_groups(logGroupNamePrefix=stem)
    assert [g["logGroupName"] for g in first["logGroups"]] == names[:50]
    rest = logs.describe_log_groups(logGroupNamePrefix=stem, nextToken=first["nextToken"])
    assert [g["logGroupName"] for g in rest["logGroups"]] == names[50:] and "nextToken" not in rest
    pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=stem, PaginationConfig={"PageSize": 7})
    assert [g["logGroupName"] for page in pages for g in page["logGroups"]] == names
    found = logs.describe_log_groups(logGroupNamePattern=f"{stem[2:]}/5")["logGroups"]
    assert [g["logGroupName"] for g in found] == names[50:]
    assert all(set(g) == {"arn", "creationTime", "logGroupName"} for g in found), "a search shows no more"
    found = logs.describe_log_groups(logGroupIdentifiers=[names[3], "/nothing", arn_of(names[1])])["logGroups"]
    assert [g["logGroupName"] for g in found] == [names[1], names[3]]
    with fails("InvalidParameterException", message="mutually exclusive"):
        logs.describe_log_groups(logGroupNamePrefix=stem, logGroupNamePattern=stem)
    with fails("InvalidParameterException", message="at 'limit' failed to satisfy constraint"):
        logs.describe_log_groups(limit=51)
    with fails("InvalidParameterException", message="nextToken"):
        logs.describe_log_groups(nextToken="nonsense")
    listed = logs.list_log_groups(logGroupNamePattern=f"^{stem}/51|^{stem}/52")["logGroups"]
    assert listed == [
        {"logGroupName": name, "logGroupArn": arn_of(name), "logGroupClass": "STANDARD"} for name in names[51:]
    ]
    logs.tag_resource(resourceArn=arn_of(names[7]), tags={"only": stem})
    listed = logs.list_log_groups(logGroupTags=[{"key": "only", "values": [stem]}])["logGroups"]
    assert [g["logGroupName"] for g in listed] == [names[7]]


def test_retention_keys_and_protection(logs, group, fails):
    name = group()
    logs.put_retention_policy(logGroupName=name, retentionInDays=7)
    assert described(logs, name)["retentionInDays"] == 7
    with fails("InvalidParameterException", message="Value '8' at 'retentionInDays' failed to satisfy constraint"):
        logs.put_retention_policy(logGroupName=name, retentionInDays=8)
    logs.delete_retention_policy(logGroupName=name)
    assert "retentionInDays" not in described(logs, name)
    logs.associate_kms_key(logGroupName=name, kmsKeyId=KEY)
    assert described(logs, name)["kmsKeyId"] == KEY
    logs.disassociate_kms_key(resourceIdentifier=arn_of(name))
    assert "kmsKeyId" not in described(logs, name)
    with fails("InvalidParameterException", message="Exactly one"):
        logs.disassociate_kms_key()
    logs.put_log_group_deletion_protection(logGroupIdentifier=name, deletionProtectionEnabled=True)
    assert described(logs, name)["deletionProtectionEnabled"] is True
    logs.create_log_stream(logGroupName=name, logStreamName="s")
    for delete in (logs.delete_log_group, lambda **a: logs.delete_log_stream(logStreamName="s", **a)):
        with fails("ValidationException", message="deletion protection"):
            delete(logGroupName=name)
    logs.put_log_group_deletion_protection(logGroupIdentifier=arn_of(name), deletionProtectionEnabled=False)
    logs.delete_log_group(logGroupName=name)
    with fails("ResourceNotFoundException"):
        logs.put_log_group_deletion_protection(logGroupIdentifier=name, deletionProtectionEnabled=True)


def test_classes_differ_in_what_they_have(logs, group, fails):
    rare = group(logGroupClass="INFREQUENT_ACCESS")
    assert described(logs, rare)["logGroupClass"] == "INFREQUENT_ACCESS"
    with fails("InvalidOperationException"):
        logs.put_metric_filter(
            logGroupName=rare,
            filterName="f",
            filterPattern="",
            metricTransformations=[{"metricName": "m", "metricNamespace": "n", "metricValue": "1"}],
        )
    delivery = group(logGroupClass="DELIVERY")
    assert described(logs, delivery)["retentionInDays"] == 2
    with fails("InvalidParameterException"):
        logs.put_retention_policy(logGroupName=delivery, retentionInDays=7)
    found = logs.describe_log_groups(logGroupNamePrefix="/pipeline", logGroupClass="DELIVERY")["logGroups"]
    assert delivery in [g["logGroupName"] for g in found] and rare not in [g["logGroupName"] for g in found]


def test_tags_by_both_apis(logs, client, group, fails):
    name = group(tags={"a": "1"})
    arn = arn_of(name)
    logs.tag_resource(resourceArn=arn, tags={"b": "2"})
    logs.tag_log_group(logGroupName=name, tags={"c": "3"})
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "1", "b": "2", "c": "3"}
    logs.untag_resource(resourceArn=arn, tagKeys=["a", "nothing"])
    logs.untag_log_group(logGroupName=name, tags=["b"])
    assert logs.list_tags_log_group(logGroupName=name)["tags"] == {"c": "3"}
    with fails("InvalidParameterException"):
        logs.tag_resource(resourceArn=arn + ":*", tags={"d": "4"})
    with fails("InvalidParameterException"):
        logs.tag_resource(resourceArn=arn, tags={"aws:mine": "4"})
    with fails("InvalidParameterException"):
        logs.tag_resource(resourceArn=arn, tags={"brackets": "a[0]"})
    with fails("TooManyTagsException"):
        logs.tag_resource(resourceArn=arn, tags={f"k{number}": "" for number in range(50)})
    with fails("ResourceNotFoundException"):
        logs.list_tags_for_resource(resourceArn=arn_of("nothing"))
    tagging = client("resourcegroupstaggingapi")
    tagging.tag_resources(ResourceARNList=[arn], Tags={"owner": name})
    found = tagging.get_resources(
        ResourceTypeFilters=["logs:log-group"], TagFilters=[{"Key": "owner", "Values": [name]}]
    )["ResourceTagMappingList"]
    assert [f["ResourceARN"] for f in found] == [arn]
    tagging.untag_resources(ResourceARNList=[arn], TagKeys=["owner"])
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"c": "3"}


def test_streams_are_listed_in_every_order(logs, group, fails):
    name = group()
    for stream in ("b", "c", "a"):
        logs.create_log_stream(logGroupName=name, logStreamName=stream)
    with fails("ResourceAlreadyExistsException", message="The specified log stream already exists"):
        logs.create_log_stream(logGroupName=name, logStreamName="a")
    with fails("ResourceNotFoundException", message="The specified log group does not exist."):
        logs.create_log_stream(logGroupName="/nothing", logStreamName="a")
    base = now_ms() - 60_000
    for offset, stream in enumerate(("c", "a")):
        logs.put_log_events(
            logGroupName=name, logStreamName=stream, logEvents=[{"timestamp": base + offset, "message": stream}]
        )

    def names(**arguments):
        return [s["logStreamName"] for s in logs.describe_log_streams(logGroupName=name, **arguments)["logStreams"]]

    assert names() == ["a", "b", "c"] and names(descending=True) == ["c", "b", "a"]
    assert names(orderBy="LastEventTime", descending=True) == ["a", "c", "b"]
    assert names(logStreamNamePrefix="b") == ["b"]
    with fails("InvalidParameterException", message="Cannot order by LastEventTime with a logStreamNamePrefix."):
        names(orderBy="LastEventTime", logStreamNamePrefix="b")
    for descending in (False, True):
        pages = logs.get_paginator("describe_log_streams").paginate(
            logGroupName=name, descending=descending, PaginationConfig={"PageSize": 2}
        )
        assert [s["logStreamName"] for p in pages for s in p["logStreams"]] == names(descending=descending)
    stream = logs.describe_log_streams(logGroupIdentifier=arn_of(name), limit=1)["logStreams"][0]
    assert stream["arn"] == f"{arn_of(name)}:log-stream:a" and stream["storedBytes"] == 0
    assert stream["firstEventTimestamp"] == stream["lastEventTimestamp"] == base + 1
    assert stream["lastIngestionTime"] >= base and stream["uploadSequenceToken"].isdigit()
    with fails("InvalidParameterException", message="mutually exclusive"):
        logs.describe_log_streams(logGroupName=name, logGroupIdentifier=name)
    with fails("InvalidParameterException", message="must be provided"):
        logs.describe_log_streams()
    logs.delete_log_stream(logGroupName=name, logStreamName="b")
    with fails("ResourceNotFoundException", message="The specified log stream does not exist."):
        logs.delete_log_stream(logGroupName=name, logStreamName="b")


def test_events_are_put_and_read_in_both_directions(logs, group, fails):
    name = group()
    where = {"logGroupName": name, "logStreamName": "s"}
    logs.create_log_stream(**where)
    empty = logs.get_log_events(**where)
    assert empty["events"] == []
    base = now_ms() - 3_600_000
    sent = [{"timestamp": base + n, "message": f"event {n}"} for n in range(10)]
    put = logs.put_log_events(logEvents=sent, sequenceToken="ignored", **where)
    assert put["nextSequenceToken"].isdigit() and "rejectedLogEventsInfo" not in put
    # The token of an empty stream leads to what came later.
    later = logs.get_log_events(nextToken=empty["nextForwardToken"], **where)
    assert [e["message"] for e in later["events"]] == [e["message"] for e in sent]

    def messages(page):
        return [int(e["message"].split()[1]) for e in page["events"]]

    newest = logs.get_log_events(limit=3, **where)
    assert messages(newest) == [7, 8, 9] and newest["events"][0]["timestamp"] == base + 7
    assert newest["events"][0]["ingestionTime"] > base
    before = logs.get_log_events(limit=3, nextToken=newest["nextBackwardToken"], **where)
    assert messages(before) == [4, 5, 6]
    end = logs.get_log_events(nextToken=newest["nextForwardToken"], **where)
    assert end["events"] == [] and end["nextForwardToken"] == newest["nextForwardToken"]
    assert messages(logs.get_log_events(limit=1, nextToken=end["nextBackwardToken"], **where)) == [9]
    first = logs.get_log_events(limit=4, startFromHead=True, **where)
    assert messages(first) == [0, 1, 2, 3]
    assert messages(logs.get_log_events(limit=4, nextToken=first["nextForwardToken"], **where)) == [4, 5, 6, 7]
    start = logs.get_log_events(nextToken=first["nextBackwardToken"], **where)
    assert start["events"] == [] and start["nextBackwardToken"] == first["nextBackwardToken"]
    assert messages(logs.get_log_events(limit=1, nextToken=start["nextForwardToken"], **where)) == [0]
    assert messages(logs.get_log_events(startTime=base + 2, endTime=base + 4, **where)) == [2, 3]
    with fails("InvalidParameterException", message="nextToken"):
        logs.get_log_events(nextToken="nonsense", **where)
    with fails("ResourceNotFoundException", message="The specified log stream does not exist."):
        logs.get_log_events(logGroupName=name, logStreamName="nothing")


def test_what_cannot_be_put_is_refused_or_told(logs, group, fails):
    name = group()
    logs.put_retention_policy(logGroupName=name, retentionInDays=1)
    where = {"logGroupName": name, "logStreamName": "s"}
    logs.create_log_stream(**where)
    now, day = now_ms(), 86_400_000
    with fails("InvalidParameterException", message="chronological order"):
        logs.put_log_events(logEvents=[{"timestamp": now, "message": "b"}, {"timestamp": now - 1, "message": "a"}], **where)
    with fails("InvalidParameterException", message="Log event too large: 1048577 bytes exceeds limit of 1048576"):
        logs.put_log_events(logEvents=[{"timestamp": now, "message": "x" * (1_048_577 - 26)}], **where)
    half = {"timestamp": now, "message": "x" * (524_289 - 26)}
    with fails("InvalidParameterException", message="Upload too large: 1048578 bytes exceeds limit of 1048576"):
        logs.put_log_events(logEvents=[half, half], **where)
    with fails("ResourceNotFoundException", message="The specified log stream does not exist."):
        logs.put_log_events(logGroupName=name, logStreamName="nothing", logEvents=[half])


def test_old_new_and_expired_events(served):
    # A slow clock: events are judged by the time of those who write them.
    logs = served(time_scale=1).client("logs")
    logs.create_log_group(logGroupName="g")
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    now, hour, day = now_ms(), 3_600_000, 86_400_000
    times = [now - 20 * day, now - 3 * day, now - hour, now, now + 3 * hour]
    events = [{"timestamp": t, "message": str(n)} for n, t in enumerate(times)]
    logs.put_retention_policy(logGroupName="g", retentionInDays=1)
    put = logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=events)
    assert put["rejectedLogEventsInfo"] == {
        "tooOldLogEventEndIndex": 1,
        "expiredLogEventEndIndex": 2,
        "tooNewLogEventStartIndex": 4,
    }
    read = logs.get_log_events(logGroupName="g", logStreamName="s", startFromHead=True)["events"]
    assert [e["message"] for e in read] == ["2", "3"]
    logs.put_retention_policy(logGroupName="g", retentionInDays=30)
    try:
        logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=events[1:4])
        raise AssertionError("a batch of three days was taken")
    except logs.exceptions.InvalidParameterException as error:
        assert "24 hours" in str(error)


def test_stored_bytes_lag(served):
    fast = served(time_scale=36_000).client("logs")
    fast.create_log_group(logGroupName="g")
    fast.create_log_stream(logGroupName="g", logStreamName="s")
    fast.put_log_events(logGroupName="g", logStreamName="s", logEvents=[{"timestamp": now_ms(), "message": "x" * 74}])
    deadline = time.monotonic() + 10
    while described(fast, "g")["storedBytes"] == 0:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert described(fast, "g")["storedBytes"] == 100


def test_events_are_filtered_over_streams(logs, group, fails):
    name = group()
    base = now_ms() - 60_000
    for offset, stream in enumerate(("a-1", "a-2", "b")):
        logs.create_log_stream(logGroupName=name, logStreamName=stream)
        logs.put_log_events(
            logGroupName=name,
            logStreamName=stream,
            logEvents=[
                {"timestamp": base + offset, "message": f"INFO {stream} started"},
                {"timestamp": base + 10 + offset, "message": f"ERROR {stream} broker not available"},
            ],
        )

    def found(**arguments):
        return [e["message"] for e in logs.filter_log_events(logGroupName=name, **arguments)["events"]]

    assert found(filterPattern="INFO") == ["INFO a-1 started", "INFO a-2 started", "INFO b started"]
    assert found(filterPattern='"broker not"', logStreamNamePrefix="a-") == [
        "ERROR a-1 broker not available",
        "ERROR a-2 broker not available",
    ]
    assert found(filterPattern="?INFO ?WARN", logStreamNames=["b"]) == ["INFO b started"]
    assert found(filterPattern="broker -b") == [] and len(found()) == 6
    assert found(startTime=base + 1, endTime=base + 2) == ["INFO a-2 started", "INFO b started"], "the end is part of the range"
    one = logs.get_log_events(logGroupName=name, logStreamName="b", startTime=base + 2, endTime=base + 12, startFromHead=True)["events"]
    assert [e["timestamp"] for e in one] == [base + 2], "here it is not"
    assert found(startFromHead=False)[0].startswith("ERROR b")
    newest = logs.filter_log_events(logGroupName=name, startFromHead=False, limit=4)
    rest = logs.filter_log_events(logGroupName=name, nextToken=newest["nextToken"])
    assert [e["message"] for page in (newest, rest) for e in page["events"]] == found()[::-1], "a token keeps its direction"
    forward = logs.filter_log_events(logGroupName=name, limit=4)["nextToken"]
    assert found(nextToken=forward, startFromHead=False) == found()[4:]
    new_year = 1_704_067_200_000
    assert len(found(startFromHead=False, startTime=new_year)) == 6 == len(found(startTime=new_year - 1))
    with fails("InvalidParameterException", message="startFromHead"):
        found(startFromHead=False, startTime=new_year - 1)
    with fails("InvalidParameterException", message="nextToken"):
        found(nextToken="nonsense")
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=name, PaginationConfig={"PageSize": 4})
    events = [e for page in pages for e in page["events"]]
    assert [e["message"] for e in events] == found() and len({e["eventId"] for e in events}) == 6
    assert events[0]["logStreamName"] == "a-1" and events[0]["timestamp"] == base
    with fails("InvalidParameterException"):
        found(logStreamNames=["b"], logStreamNamePrefix="b")
    with fails("ResourceNotFoundException"):
        found(logStreamNames=["nothing"])
    with fails("InvalidParameterException", message="filter pattern"):
        found(filterPattern='"open')
    with fails("NotImplemented", status=501):
        found(filterPattern="{ $.level = ERROR }")


def test_metric_filters(logs, group, fails):
    name = group()
    transformation = {"metricName": "Errors", "metricNamespace": name, "metricValue": "1", "defaultValue": 0.0}
    where = {"logGroupName": name, "filterName": "errors"}
    logs.put_metric_filter(filterPattern="ERROR", metricTransformations=[transformation], **where)
    [made] = logs.describe_metric_filters(logGroupName=name)["metricFilters"]
    assert made["filterPattern"] == "ERROR" and made["metricTransformations"] == [transformation]
    assert made["logGroupName"] == name and made["applyOnTransformedLogs"] is False
    assert described(logs, name)["metricFilterCount"] == 1
    logs.put_metric_filter(filterPattern="WARN", metricTransformations=[transformation], **where)
    [changed] = logs.describe_metric_filters(metricName="Errors", metricNamespace=name)["metricFilters"]
    assert changed["filterPattern"] == "WARN" and changed["creationTime"] == made["creationTime"]
    assert logs.describe_metric_filters(logGroupName=name, filterNamePrefix="x")["metricFilters"] == []
    with fails("InvalidParameterException", message="mutually exclusive"):
        both = {**transformation, "dimensions": {"a": "$.a"}}
        logs.put_metric_filter(filterPattern="", metricTransformations=[both], **where)
    with fails("InvalidParameterException", message="together"):
        logs.describe_metric_filters(metricName="Errors")
    logs.delete_metric_filter(**where)
    with fails("ResourceNotFoundException", message="The specified metric filter does not exist."):
        logs.delete_metric_filter(**where)


def test_a_subscription_hands_events_to_kinesis(logs, client, group, unique, fails):
    name, stream, role = group(), unique("subscribed"), unique("subscriber")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "logs.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    role_arn = client("iam").create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    kinesis = client("kinesis")
    destination = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/{stream}"
    where = {"logGroupName": name, "filterName": "all"}
    with fails("InvalidParameterException", message="Could not deliver test message"):
        logs.put_subscription_filter(filterPattern="", destinationArn=destination, roleArn=role_arn, **where)
    kinesis.create_stream(StreamName=stream, ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName=stream, WaiterConfig={"Delay": 1})
    with fails("InvalidParameterException", message="roleArn"):
        logs.put_subscription_filter(filterPattern="", destinationArn=destination, **where)
    logs.put_subscription_filter(filterPattern="ERROR", destinationArn=destination, roleArn=role_arn, **where)
    [made] = logs.describe_subscription_filters(logGroupName=name)["subscriptionFilters"]
    assert made["destinationArn"] == destination and made["roleArn"] == role_arn
    assert made["distribution"] == "ByLogStream" and made["filterPattern"] == "ERROR"
    logs.create_log_stream(logGroupName=name, logStreamName="s")
    sent = [{"timestamp": now_ms(), "message": "ERROR one"}, {"timestamp": now_ms(), "message": "INFO two"}]
    logs.put_log_events(logGroupName=name, logStreamName="s", logEvents=sent)
    shard = kinesis.get_shard_iterator(StreamName=stream, ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON")
    records = kinesis.get_records(ShardIterator=shard["ShardIterator"])["Records"]
    hello, data = [json.loads(gzip.decompress(record["Data"])) for record in records]
    assert hello["messageType"] == "CONTROL_MESSAGE" and records[1]["PartitionKey"] == "s"
    assert data["messageType"] == "DATA_MESSAGE" and data["owner"] == ACCOUNT
    assert data["logGroup"] == name and data["logStream"] == "s" and data["subscriptionFilters"] == ["all"]
    assert [e["message"] for e in data["logEvents"]] == ["ERROR one"]
    large = [{"timestamp": now_ms(), "message": f"ERROR {number} " + '"' * 100_000} for number in range(10)]
    logs.put_log_events(logGroupName=name, logStreamName="s", logEvents=large)
    records = kinesis.get_records(ShardIterator=shard["ShardIterator"])["Records"][2:]
    parts = [json.loads(gzip.decompress(record["Data"]))["logEvents"] for record in records]
    assert len(parts) > 1 and all(len(json.dumps(part)) <= 256 * 1024 for part in parts)
    assert [e["message"] for part in parts for e in part] == [e["message"] for e in large], "none is lost"
    logs.put_subscription_filter(logGroupName=name, filterName="second", filterPattern="", destinationArn=destination, roleArn=role_arn)
    with fails("LimitExceededException", message="Resource limit exceeded."):
        logs.put_subscription_filter(logGroupName=name, filterName="third", filterPattern="", destinationArn=destination, roleArn=role_arn)
    with fails("NotImplemented", status=501):
        logs.put_subscription_filter(filterPattern="", destinationArn=f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f", **where)
    logs.delete_subscription_filter(**where)
    with fails("ResourceNotFoundException"):
        logs.delete_subscription_filter(**where)


def test_resource_policies_of_account_and_group(served, fails):
    logs = served().client("logs")
    allow = {"Effect": "Allow", "Principal": {"Service": "route53.amazonaws.com"}, "Action": "logs:PutLogEvents", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    made = logs.put_resource_policy(policyName="dns", policyDocument=document)["resourcePolicy"]
    assert made["policyName"] == "dns" and made["policyScope"] == "ACCOUNT" and made["policyDocument"] == document
    assert logs.describe_resource_policies()["resourcePolicies"] == [made]
    for number in range(9):
        logs.put_resource_policy(policyName=f"more-{number}", policyDocument=document)
    with fails("LimitExceededException"):
        logs.put_resource_policy(policyName="eleventh", policyDocument=document)
    with fails("InvalidParameterException"):
        logs.put_resource_policy(policyName="dns", policyDocument="no policy")
    logs.delete_resource_policy(policyName="dns")
    with fails("ResourceNotFoundException", message="Policy with name [dns] does not exist"):
        logs.delete_resource_policy(policyName="dns")
    logs.create_log_group(logGroupName="g")
    arn = arn_of("g")
    first = logs.put_resource_policy(resourceArn=arn, policyDocument=document)
    assert first["resourcePolicy"]["policyScope"] == "RESOURCE" and first["resourcePolicy"]["resourceArn"] == arn
    with fails("InvalidParameterException", message="expectedRevisionId"):
        logs.put_resource_policy(resourceArn=arn, policyDocument=document)
    second = logs.put_resource_policy(resourceArn=arn, policyDocument=document, expectedRevisionId=first["revisionId"])
    assert second["revisionId"] != first["revisionId"]
    [shown] = logs.describe_resource_policies(resourceArn=arn)["resourcePolicies"]
    assert shown["revisionId"] == second["revisionId"]
    logs.delete_resource_policy(resourceArn=arn, expectedRevisionId=second["revisionId"])
    assert logs.describe_resource_policies(resourceArn=arn)["resourcePolicies"] == []
    logs.create_log_group(logGroupName="gh")
    logs.put_resource_policy(resourceArn=arn_of("gh"), policyDocument=document)
    assert logs.describe_resource_policies(resourceArn=arn)["resourcePolicies"] == [], "another group's"
    logs.delete_log_group(logGroupName="gh")
    logs.create_log_group(logGroupName="gh")
    assert logs.describe_resource_policies(resourceArn=arn_of("gh"))["resourcePolicies"] == [], "it went with its group"


def test_groups_belong_to_their_region(logs, client, group, fails):
    name = group()
    west = client("logs", region="us-west-2")
    assert west.describe_log_groups(logGroupNamePrefix=name)["logGroups"] == []
    with fails("ResourceNotFoundException"):
        west.describe_log_streams(logGroupIdentifier=arn_of(name))


def test_the_cli(aws_cli, unique, tmp_path):
    name = unique("/cli/group")
    where = ("--log-group-name", name)
    aws_cli("logs", "create-log-group", *where, "--tags", "team=data")
    aws_cli("logs", "put-retention-policy", *where, "--retention-in-days", "14")
    [made] = aws_cli("logs", "describe-log-groups", "--log-group-name-prefix", name)["logGroups"]
    assert made["retentionInDays"] == 14
    aws_cli("logs", "create-log-stream", *where, "--log-stream-name", "s")
    events = tmp_path / "events.json"
    events.write_text(json.dumps([{"timestamp": now_ms(), "message": "from the CLI"}]))
    aws_cli("logs", "put-log-events", *where, "--log-stream-name", "s", "--log-events", f"file://{events}")
    assert aws_cli("logs", "get-log-events", *where, "--log-stream-name", "s")["events"][0]["message"] == "from the CLI"
    assert len(aws_cli("logs", "filter-log-events", *where, "--filter-pattern", "CLI")["events"]) == 1
    assert aws_cli("logs", "list-tags-for-resource", "--resource-arn", arn_of(name)) == {"tags": {"team": "data"}}
    aws_cli("logs", "delete-log-group", *where)
    assert aws_cli.error("logs", "delete-log-group", *where).code == "ResourceNotFoundException"
