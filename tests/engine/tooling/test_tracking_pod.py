"""The tracking server as pods of the tooling cluster on the real engine: MLflow, PostgreSQL and TLS themselves."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

from plinth_sandbox.emulator.services.rds.executor.programs import find_programs
from plinth_sandbox.environment import AUTHORITY
from plinth_sandbox.executors import container_images
from plinth_sandbox.kubernetes.node.oci import Layer
from plinth_sandbox.layout import IMAGES_FOLDER
from plinth_sandbox.testing import publish_text, self_signed
from plinth_sandbox.waiting import eventually
from tests.engine.tooling.test_tooling_platform import ask
from tests.support import locked_environment
from tests.support.cluster_node import bench_with_node, fill_with_python, folder_of_containers, serves
from tests.support.workbench import ACCESS_ROLE, Workbench
from tests.unit.runtime.tracking_server import LOG, READ, library_path

pytestmark = pytest.mark.skipif(find_programs() is None, reason="no programs of PostgreSQL")

STACK, SERVER = "tooling-mlflow", "plinth-mlflow"
PODS = f"/api/v1/namespaces/{SERVER}/pods"
BALANCERS, HOST = "*.elb.eu-west-1.amazonaws.com", "mlflow.acme.example"
TEAM, ENVIRONMENT = "fraud", "fraud-development"
CLIENTS = {"fraud": "tooling", "claims": "governance"}
"""Accounts whose roles are clients, by workspace."""
TRAINING_IMAGE = "763104351884.dkr.ecr.eu-west-1.amazonaws.com/sklearn-training:1"
WHAT_IS_LOGGED = "{'depth': '6'} {'auc': 1.0} weights"


@dataclass
class Site:
    """The organization with the tracking server in its cluster."""

    bench: Workbench
    python: Path
    """Python in an environment with MLflow."""
    certificate: Path
    mlflow: dict[str, Any] = field(default_factory=dict)
    """Settings of the server."""

    def client(self, code: str, account: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs a program with the client of MLflow, which shows the administrators' role of an account and reaches the
        load balancer through the sandbox."""
        environment = self.bench.environment()
        own = {name: environment[name] for name in ("AWS_ENDPOINT_URL", "AWS_REGION", "HOME", "PATH")}
        own |= self.bench.session_of("ada", self.account(account))
        own |= self.variables(self.bench.outputs(STACK)["load_balancer_host"])
        own["HTTPS_PROXY"] = environment["AWS_ENDPOINT_URL"]
        return subprocess.run([str(self.python), "-c", code, *words], env=own, capture_output=True, text=True)

    def variables(self, host: str) -> dict[str, str]:
        """Returns the environment variables with which a program logs to the server under a host name."""
        return {
            "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
            "MLFLOW_TRACKING_AUTH": "plinth",
            "MLFLOW_TRACKING_URI": f"https://{host}",
            "PLINTH_TRACKING_SERVER": SERVER,
            "PYTHONPATH": library_path(self.bench.root),
            "REQUESTS_CA_BUNDLE": str(self.certificate),
        }

    def account(self, name: str) -> str:
        return str(self.bench.outputs("organization")["accounts"][name])

    @property
    def development(self) -> str:
        """Id of the account in which the team develops."""
        return str(self.bench.outputs(TEAM)["accounts"]["development"])

    def logged(self) -> str:
        """Logs a run of fraud, and returns its id."""
        done = self.client(LOG, CLIENTS["fraud"])
        assert done.returncode == 0, done.stderr
        return done.stdout.rpartition("run ")[2].strip()

    def serving(self) -> set[str]:
        """Returns the names of the pods that serve."""
        return {
            pod["metadata"]["name"]
            for pod in ask(self.bench, PODS).body["items"]
            if pod["metadata"]["labels"].get("app.kubernetes.io/name") == "mlflow" and serves(pod)
        }

    def answers(self) -> bool:
        return self.client(READ, CLIENTS["fraud"], "0" * 32).stderr.count("RESOURCE_DOES_NOT_EXIST") > 0


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    try:
        python = locked_environment.provide(locked_environment.TRACKING)
    except locked_environment.NoEnvironmentError as error:
        pytest.skip(f"no environment of MLflow: {error}")
    with folder_of_containers() as folder, bench_with_node(tmp_path_factory.mktemp("tracking"), teams=(TEAM,)) as bench:
        yield _bring_up(bench, folder, python)


