"""Whoever has sent a request: the session, and AWS with the roles of the person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from selfservice.engine.account_access import Account
from selfservice.errors import RefusedError
from selfservice.people.platform_engineer import IT_PLATFORM, PERMISSION_SET, PlatformEngineer, engineer_of
from selfservice.portal.access.identity_center import Credentials, IdentityCenter, Role
from selfservice.portal.access.permission_sets import Needed
from selfservice.portal.access.sessions import Session
from selfservice.requests.requester import Requester, current_requester, explained
from settings.derived.accounts import Account as Placed

_EARLY = timedelta(minutes=2)
"""Time before the end of credentials in which new ones are got."""


@dataclass(frozen=True, eq=False)
class _Opened:
    """A role of a person, with the clients that its credentials have opened."""

    credentials: Credentials
    account: Account

    @cached_property
    def requester(self) -> Requester:
        return current_requester(self.account.region, self.credentials.open_session)

    @cached_property
    def engineer(self) -> PlatformEngineer:
        return engineer_of(self.account.region, self.credentials.open_session)


@dataclass(slots=True)
class Visitors:
    """Opens AWS for people, and keeps the clients of each session and role until their credentials end."""

    center: IdentityCenter
    region: str
    _opened: WeakKeyDictionary[Session, dict[Role, _Opened]] = field(default_factory=WeakKeyDictionary)
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def engineer(self, session: Session) -> Iterator[PlatformEngineer]:
        """Yields a person of the platform team, and explains errors of AWS.

        Raises: RefusedError for others; SignedOutError once the sign-in has ended.
        """
        opened = self._open(session, _role_of_engineer(session))
        with explained(IT_PLATFORM):
            yield opened.engineer

    @contextmanager
    def requester(self, session: Session, needed: Needed, placed: Placed) -> Iterator[Requester]:
        """Yields a person with the table of requests of an account, and explains errors of AWS.

        Raises: RefusedError for a person without the permission set, or whom AWS refuses; SignedOutError.
        """
        opened = self._open(session, required_role(session, needed, placed))
        with explained():
            yield opened.requester

    def open_session(self, session: Session) -> Any:
        """Returns a function that opens sessions of boto3 as a person of the platform team."""
        return self._open(session, _role_of_engineer(session)).credentials.open_session

    def open_session_in(self, session: Session, needed: Needed, placed: Placed) -> Any:
        """Returns a function that opens sessions of boto3 as the person in an account. Raises: as :meth:`account`."""
        return self._open(session, required_role(session, needed, placed)).credentials.open_session

    def account(self, session: Session, needed: Needed, placed: Placed) -> Account:
        """Returns an account as the person reaches it, with the first of the permission sets that the person has there.

        Raises: RefusedError with the permission sets for a person who has none of them; SignedOutError once the sign-in
        has ended.
        """
        return self._open(session, required_role(session, needed, placed)).account

    def _open(self, session: Session, role: Role) -> _Opened:
        with self._lock:
            known = self._opened.setdefault(session, {}).get(role)
        if known is not None and known.credentials.expires - _EARLY > datetime.now(UTC):
            return known
        issued = self.center.credentials(session.token, role)
        opened_session = issued.open_session(region_name=self.region)
        opened = _Opened(issued, Account.of_session(role.account_id, self.region, opened_session))
        with self._lock:
            self._opened.setdefault(session, {})[role] = opened
        return opened


def role_in(session: Session, needed: Needed, placed: Placed) -> Role | None:
    """Returns the role with the first of the permission sets that the person has in an account of the settings; None
    without any. An account has the id of the settings, or else the name."""
    own = _roles_in(session, placed)
    return next((role for name in needed.permission_sets for role in own if role.permission_set == name), None)


def tried_instead(session: Session, needed: Needed, placed: Placed) -> Needed:
    """Returns what is needed, or for a person without it any other permission set of the account, so that AWS refuses
    what the person tries."""
    if role_in(session, needed, placed) is not None:
        return needed
    others = tuple(role.permission_set for role in _roles_in(session, placed))
    return replace(needed, permission_sets=others) if others else needed


def required_role(session: Session, needed: Needed, placed: Placed) -> Role:
    """Returns the role of :func:`role_in`. Raises: RefusedError with the permission sets for a person without any."""
    role = role_in(session, needed, placed)
    if role is None:
        raise RefusedError(f"{session.user} needs the permission set {needed} in the account {placed.name}")
    return role


def _roles_in(session: Session, placed: Placed) -> list[Role]:
    """Returns the roles of a person in an account of the settings."""
    return [
        role
        for role in session.roles
        if (role.account_id == placed.id if placed.id else role.account_name == placed.name)
    ]


def _role_of_engineer(session: Session) -> Role:
    """Returns the role of the platform team. Raises: RefusedError for a person who does not have it."""
    found = next((role for role in session.roles if role.permission_set == PERMISSION_SET), None)
    if found is None:
        raise RefusedError(f"{session.user} is not in the platform team, who may do this: {IT_PLATFORM.sign_in}")
    return found
