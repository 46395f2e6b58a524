"""A team from its request to its accounts, by people in their own browsers, on the real engine.

The tests follow each other, and test_use_case_story.py continues with a use case of the team.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator

import pytest

from plinth_sandbox.waiting import eventually
from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.items import CatalogItems
from selfservice.catalog.team_records import TeamRecords
from tests.engine.portal.conftest import Portal
from tests.support.browser import Visit
from tests.support.workbench import COMMAND_SECONDS, COMMANDS

PHONE = {"viewport": {"width": 320, "height": 700}, "color_scheme": "dark"}
VALUES = {
    "team": "claims",
    "owner": "claims-owner@acme.example",
    "cost_centre": "4712",
    "monthly_budget_usd": "3000",
    "people": "ana: lead-data-scientist\nben: data-scientist",
}


@pytest.fixture(scope="module")
def grace(portal: Portal) -> Visit:
    return portal.signed_in("grace")


@pytest.fixture(scope="module")
def heidi(portal: Portal) -> Iterator[Visit]:
    visit = portal.signed_in("heidi")
    yield visit
    # No page of the story has a barrier, at the width of a phone, either.
    small = portal.signed_in("heidi", **PHONE)
    others = ("/data", "/data/card-payments", "/assessment", "/requests/new/change", *_pages_of_requests(portal))
    for path in ("/", "/requests", "/teams", "/teams/claims", *others):
        for screen in (visit, small):
            screen.open(path)
            screen.refuse_barriers()
    visit.open("/data/card-payments")
    visit.take_picture("dataset")
    visit.open("/assessment")
    visit.take_picture("assessment")
    small.open("/")
    small.take_picture("phone")


def catalog(portal: Portal) -> CatalogItems:
    return CatalogItems(portal.bench.client("dynamodb", portal.bench.outputs("governance")["account_id"]))


def _pages_of_requests(portal: Portal) -> list[str]:
    return [f"/requests/{record.id}" for record in ChangeRequests(catalog(portal)).records()]


@pytest.mark.requirement("GOV-10.a")
def test_a_form_is_checked_while_it_is_filled_and_requests_in_the_persons_name(portal: Portal, grace: Visit) -> None:
    grace.take_picture("home")
    grace.click("New team")
    grace.fill({"team": "Claims!"})
    grace.wait_for("does not have the form of a team name")
    grace.take_picture("form")
    grace.refuse_barriers()
    grace.fill(VALUES)
    grace.wait_for("The request is complete and fits the settings.")
    grace.fill({"people": "zoe: data-scientist"})
    grace.click("Request")
    assert "zoe is not a user name of the directory" in grace.text()
    grace.fill(VALUES)
    grace.click("Request")
    assert "No runner has previewed it yet" in grace.text()
    (change,) = ChangeRequests(catalog(portal)).open_changes()
    assert (change.user, json.loads(change.text)["team"]) == ("grace", "claims")
    assert grace.page.url.endswith(f"/requests/{change.id}")


@pytest.mark.requirement("GOV-04.c")
def test_the_preview_waits_for_another_person_who_approves_it_by_its_digest(
    portal: Portal, grace: Visit, heidi: Visit
) -> None:
    portal.bench.plinth("requests", "run")
    grace.open("/requests")
    grace.click("create claims")
    assert "You have requested it, so another person decides." in grace.text()
    assert grace.page.get_by_role("button", name="Approve").count() == 0
    heidi.open("/")
    heidi.click("create claims")
    (record,) = ChangeRequests(catalog(portal)).records()
    assert record.digest in heidi.text()
    assert "claims-production" in heidi.text()
    heidi.take_picture("request")
    heidi.page.fill("#reason", "agreed with finance")
    heidi.click("Approve")
    (decision,) = ChangeRequests(catalog(portal)).decisions(record.id)
    assert (decision.user, decision.digest, decision.reason) == ("heidi", record.digest, "agreed with finance")
    assert "approved by heidi" in heidi.text()


def test_a_run_is_followed_live_and_a_killed_portal_loses_nothing(portal: Portal, heidi: Visit) -> None:
    bench = portal.bench
    words, environment = [COMMANDS / "plinth", "requests", "run"], bench.environment()
    runner = subprocess.Popen(words, cwd=bench.project, env=environment, stdout=subprocess.DEVNULL)
    try:
        # The page has been open since the approval: what it shows came as an event.
        heidi.wait_for("stack:claims-production")
        heidi.page.locator("svg .running text", has_text="claims-").first.wait_for()
        heidi.take_picture("run")
        portal.server.kill()
        portal.server.start()
        heidi.page.reload()
        heidi.complaints.clear()  # of the connection that the kill has ended
        portal.sign_in(heidi, "heidi")
        heidi.open("/requests")
        heidi.click("create claims")
        assert runner.wait(COMMAND_SECONDS) == 0
    finally:
        runner.kill()
    eventually(lambda: "deployed" in heidi.text_now())
    assert heidi.page.locator("svg .succeeded").count() > 5
    team = TeamRecords(catalog(portal)).read("claims")
    assert team is not None
    heidi.open("/teams/claims")
    heidi.take_picture("team")
    for account in team.accounts.values():
        assert account in heidi.text()


def test_everything_works_without_javascript(portal: Portal) -> None:
    plain = portal.signed_in("grace", java_script_enabled=False)
    plain.open("/requests/new/change?team=claims")
    plain.page.fill("#field-monthly_budget_usd", "a lot")
    plain.click("Request")
    assert "monthly_budget_usd" in plain.text()
    plain.page.fill("#field-monthly_budget_usd", "4000")
    plain.click("Request")
    (change,) = ChangeRequests(catalog(portal)).open_changes()
    assert json.loads(change.text)["monthly_budget_usd"] == 4000
    portal.bench.plinth("requests", "run")
    other = portal.signed_in("heidi", java_script_enabled=False)
    other.click("change claims")
    other.page.fill("#reason", "over budget")
    other.click("Reject")
    (decision,) = ChangeRequests(catalog(portal)).decisions(change.id)
    assert (decision.user, decision.approves) == ("heidi", False)
    other.click("Sign out")
    other.open("/")
    assert other.page.get_by_label("Password").count() == 1


def test_who_has_no_role_is_told_and_who_left_the_team_decides_nothing(portal: Portal) -> None:
    visit = portal.people.visit()
    visit.open("/")
    portal.sign_in(visit, "eve")
    assert "you have no role in any account" in visit.text()
    visit.open("/")
    visit.page.fill("#user", "grace")
    visit.page.fill("#password", "guessed")
    visit.click("Sign in")
    assert "The username or password is not correct." in visit.page.inner_text("main")
