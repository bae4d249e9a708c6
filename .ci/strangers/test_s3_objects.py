"""S3's objects, their versions and their copies, as boto3 sees them."""

import base64
import hashlib
import io
import urllib.error
import urllib.request
import zlib
from datetime import datetime, timedelta, timezone

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from conftest import signed

MIB = 1024 * 1024


@pytest.fixture
def s3(client):
    return client("s3")


@pytest.fixture
def bucket(s3, unique):
    name = unique("objects")
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def versioned(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


def b64(data):
    return base64.b64encode(data).decode()


def crc32(data):
    return b64(zlib.crc32(data).to_bytes(4, "big"))


def read(s3, bucket, key, **more):
    return s3.get_object(Bucket=bucket, Key=key, **more)["Body"].read()


KEYS = [
    "plain",
    "with space",
    "plus+and%25percent%",
    "ünï/çødé/日本",
    "/leading",
    "double//slash",
    "trailing/",
    "a?b&c=d#e;f:g,h",
    "quote'\"<&>",
    "..",
    "a/../b",
    "tilde~star*(paren)",
    "back\\slash",
    "k" * 1024,
]


@pytest.mark.parametrize("key", KEYS)
def test_keys_survive(s3, bucket, key):
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert read(s3, bucket, key) == key.encode()
    assert s3.head_object(Bucket=bucket, Key=key)["ContentLength"] == len(key.encode())
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket, EncodingType="url")["Contents"]] != []
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": key})
    assert read(s3, bucket, "copy") == key.encode()
    deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key}]})
    assert deleted["Deleted"] == [{"Key": key}]
    assert [o["Key"] for o in s3.list_objects(Bucket=bucket)["Contents"]] == ["copy"]


def test_key_too_long(s3, bucket, fails):
    with fails("KeyTooLongError", 400, "Your key is too long") as error:
        s3.put_object(Bucket=bucket, Key="k" * 1025)
    assert error.value.response["Error"]["MaxSizeAllowed"] == "1024"


def test_put_and_get(s3, bucket):
    body = b"hello, world"
    put = s3.put_object(Bucket=bucket, Key="k", Body=body)
    etag = f'"{hashlib.md5(body).hexdigest()}"'
    assert put["ETag"] == etag
    assert put["ServerSideEncryption"] == "AES256"
    assert put["ChecksumCRC32"] == crc32(body)
    assert put["ChecksumType"] == "FULL_OBJECT"
    assert "VersionId" not in put
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["Body"].read() == body
    assert got["ETag"] == etag
    assert got["ContentType"] == "binary/octet-stream"
    assert got["ContentLength"] == len(body)
    assert got["AcceptRanges"] == "bytes"
    assert got["Metadata"] == {}
    assert got["ServerSideEncryption"] == "AES256"
    assert got["ChecksumCRC32"] == crc32(body)
    assert got["ChecksumType"] == "FULL_OBJECT"
    assert got["LastModified"].tzinfo is not None
    for absent in ("StorageClass", "VersionId", "TagCount", "PartsCount", "DeleteMarker"):
        assert absent not in got, absent
    head = s3.head_object(Bucket=bucket, Key="k")
    assert "ChecksumCRC32" not in head
    assert head["LastModified"] == got["LastModified"]


