"""A Studio app of the example: the script that apps run when they start, the credentials that they have, and git."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3

from plinth_sandbox.emulator.credentials import service_key
from plinth_sandbox.executors.session import tell_origin
from plinth_sandbox.waiting import LONGEST_SECONDS
from tests.support.workbench import COMMANDS, Workbench

STACK, REPOSITORY = "fraud--scoring", "fraud--scoring-build"
HOME, STUDIO = "fraud-experimentation", "fraud-experimentation-studio"
REGION = "eu-west-1"
ADDRESS = f"https://git-codecommit.{REGION}.amazonaws.com"


class App:
    """A Studio app: a home directory, in which the lifecycle script ran, and the credentials of its user."""

    def __init__(self, acme: Workbench, person: str, folder: Path, port: int) -> None:
        self.folder = folder
        environment = acme.environment()
        authorities = str(acme.root / "sandbox" / "aws" / "authorities.pem")
        url = environment["AWS_ENDPOINT_URL"]
        (folder / "metadata.json").write_text(json.dumps({"SpaceName": f"{person}-jupyterlab"}))
        self._variables = {
            "PATH": f"{COMMANDS}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "METADATA": str(folder / "metadata.json"),
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{port}/credentials",
            "AWS_ENDPOINT_URL": url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CA_BUNDLE": authorities,
            "GIT_SSL_CAINFO": authorities,
            "HTTPS_PROXY": url,
            "NO_PROXY": "127.0.0.1",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "EMAIL": f"{person}@acme.example",
        }
        script = folder / "script.sh"
        script.write_text(_script(acme))
        self.run("bash", str(script))

    def run(self, *words: str, fails: bool = False) -> str:
        """Runs a command in a terminal of the app, and returns what it says."""
        done = subprocess.run(
            words,
            cwd=self.folder,
            env=self._variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST_SECONDS,
        )
        assert bool(done.returncode) == fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    def clone(self) -> None:
        """Clones the build repository into the folder ``copy``."""
        self.run("git", "clone", "--quiet", f"{ADDRESS}/v1/repos/{REPOSITORY}", "copy")

    def push(self, branch: str, note: str) -> str:
        """Pushes a branch with a changed page, and returns the commit."""
        self.run("git", "-C", "copy", "switch", "--quiet", "--create", branch)
        (self.folder / "copy" / "notebooks" / "README.md").write_text(f"{note}\n")
        self.run("git", "-C", "copy", "commit", "--quiet", "--all", "--message", note)
        self.run("git", "-C", "copy", "push", "--quiet", "origin", branch)
        return self.run("git", "-C", "copy", "rev-parse", "HEAD").strip()

    def open_pull_request(self, branch: str, title: str) -> Any:
        """Opens a pull request of a branch into main, and returns it."""
        targets = f"repositoryName={REPOSITORY},sourceReference={branch}"
        words = ("create-pull-request", "--title", title, "--targets", targets)
        return self.aws("codecommit", *words)["pullRequest"]

    def aws(self, *words: str) -> Any:
        return json.loads(self.run("aws", "--profile", STACK, *words, "--output", "json"))


def _script(acme: Workbench) -> str:
    """The script that the domain runs in apps of JupyterLab."""
    sagemaker = acme.client("sagemaker", acme.outputs(HOME)["account_id"])
    domain = sagemaker.describe_domain(DomainId=acme.outputs(STUDIO)["domain_id"])
    (arn,) = domain["DefaultUserSettings"]["JupyterLabAppSettings"]["LifecycleConfigArns"]
    found = sagemaker.describe_studio_lifecycle_config(StudioLifecycleConfigName=arn.rpartition("/")[2])
    return base64.b64decode(found["StudioLifecycleConfigContent"]).decode()


def _session(acme: Workbench, person: str) -> Mapping[str, Any]:
    """The session that SageMaker opens for a user, whose calls are judged."""
    environment, outputs = acme.environment(), acme.outputs(STUDIO)
    sts = boto3.client(
        "sts",
        region_name=REGION,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id=service_key("sagemaker"),
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )
    subnets = acme.outputs(HOME)["private_subnet_ids"]
    tell_origin(sts, {"subnets": subnets})
    role = outputs["user_role_arns"][person]
    return sts.assume_role(RoleArn=role, RoleSessionName="SageMaker", SourceIdentity=person)["Credentials"]


@contextmanager
def studio_app(acme: Workbench, person: str, folder: Path) -> Iterator[App]:
    """Starts an app of a person in a folder, whose credentials are served until the end of the context."""
    with _served(_session(acme, person)) as port:
        yield App(acme, person, folder, port)


@contextmanager
def _served(credentials: Mapping[str, Any]) -> Iterator[int]:
    """Serves credentials as the containers of apps find them (AWS SDKs Reference, "Container credential provider"), and
    yields the port."""
    answer = json.dumps(
        {
            "AccessKeyId": credentials["AccessKeyId"],
            "SecretAccessKey": credentials["SecretAccessKey"],
            "Token": credentials["SessionToken"],
            "Expiration": credentials["Expiration"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    ).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()
