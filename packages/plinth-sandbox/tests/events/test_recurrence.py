"""Schedule expressions have the times that AWS documents."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from plinth_sandbox.emulator.services.events.executor.recurrence import next_time


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


START = moment("2026-11-20T10:07:30")


def times(expression: str, after: str, count: int = 1, zone: str = "UTC") -> list[str]:
    found, last = [], moment(after)
    for _ in range(count):
        upcoming = next_time(expression, last, start=START, zone=zone)
        if upcoming is None:
            break
        found.append(f"{upcoming:%Y-%m-%d %H:%M:%S}")
        last = upcoming
    return found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("cron(0 4 * * ? *)", ["2026-11-22 04:00:00", "2026-11-23 04:00:00"]),
        ("cron(0/15 * * * ? *)", ["2026-11-21 12:15:00", "2026-11-21 12:30:00"]),
        ("cron(5/20 8-9 ? * MON-FRI *)", ["2026-11-23 08:05:00", "2026-11-23 08:25:00"]),
        ("cron(0 9 ? * 2,6 *)", ["2026-11-23 09:00:00", "2026-11-27 09:00:00"]),
        ("cron(0 9 ? * SAT-SUN *)", ["2026-11-22 09:00:00", "2026-11-28 09:00:00"]),
        ("cron(0 18 L * ? *)", ["2026-11-30 18:00:00", "2026-12-31 18:00:00"]),
        ("cron(0 18 LW * ? *)", ["2026-11-30 18:00:00", "2026-12-31 18:00:00"]),
        ("cron(0 0 1W * ? *)", ["2026-12-01 00:00:00", "2027-01-01 00:00:00", "2027-02-01 00:00:00"]),
        ("cron(0 0 15W 8 ? *)", ["2027-08-16 00:00:00", "2028-08-15 00:00:00"]),
        ("cron(0 0 1W 5 ? 2027)", ["2027-05-03 00:00:00"]),
        ("cron(0 0 ? * 6L *)", ["2026-11-27 00:00:00", "2026-12-25 00:00:00"]),
        ("cron(0 0 ? * L *)", ["2026-11-28 00:00:00", "2026-12-05 00:00:00"]),
        ("cron(0 0 ? * 2#5 *)", ["2026-11-30 00:00:00", "2027-03-29 00:00:00"]),
        ("cron(0 0 31 * ? *)", ["2026-12-31 00:00:00", "2027-01-31 00:00:00", "2027-03-31 00:00:00"]),
        ("cron(0 0 29 2 ? *)", ["2028-02-29 00:00:00", "2032-02-29 00:00:00"]),
        ("cron(0 0 1 1 ? 2026)", []),
        ("rate(5 minutes)", ["2026-11-21 12:02:30", "2026-11-21 12:07:30"]),
        ("rate(1 day)", ["2026-11-22 10:07:30", "2026-11-23 10:07:30"]),
        ("at(2026-11-21T12:00:01)", ["2026-11-21 12:00:01"]),
        ("at(2026-11-21T12:00:00)", []),
    ],
)
def test_an_expression_has_these_times(expression: str, expected: list[str]) -> None:
    assert times(expression, "2026-11-21T12:00:00", max(len(expected), 1)) == expected


def test_a_time_that_a_change_of_clocks_skips_does_not_come() -> None:
    expected = ["2026-03-28 01:30:00", "2026-03-30 00:30:00"]
    assert times("cron(30 2 * * ? *)", "2026-03-28T00:00:00", 2, "Europe/Berlin") == expected


def test_a_time_that_a_change_of_clocks_repeats_comes_once() -> None:
    expected = ["2026-10-25 00:30:00", "2026-10-26 01:30:00"]
    assert times("cron(30 2 * * ? *)", "2026-10-24T12:00:00", 2, "Europe/Berlin") == expected


def test_the_first_time_of_a_rate_is_its_start() -> None:
    assert next_time("rate(1 hour)", moment("2026-11-20T09:00:00"), start=START) == START
