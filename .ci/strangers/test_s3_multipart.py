"""S3's uploads in parts, as boto3 sees them."""

import base64
import hashlib
import zlib

import pytest
from botocore.config import Config

MIB = 1024 * 1024
FIRST, SECOND = b"a" * (5 * MIB), b"b" * 1000


@pytest.fixture
def s3(client):
    return client("s3")


@pytest.fixture
def bucket(s3, unique):
    name = unique("uploads")
    s3.create_bucket(Bucket=name)
    return name


def b64(data):
    return base64.b64encode(data).decode()


def crc(data):
    return zlib.crc32(data).to_bytes(4, "big")


def begin(s3, bucket, key="k", **more):
    more.setdefault("ChecksumAlgorithm", "CRC32")
    return s3.create_multipart_upload(Bucket=bucket, Key=key, **more)["UploadId"]


def send(s3, bucket, upload, number, body, key="k"):
    part = s3.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=number, Body=body)
    kept = {name: value for name, value in part.items() if name == "ETag" or name.startswith("Checksum")}
    return {"PartNumber": number, **kept}


def complete(s3, bucket, upload, parts, key="k", **more):
    return s3.complete_multipart_upload(Bucket=bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": parts}, **more)


def test_an_upload_becomes_an_object(s3, bucket, fails):
    made = s3.create_multipart_upload(Bucket=bucket, Key="k", Metadata={"m": "1"}, ContentType="text/plain", Tagging="t=1", StorageClass="STANDARD_IA", ChecksumAlgorithm="CRC32")
    assert (made["Bucket"], made["Key"], made["ServerSideEncryption"]) == (bucket, "k", "AES256")
    assert (made["ChecksumAlgorithm"], made["ChecksumType"]) == ("CRC32", "COMPOSITE")
    upload = made["UploadId"]
    second = send(s3, bucket, upload, 7, SECOND)
    assert second["ChecksumCRC32"] == b64(crc(SECOND))
    replaced = send(s3, bucket, upload, 2, b"soon replaced")
    first = send(s3, bucket, upload, 2, FIRST)
    assert replaced["ETag"] != first["ETag"]
    with fails("404", 404):
        s3.head_object(Bucket=bucket, Key="k")
    done = complete(s3, bucket, upload, [first, second])
    etag = hashlib.md5(hashlib.md5(FIRST).digest() + hashlib.md5(SECOND).digest()).hexdigest()
    assert done["ETag"] == f'"{etag}-2"'
    assert (done["Bucket"], done["Key"]) == (bucket, "k")
    assert done["Location"].endswith("/k") and bucket in done["Location"]
    assert done["ChecksumCRC32"] == f"{b64(crc(crc(FIRST) + crc(SECOND)))}-2"
    assert done["ChecksumType"] == "COMPOSITE"
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["Body"].read() == FIRST + SECOND
    assert (got["ETag"], got["Metadata"], got["ContentType"], got["TagCount"], got["StorageClass"]) == (done["ETag"], {"m": "1"}, "text/plain", 1, "STANDARD_IA")
    straddling = s3.get_object(Bucket=bucket, Key="k", Range=f"bytes={len(FIRST) - 2}-{len(FIRST) + 1}")
    assert straddling["Body"].read() == b"aabb"
    part = s3.get_object(Bucket=bucket, Key="k", PartNumber=2)
    assert part["Body"].read() == SECOND
    assert (part["PartsCount"], part["ResponseMetadata"]["HTTPStatusCode"]) == (2, 206)
    assert part["ContentRange"] == f"bytes {len(FIRST)}-{len(FIRST) + len(SECOND) - 1}/{len(FIRST) + len(SECOND)}"
    assert s3.head_object(Bucket=bucket, Key="k", PartNumber=1)["ContentLength"] == len(FIRST)
    with fails("InvalidPartNumber", 416) as error:
        s3.get_object(Bucket=bucket, Key="k", PartNumber=3)
    assert error.value.response["Error"]["ActualPartCount"] == "2"
    with fails("NoSuchUpload", 404):
        send(s3, bucket, upload, 1, b"x")
    s3.copy_object(Bucket=bucket, Key="whole", CopySource={"Bucket": bucket, "Key": "k"})
    assert s3.head_object(Bucket=bucket, Key="whole")["ETag"] == f'"{hashlib.md5(FIRST + SECOND).hexdigest()}"'


def test_attributes_of_parts(s3, bucket):
    upload = begin(s3, bucket)
    complete(s3, bucket, upload, [send(s3, bucket, upload, 1, FIRST), send(s3, bucket, upload, 2, SECOND)])
    parts = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["ObjectParts"])["ObjectParts"]
    assert parts["TotalPartsCount"] == 2
    assert [(p["PartNumber"], p["Size"]) for p in parts["Parts"]] == [(1, len(FIRST)), (2, len(SECOND))]
    assert parts["Parts"][1]["ChecksumCRC32"] == b64(crc(SECOND))
    page = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["ObjectParts"], MaxParts=1)["ObjectParts"]
    assert (page["IsTruncated"], page["NextPartNumberMarker"], len(page["Parts"])) == (True, 1, 1)


