"""The programs of the tracking server, with a real database and the emulated IAM and STS."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import tomllib
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
import sqlalchemy

from plinth_project.tracking.tokens import client_token
from plinth_sandbox.executors.ports import LOOPBACK, ReservedPort, reserve
from plinth_sandbox.testing import REGION
from plinth_sandbox.waiting import LONGEST_SECONDS, eventually
from runtime.tracking import authentication
from runtime.tracking.authentication import Authenticated, Client, Clients
from runtime.tracking.client_tokens import InvalidTokenError, caller_of
from runtime.tracking.database_tokens import sign_in_with_tokens
from runtime.tracking.environment import Database
from runtime.tracking.prepare import create_user
from tests.support import tracking_environment
from tests.unit.runtime.tracking import SERVER, Site, act_as, at_sandbox, instance, keys_of, site, variables_of

__all__ = ["at_sandbox", "instance", "site"]
ROOT = Path(__file__).parents[3]
LIBRARY = ROOT / "packages/plinth-project"


def test_a_token_shows_the_role_of_its_holder_to_the_server_that_it_names(site: Site, at_sandbox: str) -> None:
    session = site.session("trainer")
    token = client_token(session, SERVER)
    assert caller_of(token, SERVER, at_sandbox) == (f"arn:aws:iam::{site.account}:role/trainer", "pod")
    with pytest.raises(InvalidTokenError, match="does not accept the signature"):
        caller_of(token, "another-server", at_sandbox)
    with pytest.raises(InvalidTokenError, match="does not accept the signature"):
        caller_of(client_token(session, "another-server"), SERVER, at_sandbox)
    with pytest.raises(InvalidTokenError, match="not one of AWS STS"):
        caller_of(token, SERVER, "https://sts.eu-west-1.amazonaws.com")


@pytest.mark.parametrize(
    ("given", "reason"),
    [("", "does not begin"), ("plinth-mlflow-v1.$", "not"), ("k8s-aws-v1.abc", "does not begin")],
)
def test_what_is_no_token_shows_nobody(given: str, reason: str) -> None:
    with pytest.raises(InvalidTokenError, match=reason):
        caller_of(given, SERVER, "https://sts.eu-west-1.amazonaws.com")


class Application:
    """Takes every request, and keeps paths and workspaces."""

    def __init__(self) -> None:
        self.reached: list[tuple[str, list[str]]] = []

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        named = [value.decode() for name, value in scope["headers"] if name == b"x-mlflow-workspace"]
        self.reached.append((scope["path"], named))
        await send({"type": "http.response.start", "status": 200, "headers": []})


async def _ask(application: Authenticated, path: str, token: str, *workspaces: str) -> list[Any]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    headers = [(b"authorization", f"Bearer {token}".encode())] if token else []
    headers += [(b"X-MLFLOW-WORKSPACE", one.encode()) for one in workspaces]
    await application({"type": "http", "path": path, "headers": headers}, receive, send)
    return sent


def test_only_clients_of_the_settings_reach_the_application(site: Site, at_sandbox: str) -> None:
    client, stranger = site.session("client"), site.session("stranger")
    clients = Clients({"fraud": [f"arn:aws:iam::{site.account}:role/plinth/client"]}, SERVER, at_sandbox)
    application = Application()
    guarded = Authenticated(application, clients)
    answers = {
        name: asyncio.run(_ask(guarded, "/api/2.0/mlflow/runs/create", token))[0]["status"]
        for name, token in (
            ("client", client_token(client, SERVER)),
            ("stranger", client_token(stranger, SERVER)),
            ("nobody", ""),
            ("client of another server", client_token(client, "other")),
        )
    }
    assert answers == {"client": 200, "stranger": 401, "nobody": 401, "client of another server": 401}
    assert application.reached == [("/api/2.0/mlflow/runs/create", ["fraud"])]
    assert asyncio.run(_ask(guarded, "/health", ""))[0]["status"] == 200


@pytest.fixture
def as_fraud(monkeypatch: pytest.MonkeyPatch) -> tuple[Application, Authenticated]:
    """An application whose only client is a role in the workspace ``fraud``."""
    role = "arn:aws:iam::123456789012:role/client"
    monkeypatch.setattr(authentication, "caller_of", lambda *_: (role, "pod"))
    application = Application()
    return application, Authenticated(application, Clients({"fraud": [role]}, SERVER, "https://sts.amazonaws.com"))


@pytest.mark.parametrize(
    ("asked", "status"), [((), 200), (("fraud",), 200), ((" ",), 200), (("churn",), 403), (("fraud", "churn"), 403)]
)
@pytest.mark.threat("T-27")
def test_a_client_is_in_the_workspace_of_its_role_whatever_it_asks_for(
    as_fraud: tuple[Application, Authenticated], asked: tuple[str, ...], status: int
) -> None:
    application, guarded = as_fraud
    sent = asyncio.run(_ask(guarded, "/api/2.0/mlflow/runs/search", "token", *asked))
    assert sent[0]["status"] == status
    if status == 200:
        assert application.reached == [("/api/2.0/mlflow/runs/search", ["fraud"])]
    else:
        assert json.loads(sent[1]["body"]) == {
            "error_code": "PERMISSION_DENIED",
            "message": "the workspace of this role is fraud, not churn",
        }


@pytest.mark.parametrize(
    ("path", "is_served"),
    [
        ("/", True),
        ("/static-files/static/js/main.js", True),
        ("/ajax-api/2.0/mlflow/experiments/search", True),
        ("/api/3.0/mlflow/server-info", True),
        ("/api/3.0/mlflow/traces/tr-1", True),
        ("/api/2.0/mlflow-artifacts/artifacts/1/a/artifacts/model.txt", True),
        ("/api/2.0/mlflow-artifacts/presigned/1/a", True),
        ("/api/2.0/mlflow/registered-models/create", False),
        ("/api/2.0/mlflow/model-versions/create", False),
        ("/api/3.0/mlflow/workspaces", False),
        ("/api/3.0/mlflow/workspaces/churn", False),
        ("/api/2.0/mlflow/webhooks", False),
        ("/ajax-api/3.0/mlflow/gateway/endpoints/create", False),
        ("/api/2.0/mlflow/runsome", False),
        ("/api/2.0/mlflow/../mlflow/webhooks", False),
        ("//api/2.0/mlflow/webhooks", False),
        ("/graphql", False),
    ],
)
def test_a_client_uses_runs_and_nothing_that_acts_for_the_server(
    as_fraud: tuple[Application, Authenticated], path: str, is_served: bool
) -> None:
    application, guarded = as_fraud
    sent = asyncio.run(_ask(guarded, path, "token"))
    assert sent[0]["status"] == (200 if is_served else 501)
    assert bool(application.reached) is is_served


def test_a_token_is_verified_again_after_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    role = "arn:aws:iam::123456789012:role/client"

    def caller(token: str, _server: str, _sts_url: str) -> tuple[str, str]:
        asked.append(token)
        return role, "pod"

    monkeypatch.setattr(authentication, "caller_of", caller)
    clients = Clients({"fraud": [role]}, SERVER, "https://sts.eu-west-1.amazonaws.com")
    for now, times in ((100.0, 1), (159.0, 1), (160.0, 2)):
        monkeypatch.setattr(authentication, "time", SimpleNamespace(monotonic=lambda now=now: now))
        assert clients.client_of("token") == Client(f"{role}/pod", "fraud")
        assert asked == ["token"] * times


def test_the_job_creates_the_user_and_the_server_signs_in_with_its_role_alone(
    site: Site, instance: dict[str, Any], at_sandbox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database.of(variables_of(instance))
    monkeypatch.setenv("PGSSLROOTCERT", site.authority)
    act_as(site.session("preparing", "secretsmanager:GetSecretValue"), monkeypatch)
    for _ in range(2):
        create_user(database, instance["MasterUserSecret"]["SecretArn"])
    act_as(site.session("serving", "rds-db:connect"), monkeypatch)
    end = sign_in_with_tokens(database)
    engine = sqlalchemy.create_engine(database.url, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("create table tried (name text)"))
        assert connection.execute(sqlalchemy.text("select current_user")).scalar() == "mlflow"
    end()
    act_as(site.session("elsewhere"), monkeypatch)
    end = sign_in_with_tokens(database)
    with pytest.raises(sqlalchemy.exc.OperationalError, match="PAM authentication failed"):
        engine.connect()
    end()


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
READ = """
import sys, mlflow
run = mlflow.get_run(sys.argv[1])
content = mlflow.artifacts.load_text(run.info.artifact_uri + "/model.txt")
print(run.data.params, run.data.metrics, content)
"""


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

    def job(self, code: str, session: boto3.Session, plug_in: Path) -> subprocess.CompletedProcess[str]:
        """Runs a program with the client of MLflow, which has the keys of a role and the plug-in."""
        own = {name: self.variables[name] for name in ("AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "HOME", "PATH")}
        own |= keys_of(session)
        own |= {
            "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
            "MLFLOW_TRACKING_AUTH": "plinth",
            "MLFLOW_TRACKING_URI": self.url,
            "PLINTH_TRACKING_SERVER": SERVER,
            "PYTHONPATH": os.pathsep.join(map(str, (LIBRARY / "src", plug_in))),
        }
        return subprocess.run([str(self.python), "-c", code], env=own, capture_output=True, text=True)


@pytest.fixture(scope="module")
def mlflow(site: Site, instance: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mlflow]:
    """The server for the trainers of two teams, after its Job, with roles like those of the pods."""
    try:
        python = tracking_environment.provide()
    except tracking_environment.NoEnvironmentError as error:
        pytest.skip(f"no environment of MLflow: {error}")
    folder = tmp_path_factory.mktemp("mlflow")
    place = {"LocationConstraint": REGION}
    site.aws.client("s3", site.account).create_bucket(Bucket="acme-mlflow", CreateBucketConfiguration=place)
    url = str(site.aws.client("sts", site.account).meta.endpoint_url)
    common = {
        **variables_of(instance),
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
        "TRACKING_ARTIFACTS": "s3://acme-mlflow",
        "TRACKING_CLIENTS": json.dumps(
            {team: [f"arn:aws:iam::{site.account}:role/plinth/trainer-of-{team}"] for team in ("fraud", "claims")}
        ),
        "TRACKING_SERVER": SERVER,
    }
    made = Mlflow(python, {**common, **keys_of(pod), **server}, folder / "log", reserve())
    made.start()
    yield made
    made.kill()
    made.reserved.release()


@pytest.fixture(scope="module")
def trainers(site: Site) -> dict[str, boto3.Session]:
    """Sessions of trainers by team. The server knows two of the teams."""
    return {team: site.session(f"trainer-of-{team}") for team in ("fraud", "claims", "churn")}


@pytest.mark.nightly
def test_a_run_is_recorded_and_survives_the_death_of_the_server(
    mlflow: Mlflow, site: Site, trainers: dict[str, boto3.Session], at_sandbox: str
) -> None:
    """A client logs parameters, metrics and an artifact through the server of MLflow itself."""
    trainer, stranger = trainers["fraud"], trainers["churn"]
    logged = mlflow.client(LOG, client_token(trainer, SERVER))
    assert logged.returncode == 0, logged.stderr
    run = logged.stdout.rpartition("run ")[2].strip()
    for token in ("", client_token(stranger, SERVER), client_token(trainer, "another-server")):
        refused = mlflow.client(LOG, token)
        assert refused.returncode != 0
        assert "UNAUTHENTICATED: a token of a role of the settings is required" in refused.stderr
    mlflow.kill()
    mlflow.start()
    read = mlflow.client(READ, client_token(trainer, SERVER), run)
    assert read.stdout.strip() == "{'depth': '6'} {'auc': 1.0} weights", read.stderr
    (kept,) = site.aws.client("s3", site.account).list_objects_v2(Bucket="acme-mlflow")["Contents"]
    assert kept["Key"].endswith(f"{run}/artifacts/model.txt")
    assert kept["Key"].startswith("workspaces/fraud/")


LOOK = """
import json, os, sys, mlflow
from requests import HTTPError
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
run, experiment, artifacts, model = sys.argv[1:]
client = MlflowClient()
def through_the_server(uri):
    os.environ["MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD"] = "false"
    return mlflow.artifacts.load_text(uri)