def test_what_is_said_of_an_object(s3, bucket, fails):
    said = {
        "ContentType": "text/plain; charset=utf-8",
        "CacheControl": "max-age=60",
        "ContentDisposition": 'attachment; filename="a b.txt"',
        "ContentEncoding": "gzip",
        "ContentLanguage": "de",
        "WebsiteRedirectLocation": "/other",
        "StorageClass": "STANDARD_IA",
    }
    expires = datetime(2030, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", Metadata={"Some-Name": "Value 1", "other": "x=y"}, Expires=expires, Tagging="a=1&b=x%20y", **said)
    for got in (s3.head_object(Bucket=bucket, Key="k"), s3.get_object(Bucket=bucket, Key="k")):
        assert {name: got[name] for name in said} == said
        assert got["ExpiresString"] == "Wed, 02 Jan 2030 03:04:05 GMT"
        assert got["Metadata"] == {"some-name": "Value 1", "other": "x=y"}
        assert got["TagCount"] == 2
    override = s3.get_object(
        Bucket=bucket, Key="k", ResponseContentType="a/b", ResponseCacheControl="no-cache", ResponseContentDisposition="inline",
        ResponseContentEncoding="br", ResponseContentLanguage="fr", ResponseExpires=expires + timedelta(days=1),
    )
    assert override["ContentType"] == "a/b"
    assert override["CacheControl"] == "no-cache"
    assert override["ContentDisposition"] == "inline"
    assert override["ContentEncoding"] == "br"
    assert override["ContentLanguage"] == "fr"
    assert override["ExpiresString"] == "Thu, 03 Jan 2030 03:04:05 GMT"
    with fails("InvalidStorageClass", 400, "The storage class you specified is not valid"):
        s3.put_object(Bucket=bucket, Key="k", StorageClass="LUKEWARM")
    with fails("InvalidRedirectLocation", 400):
        s3.put_object(Bucket=bucket, Key="k", WebsiteRedirectLocation="elsewhere")
    with fails("MetadataTooLarge", 400):
        s3.put_object(Bucket=bucket, Key="k", Metadata={"a": "x" * 2048})
    s3.put_object(Bucket=bucket, Key="cold", Body=b"x", StorageClass="GLACIER")
    with fails("InvalidObjectState", 403) as error:
        s3.get_object(Bucket=bucket, Key="cold")
    assert error.value.response["StorageClass"] == "GLACIER"


def test_encryption_of_an_object(s3, bucket, fails):
    put = s3.put_object(Bucket=bucket, Key="k", ServerSideEncryption="aws:kms", SSEKMSKeyId="0a0b", BucketKeyEnabled=True)
    arn = "arn:aws:kms:us-east-1:123456789012:key/0a0b"
    for answer in (put, s3.head_object(Bucket=bucket, Key="k")):
        assert answer["ServerSideEncryption"] == "aws:kms"
        assert answer["SSEKMSKeyId"] == arn
        assert answer["BucketKeyEnabled"] is True
    managed = s3.put_object(Bucket=bucket, Key="k", ServerSideEncryption="aws:kms")["SSEKMSKeyId"]
    assert managed.startswith("arn:aws:kms:us-east-1:123456789012:key/")
    with fails("InvalidArgument", 400):
        s3.put_object(Bucket=bucket, Key="k", ServerSideEncryption="ROT13")
    with fails("AccessDenied", 403):
        s3.put_object(Bucket=bucket, Key="k", SSECustomerAlgorithm="AES256", SSECustomerKey="k" * 32)


def test_absent(s3, bucket, fails):
    with fails("NoSuchKey", 404, "The specified key does not exist.") as error:
        s3.get_object(Bucket=bucket, Key="none")
    assert error.value.response["Error"]["Key"] == "none"
    with fails("404", 404, "Not Found"):
        s3.head_object(Bucket=bucket, Key="none")
    with fails("NoSuchBucket", 404):
        s3.get_object(Bucket="no-such-bucket-at-all", Key="none")
    assert s3.delete_object(Bucket=bucket, Key="none")["ResponseMetadata"]["HTTPStatusCode"] == 204


# Integrity


def test_digests_are_proved(s3, bucket, fails):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ContentMD5=b64(hashlib.md5(b"x").digest()))
    with fails("BadDigest", 400, "The Content-MD5 you specified did not match what we received."):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", ContentMD5=b64(hashlib.md5(b"y").digest()))
    with fails("InvalidDigest", 400):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", ContentMD5="nonsense")
    with fails("BadDigest", 400, "The CRC32 you specified did not match the calculated checksum."):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", ChecksumCRC32=crc32(b"y"))


@pytest.mark.parametrize(
    ("algorithm", "value"),
    [
        ("CRC32", "y/Q5Jg=="),
        ("CRC32C", "4waSgw=="),
        ("CRC64NVME", "rosUhgp5mIg="),
        ("SHA1", b64(hashlib.sha1(b"123456789").digest())),
        ("SHA256", b64(hashlib.sha256(b"123456789").digest())),
    ],
)
def test_checksums_come_back(s3, bucket, algorithm, value):
    member = f"Checksum{algorithm}"
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"123456789", **{member: value})
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert (put[member], got[member]) == (value, value)
    assert got["Body"].read() == b"123456789"
    attributes = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["Checksum"])
    assert attributes["Checksum"] == {member: value, "ChecksumType": "FULL_OBJECT"}
    (listed,) = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert (listed["ChecksumAlgorithm"], listed["ChecksumType"]) == ([algorithm], "FULL_OBJECT")


