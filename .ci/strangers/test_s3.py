"""S3's buckets and their settings, as boto3 sees them. Objects: test_s3_objects.py and its neighbours."""

import json

import pytest
from conftest import signed

ACCOUNT = "123456789012"


@pytest.fixture
def s3(client):
    return client("s3")


@pytest.fixture
def bucket(s3, unique):
    name = unique("bucket")
    s3.create_bucket(Bucket=name)
    return name


# Making, finding, removing


def test_create_head_list_delete(s3, unique, fails):
    name = unique("made")
    made = s3.create_bucket(Bucket=name)
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert made["Location"] == f"/{name}"
    assert made["BucketArn"] == f"arn:aws:s3:::{name}"
    head = s3.head_bucket(Bucket=name)
    assert head["BucketRegion"] == "us-east-1"
    assert head["AccessPointAlias"] is False
    listed = s3.list_buckets()
    entry = next(b for b in listed["Buckets"] if b["Name"] == name)
    assert entry["CreationDate"].microsecond == 0
    assert "BucketRegion" not in entry
    assert len(listed["Owner"]["ID"]) == 64
    assert s3.delete_bucket(Bucket=name)["ResponseMetadata"]["HTTPStatusCode"] == 204
    with fails("404", 404, "Not Found"):
        s3.head_bucket(Bucket=name)
    with fails("NoSuchBucket", 404, "The specified bucket does not exist") as error:
        s3.delete_bucket(Bucket=name)
    assert error.value.response["Error"]["BucketName"] == name
    assert error.value.response["ResponseMetadata"]["RequestId"]
    assert error.value.response["ResponseMetadata"]["HostId"]


@pytest.mark.parametrize("name", ["ab", "Upper-case", "a_b_c", "-start", "end-", "a..b", "192.168.1.1", "xn--a", "x-s3alias", "a" * 64])
def test_names_follow_the_rules(s3, fails, name):
    with fails("InvalidBucketName", 400, "The specified bucket is not valid.") as error:
        s3.create_bucket(Bucket=name)
    assert error.value.response["Error"]["BucketName"] == name


def test_ones_own_bucket_again(client, s3, unique, fails):
    name = unique("again")
    s3.create_bucket(Bucket=name)
    assert s3.create_bucket(Bucket=name)["Location"] == f"/{name}"
    west = client("s3", region="us-west-2")
    elsewhere = {"LocationConstraint": "us-west-2"}
    with fails("BucketAlreadyOwnedByYou", 409) as error:
        west.create_bucket(Bucket=name, CreateBucketConfiguration=elsewhere)
    assert error.value.response["Error"]["BucketName"] == name
    other = unique("again")
    west.create_bucket(Bucket=other, CreateBucketConfiguration=elsewhere)
    with fails("BucketAlreadyOwnedByYou", 409):
        west.create_bucket(Bucket=other, CreateBucketConfiguration=elsewhere)
    with fails("BucketAlreadyOwnedByYou", 409):
        s3.create_bucket(Bucket=other)


def test_location_constraints(client, s3, unique, fails):
    west = client("s3", region="us-west-2")
    name = unique("where")
    with fails("IllegalLocationConstraintException", 400, "The unspecified location constraint is incompatible"):
        west.create_bucket(Bucket=name)
    with fails("IllegalLocationConstraintException", 400, "The eu-west-1 location constraint is incompatible"):
        west.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for wrong in ("us-east-1", "mars-north-1"):
        with fails("InvalidLocationConstraint", 400, "The specified location-constraint is not valid"):
            s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": wrong})
    made = west.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    assert made["Location"] == f"http://{name}.s3.amazonaws.com/"
    assert west.get_bucket_location(Bucket=name)["LocationConstraint"] == "us-west-2"
    assert s3.get_bucket_location(Bucket=name)["LocationConstraint"] == "us-west-2"
    europe = unique("where")
    s3.create_bucket(Bucket=europe, CreateBucketConfiguration={"LocationConstraint": "EU"})
    assert s3.get_bucket_location(Bucket=europe)["LocationConstraint"] == "EU"
    assert client("s3", region="eu-west-1").head_bucket(Bucket=europe)["BucketRegion"] == "eu-west-1"


