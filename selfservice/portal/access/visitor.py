"""Whoever has sent a request: the session, and AWS with the roles of the person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from selfservice.errors import RefusedError
from selfservice.people.platform_engineer import IT_PLATFORM, PERMISSION_SET, PlatformEngineer, engineer_of
from selfservice.portal.access.identity_center import Credentials, IdentityCenter, Role
from selfservice.portal.access.sessions import Session
from selfservice.requests.requester import explained

_EARLY = timedelta(minutes=2)
"""Time before the end of credentials in which new ones are got."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """The catalog as a person's credentials open it."""

    engineer: PlatformEngineer
    credentials: Credentials


@dataclass(slots=True)
class Visitors:
    """Opens AWS for people, and keeps the clients of each session until their credentials end."""

    center: IdentityCenter
    region: str
    _opened: WeakKeyDictionary[Session, _Opened] = field(default_factory=WeakKeyDictionary)
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def engineer(self, session: Session) -> Iterator[PlatformEngineer]:
        """Yields a person of the platform team, and explains errors of AWS.

        Raises: RefusedError for others; SignedOutError once the sign-in has ended.
        """
        opened = self._open(session)
        with explained(IT_PLATFORM):
            yield opened.engineer

    def open_session(self, session: Session) -> Any:
        """Returns a function that opens sessions of boto3 as the person."""
        return self._open(session).credentials.open_session

    def _open(self, session: Session) -> _Opened:
        with self._lock:
            known = self._opened.get(session)
        if known is not None and known.credentials.expires - _EARLY > datetime.now(UTC):
            return known
        issued = self.center.credentials(session.token, _role(session))
        opened = _Opened(engineer_of(self.region, issued.open_session), issued)
        with self._lock:
            self._opened[session] = opened
        return opened


def _role(session: Session) -> Role:
    """Returns the role of the platform team. Raises: RefusedError for a person who does not have it."""
    found = next((role for role in session.roles if role.permission_set == PERMISSION_SET), None)
    if found is None:
        raise RefusedError(f"{session.user} is not in the platform team, who may do this: {IT_PLATFORM.sign_in}")
    return found
