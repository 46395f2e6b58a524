"""The tracking server as a process in the environment of its image."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tomllib
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from plinth_sandbox.executors.ports import LOOPBACK, ReservedPort, reserve
from plinth_sandbox.testing import REGION
from plinth_sandbox.waiting import LONGEST_SECONDS, eventually
from tests.support import locked_environment
from tests.unit.runtime.tracking import SERVER, Site, keys_of, variables_of

ROOT = Path(__file__).parents[3]
LIBRARY = ROOT / "packages/plinth-project"
BUCKET = "acme-mlflow"
"""Bucket of the artifacts."""
LOG = """
import mlflow
mlflow.set_experiment("card-payments")
with mlflow.start_run() as run:
    mlflow.log_params({"depth": 6})
    for step in range(3):
        mlflow.log_metric("auc", 0.5 + step / 4, step=step)
    mlflow.log_text("weights", "model.txt")
print("run", run.info.run_id)
"""
"""A program that logs a run and prints its id, after the word ``run``."""
READ = """
import sys, mlflow
run = mlflow.get_run(sys.argv[1])
content = mlflow.artifacts.load_text(run.info.artifact_uri + "/model.txt")
print(run.data.params, run.data.metrics, content)
"""
"""A program that prints what a run recorded."""


@dataclass
class Mlflow:
    """The tracking server as a process in the environment of its image, and its clients."""

    python: Path
    variables: dict[str, str]
    log: Path
    reserved: ReservedPort
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.reserved.number}"

    def start(self) -> None:
        variables = {**self.variables, "TRACKING_PORT": str(self.reserved.number)}
        with self.log.open("ab") as log:
            command = [str(self.python), "-m", "runtime.tracking.serve"]
            self.process = subprocess.Popen(command, env=variables, stdout=log, stderr=log)
        eventually(self._is_healthy, ignored=OSError, details=self.log.read_text)

    def _is_healthy(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        urllib.request.urlopen(f"{self.url}/health", timeout=LONGEST_SECONDS).close()
        return True

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def client(self, code: str, token: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs a program with the client of MLflow, which has a token and no keys."""
        own = {name: self.variables[name] for name in ("HOME", "PATH")}
        own |= {
            "MLFLOW_TRACKING_URI": self.url,
            "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
        }
        own |= {"MLFLOW_TRACKING_TOKEN": token} if token else {}
        return subprocess.run([str(self.python), "-c", code, *words], env=own, capture_output=True, text=True)

    def job(self, code: str, session: boto3.Session) -> subprocess.CompletedProcess[str]:
        """Runs a program with the client of MLflow, which has the keys of a role and the plug-in."""
        own = {name: self.variables[name] for name in ("AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "HOME", "PATH")}
        own |= keys_of(session)
        own |= {
            "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
            "MLFLOW_TRACKING_AUTH": "plinth",
            "MLFLOW_TRACKING_URI": self.url,
            "PLINTH_TRACKING_SERVER": SERVER,
            "PYTHONPATH": library_path(self.log.parent),
        }
        return subprocess.run([str(self.python), "-c", code], env=own, capture_output=True, text=True)


def library_path(folder: Path) -> str:
    """Returns the search path of the library and of its metadata, by which MLflow finds its plug-in. ``folder`` gets
    the metadata."""
    project = tomllib.loads((LIBRARY / "pyproject.toml").read_text())["project"]
    own = folder / "metadata" / f"plinth_project-{project['version']}.dist-info"
    own.mkdir(parents=True, exist_ok=True)
    (own / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {project['name']}\nVersion: {project['version']}\n")
    groups = (
        f"[{group}]\n" + "".join(f"{name} = {place}\n" for name, place in points.items())
        for group, points in project["entry-points"].items()
    )
    (own / "entry_points.txt").write_text("\n".join(groups))
    return os.pathsep.join((str(LIBRARY / "src"), str(own.parent)))


@contextmanager
def served(
    site: Site, instance: Mapping[str, Any], folder: Path, clients: Mapping[str, Sequence[str]]
) -> Iterator[Mlflow]:
    """Yields the server after its Job, with roles like those of the pods. ``clients`` are ARNs of roles by workspace.
    Skips the test if the environment of MLflow cannot be had."""
    try:
        python = locked_environment.provide(locked_environment.TRACKING)
    except locked_environment.NoEnvironmentError as error:
        pytest.skip(f"no environment of MLflow: {error}")
    place = {"LocationConstraint": REGION}
    site.aws.client("s3", site.account).create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
    url = str(site.aws.client("sts", site.account).meta.endpoint_url)
    common = {
        **variables_of(dict(instance)),
        "AWS_ENDPOINT_URL": url,
        "AWS_DEFAULT_REGION": REGION,
        "HOME": str(folder),
        "PATH": os.environ["PATH"],
        "PGSSLROOTCERT": site.authority,
        "PYTHONPATH": str(ROOT),
    }
    preparer = site.session("job-of-mlflow", "rds-db:connect", "secretsmanager:GetSecretValue")
    secret = {"TRACKING_MASTER_SECRET": instance["MasterUserSecret"]["SecretArn"]}
    for _ in range(2):  # with the second image, the Job upgrades what is there
        command = [str(python), "-m", "runtime.tracking.prepare"]
        subprocess.run(command, env={**common, **keys_of(preparer), **secret}, check=True, capture_output=True)
    pod = site.session(
        "pod-of-mlflow", "rds-db:connect", "s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject"
    )
    server = {
        "TRACKING_ARTIFACTS": f"s3://{BUCKET}",
        "TRACKING_CLIENTS": json.dumps({workspace: list(roles) for workspace, roles in clients.items()}),
        "TRACKING_SERVER": SERVER,
    }
    made = Mlflow(python, {**common, **keys_of(pod), **server}, folder / "log", reserve())
    made.start()
    try:
        yield made
    finally:
        made.kill()
        made.reserved.release()