def test_location_in_us_east_1_is_empty(s3, bucket):
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None


def test_wrong_region_is_redirected(client, s3, unique, endpoint):
    name = unique("far")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    # The client itself follows the redirection: it signs anew for the region that the answer names.
    assert client("s3", region="eu-west-1").list_objects_v2(Bucket=name)["KeyCount"] == 0
    assert client("s3", region="ap-south-1").head_bucket(Bucket=name)["BucketRegion"] == "eu-central-1"
    answer = signed("GET", f"{endpoint}/{name}?versioning", "eu-west-1")
    assert (answer.status_code, answer.headers["x-amz-bucket-region"]) == (301, "eu-central-1")
    for element in ("<Code>PermanentRedirect</Code>", f"<Bucket>{name}</Bucket>", f"<Endpoint>{name}.s3.eu-central-1.amazonaws.com</Endpoint>"):
        assert element in answer.text
    answer = signed("HEAD", f"{endpoint}/{name}", "eu-west-1")
    assert (answer.status_code, answer.headers["x-amz-bucket-region"], answer.text) == (301, "eu-central-1", "")
    by_host = signed("GET", f"{endpoint}/", "eu-west-1", host=f"{name}.s3.eu-west-1.amazonaws.com")
    assert by_host.status_code == 400
    assert "the region &apos;eu-west-1&apos; is wrong; expecting &apos;eu-central-1&apos;" in by_host.text.replace("'", "&apos;")


def test_buckets_of_another_account(served, tmp_path, fails):
    own = served(dir=tmp_path / "shared", account="111122223333").client("s3")
    own.create_bucket(Bucket="already-taken")
    other = served(dir=tmp_path / "shared", account="444455556666").client("s3")
    with fails("BucketAlreadyExists", 409, "The requested bucket name is not available."):
        other.create_bucket(Bucket="already-taken")
    with fails("AccessDenied", 403, "Access Denied"):
        other.list_objects_v2(Bucket="already-taken")
    with fails("403", 403):
        other.head_bucket(Bucket="already-taken")
    assert other.list_buckets()["Buckets"] == []


def test_list_buckets_pages(served):
    own = served().client("s3")
    names = [f"page-{letter}" for letter in "abcde"]
    for name in reversed(names):
        own.create_bucket(Bucket=name)
    own.create_bucket(Bucket="other", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    first = own.list_buckets(MaxBuckets=2, Prefix="page-")
    assert [b["Name"] for b in first["Buckets"]] == names[:2]
    assert first["Prefix"] == "page-"
    assert all(b["BucketRegion"] == "us-east-1" for b in first["Buckets"])
    pages = own.get_paginator("list_buckets").paginate(Prefix="page-", PaginationConfig={"PageSize": 2})
    assert [b["Name"] for page in pages for b in page["Buckets"]] == names
    assert [b["Name"] for b in own.list_buckets(BucketRegion="us-west-2")["Buckets"]] == ["other"]


def test_delete_refuses_what_is_not_empty(s3, bucket, fails):
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    with fails("BucketNotEmpty", 409, "The bucket you tried to delete is not empty") as error:
        s3.delete_bucket(Bucket=bucket)
    assert error.value.response["Error"]["BucketName"] == bucket
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    marker = s3.delete_object(Bucket=bucket, Key="k")
    with fails("BucketNotEmpty", 409, "You must delete all versions in the bucket."):
        s3.delete_bucket(Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key="k", VersionId="null")
    with fails("BucketNotEmpty", 409):
        s3.delete_bucket(Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key="k", VersionId=marker["VersionId"])
    s3.create_multipart_upload(Bucket=bucket, Key="unfinished")
    s3.delete_bucket(Bucket=bucket)


def test_expected_owner(s3, bucket, fails):
    s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=ACCOUNT)
    s3.get_bucket_versioning(Bucket=bucket, ExpectedBucketOwner=ACCOUNT)
    with fails("AccessDenied", 403, "Access Denied"):
        s3.get_bucket_versioning(Bucket=bucket, ExpectedBucketOwner="210987654321")
    with fails("403", 403):
        s3.head_bucket(Bucket=bucket, ExpectedBucketOwner="210987654321")


