"""Secrets Manager: every operation, with versions and their labels, recovery windows and AWS's error texts."""

import json
import re
import string
import time

import pytest

ACCOUNT = "123456789012"


@pytest.fixture(scope="module")
def secrets(client):
    return client("secretsmanager")


@pytest.fixture
def name(unique):
    return unique("app/secret")


def test_a_secret_is_created_described_and_read(secrets, name, fails):
    made = secrets.create_secret(Name=name, SecretString="one", Description="d", Tags=[{"Key": "a", "Value": "b"}])
    assert re.fullmatch(rf"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:{name}-[A-Za-z0-9]{{6}}", made["ARN"])
    assert made["Name"] == name and re.fullmatch(r"[0-9a-f-]{36}", made["VersionId"])
    with fails("ResourceExistsException", status=400, message=f"The operation failed because the secret {name} already exists."):
        secrets.create_secret(Name=name, SecretString="one")
    described = secrets.describe_secret(SecretId=name)
    assert described["VersionIdsToStages"] == {made["VersionId"]: ["AWSCURRENT"]}
    assert described["Tags"] == [{"Key": "a", "Value": "b"}] and described["Description"] == "d"
    assert "KmsKeyId" not in described and "DeletedDate" not in described and "LastAccessedDate" not in described
    got = secrets.get_secret_value(SecretId=made["ARN"])
    assert (got["SecretString"], got["VersionStages"], got["VersionId"]) == ("one", ["AWSCURRENT"], made["VersionId"])
    assert "SecretBinary" not in got
    assert secrets.get_secret_value(SecretId=made["ARN"].rsplit("-", 1)[0])["SecretString"] == "one"
    accessed = secrets.describe_secret(SecretId=name)["LastAccessedDate"]
    assert accessed.timestamp() % 86_400 == 0
    with fails("ResourceNotFoundException", status=400, message="Secrets Manager can't find the specified secret."):
        secrets.get_secret_value(SecretId="absent")
    with fails("ValidationException", message="Invalid name."):
        secrets.create_secret(Name="a b", SecretString="x")
    with fails("InvalidParameterException"):
        secrets.create_secret(Name=f"{name}x", SecretString="x", SecretBinary=b"x")


def test_versions_move_their_labels(secrets, name, fails):
    first = secrets.create_secret(Name=name, SecretString="1")["VersionId"]
    second = secrets.put_secret_value(SecretId=name, SecretBinary=b"\x00\xff")
    assert second["VersionStages"] == ["AWSCURRENT"]
    got = secrets.get_secret_value(SecretId=name)
    assert got["SecretBinary"] == b"\x00\xff" and "SecretString" not in got
    assert secrets.get_secret_value(SecretId=name, VersionStage="AWSPREVIOUS")["VersionId"] == first
    assert secrets.get_secret_value(SecretId=name, VersionId=first)["SecretString"] == "1"
    pending = secrets.put_secret_value(SecretId=name, SecretString="3", VersionStages=["AWSPENDING"])["VersionId"]
    assert secrets.get_secret_value(SecretId=name)["VersionId"] == second["VersionId"]
    with fails("InvalidParameterException", message="RemoveFromVersionId can't be empty"):
        secrets.update_secret_version_stage(SecretId=name, VersionStage="AWSCURRENT", MoveToVersionId=pending)
    secrets.update_secret_version_stage(
        SecretId=name, VersionStage="AWSCURRENT", MoveToVersionId=pending, RemoveFromVersionId=second["VersionId"]
    )
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "3"
    stages = secrets.describe_secret(SecretId=name)["VersionIdsToStages"]
    assert stages[second["VersionId"]] == ["AWSPREVIOUS"] and first not in stages
    versions = secrets.list_secret_version_ids(SecretId=name)["Versions"]
    assert [v["VersionId"] for v in versions] == [second["VersionId"], pending]
    assert len(secrets.list_secret_version_ids(SecretId=name, IncludeDeprecated=True)["Versions"]) == 3
    with fails("ResourceNotFoundException", message="for staging label: OTHER"):
        secrets.get_secret_value(SecretId=name, VersionStage="OTHER")
    with fails("ResourceNotFoundException", message="for VersionId"):
        secrets.get_secret_value(SecretId=name, VersionId="0" * 32)
    with fails("InvalidRequestException"):
        secrets.put_secret_value(SecretId=name)


