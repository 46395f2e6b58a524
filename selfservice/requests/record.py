"""A request with what was done for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """The state of a request."""

    PENDING = "pending"
    """No runner has claimed it."""
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    """The request is wrong. Nothing was created."""
    FAILED = "failed"
    """The creation failed. A new request for the same use case continues it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenRequest:
    """A request that nobody has finished, as it stands in the table. Its text is not validated."""

    id: str
    team: str
    user: str
    requested: str
    """Time in ISO 8601, as the requester's machine wrote it."""
    text: str
    """The request as JSON."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """The result of a request."""

    state: State
    reason: str | None = None
    commit: str | None = None
    """First commit of the build repository; None if nothing was pushed."""
    build: str | None = None
    """Id of the build that the commit started."""
    repository: str | None = None
    """URL of the build repository."""

    def attributes(self) -> dict[str, str]:
        """Returns the attributes that have a value."""
        return {name: str(value) for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestRow:
    """A line of the list of requests."""

    id: str
    state: State
    team: str
    user: str
    """User name of the person who requested it, proven by IAM."""
    requested: str
    request: str
    """The request as JSON, as the runner read it."""
    result: Mapping[str, str]
    """Reason, commit, build and repository, if there are any."""

    @classmethod
    def pending(cls, found: OpenRequest) -> RequestRow:
        return cls(
            id=found.id,
            state=State.PENDING,
            team=found.team,
            user=found.user,
            requested=found.requested,
            request=found.text,
            result={},
        )

    def document(self) -> dict[str, Any]:
        """Returns the row for JSON."""
        return asdict(self)