def test_every_setting_of_no_bucket(s3, fails):
    for call in (s3.get_bucket_acl, s3.get_bucket_encryption, s3.get_bucket_tagging, s3.list_objects_v2, s3.list_object_versions):
        with fails("NoSuchBucket", 404) as error:
            call(Bucket="no-such-bucket-here")
        assert error.value.response["Error"]["BucketName"] == "no-such-bucket-here"


def test_what_is_not_modelled_says_so(s3, bucket, fails):
    rule = {"ID": "r", "Status": "Enabled", "Prefix": "", "Destination": {"Bucket": "arn:aws:s3:::x"}}
    with fails("NotImplemented", 501):
        s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration={"Role": "arn:aws:iam::1:role/r", "Rules": [rule]})
    with fails("NotImplemented", 501):
        s3.create_bucket(Bucket=f"{bucket}-locked", ObjectLockEnabledForBucket=True)
    with fails("NotImplemented", 501, "?abac"):
        s3.get_bucket_abac(Bucket=bucket)
    with fails("NotImplemented", 501, "?legal-hold"):
        s3.get_object_legal_hold(Bucket=bucket, Key="k")


# Settings


def test_versioning(s3, bucket, fails):
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    for status in ("Enabled", "Suspended"):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == status
    with fails("IllegalVersioningConfigurationException", 400):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={})
    with fails("MalformedXML", 400):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "On"})


def test_public_access_block(s3, bucket, fails):
    switches = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]

    def block():
        return s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]

    assert block() == dict.fromkeys(switches, True)
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    assert block() == {switch: switch == "BlockPublicAcls" for switch in switches}
    s3.delete_public_access_block(Bucket=bucket)
    s3.delete_public_access_block(Bucket=bucket)
    with fails("NoSuchPublicAccessBlockConfiguration", 404, "The public access block configuration was not found") as error:
        block()
    assert error.value.response["Error"]["BucketName"] == bucket


def test_encryption(s3, bucket, fails):
    def rule():
        (found,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        return found

    def put(by_default, **more):
        rule = {"ApplyServerSideEncryptionByDefault": by_default, **more}
        s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})

    fresh = rule()
    assert fresh["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert fresh["BucketKeyEnabled"] is False
    assert fresh["BlockedEncryptionTypes"] == {"EncryptionType": ["SSE-C"]}
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/0aa1"
    put({"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}, BucketKeyEnabled=True)
    assert rule()["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    assert rule()["BucketKeyEnabled"] is True
    stored = s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert (stored["ServerSideEncryption"], stored["SSEKMSKeyId"], stored["BucketKeyEnabled"]) == ("aws:kms", key, True)
    put({"SSEAlgorithm": "AES256"}, BlockedEncryptionTypes={"EncryptionType": ["NONE"]})
    assert rule()["BlockedEncryptionTypes"] == {"EncryptionType": ["NONE"]}
    assert rule()["BucketKeyEnabled"] is False
    with fails("InvalidArgument", 400, "a KMSMasterKeyID is not applicable"):
        put({"SSEAlgorithm": "AES256", "KMSMasterKeyID": key})
    with fails("MalformedXML", 400):
        put({"SSEAlgorithm": "ROT13"})
    s3.delete_bucket_encryption(Bucket=bucket)
    assert rule() == fresh


def test_bucket_tagging(s3, bucket, fails):
    with fails("NoSuchTagSet", 404, "The TagSet does not exist") as error:
        s3.get_bucket_tagging(Bucket=bucket)
    assert error.value.response["Error"]["BucketName"] == bucket

    def put(*pairs):
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": k, "Value": v} for k, v in pairs]})

    put(("a", "1"), ("pinfra:resource", "kinesis_stream.events/pin"), ("ü b", ""))
    tags = {t["Key"]: t["Value"] for t in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]}
    assert tags == {"a": "1", "pinfra:resource": "kinesis_stream.events/pin", "ü b": ""}
    put(("b", "2"))
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "b", "Value": "2"}]
    with fails("InvalidTag", 400, "Cannot provide multiple Tags with the same key"):
        put(("a", "1"), ("a", "2"))
    with fails("InvalidTag", 400, "System tags cannot be added/updated by requester"):
        put(("aws:x", "1"))
    with fails("InvalidTag", 400, "The TagKey you have provided is invalid"):
        put(("a[0]", "1"))
    with fails("InvalidTag", 400, "The TagValue you have provided is invalid"):
        put(("a", "x" * 257))
    with fails("BadRequest", 400, "Bucket tag count cannot be greater than 50"):
        put(*((f"k{n}", "v") for n in range(51)))
    put()
    with fails("NoSuchTagSet", 404):
        s3.get_bucket_tagging(Bucket=bucket)
    put(("c", "3"))
    assert s3.delete_bucket_tagging(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    with fails("NoSuchTagSet", 404):
        s3.get_bucket_tagging(Bucket=bucket)


def test_tags_in_the_create_call(s3, unique, fails):
    name = unique("tagged")
    tags = [{"Key": "pinfra:stack", "Value": "events"}]
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"Tags": tags})
    assert s3.get_bucket_tagging(Bucket=name)["TagSet"] == tags
    with fails("InvalidTag", 400):
        s3.create_bucket(Bucket=unique("tagged"), CreateBucketConfiguration={"Tags": tags * 2})


