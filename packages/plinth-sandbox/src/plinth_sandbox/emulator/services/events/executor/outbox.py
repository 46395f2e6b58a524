"""Events that the current call has caused and that are not delivered yet.

The emulator answers one call at a time, so there is one outbox. :class:`EventsLayer` empties it before the outermost
call is answered. moto's own notifications know no state of the emulator; therefore the outbox is a module.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.moto_api._internal import mock_random


@dataclass(frozen=True, slots=True)
class Published:
    """An event on a bus."""

    account: str
    region: str
    bus: str
    event: Mapping[str, Any]
    was_forwarded: bool = False
    """Whether a rule of another bus sent the event here."""
    only_rule: str = ""
    """ARN of the scheduled rule that the event belongs to. Such an event matches no other rule."""


_published: list[Published] = []
_calls: list[tuple[str, str]] = []
"""Account and operation of the calls that are being answered. Each is inside the one before."""
_count = 0


@contextmanager
def during(account: str, operation: str) -> Iterator[None]:
    """Names the call that is answered during a block."""
    _calls.append((account, operation))
    try:
        yield
    finally:
        _calls.pop()


def requester() -> str:
    """Returns the account that made the current call."""
    return _calls[-1][0]


def operation() -> str:
    return _calls[-1][1]


def sequencer() -> str:
    """Returns a number that is larger for later changes of an object, as hexadecimal text of a constant length."""
    global _count
    _count += 1
    return f"{_count:018X}"


def put(published: Published) -> None:
    _published.append(published)


def is_waiting() -> bool:
    return bool(_published)


def take() -> list[Published]:
    """Returns what was published since the last call, in order."""
    taken = list(_published)
    _published.clear()
    return taken


def publish(
    account: str,
    region: str,
    source: str,
    detail_type: str,
    detail: Mapping[str, Any],
    *,
    resources: Sequence[str] = (),
) -> None:
    """Publishes an event of an AWS service on the default bus of an account."""
    put(Published(account, region, "default", envelope(account, region, source, detail_type, detail, resources)))


def envelope(
    account: str,
    region: str,
    source: str,
    detail_type: str,
    detail: Mapping[str, Any],
    resources: Sequence[str] = (),
    *,
    at: datetime | None = None,
) -> dict[str, Any]:
    """Returns an event with the members that all events have (EventBridge User Guide, "Event structure reference")."""
    return {
        "version": "0",
        "id": str(mock_random.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": f"{at or datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "region": region,
        "resources": list(resources),
        "detail": dict(detail),
    }