def test_without_a_checksum_s3_computes_its_own(client, bucket):
    silent = client("s3", config=Config(request_checksum_calculation="when_required"))
    assert silent.put_object(Bucket=bucket, Key="k", Body=b"123456789")["ChecksumCRC64NVME"] == "rosUhgp5mIg="


def test_chunked_bodies(endpoint, s3, bucket):
    framed = b"5;chunk-signature=0\r\n12345\r\n4;chunk-signature=0\r\n6789\r\n0;chunk-signature=0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n"
    headers = {
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "x-amz-decoded-content-length": "9",
        "x-amz-trailer": "x-amz-checksum-crc32",
        "Content-Encoding": "aws-chunked",
    }
    answer = signed("PUT", f"{endpoint}/{bucket}/k", "us-east-1", body=framed, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-amz-checksum-crc32"] == "y/Q5Jg=="
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["Body"].read() == b"123456789"
    assert "ContentEncoding" not in got
    spoiled = framed.replace(b"y/Q5", b"z/Q5")
    answer = signed("PUT", f"{endpoint}/{bucket}/k", "us-east-1", body=spoiled, headers=headers)
    assert (answer.status_code, "<Code>BadDigest</Code>" in answer.text) == (400, True)


# Reading in part, reading if


@pytest.mark.parametrize(
    ("range", "body", "content_range"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=5-", b"56789", "bytes 5-9/10"),
        ("bytes=8-99", b"89", "bytes 8-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
    ],
)
def test_ranges(s3, bucket, range, body, content_range):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    got = s3.get_object(Bucket=bucket, Key="k", Range=range)
    assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert (got["Body"].read(), got["ContentRange"], got["ContentLength"]) == (body, content_range, len(body))
    head = s3.head_object(Bucket=bucket, Key="k", Range=range)
    assert (head["ContentRange"], head["ContentLength"]) == (content_range, len(body))


def test_ranges_that_are_none(s3, bucket, fails):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    for odd in ("lines=0-1", "bytes=3-1", "bytes=0-1,3-4"):
        got = s3.get_object(Bucket=bucket, Key="k", Range=odd)
        assert (got["ResponseMetadata"]["HTTPStatusCode"], got["Body"].read()) == (200, b"0123456789")
    with fails("InvalidRange", 416, "The requested range is not satisfiable") as error:
        s3.get_object(Bucket=bucket, Key="k", Range="bytes=10-")
    answer = error.value.response
    assert answer["Error"]["ActualObjectSize"] == "10"
    assert answer["Error"]["RangeRequested"] == "bytes=10-"
    with fails("InvalidPartNumber", 416):
        s3.get_object(Bucket=bucket, Key="k", PartNumber=2)
    assert s3.get_object(Bucket=bucket, Key="k", PartNumber=1)["Body"].read() == b"0123456789"


def test_conditional_reads(s3, bucket, fails):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    modified = s3.head_object(Bucket=bucket, Key="k")["LastModified"]
    later, earlier = modified + timedelta(seconds=1), modified - timedelta(seconds=1)
    for read in (s3.get_object, s3.head_object):
        read(Bucket=bucket, Key="k", IfMatch=etag)
        read(Bucket=bucket, Key="k", IfNoneMatch='"other"')
        read(Bucket=bucket, Key="k", IfModifiedSince=earlier)
        read(Bucket=bucket, Key="k", IfUnmodifiedSince=modified)
        read(Bucket=bucket, Key="k", IfMatch=etag, IfUnmodifiedSince=earlier)
        for condition in ({"IfNoneMatch": etag}, {"IfModifiedSince": modified}, {"IfNoneMatch": etag, "IfModifiedSince": earlier}):
            with fails("304", 304) as error:
                read(Bucket=bucket, Key="k", **condition)
            assert error.value.response["ResponseMetadata"]["HTTPHeaders"]["etag"] == etag
        read(Bucket=bucket, Key="k", IfNoneMatch='"other"', IfModifiedSince=later)
    with fails("PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold") as error:
        s3.get_object(Bucket=bucket, Key="k", IfMatch='"other"')
    assert error.value.response["Error"]["Condition"] == "If-Match"
    with fails("PreconditionFailed", 412) as error:
        s3.get_object(Bucket=bucket, Key="k", IfUnmodifiedSince=earlier)
    assert error.value.response["Error"]["Condition"] == "If-Unmodified-Since"
    with fails("412", 412):
        s3.head_object(Bucket=bucket, Key="k", IfMatch='"other"')


def test_conditional_writes(s3, bucket, fails):
    with fails("NoSuchKey", 404):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", IfMatch='"any"')
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"1", IfNoneMatch="*")["ETag"]
    with fails("PreconditionFailed", 412) as error:
        s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*")
    assert error.value.response["Error"]["Condition"] == "If-None-Match"
    with fails("PreconditionFailed", 412):
        s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfMatch='"other"')
    s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfMatch=etag)
    with fails("NotImplemented", 501, "A header you provided implies functionality that is not implemented"):
        s3.put_object(Bucket=bucket, Key="k", IfNoneMatch=etag)
    with fails("PreconditionFailed", 412):
        s3.delete_object(Bucket=bucket, Key="k", IfMatch=etag)
    assert read(s3, bucket, "k") == b"2"
    s3.delete_object(Bucket=bucket, Key="k", IfMatch="*")


