"""Sign-in, sessions and sign-out."""

from __future__ import annotations

import json
import logging

import pytest

from selfservice.portal.access.sessions import (
    IDLE_SECONDS,
    LONGEST_SECONDS,
    MOST_OF_A_PERSON,
    MOST_SESSIONS,
    Sessions,
)
from tests.unit.selfservice.portal.conftest import People


@pytest.mark.threat("T-25")
def test_nobody_sees_a_page_before_signing_in(people: People) -> None:
    browser = people.browser()
    others = ("/requests/new/create", "/requests/1/live", "/data", "/data/forms", "/assessment")
    for path in ("/", "/teams", "/teams/fraud", "/requests", "/requests/1", *others):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in"), path
    assert browser.get("/teams", headers={"HX-Request": "true"}).status_code == 401
    assert browser.client.post("/requests/new/create", data={"team": "claims"}).status_code == 401


def test_the_session_is_of_who_signed_in_and_ends_here_and_at_identity_center(people: People) -> None:
    browser = people.signed_in("ben")
    assert "ben" in browser.get("/").text
    (cookie,) = [candidate for candidate in browser.client.cookies.jar if candidate.name == "plinth"]
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "lax"
    answer = browser.send("/sign-out", {})
    assert "Signed out" in answer.text
    assert people.center.signed_out == ["ben"]
    browser.client.cookies.set("plinth", str(cookie.value))
    assert browser.get("/").status_code == 303


@pytest.mark.threat("T-25")
def test_a_sign_in_that_this_browser_did_not_begin_is_refused(people: People) -> None:
    browser, other = people.browser(), people.browser()
    state = other.begin()
    for query in (f"code=ada&state={state}", "code=ada&state=", "code=ada"):
        answer = browser.get(f"/oauth/callback?{query}")
        assert answer.status_code == 403
        assert "not begun in this browser" in answer.text
    assert other.get(f"/oauth/callback?code=nobody&state={state}").status_code == 403
    assert other.get("/").status_code == 303


def test_each_tab_of_a_browser_can_sign_in(people: People) -> None:
    browser = people.browser()
    first, second = browser.begin(), browser.begin()
    for state in (first, second):
        assert browser.get(f"/oauth/callback?code=ada&state={state}").status_code == 303
    assert browser.get(f"/oauth/callback?code=ada&state={first}").status_code == 403


@pytest.mark.parametrize("kind", ["empty", "image"])
def test_what_a_page_loads_begins_no_sign_in(people: People, kind: str) -> None:
    browser = people.browser()
    answer = browser.get("/requests/1/live", headers={"sec-fetch-dest": kind})
    assert answer.status_code == 401
    assert browser.get("/", headers={"sec-fetch-dest": "document"}).status_code == 303


def test_a_person_without_a_role_is_told_so(people: People) -> None:
    browser = people.browser()
    answer = browser.get(f"/oauth/callback?code=eve&state={browser.begin()}")
    assert answer.status_code == 403
    assert "you have no role in any account" in answer.text


@pytest.mark.threat("T-25")
def test_what_a_person_may_not_do_is_not_offered_and_refused(people: People) -> None:
    browser = people.signed_in("dana")
    home = browser.get("/").text
    assert "/requests/new" not in home
    assert "DataScientist" in home
    for path in ("/teams", "/teams/fraud", "/requests", "/requests/1"):
        answer = browser.get(path)
        assert answer.status_code == 403, path
        assert "ITPlatform-governance" in answer.text
    fields = {"id": "20261129T120000Z-00000001", "team": "fraud", "monthly_budget_usd": "9000"}
    refused = browser.send("/requests/new/change", fields)
    assert refused.status_code == 422
    assert "not in the platform team" in refused.text
    assert list(people.items.all()) == []


def test_credentials_are_got_once_and_again_before_they_end(people: People) -> None:
    browser = people.signed_in("ada")
    before = len(people.center.issued)
    for _ in range(3):
        browser.get("/requests")
    assert len(people.center.issued) == before + 1
    people.center.hours = 0
    other = people.signed_in("ben")
    before = len(people.center.issued)
    for _ in range(3):
        other.get("/requests")
    assert len(people.center.issued) == before + 3


def test_a_person_whose_sign_in_has_ended_signs_in_again(people: People) -> None:
    browser = people.signed_in("ada")
    people.center.signed_out.append("ada")
    answer = browser.get("/requests")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


@pytest.mark.threat("T-25")
def test_no_page_contains_a_secret(people: People, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="plinth.portal.audit")
    browser = people.signed_in("ada")
    cookie = browser.client.cookies["plinth"]
    texts = [browser.get(path).text for path in ("/", "/teams", "/requests", "/requests/new/create")]
    texts.append(caplog.text)
    for secret in (cookie, "ASIA", "SessionToken"):
        assert not any(secret in text for text in texts), secret
    (line,) = [json.loads(record.message) for record in caplog.records if record.name == "plinth.portal.audit"]
    assert (line["user"], line["action"], line["outcome"]) == ("ada", "sign-in", "done")


@pytest.mark.threat("T-25")
def test_sessions_end_by_themselves_and_have_a_limit() -> None:
    at = 0.0
    sessions = Sessions(lambda: at)
    first = sessions.begin("ada", "token", [])
    at += IDLE_SECONDS
    assert sessions.find(first) is not None
    at += IDLE_SECONDS + 1
    assert sessions.find(first) is None
    kept = sessions.begin("ada", "token", [])
    for _ in range(LONGEST_SECONDS // IDLE_SECONDS):
        at += IDLE_SECONDS
        assert sessions.find(kept) is not None
    at += 1
    assert sessions.find(kept) is None
    own = [sessions.begin("ada", "token", []) for _ in range(MOST_OF_A_PERSON + 1)]
    assert [sessions.find(id_) is not None for id_ in own] == [False, *[True] * MOST_OF_A_PERSON]
    everybody = [sessions.begin(f"user-{number}", "token", []) for number in range(MOST_SESSIONS)]
    found = [sessions.find(id_) for id_ in (*own, *everybody)]
    assert sum(session is not None for session in found) == MOST_SESSIONS
