"""The authors of code since what is deployed, and the review that approvers read."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from runtime.promotion.code import MOST_FILES, Repositories, faults_of_content
from runtime.promotion.plan import Plan
from runtime.promotion.review import LONGEST_SUMMARY, document, summary

HISTORY = {
    "a": ("Ana", []),
    "b": ("Ben", ["a"]),
    "side": ("Chloe", ["a"]),
    "c": ("Dan", ["b"]),
    "merge": ("Eve", ["c", "side"]),
}
"""Author and parents of each commit. The branch ``side`` began before ``b``, and was merged after ``c``."""


TARGET, BLOB_OF_TARGET = "missing", "6eab79a6ce25b19851f591e3e974e192c6858cf6"
"""Target of a link, and the id that git gives to it."""


def plan_with(metrics: dict[str, float]) -> Plan:
    return Plan(
        execution="1",
        model_package="arn:7",
        version=7,
        contents=(),
        commit="c",
        decided_at="2026-01-02",
        metrics=metrics,
    )


class CodeCommit:
    def get_commit(self, *, commitId: str, **_: str) -> dict[str, Any]:  # noqa: N803 (AWS's name)
        if commitId not in HISTORY:
            raise ClientError({"Error": {"Code": "CommitIdDoesNotExistException"}}, "GetCommit")
        author, parents = HISTORY[commitId]
        person = {"name": author, "email": f"{author.lower()}@acme.example"}
        return {"commit": {"commitId": commitId, "parents": parents, "author": person, "committer": person}}


@pytest.mark.requirement("PROM-02.c")
@pytest.mark.parametrize(
    ("commit", "before", "authors"),
    [
        ("c", "a", {"Ben", "Dan"}),
        ("c", "b", {"Dan"}),
        ("c", "c", {"Dan"}),
        ("c", "", {"Ana", "Ben", "Dan"}),
        ("merge", "c", {"Eve", "Chloe"}),
        ("merge", "b", {"Eve", "Dan", "Chloe"}),
        ("b", "c", {"Ben"}),
        ("c", "unknown", {"Ana", "Ben", "Dan"}),
        ("unknown", "a", set()),
        ("", "a", set()),
    ],
)
def test_the_authors_are_those_of_all_commits_that_are_not_deployed(commit: str, before: str, authors: set[str]):
    code = Repositories(codecommit=CodeCommit(), prefix="fraud--scoring")
    found = code.authors("deployment", commit, before, "wrote the deployment code")
    assert {person.names[0] for person in found} == authors
    assert all(person.part == "wrote the deployment code" for person in found)


@pytest.mark.requirement("PROM-03.a")
def test_no_file_can_write_below_its_changes_in_the_review():
    plan = plan_with({"f1": 0.9})
    changes = ["+++ b/README.md", " ```", " # Approved by IT", " `````python"]
    lines = document(plan, changes).splitlines()
    start = lines.index("``````diff")
    assert lines[start + 1 :] == [*changes, "``````"]
    assert "```diff" in document(plan, ["+x"]).splitlines()
    assert "| f1 | 0.9 | - |" in lines


class Changes:
    """CodeCommit with new files of one line each."""

    def __init__(self, number: int) -> None:
        blobs = [{"path": f"f{index:03}.py", "blobId": f"line of {index}"} for index in range(number)]
        self.pages = [{"differences": [{"afterBlob": blob} for blob in blobs]}]

    def get_paginator(self, _: str) -> SimpleNamespace:
        return SimpleNamespace(paginate=lambda **_: self.pages)

    def get_blob(self, *, blobId: str, **_: str) -> dict[str, bytes]:  # noqa: N803 (AWS's name)
        return {"content": blobId.encode()}


@pytest.mark.requirement("PROM-03.a")
def test_the_review_shows_some_changed_files_in_full_and_names_all_others():
    code = Repositories(codecommit=Changes(MOST_FILES + 2), prefix="fraud--scoring")
    lines = list(code.changes("before", "after"))
    assert [line for line in lines if line.startswith("+line")] == [f"+line of {index}" for index in range(MOST_FILES)]
    assert lines[-2:] == [f"changed: f{index:03}.py" for index in (MOST_FILES, MOST_FILES + 1)]


@pytest.mark.requirement("PROM-03.a")
def test_a_summary_fits_into_the_request_of_an_approval():
    short = summary(plan_with({"f1": 0.9}))
    assert short == "Version 7 with deployment code c; production has nothing. f1 0.9"
    whole = summary(plan_with({f"metric_{index:04}": index for index in range(LONGEST_SUMMARY)}))
    assert (len(whole), whole[-1]) == (LONGEST_SUMMARY, "…")
    assert whole.startswith("Version 7 with deployment code c; production has nothing. metric_0000 0, ")


@pytest.mark.requirement("PROM-09")
@pytest.mark.parametrize("target", [TARGET, "."], ids=["link to nothing", "link to a folder"])
def test_links_are_part_of_the_code_whatever_they_lead_to(tmp_path: Path, target: str):
    (tmp_path / "link").symlink_to(target)
    assert list(faults_of_content(tmp_path, {})) == ["link is not part of the commit"]
    faults = [] if target == TARGET else ["link has other content"]
    assert list(faults_of_content(tmp_path, {"link": BLOB_OF_TARGET})) == faults