# Versions


def test_versions(s3, versioned, fails):
    first = s3.put_object(Bucket=versioned, Key="k", Body=b"1")["VersionId"]
    second = s3.put_object(Bucket=versioned, Key="k", Body=b"2")["VersionId"]
    assert len(first) == 32 and first != second
    got = s3.get_object(Bucket=versioned, Key="k")
    assert (got["Body"].read(), got["VersionId"]) == (b"2", second)
    assert read(s3, versioned, "k", VersionId=first) == b"1"
    marker = s3.delete_object(Bucket=versioned, Key="k")
    assert marker["DeleteMarker"] is True
    with fails("NoSuchKey", 404) as error:
        s3.get_object(Bucket=versioned, Key="k")
    headers = error.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert (headers["x-amz-delete-marker"], headers["x-amz-version-id"]) == ("true", marker["VersionId"])
    with fails("MethodNotAllowed", 405, "The specified method is not allowed against this resource.") as error:
        s3.get_object(Bucket=versioned, Key="k", VersionId=marker["VersionId"])
    answer = error.value.response
    assert (answer["Error"]["Method"], answer["Error"]["ResourceType"]) == ("GET", "DeleteMarker")
    assert answer["ResponseMetadata"]["HTTPHeaders"]["allow"] == "DELETE"
    with fails("405", 405):
        s3.head_object(Bucket=versioned, Key="k", VersionId=marker["VersionId"])
    with fails("NoSuchVersion", 404, "The specified version does not exist.") as error:
        s3.get_object(Bucket=versioned, Key="k", VersionId="a" * 32)
    assert error.value.response["Error"]["VersionId"] == "a" * 32
    with fails("InvalidArgument", 400, "Invalid version id specified") as error:
        s3.get_object(Bucket=versioned, Key="k", VersionId="nonsense")
    assert error.value.response["Error"]["ArgumentValue"] == "nonsense"
    gone = s3.delete_object(Bucket=versioned, Key="k", VersionId=marker["VersionId"])
    assert (gone["DeleteMarker"], gone["VersionId"]) == (True, marker["VersionId"])
    assert read(s3, versioned, "k") == b"2"
    assert s3.delete_object(Bucket=versioned, Key="k", VersionId=second)["VersionId"] == second
    assert read(s3, versioned, "k") == b"1"
    s3.delete_object(Bucket=versioned, Key="k", VersionId="b" * 32)


def test_suspended_versioning_writes_null(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"before")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    kept = s3.put_object(Bucket=bucket, Key="k", Body=b"kept")["VersionId"]
    assert s3.get_object(Bucket=bucket, Key="k", VersionId="null")["VersionId"] == "null"
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    assert "VersionId" not in s3.put_object(Bucket=bucket, Key="k", Body=b"null 2")
    assert read(s3, bucket, "k", VersionId="null") == b"null 2"
    marker = s3.delete_object(Bucket=bucket, Key="k")
    assert (marker["DeleteMarker"], marker["VersionId"]) == (True, "null")
    listed = s3.list_object_versions(Bucket=bucket)
    assert [(v["VersionId"], v["IsLatest"]) for v in listed["Versions"]] == [(kept, False)]
    assert [(m["VersionId"], m["IsLatest"]) for m in listed["DeleteMarkers"]] == [("null", True)]