def test_lifecycle_is_kept_with_what_s3_fills_in(s3, bucket, fails):
    with fails("NoSuchLifecycleConfiguration", 404, "The lifecycle configuration does not exist") as error:
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert error.value.response["Error"]["BucketName"] == bucket
    rules = [
        {"Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 30}},
        {
            "ID": "tiers",
            "Status": "Disabled",
            "Filter": {"And": {"Prefix": "a/", "Tags": [{"Key": "k", "Value": "v"}]}},
            "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 90, "StorageClass": "GLACIER"}],
            "NoncurrentVersionExpiration": {"NoncurrentDays": 3, "NewerNoncurrentVersions": 2},
        },
        {"ID": "old", "Status": "Enabled", "Prefix": "x", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
        {"ID": "all", "Status": "Enabled", "Filter": {}, "Expiration": {"ExpiredObjectDeleteMarker": True}},
    ]
    put = s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    assert put["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    got = s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert got["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    assert len(got["Rules"][0]["ID"]) == 48
    assert [{**r, "ID": r.get("ID")} for r in rules[1:]] == got["Rules"][1:]
    assert {k: v for k, v in got["Rules"][0].items() if k != "ID"} == rules[0]
    put = s3.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": rules[:1]}, TransitionDefaultMinimumObjectSize="varies_by_storage_class"
    )
    assert put["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class"
    s3.delete_bucket_lifecycle(Bucket=bucket)
    with fails("NoSuchLifecycleConfiguration", 404):
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)


EXPIRE = {"Expiration": {"Days": 1}}


@pytest.mark.parametrize(
    ("rules", "code", "message"),
    [
        ([{"Status": "Enabled", "Filter": {}}], "InvalidRequest", "At least one action needs to be specified in a rule"),
        ([{"Status": "Enabled", **EXPIRE}], "MalformedXML", ""),
        ([{"Status": "Enabled", "Filter": {}, "Prefix": "a", **EXPIRE}], "MalformedXML", ""),
        ([{"Status": "enabled", "Filter": {}, **EXPIRE}], "MalformedXML", ""),
        ([{"Status": "Enabled", "Filter": {}, "Expiration": {"Days": 0}}], "InvalidArgument", "must be a positive integer"),
        ([{"Status": "Enabled", "Filter": {}, "Expiration": {"Date": 1700000001}}], "InvalidArgument", "'Date' must be at midnight GMT"),
        ([{"ID": "a", "Status": "Enabled", "Filter": {}, **EXPIRE}] * 2, "InvalidArgument", "Rule ID must be unique"),
        ([{"ID": "a" * 256, "Status": "Enabled", "Filter": {}, **EXPIRE}], "InvalidArgument", "ID length should not exceed"),
        (
            [{"Status": "Enabled", "Filter": {}, "Transitions": [{"Days": 29, "StorageClass": "STANDARD_IA"}]}],
            "InvalidArgument",
            "must be greater than or equal to 30 for storageClass 'STANDARD_IA'",
        ),
        (
            [{"Status": "Enabled", "Filter": {"Prefix": "p"}, "Expiration": {"Days": 5}, "Transitions": [{"Days": 5, "StorageClass": "GLACIER"}]}],
            "InvalidArgument",
            "'Days' in the Expiration action for filter '(prefix=p)' must be greater than 'Days' in the Transition action",
        ),
    ],
)
def test_lifecycle_refusals(s3, bucket, fails, rules, code, message):
    with fails(code, 400, message):
        s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})


