"""The review of changed settings: what is refused, and when."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from selfservice.changes import review_change
from selfservice.changes.settings_change import settings_change
from selfservice.errors import BadInputError
from selfservice.projects.project import Project
from selfservice.requests.kinds.team import TeamRequest

NEW = TeamRequest.model_validate(
    {"team": "claims", "owner": "claims@acme.example", "cost_centre": "4712", "monthly_budget_usd": 3000}
)


def test_a_request_that_cannot_be_deployed_is_refused_before_any_program_runs(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The programs of all stacks take minutes in a large organization."""
    asked: list[str] = []

    def refuse(_: Project, stacks: Sequence[str]) -> None:
        asked.extend(stacks)
        raise BadInputError("the organization may have 40 accounts")

    monkeypatch.setattr(review_change, "refuse_undeployable", refuse)
    monkeypatch.setattr(review_change, "affected_by_settings", lambda *_: pytest.fail("a program ran"))
    change = settings_change(project, NEW)
    further = {"claims-production": "is not deployed"}
    with pytest.raises(BadInputError, match="may have 40 accounts"):
        review_change.review_settings(
            project, NEW, change, tmp_path / "overlay", lambda *_: pytest.fail("a stack was previewed"), further
        )
    assert asked == ["claims", "claims-production"]


def test_what_other_stacks_would_do_is_refused_before_the_preview(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Project, stacks: Sequence[str]) -> None:
        if "churn" in stacks:
            raise BadInputError("churn has no quota")

    monkeypatch.setattr(review_change, "refuse_undeployable", refuse)
    monkeypatch.setattr(review_change, "affected_by_settings", lambda *_: {"churn": "reads what changed"})
    change = settings_change(project, NEW)
    with pytest.raises(BadInputError, match="churn has no quota"):
        review_change.review_settings(
            project, NEW, change, tmp_path / "overlay", lambda *_: pytest.fail("a stack was previewed"), {}
        )
