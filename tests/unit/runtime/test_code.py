"""The authors of code since what is deployed, and the review that approvers read."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from runtime.promotion.code import Repositories
from runtime.promotion.plan import Plan
from runtime.promotion.review import document

HISTORY = {
    "a": ("Ana", []),
    "b": ("Ben", ["a"]),
    "side": ("Chloe", ["a"]),
    "c": ("Dan", ["b"]),
    "merge": ("Eve", ["c", "side"]),
}
"""Author and parents of each commit. The branch ``side`` began before ``b``, and was merged after ``c``."""


class CodeCommit:
    def get_commit(self, *, commitId: str, **_: str) -> dict[str, Any]:  # noqa: N803 (AWS's name)
        if commitId not in HISTORY:
            raise ClientError({"Error": {"Code": "CommitIdDoesNotExistException"}}, "GetCommit")
        author, parents = HISTORY[commitId]
        person = {"name": author, "email": f"{author.lower()}@acme.example"}
        return {"commit": {"commitId": commitId, "parents": parents, "author": person, "committer": person}}


@pytest.mark.requirement("PROM-02")
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


@pytest.mark.requirement("PROM-03")
def test_no_file_can_write_below_its_changes_in_the_review():
    plan = Plan(
        execution="1",
        model_package="arn:7",
        version=7,
        contents=(),
        commit="c",
        decided_at="2026-01-02",
        metrics={"f1": 0.9},
    )
    changes = ["+++ b/README.md", " ```", " # Approved by IT", " `````python"]
    lines = document(plan, changes).splitlines()
    start = lines.index("``````diff")
    assert lines[start + 1 :] == [*changes, "``````"]
    assert "```diff" in document(plan, ["+x"]).splitlines()
    assert "| f1 | 0.9 | - |" in lines