def test_a_token_makes_requests_repeatable(secrets, name, fails):
    token = "12345678-1234-4234-8234-123456789012"
    made = secrets.create_secret(Name=name, SecretString="1", ClientRequestToken=token)
    assert made["VersionId"] == token
    assert secrets.create_secret(Name=name, SecretString="1", ClientRequestToken=token)["ARN"] == made["ARN"]
    assert secrets.put_secret_value(SecretId=name, SecretString="1", ClientRequestToken=token)["VersionId"] == token
    with fails("ResourceExistsException", message="already in use for a version"):
        secrets.put_secret_value(SecretId=name, SecretString="2", ClientRequestToken=token)


def test_a_secret_without_a_value(secrets, name, fails):
    assert "VersionId" not in secrets.create_secret(Name=name)
    assert "VersionIdsToStages" not in secrets.describe_secret(SecretId=name)
    with fails("ResourceNotFoundException", message="staging label: AWSCURRENT"):
        secrets.get_secret_value(SecretId=name)
    updated = secrets.update_secret(SecretId=name, SecretString="now", Description="later", KmsKeyId="alias/mine")
    assert updated["VersionId"]
    described = secrets.describe_secret(SecretId=name)
    assert (described["Description"], described["KmsKeyId"]) == ("later", "alias/mine")
    assert "VersionId" not in secrets.update_secret(SecretId=name, Description="again")


def test_deletion_leaves_a_recovery_window(secrets, name, fails):
    made = secrets.create_secret(Name=name, SecretString="x")
    with fails("InvalidParameterException", message="between 7 and 30 days"):
        secrets.delete_secret(SecretId=name, RecoveryWindowInDays=6)
    with fails("InvalidParameterException", message="in conjunction with RecoveryWindowInDays"):
        secrets.delete_secret(SecretId=name, RecoveryWindowInDays=7, ForceDeleteWithoutRecovery=True)
    gone = secrets.delete_secret(SecretId=name, RecoveryWindowInDays=7)
    deleted = secrets.describe_secret(SecretId=name)["DeletedDate"]
    assert 6.9 < (gone["DeletionDate"] - deleted).total_seconds() / 86400 < 7.1
    for call in [
        lambda: secrets.get_secret_value(SecretId=name),
        lambda: secrets.put_secret_value(SecretId=name, SecretString="y"),
        lambda: secrets.delete_secret(SecretId=name),
        lambda: secrets.tag_resource(SecretId=name, Tags=[{"Key": "a", "Value": "b"}]),
    ]:
        with fails("InvalidRequestException", status=400, message="because it was marked for deletion."):
            call()
    with fails("InvalidRequestException", message="already scheduled for deletion"):
        secrets.create_secret(Name=name, SecretString="y")
    by_name = [{"Key": "name", "Values": [name]}]
    assert secrets.list_secrets(Filters=by_name)["SecretList"] == []
    assert len(secrets.list_secrets(Filters=by_name, IncludePlannedDeletion=True)["SecretList"]) == 1
    secrets.restore_secret(SecretId=name)
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "x"
    secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    with fails("ResourceNotFoundException"):
        secrets.describe_secret(SecretId=name)
    assert secrets.create_secret(Name=name, SecretString="z")["ARN"] != made["ARN"]


def test_the_window_ends(served, fails):
    secrets = served(time_scale=1_000_000).client("secretsmanager")
    secrets.create_secret(Name="s", SecretString="x")
    secrets.delete_secret(SecretId="s", RecoveryWindowInDays=7)
    # 7 simulated days are 0.6 s.
    time.sleep(0.8)
    with fails("ResourceNotFoundException"):
        secrets.describe_secret(SecretId="s")
    secrets.create_secret(Name="s", SecretString="y")


