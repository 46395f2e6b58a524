"""The times of schedule expressions: ``cron(…)``, ``rate(…)`` and ``at(…)``.

Sources: EventBridge User Guide, "Cron expressions reference"; EventBridge Scheduler User Guide, "Schedule types" and
"Daylight savings time" (read 2026-11-22). The grammar is in ``preconditions.schedule_grammar``; an expression that
reaches this module is valid.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from plinth_sandbox.emulator.services.events.checks.schedule_grammar import (
    DAYS_OF_MONTH,
    DAYS_OF_WEEK,
    HOURS,
    MINUTES,
    MONTHS_OF_YEAR,
    YEARS,
    Field,
)

_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


def next_time(expression: str, after: datetime, *, start: datetime, zone: str = "UTC") -> datetime | None:
    """Returns the first time of a schedule that is later than ``after``, or None.

    The times of a rate are counted from ``start``, the first of them.
    """
    kind, _, inner = expression.rstrip(")").partition("(")
    if kind == "rate":
        count, unit = inner.split()
        interval = int(count) * _UNITS[unit.rstrip("s")]
        return start if after < start else start + ((after - start) // interval + 1) * interval
    if kind == "at":
        moment = datetime.fromisoformat(inner).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        return moment if moment > after else None
    return next((moment for moment in _Cron.parse(inner).times(after, ZoneInfo(zone)) if moment > after), None)


@dataclass(frozen=True, slots=True)
class _Cron:
    minutes: list[int]
    hours: list[int]
    days_of_month: str
    months: list[int]
    days_of_week: str
    years: list[int]

    @classmethod
    def parse(cls, text: str) -> _Cron:
        minutes, hours, days_of_month, months, days_of_week, years = text.split()
        return cls(
            _values(MINUTES, minutes),
            _values(HOURS, hours),
            days_of_month.upper(),
            _values(MONTHS_OF_YEAR, months),
            days_of_week.upper(),
            _values(YEARS, years),
        )

    def times(self, after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """Yields the times of all days from that of ``after`` on. A local time that a change of clocks skips has none,
        and one that it repeats has one."""
        for day in self._days(after.astimezone(zone).date()):
            for hour in self.hours:
                for minute in self.minutes:
                    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
                    moment = local.astimezone(UTC)
                    if moment.astimezone(zone).replace(fold=0) == local:
                        yield moment

    def _days(self, first: date) -> Iterator[date]:
        for year in self.years:
            for month in self.months:
                if (year, month) >= (first.year, first.month):
                    days = (date(year, month, number) for number in self._days_of(year, month))
                    yield from (day for day in days if day >= first)

    def _days_of(self, year: int, month: int) -> list[int]:
        last = calendar.monthrange(year, month)[1]
        if self.days_of_month != "?":
            found = {number for part in self.days_of_month.split(",") for number in _month_days(part, year, month)}
        else:
            found = {number for part in self.days_of_week.split(",") for number in _week_days(part, year, month)}
        return sorted(number for number in found if number <= last)


def _month_days(part: str, year: int, month: int) -> list[int]:
    last = calendar.monthrange(year, month)[1]
    if part == "L":
        return [last]
    if part == "LW":
        return [_nearest_weekday(year, month, last)]
    if part.endswith("W"):
        wanted = int(part[:-1])
        return [_nearest_weekday(year, month, wanted)] if wanted <= last else []
    return _values(DAYS_OF_MONTH, part)


def _nearest_weekday(year: int, month: int, number: int) -> int:
    """Returns the weekday nearest to a day, in the same month."""
    last = calendar.monthrange(year, month)[1]
    weekday = date(year, month, number).weekday()
    if weekday == calendar.SATURDAY:
        return number - 1 if number > 1 else number + 2
    if weekday == calendar.SUNDAY:
        return number + 1 if number < last else number - 2
    return number


def _week_days(part: str, year: int, month: int) -> list[int]:
    """Returns the days of a month that a day of the week means. A week begins with Sunday, which is 1."""
    last = calendar.monthrange(year, month)[1]
    name, mark, rank = part.partition("#")
    if part == "L":
        name = "7"
    elif part.endswith("L"):
        name = part[:-1]
    wanted = _values(DAYS_OF_WEEK, name)
    days = [number for number in range(1, last + 1) if date(year, month, number).isoweekday() % 7 + 1 in wanted]
    if mark:
        return days[int(rank) - 1 : int(rank)]
    return days[-1:] if part.endswith("L") and part != "L" else days


def _values(field: Field, text: str) -> list[int]:
    return sorted({value for part in text.split(",") for value in _range(field, part)})


def _range(field: Field, part: str) -> Iterator[int]:
    span, _, step = part.partition("/")
    if span == "*":
        first, last = field.least, field.most
    else:
        begin, _, end = span.partition("-")
        first = _number(field, begin)
        last = _number(field, end) if end else field.most if step else first
    if last < first:
        # FRI-MON: the range goes on at the beginning of the field.
        last += field.most - field.least + 1
    for value in range(first, last + 1, int(step or 1)):
        yield field.least + (value - field.least) % (field.most - field.least + 1)


def _number(field: Field, text: str) -> int:
    return int(text) if text.isdigit() else field.least + field.names.index(text.upper())
