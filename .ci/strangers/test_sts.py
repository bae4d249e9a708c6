"""STS: who calls, and the sessions of roles."""

import json

import pytest

ACCOUNT = "123456789012"


def trust(principal, condition=None):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture(scope="session")
def sts(client):
    return client("sts")


@pytest.fixture
def make_role(client, unique):
    def make(principal, condition=None, **arguments):
        iam = client("iam")
        return iam.create_role(RoleName=unique("role"), AssumeRolePolicyDocument=trust(principal, condition), **arguments)["Role"]

    return make


def test_who_calls(sts, aws_cli):
    identity = sts.get_caller_identity()
    assert identity["Account"] == ACCOUNT
    assert identity["Arn"].startswith(f"arn:aws:iam::{ACCOUNT}:")
    assert identity["UserId"]
    assert aws_cli("sts", "get-caller-identity")["Arn"] == identity["Arn"]


def test_a_role_that_trusts_the_account_is_assumed(client, sts, make_role):
    role = make_role({"AWS": ACCOUNT})
    session = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="tester", DurationSeconds=900)
    user = session["AssumedRoleUser"]
    assert user["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{role['RoleName']}/tester"
    assert user["AssumedRoleId"] == f"{role['RoleId']}:tester"
    keys = session["Credentials"]
    assert keys["AccessKeyId"].startswith("ASIA") and len(keys["AccessKeyId"]) == 20
    inside = client(
        "sts",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    identity = inside.get_caller_identity()
    assert (identity["Arn"], identity["UserId"]) == (user["Arn"], user["AssumedRoleId"])


def test_a_session_is_its_role_to_other_roles(client, sts, make_role):
    first = make_role({"AWS": ACCOUNT})
    second = make_role({"AWS": first["Arn"]})
    keys = sts.assume_role(RoleArn=first["Arn"], RoleSessionName="one")["Credentials"]
    inside = client(
        "sts",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    assert inside.assume_role(RoleArn=second["Arn"], RoleSessionName="two")["AssumedRoleUser"]["Arn"].endswith("/two")


def test_who_is_not_trusted_is_refused(sts, make_role, fails):
    role = make_role({"Service": "ec2.amazonaws.com"})
    with fails("AccessDenied", 403, f"is not authorized to perform: sts:AssumeRole on resource: {role['Arn']}"):
        sts.assume_role(RoleArn=role["Arn"], RoleSessionName="tester")
    with fails("AccessDenied", 403):
        sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/nobody", RoleSessionName="tester")


def test_the_external_id(sts, make_role, fails):
    role = make_role({"AWS": ACCOUNT}, {"StringEquals": {"sts:ExternalId": "secret"}})
    with fails("AccessDenied", 403):
        sts.assume_role(RoleArn=role["Arn"], RoleSessionName="tester")
    assert sts.assume_role(RoleArn=role["Arn"], RoleSessionName="tester", ExternalId="secret")


def test_a_session_is_no_longer_than_its_role_allows(sts, make_role, fails):
    role = make_role({"AWS": ACCOUNT}, MaxSessionDuration=3600)
    with fails("ValidationError", 400, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."):
        sts.assume_role(RoleArn=role["Arn"], RoleSessionName="tester", DurationSeconds=7200)
    with fails("ValidationError", 400):
        sts.assume_role(RoleArn=role["Arn"], RoleSessionName="no spaces")


def test_sessions_end(served, fails):
    cloud = served(time_scale=1000000)
    role = cloud.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=trust({"AWS": ACCOUNT}))["Role"]
    keys = cloud.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="short", DurationSeconds=900)["Credentials"]
    inside = cloud.client("sts", aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key="x", aws_session_token="x")
    import time

    time.sleep(0.1)
    with fails("ExpiredToken", 403):
        inside.get_caller_identity()
