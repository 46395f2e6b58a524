"""Pushes to the build repository of the use case of the example."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from plinth_sandbox.waiting import eventually
from tests.engine.main_job.promotions import USE_CASE, Promotions

REPOSITORY, INPUT = f"{USE_CASE}-build", "ml_pipelines/training/input.json"


def content_of(promotions: Promotions, path: str) -> str:
    """Returns a file of the branch main."""
    codecommit = promotions.acme.client("codecommit", promotions.tooling)
    found: bytes = codecommit.get_file(repositoryName=REPOSITORY, filePath=path)["fileContent"]
    return found.decode()


def settings_of(promotions: Promotions) -> dict[str, Any]:
    """Returns the configuration of the training pipeline."""
    return dict(json.loads(content_of(promotions, INPUT)))


def pushed(promotions: Promotions, message: str, files: Mapping[str, str]) -> dict[str, Any]:
    """Commits files to main, and returns the build of this commit when it has ended."""
    codecommit = promotions.acme.client("codecommit", promotions.tooling)
    parent = codecommit.get_branch(repositoryName=REPOSITORY, branchName="main")["branch"]["commitId"]
    commit = codecommit.create_commit(
        repositoryName=REPOSITORY,
        branchName="main",
        parentCommitId=parent,
        commitMessage=message,
        putFiles=[{"filePath": path, "fileContent": text.encode()} for path, text in files.items()],
    )["commitId"]
    return build_of(promotions, REPOSITORY, commit)


def build_of(promotions: Promotions, project: str, commit: str) -> dict[str, Any]:
    """Returns the newest build of a project and a commit when it has ended."""
    codebuild = promotions.acme.client("codebuild", promotions.tooling)

    def ended() -> dict[str, Any] | None:
        ids = codebuild.list_builds_for_project(projectName=project)["ids"]
        builds = codebuild.batch_get_builds(ids=ids[:5])["builds"]
        found = next((build for build in builds if commit in _versions(build)), None)
        return found if found and found["buildComplete"] else None

    found: dict[str, Any] = eventually(ended, every_seconds=2)
    return found


def _versions(build: Mapping[str, Any]) -> tuple[Any, Any]:
    return build.get("sourceVersion"), build.get("resolvedSourceVersion")


def log_of(promotions: Promotions, build: Mapping[str, Any]) -> str:
    return promotions.acme.build_log(promotions.tooling, build)