def test_full_object_checksums(client, s3, bucket, fails):
    upload = begin(s3, bucket, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    parts = [send(s3, bucket, upload, 1, FIRST), send(s3, bucket, upload, 2, SECOND)]
    with fails("BadDigest", 400):
        complete(s3, bucket, upload, parts, ChecksumCRC32=b64(crc(b"x")), ChecksumType="FULL_OBJECT")
    done = complete(s3, bucket, upload, parts, ChecksumCRC32=b64(crc(FIRST + SECOND)), ChecksumType="FULL_OBJECT")
    assert (done["ChecksumCRC32"], done["ChecksumType"]) == (b64(crc(FIRST + SECOND)), "FULL_OBJECT")
    silent = client("s3", config=Config(request_checksum_calculation="when_required"))
    for sender in (s3, silent):
        made = sender.create_multipart_upload(Bucket=bucket, Key="silent")
        assert "ChecksumAlgorithm" not in made
        upload = made["UploadId"]
        done = complete(sender, bucket, upload, [send(sender, bucket, upload, 1, b"123456789", "silent")], "silent")
        assert (done["ChecksumCRC64NVME"], done["ChecksumType"]) == ("rosUhgp5mIg=", "FULL_OBJECT")
    with fails("InvalidRequest", 400, "The FULL_OBJECT checksum type cannot be used with the sha256 checksum algorithm."):
        begin(s3, bucket, ChecksumAlgorithm="SHA256", ChecksumType="FULL_OBJECT")


def test_refusals(s3, bucket, fails):
    upload = begin(s3, bucket)
    first, second = send(s3, bucket, upload, 1, b"too small"), send(s3, bucket, upload, 2, SECOND)
    with fails("EntityTooSmall", 400, "Your proposed upload is smaller than the minimum allowed size") as error:
        complete(s3, bucket, upload, [first, second])
    answer = error.value.response["Error"]
    assert (answer["ProposedSize"], answer["MinSizeAllowed"], answer["PartNumber"]) == ("9", str(5 * MIB), "1")
    with fails("InvalidPartOrder", 400, "The list of parts was not in ascending order."):
        complete(s3, bucket, upload, [second, first])
    for wrong in ({**first, "PartNumber": 3}, {**first, "ETag": '"0"'}):
        with fails("InvalidPart", 400, "One or more of the specified parts could not be found.") as error:
            complete(s3, bucket, upload, [wrong])
        assert error.value.response["Error"]["UploadId"] == upload
    with fails("MalformedXML", 400):
        complete(s3, bucket, upload, [])
    with fails("InvalidRequest", 400, "It was missing for part 2 in the request."):
        complete(s3, bucket, upload, [{"PartNumber": 2, "ETag": second["ETag"]}])
    for number in (0, 10001):
        with fails("InvalidArgument", 400, "Part number must be an integer between 1 and 10000, inclusive"):
            send(s3, bucket, upload, number, b"")
    with fails("InvalidRequest", 400, "Checksum Type mismatch occurred, expected checksum Type: crc32, actual checksum Type: sha256"):
        s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"", ChecksumSHA256=b64(hashlib.sha256(b"").digest()))
    for unknown in ("no-such-upload", upload + "x"):
        with fails("NoSuchUpload", 404, "The specified upload does not exist.") as error:
            send(s3, bucket, unknown, 1, b"")
        assert error.value.response["Error"]["UploadId"] == unknown
    with fails("NoSuchUpload", 404):
        send(s3, bucket, upload, 1, b"", key="another")


