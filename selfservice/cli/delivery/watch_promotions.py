"""Follows promotions until none is under way."""

from __future__ import annotations

import time
from collections.abc import Sequence

import click

from selfservice.errors import ExitCode
from selfservice.promotions.place import PromotionPlace
from selfservice.reports.promotions import PromotionReport, lines_of, report_of

POLL_SECONDS = 5.0
_FAILED = "Failed"


def watch_promotions(places: Sequence[PromotionPlace], *, err: bool = False) -> ExitCode:
    """Prints the promotions under way and the newest one of each use case, and each change, until all have ended.

    Returns FAILED if the newest promotion of a use case failed.
    """
    printed: set[str] = set()
    followed: set[str] = set()
    while True:
        reports = [report_of(place) for place in places]
        under_way = [one for report in reports for one in report.promotions if one.is_under_way]
        followed |= {one.execution for one in under_way}
        for report in reports:
            for line in _lines(report, followed):
                if line not in printed:
                    printed.add(line)
                    click.echo(line, err=err)
        if not under_way:
            failed = any(report.promotions and report.promotions[0].status == _FAILED for report in reports)
            return ExitCode.FAILED if failed else ExitCode.OK
        time.sleep(POLL_SECONDS)


def _lines(report: PromotionReport, followed: set[str]) -> list[str]:
    """Returns the lines of what is followed, the oldest first. Each line of a stage names its execution."""
    shown = [one for one in report.promotions if one.execution in followed] or report.promotions[:1]
    lines = []
    for promotion in reversed(shown):
        head, *stages = lines_of(promotion, report)
        lines += [head, *(f"{promotion.execution[:8]}{stage}" for stage in stages)]
    return lines