def _bring_up(bench: Workbench, folder: Path, python: Path) -> Site:
    bench.plinth("up", "tooling", TEAM, "--with-needs", "--yes")
    tooling = bench.outputs("tooling")
    certificate, key = self_signed(HOST, BALANCERS)
    acm = bench.client("acm", tooling["account_id"])
    site = Site(bench, python, bench.root / "certificate.pem")
    site.certificate.write_bytes(certificate)
    fill_with_python(folder, python.parents[1])
    site.mlflow |= {
        "image": _push(bench, tooling, folder),
        "certificate": acm.import_certificate(Certificate=certificate, PrivateKey=key)["CertificateArn"],
        "clients": {
            workspace: [f"arn:aws:iam::{site.account(account)}:role/{ACCESS_ROLE}"]
            for workspace, account in CLIENTS.items()
        },
        "host": HOST,
        "private_link": {},
        "replicas": 1,
    }
    site.mlflow["clients"]["fraud"].append(f"arn:aws:iam::{site.development}:role/plinth/{ENVIRONMENT}-execution")
    bench.change_organization(tooling_cluster={"version": "1.35", "mlflow": site.mlflow})
    bench.plinth("up", STACK, "--with-needs", "--yes")
    eventually(site.answers)
    return site


def _push(bench: Workbench, tooling: dict[str, Any], folder: Path) -> str:
    """Pushes the image, with the authorities of RDS in the file that the stack names. Returns its digest."""
    aws = bench.sandbox_folder / "aws"
    layer = Layer()
    layer.folder("etc/plinth")
    layer.file("etc/plinth/rds-authorities.pem", (aws / AUTHORITY).read_bytes())
    image = container_images.image_of_environment(folder, layer.content())
    container_images.keep(aws / IMAGES_FOLDER, image)
    bench.client("ecr", tooling["account_id"]).put_image(
        repositoryName=tooling["platform_repository"].partition("/")[2],
        imageManifest=image.manifest.decode(),
        imageTag="mlflow",
    )
    return image.digest


def test_the_record_of_a_run_survives_the_death_of_the_pods(site: Site) -> None:
    run = site.logged()
    before = site.serving()
    for name in before:
        assert ask(site.bench, f"{PODS}/{name}?gracePeriodSeconds=0", method="DELETE").code == 200
    eventually(lambda: site.serving() - before)
    read = eventually(lambda: site.client(READ, CLIENTS["fraud"], run).stdout.strip())
    assert read == WHAT_IS_LOGGED
    (kept,) = site.bench.client("s3", site.account("tooling")).list_objects_v2(
        Bucket=site.bench.outputs(STACK)["artifact_bucket"]
    )["Contents"]
    assert kept["Key"].startswith("workspaces/fraud/")
    assert kept["Key"].endswith(f"{run}/artifacts/model.txt")


@pytest.mark.threat("T-27")
def test_roles_of_other_workspaces_and_of_none_see_no_run_of_fraud(site: Site) -> None:
    run = site.logged()
    other = site.client(READ, CLIENTS["claims"], run)
    assert "RESOURCE_DOES_NOT_EXIST" in other.stderr
    stranger = site.client(READ, "audit", run)
    assert "UNAUTHENTICATED" in stranger.stderr


def connect_the_team(site: Site) -> None:
    """Shows AWS whose the name of the server is, and gives the network of the team an endpoint under it."""
    bench, record = site.bench, site.bench.outputs(STACK)["domain_record"]
    assert record["type"] == "TXT"
    publish_text(bench.client("route53", site.account("tooling")), "acme.example", record["name"], record["value"])
    site.mlflow["private_link"] = {"verified": True}
    bench.change_organization(tooling_cluster={"version": "1.35", "mlflow": site.mlflow})
    bench.change_environment(ENVIRONMENT, tracking_server=True)
    bench.plinth("up", STACK, ENVIRONMENT, "--with-needs", "--yes")


