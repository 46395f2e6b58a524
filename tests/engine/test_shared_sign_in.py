"""A portal that people reach over TLS: the page with the code leads on by itself once somebody has allowed the code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any

import pytest
import uvicorn
from moto import mock_aws

from plinth_sandbox.testing import REGION, self_signed
from selfservice.portal.application import application
from selfservice.portal.options import PortalOptions
from tests.support.browser import People, browsers
from tests.support.serving import serving
from tests.support.workbench import REPOSITORY
from tests.unit.selfservice.portal.center import SCIENTIST, Center

HOST = "portal.acme.example"


@dataclass
class SharedPortal:
    """A portal as behind a load balancer, and the browsers of people."""

    center: Center
    people: People


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SharedPortal]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    for file, content in zip((certificate, key), self_signed(HOST), strict=True):
        file.write_bytes(content)
    center: Any = Center({"ada": [SCIENTIST]})
    with socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        address = f"https://{HOST}:{listener.getsockname()[1]}"
        options = PortalOptions(directory=REPOSITORY, region=REGION, issuer_url="https://center", address=address)
        config = uvicorn.Config(
            application(options, center),
            log_level="warning",
            ssl_certfile=certificate,
            ssl_keyfile=key,
            timeout_graceful_shutdown=5,
        )
        with (
            serving(uvicorn.Server(config), listener),
            mock_aws(),
            browsers(address, on_this_machine=HOST) as people,
        ):
            yield SharedPortal(center, people)


@pytest.mark.threat("T-29")
def test_a_page_with_a_code_leads_on_once_somebody_has_allowed_it(shared: SharedPortal) -> None:
    ada = shared.people.visit(ignore_https_errors=True)
    ada.open("/")
    assert "CODE-0001" in ada.text()
    assert "Allow no code that somebody has sent you" in ada.text()
    ada.refuse_barriers()
    ada.take_picture("code")
    shared.center.allowed["device-1"] = "ada"
    ada.page.get_by_role("button", name="Sign out").wait_for()
    assert ada.page.url.removesuffix("/") == shared.people.address
    ada.refuse_barriers()


def test_a_page_with_a_code_works_without_javascript(shared: SharedPortal) -> None:
    ada = shared.people.visit(ignore_https_errors=True, java_script_enabled=False)
    ada.open("/")
    waiting = ada.page.url
    shared.center.allowed["device-1"] = "ada"
    ada.open(waiting)
    assert ada.page.url.removesuffix("/") == shared.people.address
    assert ada.page.get_by_role("button", name="Sign out").count() == 1
