"""Requests for account sets in the team catalog: what people write, and what runners record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from selfservice.catalog.change_record import ChangeRecord, ChangeState, Decision, OpenChange
from selfservice.catalog.credentials import recordable
from selfservice.catalog.items import CatalogItems, Item
from selfservice.requests.request_table import LEASE_SECONDS, is_id
from selfservice.requests.runner_process import RunnerProcess
from settings.data.catalog_layout import DECISION, LOOKUP, OPEN, PARTITION, PERSON, REQUEST, SORT, key_of, name_in
from settings.types.redaction import HIDDEN, readable

MAX_CHARACTERS = 8_000
"""Longest request and longest reason in characters."""
_LONGEST_TIME = 32
_RECORD, _REVIEW, _EVENT = "record", "review", "event"
_RECORDS = key_of(REQUEST, "record")
"""Look-up value of records."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeClaim:
    """The right of one runner to work on a request."""

    record: ChangeRecord
    runner: str


@dataclass(frozen=True, slots=True)
class ChangeRequests:
    """The requests in the table of one account."""

    items: CatalogItems

    def add(self, user: str, text: str, *, id_: str, now: datetime) -> None:
        """Adds a request of a person. IAM refuses it if the caller is not this person."""
        self.items.put(
            {
                PARTITION: key_of(PERSON, user),
                SORT: key_of(REQUEST, id_),
                LOOKUP: OPEN,
                "requested": _text(now),
                "request": text,
            }
        )

    def decide(self, user: str, id_: str, *, approves: bool, digest: str, reason: str, now: datetime) -> None:
        """Adds or replaces the decision of a person. IAM refuses it if the caller is not this person."""
        self.items.put(
            {
                PARTITION: key_of(PERSON, user),
                SORT: key_of(DECISION, id_),
                LOOKUP: key_of(DECISION, id_),
                "decision": "approve" if approves else "reject",
                "digest": digest,
                "reason": reason[:MAX_CHARACTERS],
                "decided": _text(now),
            }
        )

    def open_changes(self) -> list[OpenChange]:
        """Returns the requests that nobody has finished, in the order of their ids."""
        found = map(_open_change, self.items.found_by(OPEN))
        return sorted((one for one in found if one is not None), key=lambda one: one.id)

    def records(self) -> list[ChangeRecord]:
        """Returns all records in the order of their ids."""
        found = self.items.found_by(_RECORDS)
        return sorted((ChangeRecord.of(item) for item in found if _is_record(item)), key=lambda one: one.id)

    def record(self, id_: str) -> ChangeRecord | None:
        item = self.items.get(key_of(REQUEST, id_), _RECORD)
        return None if item is None else ChangeRecord.of(item)

    def review(self, id_: str) -> str:
        """Returns the text of the review; empty before it."""
        item = self.items.get(key_of(REQUEST, id_), _REVIEW)
        return "" if item is None else item["text"]

    def facts(self, id_: str) -> str:
        """Returns the facts of the review. Raises: KeyError if there is none."""
        item = self.items.get(key_of(REQUEST, id_), _REVIEW)
        if item is None:
            raise KeyError(id_)
        return item["facts"]

    def decisions(self, id_: str) -> list[Decision]:
        """Returns the decisions about a request, at most one for each person."""
        found = (_decision(item, id_) for item in self.items.found_by(key_of(DECISION, id_)))
        return sorted((one for one in found if one is not None), key=lambda one: one.user)

    def events(self, id_: str) -> list[Item]:
        """Returns what happened to a request, in the order in which it was recorded."""
        return [item for item in self.items.of(key_of(REQUEST, id_)) if item[SORT].startswith(_EVENT)]

    def claim(self, change: OpenChange, runner: RunnerProcess, now: datetime) -> ChangeClaim | None:
        """Claims a request; None if another runner works on it, or if it is finished.

        A claim of another runner is taken over once it has ended, or once its process is known to have ended.
        """
        known = self.record(change.id)
        if known is None:
            return self._claim_first(change, runner, now)
        if known.state.is_final or known.user != change.user:
            # An id belongs to whoever used it first.
            self._leave_queue(change)
            return None
        holder = RunnerProcess.parse(known.runner)
        ended = holder is not None and holder.has_ended
        if known.runner and known.runner != str(runner) and known.lease > now.timestamp() and not ended:
            return None
        taken = self.items.change(
            key_of(REQUEST, known.id),
            _RECORD,
            {"runner": str(runner), "lease": _lease(now)},
            expected={"runner": known.runner or None, "lease": f"{known.lease:.3f}", "state": known.state},
        )
        return ChangeClaim(record=known, runner=str(runner)) if taken else None

    def extend(self, claim: ChangeClaim, now: datetime) -> bool:
        """Extends a claim. Returns False if another runner has taken it over."""
        return self._change(claim, {"lease": _lease(now)})

    def release(self, claim: ChangeClaim) -> bool:
        """Ends a claim, so that any runner can go on at once."""
        return self._change(claim, {"runner": None, "lease": "0.000"})

    def record_review(
        self,
        claim: ChangeClaim,
        *,
        digest: str,
        summary: str,
        text: str,
        facts: str,
        expires: datetime,
        now: datetime,
        earliest: datetime | None = None,
    ) -> bool:
        """Records a review. Earlier approvals count no more, unless the digest is the same.

        ``facts`` are what the digest is of, and ``text`` is what people read.
        """
        partition = key_of(REQUEST, claim.record.id)
        self.items.put({PARTITION: partition, SORT: _REVIEW, "text": text, "facts": facts, "digest": digest})
        changes = {
            "digest": digest,
            "summary": summary,
            "expires": _text(expires),
            "earliest": "" if earliest is None else _text(earliest),
        }
        return self.enter(claim, ChangeState.REVIEWED, changes, now=now, note=f"reviewed as {digest[:12]}: {summary}")

    def enter(
        self,
        claim: ChangeClaim,
        state: ChangeState,
        changes: Mapping[str, str],
        *,
        now: datetime,
        note: str,
    ) -> bool:
        """Records a new state with what led to it. Returns False if another runner has taken the claim over.

        The event repeats the changes, so that the events alone tell the whole request.
        """
        done = self._change(claim, {**changes, "state": state})
        if done:
            self._add_event(claim.record.id, {**changes, "state": state, "note": note}, now)
            if state.is_final:
                self._leave_queue(claim.record)
        return done

    def _claim_first(self, change: OpenChange, runner: RunnerProcess, now: datetime) -> ChangeClaim | None:
        asked = {
            "id": change.id,
            "user": change.user,
            "requested": change.requested,
            "text": recordable(change.text),
            "state": ChangeState.REVIEWING,
        }
        item = {
            PARTITION: key_of(REQUEST, change.id),
            SORT: _RECORD,
            LOOKUP: _RECORDS,
            **asked,
            "runner": str(runner),
            "lease": _lease(now),
        }
        if not self.items.add(item):
            return None
        self._add_event(change.id, {**asked, "note": f"requested by {readable(change.user)}"}, now)
        return ChangeClaim(record=ChangeRecord.of(item), runner=str(runner))

    def _change(self, claim: ChangeClaim, changes: Mapping[str, str | None]) -> bool:
        return self.items.change(key_of(REQUEST, claim.record.id), _RECORD, changes, expected={"runner": claim.runner})

    def _add_event(self, id_: str, content: Mapping[str, str], now: datetime) -> None:
        """Adds a row that nobody changes later. Two rows of the same microsecond get different keys."""
        for number in range(100):
            sort = f"{_EVENT}#{now.astimezone(UTC).isoformat(timespec='microseconds')}#{number:02}"
            if self.items.add({**content, PARTITION: key_of(REQUEST, id_), SORT: sort}):
                return

    def _leave_queue(self, finished: ChangeRecord | OpenChange) -> None:
        """Ends the wait of what a person wrote. Its text is removed if the record does not contain it either."""
        changes = {LOOKUP: None, **({"request": HIDDEN} if finished.text == HIDDEN else {})}
        self.items.change(key_of(PERSON, finished.user), key_of(REQUEST, finished.id), changes, expected={})


