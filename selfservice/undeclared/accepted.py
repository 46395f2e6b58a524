"""Findings that the settings accept, each until a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from selfservice.undeclared.finding import Finding
from selfservice.undeclared.search import Undeclared

if TYPE_CHECKING:
    from settings.organization.accepted_finding import AcceptedFinding

LONGEST_DAYS = 366
"""Days from today to the last day of an acceptance, at most."""


class Acceptance:
    """The accepted findings of the settings, on one day."""

    def __init__(self, accepted: Iterable[AcceptedFinding], today: date | None = None) -> None:
        self._accepted = tuple(accepted)
        self._today = today or datetime.now(UTC).date()

    def applied_to(self, found: Undeclared) -> Undeclared:
        """Returns the findings that are not accepted, and how many are. A finding says why its acceptance does not
        hold."""
        left, accepted = [], 0
        for finding in found.findings:
            named = [acceptance for acceptance in self._accepted if matches(acceptance, finding)]
            faults = [self._fault(name) for name in named]
            if None in faults:
                accepted += 1
            else:
                left.append(replace(finding, note=_joined(faults)))
        return replace(found, findings=tuple(left), accepted=accepted)

    def _fault(self, acceptance: AcceptedFinding) -> str | None:
        """Returns why an acceptance does not hold today, or None."""
        if acceptance.last_day < self._today:
            return f"the acceptance that {acceptance.requester} requested expired after {acceptance.expires}"
        if acceptance.last_day > self._today + timedelta(days=LONGEST_DAYS):
            return (
                f"the acceptance that {acceptance.requester} requested expires on {acceptance.expires}, "
                f"more than {LONGEST_DAYS} days ahead"
            )
        return None


def matches(acceptance: AcceptedFinding, finding: Finding) -> bool:
    """Returns whether an acceptance names the resource of a finding, and all its principals if it names any."""
    if not fnmatchcase(finding.resource, acceptance.resource):
        return False
    if acceptance.principal is None:
        return True
    return bool(finding.principals) and all(fnmatchcase(each, acceptance.principal) for each in finding.principals)


def _joined(faults: Sequence[str | None]) -> str:
    return "; ".join(fault for fault in faults if fault is not None)
