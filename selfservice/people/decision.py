"""Decides about a reviewed request in the name of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from selfservice.catalog.change_record import ChangeRecord, ChangeState
from selfservice.errors import BadInputError, RefusedError
from selfservice.people.platform_engineer import PlatformEngineer
from selfservice.requests.approval import Judgement, judge
from settings.types.redaction import looks_secret

SHORTEST_DIGEST = 12
"""Characters of a digest that name a review."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decided:
    """A request after a decision."""

    record: ChangeRecord
    judgement: Judgement
    now: datetime
    """The time of the decision, which is that of the service that holds the requests."""


def decide(engineer: PlatformEngineer, id_: str, *, approves: bool, digest: str, reason: str) -> Decided:
    """Approves the review with a digest, or rejects the request. ``digest`` may be the beginning of one.

    Raises: BadInputError for a reason with a credential, and without a review; RefusedError if the request has ended,
    if the person requested it, and for the digest of another review.
    """
    if looks_secret(reason):
        raise BadInputError("the reason contains what looks like a credential; nothing was recorded")
    record = engineer.requests.record(id_)
    if record is None:
        raise BadInputError(f"{id_} has no preview yet; `plinth requests show {id_}` shows one when there is")
    if record.state not in (ChangeState.REVIEWING, ChangeState.REVIEWED):
        raise RefusedError(f"{id_} is {record.state}, so nobody can decide about it any more")
    if approves:
        if record.user == engineer.user:
            raise RefusedError(f"{engineer.user} requested it; another person has to approve it")
        if len(digest) < SHORTEST_DIGEST or not record.digest.startswith(digest):
            raise RefusedError(
                f"{digest} is not the digest of the preview: read `plinth requests show {id_}` and approve with "
                f"the first {SHORTEST_DIGEST} characters of its digest, or more"
            )
    now = engineer.requests.now()
    engineer.requests.decide(engineer.user, id_, approves=approves, digest=record.digest, reason=reason, now=now)
    return Decided(record=record, judgement=judge(record, engineer.requests.decisions(id_), now), now=now)
