"""The runner of requests: reviews new ones, judges decisions, and carries out what is approved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from selfservice.catalog.change_record import ChangeRecord, ChangeState, OpenChange, as_json
from selfservice.catalog.change_requests import ChangeClaim, ChangeRequests
from selfservice.changes.approvable import Approvable
from selfservice.changes.reviewed_change import Reviewed
from selfservice.errors import BadInputError, RefusedError
from selfservice.request_tables.heartbeat import Heartbeat
from selfservice.request_tables.runner_process import RunnerProcess
from selfservice.requests.approval import expiry_of, judge
from selfservice.requests.kinds.request import Request
from selfservice.requests.reading.team_requests import parsed_request
from settings.types.errors import SettingsError
from settings.types.redaction import redacted

LONGEST_REASON = 2_000
"""Characters of a reason that are recorded."""
MOST_OPEN = 10
"""Open requests of one person. Each costs a preview of many stacks."""
_EXCESS = f"you have {MOST_OPEN} open requests already; wait until one has ended, or have one rejected"
LONGEST_REVIEW = 300_000
"""Characters of a review that are recorded. An item of DynamoDB has at most 400 KB."""


class UncheckedApproversError(Exception):
    """Nobody could say whether approvers are still in the platform team. The request waits."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Deployed:
    """The result of carrying a request out."""

    succeeded: bool
    reason: str
    commit: str = ""


