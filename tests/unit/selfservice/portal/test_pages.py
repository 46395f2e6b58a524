"""Pages: what they show of the catalog, and what people do on them."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from selfservice.catalog.change_record import ChangeState
from selfservice.catalog.change_requests import ChangeClaim, ChangeRequests
from selfservice.catalog.request_steps import RequestSteps, StepRecord, StepState
from selfservice.catalog.team_records import TeamRecord, TeamRecords
from selfservice.request_tables.runner_process import RunnerProcess
from selfservice.requests.approval import expiry_of
from selfservice.requests.kinds.all_kinds import actions
from tests.unit.selfservice.portal.conftest import People
from tests.unit.selfservice.requests.work import ID, TEXT

RUNNER = RunnerProcess("one.example", 1, "1")
DIGEST = "d" * 64
REVIEW = "<details><summary>1 stack</summary>\n\n| stack | steps |\n|---|---|\n| `fraud` | 1 to update |\n\n</details>"
HOSTILE = "<script>alert(1)</script>\N{RIGHT-TO-LEFT OVERRIDE}" + "x" * 10_000
FIELDS = {
    "id": "20261129T120000Z-0000000a",
    "team": "claims",
    "owner": "claims-owner@acme.example",
    "cost_centre": "4712",
    "monthly_budget_usd": "3000",
    "people": "ana: lead-data-scientist\nben: data-scientist",
    "data": "",
    "environments": "experimentation:\n  internet_access: true\n",
}


def reviewed(requests: ChangeRequests, id_: str = ID, text: str = TEXT, user: str = "ada") -> ChangeClaim:
    """Adds a request with a review."""
    now = requests.now()
    requests.add(user, text, id_=id_, now=now)
    (change,) = [open_change for open_change in requests.open_changes() if open_change.id == id_]
    claim = requests.claim(change, RUNNER, now)
    assert claim is not None
    requests.record_review(
        claim, digest=DIGEST, summary="1 stack", text=REVIEW, facts="{}", expires=expiry_of(now), now=now
    )
    return claim


def team(name: str, **changes: str) -> TeamRecord:
    values = {"owner": f"{name}@acme.example", "cost_centre": "4711", "status": "complete", "version": "0.1.0"}
    return TeamRecord(
        team=name,
        monthly_budget_usd=5_000,
        changed="2026-11-29T12:00:00+00:00",
        request="",
        accounts={"development": "222222222222"},
        users={"ben": "data-scientist"},
        grants={"tumours": "development"},
        use_cases={"scoring": "real-time"},
        **{**values, **changes},
    )


def test_what_waits_for_a_person_is_on_the_first_page_until_it_is_decided(people: People) -> None:
    requests = ChangeRequests(people.items)
    reviewed(requests)
    ada, ben = people.signed_in("ada"), people.signed_in("ben")
    waiting = ben.get("/").text.partition('id="own"')[0]
    assert f'href="/requests/{ID}"' in waiting
    assert f'href="/requests/{ID}"' not in ada.get("/").text.partition('id="own"')[0]
    page = ben.get(f"/requests/{ID}").text
    assert DIGEST in page
    assert "<td><code>fraud</code></td>" in page
    answer = ben.send(f"/requests/{ID}/decision", {"decision": "approve", "digest": DIGEST, "reason": "agreed"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/requests/{ID}")
    (decision,) = requests.decisions(ID)
    assert (decision.user, decision.approves, decision.digest, decision.reason) == ("ben", True, DIGEST, "agreed")
    assert f'href="/requests/{ID}"' not in ben.get("/").text.partition('id="own"')[0]


def test_tables_of_the_first_page_have_names_of_their_own(people: People) -> None:
    requests = ChangeRequests(people.items)
    reviewed(requests)
    requests.add("ben", TEXT, id_=ID[:-1] + "f", now=requests.now())
    names = re.findall(r'role="region" aria-label="([^"]+)"', people.signed_in("ben").get("/").text)
    assert names == ["Table: requests that wait for your decision", "Table: your requests"]


@pytest.mark.parametrize(
    ("user", "fields", "said"),
    [
        ("ada", {"decision": "approve", "digest": DIGEST, "reason": "good"}, "ada requested it"),
        ("ben", {"decision": "approve", "digest": "e" * 64, "reason": "good"}, "is not the digest of the preview"),
        ("ben", {"decision": "approve", "digest": DIGEST, "reason": "  "}, "say why"),
        ("ben", {"decision": "reject", "reason": "AKIAIOSFODNN7EXAMPLE"}, "looks like a credential"),
    ],
)
def test_a_decision_that_the_core_refuses_is_told_on_the_page(
    people: People, caplog: pytest.LogCaptureFixture, user: str, fields: dict[str, str], said: str
) -> None:
    caplog.set_level(logging.INFO, logger="plinth.portal.audit")
    requests = ChangeRequests(people.items)
    reviewed(requests)
    answer = people.signed_in(user).send(f"/requests/{ID}/decision", fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert requests.decisions(ID) == []
    assert '"outcome": "refused"' in caplog.records[-1].message


def test_a_rejection_needs_no_digest(people: People) -> None:
    requests = ChangeRequests(people.items)
    reviewed(requests)
    people.signed_in("ben").send(f"/requests/{ID}/decision", {"decision": "reject", "reason": "over budget"})
    (decision,) = requests.decisions(ID)
    assert not decision.approves


def test_a_request_from_the_form_is_the_one_that_a_file_makes_and_exists_once(people: People) -> None:
    browser = people.signed_in("ada")
    assert 'name="people"' in browser.get("/requests/new/create").text
    assert "complete and fits the settings" in browser.send("/requests/new/create/check", FIELDS).text
    for _ in range(2):
        answer = browser.send("/requests/new/create", FIELDS)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/requests/{FIELDS['id']}"), answer.text
    (change,) = ChangeRequests(people.items).open_changes()
    assert (change.id, change.user) == (FIELDS["id"], "ada")
    assert change.text == (
        '{"action":"create","cost_centre":"4712","environments":{"experimentation":{"internet_access":true}},'
        '"monthly_budget_usd":3000,"owner":"claims-owner@acme.example",'
        '"people":{"ana":"lead-data-scientist","ben":"data-scientist"},"team":"claims"}'
    )
    assert "pending" in browser.get(f"/requests/{FIELDS['id']}").text


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"team": "Claims!"}, "team", "team: &#34;Claims!&#34; does not have the f"),
        ({"team": 'claims"\naction: "decommission'}, "team", "team:"),
        ({"monthly_budget_usd": "a lot"}, "monthly_budget_usd", "monthly_budget_usd: "),
        ({"people": "ana: emperor"}, "people", "people.ana: emperor"),
        ({"people": "ana: lead-data-scientist\naction: decommission"}, "people", "people.action"),
        ({"environments": "moon: {}"}, "environments", "environments.moon: moon is not one of"),
        ({"data": "nothing: [development]"}, "data", "data.nothing: nothing is no dataset"),
        ({"owner": ""}, "", "a new team needs owner"),
        ({"owner": "AKIAIOSFODNN7EXAMPLE"}, "owner", "owner: "),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_nothing_is_requested(
    people: People, changes: dict[str, str], field: str, said: str
) -> None:
    browser = people.signed_in("ada")
    fields = {**FIELDS, **changes}
    for answer in (browser.send("/requests/new/create/check", fields), browser.send("/requests/new/create", fields)):
        assert said in answer.text
        assert not field or f'href="#field-{field}"' in answer.text
        assert "Nothing was requested." in answer.text
    assert list(people.items.all()) == []


def test_a_form_for_a_change_does_not_offer_what_cannot_change(people: People) -> None:
    page = people.signed_in("ada").get("/requests/new/change?team=fraud").text
    assert 'value="fraud"' in page
    assert 'name="cidr"' not in page
    assert 'name="accounts"' not in page


@pytest.mark.parametrize("action", list(actions()))
def test_every_kind_of_request_has_a_form(people: People, action: str) -> None:
    browser = people.signed_in("ada")
    assert f'<a href="/requests/new/{action}">{actions()[action].title}</a>' in browser.get("/").text
    page = browser.get(f"/requests/new/{action}").text
    assert 'name="team"' in page
    assert 'name="action"' not in page


def test_a_running_request_shows_its_steps_and_tells_how_they_go(people: People) -> None:
    requests = ChangeRequests(people.items)
    claim = reviewed(requests)
    requests.enter(claim, ChangeState.RUNNING, {"approved_by": "ben"}, now=requests.now(), note="approved by ben")
    steps = RequestSteps(items=people.items, request=ID, runner=claim.runner)
    first = StepRecord(number=1, name="commit", needs=(), state=StepState.SUCCEEDED)
    second = StepRecord(number=2, name="fraud", needs=("commit",), state=StepState.RUNNING, phase="updating")
    steps.write([first, replace(second, place="as a <Job>")])
    browser = people.signed_in("ben")
    page = browser.get(f"/requests/{ID}").text
    assert 'sse-connect="/requests/' in page
    assert page.count('class="need"') == 1
    assert page.count("as a &lt;Job&gt;") == 1
    requests.enter(claim, ChangeState.DONE, {"commit": "abc123"}, now=requests.now(), note="deployed")
    ended = browser.get(f"/requests/{ID}").text
    assert "sse-connect" not in ended
    assert "abc123" in ended
    first, last, rest = browser.get(f"/requests/{ID}/live").text.split("\n\n")
    assert first.startswith("event: run\ndata: ")
    assert '<span class="state done">' in first
    assert (last, rest) == ("event: ended\ndata:", "")


def test_teams_are_found_by_name_and_owner_and_shown_with_all_they_have(people: People) -> None:
    records = TeamRecords(people.items)
    for name in ("fraud", "churn"):
        assert records.write(team(name), over=None)
    browser = people.signed_in("ada")
    everything = browser.get("/teams").text
    assert everything.index("/teams/churn") < everything.index("/teams/fraud")
    found = browser.get("/teams?find=FRAUD").text
    assert "/teams/fraud" in found
    assert "/teams/churn" not in found
    assert "No team has this name" in browser.get("/teams?find=moon").text
    page = browser.get("/teams/fraud").text
    for text in ("222222222222", "data-scientist", "tumours", "real-time", "5,000 USD", "plinth catalog show fraud"):
        assert text in page


@pytest.mark.threat("T-11")
def test_hostile_texts_are_shown_harmlessly(people: People) -> None:
    requests = ChangeRequests(people.items)
    claim = reviewed(requests)
    people.items.change(
        f"request#{ID}", "review", {"text": f"{REVIEW}\n\n{HOSTILE}\n\n[x](javascript:alert(1))"}, expected={}
    )
    requests.decide("ben", ID, approves=False, digest="", reason=HOSTILE[:500], now=requests.now())
    requests.enter(claim, ChangeState.FAILED, {"reason": HOSTILE}, now=requests.now(), note=HOSTILE[:200])
    assert TeamRecords(people.items).write(team("fraud", owner=HOSTILE[:100]), over=None)
    browser = people.signed_in("ada")
    for path in (f"/requests/{ID}", "/requests", "/", "/teams", "/teams/fraud"):
        page = browser.get(path).text
        assert "<script>alert" not in page, path
        assert "&lt;script&gt;alert" in page, path
        assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in page.partition('class="review"')[0], path
        assert "javascript:" not in page.replace("[x](javascript:alert(1))", ""), path
    assert len(browser.get(f"/requests/{ID}").text) < 60_000


@pytest.mark.threat("T-07")
def test_a_credential_that_somebody_wrote_into_the_table_is_not_shown(people: People) -> None:
    requests, secret = ChangeRequests(people.items), "AKIAIOSFODNN7EXAMPLE"
    reviewed(requests)
    requests.decide("ben", ID, approves=False, digest="", reason=f"see\n{secret}", now=requests.now())
    page = people.signed_in("ada").get(f"/requests/{ID}").text
    assert "(not shown)" in page
    assert secret not in page


def test_nothing_on_a_page_is_older_than_the_time_at_which_it_was_read(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, owners = list[datetime](), TeamRecords.owners

    def read(self: TeamRecords) -> Any:
        reads.append(datetime.now(UTC))
        return owners(self)

    monkeypatch.setattr(TeamRecords, "owners", read)
    browser, began = people.signed_in("ada"), datetime.now(UTC).replace(microsecond=0)
    page = browser.get("/teams").text
    stamp = re.search(r'id="read">Read <time datetime="([^"]+)">', page)
    assert stamp is not None
    assert began <= datetime.fromisoformat(stamp[1]) <= reads[0]
    for path in ("/", "/requests", "/use-cases", "/use-cases/fraud--disputes", "/data", "/data/forms", "/assessment"):
        assert 'id="read">Read <time datetime=' in browser.get(path).text, path
    assert 'id="read"' not in browser.get("/nothing").text


def test_an_address_without_a_page_says_so(people: People) -> None:
    browser = people.signed_in("ada")
    for path in ("/nothing", "/requests/nothing", "/requests/new/nothing", "/requests/nothing/live"):
        answer = browser.get(path)
        assert answer.status_code == 404, path
        assert "<h1>" in answer.text
