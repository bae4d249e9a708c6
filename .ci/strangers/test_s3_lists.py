"""S3's lists of objects and versions, as boto3 sees them."""

import pytest

KEYS = ["a", "b/1", "b/2", "b/c/3", "d e/ü", "f", "f/1"]


@pytest.fixture
def s3(client):
    return client("s3")


@pytest.fixture(scope="module")
def bucket(client, unique):
    s3, name = client("s3"), unique("lists")
    s3.create_bucket(Bucket=name)
    for key in reversed(KEYS):
        s3.put_object(Bucket=name, Key=key, Body=key.encode())
    return name


def names(page):
    return [o["Key"] for o in page.get("Contents", [])], [p["Prefix"] for p in page.get("CommonPrefixes", [])]


def test_of_an_empty_bucket(s3, unique):
    name = unique("empty")
    s3.create_bucket(Bucket=name)
    page = s3.list_objects_v2(Bucket=name)
    assert (page["KeyCount"], page["IsTruncated"], page["MaxKeys"], page["Name"], page["Prefix"]) == (0, False, 1000, name, "")
    assert "Contents" not in page and "Contents" not in s3.list_objects(Bucket=name)
    assert "Versions" not in s3.list_object_versions(Bucket=name)


@pytest.mark.parametrize(
    ("arguments", "keys", "prefixes"),
    [
        ({}, KEYS, []),
        ({"Delimiter": "/"}, ["a", "f"], ["b/", "d e/", "f/"]),
        ({"Prefix": "b/"}, ["b/1", "b/2", "b/c/3"], []),
        ({"Prefix": "b/", "Delimiter": "/"}, ["b/1", "b/2"], ["b/c/"]),
        ({"Prefix": "f", "Delimiter": "/"}, ["f"], ["f/"]),
        ({"Prefix": "none"}, [], []),
        ({"Delimiter": "c/"}, ["a", "b/1", "b/2", "d e/ü", "f", "f/1"], ["b/c/"]),
        ({"MaxKeys": 0}, [], []),
    ],
)
def test_both_lists_agree(s3, bucket, arguments, keys, prefixes):
    for call in (s3.list_objects, s3.list_objects_v2):
        page = call(Bucket=bucket, **arguments)
        assert names(page) == (keys, prefixes)
        assert page["IsTruncated"] is False
        assert page.get("Delimiter") == arguments.get("Delimiter")
        assert page.get("KeyCount", len(keys) + len(prefixes)) == len(keys) + len(prefixes)


def test_what_is_listed(s3, bucket):
    (first, *_) = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert (first["Key"], first["Size"], first["StorageClass"]) == ("a", 1, "STANDARD")
    assert first["ETag"] == s3.head_object(Bucket=bucket, Key="a")["ETag"]
    assert first["LastModified"] == s3.head_object(Bucket=bucket, Key="a")["LastModified"]
    assert "Owner" not in first
    (first, *_) = s3.list_objects_v2(Bucket=bucket, FetchOwner=True)["Contents"]
    assert len(first["Owner"]["ID"]) == 64
    (first, *_) = s3.list_objects(Bucket=bucket)["Contents"]
    assert len(first["Owner"]["ID"]) == 64


@pytest.mark.parametrize("size", [1, 2, 3, 7])
@pytest.mark.parametrize("delimiter", ["", "/"])
@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
def test_pages(s3, bucket, operation, size, delimiter):
    pages = s3.get_paginator(operation).paginate(Bucket=bucket, Delimiter=delimiter, PaginationConfig={"PageSize": size})
    keys, prefixes = [], []
    for page in pages:
        assert len(page.get("Contents", [])) + len(page.get("CommonPrefixes", [])) <= size
        keys += names(page)[0]
        prefixes += names(page)[1]
    assert (keys, prefixes) == ((KEYS, []) if not delimiter else (["a", "f"], ["b/", "d e/", "f/"]))


