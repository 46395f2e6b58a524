"""Lists of requests and teams: their pages, and how often they read the table."""

from __future__ import annotations

from pathlib import Path

import pytest

from selfservice.catalog.change_record import ChangeState
from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.team_records import TeamRecords
from tests.unit.selfservice.portal.browser import Browser
from tests.unit.selfservice.portal.conftest import People
from tests.unit.selfservice.portal.test_pages import RUNNER, reviewed, team
from tests.unit.selfservice.requests.work import ID, TEXT

HOSTILE = ("<script>", "x" * 5000, "\N{RIGHT-TO-LEFT OVERRIDE}", "20261123T120000Z-0000000g", "../..")


def add(people: People, numbers: range) -> None:
    requests = ChangeRequests(people.items)
    for number in numbers:
        requests.add("ada", TEXT, id_=f"20261123T120000Z-{number:08}", now=requests.now())


def rows(page: str) -> int:
    return page.count('<td><a href="/requests/20')


def test_requests_have_pages_in_both_directions(people: People) -> None:
    add(people, range(51))
    browser = people.signed_in("ada")
    first = browser.get("/requests").text
    assert rows(first) == 50
    assert "Newer requests" not in first
    assert "before=20261123T120000Z-00000001" in first
    last = browser.get("/requests?before=20261123T120000Z-00000001").text
    assert rows(last) == 1
    assert "Older requests" not in last
    assert rows(browser.get("/requests?state=&after=20261123T120000Z-00000000").text) == 50


def test_requests_are_found_by_state(people: People) -> None:
    requests = ChangeRequests(people.items)
    claim = reviewed(requests)
    add(people, range(10, 12))
    browser = people.signed_in("ben")
    assert rows(browser.get("/requests?state=pending").text) == 2
    assert rows(browser.get("/requests?state=reviewed").text) == 1
    assert "There are no such requests" in browser.get("/requests?state=done").text
    requests.enter(claim, ChangeState.DONE, {}, now=requests.now(), note="")
    assert f'href="/requests/{ID}"' in browser.get("/requests?state=done").text
    assert rows(browser.get("/requests?state=reviewed").text) == 0


@pytest.mark.threat("T-11")
@pytest.mark.parametrize("given", HOSTILE)
def test_an_address_with_another_text_than_an_id_or_a_state_is_refused(people: People, given: str) -> None:
    browser = people.signed_in("ada")
    for name in ("before", "after", "state"):
        answer = browser.get("/requests", params={name: given})
        assert answer.status_code == 400, name
        assert "<script>" not in answer.text.partition("<main")[2]
        assert len(answer.text) < 5_000
    for name in ("find", "from"):
        assert browser.get("/teams", params={name: given}).status_code == 200, name


def test_pages_read_the_table_equally_often_with_a_long_history(people: People, reads: list[str]) -> None:
    requests = ChangeRequests(people.items)
    claim = reviewed(requests)
    requests.enter(claim, ChangeState.DONE, {}, now=requests.now(), note="")
    assert TeamRecords(people.items).write(team("claims"), over=None)
    browser = people.signed_in("ben")
    expected = {
        "/requests": ["Query", "Query", "BatchGetItem"],
        "/requests?state=done": ["Query", "BatchGetItem"],
        f"/requests/{ID}": ["Query", "Query"],
        f"/requests/{ID}/live": ["GetItem", "Query"],
        "/teams": ["Query", "BatchGetItem"],
        "/teams/claims": ["Query", "Query"],
    }
    assert {path: asked(browser, reads, path) for path in expected} == expected
    add(people, range(70))
    for change in requests.open_changes():
        claim = requests.claim(change, RUNNER, requests.now())
        assert claim is not None
        requests.enter(claim, ChangeState.DONE, {}, now=requests.now(), note="")
    assert {path: asked(browser, reads, path) for path in expected} == expected


def asked(browser: Browser, reads: list[str], path: str) -> list[str]:
    browser.get("/requests/new/create")  # gets credentials
    reads.clear()
    assert browser.get(path).status_code == 200, path
    return list(reads)


def test_teams_have_pages_in_both_directions(people: People) -> None:
    records = TeamRecords(people.items)
    for number in range(101):
        assert records.write(team(f"team-{number:03}"), over=None)
    browser = people.signed_in("ada")
    first = browser.get("/teams").text
    assert "50 of 101 teams" in first
    assert "from=team-050" in first
    assert "Previous teams" not in first
    last = browser.get("/teams?from=team-100").text
    assert last.count('<td><a href="/teams/') == 1
    assert "Next teams" not in last
    assert "from=team-050" in last
    found = browser.get("/teams?find=TEAM-09&from=team-094").text
    assert "6 of 10 teams, and 101 in all" in found
    assert 'find=team-09&amp;from=team-090"' in found


def test_teams_of_the_settings_that_the_catalog_lacks_are_told_with_the_command_that_adds_them(people: People) -> None:
    browser = people.signed_in("ada")
    empty = browser.get("/teams").text
    assert "The settings have 2 teams that the team catalog does not have" in empty
    assert "plinth catalog rebuild" in empty
    assert "There are no teams yet" not in empty
    page = browser.get("/teams/fraud")
    assert page.status_code == 200
    for text in ("the team catalog does not", "plinth catalog rebuild", "/requests/new/change?team=fraud"):
        assert text in page.text
    assert TeamRecords(people.items).write(team("fraud"), over=None)
    assert "The settings have 1 team that the team catalog does not have" in browser.get("/teams").text
    assert "222222222222" in browser.get("/teams/fraud").text
    unknown = browser.get("/teams/moon")
    assert unknown.status_code == 404
    assert "neither the team catalog nor the settings have a team moon" in unknown.text


def test_teams_of_the_catalog_are_shown_while_the_settings_are_not_valid(people: People, project: Path) -> None:
    assert TeamRecords(people.items).write(team("fraud"), over=None)
    (project / "environments" / "Pulumi.fraud.yaml").write_text("config: [")
    browser = people.signed_in("ada")
    assert "/teams/fraud" in browser.get("/teams").text
    assert browser.get("/teams/fraud").status_code == 200
    assert browser.get("/teams/churn").status_code == 404
