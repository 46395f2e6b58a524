"""The new team's use case from its request to its first prediction: two lead data scientists in their own browsers.

The tests follow each other, and those of test_story.py, which have requested, approved and created the team.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from plinth_sandbox.waiting import eventually
from tests.engine.main_job.creation import add_images
from tests.engine.main_job.promotions import Promotions
from tests.engine.portal.conftest import Portal
from tests.engine.portal.test_story import PHONE
from tests.support.browser import Visit
from tests.support.platform_team import join_team

USE_CASE = "claims--triage"
PAGE = f"/use-cases/{USE_CASE}"
FIELDS = {
    "name": "triage",
    "goal": "Settle small claims on the day they arrive",
    "images": "- train",
    "approvers": "- ana\n- chloe",
    "answers": "image: train:1",
}


@pytest.fixture(scope="module")
def ana(portal: Portal) -> Iterator[Visit]:
    """A lead data scientist of the team, who requests the use case."""
    join_team(portal.bench, "claims", "lead-data-scientist", "ana", "chloe")
    yield portal.signed_in("ana")
    # No page of the story has a barrier, at the width of a phone, either.
    for options in ({}, PHONE):
        visit = portal.signed_in("ana", **options)
        for path in ("/", "/use-cases", "/use-cases/new", "/use-cases/requests?team=claims", PAGE):
            visit.open(path)
            visit.refuse_barriers()


@pytest.fixture(scope="module")
def chloe(portal: Portal, ana: Visit) -> Visit:
    """The other approver, whose browser runs no scripts."""
    assert ana.complaints == []
    return portal.signed_in("chloe", java_script_enabled=False)


@pytest.fixture(scope="module")
def promotions(portal: Portal) -> Promotions:
    """The promotions of the use case, once it is created."""
    return Promotions(portal.bench, USE_CASE)


@pytest.mark.requirement("GOV-10.b", "TPL-01", "TPL-02", "TPL-03.b")
def test_a_form_is_all_it_takes_to_get_a_use_case_whose_build_registers_a_version(portal: Portal, ana: Visit) -> None:
    add_images(portal.bench, "claims")
    ana.click("Request a use case")
    ana.page.select_option("#field-team", "claims")
    ana.fill(FIELDS)
    ana.wait_for("The request is complete and fits the settings.")
    ana.click("Request")
    assert f"{USE_CASE}\tpending" in ana.text()
    portal.bench.plinth("requests", "run")
    assert f"{USE_CASE}\tdone" in ana.text_now()
    ana.click(USE_CASE)
    eventually(lambda: "Version 1 in the registry" in ana.text_now(), every_seconds=3, details=ana.text)
    ana.refuse_barriers()
    ana.take_picture("use-case")


@pytest.mark.requirement("PROM-10.a")
def test_a_lead_data_scientist_approves_the_version_that_the_page_shows(ana: Visit, promotions: Promotions) -> None:
    ana.page.fill("#comment-version", "recall is good enough to begin")
    ana.click("Approve")
    found = promotions.version(1)
    assert (found["ModelApprovalStatus"], found["ApprovalDescription"]) == (
        "Approved",
        "recall is good enough to begin",
    )
    eventually(lambda: promotions.waits_in("Review"))
    ana.open(PAGE)
    assert "ana asked for the promotion" in ana.text()
    assert ana.page.get_by_role("button", name="Approve").count() == 0


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


@pytest.mark.requirement("PROM-10.a", "PROM-08.a")
def test_another_one_approves_each_stage_until_production_serves_it(promotions: Promotions, chloe: Visit) -> None:
    approve_next(promotions, chloe, "Review")
    approve_next(promotions, chloe, "Release")
    promotions.drive(promotions.all_have_ended, approvals=())
    assert promotions.versions_served() == {"preproduction": 1, "production": 1}
    chloe.open(PAGE)
    assert "Production serves version 1" in chloe.text()
    promotion = promotions.report()["promotions"][0]
    answers = {stage["stage"]: stage["approval"] for stage in promotion["stages"] if stage["approval"]}
    assert {stage: (answer["by"], answer["comment"], answer["void"]) for stage, answer in answers.items()} == {
        "Review": ("chloe", "read for Review", []),
        "Release": ("chloe", "read for Release", []),
    }


@pytest.mark.requirement("TPL-04.b")
def test_production_answers_the_first_request(promotions: Promotions, ana: Visit) -> None:
    request = promotions.deployment / "tests" / "data" / "request.json"
    answer = promotions.predict(request)
    assert len(answer) == len(json.loads(request.read_text())["instances"])
    assert all(0 <= score <= 1 for score in answer)
    assert "Production serves version 1" in ana.text_now()
