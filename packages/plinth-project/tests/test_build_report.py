"""The comment on a commit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from generated import build_repository
from plinth_project.build import command
from plinth_project.build.command import main
from plinth_project.build.git import Revision
from plinth_project.build.report import comment
from plinth_project.build.report.comment import report
from plinth_project.build.report.result_text import MOST_CHARACTERS, result_text

COMMIT = "1a2b3c4d" * 5
ADDRESS = "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/fraud--scoring-build"
RUN = {"commit": COMMIT, "build_id": "20220621T101500-1a2b3c4", "status": "Succeeded", "model_package": None}
RUN |= {"trigger": "push", "reasons": []}
VERSION = "arn:aws:sagemaker:eu-west-1:222222222222:model-package/fraud--scoring-main/7"


def left(root: Path, **files: Any) -> Path:
    (root / "build").mkdir(exist_ok=True)
    for name, content in files.items():
        (root / "build" / f"{name}.json").write_text(json.dumps(content))
    return root


def text(root: Path, *, succeeding: bool = False) -> str:
    return result_text(root, "fraud--scoring-build:1", COMMIT, succeeding=succeeding)


def test_a_registered_version_is_named(tmp_path: Path) -> None:
    said = text(left(tmp_path, result={**RUN, "model_package": VERSION}), succeeding=True)
    assert said.startswith("**Build succeeded**: fraud--scoring-build:1")
    assert "Registered version 7 of fraud--scoring-main, which waits for approval." in said


def test_a_worse_model_is_named_with_both_numbers(tmp_path: Path) -> None:
    faults = {"command": "submit", "commit": COMMIT, "faults": ["Gate-f1-failed: f1 0.71 < 0.80"]}
    said = text(left(tmp_path, result={**RUN, "status": "Failed"}, failure=faults))
    assert "No model is registered." in said
    assert "Gate-f1-failed: f1 0.71 < 0.80" in said


def test_a_failed_check_is_quoted_with_its_place(tmp_path: Path) -> None:
    fault = "ruff check failed:\nalgorithms/training/train/__main__.py:12:1: F401 unused import"
    said = text(left(tmp_path, failure={"command": "check", "commit": COMMIT, "faults": [fault]}))
    assert "`./project check` failed:" in said
    assert "algorithms/training/train/__main__.py:12:1: F401" in said
    assert "registered" not in said


def test_results_of_other_commits_are_left_out(tmp_path: Path) -> None:
    said = text(left(tmp_path, result={**RUN, "commit": "0" * 40}), succeeding=True)
    assert said.endswith("All checks passed. This branch is not deployed.")


def test_a_command_that_broke_leads_to_the_log(tmp_path: Path) -> None:
    assert "the log of the build has the reason" in text(tmp_path)


def test_a_long_fault_keeps_its_beginning_and_its_end(tmp_path: Path) -> None:
    faults = ["first" + "x" * 20_000 + "last" for _ in range(9)]
    said = text(left(tmp_path, failure={"command": "check", "commit": COMMIT, "faults": faults}))
    assert len(said) <= MOST_CHARACTERS
    assert "first" in said
    assert said.count("last") > 1


class CodeCommit:
    def __init__(self) -> None:
        self.posted: list[dict[str, str]] = []

    def post_comment_for_compared_commit(self, **request: str) -> None:
        self.posted.append(request)


@pytest.mark.parametrize("parent", ["0" * 40, ""])
def test_a_repeated_report_is_the_same_comment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parent: str) -> None:
    monkeypatch.setattr(comment, "parent", lambda *_: parent)
    codecommit, at = CodeCommit(), Revision(branch="main", commit=COMMIT)
    variables = {"CODEBUILD_SOURCE_REPO_URL": ADDRESS, "CODEBUILD_BUILD_SUCCEEDING": "0", "CODEBUILD_BUILD_ID": "b:1"}
    said = [report(tmp_path, at, codecommit, variables) for _ in range(2)]
    first, second = codecommit.posted
    assert first == second
    assert (first["repositoryName"], first["afterCommitId"]) == ("fraud--scoring-build", COMMIT)
    assert first.get("beforeCommitId", "") == parent
    assert said[0] == first["content"]


def test_nothing_is_posted_to_other_providers(tmp_path: Path) -> None:
    codecommit, at = CodeCommit(), Revision(branch="main", commit=COMMIT)
    variables = {"CODEBUILD_SOURCE_REPO_URL": "https://github.com/acme/scoring"}
    assert report(tmp_path, at, codecommit, variables).startswith("**Build succeeded**")
    assert codecommit.posted == []


def test_a_failed_command_leaves_its_faults_for_the_report(tmp_path: Path) -> None:
    (tmp_path / "foundation.json").write_text((build_repository() / "foundation.json").read_text())
    with pytest.raises(SystemExit):
        main(tmp_path, ["submit"])
    found = json.loads((tmp_path / "build" / "failure.json").read_text())
    assert (found["command"], found["faults"]) == (
        "submit",
        ["git: commit your changes first; a build belongs to a commit"],
    )


def test_a_call_that_aws_refuses_is_a_fault_and_no_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not authorized"}}, "PutObject")

    monkeypatch.setattr(command, "read_foundation", refuse)
    with pytest.raises(SystemExit):
        main(tmp_path, ["clean-up"])
    (fault,) = json.loads((tmp_path / "build" / "failure.json").read_text())["faults"]
    assert fault == "An error occurred (AccessDenied) when calling the PutObject operation: not authorized"


def test_a_fault_of_the_program_keeps_its_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "read_foundation", dict)
    with pytest.raises(TypeError):
        main(tmp_path, ["clean-up"])
