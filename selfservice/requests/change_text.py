"""Requests for account sets as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from selfservice.catalog.change_record import ChangeRecord, ChangeState, Decision, OpenChange
from selfservice.catalog.request_steps import StepRecord
from selfservice.errors import BadInputError
from selfservice.request_tables.items import Item
from selfservice.requests.approval import Judgement, judge
from selfservice.requests.reading.team_requests import parsed_request
from settings.data.catalog_layout import SORT
from settings.types.redaction import readable, shown

_SHOWN_DIGEST = 12
_TAG = re.compile(r"^(?:<!--.*-->|<details>|</details>)\n?|^<details>(?=<summary>)", re.MULTILINE)
_HEADING = re.compile(r"^(?:<details>)?<summary>(.*)</summary>$", re.MULTILINE)
_BLANK = re.compile(r"\n{3,}")


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedRequest:
    """A request in a list."""

    id: str
    state: str
    title: str
    user: str
    requested: str
    reason: str
    """Why it has ended or failed, or its review in one line."""


def listed(records: Iterable[ChangeRecord], pending: Iterable[OpenChange]) -> list[ListedRequest]:
    """Returns each request once, in the order of their ids. Those without a record are pending."""
    found = {
        record.id: ListedRequest(
            id=record.id,
            state=record.state,
            title=title_of(record.text),
            user=record.user,
            requested=record.requested,
            reason=record.reason or record.summary,
        )
        for record in records
    }
    for open_change in pending:
        if open_change.id not in found:
            found[open_change.id] = ListedRequest(
                id=open_change.id,
                state=ChangeState.PENDING,
                title=title_of(open_change.text),
                user=open_change.user,
                requested=open_change.requested,
                reason="",
            )
    return [found[id_] for id_ in sorted(found)]


def as_lines(records: Sequence[ChangeRecord], pending: Sequence[OpenChange]) -> list[str]:
    """Returns a line for each request, in the order of their ids, and its reason below it."""
    return [
        text
        for request in listed(records, pending)
        for text in (
            f"{request.id}  {request.state}  {request.title}  {shown(request.user)}",
            *(f"    {readable(part)}" for part in request.reason.splitlines()),
        )
    ]


def title_of(text: str) -> str:
    """Returns action and subject; question marks for a request that is wrong."""
    try:
        request = parsed_request(text)
    except BadInputError:
        return "? ?"
    return f"{request.action} {request.subject}"


def as_text(
    record: ChangeRecord,
    review: str,
    decisions: Sequence[Decision],
    events: Sequence[Item],
    steps: Sequence[StepRecord] = (),
    *,
    now: datetime,
) -> str:
    """Returns a request with its review, decisions, events, steps and the next command."""
    return "\n".join(_parts(record, review, decisions, events, steps, now))


def _parts(
    record: ChangeRecord,
    review: str,
    decisions: Sequence[Decision],
    events: Sequence[Item],
    steps: Sequence[StepRecord],
    now: datetime,
) -> Iterator[str]:
    yield f"{record.id}: {title_of(record.text)}, requested by {shown(record.user)}: {record.state}"
    yield f"Request: {readable(record.text)}"
    if review:
        yield ""
        yield without_tags(review.rstrip())
        yield ""
    for decision in decisions:
        verb = "approved" if decision.approves else "rejected"
        of = f" (preview {readable(decision.digest[:_SHOWN_DIGEST])})" if decision.approves else ""
        yield f"{shown(decision.user)} {verb} it{of}: {shown(decision.reason)}"
    for event in events:
        yield f"{event[SORT].split('#')[1][:19]}  {event['state']}  {readable(event['note'])}"
    yield from map(step_line, steps)
    if record.commit:
        yield f"Commit: {record.commit}"
    if record.state is ChangeState.REVIEWED:
        judged = judge(record, decisions, now)
        yield f"Digest: {record.digest}"
        yield f"Valid until {record.expires}; {judged.reason}"
        yield f"Next: {next_command(record, judged, now)}"


def step_line(step: StepRecord) -> str:
    """Returns a step of a run in one line, with the reason if it failed, and its place if that is recorded."""
    how = " ".join(part for part in (step.phase, step.resources) if part)
    times = "" if not step.started else f"  {step.started[11:19]}-{step.ended[11:19]}"
    reason = f"  {readable(step.reason.splitlines()[0])}" if step.reason else ""
    place = f"  {readable(step.place)}" if step.place else ""
    return f"{step.number:>3}. {readable(step.name)}  {step.state}{f' ({how})' if how else ''}{times}{place}{reason}"


def without_tags(review: str) -> str:
    """Returns a review for a terminal: without the tags and comments that only pages show."""
    return _BLANK.sub("\n\n", _HEADING.sub(r"\1", _TAG.sub("", review))).strip()


def next_command(record: ChangeRecord, judged: Judgement, now: datetime) -> str:
    """Returns what brings a reviewed request further."""
    if judged.verdict == "waits" and not judged.approvers:
        return f"plinth requests approve {record.id} --digest {record.digest[:_SHOWN_DIGEST]} --reason TEXT"
    if record.is_early(now) and judged.verdict == "waits":
        return f"plinth requests run, from {record.earliest} on"
    return "plinth requests run"
