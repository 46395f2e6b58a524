"""The time of a service of AWS, so that no clock of a machine shortens or lengthens a delay.

In the sandbox, it is the time of the sandbox's clock.

Source: RFC 9110, "Date" (section 6.6.1), which every answer of AWS has.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any


@dataclass(slots=True)
class ServiceClock:
    """The time of the service that a client calls, to the second. Before its first answer, that of this machine."""

    _ahead: timedelta = timedelta()

    @classmethod
    def of(cls, client: Any) -> ServiceClock:
        """Returns the clock of the service of a client of boto3."""
        clock = cls()
        client.meta.events.register("after-call", clock.note)
        return clock

    def note(self, http_response: Any, **_: Any) -> None:
        """Compares the time of an answer with that of this machine."""
        date = http_response.headers.get("Date")
        if date:
            self._ahead = parsedate_to_datetime(date) - datetime.now(UTC)

    def now(self) -> datetime:
        """Returns the time, in UTC."""
        return datetime.now(UTC) + self._ahead