def trained(site: Site) -> dict[str, Any]:
    """Runs a training job of the team that logs a run, and returns it once it has ended."""
    built, name = site.bench.outputs(ENVIRONMENT), f"trained-{token_hex(4)}"
    network = {"Subnets": built["private_subnet_ids"], "SecurityGroupIds": [built["workload_security_group_id"]]}
    sagemaker = site.bench.client("sagemaker", site.development)
    sagemaker.create_training_job(
        TrainingJobName=name,
        RoleArn=built["role_arns"]["execution"],
        AlgorithmSpecification={
            "TrainingImage": TRAINING_IMAGE,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["python", "-c", "import os; exec(os.environ['PROGRAM'])"],
        },
        Environment={**site.variables(HOST), "PROGRAM": LOG},
        OutputDataConfig={"S3OutputPath": f"s3://{built['bucket_name']}/scoring/trained", "KmsKeyId": built["key_arn"]},
        ResourceConfig={
            "InstanceCount": 1,
            "InstanceType": "ml.m5.large",
            "VolumeSizeInGB": 1,
            "VolumeKmsKeyId": built["key_arn"],
        },
        StoppingCondition={"MaxRuntimeInSeconds": 600},
        VpcConfig=network,
    )

    def ended() -> dict[str, Any] | None:
        job = dict(sagemaker.describe_training_job(TrainingJobName=name))
        return job if job["TrainingJobStatus"] in ("Completed", "Failed") else None

    return eventually(ended, every_seconds=1) or {}


@pytest.mark.requirement("EXP-11.b")
def test_a_training_job_of_a_team_logs_through_the_endpoint_of_its_network(site: Site) -> None:
    connect_the_team(site)
    site.bench.sandbox("image", TRAINING_IMAGE, str(site.python.parents[1]))
    job = trained(site)
    assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
    logged = site.bench.client("logs", site.development).filter_log_events(
        logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix=f"{job['TrainingJobName']}/"
    )["events"]
    (run,) = (found[1] for event in logged if (found := re.search("run ([0-9a-f]{32})$", event["message"])))
    assert site.client(READ, CLIENTS["fraud"], run).stdout.strip() == WHAT_IS_LOGGED
    assert "RESOURCE_DOES_NOT_EXIST" in site.client(READ, CLIENTS["claims"], run).stderr


def test_a_run_before_a_snapshot_is_there_after_the_database_is_restored_from_it(site: Site) -> None:
    bench, rds = site.bench, site.bench.client("rds", site.account("tooling"))
    snapshot = f"before-{token_hex(4)}"
    before = site.logged()
    rds.create_db_snapshot(DBInstanceIdentifier=SERVER, DBSnapshotIdentifier=snapshot)
    eventually(
        lambda: rds.describe_db_snapshots(DBSnapshotIdentifier=snapshot)["DBSnapshots"][0]["Status"] == "available"
    )
    after = site.logged()
    site.mlflow["restore_from"] = snapshot
    waiver = {
        "stack": STACK,
        "resource": "aws:rds/instance:Instance::database",
        "reason": "Return to the runs before the upgrade",
        "requester": "platform@acme.example",
        "expires": f"{datetime.now(UTC).date() + timedelta(days=7)}",
    }
    bench.change_organization(tooling_cluster={"version": "1.35", "mlflow": site.mlflow})

    # The engine refuses to replace the database until its protection is lifted, and Plinth without a waiver.
    assert "protect" in bench.plinth("up", STACK, "--yes", check=False).stdout
    (urn,) = [resource["urn"] for resource in bench.state(STACK) if resource["type"] == "aws:rds/instance:Instance"]
    bench.pulumi("state", "unprotect", "--stack", STACK, "--yes", urn)
    assert "no waiver allows it" in bench.plinth("up", STACK, "--yes", check=False).stdout
    bench.change_organization(waivers=[waiver])
    bench.plinth("up", STACK, "--yes")
    eventually(site.answers)
    assert site.client(READ, CLIENTS["fraud"], before).stdout.strip() == WHAT_IS_LOGGED
    assert "RESOURCE_DOES_NOT_EXIST" in site.client(READ, CLIENTS["fraud"], after).stderr
    assert site.client(READ, CLIENTS["fraud"], site.logged()).stdout.strip() == WHAT_IS_LOGGED
    (database,) = rds.describe_db_instances()["DBInstances"]
    assert database["DBInstanceIdentifier"].startswith(f"{SERVER}-")
    assert database["DeletionProtection"] is True


def test_a_second_preview_shows_no_change(site: Site) -> None:
    again = json.loads(site.bench.plinth("preview", STACK, "--no-skip", "--refresh", "--json").stdout)
    assert again["stacks"][STACK]["changes"] == {}
