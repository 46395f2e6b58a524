"""The tooling account builds the image of this program when somebody pushes it, from its own dockerfile."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from plinth_sandbox.executors.image_root import are_possible
from plinth_sandbox.waiting import eventually
from settings.types.aws.platform_image import BRANCH, PROJECT
from tests.support.pushed_repository import git, push_folder
from tests.support.workbench import COMMANDS, REPOSITORY, Workbench

BASE = f"763104351884.dkr.ecr.eu-west-1.amazonaws.com/pulumi/pulumi-python@sha256:{'b' * 64}"


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """The tooling account of the example, which builds the image of the platform. There is no team."""
    bench = Workbench.of_example(tmp_path_factory.mktemp("image"), teams=())
    bench.checkpoints = False
    try:
        bench.sandbox("up")
        bench.change_organization(platform_image={"base": BASE})
        bench.plinth("up", "tooling", "--with-needs", "--yes")
        bench.sandbox("image", "aws/codebuild/*", str(COMMANDS.parent))
        bench.sandbox("image", BASE, str(COMMANDS.parent), "--engine")
        yield bench
    finally:
        bench.sandbox("down")


def program(folder: Path) -> Path:
    """Returns a copy of the files of this clone that git knows, or that a change adds."""
    listed = ["git", "-C", str(REPOSITORY), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    files = subprocess.run(listed, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in filter(None, files):
        if not name.startswith(("benchmarks/", "docs/", "tests/")) and (REPOSITORY / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, folder / name)
    return folder


def ended(acme: Workbench, number: int) -> list[dict[str, Any]]:
    """Waits until so many builds have ended, and returns them, the oldest first."""
    codebuild = acme.client("codebuild", acme.outputs("tooling")["account_id"])

    def look() -> list[dict[str, Any]]:
        ids = codebuild.list_builds_for_project(projectName=PROJECT, sortOrder="ASCENDING")["ids"]
        found = codebuild.batch_get_builds(ids=ids)["builds"] if ids else []
        return found if len(found) >= number and all(build["buildComplete"] for build in found) else []

    found: list[dict[str, Any]] = eventually(look)
    return found


def test_a_push_to_main_builds_scans_and_pushes_the_image_of_the_commit(acme: Workbench, tmp_path: Path) -> None:
    tooling = acme.outputs("tooling")
    account_id, folder = tooling["account_id"], program(tmp_path / "program")
    commit = push_folder(acme, folder, tooling["program_url"], account_id, branch=BRANCH, message="Program")
    (build,) = ended(acme, 1)
    log = acme.build_log(account_id, build)
    assert build["buildStatus"] == "SUCCEEDED", log
    assert (build["initiator"], build["sourceVersion"]) == ("platform-images-start/EventBridge", commit)
    assert build["environment"]["privilegedMode"]
    assert build["vpcConfig"]["vpcId"] == tooling["vpc_id"]

    (image,) = acme.client("ecr", account_id).describe_images(repositoryName="plinth")["imageDetails"]
    assert image["imageTags"] == [commit]
    assert f"{tooling['platform_repository']}@{image['imageDigest']}" in log
    if are_possible():
        assert f"\nplinth {version('plinth')}\n" in log

    # Only pushes to main start builds, so the next one is that of the second commit of main.
    (folder / "README.md").write_text("A change")
    git(acme, folder, "commit", "--quiet", "--all", "--message", "Change")
    git(acme, folder, "push", "--quiet", "origin", "HEAD:refs/heads/draft")
    git(acme, folder, "commit", "--quiet", "--allow-empty", "--message", "Release")
    git(acme, folder, "push", "--quiet", "origin", BRANCH)
    second = ended(acme, 2)
    assert [ended_build["sourceVersion"] for ended_build in second] == [commit, git(acme, folder, "rev-parse", "HEAD")]
    assert second[-1]["buildStatus"] == "SUCCEEDED", acme.build_log(account_id, second[-1])


@pytest.mark.skipif(not are_possible(), reason="no namespaces for a root directory")
def test_a_build_that_names_the_image_by_its_digest_runs_the_program_that_was_pushed(acme: Workbench) -> None:
    account_id, image = acme.outputs("tooling")["account_id"], acme.outputs("tooling")["platform_repository"]
    (pushed, *_) = acme.client("ecr", account_id).describe_images(repositoryName="plinth")["imageDetails"]
    commands = ["python -P -c 'from selfservice.hosting import build; print(build.__file__)'", "pulumi version"]
    codebuild = acme.client("codebuild", account_id)
    codebuild.start_build(
        projectName=PROJECT,
        sourceVersion=BRANCH,
        imageOverride=f"{image}@{pushed['imageDigest']}",
        imagePullCredentialsTypeOverride="SERVICE_ROLE",
        buildspecOverride=json.dumps({"version": "0.2", "phases": {"build": {"commands": commands}}}),
    )
    build = ended(acme, 3)[-1]
    log = acme.build_log(account_id, build)
    assert build["buildStatus"] == "SUCCEEDED", log
    assert "\n/opt/plinth/selfservice/hosting/build.py\n" in log


def test_nobody_replaces_the_image_of_a_commit(acme: Workbench) -> None:
    ecr = acme.client("ecr", acme.outputs("tooling")["account_id"])
    (repository,) = ecr.describe_repositories(repositoryNames=["plinth"])["repositories"]
    assert repository["imageTagMutability"] == "IMMUTABLE"
    assert repository["imageScanningConfiguration"]["scanOnPush"]
