"""Tests of the protection of every page: headers, the host, the origin of forms, sizes, limits and errors."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from selfservice.people import submission
from selfservice.portal import portal
from selfservice.portal.access.rate_limit import AT_ONCE, PER_SECOND, Addresses, Allowance
from selfservice.portal.options import PortalOptions
from tests.unit.selfservice.portal.conftest import People

STATIC = Path(portal.__file__).parent / "static"
VENDORED = {
    "htmx.min.js": "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717",
    "htmx-sse.min.js": "98a46496de0c3605fbffdce9167ba427bdd9553184f83f149c261891a92c0136",
}
"""SHA-256 digests of htmx 2.0.11 and of its extension for server-sent events 2.2.4, as npm has them."""


@pytest.mark.threat("T-24")
@pytest.mark.parametrize("path", ["/", "/sign-in", "/nothing", "/static/portal.css", "/static/nothing"])
def test_every_answer_has_the_headers(people: People, path: str) -> None:
    for browser in (people.browser(), people.signed_in("ada")):
        headers = browser.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert path.startswith("/static/") or headers["cache-control"] == "no-store"


def test_no_page_has_a_script_or_a_style_of_its_own(people: People) -> None:
    browser = people.signed_in("ada")
    for path in ("/", "/teams", "/requests", "/requests/new/create"):
        page = browser.get(path).text
        assert page.count("<script") == page.count('<script src="/static/') == 3, path
        assert "<style" not in page
        assert " style=" not in page
        assert " onclick=" not in page


@pytest.mark.parametrize("name", VENDORED)
def test_vendored_files_are_the_published_ones(name: str) -> None:
    assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == VENDORED[name]


@pytest.mark.threat("T-24")
def test_a_request_under_another_host_name_is_refused(people: People) -> None:
    browser = people.signed_in("ada")
    for host in ("evil.example.com", "127.0.0.1:9999", "localhost:8400"):
        assert browser.get("/", headers={"host": host}).status_code == 421


@pytest.mark.threat("T-24")
@pytest.mark.parametrize(
    ("fields", "headers", "said"),
    [
        ({"form_token": ""}, {}, "another session"),
        ({"form_token": "guessed"}, {}, "another session"),
        ({}, {"origin": "https://evil.example.com"}, "another site"),
        ({"team": "x" * 200_000}, {}, "longer than 128 KiB"),
    ],
)
def test_a_form_that_no_page_of_the_session_has_sent_is_refused(
    people: People, fields: dict[str, str], headers: dict[str, str], said: str
) -> None:
    browser = people.signed_in("ada")
    for path in ("/requests/new/create", "/requests/new/create/check", "/requests/1/decision", "/sign-out"):
        answer = browser.send(path, fields, headers=headers)
        assert (answer.status_code, said in answer.text) == (403, True), path
    assert browser.get("/").status_code == 200


@pytest.mark.threat("T-24", "T-25")
def test_the_form_of_one_session_does_not_work_in_another(people: People) -> None:
    token = people.signed_in("ada").form_token()
    assert people.signed_in("ben").send("/sign-out", {"form_token": token}).status_code == 403


def test_who_asks_too_often_waits(people: People) -> None:
    browser = people.signed_in("ada")
    answers = [browser.get("/static/portal.css").status_code for _ in range(int(AT_ONCE) * 3)]
    assert 429 in answers
    assert people.signed_in("ben").get("/").status_code == 200


def test_an_allowance_grows_with_time_up_to_its_limit() -> None:
    at = 0.0
    allowance = Allowance(now=lambda: at)
    assert [allowance.take() for _ in range(int(AT_ONCE) + 1)] == [*[True] * int(AT_ONCE), False]
    at += 1
    assert [allowance.take() for _ in range(int(PER_SECOND) + 1)] == [*[True] * int(PER_SECOND), False]
    at += 1e6
    assert sum(allowance.take() for _ in range(1_000)) == AT_ONCE
    addresses = Addresses(at_once=1)
    assert [addresses.take("a"), addresses.take("a"), addresses.take("b")] == [True, False, True]


def test_a_defect_is_told_by_a_reference_and_not_by_its_text(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = people.signed_in("ada")

    def fail(*_: Any) -> str:
        raise KeyError("secret-of-somebody")

    monkeypatch.setattr(submission, "notice_of", fail)
    answer = browser.send("/requests/new/change/check", {"team": "fraud", "monthly_budget_usd": "7000"})
    assert answer.status_code == 500
    assert "reference" in answer.text
    assert "secret-of-somebody" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_with_encryption_browsers_keep_the_cookie_from_others() -> None:
    options = PortalOptions(directory=Path(), region="eu-west-1", issuer_url="", address="https://portal.acme.example")
    made = portal.Portal(options, None)  # type: ignore[arg-type] # nobody signs in
    assert made.protection.cookie == "__Host-plinth"
