"""A request for an account set with its review, its decisions and its result."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from selfservice.request_tables.items import Item
from settings.types.redaction import readable


class ChangeState(StrEnum):
    """The state of a request for an account set."""

    PENDING = "pending"
    """No runner has reviewed it."""
    REVIEWING = "reviewing"
    """A runner previews it."""
    REVIEWED = "reviewed"
    """It waits for a decision."""
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    """The request is wrong, or a policy refuses what it would change. Nothing was changed."""
    REJECTED = "rejected"
    """A person rejected it. Nothing was changed."""
    EXPIRED = "expired"
    """Nobody decided in time. Nothing was changed."""
    FAILED = "failed"
    """A stack could not be deployed. Running the request again continues it."""

    @property
    def is_final(self) -> bool:
        return self in (ChangeState.DONE, ChangeState.REFUSED, ChangeState.REJECTED, ChangeState.EXPIRED)


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenChange:
    """A request that nobody has finished, as a person wrote it. Its text is not validated."""

    id: str
    user: str
    """User name of the requester, proven by IAM."""
    requested: str
    """Time in ISO 8601, as the requester's machine wrote it."""
    text: str
    """The request as JSON."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """The decision of a person about a request."""

    user: str
    """User name of the person, proven by IAM."""
    approves: bool
    digest: str
    """Digest of the review that the person saw."""
    reason: str
    decided: str
    """Time in ISO 8601, as the person's machine wrote it."""


_LONGEST_REASON = 500


def as_json(decisions: Sequence[Decision]) -> str:
    """Returns decisions as they are recorded when they count. People can change what they wrote themselves."""
    return json.dumps([{**_document(decision), "decided": readable(decision.decided)} for decision in decisions])


def _document(decision: Decision) -> dict[str, str | bool]:
    return {
        "user": decision.user,
        "approves": decision.approves,
        "digest": readable(decision.digest[:64]),
        "reason": readable(decision.reason)[:_LONGEST_REASON],
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeRecord:
    """Record of a request, which its runner keeps."""

    id: str
    user: str
    requested: str
    text: str
    state: ChangeState
    runner: str
    lease: float
    """End of the runner's claim, in seconds since the epoch."""
    digest: str = ""
    """Digest of the review; empty before it."""
    summary: str = ""
    """The review in one line."""
    expires: str = ""
    """Time until which the request can be approved and started, in ISO 8601."""
    earliest: str = ""
    """Time from which the request can be started, in ISO 8601; empty if it can at once."""
    reason: str = ""
    commit: str = ""
    """Commit with the settings files of the request."""
    approved_by: str = ""

    @classmethod
    def of(cls, item: Item) -> ChangeRecord:
        given = {name: item.get(name, "") for name in _TEXTS}
        return cls(**given, state=ChangeState(item["state"]), lease=float(item["lease"]))

    def is_early(self, now: datetime) -> bool:
        return bool(self.earliest) and now < datetime.fromisoformat(self.earliest)

    def has_expired(self, now: datetime) -> bool:
        return bool(self.expires) and datetime.fromisoformat(self.expires) <= now

    def document(self, decisions: Sequence[Decision]) -> Mapping[str, object]:
        """Returns the record for JSON."""
        named = [name for name in _TEXTS if name not in ("text", "runner")]
        return {
            **{name: getattr(self, name) for name in named},
            "state": str(self.state),
            "request": self.text,
            "decisions": [_document(decision) for decision in decisions],
        }


_TEXTS = (
    "id", "user", "requested", "text", "runner", "digest", "summary", "expires", "earliest", "reason", "commit",
    "approved_by",
)  # fmt: skip
