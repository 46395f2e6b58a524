"""The review of a request to upgrade a team: which stacks are previewed, and what is refused before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from selfservice.changes.reviewed_change import ReviewedChange
from selfservice.errors import BadInputError, RefusedError
from selfservice.operations.operation import Difference, Outcome, Status
from selfservice.requests.kinds.upgrade import UpgradeRequest
from selfservice.requests.reading.team_requests import approvals_of, parsed_request
from selfservice.upgrades import review_upgrade as module
from selfservice.upgrades.review_upgrade import review_upgrade

INSTALLED = version("plinth")
UNCHANGED = Outcome(status=Status.UNCHANGED)


class Previews:
    """Previews without an engine, in which some stacks change."""

    def __init__(self, *changed: str) -> None:
        self.changed = changed
        self.asked: list[str] = []

    def __call__(self, _: object, stacks: Sequence[str]) -> Mapping[str, Outcome]:
        self.asked += stacks
        return {stack: self._outcome(stack) for stack in stacks}

    def _outcome(self, stack: str) -> Outcome:
        if stack not in self.changed:
            return UNCHANGED
        urn = f"urn:pulumi:{stack}::plinth::aws:s3/bucket:Bucket::it"
        return Outcome(
            status=Status.SUCCEEDED, changes={"update": 1}, differences=(Difference(urn=urn, step="update"),)
        )


@pytest.fixture
def directory(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose team fraud is deployed, and whose accounts nobody checks."""
    deployed = {"fraud": [{"urn": "it"}], "churn": []}
    monkeypatch.setattr(module, "resources_by_stack", lambda _, names: {name: deployed[name] for name in names})
    monkeypatch.setattr("selfservice.changes.review_change.refuse_undeployable", lambda *_: None)
    return project


def reviewed(
    directory: Path, own: Previews, shared: Previews, *, recorded: str = INSTALLED, **changes: Any
) -> ReviewedChange:
    request = UpgradeRequest.model_validate({"action": "upgrade", "team": "fraud", "version": INSTALLED, **changes})
    return review_upgrade(
        directory, request, request.version, directory.parent / "review", own, shared, recorded=recorded
    )


def test_all_stacks_of_the_team_and_no_others_are_reviewed(directory: Path) -> None:
    own, shared = Previews("fraud-production"), Previews()
    found = reviewed(directory, own, shared)
    assert set(own.asked) == set(found.stacks)
    assert {"fraud", "fraud-production", "fraud-data"} <= set(found.stacks)
    assert all(stack.startswith("fraud") for stack in found.stacks)
    assert {"organization", "data-lake"} <= set(shared.asked)
    assert not any(stack.startswith(("fraud", "churn")) for stack in shared.asked)
    assert set(found.review.reasons.values()) == {f"is upgraded to {INSTALLED}"}
    approvable = found.approvable
    assert approvable.files == {}
    assert [stack for stack, steps in approvable.steps.items() if steps] == ["fraud-production"]


@pytest.mark.parametrize(("recorded", "is_due"), [(INSTALLED, False), ("", False), ("0.0.1", True)])
def test_a_team_without_changes_is_due_only_if_the_catalog_has_another_version(
    directory: Path, recorded: str, is_due: bool
) -> None:
    assert bool(reviewed(directory, Previews(), Previews(), recorded=recorded).stacks) == is_due


def test_a_shared_stack_that_would_change_comes_first(directory: Path) -> None:
    own = Previews()
    with pytest.raises(RefusedError, match="upgrade the shared stacks first with `plinth up data-lake`"):
        reviewed(directory, own, Previews("data-lake"))
    assert own.asked == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"version": "9.9.9"}, f"version 9.9.9 is not installed: the runner has {INSTALLED}"),
        ({"team": "claims"}, "claims is not a team of the settings"),
        ({"team": "churn"}, "churn was never deployed"),
    ],
)
def test_what_cannot_be_upgraded_is_refused_before_a_preview(
    directory: Path, changes: dict[str, str], fault: str
) -> None:
    own, shared = Previews(), Previews()
    with pytest.raises(BadInputError, match=fault):
        reviewed(directory, own, shared, **changes)
    assert own.asked == shared.asked == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"action": "upgrade", "team": "fraud"}', "version"),
        ('{"action": "upgrade", "team": "fraud", "version": "newest"}', "newest is not a version"),
        ('{"action": "upgrade", "team": "fraud", "version": "0.1.0", "owner": "a@acme.example"}', "owner"),
    ],
)
def test_a_request_names_a_team_and_a_version_and_nothing_else(text: str, fault: str) -> None:
    with pytest.raises(BadInputError, match=fault):
        parsed_request(text)


def test_one_other_person_approves_an_upgrade() -> None:
    text = f'{{"action": "upgrade", "team": "fraud", "version": "{INSTALLED}"}}'
    assert approvals_of(text) == 1
    assert parsed_request(text).text == parsed_request(parsed_request(text).text).text
