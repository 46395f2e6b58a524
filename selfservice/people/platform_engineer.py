"""A person of the platform team, with the team catalog as their credentials open it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.items import CatalogItems
from selfservice.requests.requester import Permissions, current_person, explained

IT_PLATFORM = Permissions(
    only="only the platform team may do this, under the own name",
    table="team catalog",
    sign_in="sign in with the permission set ITPlatform-governance of the governance account",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlatformEngineer:
    """A person of the platform team, with the requests of the catalog."""

    user: str
    requests: ChangeRequests


@contextmanager
def platform_engineer(region: str | None, session: Callable[..., Any] | None = None) -> Iterator[PlatformEngineer]:
    """Yields the person of the current credentials, or of those of a session, and explains errors of AWS.

    ``region`` is that of the settings, if there are any. Raises: BadInputError, RefusedError.
    """
    person = current_person(region, IT_PLATFORM, session)
    with explained(IT_PLATFORM):
        yield PlatformEngineer(user=person.user, requests=ChangeRequests(CatalogItems.at(person.dynamodb)))
