"""The portal of the example organization, with people who sign in, and a catalog in an emulated account."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient
from starlette.applications import Starlette
from starlette.testclient import TestClient

from plinth_sandbox.testing import EmulatedAws
from selfservice.catalog.items import CatalogItems
from selfservice.portal.access.identity_center import IdentityCenter
from selfservice.portal.application import application
from selfservice.portal.options import PortalOptions
from tests.unit.selfservice.portal.browser import ADDRESS, Browser
from tests.unit.selfservice.portal.center import PLATFORM, SCIENTIST, Center
from tests.unit.selfservice.portal.delivery_site import Delivery, DeliverySite, delivery_portal


@dataclass
class People:
    """Everybody's browsers."""

    application: Starlette
    center: Center
    items: CatalogItems
    _open: ExitStack

    def browser(self) -> Browser:
        client = TestClient(self.application, base_url=ADDRESS, raise_server_exceptions=False)
        return Browser(self._open.enter_context(client))

    def signed_in(self, user: str) -> Browser:
        browser = self.browser()
        browser.sign_in(user)
        return browser


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Records the reads of the table, by the name of the operation."""
    made: list[str] = []
    call = BaseClient._make_api_call

    def recorded(self: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        if operation in ("BatchGetItem", "GetItem", "Query", "Scan"):
            made.append(operation)
        return call(self, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", recorded)
    return made


@pytest.fixture
def people(items: CatalogItems, project: Path) -> Iterator[People]:
    """Ada and Ben are of the platform team, Dana is a data scientist, and Eve has no role."""
    roles = {"ada": [PLATFORM], "ben": [SCIENTIST, PLATFORM], "dana": [SCIENTIST], "eve": []}
    center: Any = Center(roles)
    options = PortalOptions(directory=project, region="eu-west-1", issuer_url="https://center", address=ADDRESS)
    with ExitStack() as opened:
        typed: IdentityCenter = center
        yield People(application(options, typed), center, items, opened)


@pytest.fixture(scope="package")
def delivery_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeliverySite]:
    with EmulatedAws(tmp_path_factory.mktemp("aws"), schedules="manual") as aws:
        yield DeliverySite(aws)


@pytest.fixture
def delivery(delivery_site: DeliverySite, project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Delivery]:
    monkeypatch.setenv("AWS_ENDPOINT_URL", delivery_site.aws.url)
    with delivery_portal(delivery_site, project) as opened:
        yield opened