def policy(bucket, **statement):
    base = {
        "Sid": "One",
        "Effect": "Allow",
        "Principal": {"AWS": [f"arn:aws:iam::{ACCOUNT}:root"]},
        "Action": ["s3:GetObject"],
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
    }
    statement = {k: v for k, v in {**base, **statement}.items() if v is not None}
    return json.dumps({"Statement": [statement]}, indent=2)


def test_policy(s3, bucket, fails):
    for call in (s3.get_bucket_policy, s3.get_bucket_policy_status):
        with fails("NoSuchBucketPolicy", 404, "The bucket policy does not exist") as error:
            call(Bucket=bucket)
        assert error.value.response["Error"]["BucketName"] == bucket
    put = s3.put_bucket_policy(Bucket=bucket, Policy=policy(bucket))
    assert put["ResponseMetadata"]["HTTPStatusCode"] in (200, 204)
    text = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    got = json.loads(text)
    assert got["Version"] == "2008-10-17"
    assert got["Statement"][0]["Action"] == "s3:GetObject"
    assert got["Statement"][0]["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    assert len(got["Statement"][0]["Resource"]) == 2
    assert "\n" not in text
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"] == {"IsPublic": False}
    with fails("AccessDenied", 403, "BlockPublicPolicy"):
        s3.put_bucket_policy(Bucket=bucket, Policy=policy(bucket, Principal="*"))
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(bucket, Principal="*"))
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"] == {"IsPublic": True}
    assert s3.delete_bucket_policy(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    s3.delete_bucket_policy(Bucket=bucket)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Effect": "Maybe"}, "Invalid effect"),
        ({"Effect": None}, "Missing required field Effect"),
        ({"Principal": None}, "Missing required field Principal"),
        ({"Principal": {"AWS": "nobody"}}, "Invalid principal in policy"),
        ({"Action": "ec2:RunInstances"}, "Policy has invalid action"),
        ({"Resource": "arn:aws:s3:::some-other-bucket"}, "Policy has invalid resource"),
        ({"Colour": "red"}, "Unknown field Colour"),
    ],
)
def test_policy_refusals(s3, bucket, fails, change, message):
    with fails("MalformedPolicy", 400, message):
        s3.put_bucket_policy(Bucket=bucket, Policy=policy(bucket, **change))


def test_policy_names_roles_that_exist(client, s3, bucket, unique, fails):
    role = unique("reader")
    arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
    with fails("MalformedPolicy", 400, "Invalid principal in policy"):
        s3.put_bucket_policy(Bucket=bucket, Policy=policy(bucket, Principal={"AWS": arn}))
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    client("iam").create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(bucket, Principal={"AWS": arn}))
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"][0]["Principal"] == {"AWS": arn}


def test_policy_that_is_no_json(s3, bucket, fails):
    with fails("MalformedPolicy", 400, "Policies must be valid JSON and the first byte must be '{'"):
        s3.put_bucket_policy(Bucket=bucket, Policy="policy")
    with fails("MalformedPolicy", 400, "This policy contains invalid Json"):
        s3.put_bucket_policy(Bucket=bucket, Policy="{]")