def _open_change(item: Item) -> OpenChange | None:
    """Returns the request of an item; None for an item that is not one."""
    user, id_ = name_in(item[PARTITION], PERSON), name_in(item[SORT], REQUEST)
    if user is None or id_ is None or not is_id(id_):
        return None
    return OpenChange(
        id=id_,
        user=user,
        requested=item.get("requested", "")[:_LONGEST_TIME],
        text=item.get("request", "")[: MAX_CHARACTERS + 1],
    )


def _decision(item: Item, id_: str) -> Decision | None:
    """Returns the decision of an item. People can write any look-up value, so the keys say what the item is."""
    user, decided = name_in(item[PARTITION], PERSON), item.get("decision")
    if user is None or item[SORT] != key_of(DECISION, id_) or decided not in ("approve", "reject"):
        return None
    return Decision(
        user=user,
        approves=decided == "approve",
        digest=item.get("digest", ""),
        reason=item.get("reason", "")[:MAX_CHARACTERS],
        decided=item.get("decided", "")[:_LONGEST_TIME],
    )


def _is_record(item: Item) -> bool:
    """Whether a runner wrote the item. People can write any look-up value under keys of their own."""
    return name_in(item[PARTITION], REQUEST) is not None and item[SORT] == _RECORD


def _lease(now: datetime) -> str:
    return f"{now.timestamp() + LEASE_SECONDS:.3f}"


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
