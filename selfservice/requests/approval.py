"""Whether a request may be carried out: a pure function of its record and the decisions about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from selfservice.catalog.change_record import ChangeRecord, Decision
from selfservice.formatting import counted
from selfservice.requests.reading.team_requests import NOBODY, approvals_of
from settings.types.redaction import readable

APPROVAL_DAYS = 7
"""Days after its review in which a request can be approved and started."""

Verdict = Literal["waits", "approved", "rejected", "expired"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """The verdict with its reason, and the approvers if there are enough."""

    verdict: Verdict
    reason: str
    approvers: tuple[str, ...] = ()


def judge(record: ChangeRecord, decisions: Sequence[Decision], now: datetime) -> Judgement:
    """Returns the verdict about a reviewed request.

    The action of the request decides how many people have to approve it. A rejection counts whatever review the person
    saw. An approval counts if it names the digest of this review, and if its author is not the requester.
    """
    rejections = [decision for decision in decisions if not decision.approves]
    if rejections:
        first = rejections[0]
        return Judgement(verdict="rejected", reason=f"rejected by {_name(first)}: {readable(first.reason)}")
    needed = approvals_of(record.text)
    valid = tuple(_name(decision) for decision in decisions if _counts(decision, record))
    if record.has_expired(now):
        return Judgement(verdict="expired", reason=f"the review was valid until {record.expires}")
    if len(valid) >= needed and record.is_early(now):
        reason = f"approved by {', '.join(valid)}; starts at {record.earliest}"
        return Judgement(verdict="waits", reason=reason, approvers=valid)
    if len(valid) >= needed:
        return Judgement(verdict="approved", reason=f"approved by {', '.join(valid)}", approvers=valid)
    void = [
        _why_void(decision, record) for decision in decisions if decision.approves and not _counts(decision, record)
    ]
    missing = _missing(valid, needed)
    return Judgement(verdict="waits", reason="; ".join([missing, *void]))


def _missing(valid: tuple[str, ...], needed: int) -> str:
    """Returns who has approved, and how many approvals are missing."""
    if needed == NOBODY:
        return "nobody can approve it, because it cannot be read"
    left = needed - len(valid)
    if not valid:
        return f"waits for {'an approval' if left == 1 else counted(left, 'approval')}"
    more = "one more approval" if left == 1 else counted(left, "more approval")
    return f"approved by {', '.join(valid)}; waits for {more}"


def expiry_of(reviewed: datetime) -> datetime:
    return reviewed + timedelta(days=APPROVAL_DAYS)


def _counts(decision: Decision, record: ChangeRecord) -> bool:
    return decision.approves and decision.user != record.user and decision.digest == record.digest


def _why_void(decision: Decision, record: ChangeRecord) -> str:
    name = _name(decision)
    if decision.user == record.user:
        return f"the approval of {name} is void, because {name} is the requester"
    return f"the approval of {name} is void, because it is of another review ({readable(decision.digest[:12])})"


def _name(decision: Decision) -> str:
    return readable(decision.user)
