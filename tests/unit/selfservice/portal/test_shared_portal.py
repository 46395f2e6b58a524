"""A portal behind a load balancer: sign-in with a code, and what everybody shares."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from selfservice.catalog.items import CatalogItems
from selfservice.portal.access.attempts import MOST, SECONDS, Attempts
from selfservice.portal.access.identity_center import DeviceCode, IdentityCenter
from selfservice.portal.application import application
from selfservice.portal.options import PortalOptions
from tests.unit.selfservice.portal.browser import Browser
from tests.unit.selfservice.portal.center import PLATFORM, Center

ADDRESS = "https://portal.acme.example"
CODE = DeviceCode("device", "CODE-0001", "https://center.example.com/device")


@pytest.fixture
def center() -> Center:
    return Center({"ada": [PLATFORM], "eve": []})


@pytest.fixture
def portal(items: CatalogItems, project: Path, center: Any) -> Any:
    typed: IdentityCenter = center
    options = PortalOptions(directory=project, region="eu-west-1", issuer_url="https://center", address=ADDRESS)
    return application(options, typed)


def browser(portal: Any) -> Browser:
    return Browser(TestClient(portal, base_url=ADDRESS, raise_server_exceptions=False))


def begin(visitor: Browser) -> str:
    """Begins a sign-in, and returns the address of the page that waits."""
    answer = visitor.get("/sign-in")
    assert answer.status_code == 303
    return str(answer.headers["location"])


@pytest.mark.threat("T-29")
def test_a_person_allows_the_code_that_the_page_shows_and_is_signed_in(portal: Any, center: Center) -> None:
    visitor = browser(portal)
    waiting = begin(visitor)
    page = visitor.get(waiting)
    assert page.status_code == 200
    for shown in ("CODE-0001", "https://center.example.com/device?1", "Allow no code that somebody has sent you"):
        assert shown in page.text
    assert "device-1" not in page.text, "whoever knows it gets the token"
    assert visitor.get(waiting, headers={"HX-Request": "true"}).status_code == 204
    center.allowed["device-1"] = "ada"
    answer = visitor.get(waiting)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    (cookie,) = [candidate for candidate in visitor.client.cookies.jar if candidate.name == "__Host-plinth"]
    assert cookie.secure
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert "ada" in visitor.get("/").text
    assert visitor.get(waiting).status_code == 403, "a sign-in begins one session"


def test_the_page_that_asks_by_itself_is_led_on(portal: Any, center: Center) -> None:
    visitor = browser(portal)
    waiting = begin(visitor)
    center.allowed["device-1"] = "ada"
    answer = visitor.get(waiting, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"], answer.text) == (204, "/", "")
    assert visitor.get("/").status_code == 200
    again = visitor.get(waiting, headers={"HX-Request": "true"})
    assert (again.status_code, again.headers["hx-refresh"]) == (204, "true")


@pytest.mark.threat("T-25")
@pytest.mark.threat("T-29")
def test_only_the_browser_that_began_a_sign_in_gets_its_session(portal: Any, center: Center) -> None:
    waiting, other = begin(browser(portal)), browser(portal)
    center.allowed["device-1"] = "ada"
    answers = [other.get(waiting), other.get("/sign-in/wait?state="), other.get("/sign-in/wait")]
    other.client.cookies.set(re.sub(".*=", "plinth-sign-in-", waiting), "guessed")
    for answer in [*answers, other.get(waiting)]:
        assert answer.status_code == 403
        assert "not begun in this browser" in answer.text
    assert other.get("/").status_code == 303


def test_a_person_without_a_role_gets_no_session(portal: Any, center: Center) -> None:
    visitor = browser(portal)
    waiting = begin(visitor)
    center.allowed["device-1"] = "eve"
    assert visitor.get(waiting).status_code == 403
    assert visitor.get("/").status_code == 303


def test_probes_know_no_host_name_and_learn_nothing(portal: Any) -> None:
    visitor = browser(portal)
    for host in ("10.0.128.7:8080", "portal.acme.example"):
        answer = visitor.get("/health", headers={"Host": host})
        assert (answer.status_code, answer.text) == (200, "ok")
    assert visitor.get("/teams", headers={"Host": "10.0.128.7:8080"}).status_code == 421


def test_people_behind_one_load_balancer_do_not_stop_each_other(portal: Any) -> None:
    """Thirty people load a page with four files at the same moment."""
    everybody = [browser(portal) for _ in range(30)]
    for visitor in everybody:
        for _ in range(5):
            assert visitor.get("/static/portal.css").status_code == 200


@pytest.mark.threat("T-29")
def test_sign_ins_that_wait_end_by_themselves_and_have_a_limit() -> None:
    at = 0.0
    attempts = Attempts(lambda: at)
    attempts.add("state", "secret", CODE)
    assert attempts.find("state", "secret") == CODE
    assert attempts.find("state", "another") is None
    at += SECONDS
    assert attempts.find("state", "secret") == CODE
    at += 1
    assert attempts.find("state", "secret") is None
    for number in range(MOST + 1):
        attempts.add(f"state-{number}", "secret", CODE)
    assert [attempts.find(f"state-{number}", "secret") is not None for number in (0, 1, MOST)] == [False, True, True]
