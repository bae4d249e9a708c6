"""Parameter Store: every operation, with AWS's versions, tiers, rewriting, limits and error texts."""

import pytest

ACCOUNT = "123456789012"


@pytest.fixture(scope="module")
def ssm(client):
    return client("ssm")


@pytest.fixture
def path(unique):
    return f"/{unique('test')}"


def value(ssm, name, **arguments):
    return ssm.get_parameter(Name=name, **arguments)["Parameter"]["Value"]


def test_a_parameter_has_versions(ssm, path, fails):
    name = f"{path}/db"
    assert ssm.put_parameter(Name=name, Value="one", Type="String", Description="a", Tags=[{"Key": "a", "Value": "b"}])["Version"] == 1
    with fails("ParameterAlreadyExists", status=400, message="The parameter already exists. To overwrite this value, set the overwrite"):
        ssm.put_parameter(Name=name, Value="two", Type="String")
    again = ssm.put_parameter(Name=name, Value="two", Overwrite=True)
    assert (again["Version"], again["Tier"]) == (2, "Standard")
    got = ssm.get_parameter(Name=name)["Parameter"]
    assert (got["Name"], got["Type"], got["Value"], got["Version"], got["DataType"]) == (name, "String", "two", 2, "text")
    assert got["ARN"] == f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter{name}" and got["LastModifiedDate"]
    first = ssm.get_parameter(Name=f"{name}:1")["Parameter"]
    assert (first["Value"], first["Selector"], first["Name"]) == ("one", ":1", name)
    assert value(ssm, got["ARN"]) == "two"
    with fails("ParameterVersionNotFound", status=400, message="could not find version 3"):
        ssm.get_parameter(Name=f"{name}:3")
    with fails("ParameterNotFound", status=400):
        ssm.get_parameter(Name=f"{path}/absent")
    history = ssm.get_parameter_history(Name=name)["Parameters"]
    assert [(h["Version"], h["Value"], h["Description"]) for h in history] == [(1, "one", "a"), (2, "two", "a")]
    assert history[0]["LastModifiedUser"].startswith(f"arn:aws:iam::{ACCOUNT}:")
    page = ssm.get_parameter_history(Name=name, MaxResults=1)
    assert [h["Version"] for h in ssm.get_parameter_history(Name=name, NextToken=page["NextToken"])["Parameters"]] == [2]
    ssm.delete_parameter(Name=name)
    with fails("ParameterNotFound", status=400):
        ssm.delete_parameter(Name=name)


def test_secrets_are_masked(ssm, path):
    name = f"{path}/secret"
    ssm.put_parameter(Name=name, Value="hunter2", Type="SecureString")
    masked = value(ssm, name)
    assert masked != "hunter2" and masked == value(ssm, name) and len(masked) > 100
    assert value(ssm, name, WithDecryption=True) == "hunter2"
    assert ssm.get_parameters(Names=[name], WithDecryption=True)["Parameters"][0]["Value"] == "hunter2"
    assert ssm.get_parameter_history(Name=name)["Parameters"][0]["Value"] == masked
    described = ssm.describe_parameters(ParameterFilters=[{"Key": "Name", "Values": [name]}])["Parameters"][0]
    assert described["KeyId"] == "alias/aws/ssm" and "Value" not in described


def test_what_is_put_is_checked(ssm, path, fails):
    for name, code, message in [
        ("/aws/mine", "AccessDeniedException", "No access to reserved parameter name"),
        ("awsmine", "ValidationException", "can't be prefixed"),
        ("/ssm/mine", "ValidationException", "can't be prefixed"),
        ("a/b", "ValidationException", "fully qualified name"),
        ("/a/b c", "ValidationException", "sub-path"),
        ("/" + "/".join("abcdefghijklmnop"), "HierarchyLevelLimitExceededException", "15 levels"),
    ]:
        with fails(code, status=400, message=message):
            ssm.put_parameter(Name=name, Value="x", Type="String")
    with fails("ValidationException", message="A parameter type is required"):
        ssm.put_parameter(Name=path, Value="x")
    with fails("ValidationException"):
        ssm.put_parameter(Name=path, Value="", Type="String")
    with fails("ValidationException", message="4096"):
        ssm.put_parameter(Name=path, Value="x" * 4097, Type="String")
    with fails("ValidationException", message="tags and overwrite can't be used together"):
        ssm.put_parameter(Name=path, Value="x", Type="String", Overwrite=True, Tags=[{"Key": "a", "Value": "b"}])
    with fails("ParameterPatternMismatchException", message="cannot be validated against allowedPattern"):
        ssm.put_parameter(Name=path, Value="x", Type="String", AllowedPattern="[0-9]+")
    with fails("InvalidAllowedPatternException"):
        ssm.put_parameter(Name=path, Value="x", Type="String", AllowedPattern="[")
    with fails("ValidationException", message="data type is not supported"):
        ssm.put_parameter(Name=path, Value="x", Type="String", DataType="number")
    ssm.put_parameter(Name=path, Value="12", Type="String", AllowedPattern="[0-9]+")
    with fails("ParameterPatternMismatchException"):
        ssm.put_parameter(Name=path, Value="x", Overwrite=True)
    with fails("HierarchyTypeMismatchException"):
        ssm.put_parameter(Name=path, Value="12", Type="SecureString", Overwrite=True)