class Work(Protocol):
    """Steps that a runner performs for requests."""

    def review(self, id_: str, request: Request) -> Reviewed:
        """Previews what a request changes. Raises: BadInputError, RefusedError, SettingsError."""

    def outdated(self, request: Request, approved: Approvable) -> str | None:
        """Returns what has changed since a review, or None."""

    def departed(self, approvers: Sequence[str]) -> Sequence[str]:
        """Returns the approvers who are no longer in the platform team. Raises: UncheckedApproversError."""

    def deploy(self, record: ChangeRecord, approved: Approvable) -> Deployed:
        """Carries a request out, or continues to. Raises: BadInputError, RefusedError, SettingsError."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Handled:
    """Result of the work of a runner on a request in one look."""

    id: str
    user: str
    state: ChangeState
    note: str


def run_open_changes(
    requests: ChangeRequests,
    runner: RunnerProcess,
    work: Work,
    *,
    only: str | None = None,
    now: Callable[[], datetime] | None = None,
) -> Iterator[Handled]:
    """Claims every open request, does what is due for it, and yields what was done.

    The oldest request of each person comes first, then the second one of each, so that nobody waits for all requests of
    another person. A request that failed is tried again only if ``only`` names it. An interruption leaves the claim,
    and the next runner continues the request. A defect that one request meets is raised after the look at all others.
    """
    defects: list[Exception] = []
    clock = now or requests.now
    for change, number in _by_turns(requests.open_changes()):
        if only is not None and change.id != only:
            continue
        is_excess = number > MOST_OPEN and requests.record(change.id) is None
        try:
            yield from _handled(requests, change, runner, work, only, clock, is_excess=is_excess)
        except Exception as defect:
            defects.append(defect)
    if defects:
        raise defects[0]


def _by_turns(changes: Iterable[OpenChange]) -> list[tuple[OpenChange, int]]:
    """Returns requests in the order of their work, each with its number among those of its person, from 1 on."""
    count: Counter[str] = Counter()
    numbered = []
    for change in changes:
        count[change.user] += 1
        numbered.append((change, count[change.user]))
    return sorted(numbered, key=lambda entry: entry[1])


def _handled(
    requests: ChangeRequests,
    change: OpenChange,
    runner: RunnerProcess,
    work: Work,
    only: str | None,
    now: Callable[[], datetime],
    *,
    is_excess: bool,
) -> Iterator[Handled]:
    if _has_nothing_due(requests, change, only, now()):
        return
    claim = requests.claim(change, runner, now())
    if claim is None:
        return
    turn = _Turn(requests=requests, claim=claim, work=work, now=now)
    with Heartbeat(lambda: requests.extend(claim, now())):
        try:
            if is_excess:
                raise RefusedError(_EXCESS)
            yield from turn.take()
        except UncheckedApproversError as error:
            yield Handled(id=change.id, user=change.user, state=claim.request.state, note=str(error))
        except (BadInputError, RefusedError, SettingsError) as error:
            yield turn.refuse(str(error))
    requests.release(claim)


def _has_nothing_due(requests: ChangeRequests, change: OpenChange, only: str | None, now: datetime) -> bool:
    """Whether a look at the record shows that the request waits. This needs no claim."""
    record = requests.record(change.id)
    if record is None:
        return False
    if record.state is ChangeState.FAILED:
        return only is None
    return record.state is ChangeState.REVIEWED and judge(record, requests.decisions(record.id), now).verdict == "waits"


@dataclass(slots=True)
class _Turn:
    """One look at one claimed request."""

    requests: ChangeRequests
    claim: ChangeClaim
    work: Work
    now: Callable[[], datetime]
    _state: ChangeState | None = None
    """The state that this look has recorded; None before it."""

    @property
    def record(self) -> ChangeRecord:
        return self.claim.request

    def take(self) -> Iterator[Handled]:
        if self.record.state in (ChangeState.PENDING, ChangeState.REVIEWING):
            yield self._review()
            return
        if self.record.state is ChangeState.REVIEWED:
            decisions = self.requests.decisions(self.record.id)
            judged = judge(self.record, decisions, self.now())
            if judged.verdict == "waits":
                return
            if judged.verdict != "approved":
                state = ChangeState.REJECTED if judged.verdict == "rejected" else ChangeState.EXPIRED
                yield self._enter(state, judged.reason, decisions=as_json(decisions))
                return
            if departed := self.work.departed(judged.approvers):
                judged = judge(
                    self.record, [decision for decision in decisions if decision.user not in departed], self.now()
                )
                if judged.verdict != "approved":
                    who = ", ".join(departed)
                    reason = f"approved by {who}, who is no longer in the platform team; request it again"
                    yield self._enter(ChangeState.REJECTED, reason, decisions=as_json(decisions))
                    return
            changed = self._changed_since_review()
            if changed is not None:
                yield self._enter(ChangeState.REVIEWING, f"{changed} since the review, so it is reviewed again")
                yield self._review()
                return
            approvers = ", ".join(judged.approvers)
            yield self._enter(ChangeState.RUNNING, judged.reason, approved_by=approvers, decisions=as_json(decisions))
        yield self._deploy()

    def refuse(self, reason: str) -> Handled:
        """Records that a request cannot be carried out. What an earlier step changed stays, and the request failed."""
        has_begun = (self._state or self.record.state) in (ChangeState.RUNNING, ChangeState.FAILED)
        return self._enter(ChangeState.FAILED if has_begun else ChangeState.REFUSED, reason)

    def _review(self) -> Handled:
        reviewed = self.work.review(self.record.id, parsed_request(self.record.text))
        if not reviewed.stacks:
            return self._enter(ChangeState.DONE, "everything is as requested; nothing was changed")
        if reviewed.refusals:
            return self._enter(ChangeState.REFUSED, "\n".join(reviewed.refusals))
        now, approvable = self.now(), reviewed.approvable
        text = reviewed.markdown(LONGEST_REVIEW - len(approvable.as_json()))
        self.requests.record_review(
            self.claim,
            digest=approvable.digest,
            summary=reviewed.summary,
            text=text,
            facts=approvable.as_json(),
            expires=expiry_of(now),
            now=now,
            earliest=now + reviewed.delay if reviewed.delay else None,
        )
        return self._handled(ChangeState.REVIEWED, reviewed.summary)

    def _changed_since_review(self) -> str | None:
        """Returns what differs from the review whose digest was approved, or None."""
        request, facts = parsed_request(self.record.text), self._facts()
        if facts.digest != self.record.digest:
            return "the recorded review has changed"
        if facts.request != request.text:
            return "the request has changed"
        return self.work.outdated(request, facts)

    def _facts(self) -> Approvable:
        return Approvable.from_json(self.requests.facts(self.record.id))

    def _deploy(self) -> Handled:
        record, facts = self.requests.record(self.record.id), self._facts()
        assert record is not None
        if facts.digest != record.digest:
            raise RefusedError("the recorded review is not the approved one: request it again")
        deployed = self.work.deploy(record, facts)
        state = ChangeState.DONE if deployed.succeeded else ChangeState.FAILED
        return self._enter(state, deployed.reason, **({"commit": deployed.commit} if deployed.commit else {}))

    def _enter(self, state: ChangeState, reason: str, **changes: str) -> Handled:
        cut = redacted(reason)[:LONGEST_REASON]
        self.requests.enter(self.claim, state, {**changes, "reason": cut}, now=self.now(), note=cut)
        self._state = state
        return self._handled(state, cut)

    def _handled(self, state: ChangeState, note: str) -> Handled:
        return Handled(id=self.record.id, user=self.record.user, state=state, note=note)
