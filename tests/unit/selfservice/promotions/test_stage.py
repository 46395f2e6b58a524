"""The stage of a use case follows from the registry and the records of promotions."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from selfservice.promotions import stage as module
from selfservice.promotions.promotion import Approval, Promotion, ServedState, StageRun
from selfservice.promotions.stage import with_stage
from selfservice.reports.delivery import NotDeployedError
from selfservice.reports.use_cases import UseCaseReport

SCORING = UseCaseReport(
    team="fraud", name="scoring", owner="fraud@acme.example", approvers=("ben", "chloe"), stack="fraud--scoring"
)
PENDING = {"version": "2", "status": "PendingManualApproval"}
PRODUCTION = ServedState(
    environment="production", execution="1", version=1, commit="1a2b3c4", deployed_at="2026-11-20T10:00:00+00:00"
)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Replaces the registry and the records. Returns their content, which a test may change."""
    known: Any = SimpleNamespace(models=[PENDING], served=[], promotions=[])
    for name, answer in {
        "place_to_read": lambda project, stack: None,
        "served_states": lambda place: known.served,
        "promotions_of": lambda place, most: known.promotions[:most],
    }.items():
        monkeypatch.setattr(module, name, answer)
    monkeypatch.setattr(module.delivery, "place_of", lambda project, stack: None)
    monkeypatch.setattr(module.model_versions, "models", lambda place, most: known.models[:most])
    return known


def told() -> tuple[str | None, str]:
    one = with_stage(SimpleNamespace(), SCORING)  # type: ignore[arg-type] # nothing reads the project
    return one.stage, one.status


def promotion(status: str, stages: Sequence[StageRun] = ()) -> Promotion:
    return Promotion(
        use_case="fraud--scoring",
        execution="2",
        status=status,
        started="2026-11-21",
        started_by="dan",
        version=2,
        stages=tuple(stages),
    )


def test_without_a_delivery_it_is_an_idea() -> None:
    idea = UseCaseReport(team="fraud", name="disputes", owner="fraud@acme.example")
    assert with_stage(SimpleNamespace(), idea).stage == "idea"  # type: ignore[arg-type]


def test_before_the_first_version_it_is_planned_or_being_built(
    found: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    found.models = []
    assert told() == ("building", "")

    def missing(project: object, stack: str) -> None:
        raise NotDeployedError(stack)

    monkeypatch.setattr(module.delivery, "place_of", missing)
    assert told() == ("planned", "")


def test_a_version_that_nothing_serves_is_trained(found: SimpleNamespace) -> None:
    assert told() == ("trained", "version 2 waits to be promoted")


def test_the_last_environment_that_serves_is_the_stage(found: SimpleNamespace) -> None:
    preproduction = ServedState(
        environment="preproduction", execution="2", version=2, commit="1", deployed_at="2026-11-21T10:00:00+00:00"
    )
    found.models = [{"version": "2", "status": "Approved"}]
    found.served = [preproduction]
    assert told() == ("preproduction", "preproduction serves version 2 since 2026-11-21")
    found.served = [preproduction, PRODUCTION]
    assert told()[0] == "production"
    assert told()[1].endswith("; production serves version 1 since 2026-11-20")


def test_a_promotion_that_waits_names_its_approval_and_one_that_ended_does_not_count(found: SimpleNamespace) -> None:
    waiting = StageRun(stage="Review", status="InProgress", approval=Approval(answer="pending"))
    found.served, found.promotions = [PRODUCTION], [promotion("InProgress", [waiting])]
    assert told()[1].endswith("; version 2 waits for Review")
    found.promotions = [promotion("InProgress")]
    assert told()[1].endswith("; version 2 is being promoted")
    found.promotions = [promotion("Failed", [waiting])]
    assert told()[1].endswith("; version 2 waits to be promoted")