def test_delete_objects(s3, versioned, fails):
    keys = [f"k{n}" for n in range(3)]
    versions = {key: s3.put_object(Bucket=versioned, Key=key)["VersionId"] for key in keys}
    wanted = [{"Key": "k0"}, {"Key": "k1", "VersionId": versions["k1"]}, {"Key": "none"}, {"Key": "k2", "VersionId": "bad"}]
    answer = s3.delete_objects(Bucket=versioned, Delete={"Objects": wanted})
    by_key = {entry["Key"]: entry for entry in answer["Deleted"]}
    assert by_key["k0"]["DeleteMarker"] is True and "VersionId" not in by_key["k0"]
    assert by_key["k1"] == {"Key": "k1", "VersionId": versions["k1"]}
    assert by_key["none"]["DeleteMarker"] is True
    assert answer["Errors"] == [{"Key": "k2", "VersionId": "bad", "Code": "InvalidArgument", "Message": "Invalid version id specified"}]
    marker = by_key["k0"]["DeleteMarkerVersionId"]
    answer = s3.delete_objects(Bucket=versioned, Delete={"Objects": [{"Key": "k0", "VersionId": marker}]})
    assert answer["Deleted"] == [{"Key": "k0", "VersionId": marker, "DeleteMarker": True, "DeleteMarkerVersionId": marker}]
    answer = s3.delete_objects(Bucket=versioned, Delete={"Objects": [{"Key": "k0"}], "Quiet": True})
    assert "Deleted" not in answer and "Errors" not in answer
    with fails("MalformedXML", 400):
        s3.delete_objects(Bucket=versioned, Delete={"Objects": [{"Key": f"k{n}"} for n in range(1001)]})


def test_a_versioned_bucket_is_emptied_page_by_page(s3, versioned):
    for n in range(7):
        for body in (b"1", b"2"):
            s3.put_object(Bucket=versioned, Key=f"k{n}", Body=body)
    s3.delete_object(Bucket=versioned, Key="k3")
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=versioned, PaginationConfig={"PageSize": 3}):
        found = [{"Key": v["Key"], "VersionId": v["VersionId"]} for v in page.get("Versions", []) + page.get("DeleteMarkers", [])]
        assert "Errors" not in s3.delete_objects(Bucket=versioned, Delete={"Objects": found})
    s3.delete_bucket(Bucket=versioned)


# Copies


def test_copy(s3, bucket, unique, fails):
    s3.put_object(Bucket=bucket, Key="a", Body=b"body", Metadata={"m": "1"}, ContentType="text/plain", Tagging="t=1", StorageClass="STANDARD_IA")
    source = {"Bucket": bucket, "Key": "a"}
    copied = s3.copy_object(Bucket=bucket, Key="b", CopySource=source)
    assert copied["CopyObjectResult"]["ETag"] == f'"{hashlib.md5(b"body").hexdigest()}"'
    assert copied["CopyObjectResult"]["LastModified"]
    assert copied["CopyObjectResult"]["ChecksumCRC32"] == crc32(b"body")
    got = s3.get_object(Bucket=bucket, Key="b")
    assert (got["Body"].read(), got["Metadata"], got["ContentType"], got["TagCount"]) == (b"body", {"m": "1"}, "text/plain", 1)
    assert "StorageClass" not in got
    s3.copy_object(Bucket=bucket, Key="c", CopySource=source, MetadataDirective="REPLACE", Metadata={"n": "2"}, TaggingDirective="REPLACE", Tagging="u=2&v=3")
    got = s3.get_object(Bucket=bucket, Key="c")
    assert (got["Metadata"], got["ContentType"], got["TagCount"]) == ({"n": "2"}, "binary/octet-stream", 2)
    with fails("InvalidRequest", 400, "This copy request is illegal because it is trying to copy an object to itself"):
        s3.copy_object(Bucket=bucket, Key="a", CopySource=source)
    s3.copy_object(Bucket=bucket, Key="a", CopySource=source, MetadataDirective="REPLACE", Metadata={"m": "3"})
    assert s3.head_object(Bucket=bucket, Key="a")["Metadata"] == {"m": "3"}
    s3.copy_object(Bucket=bucket, Key="a", CopySource=source, StorageClass="ONEZONE_IA")
    assert s3.head_object(Bucket=bucket, Key="a")["StorageClass"] == "ONEZONE_IA"
    with fails("NoSuchKey", 404):
        s3.copy_object(Bucket=bucket, Key="d", CopySource={"Bucket": bucket, "Key": "none"})
    with fails("NoSuchBucket", 404):
        s3.copy_object(Bucket=bucket, Key="d", CopySource={"Bucket": "no-such-bucket-at-all", "Key": "a"})
    s3.copy_object(Bucket=bucket, Key="sum", CopySource=source, ChecksumAlgorithm="SHA256")
    attributes = s3.get_object_attributes(Bucket=bucket, Key="sum", ObjectAttributes=["Checksum"])
    assert attributes["Checksum"]["ChecksumSHA256"] == b64(hashlib.sha256(b"body").digest())


