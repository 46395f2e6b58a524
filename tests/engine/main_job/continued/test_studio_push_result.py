"""What a data scientist pushed from Studio is built, and somebody else merges it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from plinth_sandbox.waiting import eventually
from tests.engine.main_job.studio_app import REPOSITORY, studio_app
from tests.support.workbench import Workbench


def test_the_result_of_a_build_is_read_in_studio_and_another_person_merges(acme: Workbench, tmp_path: Path) -> None:
    with studio_app(acme, "ben", tmp_path) as app:
        app.clone()
        branch = "feature/merged"
        commit = app.push(branch, "Describe notebooks again")

        def comment() -> str | None:
            compared = ("codecommit", "get-comments-for-compared-commit", "--repository-name", REPOSITORY)
            found: Any = app.aws(*compared, "--after-commit-id", commit)["commentsForComparedCommitData"]
            return str(found[0]["comments"][0]["content"]) if found else None

        assert eventually(comment, every_seconds=2).startswith("**Build succeeded**")
        targets = f"repositoryName={REPOSITORY},sourceReference={branch},destinationReference=main"
        asked = app.aws("codecommit", "create-pull-request", "--title", "Notebooks", "--targets", targets)[
            "pullRequest"
        ]
        merged = app.run(
            "aws", "--profile", "fraud--scoring", "codecommit", "merge-pull-request-by-fast-forward",
            "--pull-request-id", asked["pullRequestId"], "--repository-name", REPOSITORY, fails=True,
        )  # fmt: skip
        assert "AccessDenied" in merged
    tooling = str(acme.outputs("tooling")["account_id"])
    merge = ("merge-pull-request-by-fast-forward", "--pull-request-id", asked["pullRequestId"])
    acme.aws("codecommit", *merge, "--repository-name", REPOSITORY, variables=acme.session_of("grace", tooling))
    branch = acme.client("codecommit", tooling).get_branch(repositoryName=REPOSITORY, branchName="main")["branch"]
    assert branch["commitId"] == commit
