"""A data scientist reads in Studio what the build of their push did, and another person merges it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plinth_sandbox.waiting import eventually
from tests.engine.main_job.studio_app import REPOSITORY, STACK, studio_app
from tests.support.workbench import Workbench


@pytest.mark.requirement("CI-12.a")
def test_the_result_of_a_build_is_read_in_studio_and_main_is_trained_once_another_person_merges_it(
    acme: Workbench, tmp_path: Path
) -> None:
    branch = f"feature/{tmp_path.name.replace('_', '-')}"
    sagemaker = acme.client("sagemaker", str(acme.outputs("fraud-development")["account_id"]))

    def trained() -> set[str]:
        """The first digits of the commits with which the pipeline of main has run: the one that is active."""
        listed = sagemaker.list_pipeline_executions(PipelineName=f"{STACK}-training-main")["PipelineExecutionSummaries"]
        runs = ({"PipelineExecutionArn": execution_summary["PipelineExecutionArn"]} for execution_summary in listed)
        given = (sagemaker.list_pipeline_parameters_for_execution(**run)["PipelineParameters"] for run in runs)
        return {
            parameter["Value"].rpartition("-")[2]
            for each in given
            for parameter in each
            if parameter["Name"] == "BuildId"
        }

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
        assert trained()
        assert commit[:7] not in trained()
        request = app.open_pull_request(branch, "Describe notebooks again")["pullRequestId"]
    merge = {"pullRequestId": request, "repositoryName": REPOSITORY, "sourceCommitId": commit}
    (target,) = codecommit.merge_pull_request_by_squash(**merge)["pullRequest"]["pullRequestTargets"]
    merged = target["mergeMetadata"]["mergeCommitId"]
    project = acme.outputs(STACK)["build_project"]

    def build() -> str | None:
        ids = codebuild.list_builds_for_project(projectName=project)["ids"][:10]
        found = [build for build in codebuild.batch_get_builds(ids=ids)["builds"] if build["sourceVersion"] == merged]
        return found[0]["buildStatus"] if found and found[0]["buildComplete"] else None

    assert eventually(build, every_seconds=2) == "SUCCEEDED"
    assert merged[:7] in trained()
