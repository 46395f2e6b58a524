"""A data scientist reads in Studio what the build of their push did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from plinth_sandbox.waiting import eventually
from tests.engine.main_job.studio_app import REPOSITORY, studio_app
from tests.support.workbench import Workbench


def test_the_result_of_a_build_is_read_in_studio(acme: Workbench, tmp_path: Path) -> None:
    with studio_app(acme, "ben", tmp_path) as app:
        app.clone()
        commit = app.push(f"feature/{tmp_path.name.replace('_', '-')}", "Describe notebooks again")

        def comment() -> str | None:
            compared = ("codecommit", "get-comments-for-compared-commit", "--repository-name", REPOSITORY)
            found: Any = app.aws(*compared, "--after-commit-id", commit)["commentsForComparedCommitData"]
            return str(found[0]["comments"][0]["content"]) if found else None

        assert eventually(comment, every_seconds=2).startswith("**Build succeeded**")
