"""Tests of the record of a runner for a use case that was created, existed, waits for a push, or was not deployed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from selfservice.errors import BadInputError, ExitCode
from selfservice.request_runner import requested_use_case
from selfservice.requests.kinds.use_case_content import UseCaseRequest
from selfservice.requests.record import OpenRequest, Result, State
from selfservice.use_cases.creation import Surface
from selfservice.use_cases.first_commit import Created, FirstCommit
from tests.unit.selfservice.authoring.test_new_files import project, with_team  # noqa: F401 (fixtures)

URL = "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/fraud--disputes-build"
FOUND = OpenRequest(id="20261122T160000Z-0123abcd", team="fraud", user="grace", requested="", text="")
SURFACE = cast(Surface, object())


def result(directory: Path, patch: pytest.MonkeyPatch, made: Created) -> tuple[Result, FirstCommit]:
    called: list[Any] = []

    def create(_: Path, use_case: Any, first: FirstCommit, surface: Surface) -> Created:
        called.extend((use_case, first, surface))
        return made

    patch.setattr(requested_use_case, "create_use_case", create)
    patch.setattr(requested_use_case, "_build", lambda directory, surface, stack, commit: f"build of {commit}")
    request = UseCaseRequest(
        name="disputes",
        images=("train",),
        answers={"image": "train:1"},
        inference="batch",
        results="fraud-scores",
        approvers=("ben", "chloe"),
    )
    recorded = requested_use_case.create_requested(directory, SURFACE, FOUND, request)
    use_case, first, surface = called
    assert (use_case.team, use_case.name, use_case.images) == ("fraud", "disputes", ("train",))
    assert (use_case.inference, use_case.approvers, first.results) == ("batch", ("ben", "chloe"), "fraud-scores")
    assert surface is SURFACE
    return recorded, first


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (
            Created(status=ExitCode.OK, repository=URL, commit="c0ffee"),
            Result(state=State.DONE, repository=URL, commit="c0ffee", build="build of c0ffee"),
        ),
        (
            Created(status=ExitCode.OK, repository=URL),
            Result(state=State.DONE, repository=URL, reason="the use case existed already; nothing was pushed"),
        ),
        (
            Created(status=ExitCode.REFUSED, problems="refused by SM-14: 1 resource"),
            Result(state=State.FAILED, reason="refused by SM-14: 1 resource"),
        ),
    ],
)
def test_the_result_is_that_of_the_creation(
    with_team: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    made: Created,
    expected: Result,
) -> None:
    recorded, first = result(with_team, monkeypatch, made)
    assert recorded == expected
    assert (first.stack, first.template, first.version, first.answers) == (
        "fraud--disputes", "tabular", None, {"image": "train:1"},
    )  # fmt: skip


def test_a_project_at_a_source_provider_says_where_to_push_it(with_team: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    source = "https://github.com/acme/fraud-disputes-build.git"
    made = Created(status=ExitCode.OK, repository=source, to_push=True)
    recorded, first = result(with_team, monkeypatch, made)
    assert recorded.state == State.DONE
    assert recorded.reason == f"push the generated project to main of {source}; the runner has it in {first.folder}"
    assert first.folder.parts[-3:] == ("requests", FOUND.id, "fraud--disputes-build")


@pytest.mark.requirement("TPL-03.a")
@pytest.mark.threat("T-12", "T-18")
def test_a_request_names_no_url(with_team: Path) -> None:  # noqa: F811
    request = UseCaseRequest.model_construct(name="disputes", template="https://evil.example/template")
    with pytest.raises(BadInputError, match="does not offer the template"):
        requested_use_case.create_requested(with_team, SURFACE, FOUND, request)
