"""Builds log their pipeline runs to the tracking server: pushed commits, MLflow itself, and what a client reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from plinth_sandbox.testing import MANAGEMENT, EmulatedAws
from tests.templates.development import ROLE, Development
from tests.templates.projects import commit, git
from tests.templates.test_pipeline_runs import INPUT, WORSE, without_checks
from tests.unit.runtime.tracking import SERVER, Site, database
from tests.unit.runtime.tracking_server import Mlflow, served

READ = """
import json, mlflow
client = mlflow.MlflowClient()
experiment = client.get_experiment_by_name("scoring/training")
runs = client.search_runs([experiment.experiment_id], order_by=["attributes.start_time"])
print(json.dumps([
    {
        "name": run.info.run_name, "status": run.info.status, "tags": run.data.tags, "parameters": run.data.params,
        "metrics": run.data.metrics, "times": [run.info.start_time, run.info.end_time],
        "documents": {
            artifact.path: mlflow.artifacts.load_dict(f"{run.info.artifact_uri}/{artifact.path}")
            for artifact in client.list_artifacts(run.info.run_id)
        },
    }
    for run in runs
]))
"""
READER = "people-of-fraud"


@pytest.fixture(scope="module")
def development(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Development]:
    with EmulatedAws(tmp_path_factory.mktemp("aws")) as server:
        yield Development(server, tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def mlflow(development: Development, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mlflow]:
    """The server for builds of the use case, and for a person of the team."""
    site = Site(development.aws, MANAGEMENT)
    clients = {"fraud": [ROLE, f"arn:aws:iam::{MANAGEMENT}:role/plinth/{READER}"]}
    with served(site, database(site), tmp_path_factory.mktemp("mlflow"), clients) as server:
        yield server


@pytest.fixture(scope="module")
def builds(development: Development, mlflow: Mlflow, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Builds of two commits of main. The second has a gate that no model passes."""
    folder = tmp_path_factory.mktemp("clone")
    git(folder, "clone", "--quiet", str(development.project), ".")
    specification = json.loads(without_checks(folder))
    # A repeated call completes the record of the first one.
    specification["phases"]["post_build"]["commands"].append("python project track")
    override = {"buildspecOverride": json.dumps(specification)}
    variables = {
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
        "MLFLOW_TRACKING_AUTH": "plinth",
        "MLFLOW_TRACKING_URI": mlflow.url,
        "PLINTH_TRACKING_SERVER": SERVER,
    }
    first = development.build(development.push(folder, "main", variables, **override))
    file = folder / INPUT
    file.write_text(json.dumps({**json.loads(file.read_text()), "gates": WORSE["gates"]}))
    commit(folder)
    return [first, development.build(development.push(folder, "main", variables, **override))]


@pytest.fixture(scope="module")
def records(builds: list[dict[str, Any]], development: Development, mlflow: Mlflow) -> list[dict[str, Any]]:
    """The runs of the experiment, as a person of the team reads them."""
    assert [build["buildStatus"] for build in builds] == ["SUCCEEDED", "FAILED"]
    person = Site(development.aws, MANAGEMENT).session(READER)
    read = mlflow.job(READ, person)
    assert read.returncode == 0, read.stderr
    found: list[dict[str, Any]] = json.loads(read.stdout)
    return found


@pytest.mark.nightly
@pytest.mark.requirement("EXP-11.b", "3P-06.b")
def test_a_build_records_the_data_the_code_the_configuration_and_the_metrics_of_its_run(
    records: list[dict[str, Any]], development: Development
) -> None:
    (version,) = development.versions()
    lineage, record = version["CustomerMetadataProperties"], records[0]
    assert (record["name"], record["status"]) == (lineage["build_id"], "FINISHED")
    assert record["times"][0] < record["times"][1]
    tags = record["tags"]
    assert tags["model_package"] == version["ModelPackageArn"]
    same = ("build_id", "repository", "branch", "commit", "data_source", "data_snapshot", "data_sha256", "image")
    assert {name: tags[name] for name in same} == {name: lineage[name] for name in same}
    assert record["parameters"] | {"learning_rate": "0.1", "problem": "regression"} == record["parameters"]
    assert record["metrics"]["rmse"] == float(lineage["rmse"])
    assert record["documents"]["Evaluation.json"]["metrics"] == record["metrics"]
    assert record["documents"]["input.json"]["data"]["database"] == "historical"


@pytest.mark.nightly
@pytest.mark.requirement("EXP-11.c")
def test_a_run_that_missed_a_gate_is_beside_the_others_with_its_reason(records: list[dict[str, Any]]) -> None:
    assert [record["status"] for record in records] == ["FINISHED", "FAILED"]
    passed, missed = records
    assert missed["tags"]["model_package"] == "none"
    assert missed["tags"]["reasons"].startswith("Gate-rmse-failed: rmse ")
    assert missed["metrics"].keys() == passed["metrics"].keys()
    assert missed["documents"]["input.json"]["gates"] == [{"metric": "rmse", "at_least": None, "at_most": 1.5}]