ways = {
    "get": lambda: client.get_run(run),
    "metrics": lambda: client.get_metric_history(run, "auc"),
    "log": lambda: client.log_metric(run, "auc", 0),
    "tag": lambda: client.set_tag(run, "owner", "claims"),
    "delete": lambda: client.delete_run(run),
    "experiment": lambda: client.get_experiment(experiment),
    "rename": lambda: client.rename_experiment(experiment, "mine"),
    "new run": lambda: client.create_run(experiment),
    "artifacts of the run": lambda: client.list_artifacts(run),
    "artifact": lambda: mlflow.artifacts.load_text(artifacts + "/model.txt"),
    "path of the artifact": lambda: mlflow.artifacts.load_text(
        "mlflow-artifacts:/workspaces/fraud/" + artifacts.partition("workspaces/fraud/")[2] + "/model.txt"
    ),
    "artifact through the server": lambda: through_the_server(artifacts + "/model.txt"),
    "model": lambda: client.get_logged_model(model),
    "registry": lambda: client.create_registered_model("card-payments"),
}
def tried(way):
    try:
        return "done " + str(way())
    except (MlflowException, HTTPError) as error:
        return type(error).__name__ + " " + str(error)[:200]
found = [one.name for one in client.search_experiments()]
runs = client.search_runs([experiment])
print(json.dumps({"found": found, "runs": len(runs), **{name: tried(way) for name, way in ways.items()}}))
"""
LOG_MODEL = """
import mlflow
experiment = mlflow.set_experiment("card-payments").experiment_id
with mlflow.start_run() as run:
    mlflow.log_metric("auc", 0.9)
    mlflow.log_text("weights", "model.txt")
