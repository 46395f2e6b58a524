"""The portal of the example organization, with people who sign in, and a catalog in an emulated account."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from starlette.applications import Starlette
from starlette.testclient import TestClient

from plinth_sandbox.testing import EmulatedAws
from selfservice.catalog.items import CatalogItems
from selfservice.errors import RefusedError
from selfservice.people.platform_engineer import PERMISSION_SET
from selfservice.portal.access.identity_center import Credentials, IdentityCenter, Role, SignedOutError
from selfservice.portal.application import application
from selfservice.portal.options import PortalOptions
from tests.unit.selfservice.portal.browser import ADDRESS, Browser
from tests.unit.selfservice.portal.delivery_site import Delivery, DeliverySite, delivery_portal

PLATFORM = Role("123456789012", "acme-governance", PERMISSION_SET)
SCIENTIST = Role("123456789012", "acme-fraud-experimentation", "DataScientist")


@dataclass
class Center:
    """IAM Identity Center, whose codes and tokens are the names of people."""

    roles_of: dict[str, list[Role]]
    hours: int = 1
    issued: list[str] = field(default_factory=list)
    """People for whom credentials were issued."""
    signed_out: list[str] = field(default_factory=list)

    def address(self, state: str, verifier: str) -> str:
        return f"https://center.example.com/authorize?state={state}"

    def token(self, code: str, verifier: str) -> str:
        if code not in self.roles_of or not verifier:
            raise RefusedError("the sign-in has expired or was used before; sign in again")
        return code

    def roles(self, token: str) -> list[Role]:
        return self.roles_of[token]

    def credentials(self, token: str, role: Role) -> Credentials:
        if token in self.signed_out:
            raise SignedOutError
        self.issued.append(token)
        arn = f"arn:aws:iam::{role.account_id}:role/AWSReservedSSO_{role.permission_set}"
        sts = boto3.client("sts", region_name="eu-west-1")
        keys = sts.assume_role(RoleArn=arn, RoleSessionName=token)["Credentials"]
        return Credentials(
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
            expires=datetime.now(UTC) + timedelta(hours=self.hours),
        )

    def end(self, token: str) -> None:
        self.signed_out.append(token)


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
