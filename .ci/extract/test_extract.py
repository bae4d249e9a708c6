"""models/extract.py on a made-up service, type and crate, with the hashes of the made-up wheels."""

import contextlib
import gzip
import hashlib
import importlib.util
import io
import json
import os
import tempfile
import unittest
import zipfile
from pathlib import Path
from unittest import mock

SCRIPT = Path(__file__).resolve().parents[2] / "models" / "extract.py"
POT, LID, KILN = "AWS::Clay::Pot", "AWS::Clay::Lid", "AWS::Clay::Kiln"

SELECTION = """\
# What is taken.

mint:
  - StrikeCoin

registry:
  - AWS::Mint::Coin
"""


def text(**more):
    return {"type": "string", **more}


def structure(required=(), **members):
    shape = {"type": "structure", "members": {name: {"shape": shape} for name, shape in members.items()}}
    return {**shape, "required": list(required)} if required else shape


def operation(name, reply=None, **more):
    own = {"name": name, "http": {"method": "POST"}, "input": {"shape": f"{name}Request"}, "documentation": "Prose.", **more}
    return {**own, "output": {"shape": reply}} if reply else own


POTTERY = {
    "metadata": {"serviceFullName": "Pottery", "signingName": "clay"},
    "operations": {
        "CreatePot": operation("CreatePot", "CreatePotResponse", errors=[{"shape": "Broken"}]),
        "DeletePot": operation("DeletePot"),
        "CreateLid": operation("CreateLid"),
        "SmashPot": operation("SmashPot"),
        "PraisePot": operation("PraisePot"),
    },
    "shapes": {
        "CreatePotRequest": structure(["PotName"], PotName="Name", Glaze="Glaze", Handles="Count", Aura="Name"),
        "CreatePotResponse": structure(Pot="Pot"),
        "DeletePotRequest": structure(PotName="Name"),
        "CreateLidRequest": structure(Pot="Name"),
        "SmashPotRequest": structure(PotName="Name"),
        "PraisePotRequest": structure(PotName="Name"),
        "Pot": structure(PotName="Name", Glaze="Glaze", Aura="Hue"),
        "Glaze": text(enum=["BLUE", "GREEN"], documentation="Prose."),
        "Hue": text(enum=["PALE"]),
        "Name": text(min=1),
        "Count": {"type": "integer"},
        "Broken": {**structure(message="Name"), "exception": True},
    },
}

MINT = {
    "metadata": {"serviceFullName": "Mint"},
    "operations": {"StrikeCoin": operation("StrikeCoin"), "MeltCoin": operation("MeltCoin")},
    "shapes": {"StrikeCoinRequest": structure(Face="Name"), "MeltCoinRequest": structure(), "Name": text()},
}

PARTITIONS = {"partitions": [
    {"id": "clay", "regions": {"pot-west-1": {}, "clay-global": {}}},
    {"id": "mint", "regions": {"coin-east-1": {}}},
]}

TYPES = {
    POT: {
        "typeName": POT,
        "description": "Prose.",
        "properties": {"description": {"type": "string", "description": "Prose."}},
        "handlers": {
            "create": {"permissions": ["clay:CreatePot", "kiln:SmashPot", "clay:PraisePot"]},
            "delete": {"permissions": ["clay:DeletePot"]},
        },
        "tagging": {"permissions": ["clay:CreatePot", "clay:Nonsense"]},
    },
    LID: {"typeName": LID, "handlers": {"create": {"permissions": ["clay:CreatePot", "clay:CreateLid"]}}},
    KILN: {"typeName": KILN},
    "AWS::Mint::Coin": {"typeName": "AWS::Mint::Coin"},
}

# What the crates have: not PraisePot, and of nothing an aura.
CRATES = {
    "aws-sdk-pottery-1.2.3": {
        "types/_glaze.rs": "pub enum Glaze {\n    Blue,\n    Unknown(String),\n}\n",
        "types/_pot.rs": "/// A pot.\n#[derive(Clone)]\npub struct Pot {\n    /// Its name.\n"
        "    pub pot_name: ::std::option::Option<String>,\n    pub glaze: ::std::option::Option<Glaze>,\n}\n",
        "operation/create_pot/_create_pot_input.rs": "pub struct CreatePotInput {\n"
        "    pub pot_name: ::std::option::Option<String>,\n    pub glaze: ::std::option::Option<Glaze>,\n"
        "    pub handles: i32,\n}\npub struct CreatePotInputBuilder {\n    pub(crate) pot_name: u8,\n}\n",
        "operation/create_pot/_create_pot_output.rs": "pub struct CreatePotOutput {\n    pub pot: ::std::option::Option<Pot>,\n}\n",
        "operation/delete_pot/_delete_pot_input.rs": "pub struct DeletePotInput {\n    pub pot_name: ::std::option::Option<String>,\n}\n",
        "operation/delete_pot/_delete_pot_output.rs": "pub struct DeletePotOutput {\n}\n",
        "operation/create_lid/_create_lid_input.rs": "pub struct CreateLidInput {\n    pub pot: ::std::option::Option<String>,\n}\n",
        "operation/create_lid/_create_lid_output.rs": "pub struct CreateLidOutput {\n}\n",
    },
    "aws-sdk-mint-0.1.0": {
        "operation/strike_coin/_strike_coin_input.rs": "pub struct StrikeCoinInput {\n    pub face: ::std::option::Option<String>,\n}\n",
        "operation/strike_coin/_strike_coin_output.rs": "pub struct StrikeCoinOutput {\n}\n",
    },
}