def test_copy_conditions(s3, bucket, fails):
    etag = s3.put_object(Bucket=bucket, Key="a", Body=b"x")["ETag"]
    source = {"Bucket": bucket, "Key": "a"}
    s3.copy_object(Bucket=bucket, Key="b", CopySource=source, CopySourceIfMatch=etag)
    for condition in ({"CopySourceIfMatch": '"other"'}, {"CopySourceIfNoneMatch": etag}, {"CopySourceIfUnmodifiedSince": datetime(2000, 1, 1)}):
        with fails("PreconditionFailed", 412) as error:
            s3.copy_object(Bucket=bucket, Key="b", CopySource=source, **condition)
        assert error.value.response["Error"]["Condition"].startswith("x-amz-copy-source-If-")
    with fails("PreconditionFailed", 412):
        s3.copy_object(Bucket=bucket, Key="b", CopySource=source, IfNoneMatch="*")


def test_copy_of_a_version(s3, versioned, fails):
    first = s3.put_object(Bucket=versioned, Key="a", Body=b"1")["VersionId"]
    s3.put_object(Bucket=versioned, Key="a", Body=b"2")
    copied = s3.copy_object(Bucket=versioned, Key="a", CopySource={"Bucket": versioned, "Key": "a", "VersionId": first})
    assert copied["CopySourceVersionId"] == first
    assert copied["VersionId"] not in ("null", first)
    assert read(s3, versioned, "a") == b"1"
    marker = s3.delete_object(Bucket=versioned, Key="a")["VersionId"]
    with fails("NoSuchKey", 404):
        s3.copy_object(Bucket=versioned, Key="b", CopySource={"Bucket": versioned, "Key": "a"})
    with fails("InvalidRequest", 400, "may not specifically refer to a delete marker by version id"):
        s3.copy_object(Bucket=versioned, Key="b", CopySource={"Bucket": versioned, "Key": "a", "VersionId": marker})


# Tags, ACLs, attributes


def test_object_tagging(s3, versioned, fails):
    version = s3.put_object(Bucket=versioned, Key="k", Tagging="a=1")["VersionId"]
    got = s3.get_object_tagging(Bucket=versioned, Key="k")
    assert (got["TagSet"], got["VersionId"]) == ([{"Key": "a", "Value": "1"}], version)
    put = s3.put_object_tagging(Bucket=versioned, Key="k", Tagging={"TagSet": [{"Key": "b", "Value": "x y"}]})
    assert put["VersionId"] == version
    assert s3.get_object_tagging(Bucket=versioned, Key="k", VersionId=version)["TagSet"] == [{"Key": "b", "Value": "x y"}]
    too_many = [{"Key": f"k{n}", "Value": "v"} for n in range(11)]
    with fails("BadRequest", 400, "Object tags cannot be greater than 10"):
        s3.put_object_tagging(Bucket=versioned, Key="k", Tagging={"TagSet": too_many})
    with fails("InvalidArgument", 400, "The header 'x-amz-tagging' shall be encoded as UTF-8"):
        s3.put_object(Bucket=versioned, Key="k", Tagging="a=1&a=2")
    deleted = s3.delete_object_tagging(Bucket=versioned, Key="k")
    assert (deleted["ResponseMetadata"]["HTTPStatusCode"], deleted["VersionId"]) == (204, version)
    assert s3.get_object_tagging(Bucket=versioned, Key="k")["TagSet"] == []
    for call in (s3.get_object_tagging, s3.delete_object_tagging):
        with fails("NoSuchKey", 404):
            call(Bucket=versioned, Key="none")