def test_ownership_and_acls(s3, bucket, fails):
    def ownership():
        return s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]

    def own(value):
        s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": value}]})

    assert ownership() == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    acl = s3.get_bucket_acl(Bucket=bucket)
    (grant,) = acl["Grants"]
    assert grant == {"Grantee": {"ID": acl["Owner"]["ID"], "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}
    for canned in ("private", "public-read"):
        with fails("AccessControlListNotSupported", 400, "The bucket does not allow ACLs"):
            s3.put_bucket_acl(Bucket=bucket, ACL=canned)
    own("ObjectWriter")
    assert ownership() == [{"ObjectOwnership": "ObjectWriter"}]
    with fails("AccessDenied", 403):
        s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    grants = s3.get_bucket_acl(Bucket=bucket)["Grants"]
    everyone = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
    assert grants[1:] == [{"Grantee": everyone, "Permission": "READ"}]
    with fails("InvalidBucketAclWithObjectOwnership", 400):
        own("BucketOwnerEnforced")
    s3.put_bucket_acl(Bucket=bucket, GrantFullControl=f'id="{acl["Owner"]["ID"]}"')
    assert s3.get_bucket_acl(Bucket=bucket)["Grants"] == acl["Grants"]
    s3.put_bucket_acl(Bucket=bucket, AccessControlPolicy={"Owner": acl["Owner"], "Grants": grants})
    assert s3.get_bucket_acl(Bucket=bucket)["Grants"] == grants
    s3.create_bucket(Bucket=bucket)
    assert s3.get_bucket_acl(Bucket=bucket)["Grants"] == acl["Grants"]
    own("BucketOwnerEnforced")
    s3.delete_bucket_ownership_controls(Bucket=bucket)
    with fails("OwnershipControlsNotFoundError", 404, "The bucket ownership controls were not found"):
        ownership()
    with fails("MalformedXML", 400):
        own("Everyone")


def test_create_with_ownership_and_acl(s3, unique, fails):
    name = unique("owned")
    with fails("InvalidBucketAclWithObjectOwnership", 400):
        s3.create_bucket(Bucket=name, ACL="public-read")
    with fails("InvalidBucketAclWithBlockPublicAccessError", 400):
        s3.create_bucket(Bucket=name, ACL="public-read", ObjectOwnership="ObjectWriter")
    with fails("InvalidArgument", 400, "Invalid x-amz-object-ownership header: Nobody"):
        s3.create_bucket(Bucket=name, ObjectOwnership="Nobody")
    s3.create_bucket(Bucket=name, ACL="log-delivery-write", ObjectOwnership="BucketOwnerPreferred")
    assert [g["Permission"] for g in s3.get_bucket_acl(Bucket=name)["Grants"]] == ["FULL_CONTROL", "WRITE", "READ_ACP"]


def test_cors(s3, bucket, fails):
    with fails("NoSuchCORSConfiguration", 404, "The CORS configuration does not exist"):
        s3.get_bucket_cors(Bucket=bucket)
    rules = [
        {"ID": "a", "AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["https://*.example.com"], "AllowedHeaders": ["*"], "MaxAgeSeconds": 30},
        {"AllowedMethods": ["HEAD"], "AllowedOrigins": ["*"], "ExposeHeaders": ["ETag"]},
    ]
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == rules
    with fails("InvalidRequest", 400, "Found unsupported HTTP method in CORS config. Unsupported method is PATCH"):
        s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [{"AllowedMethods": ["PATCH"], "AllowedOrigins": ["*"]}]})
    s3.delete_bucket_cors(Bucket=bucket)
    with fails("NoSuchCORSConfiguration", 404):
        s3.get_bucket_cors(Bucket=bucket)


def test_website(s3, bucket, fails):
    with fails("NoSuchWebsiteConfiguration", 404, "The specified bucket does not have a website configuration"):
        s3.get_bucket_website(Bucket=bucket)
    site = {
        "IndexDocument": {"Suffix": "index.html"},
        "ErrorDocument": {"Key": "error.html"},
        "RoutingRules": [{"Condition": {"KeyPrefixEquals": "a/"}, "Redirect": {"ReplaceKeyPrefixWith": "b/"}}],
    }
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=site)
    got = s3.get_bucket_website(Bucket=bucket)
    assert {k: got[k] for k in site} == site
    with fails("InvalidArgument", 400):
        s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration={"IndexDocument": {"Suffix": "a/b"}})
    with fails("InvalidArgument", 400):
        s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration={**site, "RedirectAllRequestsTo": {"HostName": "x"}})
    s3.delete_bucket_website(Bucket=bucket)
    with fails("NoSuchWebsiteConfiguration", 404):
        s3.get_bucket_website(Bucket=bucket)


