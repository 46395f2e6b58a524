"""A data scientist reads in Studio what the build of their push did, and another person merges it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plinth_sandbox.waiting import eventually
from tests.engine.main_job.studio_app import REPOSITORY, STACK, studio_app
from tests.support.workbench import Workbench


@pytest.mark.requirement("CI-12.a")
def test_the_result_of_a_build_is_read_in_studio_and_the_pipeline_changes_once_another_person_merges_it(
    acme: Workbench, tmp_path: Path
) -> None:
    branch = f"feature/{tmp_path.name.replace('_', '-')}"
    sagemaker = acme.client("sagemaker", str(acme.outputs("fraud-development")["account_id"]))

    def pipeline() -> dict[str, Any]:
        """The pipeline that people, schedules and events run."""
        found = sagemaker.describe_pipeline(PipelineName=f"{STACK}-training-main")
        return {name: found[name] for name in ("PipelineDefinition", "LastModifiedTime")}

    active = pipeline()
    tooling = str(acme.outputs("tooling")["account_id"])
    codecommit, codebuild = acme.client("codecommit", tooling), acme.client("codebuild", tooling)
    with studio_app(acme, "ben", tmp_path) as app:
        app.clone()
        commit = app.push(branch, "Describe notebooks again")

        def comment() -> str | None:
            compared = ("codecommit", "get-comments-for-compared-commit", "--repository-name", REPOSITORY)
            found: Any = app.aws(*compared, "--after-commit-id", commit)["commentsForComparedCommitData"]
            return str(found[0]["comments"][0]["content"]) if found else None

        assert eventually(comment, every_seconds=2).startswith("**Build succeeded**")
        assert pipeline() == active
        request = app.open_pull_request(branch, "Describe notebooks again")["pullRequestId"]
    merge = {"pullRequestId": request, "repositoryName": REPOSITORY, "sourceCommitId": commit}
    (target,) = codecommit.merge_pull_request_by_squash(**merge)["pullRequest"]["pullRequestTargets"]
    merged = target["mergeMetadata"]["mergeCommitId"]
    project = acme.outputs(STACK)["build_project"]

    def build() -> str | None:
        ids = codebuild.list_builds_for_project(projectName=project)["ids"][:10]
        found = [one for one in codebuild.batch_get_builds(ids=ids)["builds"] if one["sourceVersion"] == merged]
        return found[0]["buildStatus"] if found and found[0]["buildComplete"] else None

    assert eventually(build, every_seconds=2) == "SUCCEEDED"
    assert pipeline()["LastModifiedTime"] > active["LastModifiedTime"]