def test_secrets_are_listed_filtered_and_read_in_bulk(secrets, unique, fails):
    stem = unique("bulk")
    names = [f"{stem}/{n}" for n in range(4)]
    for name in names:
        secrets.create_secret(Name=name, SecretString=name, Tags=[{"Key": "stem", "Value": stem}])
    by_name = [{"Key": "name", "Values": [f"{stem}/"]}]
    page = secrets.list_secrets(Filters=by_name, MaxResults=3)
    rest = secrets.list_secrets(Filters=by_name, MaxResults=3, NextToken=page["NextToken"])
    assert [s["Name"] for s in page["SecretList"] + rest["SecretList"]] == names
    assert page["SecretList"][0]["Tags"] == [{"Key": "stem", "Value": stem}]
    assert len(page["SecretList"][0]["SecretVersionsToStages"]) == 1
    down = secrets.list_secrets(Filters=by_name, SortOrder="desc", SortBy="name")["SecretList"]
    assert [s["Name"] for s in down] == names[::-1]
    by_tag = [{"Key": "tag-value", "Values": [stem]}, {"Key": "name", "Values": [f"!{names[0]}"]}]
    assert len(secrets.list_secrets(Filters=by_tag)["SecretList"]) == 3
    got = secrets.batch_get_secret_value(SecretIdList=[names[0], "absent"])
    assert [v["SecretString"] for v in got["SecretValues"]] == [names[0]]
    assert [(e["SecretId"], e["ErrorCode"]) for e in got["Errors"]] == [("absent", "ResourceNotFoundException")]
    got = secrets.batch_get_secret_value(Filters=by_name, MaxResults=3)
    assert len(got["SecretValues"]) == 3 and got["NextToken"]
    with fails("InvalidParameterException"):
        secrets.batch_get_secret_value(SecretIdList=names, Filters=by_name)
    with fails("InvalidNextTokenException"):
        secrets.list_secrets(NextToken="nonsense")


def test_tags_and_policies(secrets, name, fails):
    secrets.create_secret(Name=name, SecretString="x", Tags=[{"Key": "a", "Value": "1"}])
    secrets.tag_resource(SecretId=name, Tags=[{"Key": "b", "Value": "2"}])
    secrets.untag_resource(SecretId=name, TagKeys=["a"])
    assert secrets.describe_secret(SecretId=name)["Tags"] == [{"Key": "b", "Value": "2"}]
    statement = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "secretsmanager:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    public = json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Principal": "*"}]})
    assert "ResourcePolicy" not in secrets.get_resource_policy(SecretId=name)
    with fails("MalformedPolicyDocumentException"):
        secrets.put_resource_policy(SecretId=name, ResourcePolicy="{")
    with fails("PublicPolicyException"):
        secrets.put_resource_policy(SecretId=name, ResourcePolicy=public, BlockPublicPolicy=True)
    secrets.put_resource_policy(SecretId=name, ResourcePolicy=policy)
    assert secrets.get_resource_policy(SecretId=name)["ResourcePolicy"] == policy
    assert secrets.validate_resource_policy(ResourcePolicy=policy)["PolicyValidationPassed"] is True
    assert secrets.validate_resource_policy(SecretId=name, ResourcePolicy=public)["PolicyValidationPassed"] is False
    secrets.delete_resource_policy(SecretId=name)
    assert "ResourcePolicy" not in secrets.get_resource_policy(SecretId=name)


def test_random_passwords(secrets, fails):
    one = secrets.get_random_password()["RandomPassword"]
    assert len(one) == 32 and one != secrets.get_random_password()["RandomPassword"]
    kinds = [string.ascii_lowercase, string.ascii_uppercase, string.digits, string.punctuation]
    assert all(set(one) & set(kind) for kind in kinds)
    plain = secrets.get_random_password(PasswordLength=200, ExcludePunctuation=True, ExcludeCharacters="abc0")["RandomPassword"]
    assert plain.isalnum() and not set(plain) & set("abc0")
    with fails("InvalidParameterException"):
        secrets.get_random_password(PasswordLength=3)
    assert len(secrets.get_random_password(PasswordLength=3, RequireEachIncludedType=False)["RandomPassword"]) == 3


def test_what_is_not_modelled_says_so(secrets, name, fails):
    secrets.create_secret(Name=name, SecretString="x")
    with fails("NotImplemented", status=501):
        secrets.rotate_secret(SecretId=name)
    with fails("NotImplemented", status=501):
        secrets.create_secret(Name=f"{name}x", AddReplicaRegions=[{"Region": "eu-west-1"}])


def test_the_cli(aws_cli, name):
    aws_cli("secretsmanager", "create-secret", "--name", name, "--secret-string", "v")
    assert aws_cli("secretsmanager", "get-secret-value", "--secret-id", name)["SecretString"] == "v"
    error = aws_cli.error("secretsmanager", "get-secret-value", "--secret-id", f"{name}/absent")
    assert error.code == "ResourceNotFoundException"