model = mlflow.initialize_logged_model(name="trees", source_run_id=run.info.run_id).model_id
print("logged", run.info.run_id, experiment, run.info.artifact_uri, model)
"""


@pytest.mark.nightly
@pytest.mark.threat("T-27")
def test_a_team_neither_sees_nor_changes_what_another_team_records(
    mlflow: Mlflow, trainers: dict[str, boto3.Session], at_sandbox: str
) -> None:
    fraud = client_token(trainers["fraud"], SERVER)
    logged = mlflow.client(LOG_MODEL, fraud)
    assert logged.returncode == 0, logged.stderr
    names = logged.stdout.rpartition("logged ")[2].split()
    looked = mlflow.client(LOOK, client_token(trainers["claims"], SERVER), *names)
    assert looked.returncode == 0, looked.stderr
    found = json.loads(looked.stdout.splitlines()[-1])
    assert (found.pop("found"), found.pop("runs")) == ([], 0)
    assert "NOT_IMPLEMENTED" in found["registry"]
    assert {name for name, answer in found.items() if answer.startswith("done")} == set()
    own = json.loads(mlflow.client(LOOK, fraud, *names).stdout.splitlines()[-1])
    assert {name for name, answer in own.items() if str(answer).startswith("done")} >= {
        "get", "artifact", "artifact through the server", "model", "new run",
    }  # fmt: skip


@pytest.fixture
def plug_in(tmp_path: Path) -> Path:
    """A folder with the metadata of the library, by which MLflow finds its plug-in."""
    project = tomllib.loads((LIBRARY / "pyproject.toml").read_text())["project"]
    folder = tmp_path / f"plinth_project-{project['version']}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {project['name']}\nVersion: {project['version']}\n")
    groups = (
        f"[{group}]\n" + "".join(f"{name} = {place}\n" for name, place in points.items())
        for group, points in project["entry-points"].items()
    )
    (folder / "entry_points.txt").write_text("\n".join(groups))
    return tmp_path


@pytest.mark.nightly
def test_a_job_logs_with_its_role_and_without_a_token_of_its_own(
    mlflow: Mlflow, trainers: dict[str, boto3.Session], plug_in: Path
) -> None:
    logged = mlflow.job(LOG, trainers["fraud"], plug_in)
    assert logged.returncode == 0, logged.stderr
    refused = mlflow.job(LOG, trainers["churn"], plug_in)
    assert refused.returncode != 0
    assert "UNAUTHENTICATED" in refused.stderr
