"""A use case with a gate of the business: its people decide between pre-production and the release."""

from __future__ import annotations

import pytest

from tests.engine.main_job.promotions import APPROVERS, USE_CASE, Promotions, stages
from tests.support.workbench import Workbench

ANALYST = "gina"
PEOPLE = {"Review": APPROVERS["Review"], "Business": ANALYST, "Release": APPROVERS["Release"]}


@pytest.fixture(scope="module")
def promotions(acme: Workbench) -> Promotions:
    """Promotions of a version that the registry has approved, through a pipeline with the gate."""
    acme.change_delivery("fraud", "scoring", business_approvers=[ANALYST])
    acme.plinth("up", USE_CASE, "--yes")
    return Promotions(acme)


def wait_for(promotions: Promotions, stage: str) -> None:
    """Approves the review, and waits until the promotion waits in a later stage."""
    promotions.drive(lambda: promotions.waits_in(stage), approvals=("Review",), baked=("preproduction",))


@pytest.mark.requirement("PROM-02.a")
def test_three_people_of_three_groups_release_a_version_and_nothing_is_released_before(promotions: Promotions) -> None:
    promotions.plinth("approve", USE_CASE, "--version=newest", "--comment=good", by="grace")
    wait_for(promotions, "Business")
    assert promotions.endpoints("preproduction")
    assert "Business" in promotions.plinth("promotions", USE_CASE, by=ANALYST).stdout
    promotions.approve(by=ANALYST)
    wait_for(promotions, "Release")
    assert promotions.endpoints("production") == []
    promotions.approve(by=PEOPLE["Release"])
    promotions.drive(promotions.all_have_ended, approvals=())
    ended = promotions.ended()
    assert set(stages(ended).values()) == {"Succeeded"}, ended
    assert [stage["approval"]["by"] for stage in ended["stages"] if stage["approval"]] == list(PEOPLE.values())
    assert promotions.versions_served() == {"preproduction": 1, "production": 1}