class Extract(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        specification = importlib.util.spec_from_file_location("extract", SCRIPT)
        self.script = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(self.script)

        self.models = self.script.MODELS = self.root / "repository" / "models"
        self.models.mkdir(parents=True)
        (self.models / "selection.yaml").write_text(SELECTION)
        self.lock("pottery 1.2.3", "mint 0.1.0")
        for crate, files in CRATES.items():
            for name, source in files.items():
                path = self.root / "cargo" / "registry" / "src" / "index" / crate / "src" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(source)

        self.wheels = self.root / "wheels"
        self.wheels.mkdir()
        apis = {"pottery": POTTERY, "mint": MINT}
        models = {
            f"botocore/data/{service}/{version}/service-2.json.gz": gzip.compress(json.dumps(model).encode())
            for service, newest in apis.items()
            for version, model in [("2001-01-01", {}), ("2020-02-02", newest)]
        }
        self.wheel("botocore", {**models, "botocore/data/partitions.json": json.dumps(PARTITIONS)})
        schemas = "cfnlint/data/schemas/"
        digests = {name: f"digest{at}" for at, name in enumerate(TYPES)}
        resources = {f"{schemas}resources/{digests[name]}.json": json.dumps(schema) for name, schema in TYPES.items()}
        self.wheel("cfn-lint", {f"{schemas}providers/us-east-1.json": json.dumps(digests), **resources})

    def lock(self, *crates):
        packages = [f'[[package]]\nname = "aws-sdk-{crate.split()[0]}"\nversion = "{crate.split()[1]}"\n' for crate in crates]
        (self.models.parent / "Cargo.lock").write_text("\n".join(packages))

    def wheel(self, package, files):
        pin = self.script.WHEELS[package]
        path = self.wheels / f"{package.replace('-', '_')}-{pin['version']}-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as wheel:
            for name, data in files.items():
                wheel.writestr(name, data)
        pin["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()

    def run_script(self, *arguments):
        """Its exit (a code, or what it says) and the files it names."""
        out = io.StringIO()
        argv = ["extract.py", *arguments, "--wheels", str(self.wheels)]
        with (
            mock.patch("sys.argv", argv),
            mock.patch.dict(os.environ, CARGO_HOME=str(self.root / "cargo")),
            mock.patch.object(self.script.subprocess, "run", side_effect=AssertionError("no pip here")),
            contextlib.redirect_stdout(out),
            self.assertRaises(SystemExit) as ended,
        ):
            self.script.main()
        return ended.exception.code, out.getvalue().split()

    def files(self):
        return {str(p.relative_to(self.models)): p.read_text() for p in self.models.rglob("*") if p.is_file()}

    def read(self, name):
        return json.loads((self.models / name).read_text())

    def test_a_type_of_a_new_service_is_selected_with_its_operations(self):
        code, named = self.run_script("--add", POT, "--service", "pottery")
        self.assertEqual(code, 0)
        wrote = ["api/mint.json", "api/pottery.json", "dropped.json", "regions.json", "registry/AWS-Clay-Pot.json", "registry/AWS-Mint-Coin.json"]
        self.assertEqual(named, [f"models/{name}" for name in wrote])
        self.assertEqual(
            (self.models / "selection.yaml").read_text(),
            "# What is taken.\n\nmint:\n  - StrikeCoin\n\n"
            f"pottery:\n  # {POT}\n  - CreatePot\n  - PraisePot\n  - DeletePot\n\n"
            f"registry:\n  - {POT}\n  - AWS::Mint::Coin\n",
        )
        api = self.read("api/pottery.json")
        self.assertEqual(list(api["operations"]), ["CreatePot", "DeletePot"])
        self.assertEqual(api["not_modelled"], ["CreateLid", "PraisePot", "SmashPot"])
        self.assertEqual(api["operations"]["CreatePot"]["rust"], {"module": "create_pot", "type": "CreatePot"})
        self.assertNotIn("Prose.", json.dumps(api))
        # Members have the crate's names; what it lacks goes, with what only that reaches.
        members = api["shapes"]["CreatePotRequest"]["members"]
        self.assertEqual(members["PotName"], {"shape": "Name", "rust": "pot_name"})
        self.assertEqual(members["Handles"], {"shape": "Count", "rust": "handles", "plain": True})
        self.assertEqual(list(members), ["PotName", "Glaze", "Handles"])
        self.assertEqual(api["shapes"]["Glaze"]["rust"], "Glaze")
        self.assertNotIn("Hue", api["shapes"])
        self.assertEqual(
            self.read("dropped.json"),
            {"pottery": {"crate": "aws-sdk-pottery 1.2.3", "operations": ["PraisePot"], "members": ["CreatePotRequest.Aura", "Pot.Aura"]}},
        )
        self.assertEqual(self.read("regions.json")["regions"], ["coin-east-1", "pot-west-1"])
        # A property may be called what prose is called.
        registry = self.read("registry/AWS-Clay-Pot.json")
        self.assertEqual(registry["properties"], {"description": {"type": "string"}})
        self.assertNotIn("description", registry)

    def test_adding_twice_changes_nothing(self):
        self.run_script("--add", POT, "--service", "pottery")
        before = self.files()
        self.assertEqual(self.run_script("--add", POT, "--service", "pottery"), (0, []))
        self.assertEqual(self.files(), before)
        self.assertEqual(self.run_script("--check"), (0, []))

    def test_a_second_type_adds_what_is_lacking(self):
        self.run_script("--add", POT, "--service", "pottery")
        code, named = self.run_script("--add", LID, "--service", "pottery")
        self.assertEqual((code, named), (0, ["models/api/pottery.json", "models/registry/AWS-Clay-Lid.json"]))
        selection = (self.models / "selection.yaml").read_text()
        self.assertIn(f"  - DeletePot\n  # {LID}\n  - CreateLid\n\nregistry:\n  - {LID}\n  - {POT}\n", selection)
        self.assertEqual(list(self.read("api/pottery.json")["operations"]), ["CreateLid", "CreatePot", "DeletePot"])

    def test_what_is_no_longer_selected_goes(self):
        self.run_script("--add", POT, "--service", "pottery")
        (self.models / "selection.yaml").write_text(SELECTION)
        gone = ["models/dropped.json", "models/api/pottery.json", "models/registry/AWS-Clay-Pot.json"]
        self.assertEqual(self.run_script("--check"), (1, gone))
        self.assertEqual(self.run_script(), (0, gone))
        self.assertEqual(sorted(self.files()), ["api/mint.json", "dropped.json", "regions.json", "registry/AWS-Mint-Coin.json", "selection.yaml"])

    def test_check_writes_nothing(self):
        code, named = self.run_script("--check", "--add", POT, "--service", "pottery")
        self.assertEqual((code, len(named)), (1, 6))
        self.assertEqual(self.files(), {"selection.yaml": SELECTION})

    def refused(self, *arguments):
        said, named = self.run_script(*arguments)
        self.assertEqual((self.files(), named), ({"selection.yaml": SELECTION}, []))
        return said

    def test_what_cannot_be_added_says_why_and_leaves_all_as_it_was(self):
        self.assertEqual(self.refused("--add", "AWS::Clay::Cup"), "the registry has no type AWS::Clay::Cup")
        self.assertIn(f"names no operations of {KILN}: select them by hand", self.refused("--add", KILN))
        self.assertEqual(self.refused("--add", POT), "botocore has no service clay: say --service, as `aws` names it")
        self.assertIn(f"no operations of mint for {POT}", self.refused("--add", POT, "--service", "mint"))
        self.lock("mint 0.1.0")
        self.assertIn("aws-sdk-pottery is not in Cargo.lock: run `cargo add", self.refused("--add", POT, "--service", "pottery"))
        self.lock("mint 0.1.0", "pottery 9.9.9")
        self.assertIn("run `cargo fetch`", self.refused("--add", POT, "--service", "pottery"))

    def test_another_wheel_is_not_read(self):
        self.script.WHEELS["botocore"]["sha256"] = "0" * 64
        self.assertIn("not the file whose hash is pinned", self.refused("--add", POT, "--service", "pottery"))


if __name__ == "__main__":
    unittest.main()
