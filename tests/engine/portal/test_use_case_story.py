"""A model version from its registration to production: people of the team decide in their own browsers.

The tests follow each other.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plinth_sandbox.waiting import eventually
from tests.engine.main_job.promotions import USE_CASE, Promotions
from tests.engine.portal.conftest import Portal
from tests.engine.portal.test_story import PHONE
from tests.support.browser import Visit
from tests.support.platform_team import join_team

PAGE = f"/use-cases/{USE_CASE}"


@pytest.fixture(scope="module")
def promotions(portal: Portal) -> Promotions:
    join_team(portal.bench, "fraud", "lead-data-scientist", "ben", "chloe")
    return Promotions(portal.bench)


@pytest.fixture(scope="module")
def chloe(portal: Portal, promotions: Promotions) -> Iterator[Visit]:
    """An approver of both stages, whose browser runs no scripts."""
    yield portal.signed_in("chloe", java_script_enabled=False)
    # No page of the story has a barrier, at the width of a phone, either.
    for options in ({}, PHONE):
        visit = portal.signed_in("chloe", **options)
        for path in ("/", "/use-cases", PAGE):
            visit.open(path)
            visit.refuse_barriers()


def approve_next(promotions: Promotions, visit: Visit, stage: str) -> None:
    """Follows what the first page says, and approves a stage."""
    promotions.drive(lambda: promotions.waits_in(stage), approvals=())
    visit.open("/")
    assert f"{USE_CASE}: {stage}" in visit.text()
    visit.click(USE_CASE)
    assert f"{stage} of version 1" in visit.text()
    visit.page.fill("#comment-promotion-1", f"read for {stage}")
    visit.click("Approve")
    assert "approved by chloe" in visit.text()


@pytest.mark.requirement("PROM-10.a")
def test_a_lead_data_scientist_approves_the_version_that_the_page_shows(portal: Portal, promotions: Promotions) -> None:
    ben = portal.signed_in("ben")
    ben.click("Use cases")
    ben.click("scoring")
    assert "Version 1 in the registry" in ben.text()
    ben.refuse_barriers()
    ben.take_picture("use-case")
    ben.page.fill("#comment-version", "recall is better")
    ben.click("Approve")
    found = promotions.version(1)
    assert (found["ModelApprovalStatus"], found["ApprovalDescription"]) == ("Approved", "recall is better")
    eventually(lambda: promotions.waits_in("Review"))
    ben.open(PAGE)
    assert "ben asked for the promotion" in ben.text()
    assert ben.page.get_by_role("button", name="Approve").count() == 0


@pytest.mark.requirement("PROM-10.b")
def test_another_one_approves_each_stage_until_production_serves_it(promotions: Promotions, chloe: Visit) -> None:
    approve_next(promotions, chloe, "Review")
    approve_next(promotions, chloe, "Release")
    promotions.drive(promotions.all_have_ended, approvals=())
    assert promotions.versions_served() == {"preproduction": 1, "production": 1}
    chloe.open(PAGE)
    assert "Production serves version 1" in chloe.text()
    promotion = promotions.report()["promotions"][0]
    answers = {one["stage"]: one["approval"] for one in promotion["stages"] if one["approval"]}
    assert {stage: (one["by"], one["comment"], one["void"]) for stage, one in answers.items()} == {
        "Review": ("chloe", "read for Review", []),
        "Release": ("chloe", "read for Release", []),
    }