def test_tiers(ssm, path, fails):
    assert ssm.put_parameter(Name=path, Value="x" * 5000, Type="String", Tier="Intelligent-Tiering")["Tier"] == "Advanced"
    with fails("ValidationException", message="downgrade"):
        ssm.put_parameter(Name=path, Value="x", Tier="Standard", Overwrite=True)
    assert ssm.put_parameter(Name=path, Value="x", Overwrite=True)["Tier"] == "Advanced"
    with fails("ValidationException"):
        ssm.put_parameter(Name=path, Value="x" * 8193, Overwrite=True)


def test_many_are_read_and_deleted_at_once(ssm, path):
    names = [f"{path}/{n}" for n in range(3)]
    for name in names:
        ssm.put_parameter(Name=name, Value="a,b", Type="StringList")
    got = ssm.get_parameters(Names=[*names, f"{path}/absent", f"{names[0]}:1"])
    assert sorted(p["Name"] for p in got["Parameters"]) == sorted([*names, names[0]])
    assert got["InvalidParameters"] == [f"{path}/absent"]
    with pytest.raises(ssm.exceptions.ClientError, match="less than or equal to 10"):
        ssm.get_parameters(Names=[f"{path}/{n}" for n in range(11)])
    gone = ssm.delete_parameters(Names=[names[0], f"{path}/absent"])
    assert gone["DeletedParameters"] == [names[0]] and gone["InvalidParameters"] == [f"{path}/absent"]


def test_paths_have_levels_and_pages(ssm, path, fails):
    for name in ["a", "b", "deep/c", "deep/er/d"]:
        ssm.put_parameter(Name=f"{path}/{name}", Value="x", Type="String" if name == "a" else "SecureString")
    level = ssm.get_parameters_by_path(Path=path)["Parameters"]
    assert [p["Name"] for p in level] == [f"{path}/a", f"{path}/b"]
    everything = ssm.get_parameters_by_path(Path=f"{path}/", Recursive=True, MaxResults=3)
    assert len(everything["Parameters"]) == 3
    rest = ssm.get_parameters_by_path(Path=path, Recursive=True, MaxResults=3, NextToken=everything["NextToken"])
    assert len(rest["Parameters"]) == 1 and "NextToken" not in rest
    strings = ssm.get_parameters_by_path(Path=path, Recursive=True, ParameterFilters=[{"Key": "Type", "Values": ["String"]}])
    assert [p["Name"] for p in strings["Parameters"]] == [f"{path}/a"]
    with fails("ValidationException", message="must begin with a forward slash"):
        ssm.get_parameters_by_path(Path="nopath")
    with fails("InvalidFilterKey"):
        ssm.get_parameters_by_path(Path=path, ParameterFilters=[{"Key": "Name", "Values": ["a"]}])
    with fails("InvalidNextToken"):
        ssm.get_parameters_by_path(Path=path, NextToken="nonsense")


def test_parameters_are_described_through_filters(ssm, path, fails):
    ssm.put_parameter(Name=f"{path}/x/one", Value="1", Type="String", Tags=[{"Key": "team", "Value": path[1:]}])
    ssm.put_parameter(Name=f"{path}/x/two", Value="2", Type="StringList")

    def names(**arguments):
        return [p["Name"].rsplit("/", 1)[-1] for p in ssm.describe_parameters(**arguments)["Parameters"]]

    def filtered(key, values, option=None):
        return names(ParameterFilters=[{"Key": key, "Values": values, **({"Option": option} if option else {})}])

    assert filtered("Path", [path], "Recursive") == ["one", "two"]
    assert filtered("Path", [path], "OneLevel") == []
    assert filtered("Name", [f"{path}/x/t"], "BeginsWith") == ["two"]
    assert filtered("Name", [path[1:]], "Contains") == ["one", "two"]
    assert filtered("tag:team", [path[1:]]) == ["one"]
    assert names(Filters=[{"Key": "Name", "Values": [f"{path}/x/o"]}]) == ["one"]
    described = ssm.describe_parameters(ParameterFilters=[{"Key": "Name", "Values": [f"{path}/x/one"]}])["Parameters"][0]
    assert (described["Type"], described["Tier"], described["Policies"], described["DataType"]) == ("String", "Standard", [], "text")
    with fails("InvalidFilterOption"):
        filtered("Type", ["String"], "Contains")
    with fails("InvalidFilterValue"):
        filtered("Type", ["Number"])


