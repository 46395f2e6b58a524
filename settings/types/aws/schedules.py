"""Schedules of Glue and EventBridge: a check for each service, by the grammar that the service documents.

Glue accepts cron expressions only, without ``#``, and none that starts a run within five minutes of another (Glue
Developer Guide, "Time-based schedules for jobs and crawlers"). EventBridge also accepts rates (EventBridge User Guide,
"Cron expressions reference" and "Rate expressions"). Both were read on 2026-11-26. An intake, too, starts every five
minutes at most.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from settings.types.error_codes import Code
from settings.types.errors import refusal

NIGHTLY = "for every night at three, write cron(0 3 * * ? *)"
FASTEST_MINUTES = 5
_FIRST_YEAR = 2026
"""Schedules of earlier years would never start anything."""
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS_OF_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_RATE = re.compile(r"rate\(([1-9][0-9]{0,4}) (minute|hour|day)(s?)\)")


@dataclass(frozen=True, kw_only=True, slots=True)
class CronField:
    """One field of a cron expression."""

    name: str
    least: int
    most: int
    names: tuple[str, ...] = ()
    """Names of the values from ``least`` on."""
    special: str = r"(?!)"
    """Pattern of further values. Its groups are numbers of the field."""

    def numbers(self, text: str) -> list[int] | None:
        """Returns the numbers that a field lists, all of them for a further value such as ``L``; None if the service
        would refuse the field."""
        parts = ["*"] if text == "*" else text.split(",")
        if text == "?":
            return self._all if re.fullmatch(self.special, text) else None
        found = [self._of_part(part, alone=text == "*") for part in parts]
        known = [numbers for numbers in found if numbers is not None]
        return [number for numbers in known for number in numbers] if len(known) == len(found) else None

    @property
    def _all(self) -> list[int]:
        return list(range(self.least, self.most + 1))

    def _of_part(self, part: str, *, alone: bool) -> list[int] | None:
        if special := re.fullmatch(self.special, part):
            inside = all(self.least <= int(number) <= self.most for number in special.groups() if number)
            return self._all if inside and part != "?" else None
        span, slash, step = part.partition("/")
        if slash and not (re.fullmatch(r"[1-9][0-9]{0,3}", step) and int(step) <= self.most):
            return None
        if span == "*":
            return self._all[:: int(step)] if slash else self._all if alone else None
        first, dash, last = span.partition("-")
        start, end = self._value(first), self._value(last) if dash else None
        if start is None or (dash and end is None):
            return None
        end = start if end is None and not slash else self.most if end is None else end
        numbers = self._all[start - self.least : end - self.least + 1]
        if start > end:  # a range across the end, such as FRI-MON
            numbers = [*self._all[start - self.least :], *self._all[: end - self.least + 1]]
        return numbers[:: int(step)] if slash else numbers

    def _value(self, text: str) -> int | None:
        if text in self.names:
            return self.names.index(text) + self.least
        return int(text) if re.fullmatch(r"[0-9]{1,4}", text) and self.least <= int(text) <= self.most else None


_MINUTES = CronField(name="minutes", least=0, most=59)
_HOURS = CronField(name="hours", least=0, most=23)
_DAYS = CronField(name="days", least=1, most=31, special=r"\?|L|LW|([0-9]{1,2})W")
_MONTH_FIELD = CronField(name="months", least=1, most=12, names=_MONTHS)
_YEARS = CronField(name="years", least=1970, most=2199)
EVENT_FIELDS = (
    _MINUTES,
    _HOURS,
    _DAYS,
    _MONTH_FIELD,
    CronField(name="weekdays", least=1, most=7, names=_WEEKDAYS, special=r"\?|L|([0-9])L|([0-9])#[1-5]"),
    _YEARS,
)
GLUE_FIELDS = (
    _MINUTES,
    _HOURS,
    CronField(name="days", least=1, most=31, special=r"\?|L|([0-9]{1,2})W"),
    _MONTH_FIELD,
    CronField(name="weekdays", least=1, most=7, names=_WEEKDAYS, special=r"\?|L"),
    _YEARS,
)


def glue_schedule(text: str) -> str:
    """Checks a schedule of a Glue trigger."""
    if text.startswith("rate("):
        raise refusal(Code.SCHEDULE, "is a rate, which Glue does not have", _instead_of(text))
    return _cron(text, GLUE_FIELDS, "cron(minutes hours day month weekday year) with ? for one of the days")


def event_schedule(text: str) -> str:
    """Checks a schedule of an EventBridge rule."""
    if found := _RATE.fullmatch(text):
        number, unit = int(found[1]), found[2]
        if unit == "minute" and number < FASTEST_MINUTES:
            raise refusal(Code.SCHEDULE, "is more frequent than every 5 minutes", "the nearest is rate(5 minutes)")
        if bool(found[3]) == (number > 1):
            return text
        fix = f"write rate({number} {unit}{'s' if number > 1 else ''})"
        raise refusal(Code.SCHEDULE, "has a unit that does not agree with its number", fix)
    form = "cron(minutes hours day month weekday year) with ? for one of the days, or rate(1 day)"
    return _cron(text, EVENT_FIELDS, form)


def _instead_of(rate: str) -> str:
    """Returns a cron expression that resembles a rate."""
    found = _RATE.fullmatch(rate)
    number, unit = (int(found[1]), found[2]) if found else (1, "day")
    if unit == "minute" and FASTEST_MINUTES <= number < 60:
        return f"write cron(0/{number} * * * ? *)"
    if unit == "hour" and number < 24:
        return f"write cron(0 */{number} * * ? *)" if number > 1 else "write cron(0 * * * ? *)"
    return NIGHTLY


def _cron(text: str, fields: Sequence[CronField], form: str) -> str:
    found = re.fullmatch(r"cron\((\S+ \S+ \S+ \S+ \S+ \S+)\)", text)
    if found is None:
        raise refusal(Code.SCHEDULE, f"is not a schedule: {form}", NIGHTLY)
    written = found[1].split()
    numbers: list[list[int]] = []
    for field, value in zip(fields, written, strict=True):
        listed = field.numbers(value)
        if listed is None:
            rule = f"has {value} for the {field.name}, which are {field.least} to {field.most}"
            rule += " or names" if field.names else ""
            raise refusal(Code.SCHEDULE, rule, f"write values, ranges (a-b), steps (a/b) or * for the {field.name}")
        numbers.append(sorted(set(listed)))
    minutes, hours, days, months, _, years = numbers
    if (written[2] == "?") == (written[4] == "?"):
        rule = f"has {written[2]} for the day and {written[4]} for the weekday; exactly one of both is ?"
        raise refusal(Code.SCHEDULE, rule, "for every Monday at three, write cron(0 3 ? * MON *)")
    if _fastest(minutes, hours) < FASTEST_MINUTES:
        raise refusal(Code.SCHEDULE, "is more frequent than every 5 minutes", "the nearest for the minutes is 0/5")
    if all(min(days) > _DAYS_OF_MONTHS[month - 1] for month in months):
        raise refusal(Code.SCHEDULE, "names a day that none of its months has", NIGHTLY)
    if max(years) < _FIRST_YEAR:
        raise refusal(Code.SCHEDULE, "names years that have passed", "write * for the years")
    return text


def _fastest(minutes: Sequence[int], hours: Sequence[int]) -> int:
    """Returns the least minutes between two starts, also of different days."""
    starts = [hour * 60 + minute for hour in hours for minute in minutes]
    return min(later - earlier for earlier, later in pairwise([*starts, starts[0] + 24 * 60]))