def test_conditional_completion(s3, bucket, fails):
    upload = begin(s3, bucket)
    parts = [send(s3, bucket, upload, 1, SECOND)]
    s3.put_object(Bucket=bucket, Key="k")
    with fails("PreconditionFailed", 412):
        complete(s3, bucket, upload, parts, IfNoneMatch="*")
    s3.delete_object(Bucket=bucket, Key="k")
    complete(s3, bucket, upload, parts, IfNoneMatch="*")


def test_abort(s3, bucket, fails):
    upload = begin(s3, bucket)
    send(s3, bucket, upload, 1, b"x")
    assert s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)["ResponseMetadata"]["HTTPStatusCode"] == 204
    for call in (s3.abort_multipart_upload, s3.list_parts):
        with fails("NoSuchUpload", 404):
            call(Bucket=bucket, Key="k", UploadId=upload)


def test_parts_copied_from_objects(s3, bucket, fails):
    s3.put_object(Bucket=bucket, Key="source", Body=FIRST + SECOND)
    source = {"Bucket": bucket, "Key": "source"}
    upload = begin(s3, bucket)
    where = {"Bucket": bucket, "Key": "k", "UploadId": upload, "CopySource": source}
    ranges = [f"bytes=0-{len(FIRST) - 1}", f"bytes={len(FIRST)}-{len(FIRST) + len(SECOND) - 1}"]
    parts = []
    for number, wanted in enumerate(ranges, 1):
        result = s3.upload_part_copy(PartNumber=number, CopySourceRange=wanted, **where)["CopyPartResult"]
        assert result["LastModified"]
        parts.append({"PartNumber": number, "ETag": result["ETag"], "ChecksumCRC32": result["ChecksumCRC32"]})
    with fails("InvalidArgument", 400, f"Range specified is not valid for source object of size: {len(FIRST) + len(SECOND)}"):
        s3.upload_part_copy(PartNumber=3, CopySourceRange="bytes=0-99999999", **where)
    with fails("InvalidArgument", 400, "The x-amz-copy-source-range value must be of the form bytes=first-last"):
        s3.upload_part_copy(PartNumber=3, CopySourceRange="bytes=5-", **where)
    with fails("PreconditionFailed", 412):
        s3.upload_part_copy(PartNumber=3, CopySourceIfMatch='"other"', **where)
    complete(s3, bucket, upload, parts)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == FIRST + SECOND


def test_list_parts(s3, bucket):
    upload = begin(s3, bucket, StorageClass="STANDARD_IA")
    empty = s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)
    assert (empty["IsTruncated"], empty["NextPartNumberMarker"], empty["MaxParts"]) == (False, 0, 1000)
    assert "Parts" not in empty
    sent = [send(s3, bucket, upload, number, b"x" * number) for number in (3, 1, 9)]
    listed = s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)
    assert [(p["PartNumber"], p["Size"]) for p in listed["Parts"]] == [(1, 1), (3, 3), (9, 9)]
    assert listed["Parts"][1]["ETag"] == sent[0]["ETag"]
    assert (listed["StorageClass"], listed["ChecksumAlgorithm"]) == ("STANDARD_IA", "CRC32")
    assert listed["Initiator"]["ID"] and listed["Owner"]["ID"]
    pages = s3.get_paginator("list_parts").paginate(Bucket=bucket, Key="k", UploadId=upload, PaginationConfig={"PageSize": 2})
    assert [[p["PartNumber"] for p in page["Parts"]] for page in pages] == [[1, 3], [9]]


def test_list_uploads(s3, bucket):
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
    keys = ["a", "a", "b/1", "b/2", "c d"]
    ids = [begin(s3, bucket, key) for key in keys]
    listed = s3.list_multipart_uploads(Bucket=bucket)
    assert [u["Key"] for u in listed["Uploads"]] == keys
    assert {u["UploadId"] for u in listed["Uploads"]} == set(ids)
    assert (listed["MaxUploads"], listed["IsTruncated"]) == (1000, False)
    rolled = s3.list_multipart_uploads(Bucket=bucket, Delimiter="/")
    assert [u["Key"] for u in rolled["Uploads"]] == ["a", "a", "c d"]
    assert rolled["CommonPrefixes"] == [{"Prefix": "b/"}]
    assert [u["Key"] for u in s3.list_multipart_uploads(Bucket=bucket, Prefix="b/")["Uploads"]] == ["b/1", "b/2"]
    pages = list(s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, PaginationConfig={"PageSize": 1}))
    assert [u["UploadId"] for page in pages for u in page["Uploads"]] == [u["UploadId"] for u in listed["Uploads"]]
