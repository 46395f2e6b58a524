"""Requests for account sets in the team catalog: what people write, and what runners record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from selfservice.catalog.change_record import ChangeRecord, ChangeState, Decision, OpenChange
from selfservice.catalog.credentials import recordable
from selfservice.catalog.items import CatalogItems
from selfservice.errors import BadInputError, RefusedError
from selfservice.request_tables import writes
from selfservice.request_tables.claim import RUNNER, Claim, Claims, Key, claimed
from selfservice.request_tables.items import Item
from selfservice.request_tables.request_id import LONGEST_TIME, MAX_CHARACTERS, is_id
from selfservice.request_tables.runner_process import RunnerProcess
from selfservice.request_tables.writes import ABSENT, Write
from settings.data.catalog_layout import (
    DECISION,
    LISTED,
    LOOKUP,
    OPEN,
    PARTITION,
    PERSON,
    RECORD,
    REQUEST,
    SEPARATOR,
    SORT,
    key_of,
    name_in,
)
from settings.types.redaction import HIDDEN, readable

_DECIDED = ("decision", "digest", "reason", "decided")
"""Attributes with what a person has decided."""
REVIEW, EVENT = "review", "event"
"""Sort key of the review of a request, and beginning of those of its events."""
_RECORDS = key_of(REQUEST, RECORD)
"""Look-up value of records."""

ChangeClaim = Claim[ChangeRecord]
"""The right of one runner to work on a request."""


@dataclass(frozen=True, slots=True)
class ChangeRequests:
    """The requests in the table of one account."""

    items: CatalogItems

    def now(self) -> datetime:
        """Returns the time by which reviews expire and delays end: that of the service that holds the requests."""
        return self.items.clock.now()

    def add(self, user: str, text: str, *, id_: str, now: datetime) -> None:
        """Adds a request of a person. The same text again under the same id changes nothing.

        IAM refuses it if the caller is not this person. Raises: BadInputError if the id exists with another text, or of
        another person.
        """
        record = self.record(id_)
        if record is not None:
            if record.user != user or record.text != recordable(text):
                raise _taken(id_, user, record.user, record.state)
            return
        item = {
            PARTITION: key_of(PERSON, user),
            SORT: key_of(REQUEST, id_),
            LOOKUP: OPEN,
            "requested": _text(now),
            "request": text,
        }
        if not self.items.add(item):
            present = self.items.get(item[PARTITION], item[SORT]) or {}
            if present.get("request") != text:
                raise _taken(id_, user, user, ChangeState.PENDING)

    def decide(self, user: str, id_: str, *, approves: bool, digest: str, reason: str, now: datetime) -> None:
        """Adds or replaces the decision of a person. IAM refuses it if the caller is not this person.

        Raises: RefusedError if the same person decides otherwise at the same moment.
        """
        item = {
            PARTITION: key_of(PERSON, user),
            SORT: key_of(DECISION, id_),
            LOOKUP: key_of(DECISION, id_),
            "decision": "approve" if approves else "reject",
            "digest": digest,
            "reason": reason[:MAX_CHARACTERS],
            "decided": _text(now),
        }
        present = self.items.get(item[PARTITION], item[SORT])
        known = ABSENT if present is None else {name: present.get(name) for name in _DECIDED}
        if not self.items.replace(item, known):
            raise RefusedError(
                f"{readable(user)} has decided about {id_} at the same moment: read `plinth requests show {id_}`, and "
                "decide again"
            )

    def open_changes(self) -> list[OpenChange]:
        """Returns the requests that nobody has finished, in the order of their ids."""
        found = map(_open_change, self.items.found_by(OPEN))
        return sorted(
            (open_change for open_change in found if open_change is not None), key=lambda open_change: open_change.id
        )

    def written_by(self, user: str, most: int) -> list[OpenChange]:
        """Returns the newest requests that a person has written, ended or not, in the order of their ids."""
        found = map(_open_change, self.items.ordered(key_of(PERSON, user), most=most))
        return list(islice((open_change for open_change in found if open_change is not None), most))[::-1]

    def records(self) -> list[ChangeRecord]:
        """Returns all records in the order of their ids."""
        found = self.items.found_by(_RECORDS)
        return sorted((ChangeRecord.of(item) for item in found if _is_record(item)), key=lambda record: record.id)

    def record(self, id_: str) -> ChangeRecord | None:
        item = self.items.get(key_of(REQUEST, id_), RECORD)
        return None if item is None else ChangeRecord.of(item)

    def records_of(self, ids: Iterable[str]) -> dict[str, ChangeRecord]:
        """Returns the records that there are by id."""
        found = map(ChangeRecord.of, self.items.get_many((key_of(REQUEST, id_), RECORD) for id_ in ids))
        return {record.id: record for record in found}

    def review(self, id_: str) -> str:
        """Returns the text of the review; empty before it."""
        item = self.items.get(key_of(REQUEST, id_), REVIEW)
        return "" if item is None else item["text"]

    def facts(self, id_: str) -> str:
        """Returns the facts of the review. Raises: KeyError if there is none."""
        item = self.items.get(key_of(REQUEST, id_), REVIEW)
        if item is None:
            raise KeyError(id_)
        return item["facts"]

    def decisions(self, id_: str) -> list[Decision]:
        """Returns the decisions about a request, at most one for each person."""
        found = (_decision(item, id_) for item in self.items.found_by(key_of(DECISION, id_)))
        return sorted((decision for decision in found if decision is not None), key=lambda decision: decision.user)

    def events(self, id_: str) -> list[Item]:
        """Returns what happened to a request, in the order in which it was recorded."""
        return [item for item in self.items.of(key_of(REQUEST, id_)) if item[SORT].startswith(EVENT)]

    def changed(self, id_: str) -> datetime | None:
        """Returns the time of the last event of a request; None if there is none."""
        events = self.events(id_)
        return datetime.fromisoformat(events[-1][SORT].split(SEPARATOR)[1]) if events else None

    def claim(self, change: OpenChange, runner: RunnerProcess, now: datetime) -> ChangeClaim | None:
        """Claims a request; None if another runner works on it, or if it is finished.

        A claim of another runner is taken over once it has ended, or once its process is known to have ended.
        """
        key = _record_key(change.id)
        item = self.items.get(*key)
        if item is None:
            return self._claim_first(change, runner, now)
        known = ChangeRecord.of(item)
        if known.state.is_final or known.user != change.user:
            # An id belongs to whoever used it first.
            self._leave_queue(change)
            return None
        taken = self._claims.take_over(key, item, runner, now)
        return Claim(request=known, runner=str(runner), is_first=False) if taken else None

    def extend(self, claim: ChangeClaim, now: datetime) -> bool:
        """Extends a claim. Returns False if another runner has taken it over."""
        return self._claims.extend(_record_key(claim.request.id), claim, now)

    def release(self, claim: ChangeClaim) -> bool:
        """Ends a claim, so that any runner can go on at once."""
        return self._claims.release(_record_key(claim.request.id), claim)

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
        partition = key_of(REQUEST, claim.request.id)
        review = {PARTITION: partition, SORT: REVIEW, "text": text, "facts": facts, "digest": digest}
        changes = {
            "digest": digest,
            "summary": summary,
            "expires": _text(expires),
            "earliest": "" if earliest is None else _text(earliest),
        }
        note = f"reviewed as {digest[:12]}: {summary}"
        return self._enter(claim, ChangeState.REVIEWED, changes, now, note, writes.put(review))

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
        return self._enter(claim, state, changes, now, note)

    def _enter(
        self,
        claim: ChangeClaim,
        state: ChangeState,
        changes: Mapping[str, str],
        now: datetime,
        note: str,
        *others: Write,
    ) -> bool:
        partition, entered = key_of(REQUEST, claim.request.id), {**changes, "state": state}
        change = writes.update(partition, RECORD, entered, {RUNNER: claim.runner})
        entry = writes.put(list_entry(claim.request.id, state))
        done = self._add_event(partition, {**entered, "note": note}, now, change, entry, *others)
        if done and state.is_final:
            self._leave_queue(claim.request)
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
            SORT: RECORD,
            LOOKUP: _RECORDS,
            **asked,
            **claimed(runner, now),
        }
        event = {**asked, "note": f"requested by {readable(change.user)}"}
        entry = writes.put(list_entry(change.id, ChangeState.REVIEWING))
        if not self._add_event(item[PARTITION], event, now, writes.put(item, writes.ABSENT), entry):
            return None
        return Claim(request=ChangeRecord.of(item), runner=str(runner), is_first=True)

    def complete_list(self, record: ChangeRecord) -> None:
        """Adds a request to the list if it is not there. An entry that a runner has written stays."""
        self.items.add(list_entry(record.id, record.state))

    @property
    def _claims(self) -> Claims:
        # After a defect, a look of a runner leaves its claim, and its next look goes on.
        return Claims(items=self.items, keeps_own=True)

    def _add_event(self, partition: str, content: Mapping[str, str], now: datetime, *others: Write) -> bool:
        """Adds a row that nobody changes later, together with the writes that it tells of, or nothing.

        Returns False if one of them is refused. Two rows of the same microsecond get different keys.
        """
        moment = now.astimezone(UTC).isoformat(timespec="microseconds")
        for number in range(100):
            event = {**content, PARTITION: partition, SORT: f"{EVENT}#{moment}#{number:02}"}
            refused = self.items.transact(writes.put(event, writes.ABSENT), *others)
            if refused != {0}:
                return not refused
        return False

    def _leave_queue(self, finished: ChangeRecord | OpenChange) -> None:
        """Ends the wait of what a person wrote. Its text is removed if the record does not contain it either."""
        changes = {LOOKUP: None, **({"request": HIDDEN} if finished.text == HIDDEN else {})}
        self.items.change(key_of(PERSON, finished.user), key_of(REQUEST, finished.id), changes, expected={})


def list_entry(id_: str, state: str) -> Item:
    """Returns the entry of a request in the list. Runners write it together with the state, and nobody else can."""
    return {PARTITION: LISTED, SORT: id_, LOOKUP: key_of(REQUEST, state)}


def _taken(id_: str, user: str, owner: str, state: ChangeState) -> BadInputError:
    what = "with another text" if owner == user else f"as a request of {readable(owner)}"
    return BadInputError(
        f"nothing was requested: request {id_} exists {what}; its current state is {state}. Use another id"
    )


def _open_change(item: Item) -> OpenChange | None:
    """Returns the request of an item; None for an item that is not one."""
    user, id_ = name_in(item[PARTITION], PERSON), name_in(item[SORT], REQUEST)
    if user is None or id_ is None or not is_id(id_):
        return None
    return OpenChange(
        id=id_,
        user=user,
        requested=item.get("requested", "")[:LONGEST_TIME],
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
        decided=item.get("decided", "")[:LONGEST_TIME],
    )


def _is_record(item: Item) -> bool:
    """Whether a runner wrote the item. People can write any look-up value under keys of their own."""
    return name_in(item[PARTITION], REQUEST) is not None and item[SORT] == RECORD


def _record_key(id_: str) -> Key:
    return key_of(REQUEST, id_), RECORD


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
