"""A data scientist pushes code of a use case from Studio."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plinth_sandbox.waiting import eventually
from tests.engine.main_job.studio_app import REPOSITORY, STACK, studio_app
from tests.support.workbench import Workbench


@pytest.mark.requirement("EXP-07.a", "EXP-07.b")
def test_a_data_scientist_pushes_a_branch_from_studio_which_is_built_and_merges_nothing_into_main(
    acme: Workbench, tmp_path: Path
) -> None:
    codebuild = acme.client("codebuild", str(acme.outputs("tooling")["account_id"]))

    def build_of(commit: str) -> dict[str, Any] | None:
        ids = codebuild.list_builds_for_project(projectName=acme.outputs(STACK)["build_project"])["ids"]
        found = [
            build for build in codebuild.batch_get_builds(ids=ids[:10])["builds"] if build["sourceVersion"] == commit
        ]
        return dict(found[0]) if found else None

    branch = f"feature/{tmp_path.name.replace('_', '-')}"
    with studio_app(acme, "ben", tmp_path) as app:
        app.clone()
        commit = app.push(branch, "Describe notebooks")
        build = eventually(lambda: build_of(commit))
        codebuild.stop_build(id=build["id"])
        refused = app.run("git", "-C", "copy", "push", "--quiet", "origin", f"{branch}:main", fails=True)
        assert "403" in refused
        request = app.open_pull_request(branch, "Describe notebooks")
        merge = ("codecommit", "merge-pull-request-by-squash", "--repository-name", REPOSITORY)
        refused = app.run("aws", "--profile", STACK, *merge, "--pull-request-id", request["pullRequestId"], fails=True)
        assert "AccessDenied" in refused
    (target,) = request["pullRequestTargets"]
    assert (target["sourceCommit"], target["destinationReference"]) == (commit, "refs/heads/main")
    assert f"{STACK}-contributor" in request["authorArn"]


def test_a_lead_data_scientist_does_not_push_from_studio_what_they_review(acme: Workbench, tmp_path: Path) -> None:
    with studio_app(acme, "ana", tmp_path) as app:
        refused = app.run(
            "git", "ls-remote", f"https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/{REPOSITORY}", fails=True
        )
        assert "not authorized to perform: sts:AssumeRole" in refused
