"""A use case whose code is at GitHub: its stack waits for the connection, then a push starts the private build."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from plinth_sandbox.waiting import eventually
from tests.support.workbench import Workbench
from tests.templates.projects import environment

STACK = "churn--loyalty"
CONNECTION = "acme-github"
MIRROR = f"{STACK}-build-mirror"
SPECIFICATION = "version: 0.2\nphases: {build: {commands: ['aws sts get-caller-identity', 'git log -1']}}\n"


@pytest.fixture(scope="module")
def waiting(acme: Workbench) -> subprocess.CompletedProcess[str]:
    """The first deployment of the use case, while nobody has completed the connection that its settings name."""
    acme.sandbox("image", "aws/codebuild/*", str(environment()))
    connections = acme.client("codeconnections", acme.outputs("tooling")["account_id"])
    made = connections.create_connection(ConnectionName=CONNECTION, ProviderType="GitHub")
    source = {"provider": "github", "namespace": "acme", "connection": made["ConnectionArn"]}
    acme.change_team("churn", use_cases={"loyalty": {"delivery": {"source": source}}})
    acme.settings_file(STACK).write_text("{}\n")
    return acme.plinth("up", STACK, "--yes", check=False)


@pytest.fixture(scope="module")
def provider(acme: Workbench, waiting: subprocess.CompletedProcess[str]) -> Path:
    """The repositories at GitHub, after somebody has completed the connection and deployed the use case."""
    root = acme.root / "github"
    for purpose in ("build", "deployment"):
        git(acme.root, "init", "--bare", "--initial-branch=main", str(root / f"acme/churn-loyalty-{purpose}.git"))
    assert waiting.returncode == 1
    acme.sandbox("connection", CONNECTION, "--repository-root", str(root))
    acme.plinth("up", STACK, "--yes")
    return root / "acme" / "churn-loyalty-build.git"


def git(folder: Path, *words: str) -> str:
    author = ("-c", "user.name=ana", "-c", "user.email=ana@acme.example")
    variables = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(
        ["git", *author, *words], cwd=folder, env=variables, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def ended(acme: Workbench, project: str) -> dict[str, Any]:
    """Returns the only build of a project when it has ended."""
    codebuild = acme.client("codebuild", acme.outputs("tooling")["account_id"])

    def look() -> list[dict[str, Any]]:
        ids = codebuild.list_builds_for_project(projectName=project)["ids"]
        found = codebuild.batch_get_builds(ids=ids)["builds"] if ids else []
        return found if found and found[0]["buildComplete"] else []

    (build,) = eventually(look)
    return dict(build)


def networks(acme: Workbench) -> dict[str, str | None]:
    """Returns the network of the projects of the build repository."""
    codebuild = acme.client("codebuild", acme.outputs("tooling")["account_id"])
    found = codebuild.batch_get_projects(names=[f"{STACK}-build", MIRROR])["projects"]
    return {project["name"]: project.get("vpcConfig", {}).get("vpcId") for project in found}


def test_a_pending_connection_stops_the_use_case_and_names_the_console(
    acme: Workbench, waiting: subprocess.CompletedProcess[str]
) -> None:
    connection = f"arn:aws:codeconnections:eu-west-1:{acme.outputs('tooling')['account_id']}:connection/"
    assert waiting.returncode == 1
    assert "The connection to the source provider is PENDING." in waiting.stdout
    assert f"settings/connections?region=eu-west-1, {connection}" in waiting.stdout
    assert "Traceback" not in waiting.stdout


@pytest.mark.requirement("CI-01", "CI-08.b", "3P-01.a")
def test_a_push_at_the_provider_starts_the_private_build_whose_result_the_provider_shows(
    acme: Workbench, provider: Path, tmp_path: Path
) -> None:
    outputs = acme.outputs(STACK)
    assert outputs["source_urls"]["build"] == "https://github.com/acme/churn-loyalty-build.git"
    git(tmp_path, "clone", "--quiet", str(provider), ".")
    (tmp_path / "build_spec.yml").write_text(SPECIFICATION)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "First")
    git(tmp_path, "push", "--quiet", "origin", "HEAD:main")
    pushed = git(tmp_path, "rev-parse", "HEAD")

    mirrored, build = ended(acme, MIRROR), ended(acme, outputs["build_project"])
    assert (mirrored["buildStatus"], build["buildStatus"]) == ("SUCCEEDED", "SUCCEEDED")
    assert build["resolvedSourceVersion"] == pushed
    assert build["serviceRole"] == outputs["role_arns"]["integration"]
    assert networks(acme) == {MIRROR: None, outputs["build_project"]: acme.outputs("tooling")["vpc_id"]}
    status = git(provider, "notes", f"--ref=statuses/{MIRROR}", "show", pushed)
    assert status == f"AWS CodeBuild eu-west-1 ({MIRROR}): SUCCEEDED"
