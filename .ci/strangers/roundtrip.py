"""Compares botocore's serialiser and parser with the embedded cloud's, operation by operation, without a network.

For every operation of models/api, a few times each and seeded: random parameters go through botocore's serialiser to
`pinfra cloud roundtrip`, whose reading must equal them; a random reply goes through pinfra's writer to botocore's
parser, whose reading must equal it. Every error shape's code and message come back too. Any difference is printed with
its path, and the exit status is 1.

    PINFRA_BIN=target/debug/pinfra python roundtrip.py [--seed N] [--times N] [--only SERVICE[.OPERATION]]
"""

import argparse
import base64
import datetime
import io
import json
import os
import random
import subprocess
import sys
import xml.etree.ElementTree
from collections import Counter
from pathlib import Path

import botocore.parsers
import botocore.serialize
import botocore.session
from botocore.awsrequest import HeadersDict, create_request_object, prepare_request_dict

ROOT = Path(__file__).resolve().parents[2]
UTC = datetime.timezone.utc
DEEPEST = 6
XML = {"query", "ec2", "rest-xml"}
PLAIN = "abcXYZ019-_."
ANY = PLAIN + " /:&<>\"'=+%?#;,é漢🦀\n\t"
# Members that botocore itself adds to the models it loads (data/*/sdk-extras), so no service ever sends them.
ADDED = {("s3", "ExpiresString")}


