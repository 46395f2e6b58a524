"""The tracking server itself: what it keeps, and whom it serves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest

from plinth_project.tracking.tokens import client_token
from plinth_sandbox.waiting import LONGEST_SECONDS
from tests.unit.runtime.tracking import SERVER, Site, at_sandbox, instance, site
from tests.unit.runtime.tracking_server import BUCKET, LOG, READ, Mlflow, served

__all__ = ["at_sandbox", "instance", "site"]


@pytest.fixture(scope="module")
def mlflow(site: Site, instance: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mlflow]:
    """The server for the trainers of two teams."""
    role = f"arn:aws:iam::{site.account}:role/plinth/trainer-of-"
    clients = {team: [role + team] for team in ("fraud", "claims")}
    with served(site, instance, tmp_path_factory.mktemp("mlflow"), clients) as server:
        yield server


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
    (kept,) = site.aws.client("s3", site.account).list_objects_v2(Bucket=BUCKET)["Contents"]
    assert kept["Key"].endswith(f"{run}/artifacts/model.txt")
    assert kept["Key"].startswith("workspaces/fraud/")


@pytest.mark.nightly
def test_a_client_reaches_the_server_by_any_of_its_names(
    mlflow: Mlflow, trainers: dict[str, boto3.Session], at_sandbox: str
) -> None:
    """The host of a load balancer, its own name in a certificate, and that of a Service."""
    token = client_token(trainers["fraud"], SERVER)
    for name in ("mlflow.acme.example", "k8s-mlflow.elb.eu-west-1.amazonaws.com", "mlflow.plinth-mlflow.svc:8080"):
        headers = {"Host": name, "Authorization": f"Bearer {token}"}
        asked = Request(f"{mlflow.url}/api/2.0/mlflow/experiments/search?max_results=1", headers=headers)
        with urlopen(asked, timeout=LONGEST_SECONDS) as answer:
            assert answer.status == 200


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
found = [found_experiment.name for found_experiment in client.search_experiments()]
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


@pytest.mark.nightly
def test_a_job_logs_with_its_role_and_without_a_token_of_its_own(
    mlflow: Mlflow, trainers: dict[str, boto3.Session]
) -> None:
    logged = mlflow.job(LOG, trainers["fraud"])
    assert logged.returncode == 0, logged.stderr
    refused = mlflow.job(LOG, trainers["churn"])
    assert refused.returncode != 0
    assert "UNAUTHENTICATED" in refused.stderr
