"""Serves the embedded cloud from $PINFRA_BIN and hands the tests clients that nobody here wrote.

`endpoint`  the URL of one server that the whole run shares; tests choose names of their own.
`client`    `client("iam", region="eu-west-1", **boto3_arguments)`: a boto3 client without retries.
`aws_cli`   `aws_cli("s3api", "list-buckets")`: the CLI's parsed JSON (its text where it is none); raises CliError.
            `aws_cli.error(...)` returns the CliError of a command that has to fail.
`served`    `served(faults=..., time_scale=..., dir=..., account=...)`: a further server, with `.endpoint`, `.client`, `.stop()`, `.dir`.
`fails`     `with fails("NoSuchBucket", status=404): ...`: the ClientError that has to come; yields it as `.value`.
`unique`    `unique("name")`: a name that no other test has.

Every call that a client makes is noted with how it was answered, so that test_coverage.py can compare it with the
operations that the binary says it implements.
"""

import contextlib
import hashlib
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session

ROOT = Path(__file__).resolve().parents[2]
REGION = "us-east-1"
ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
STARTUP_SECONDS = 30
CLI_SECONDS = 120

# The clients must not find the developer's own configuration, nor send anything through a proxy.
os.environ.update(
    AWS_ACCESS_KEY_ID=ACCESS_KEY,
    AWS_SECRET_ACCESS_KEY=SECRET_KEY,
    AWS_DEFAULT_REGION=REGION,
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    AWS_EC2_METADATA_DISABLED="true",
    AWS_PAGER="",
    NO_PROXY="*",
    no_proxy="*",
)
for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_ENDPOINT_URL", "HTTP_PROXY", "HTTPS_PROXY"):
    os.environ.pop(name, None)

# (service, operation) -> the HTTP statuses it was answered with.
ANSWERS = {}


def binary():
    """The pinfra to judge: $PINFRA_BIN, relative to the repository, or the debug build."""
    path = ROOT / os.environ.get("PINFRA_BIN", "target/debug/pinfra")
    if not path.is_file():
        pytest.exit(f"no pinfra at {path}: build it or set PINFRA_BIN", returncode=1)
    return path


def note_answer(http_response, model, **_):
    key = (model.service_model.service_name, model.name)
    ANSWERS.setdefault(key, set()).add(http_response.status_code)


class Cloud:
    """One `pinfra cloud serve` process."""

    def __init__(self, directory, faults=None, time_scale=None, account=None):
        self.dir = Path(directory)
        self.dir.mkdir(parents=True, exist_ok=True)
        self.arguments = []
        self.faultless = faults is None
        if faults is not None:
            path = self.dir.parent / f"{self.dir.name}.faults.json"
            path.write_text(faults if isinstance(faults, str) else json.dumps(faults))
            self.arguments += ["--faults", str(path)]
        if time_scale is not None:
            self.arguments += ["--time-scale", str(time_scale)]
        if account is not None:
            self.arguments += ["--account", account]
        self._clients = {}
        self.start()

    def start(self):
        self.log = self.dir.parent / f"{self.dir.name}.log"
        command = [str(binary()), "cloud", "serve", "--port", "0", "--dir", str(self.dir), *self.arguments]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        if pids := os.environ.get("STRANGERS_PIDS"):
            with open(pids, "a", encoding="ascii") as file:
                print(self.process.pid, file=file)
        self.endpoint = self._announced()
        self._clients.clear()

    def _announced(self):
        deadline = time.monotonic() + STARTUP_SECONDS
        while time.monotonic() < deadline:
            text = self.log.read_text(errors="replace")
            found = re.search(r"http://127\.0\.0\.1:\d+", text)
            if found:
                return found[0]
            if self.process.poll() is not None:
                raise RuntimeError(f"cloud serve ended with {self.process.returncode}:\n{text}")
            time.sleep(0.02)
        self.stop()
        raise RuntimeError(f"cloud serve announced no address in {STARTUP_SECONDS} s:\n{text}")

    def client(self, service, region=REGION, config=None, **arguments):
        """A boto3 client that does not retry, so that a test sees the first answer."""
        key = (service, region, repr(sorted(arguments.items())))
        if config is None and key in self._clients:
            return self._clients[key]
        once = Config(retries={"total_max_attempts": 1}, read_timeout=60)
        made = boto3.session.Session().client(
            service,
            region_name=region,
            endpoint_url=self.endpoint,
            config=once.merge(config) if config else once,
            **arguments,
        )
        if self.faultless:
            made.meta.events.register("after-call", note_answer)
        if config is None:
            self._clients[key] = made
        return made

    def stop(self):
        """Ends the process as Ctrl-C would, or by force when it does not listen."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self):
        """Ends the process as a crash would."""
        self.process.kill()
        self.process.wait(timeout=10)


def signed(method, url, region, service="s3", body=b"", headers=None, host=None):
    """One request as an SDK signs it, without the SDK's own reactions to the answer."""
    headers = {"x-amz-content-sha256": hashlib.sha256(body).hexdigest(), **(headers or {})}
    if host:
        headers["Host"] = host
    request = AWSRequest(method, url, headers=headers, data=body)
    SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), service, region).add_auth(request)
    return URLLib3Session().send(request.prepare())


