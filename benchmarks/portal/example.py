"""The portal with the example settings, to which one platform engineer signs in."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette

from selfservice.portal.application import application
from selfservice.portal.options import PortalOptions
from tests.support.workbench import REPOSITORY
from tests.unit.selfservice.portal.center import PLATFORM, Center


def example_portal(address: str) -> Starlette:
    """Returns the portal, at an address. Ben can sign in."""
    center: Any = Center({"ben": [PLATFORM]})
    return application(PortalOptions(directory=REPOSITORY, region="eu-west-1", issuer_url="", address=address), center)
