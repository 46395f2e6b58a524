"""The sessions of people who have signed in, in the memory of the portal."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock

from selfservice.portal.access.identity_center import Role
from selfservice.portal.access.rate_limit import Allowance

IDLE_SECONDS = 30 * 60
LONGEST_SECONDS = 8 * 3600
MOST_SESSIONS = 1_000
"""Sessions that a portal keeps. The one that is idle for the longest time makes room for another one."""
MOST_OF_A_PERSON = 5


@dataclass(slots=True, weakref_slot=True, eq=False)
class Session:
    """The session of a person in one browser."""

    user: str
    """User name, as AWS tells it."""
    token: str
    """Access token of the sign-in, which no page contains."""
    roles: Sequence[Role]
    began: float
    used: float
    form_token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    """Secret that every form sends, so that no other site can send one."""
    allowance: Allowance = field(default_factory=Allowance)

    def has(self, permission_set: str) -> bool:
        return any(role.permission_set == permission_set for role in self.roles)


class Sessions:
    """All sessions by their secret ids."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = Lock()
        self._known: dict[str, Session] = {}

    def begin(self, user: str, token: str, roles: Sequence[Role]) -> str:
        """Begins a session, and returns its id."""
        now, id_ = self._now(), secrets.token_urlsafe(32)
        with self._lock:
            self._forget_ended(now)
            own = [known for known, session in self._known.items() if session.user == user]
            if len(own) >= MOST_OF_A_PERSON:
                del self._known[min(own, key=lambda known: self._known[known].used)]
            elif len(self._known) >= MOST_SESSIONS:
                del self._known[min(self._known, key=lambda known: self._known[known].used)]
            self._known[id_] = Session(user, token, roles, now, now)
        return id_

    def find(self, id_: str) -> Session | None:
        """Returns a session that has not ended, and notes its use."""
        now = self._now()
        with self._lock:
            self._forget_ended(now)
            session = self._known.get(id_)
            if session is not None:
                session.used = now
            return session

    def end(self, id_: str) -> Session | None:
        """Ends a session, and returns it; None if it had ended before."""
        with self._lock:
            return self._known.pop(id_, None)

    def _forget_ended(self, now: float) -> None:
        ended = [
            id_
            for id_, session in self._known.items()
            if now - session.used > IDLE_SECONDS or now - session.began > LONGEST_SECONDS
        ]
        for id_ in ended:
            del self._known[id_]
