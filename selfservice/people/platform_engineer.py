"""A person of the platform team, with the team catalog as their credentials open it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.items import CatalogItems
from selfservice.projects.project import home_region
from selfservice.requests.requester import Permissions, current_person, explained

PERMISSION_SET = "ITPlatform-governance"
"""Permission set of the platform team in the governance account."""
IT_PLATFORM = Permissions(
    only="only the platform team may do this, under the own name",
    table="team catalog",
    sign_in=f"sign in with the permission set {PERMISSION_SET} of the governance account",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlatformEngineer:
    """A person of the platform team, with the requests of the catalog."""

    user: str
    requests: ChangeRequests


def engineer_of(region: str | None, session: Callable[..., Any] | None = None) -> PlatformEngineer:
    """Returns the person of the current credentials, or of those of a session.

    ``region`` is that of the settings, if there are any. Raises: BadInputError, RefusedError.
    """
    person = current_person(region, IT_PLATFORM, session)
    return PlatformEngineer(user=person.user, requests=ChangeRequests(CatalogItems.at(person.dynamodb)))


@contextmanager
def platform_engineer(directory: Path) -> Iterator[PlatformEngineer]:
    """Yields the person of the current credentials, and explains errors of AWS.

    ``directory`` is in a project, or anywhere if the credentials name a region. Raises: BadInputError, RefusedError.
    """
    engineer = engineer_of(home_region(directory))
    with explained(IT_PLATFORM):
        yield engineer
