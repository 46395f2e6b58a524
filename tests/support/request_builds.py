"""The runner of requests in the governance account of a sandbox, whose builds are the only processes that carry out
requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from plinth_sandbox.environment import AUTHORITY
from plinth_sandbox.states.place import BUCKET
from settings.types.aws.request_builds import BRANCH, PROJECT, WORKFLOWS
from tests.support.pushed_repository import git, push_folder
from tests.support.states_in_s3 import keep_states_in_s3
from tests.support.workbench import COMMANDS, Workbench

SHARED = ("organization", "audit", "identity", "network", "data-lake", "data-catalog", "tooling", "governance")


def bring_up(bench: Workbench) -> None:
    """Deploys the shared stacks with a runner and a database of workflows, without a team, and pushes the settings to
    its repository."""
    bench.sandbox("up", "--states", "s3")
    bench.sandbox("up")
    key = keep_states_in_s3(bench, *SHARED)
    runner = {"image": f"sha256:{'a' * 64}", "state_bucket": BUCKET, "state_keys": [key]}
    bench.plinth("up", "organization", "--yes")
    # Only requests and decisions start builds.
    bench.change_organization(
        request_runner={**runner, "interval_minutes": 1440, "drift_hour": None, "serverless_workflows": {}}
    )
    bench.plinth("up", *SHARED, "--yes")
    repository = bench.outputs("tooling")["platform_repository"]
    bench.sandbox("image", f"{repository}@*", str(COMMANDS.parent), "--engine")
    push_settings(bench)


@contextmanager
def workflow_database(bench: Workbench) -> Iterator[psycopg.Connection[Any]]:
    """Connects with the database of workflows as somebody who may read the password of its master user."""
    account = bench.outputs("governance")["account_id"]
    (cluster,) = bench.client("rds", account).describe_db_clusters(DBClusterIdentifier=WORKFLOWS)["DBClusters"]
    arn = cluster["MasterUserSecret"]["SecretArn"]
    master = json.loads(bench.client("secretsmanager", account).get_secret_value(SecretId=arn)["SecretString"])
    with psycopg.connect(
        host=cluster["Endpoint"],
        port=cluster["Port"],
        dbname=cluster["DatabaseName"],
        user=master["username"],
        password=master["password"],
        sslmode="verify-full",
        sslrootcert=str(bench.sandbox_folder / "aws" / AUTHORITY),
    ) as connection:
        yield connection


def push_settings(bench: Workbench) -> None:
    """Makes the project directory a git repository, and pushes it."""
    outputs = bench.outputs("governance")
    url, account_id = outputs["settings_url"], outputs["account_id"]
    push_folder(bench, bench.project, url, account_id, branch=BRANCH, message="Settings")


def pushed(bench: Workbench) -> list[str]:
    """Returns the subjects of the commits of the settings in the repository, the newest first."""
    git(bench, bench.project, "fetch", "--quiet", "origin", BRANCH)
    return git(bench, bench.project, "log", "--format=%s", "FETCH_HEAD").splitlines()


def builds(bench: Workbench) -> list[dict[str, Any]]:
    """Returns the builds of the runner, the oldest first."""
    codebuild = bench.client("codebuild", bench.outputs("governance")["account_id"])
    ids = codebuild.list_builds_for_project(projectName=PROJECT, sortOrder="ASCENDING")["ids"]
    return list(codebuild.batch_get_builds(ids=ids)["builds"]) if ids else []


def log_of(bench: Workbench, build: dict[str, Any]) -> str:
    """Returns the log of a build."""
    return bench.build_log(bench.outputs("governance")["account_id"], build)