def test_object_acl(s3, bucket, fails):
    s3.put_object(Bucket=bucket, Key="k", ACL="bucket-owner-full-control")
    acl = s3.get_object_acl(Bucket=bucket, Key="k")
    assert [g["Permission"] for g in acl["Grants"]] == ["FULL_CONTROL"]
    assert acl["Grants"][0]["Grantee"]["ID"] == acl["Owner"]["ID"]
    with fails("AccessControlListNotSupported", 400, "The bucket does not allow ACLs"):
        s3.put_object_acl(Bucket=bucket, Key="k", ACL="private")
    with fails("AccessControlListNotSupported", 400):
        s3.put_object(Bucket=bucket, Key="k", ACL="public-read")
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    s3.put_object_acl(Bucket=bucket, Key="k", ACL="bucket-owner-read")
    with fails("AccessDenied", 403):
        s3.put_object_acl(Bucket=bucket, Key="k", ACL="public-read")
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_object_acl(Bucket=bucket, Key="k", ACL="public-read")
    assert [g["Permission"] for g in s3.get_object_acl(Bucket=bucket, Key="k")["Grants"]] == ["FULL_CONTROL", "READ"]
    with fails("NoSuchKey", 404):
        s3.get_object_acl(Bucket=bucket, Key="none")


def test_object_attributes(s3, versioned, fails):
    put = s3.put_object(Bucket=versioned, Key="k", Body=b"body")
    wanted = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]
    got = s3.get_object_attributes(Bucket=versioned, Key="k", ObjectAttributes=wanted)
    assert got["ETag"] == put["ETag"].strip('"')
    assert (got["ObjectSize"], got["StorageClass"], got["VersionId"]) == (4, "STANDARD", put["VersionId"])
    assert got["Checksum"]["ChecksumCRC32"] == crc32(b"body")
    assert "ObjectParts" not in got
    assert "ETag" not in s3.get_object_attributes(Bucket=versioned, Key="k", ObjectAttributes=["ObjectSize"])
    with fails("NoSuchKey", 404):
        s3.get_object_attributes(Bucket=versioned, Key="none", ObjectAttributes=wanted)


# Transfers and presigned URLs


def test_transfers(s3, bucket, tmp_path):
    small, large = bytes(1000), bytes(range(256)) * (9 * 4096)
    config = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
    for name, body in (("small", small), ("large", large)):
        path = tmp_path / name
        path.write_bytes(body)
        s3.upload_file(str(path), bucket, name, Config=config, ExtraArgs={"Metadata": {"m": name}, "ContentType": "a/b"})
        s3.download_file(bucket, name, str(tmp_path / "back"), Config=config)
        assert (tmp_path / "back").read_bytes() == body
        s3.copy({"Bucket": bucket, "Key": name}, bucket, f"{name}-copy", Config=config)
        buffer = io.BytesIO()
        s3.download_fileobj(bucket, f"{name}-copy", buffer, Config=config)
        assert buffer.getvalue() == body
        head = s3.head_object(Bucket=bucket, Key=f"{name}-copy")
        assert (head["Metadata"], head["ContentType"]) == ({"m": name}, "a/b")
    assert s3.head_object(Bucket=bucket, Key="large")["ETag"].endswith('-2"')


@pytest.mark.parametrize("version", ["s3v4", None])
def test_presigned_urls(client, s3, bucket, version):
    signer = client("s3", config=Config(signature_version=version)) if version else s3
    put = signer.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "a b+c/ü"}, ExpiresIn=60)
    with urllib.request.urlopen(urllib.request.Request(put, data=b"signed", method="PUT")) as answer:
        assert answer.status == 200
    get = signer.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a b+c/ü", "ResponseContentType": "a/b"}, ExpiresIn=60)
    with urllib.request.urlopen(get) as answer:
        assert (answer.read(), answer.headers["Content-Type"]) == (b"signed", "a/b")
    late = signer.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a b+c/ü"}, ExpiresIn=-10 if version is None else 0)
    if version:
        late = late.replace("X-Amz-Date=20", "X-Amz-Date=19")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(late)
    assert caught.value.code == 403
    assert b"<Message>Request has expired</Message>" in caught.value.read()


def test_no_credentials_no_access(endpoint, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{endpoint}/{bucket}/k")
    assert caught.value.code == 403
    assert b"<Code>AccessDenied</Code>" in caught.value.read()
