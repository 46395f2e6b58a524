"""The grammar of schedule expressions: ``cron(…)`` with six fields, ``rate(…)`` and ``at(…)``.

Sources: EventBridge User Guide, "Cron expressions reference" and "Rate expressions"; EventBridge Scheduler User Guide,
"Schedule types"; Glue Developer Guide, "Time-based schedules for jobs and crawlers" (read 2026-11-21).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_RATE = re.compile(r"rate\(([1-9]\d*) (minute|hour|day)(s?)\)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field of a cron expression."""

    least: int
    most: int
    names: tuple[str, ...] = ()
    """Names of the values from ``least`` on."""
    special: str = ""
    """Pattern of values that only this field has."""

    def accepts(self, text: str) -> bool:
        return text == "*" or all(self._accepts_part(part) for part in text.split(","))

    def numbers(self, text: str) -> list[int]:
        """Returns the numbers that an accepted text without names and special values lists, in order."""
        found: set[int] = set()
        for part in text.split(","):
            span, slash, step = part.partition("/")
            first, dash, last = ("*", "", "") if span == "*" else span.partition("-")
            start = self.least if first == "*" else int(first)
            end = int(last) if dash else self.most if slash or first == "*" else start
            numbers = [*range(start, end + 1)] or [*range(start, self.most + 1), *range(self.least, end + 1)]
            found |= set(numbers[:: int(step) if slash else 1])
        return sorted(found)

    def _accepts_part(self, part: str) -> bool:
        if self.special and re.fullmatch(self.special, part):
            return True
        span, slash, step = part.partition("/")
        if slash and not (step.isdigit() and 1 <= int(step) <= self.most):
            return False
        if span == "*":
            return bool(slash)
        first, _, last = span.partition("-")
        return self._is_value(first) and (not last or self._is_value(last)) and not span.endswith("-")

    def _is_value(self, text: str) -> bool:
        return text.upper() in self.names or (text.isdigit() and self.least <= int(text) <= self.most)


MINUTES = Field(least=0, most=59)
HOURS = Field(least=0, most=23)
DAYS_OF_MONTH = Field(least=1, most=31, special=r"L|LW|([12]?[1-9]|[123]0|31)W")
MONTHS_OF_YEAR = Field(least=1, most=12, names=_MONTHS)
DAYS_OF_WEEK = Field(least=1, most=7, names=_WEEKDAYS, special=rf"(?i)L|([1-7]|{'|'.join(_WEEKDAYS)})(L|#[1-5])")
YEARS = Field(least=1970, most=2199)
_FIELDS = (MINUTES, HOURS, DAYS_OF_MONTH, MONTHS_OF_YEAR, DAYS_OF_WEEK, YEARS)


def is_cron(expression: str) -> bool:
    """Returns whether AWS accepts a cron expression. Exactly one of the two day fields is a question mark."""
    if not (expression.startswith("cron(") and expression.endswith(")")):
        return False
    values = expression[len("cron(") : -1].split()
    if len(values) != len(_FIELDS) or [values[2], values[4]].count("?") != 1:
        return False
    return all(value == "?" or field.accepts(value) for field, value in zip(_FIELDS, values, strict=True)) and not any(
        values[place] == "?" for place in (0, 1, 3, 5)
    )


def is_glue_cron(expression: str) -> bool:
    """Returns whether Glue accepts a cron expression. It has neither ``#`` nor ``LW`` nor a weekday with ``L``, and
    starts are at least five minutes apart."""
    if not is_cron(expression):
        return False
    minutes, hours, day, _, weekday, _ = expression[len("cron(") : -1].split()
    if "LW" in day or re.search(r"#|[A-Z0-9]L", weekday.upper()):
        return False
    starts = [hour * 60 + minute for hour in HOURS.numbers(hours) for minute in MINUTES.numbers(minutes)]
    return min(later - earlier for earlier, later in pairwise([*starts, starts[0] + 24 * 60])) >= 5


def is_rate(expression: str) -> bool:
    """Returns whether AWS accepts a rate expression. The unit is singular for one and plural for more."""
    matched = _RATE.fullmatch(expression)
    return matched is not None and (matched[1] == "1") == (matched[3] == "")


def is_one_time(expression: str) -> bool:
    try:
        datetime.strptime(expression, "at(%Y-%m-%dT%H:%M:%S)")
    except ValueError:
        return False
    return True
