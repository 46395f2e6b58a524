"""A use case with a gate of the business: its people decide between pre-production and the release, and nobody else."""

from __future__ import annotations

import pytest

from tests.engine.main_job.promotions import APPROVERS, STARTER, USE_CASE, Promotions, faults, stages
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


@pytest.mark.requirement("PROM-02.a", "PROM-02.c")
def test_nobody_but_the_business_passes_its_gate(promotions: Promotions) -> None:
    promotions.plinth("approve", USE_CASE, "--version=newest", "--comment=good", by="grace")
    wait_for(promotions, "Business")
    assert promotions.endpoints("preproduction")
    promotions.approve(by=APPROVERS["Release"])
    ended = promotions.ended()
    assert (ended["status"], stages(ended)["Business"]) == ("Failed", "Failed")
    assert any(f"{APPROVERS['Release']} is not an approver of this stage" in one for one in faults(ended, "Business"))
    assert promotions.endpoints("production") == []


@pytest.mark.requirement("PROM-02.a", "PROM-02.c")
def test_the_business_decides_with_the_metrics_in_front_and_releases_nothing_itself(promotions: Promotions) -> None:
    promotions.plinth("promote", USE_CASE, "newest", by=STARTER)
    wait_for(promotions, "Business")
    seen = promotions.plinth("promotions", USE_CASE, by=ANALYST).stdout
    assert "Business" in seen
    promotions.approve(by=ANALYST)
    wait_for(promotions, "Release")
    assert promotions.endpoints("production") == []
    promotions.approve(by=ANALYST)
    ended = promotions.ended()
    assert (ended["status"], stages(ended)["Release"]) == ("Failed", "Failed")
    assert any(f"{ANALYST} is not an approver of this stage" in one for one in faults(ended, "Release"))
    assert promotions.endpoints("production") == []


@pytest.mark.requirement("PROM-02.a", "PROM-02.c")
def test_three_people_of_three_groups_release_a_version(promotions: Promotions) -> None:
    promotions.plinth("promote", USE_CASE, "newest", by=STARTER)
    for stage in ("Business", "Release"):
        wait_for(promotions, stage)
        promotions.approve(by=PEOPLE[stage])
    promotions.drive(promotions.all_have_ended, approvals=())
    ended = promotions.ended()
    assert set(stages(ended).values()) == {"Succeeded"}, ended
    assert [one["approval"]["by"] for one in ended["stages"] if one["approval"]] == list(PEOPLE.values())
    assert promotions.versions_served() == {"preproduction": 1, "production": 1}