def test_markers(s3, bucket, fails):
    page = s3.list_objects(Bucket=bucket, Marker="b/2", MaxKeys=2)
    assert (names(page)[0], page["Marker"], page["IsTruncated"], page["MaxKeys"]) == (["b/c/3", "d e/ü"], "b/2", True, 2)
    assert "NextMarker" not in page
    page = s3.list_objects(Bucket=bucket, MaxKeys=2, Delimiter="/")
    assert (names(page), page["NextMarker"]) == ((["a"], ["b/"]), "b/")
    page = s3.list_objects_v2(Bucket=bucket, StartAfter="d e/ü")
    assert (names(page)[0], page["StartAfter"]) == (["f", "f/1"], "d e/ü")
    page = s3.list_objects_v2(Bucket=bucket, MaxKeys=1)
    following = s3.list_objects_v2(Bucket=bucket, MaxKeys=1, ContinuationToken=page["NextContinuationToken"], StartAfter="f")
    assert (names(following)[0], following["ContinuationToken"]) == (["b/1"], page["NextContinuationToken"])
    assert s3.list_objects_v2(Bucket=bucket, MaxKeys=5000)["MaxKeys"] == 1000
    with fails("InvalidArgument", 400, "The continuation token provided is incorrect"):
        s3.list_objects_v2(Bucket=bucket, ContinuationToken="***")
    with fails("InvalidArgument", 400):
        s3.list_objects_v2(Bucket=bucket, MaxKeys=-1)


def test_url_encoding(s3, bucket):
    for call in (s3.list_objects, s3.list_objects_v2, s3.list_object_versions):
        page = call(Bucket=bucket, EncodingType="url", Prefix="d e", Delimiter="/")
        assert page["EncodingType"] == "url"
        assert page["CommonPrefixes"] == [{"Prefix": "d+e/"}]
        assert page["Prefix"] == "d+e"


@pytest.fixture
def versioned(s3, unique):
    name = unique("versions")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="a/1", Body=b"null")
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    for key in ("a/1", "b", "b", "c"):
        s3.put_object(Bucket=name, Key=key, Body=b"x")
    s3.delete_object(Bucket=name, Key="b")
    return name


def flat(page):
    both = [(v["Key"], v["VersionId"], v["IsLatest"], "ETag" in v) for v in page.get("Versions", []) + page.get("DeleteMarkers", [])]
    return sorted((key, not latest, version, real) for key, version, latest, real in both)


def test_versions(s3, versioned, fails):
    page = s3.list_object_versions(Bucket=versioned)
    assert [(v["Key"], v["IsLatest"]) for v in page["Versions"]] == [("a/1", True), ("a/1", False), ("b", False), ("b", False), ("c", True)]
    assert page["Versions"][1]["VersionId"] == "null"
    assert [(m["Key"], m["IsLatest"]) for m in page["DeleteMarkers"]] == [("b", True)]
    assert page["Versions"][0]["Owner"]["ID"] == page["DeleteMarkers"][0]["Owner"]["ID"]
    assert (page["KeyMarker"], page["VersionIdMarker"], page["MaxKeys"]) == ("", "", 1000)
    assert names(s3.list_objects_v2(Bucket=versioned))[0] == ["a/1", "c"]
    rolled = s3.list_object_versions(Bucket=versioned, Delimiter="/")
    assert [p["Prefix"] for p in rolled["CommonPrefixes"]] == ["a/"]
    for size in (1, 2, 4):
        pages = s3.get_paginator("list_object_versions").paginate(Bucket=versioned, PaginationConfig={"PageSize": size})
        assert sorted(entry for part in pages for entry in flat(part)) == flat(page)
    after = s3.list_object_versions(Bucket=versioned, KeyMarker="b")
    assert [v["Key"] for v in after["Versions"]] == ["c"]
    newer = page["Versions"][2]["VersionId"]
    after = s3.list_object_versions(Bucket=versioned, KeyMarker="b", VersionIdMarker=newer)
    assert [v["VersionId"] for v in after["Versions"]] == [page["Versions"][3]["VersionId"], page["Versions"][4]["VersionId"]]
    with fails("InvalidArgument", 400, "A version-id marker cannot be specified without a key marker."):
        s3.list_object_versions(Bucket=versioned, VersionIdMarker=newer)
