"""The schedules of all accounts, and the clock that they follow.

The clock is the time of the machine plus what tests have added to it. It fires what is due in one call of the journal,
so that a replay fires the same schedules at the same times.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from plinth_sandbox.emulator.services.events.executor.recurrence import next_time

MOST_FIRINGS = 2000
"""Number of firings of one call. Moving the clock so far that more are due is refused."""

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A resource with a schedule that is enabled."""

    arn: str
    account: str
    region: str
    expression: str
    resource: Any
    """The rule, schedule or trigger in moto."""
    zone: str = "UTC"
    begins: datetime | None = None
    ends: datetime | None = None
    starts_at_once: bool = False
    """Whether a rate fires when it begins, and not one interval later."""


@dataclass(slots=True)
class _Armed:
    """State of a schedule in the clock."""

    definition: tuple[Any, ...]
    since: datetime
    """Time of the clock at which the schedule got its definition."""
    after: datetime
    """The schedule fires only at later times."""


@dataclass(slots=True)
class Clock:
    """The clock of a sandbox. Everything in it follows from the journal."""

    offset: timedelta = timedelta()
    _armed: dict[str, _Armed] = field(default_factory=dict)
    _held: datetime | None = None

    def now(self) -> datetime:
        return self._held or datetime.now(UTC) + self.offset

    @contextmanager
    def held(self, at: datetime) -> Iterator[None]:
        """Makes the clock show the time at which something is due while it happens. What follows from it, such as the
        next step of a rollout, is then due relative to that time, however far the clock was moved."""
        before, self._held = self._held, at
        try:
            yield
        finally:
            self._held = before

    def notice(self) -> None:
        """Looks for new, changed and deleted schedules."""
        now, found = self.now(), {entry.arn: entry for entry in scheduled()}
        for arn in self._armed.keys() - found.keys():
            del self._armed[arn]
        for arn, schedule in found.items():
            definition = (schedule.expression, schedule.zone, schedule.begins, schedule.ends)
            known = self._armed.get(arn)
            if known is None or known.definition != definition:
                self._armed[arn] = _Armed(definition, now, now - _INSTANT if schedule.starts_at_once else now)

    def next_firing(self) -> tuple[datetime, Scheduled] | None:
        """Returns the next schedule to fire, and its time."""
        upcoming = [
            (at, candidate.arn, candidate) for candidate in scheduled() if (at := self.next_time(candidate)) is not None
        ]
        if not upcoming:
            return None
        at, _, schedule = min(upcoming, key=lambda item: item[:2])
        return at, schedule

    def next_time(self, schedule: Scheduled) -> datetime | None:
        armed = self._armed.get(schedule.arn)
        if armed is None:
            return None
        start, after = armed.since, armed.after
        if schedule.expression.startswith("at"):
            # EventBridge Scheduler ignores both dates of a one-time schedule.
            return next_time(schedule.expression, after, start=start, zone=schedule.zone)
        if schedule.begins is not None:
            start, after = schedule.begins, max(after, schedule.begins - _INSTANT)
        if not schedule.starts_at_once and schedule.expression.startswith("rate"):
            start = next_time(schedule.expression, start, start=start) or start
        at = next_time(schedule.expression, after, start=start, zone=schedule.zone)
        return None if at is not None and schedule.ends is not None and at > schedule.ends else at

    def fired(self, schedule: Scheduled, at: datetime) -> None:
        if schedule.arn in self._armed:
            self._armed[schedule.arn].after = at

    def skip(self, until: datetime) -> None:
        """Drops what was due until a time."""
        for armed in self._armed.values():
            armed.after = max(armed.after, until)


def scheduled() -> Iterator[Scheduled]:
    """Yields the enabled schedules of all accounts."""
    for account, region, backend in _backends("events"):
        for rule in backend.event_buses["default"].rules.values():
            if rule.scheduled_expression and rule.state != "DISABLED":
                yield Scheduled(rule.arn, account, region, rule.scheduled_expression, rule)
    for account, region, backend in _backends("scheduler"):
        for group in backend.schedule_groups.values():
            for schedule in group.schedules.values():
                if schedule.state != "DISABLED":
                    yield _of_schedule(schedule, account, region)
    for account, region, backend in _backends("glue"):
        for trigger in backend.triggers.values():
            if trigger.trigger_type == "SCHEDULED" and trigger.state == "ACTIVATED" and trigger.schedule:
                yield Scheduled(trigger.arn, account, region, trigger.schedule, trigger)


def _backends(service: str) -> Iterator[tuple[str, str, Any]]:
    """Yields account, region and state of a service in moto. A service that nobody has called is not imported."""
    module = sys.modules.get(f"moto.{service}.models")
    if module is not None:
        for account, regions in list(getattr(module, f"{service}_backends").items()):
            for region, backend in list(regions.items()):
                yield account, region, backend


def _of_schedule(schedule: Any, account: str, region: str) -> Scheduled:
    return Scheduled(
        schedule.arn,
        account,
        region,
        schedule.schedule_expression,
        schedule,
        zone=schedule.schedule_expression_timezone,
        begins=_moment(schedule.start_date),
        ends=_moment(schedule.end_date),
        starts_at_once=True,
    )


def _moment(value: Any) -> datetime | None:
    """Returns a date of EventBridge Scheduler, which moto keeps as it came: seconds since the epoch, or a text."""
    if value is None:
        return None
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    return datetime.fromisoformat(str(value)).astimezone(UTC)


def default_input(schedule: Scheduled, source: str, identifier: str, at: datetime, detail: Any) -> Mapping[str, Any]:
    """Returns the event of a firing."""
    return {
        "version": "0",
        "id": identifier,
        "detail-type": "Scheduled Event",
        "source": source,
        "account": schedule.account,
        "time": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "region": schedule.region,
        "resources": [schedule.arn],
        "detail": detail,
    }
