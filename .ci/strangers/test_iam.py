"""IAM as boto3 and the AWS CLI see it: replies, rewriting, errors with AWS's codes and sentences."""

import json
import re
import urllib.parse
import urllib.request

import pytest

ACCOUNT = "123456789012"
EC2_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
READ_BUCKETS = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::a bucket/*"}],
}
S3_FULL = "arn:aws:iam::aws:policy/AmazonS3FullAccess"


@pytest.fixture(scope="session")
def iam(client):
    return client("iam")


@pytest.fixture
def role(iam, unique):
    """The name of a new role that EC2 may assume."""
    name = unique("role")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(EC2_TRUST))
    return name


def trusting(*principals, action="sts:AssumeRole"):
    statement = {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": action}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def names(pages, member, key):
    return [item[key] for page in pages for item in page[member]]


# Roles


def test_a_role_is_created_with_all_that_was_asked_for(iam, unique):
    name = unique("role")
    made = iam.create_role(
        RoleName=name,
        Path="/team/",
        AssumeRolePolicyDocument=json.dumps(EC2_TRUST, indent=2),
        Description="reads events",
        MaxSessionDuration=7200,
        PermissionsBoundary=S3_FULL,
        Tags=[{"Key": "pinfra:stack", "Value": "demo"}, {"Key": "empty", "Value": ""}],
    )["Role"]
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/team/{name}"
    assert re.fullmatch(r"AROA[A-Z2-7]{17}", made["RoleId"])
    assert made["AssumeRolePolicyDocument"] == EC2_TRUST
    read = iam.get_role(RoleName=name)["Role"]
    assert read["Path"] == "/team/" and read["RoleName"] == name
    assert read["Description"] == "reads events"
    assert read["MaxSessionDuration"] == 7200
    assert {t["Key"]: t["Value"] for t in read["Tags"]} == {"pinfra:stack": "demo", "empty": ""}
    assert read["PermissionsBoundary"] == {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": S3_FULL}
    assert read["RoleLastUsed"] == {}
    assert read["CreateDate"].microsecond == 0
    listed = iam.list_roles(PathPrefix="/team/")["Roles"]
    (found,) = [r for r in listed if r["RoleName"] == name]
    assert "Tags" not in found and "PermissionsBoundary" not in found
    assert found["Description"] == "reads events"


def test_documents_travel_percent_encoded(cloud, iam, role):
    """boto3 decodes policies; what is on the wire is RFC 3986."""
    raw = {}
    iam.meta.events.register("response-received.iam.GetRole", lambda response_dict, **_: raw.update(response_dict))
    iam.get_role(RoleName=role)
    text = re.search(rb"<AssumeRolePolicyDocument>(.*?)</", raw["body"])[1].decode()
    assert text.startswith("%7B%22Version%22%3A%222012-10-17%22%2C")
    assert json.loads(urllib.parse.unquote(text)) == EC2_TRUST
    iam.put_role_policy(RoleName=role, PolicyName="read", PolicyDocument=json.dumps(READ_BUCKETS))
    iam.meta.events.register("response-received.iam.GetRolePolicy", lambda response_dict, **_: raw.update(response_dict))
    assert iam.get_role_policy(RoleName=role, PolicyName="read")["PolicyDocument"] == READ_BUCKETS
    text = re.search(rb"<PolicyDocument>(.*?)</", raw["body"])[1].decode()
    assert "a%20bucket%2F%2A" in text and "+" not in text


def test_names_are_unique_whatever_their_case(iam, role, fails):
    for name in (role, role.upper()):
        with fails("EntityAlreadyExists", 409, f"Role with name {name} already exists."):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(EC2_TRUST))


def test_absent_roles(iam, fails):
    sentence = "The role with name nobody cannot be found."
    for call in (iam.get_role, iam.delete_role, iam.list_role_policies, iam.list_attached_role_policies, iam.list_role_tags):
        with fails("NoSuchEntity", 404, sentence):
            call(RoleName="nobody")


def test_pages_of_roles(iam, unique):
    path = f"/{unique('pages')}/"
    wanted = [unique("role") for _ in range(5)]
    for name in wanted:
        iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=json.dumps(EC2_TRUST))
    first = iam.list_roles(PathPrefix=path, MaxItems=2)
    assert first["IsTruncated"] and len(first["Roles"]) == 2 and first["Marker"]
    pages = iam.get_paginator("list_roles").paginate(PathPrefix=path, PaginationConfig={"PageSize": 2})
    assert names(pages, "Roles", "RoleName") == sorted(wanted)


def test_a_role_is_updated(iam, role, fails):
    iam.update_role(RoleName=role, Description="other", MaxSessionDuration=3700)
    iam.update_role(RoleName=role, MaxSessionDuration=3800)
    read = iam.get_role(RoleName=role)["Role"]
    assert (read["Description"], read["MaxSessionDuration"]) == ("other", 3800)
    assert iam.update_role_description(RoleName=role, Description="third")["Role"]["Description"] == "third"
    with fails("ValidationError", 400, "maxSessionDuration"):
        iam.update_role(RoleName=role, MaxSessionDuration=99999)


def test_bad_names_are_refused(iam, fails):
    with fails("ValidationError", 400, "roleName"):
        iam.create_role(RoleName="no spaces", AssumeRolePolicyDocument=json.dumps(EC2_TRUST))
    with fails("ValidationError", 400, "roleName"):
        iam.create_role(RoleName="x" * 65, AssumeRolePolicyDocument=json.dumps(EC2_TRUST))


def test_deletion_waits_for_what_hangs_on_a_role(iam, role, unique, fails):
    profile = unique("profile")
    iam.create_instance_profile(InstanceProfileName=profile)
    iam.add_role_to_instance_profile(InstanceProfileName=profile, RoleName=role)
    iam.put_role_policy(RoleName=role, PolicyName="read", PolicyDocument=json.dumps(READ_BUCKETS))
    iam.attach_role_policy(RoleName=role, PolicyArn=S3_FULL)
    with fails("DeleteConflict", 409, "Cannot delete entity, must detach all policies first."):
        iam.delete_role(RoleName=role)
    iam.detach_role_policy(RoleName=role, PolicyArn=S3_FULL)
    with fails("DeleteConflict", 409, "Cannot delete entity, must delete policies first."):
        iam.delete_role(RoleName=role)
    iam.delete_role_policy(RoleName=role, PolicyName="read")
    with fails("DeleteConflict", 409, "Cannot delete entity, must remove roles from instance profile first."):
        iam.delete_role(RoleName=role)
    iam.remove_role_from_instance_profile(InstanceProfileName=profile, RoleName=role)
    iam.delete_role(RoleName=role)
    with fails("NoSuchEntity", 404):
        iam.get_role(RoleName=role)


# Trust policies


def test_a_role_cannot_trust_itself_before_it_exists(iam, unique, fails):
    name = unique("role")
    arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    with fails("MalformedPolicyDocument", 400, f'Invalid principal in policy: "AWS":"{arn}"'):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusting(arn))
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(EC2_TRUST))
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=trusting(arn))
    statement = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]["Statement"][0]
    assert statement["Principal"] == {"AWS": arn}, "a list of one becomes a text"


def test_a_deleted_role_leaves_its_id_behind(iam, role, unique, fails):
    other = unique("role")
    made = iam.create_role(RoleName=other, AssumeRolePolicyDocument=json.dumps(EC2_TRUST))["Role"]
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": [made["Arn"], ACCOUNT], "Service": "ec2.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust))
    principal = lambda: iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]
    root = f"arn:aws:iam::{ACCOUNT}:root"
    assert principal()["AWS"] == [made["Arn"], root], "an account's number becomes its root"
    iam.delete_role(RoleName=other)
    assert principal()["AWS"] == [made["RoleId"], root]
    iam.create_role(RoleName=other, AssumeRolePolicyDocument=json.dumps(EC2_TRUST))
    assert principal()["AWS"] == [made["RoleId"], root], "a new role of that name is another one"
    with fails("MalformedPolicyDocument", 400, f'"AWS":"{made["RoleId"]}"'):
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=trusting(made["RoleId"]))


@pytest.mark.parametrize(
    "document, sentence",
    [
        ("{", "This policy contains invalid Json"),
        ("[]", "Syntax errors in policy."),
        (" {}", "JSON strings must not have leading spaces"),
        ('{"Version": "2012-10-17"}', "Syntax errors in policy."),
        (json.dumps({**EC2_TRUST, "Version": "2020-01-01"}), "Syntax errors in policy."),
        (json.dumps({**EC2_TRUST, "Extra": 1}), "Syntax errors in policy."),
        (trusting("nonsense"), 'Invalid principal in policy: "AWS":"nonsense"'),
        (trusting(f"arn:aws:iam::{ACCOUNT}:user/nobody"), "Invalid principal in policy"),
        (trusting(f"arn:aws:iam::{ACCOUNT}:role/*"), "Invalid principal in policy"),
        (trusting("*", action="s3:GetObject"), "AssumeRole policy may only specify STS AssumeRole actions."),
        (
            json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"Service": "nowhere"}, "Action": "sts:AssumeRole"}]}),
            'Invalid principal in policy: "SERVICE":"nowhere"',
        ),
        (json.dumps({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}), "Missing required field Principal"),
        (json.dumps({"Statement": [{**EC2_TRUST["Statement"][0], "Resource": "*"}]}), "Has prohibited field Resource"),
    ],
)
def test_bad_trust_policies(iam, unique, fails, document, sentence):
    with fails("MalformedPolicyDocument", 400, sentence):
        iam.create_role(RoleName=unique("role"), AssumeRolePolicyDocument=document)


def test_principals_of_other_accounts_and_services_are_taken(iam, unique):
    name = unique("role")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999999999999:role/theirs"}, "Action": "sts:AssumeRole"},
            {"Effect": "Allow", "Principal": {"Service": ["kafkaconnect.amazonaws.com", "ec2.amazonaws.com"]}, "Action": ["sts:AssumeRole"]},
            {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        ],
    }
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    assert made["AssumeRolePolicyDocument"] == trust


def test_the_trust_policys_quota(iam, role, fails):
    statement = {**EC2_TRUST["Statement"][0], "Sid": "x" * 2000}
    with fails("LimitExceeded", 409, "Cannot exceed quota for ACLSizePerRole: 2048"):
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps({"Statement": [statement]}))


# Policies in a role


def test_inline_policies(iam, role, fails):
    spaced = json.dumps(READ_BUCKETS, indent=4)
    iam.put_role_policy(RoleName=role, PolicyName="b", PolicyDocument=spaced)
    iam.put_role_policy(RoleName=role, PolicyName="a", PolicyDocument=spaced)
    iam.put_role_policy(RoleName=role, PolicyName="a", PolicyDocument=spaced)
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == ["a", "b"]
    read = iam.get_role_policy(RoleName=role, PolicyName="b")
    assert (read["RoleName"], read["PolicyName"], read["PolicyDocument"]) == (role, "b", READ_BUCKETS)
    iam.delete_role_policy(RoleName=role, PolicyName="b")
    for call in (iam.get_role_policy, iam.delete_role_policy):
        with fails("NoSuchEntity", 404, "The role policy with name b cannot be found."):
            call(RoleName=role, PolicyName="b")


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"Principal": "*"}, "Policy document should not specify a principal."),
        ({"Action": []}, "Policy statement must contain actions."),
        ({"Action": "GetObject"}, "Actions/Conditions must be prefaced by a vendor"),
        ({"Resource": []}, "Policy statement must contain resources."),
        ({"Resource": "bucket"}, 'Resource bucket must be in ARN format or "*".'),
        ({"Resource": "arn:aws:s3"}, "The policy failed legacy parsing"),
        ({"Resource": "arn:nowhere:s3:::b"}, 'Partition "nowhere" is not valid for resource "arn:nowhere:s3:::b".'),
        ({"Effect": "Maybe"}, "Syntax errors in policy."),
        ({"Sid": "not alphanumeric"}, "Statement IDs (SID) must be alpha-numeric."),
        ({"Condition": {"Nearly": {"a": "b"}}}, "Invalid Condition type : Nearly."),
        ({"Unknown": 1}, "Syntax errors in policy."),
        ({"NotAction": "s3:*"}, "Syntax errors in policy."),
    ],
)
def test_bad_identity_policies(iam, role, fails, change, sentence):
    statement = {**READ_BUCKETS["Statement"][0], **change}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    with fails("MalformedPolicyDocument", 400, sentence):
        iam.put_role_policy(RoleName=role, PolicyName="bad", PolicyDocument=document)
    twice = json.dumps({"Statement": READ_BUCKETS["Statement"] * 2})
    with fails("MalformedPolicyDocument", 400, "Statement IDs (SID) in a single policy must be unique."):
        iam.put_role_policy(RoleName=role, PolicyName="bad", PolicyDocument=twice)


def test_the_quota_of_inline_policies_counts_them_together(iam, role, fails):
    def policy(letters):
        return json.dumps({"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::" + "x" * letters}}, indent=8)

    iam.put_role_policy(RoleName=role, PolicyName="one", PolicyDocument=policy(6000))
    with fails("LimitExceeded", 409, f"Maximum policy size of 10240 bytes exceeded for role {role}"):
        iam.put_role_policy(RoleName=role, PolicyName="two", PolicyDocument=policy(6000))
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == ["one"]


def test_attached_policies(iam, role, fails):
    linked = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
    for arn in (S3_FULL, S3_FULL, linked):
        iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    listed = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert listed == [
        {"PolicyName": "AmazonAPIGatewayPushToCloudWatchLogs", "PolicyArn": linked},
        {"PolicyName": "AmazonS3FullAccess", "PolicyArn": S3_FULL},
    ]
    under = iam.list_attached_role_policies(RoleName=role, PathPrefix="/service-role/")["AttachedPolicies"]
    assert [p["PolicyArn"] for p in under] == [linked]
    with fails("NoSuchEntity", 404, "Policy arn:aws:iam::aws:policy/Nothing does not exist or is not attachable."):
        iam.attach_role_policy(RoleName=role, PolicyArn="arn:aws:iam::aws:policy/Nothing")
    with fails("ValidationError", 400, "is not valid."):
        iam.attach_role_policy(RoleName=role, PolicyArn="not-an-arn-but-long-enough")
    users = iam.list_entities_for_policy(PolicyArn=linked, EntityFilter="Role")["PolicyRoles"]
    assert role in [r["RoleName"] for r in users]
    iam.detach_role_policy(RoleName=role, PolicyArn=linked)
    with fails("NoSuchEntity", 404, f"Policy {linked} was not found."):
        iam.detach_role_policy(RoleName=role, PolicyArn=linked)


def test_ten_policies_fit_on_a_role(iam, role, fails):
    aws = [p["Arn"] for p in iam.list_policies(Scope="AWS")["Policies"]]
    for arn in aws[:10]:
        iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    with fails("LimitExceeded", 409, "Cannot exceed quota for PoliciesPerRole: 10"):
        iam.attach_role_policy(RoleName=role, PolicyArn=aws[10])


def test_permissions_boundaries(iam, role, fails):
    iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=S3_FULL)
    assert iam.get_role(RoleName=role)["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == S3_FULL
    iam.delete_role_permissions_boundary(RoleName=role)
    assert "PermissionsBoundary" not in iam.get_role(RoleName=role)["Role"]
    with fails("NoSuchEntity", 404):
        iam.delete_role_permissions_boundary(RoleName=role)
    with fails("NoSuchEntity", 404):
        iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=S3_FULL + "Not")


# Tags


def test_tags_of_roles(iam, role, fails):
    iam.tag_role(RoleName=role, Tags=[{"Key": "Team", "Value": "a"}, {"Key": "stage", "Value": "x"}])
    iam.tag_role(RoleName=role, Tags=[{"Key": "team", "Value": "b"}])
    assert iam.list_role_tags(RoleName=role)["Tags"] == [{"Key": "stage", "Value": "x"}, {"Key": "team", "Value": "b"}]
    first = iam.list_role_tags(RoleName=role, MaxItems=1)
    assert first["IsTruncated"] and len(first["Tags"]) == 1
    iam.untag_role(RoleName=role, TagKeys=["TEAM", "absent"])
    assert iam.list_role_tags(RoleName=role)["Tags"] == [{"Key": "stage", "Value": "x"}]
    with fails("InvalidInput", 400, "Duplicate tag keys found."):
        iam.tag_role(RoleName=role, Tags=[{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}])
    with fails("ValidationError", 400):
        iam.tag_role(RoleName=role, Tags=[{"Key": "no[brackets]", "Value": ""}])
    with fails("InvalidInput", 400):
        iam.tag_role(RoleName=role, Tags=[{"Key": "aws:mine", "Value": ""}])
    iam.tag_role(RoleName=role, Tags=[{"Key": f"k{n}", "Value": ""} for n in range(49)])
    with fails("LimitExceeded", 409):
        iam.tag_role(RoleName=role, Tags=[{"Key": "one-more", "Value": ""}])


# Managed policies


def test_managed_policies(iam, role, unique, fails):
    name = unique("policy")
    made = iam.create_policy(
        PolicyName=name, Path="/team/", PolicyDocument=json.dumps(READ_BUCKETS), Description="reads", Tags=[{"Key": "a", "Value": "b"}]
    )["Policy"]
    arn = f"arn:aws:iam::{ACCOUNT}:policy/team/{name}"
    assert made["Arn"] == arn and made["DefaultVersionId"] == "v1" and made["AttachmentCount"] == 0
    assert re.fullmatch(r"ANPA[A-Z2-7]{17}", made["PolicyId"])
    iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    read = iam.get_policy(PolicyArn=arn)["Policy"]
    assert read["AttachmentCount"] == 1 and read["Description"] == "reads" and read["IsAttachable"]
    assert read["Tags"] == [{"Key": "a", "Value": "b"}]
    with fails("EntityAlreadyExists", 409, f"A policy called {name} already exists. Duplicate names are not allowed."):
        iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(READ_BUCKETS))
    with fails("DeleteConflict", 409, "Cannot delete a policy attached to entities."):
        iam.delete_policy(PolicyArn=arn)
    local = names(iam.get_paginator("list_policies").paginate(Scope="Local"), "Policies", "Arn")
    assert arn in local and S3_FULL not in local
    attached = names(iam.get_paginator("list_policies").paginate(OnlyAttached=True), "Policies", "Arn")
    assert arn in attached
    under = iam.list_policies(PathPrefix="/team/")["Policies"]
    assert arn in [p["Arn"] for p in under] and all(p["Path"] == "/team/" for p in under)
    iam.detach_role_policy(RoleName=role, PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)
    with fails("NoSuchEntity", 404, f"Policy {arn} was not found."):
        iam.get_policy(PolicyArn=arn)


def test_versions_of_policies(iam, unique, fails):
    arn = iam.create_policy(PolicyName=unique("policy"), PolicyDocument=json.dumps(READ_BUCKETS))["Policy"]["Arn"]
    for n in range(2, 6):
        made = iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(READ_BUCKETS), SetAsDefault=n == 3)
        assert made["PolicyVersion"]["VersionId"] == f"v{n}"
    with fails("LimitExceeded", 409, "A managed policy can have up to 5 versions."):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(READ_BUCKETS))
    listed = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert [(v["VersionId"], v["IsDefaultVersion"]) for v in listed] == [("v5", False), ("v4", False), ("v3", True), ("v2", False), ("v1", False)]
    with fails("DeleteConflict", 409, "Cannot delete the default version of a policy."):
        iam.delete_policy_version(PolicyArn=arn, VersionId="v3")
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v5")
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v5"
    version = iam.get_policy_version(PolicyArn=arn, VersionId="v5")["PolicyVersion"]
    assert version["Document"] == READ_BUCKETS and version["IsDefaultVersion"]
    with fails("DeleteConflict", 409, "This policy has more than one version."):
        iam.delete_policy(PolicyArn=arn)
    for n in range(1, 5):
        iam.delete_policy_version(PolicyArn=arn, VersionId=f"v{n}")
    with fails("NoSuchEntity", 404, f"Policy {arn} version v1 does not exist or is not attachable."):
        iam.get_policy_version(PolicyArn=arn, VersionId="v1")
    made = iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(READ_BUCKETS))
    assert made["PolicyVersion"]["VersionId"] == "v6", "numbers are never used twice"


def test_tags_of_policies(iam, unique):
    arn = iam.create_policy(PolicyName=unique("policy"), PolicyDocument=json.dumps(READ_BUCKETS))["Policy"]["Arn"]
    iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    iam.untag_policy(PolicyArn=arn, TagKeys=["a"])
    assert iam.list_policy_tags(PolicyArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]


@pytest.mark.parametrize(
    "name",
    [
        "AmazonMSKFullAccess",
        "AmazonS3FullAccess",
        "AmazonKinesisFullAccess",
        "AmazonEC2FullAccess",
        "AmazonSSMManagedInstanceCore",
        "service-role/AmazonAPIGatewayPushToCloudWatchLogs",
    ],
)
def test_policies_of_aws(iam, fails, name):
    arn = f"arn:aws:iam::aws:policy/{name}"
    policy = iam.get_policy(PolicyArn=arn)["Policy"]
    assert policy["PolicyName"] == name.split("/")[-1]
    version = iam.get_policy_version(PolicyArn=arn, VersionId=policy["DefaultVersionId"])["PolicyVersion"]
    assert version["Document"]["Statement"]
    with fails("AccessDenied", 403):
        iam.delete_policy(PolicyArn=arn)


def test_a_policys_quota(iam, unique, fails):
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::" + "x" * 6144}
    with fails("LimitExceeded", 409, "Cannot exceed quota for PolicySize: 6144"):
        iam.create_policy(PolicyName=unique("policy"), PolicyDocument=json.dumps({"Statement": statement}))


# Instance profiles


def test_instance_profiles(iam, role, unique, fails):
    name = unique("profile")
    made = iam.create_instance_profile(InstanceProfileName=name, Tags=[{"Key": "a", "Value": "b"}])["InstanceProfile"]
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:instance-profile/{name}" and made["Roles"] == []
    assert re.fullmatch(r"AIPA[A-Z2-7]{17}", made["InstanceProfileId"])
    with fails("EntityAlreadyExists", 409, f"Instance Profile {name} already exists."):
        iam.create_instance_profile(InstanceProfileName=name)
    with fails("NoSuchEntity", 404, "The role with name nobody cannot be found."):
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName="nobody")
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=role)
    with fails("LimitExceeded", 409, "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"):
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=role)
    read = iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    assert [r["RoleName"] for r in read["Roles"]] == [role] and read["Tags"] == [{"Key": "a", "Value": "b"}]
    assert read["Roles"][0]["AssumeRolePolicyDocument"] == EC2_TRUST
    (listed,) = iam.list_instance_profiles_for_role(RoleName=role)["InstanceProfiles"]
    assert listed["InstanceProfileName"] == name and "Tags" not in listed
    assert name in names(iam.get_paginator("list_instance_profiles").paginate(), "InstanceProfiles", "InstanceProfileName")
    with fails("DeleteConflict", 409, "Cannot delete entity, must remove roles from instance profile first."):
        iam.delete_instance_profile(InstanceProfileName=name)
    iam.tag_instance_profile(InstanceProfileName=name, Tags=[{"Key": "c", "Value": "d"}])
    iam.untag_instance_profile(InstanceProfileName=name, TagKeys=["a"])
    assert iam.list_instance_profile_tags(InstanceProfileName=name)["Tags"] == [{"Key": "c", "Value": "d"}]
    iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=role)
    with fails("NoSuchEntity", 404):
        iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=role)
    iam.delete_instance_profile(InstanceProfileName=name)
    with fails("NoSuchEntity", 404, f"Instance Profile {name} cannot be found."):
        iam.get_instance_profile(InstanceProfileName=name)
    waiter = iam.get_waiter("instance_profile_exists")
    iam.create_instance_profile(InstanceProfileName=name)
    waiter.wait(InstanceProfileName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 2})


# Service-linked roles


def test_service_linked_roles(iam, fails):
    service = "kafkaconnect.amazonaws.com"
    made = iam.create_service_linked_role(AWSServiceName=service, Description="for connectors")["Role"]
    name = "AWSServiceRoleForKafkaConnect"
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/{service}/{name}"
    with fails("InvalidInput", 400, f"Service role name {name} has been taken in this account"):
        iam.create_service_linked_role(AWSServiceName=service)
    with fails("UnmodifiableEntity", 400, f"Cannot perform the operation on the protected role '{name}'"):
        iam.delete_role(RoleName=name)
    with fails("UnmodifiableEntity", 400):
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(READ_BUCKETS))
    task = iam.delete_service_linked_role(RoleName=name)["DeletionTaskId"]
    assert task.startswith(f"task/aws-service-role/{service}/{name}/")
    assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"
    with fails("NoSuchEntity", 404):
        iam.get_service_linked_role_deletion_status(DeletionTaskId=task + "x")
    with fails("InvalidInput", 400):
        iam.create_service_linked_role(AWSServiceName="nothing.amazonaws.com")


# The account


def test_everything_in_bulk(served):
    iam = served().client("iam")
    assert iam.get_account_authorization_details()["RoleDetailList"] == [], "a fresh account has no role"
    policy = iam.create_policy(PolicyName="own", PolicyDocument=json.dumps(READ_BUCKETS))["Policy"]["Arn"]
    iam.create_policy(PolicyName="unused", PolicyDocument=json.dumps(READ_BUCKETS))
    for n in range(3):
        iam.create_role(RoleName=f"r{n}", AssumeRolePolicyDocument=json.dumps(EC2_TRUST), Tags=[{"Key": "n", "Value": str(n)}])
    iam.put_role_policy(RoleName="r1", PolicyName="read", PolicyDocument=json.dumps(READ_BUCKETS))
    iam.attach_role_policy(RoleName="r1", PolicyArn=policy)
    iam.attach_role_policy(RoleName="r1", PolicyArn=S3_FULL)
    iam.create_instance_profile(InstanceProfileName="p")
    iam.add_role_to_instance_profile(InstanceProfileName="p", RoleName="r1")
    details = iam.get_account_authorization_details()
    assert [r["RoleName"] for r in details["RoleDetailList"]] == ["r0", "r1", "r2"]
    detail = details["RoleDetailList"][1]
    assert detail["AssumeRolePolicyDocument"] == EC2_TRUST
    assert detail["RolePolicyList"] == [{"PolicyName": "read", "PolicyDocument": READ_BUCKETS}]
    assert {p["PolicyArn"] for p in detail["AttachedManagedPolicies"]} == {policy, S3_FULL}
    assert detail["Tags"] == [{"Key": "n", "Value": "1"}]
    assert [p["InstanceProfileName"] for p in detail["InstanceProfileList"]] == ["p"]
    assert {p["PolicyName"] for p in details["Policies"]} == {"own", "unused", "AmazonS3FullAccess"}
    (own,) = [p for p in details["Policies"] if p["PolicyName"] == "own"]
    assert own["AttachmentCount"] == 1 and own["PolicyVersionList"][0]["Document"] == READ_BUCKETS
    assert details["UserDetailList"] == details["GroupDetailList"] == []
    assert iam.get_account_authorization_details(Filter=["LocalManagedPolicy"])["RoleDetailList"] == []
    pages = list(iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 2}))
    assert len(pages) == 3
    assert names(pages, "RoleDetailList", "RoleName") == ["r0", "r1", "r2"]
    assert len(names(pages, "Policies", "PolicyName")) == 3
    summary = iam.get_account_summary()["SummaryMap"]
    assert (summary["Roles"], summary["Policies"], summary["InstanceProfiles"]) == (3, 2, 1)
    assert iam.list_account_aliases()["AccountAliases"] == []


def test_iam_is_the_same_from_every_region(client, iam, role):
    assert client("iam", region="eu-west-1").get_role(RoleName=role)["Role"]["RoleName"] == role


def test_a_bad_marker_is_refused(iam, fails):
    with fails("ValidationError", 400, "Invalid Marker"):
        iam.list_roles(Marker="nonsense")


def test_other_operations_say_that_they_are_not_there(iam, fails):
    with fails("NotImplemented", 501):
        iam.list_users()


def test_lists_can_lag(served):
    iam = served(faults={"rules": [{"action": {"lag": {"reads": 2}}}]}).client("iam")
    iam.create_role(RoleName="late", AssumeRolePolicyDocument=json.dumps(EC2_TRUST))
    assert iam.get_role(RoleName="late")
    shown = [len(iam.list_roles()["Roles"]) for _ in range(4)]
    assert shown == [0, 0, 1, 1]


def test_the_cli(aws_cli, unique):
    name = unique("role")
    made = aws_cli("iam", "create-role", "--role-name", name, "--assume-role-policy-document", json.dumps(EC2_TRUST), "--tags", "Key=a,Value=b")
    assert made["Role"]["AssumeRolePolicyDocument"] == EC2_TRUST
    aws_cli("iam", "attach-role-policy", "--role-name", name, "--policy-arn", S3_FULL)
    error = aws_cli.error("iam", "delete-role", "--role-name", name)
    assert error.code == "DeleteConflict"
    aws_cli("iam", "detach-role-policy", "--role-name", name, "--policy-arn", S3_FULL)
    aws_cli("iam", "delete-role", "--role-name", name)
    assert aws_cli.error("iam", "get-role", "--role-name", name).code == "NoSuchEntity"
