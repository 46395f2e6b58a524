"""Follows promotions until none is under way."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from selfservice.cli.delivery.changes import Changes
from selfservice.errors import ExitCode
from selfservice.formatting import duration, in_one_line
from selfservice.promotions.place import PromotionPlace
from selfservice.reports.logs.promotion_logs import PromotionLogs
from selfservice.reports.promotions import PromotionReport, lines_of, report_of

POLL_SECONDS = 5.0
_FAILED = "Failed"


def watch_promotions(places: Sequence[PromotionPlace], *, err: bool = False) -> ExitCode:
    """Prints the promotions under way and the newest one of each use case, and each change, until all have ended.
    Without a change, it says from time to time which action lasts, with the last line of its log. An approval may last
    for days, and is not repeated.

    Returns FAILED if the newest promotion of a use case failed.
    """
    changes = Changes(err)
    followed: set[str] = set()
    while True:
        reports = [report_of(place) for place in places]
        under_way = [promotion for report in reports for promotion in report.promotions if promotion.is_under_way]
        followed |= {promotion.execution for promotion in under_way}
        for report in reports:
            changes.show(_lines(report, followed))
        if not under_way:
            failed = any(report.promotions and report.promotions[0].status == _FAILED for report in reports)
            return ExitCode.FAILED if failed else ExitCode.OK
        changes.remind(
            f"still waiting for {action}, {duration(changes.seconds_without)} without a change"
            for place, report in zip(places, reports, strict=True)
            for action in _lasting(place, report)
        )
        time.sleep(POLL_SECONDS)


def _lasting(place: PromotionPlace, report: PromotionReport) -> Iterator[str]:
    """Yields each action that is under way and no approval."""
    for promotion in report.promotions:
        for stage in promotion.stages if promotion.is_under_way else ():
            if stage.status == "InProgress" and stage.action:
                said = PromotionLogs(place).last_line(promotion.execution)
                action = f"{stage.action} of {stage.stage} of {report.use_case}"
                yield f"{action} ({in_one_line(said)})" if said else action


def _lines(report: PromotionReport, followed: set[str]) -> list[str]:
    """Returns the lines of what is followed, the oldest first. Each line of a stage names its execution."""
    shown = [candidate for candidate in report.promotions if candidate.execution in followed] or report.promotions[:1]
    lines = []
    for promotion in reversed(shown):
        head, *stages = lines_of(promotion, report)
        lines += [head, *(f"{promotion.execution[:8]}{stage}" for stage in stages)]
    return lines