def test_logging(s3, bucket, unique, fails):
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)
    target = unique("logs")
    enabled = {"TargetBucket": target, "TargetPrefix": "l/"}
    with fails("InvalidTargetBucketForLogging", 400, "The target bucket for logging does not exist") as error:
        s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": enabled})
    assert error.value.response["Error"]["TargetBucket"] == target
    s3.create_bucket(Bucket=target)
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": enabled})
    assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"] == enabled
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)


def test_notification(s3, bucket, fails):
    get = s3.get_bucket_notification_configuration
    assert set(get(Bucket=bucket)) == {"ResponseMetadata"}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
    assert get(Bucket=bucket)["EventBridgeConfiguration"] == {}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    assert set(get(Bucket=bucket)) == {"ResponseMetadata"}
    queue = {"QueueArn": "arn:aws:sqs:us-east-1:1:q", "Events": ["s3:ObjectCreated:*"]}
    with fails("NotImplemented", 501):
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [queue]})


def test_accelerate_and_request_payment(s3, bucket, unique, fails):
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=bucket)
    s3.put_bucket_accelerate_configuration(Bucket=bucket, AccelerateConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_accelerate_configuration(Bucket=bucket)["Status"] == "Enabled"
    dotted = f"{unique('a')}.b"
    s3.create_bucket(Bucket=dotted)
    with fails("InvalidRequest", 400, "S3 Transfer Acceleration is not supported for buckets with periods"):
        s3.put_bucket_accelerate_configuration(Bucket=dotted, AccelerateConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "Requester"})
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "Requester"


def test_what_is_only_absent(s3, bucket, fails):
    with fails("ReplicationConfigurationNotFoundError", 404, "The replication configuration was not found"):
        s3.get_bucket_replication(Bucket=bucket)
    s3.delete_bucket_replication(Bucket=bucket)
    with fails("ObjectLockConfigurationNotFoundError", 404, "Object Lock configuration does not exist for this bucket"):
        s3.get_object_lock_configuration(Bucket=bucket)


CONFIGURATIONS = {
    "analytics": ("AnalyticsConfiguration", {"Id": "one", "StorageClassAnalysis": {}}),
    "intelligent_tiering": (
        "IntelligentTieringConfiguration",
        {"Id": "one", "Status": "Enabled", "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]},
    ),
    "inventory": (
        "InventoryConfiguration",
        {
            "Id": "one",
            "IsEnabled": True,
            "IncludedObjectVersions": "All",
            "Schedule": {"Frequency": "Daily"},
            "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::b", "Format": "CSV"}},
        },
    ),
    "metrics": ("MetricsConfiguration", {"Id": "one", "Filter": {"Prefix": "a"}}),
}


@pytest.mark.parametrize("kind", CONFIGURATIONS)
def test_configurations_by_id(s3, bucket, fails, kind):
    member, value = CONFIGURATIONS[kind]

    def call(verb, plural="", **arguments):
        return getattr(s3, f"{verb}_bucket_{kind}_configuration{plural}")(Bucket=bucket, **arguments)

    empty = call("list", "s")
    assert empty["IsTruncated"] is False
    assert f"{member}List" not in empty
    with fails("NoSuchConfiguration", 404, "The specified configuration does not exist."):
        call("get", Id="one")
    call("put", Id="one", **{member: value})
    assert call("get", Id="one")[member] == value
    assert call("list", "s")[f"{member}List"] == [value]
    call("delete", Id="one")
    with fails("NoSuchConfiguration", 404):
        call("delete", Id="one")