def test_labels_move(ssm, path, fails):
    ssm.put_parameter(Name=path, Value="1", Type="String")
    ssm.put_parameter(Name=path, Value="2", Overwrite=True)
    reply = ssm.label_parameter_version(Name=path, ParameterVersion=1, Labels=["prod", "9bad", "awsbad"])
    assert (reply["InvalidLabels"], reply["ParameterVersion"]) == (["9bad", "awsbad"], 1)
    assert value(ssm, f"{path}:prod") == "1"
    ssm.label_parameter_version(Name=path, Labels=["prod"])
    assert value(ssm, f"{path}:prod") == "2"
    assert [h["Labels"] for h in ssm.get_parameter_history(Name=path)["Parameters"]] == [[], ["prod"]]
    with fails("ParameterVersionLabelLimitExceeded"):
        ssm.label_parameter_version(Name=path, Labels=[f"l{n}" for n in range(10)])
    with fails("ParameterVersionNotFound"):
        ssm.label_parameter_version(Name=path, ParameterVersion=7, Labels=["x"])
    removed = ssm.unlabel_parameter_version(Name=path, ParameterVersion=2, Labels=["prod", "absent"])
    assert (removed["RemovedLabels"], removed["InvalidLabels"]) == (["prod"], ["absent"])
    with fails("ParameterVersionNotFound"):
        ssm.get_parameter(Name=f"{path}:prod")


def test_tags(ssm, path, fails):
    ssm.put_parameter(Name=path, Value="1", Type="String", Tags=[{"Key": "a", "Value": "1"}])
    ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId=path, Tags=[{"Key": "b", "Value": "2"}])
    ssm.remove_tags_from_resource(ResourceType="Parameter", ResourceId=path, TagKeys=["a", "absent"])
    assert ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=path)["TagList"] == [{"Key": "b", "Value": "2"}]
    with fails("InvalidResourceId", status=400):
        ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=f"{path}/absent")
    with fails("TooManyTagsError"):
        ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId=path, Tags=[{"Key": f"k{n}", "Value": ""} for n in range(50)])


def test_awss_public_parameters(ssm, client, fails):
    names = [f"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{a}" for a in ["x86_64", "arm64"]]
    got = ssm.get_parameters(Names=names)["Parameters"]
    assert len({p["Value"] for p in got}) == 2 and all(p["Value"].startswith("ami-0") for p in got)
    assert got[0]["DataType"] == "aws:ec2:image" and got[0]["ARN"].startswith("arn:aws:ssm:us-east-1::parameter/aws/service/")
    assert value(client("ssm", region="eu-west-1"), names[0]) != value(ssm, names[0])
    listed = ssm.get_parameters_by_path(Path="/aws/service/ami-amazon-linux-latest")["Parameters"]
    assert set(names) <= {p["Name"] for p in listed}
    everything = [p["Name"] for page in ssm.get_paginator("get_parameters_by_path").paginate(Path="/", Recursive=True) for p in page["Parameters"]]
    assert not [n for n in everything if n.startswith("/aws/")]
    with fails("ParameterNotFound"):
        ssm.delete_parameter(Name=names[0])


def test_a_parameter_keeps_a_hundred_versions(ssm, path, fails):
    ssm.put_parameter(Name=path, Value="0", Type="String")
    for n in range(100):
        ssm.put_parameter(Name=path, Value=str(n), Overwrite=True)
    with fails("ParameterVersionNotFound"):
        ssm.get_parameter(Name=f"{path}:1")
    ssm.label_parameter_version(Name=path, ParameterVersion=2, Labels=["keep"])
    with fails("ParameterMaxVersionLimitExceeded"):
        ssm.put_parameter(Name=path, Value="x", Overwrite=True)


def test_the_cli(aws_cli, path):
    aws_cli("ssm", "put-parameter", "--name", path, "--value", "v", "--type", "SecureString")
    got = aws_cli("ssm", "get-parameter", "--name", path, "--with-decryption")
    assert got["Parameter"]["Value"] == "v"
    assert aws_cli.error("ssm", "get-parameter", "--name", f"{path}/absent").code == "ParameterNotFound"