class CliError(Exception):
    """What the AWS CLI printed when it failed; `code` and `operation` where it was the service's error."""

    def __init__(self, command, returncode, stderr):
        super().__init__(f"{' '.join(command)}: exit {returncode}\n{stderr}")
        self.returncode = returncode
        self.stderr = stderr
        found = re.search(r"An error occurred \(([^)]*)\) when calling the (\w+) operation[^:]*: ?(.*)", stderr, re.DOTALL)
        self.code, self.operation, self.message = found.groups() if found else (None, None, stderr)
        self.message = self.message.strip()


class AwsCli:
    """Runs the AWS CLI of this virtual environment against one server."""

    def __init__(self, endpoint, home):
        self.program = Path(sys.prefix) / "bin" / "aws"
        if not self.program.is_file():
            pytest.exit(f"no AWS CLI at {self.program}: .ci/strangers/run installs it", returncode=1)
        self.endpoint = endpoint
        self.home = home

    def __call__(self, *arguments, region=REGION, cwd=None, stdin=None):
        command = [str(self.program), "--endpoint-url", self.endpoint, "--region", region, "--output", "json"]
        command += [str(argument) for argument in arguments]
        environment = {**os.environ, "HOME": str(self.home), "AWS_MAX_ATTEMPTS": "1"}
        done = subprocess.run(
            command, cwd=cwd, env=environment, input=stdin, capture_output=True, timeout=CLI_SECONDS, check=False
        )
        if done.returncode != 0:
            raise CliError(command, done.returncode, done.stderr.decode(errors="replace"))
        text = done.stdout.decode()
        try:
            return json.loads(text) if text.strip() else {}
        except json.JSONDecodeError:
            return text

    def error(self, *arguments, **keywords):
        """The error of a command that has to fail."""
        with pytest.raises(CliError) as caught:
            self(*arguments, **keywords)
        return caught.value


@pytest.fixture(scope="session")
def cloud(tmp_path_factory):
    """The server that the whole run shares."""
    shared = Cloud(tmp_path_factory.mktemp("cloud") / "store")
    yield shared
    shared.stop()


@pytest.fixture(scope="session")
def endpoint(cloud):
    return cloud.endpoint


@pytest.fixture(scope="session")
def client(cloud):
    return cloud.client


@pytest.fixture(scope="session")
def aws_cli(cloud, tmp_path_factory):
    return AwsCli(cloud.endpoint, tmp_path_factory.mktemp("home"))


@pytest.fixture
def served(tmp_path):
    """Makes further servers, each with a store of its own unless `dir` names one; all end with the test."""
    made = []

    def serve(faults=None, time_scale=None, dir=None, account=None):
        made.append(Cloud(dir or tmp_path / f"cloud-{len(made)}" / "store", faults, time_scale, account))
        return made[-1]

    yield serve
    for one in made:
        one.stop()


@pytest.fixture(scope="session")
def unique():
    """Names that no other test of the run has: `unique("role")` is `role-0001`."""
    numbers = itertools.count(1)
    return lambda stem: f"{stem}-{next(numbers):04}"


@pytest.fixture(scope="session")
def fails():
    """`with fails("Code", status=400, message="text in it") as error`: `error.value.response` is the answer."""

    @contextlib.contextmanager
    def expected(code, status=None, message=None):
        with pytest.raises(ClientError) as caught:
            yield caught
        answer = caught.value.response
        assert answer["Error"]["Code"] == code, answer
        if status is not None:
            assert answer["ResponseMetadata"]["HTTPStatusCode"] == status, answer
        if message is not None:
            assert message in answer["Error"]["Message"], answer

    return expected


@pytest.fixture(scope="session")
def answers():
    """(service, operation) -> the HTTP statuses that boto3's clients saw in this run so far."""
    return ANSWERS


@pytest.fixture(scope="session")
def pinfra():
    """Runs the judged binary and returns what it printed."""

    def run(*arguments):
        return subprocess.run([str(binary()), *arguments], capture_output=True, text=True, timeout=60, check=True).stdout

    return run


def pytest_collection_modifyitems(items):
    """The coverage gate looks back on all others, so it comes last."""
    items.sort(key=lambda item: item.path.name == "test_coverage.py")