class Pinfra:
    """The binary, a line in and a line out."""

    def __init__(self):
        path = ROOT / os.environ.get("PINFRA_BIN", "target/debug/pinfra")
        if not path.is_file():
            sys.exit(f"roundtrip: no pinfra at {path}: build it or set PINFRA_BIN")
        self.process = subprocess.Popen(
            [str(path), "cloud", "roundtrip"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def ask(self, **message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"roundtrip: pinfra ended on {message}")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        if self.process.wait(timeout=10) != 0:
            sys.exit("roundtrip: pinfra failed at its end")


class Values:
    """Random values of botocore's shapes, restricted to the members that our models have."""

    def __init__(self, rng, service, shapes, protocol, reply):
        self.rng = rng
        self.service = service
        self.shapes = shapes
        self.protocol = protocol
        self.reply = reply

    def text(self, alphabet, least=0):
        return "".join(self.rng.choice(alphabet) for _ in range(self.rng.randint(least, 12)))

    def value(self, shape, depth=0, location=None):
        kind = shape.type_name
        if kind == "structure":
            return self.structure(shape, depth)
        if kind == "list":
            least = 1 if location else 0
            count = self.rng.randint(least, 3) if depth < DEEPEST else least
            return [self.value(shape.member, depth + 1, location) for _ in range(count)]
        if kind == "map":
            count = self.rng.randint(0, 3) if depth < DEEPEST else 0
            if location == "headers":
                return {self.text("abcxyz-", 1).strip("-") or "k": self.text(PLAIN, 1) for _ in range(max(count, 1))}
            return {self.text(PLAIN, 1): self.value(shape.value, depth + 1) for _ in range(count)}
        if kind in ("integer", "long"):
            return self.rng.choice([0, 1, -7, 65536, 2**31 - 1])
        if kind in ("float", "double"):
            return self.rng.choice([0.0, 1.5, -2.25, 1e6])
        if kind == "boolean":
            return self.rng.random() < 0.5
        if kind == "timestamp":
            return datetime.datetime.fromtimestamp(self.rng.randint(10**9, 2 * 10**9), UTC)
        if kind == "blob":
            return bytes(self.rng.randrange(256) for _ in range(self.rng.randint(0, 20)))
        if shape.enum and (self.reply or self.rng.random() < 0.5):
            known = self.shapes.get(shape.name, {}).get("enum") or shape.enum
            return self.rng.choice(known)
        if location in ("header", "headers", "statusCode"):
            return self.text(PLAIN, 1)
        return self.text(ANY, 1 if location else 0)

    def structure(self, shape, depth=0):
        ours = self.shapes.get(shape.name)
        if ours is None:
            sys.exit(f"roundtrip: {self.service} has no shape {shape.name}")
        known = [n for n in shape.members if n in ours.get("members", {}) and (self.service, n) not in ADDED]
        if ours.get("union"):
            known = [self.rng.choice(known)]
            chosen = known
        else:
            required = ours.get("required", [])
            keep = 0.7 if depth < DEEPEST else 0.0
            required = [*required, shape.serialization.get("payload")]
            chosen = [n for n in known if n in required or self.placed(shape.members[n]) or self.rng.random() < keep]
        return {n: self.member(shape, n, depth) for n in chosen}

    @staticmethod
    def placed(member):
        return member.serialization.get("location") == "uri"

    def member(self, shape, name, depth):
        member = shape.members[name]
        location = member.serialization.get("location")
        if location == "statusCode":
            return self.rng.choice([200, 206])
        if self.service == "s3" and name == "Bucket" and location == "uri":
            return "b" + self.text("abc019", 3)
        if self.reply and location == "header" and name == "ContentLength":
            return 7
        if name == shape.serialization.get("payload") and member.type_name == "string":
            location = "payload"  # an empty one cannot be told from none
        return self.value(member, depth + 1, location)


def canonical(value):
    """A Python value as pinfra's canonical JSON: blobs in base64, times in milliseconds."""
    if isinstance(value, dict):
        return {k: canonical(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [canonical(v) for v in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime):
        return round(value.timestamp() * 1000)
    return value


def without_empties(value, form=False):
    """XML and forms have no way to say that a list, a map or a structure is there but empty; forms not even in lists."""
    if isinstance(value, dict):
        kept = {k: without_empties(v, form) for k, v in value.items()}
        return {k: v for k, v in kept.items() if v not in ({}, [])}
    if isinstance(value, list):
        kept = [without_empties(v, form) for v in value]
        return [v for v in kept if not form or v not in ({}, [])]
    return value


def difference(left, right, path=""):
    """The path of the first difference and both its sides; None where there is none."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in [*left, *(k for k in right if k not in left)]:
            if key not in left or key not in right:
                return f"{path}.{key}", left.get(key, "absent"), right.get(key, "absent")
            if found := difference(left[key], right[key], f"{path}.{key}"):
                return found
        return None
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for n, (a, b) in enumerate(zip(left, right)):
            if found := difference(a, b, f"{path}[{n}]"):
                return found
        return None
    if type(left) is not type(right) and not (isinstance(left, (int, float)) and isinstance(right, (int, float))):
        return path, left, right
    return None if left == right else (path, left, right)


def streaming_member(shape):
    name = shape.serialization.get("payload") if shape else None
    if name and shape.members[name].serialization.get("streaming"):
        return name
    return None


class Suite:
    def __init__(self, arguments):
        self.seed = arguments.seed
        self.times = arguments.times
        self.only = arguments.only
        self.pinfra = Pinfra()
        self.session = botocore.session.get_session()
        self.counts = Counter()
        self.failures = []

    def run(self):
        for path in sorted((ROOT / "models" / "api").glob("*.json")):
            model = json.loads(path.read_text())
            service = path.stem
            theirs = self.session.get_service_model(service)
            protocols = [p for p in (model["metadata"].get("protocols") or [model["metadata"]["protocol"]])]
            for protocol in protocols:
                for name in model["operations"]:
                    if self.only and self.only not in (service, f"{service}.{name}"):
                        continue
                    operation = theirs.operation_model(name)
                    for turn in range(self.times):
                        rng = random.Random(f"{self.seed} {service} {protocol} {name} {turn}")
                        self.request(rng, service, model, protocol, operation)
                        self.reply(rng, service, model, protocol, operation)
                if not self.only:
                    self.errors(service, model, protocol, theirs)
        self.pinfra.close()

    def failed(self, kind, service, protocol, name, what):
        self.failures.append(f"{kind} {service} {name} ({protocol}): {what}")

    def request(self, rng, service, model, protocol, operation):
        values = Values(rng, service, model["shapes"], protocol, reply=False)
        shape = operation.input_shape
        parameters = values.structure(shape) if shape else {}
        serializer = botocore.serialize.create_serializer(protocol, include_validation=False)
        prepared = serializer.serialize_to_request(parameters, operation)
        prepared.setdefault("headers", {})
        prepared["context"] = {}
        prepare_request_dict(prepared, endpoint_url="http://127.0.0.1:1", context={})
        request = create_request_object(prepared).prepare()
        scope = f"local/20260102/us-east-1/{signing_name(model)}/aws4_request"
        headers = {k: v.decode() if isinstance(v, bytes) else str(v) for k, v in request.headers.items()}
        headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else bytes(body) if isinstance(body, (bytes, bytearray)) else body.read()
        answer = self.pinfra.ask(
            request={
                "method": request.method,
                "url": request.url,
                "headers": headers,
                "body_b64": base64.b64encode(body).decode(),
            }
        )
        self.counts["requests", service, protocol] += 1
        if "error" in answer:
            return self.failed("request", service, protocol, operation.name, answer["error"])
        if (answer["service"], answer["operation"]) != (service, operation.name):
            found = f"{answer['service']} {answer['operation']}"
            return self.failed("request", service, protocol, operation.name, f"taken for {found}")
        stream = streaming_member(shape)
        sent, read = canonical(parameters), answer["input"]
        if stream:
            streamed = sent.pop(stream, "")
            if answer["body_b64"] != streamed:
                self.failed("request", service, protocol, operation.name, "the streaming body differs")
        if "ContentLength" not in sent:
            read.pop("ContentLength", None)  # the transport's own
        if protocol in XML or protocol == "rest-json":
            form = protocol in ("query", "ec2")
            sent, read = without_empties(sent, form), without_empties(read, form)
        if found := difference(sent, read):
            self.failed("request", service, protocol, operation.name, "sent {1!r}, read {2!r} at {0}".format(*found))

    def reply(self, rng, service, model, protocol, operation):
        values = Values(rng, service, model["shapes"], protocol, reply=True)
        shape = operation.output_shape
        # Our model may leave an output out where the crate has none of its members.
        reply = values.structure(shape) if shape and model["operations"][operation.name].get("output") else {}
        sent = canonical(reply)
        message = {"service": service, "operation": operation.name, "protocol": protocol}
        stream = streaming_member(shape)
        if stream:
            message["reply_body_b64"] = sent.pop(stream, "")
        answer = self.pinfra.ask(**message, reply=sent)
        self.counts["replies", service, protocol] += 1
        if "error" in answer:
            return self.failed("reply", service, protocol, operation.name, answer["error"])
        body = base64.b64decode(answer["body_b64"])
        parser = botocore.parsers.create_parser(protocol)
        parsed = parser.parse(
            {
                "status_code": answer["status"],
                "headers": HeadersDict(answer["headers"]),
                "body": io.BytesIO(body) if stream else body,
                "context": {},
            },
            shape,
        )
        parsed.pop("ResponseMetadata", None)
        if stream:
            parsed[stream] = parsed[stream].read()
        read = canonical(parsed)
        if (service, operation.name) == ("s3", "GetBucketLocation"):
            # botocore reads it in a handler of its own, from the root's text.
            read = {"LocationConstraint": xml.etree.ElementTree.fromstring(body).text or ""}
            sent.setdefault("LocationConstraint", "")
        if stream:
            streamed = read.pop(stream, "")
            if streamed != message["reply_body_b64"]:
                self.failed("reply", service, protocol, operation.name, "the streaming body differs")
        if operation.http.get("method") == "HEAD":
            headers = {n for n, m in shape.members.items() if "location" in m.serialization} if shape else set()
            sent = {n: v for n, v in sent.items() if n in headers}
        for name in [n for n in read if (service, n) in ADDED]:
            read.pop(name)
        if protocol in XML:
            sent, read = without_empties(sent), without_empties(read)
        if protocol == "rest-json":
            read = {n: v for n, v in read.items() if n in sent or v not in ({}, [])}
            sent = {n: v for n, v in sent.items() if n in read or v not in ({}, [])}
        if found := difference(sent, read):
            self.failed("reply", service, protocol, operation.name, "wrote {1!r}, parsed {2!r} at {0}".format(*found))

    def errors(self, service, model, protocol, theirs):
        """Every error the model declares, and one it does not."""
        declared = [
            ((shape.get("error") or {}).get("code") or name, (shape.get("error") or {}).get("httpStatusCode") or 400)
            for name, shape in model["shapes"].items()
            if shape.get("exception")
        ]
        for code, status in [*declared, ("SomethingElse", 418)]:
            message = f"<{code}> & \"more\" é"
            answer = self.pinfra.ask(
                service=service, protocol=protocol, error={"code": code, "status": status, "message": message}
            )
            self.counts["errors", service, protocol] += 1
            if "error" in answer:
                self.failed("error", service, protocol, code, answer["error"])
                continue
            parsed = botocore.parsers.create_parser(protocol).parse(
                {
                    "status_code": answer["status"],
                    "headers": HeadersDict(answer["headers"]),
                    "body": base64.b64decode(answer["body_b64"]),
                    "context": {},
                },
                None,
            )
            got = (parsed["Error"]["Code"], parsed["Error"].get("Message"), answer["status"])
            if got != (code, message, status):
                self.failed("error", service, protocol, code, f"parsed {got}")


def signing_name(model):
    return model["metadata"].get("signingName") or model["metadata"]["endpointPrefix"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=20260102)
    parser.add_argument("--times", type=int, default=4, help="random values an operation")
    parser.add_argument("--only", help="a service, or service.Operation")
    suite = Suite(parser.parse_args())
    suite.run()
    for failure in suite.failures:
        print(failure)
    for (kind, service, protocol), count in sorted(suite.counts.items()):
        print(f"{count:6} {kind:9} {service} ({protocol})")
    total = sum(suite.counts.values())
    if not total:
        sys.exit("roundtrip: nothing was compared")
    print(f"{total - len(suite.failures)} of {total} went both ways unchanged (seed {suite.seed})")
    sys.exit(1 if suite.failures else 0)


if __name__ == "__main__":
    main()
