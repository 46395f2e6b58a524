"""Promotions that wait for a person, of the use cases whose settings name the person as an approver."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from runtime.promotion.decisions.people import is_same
from selfservice.errors import BadInputError, RefusedError
from selfservice.portal.access.permission_sets import PROMOTIONS
from selfservice.portal.access.sessions import Session
from selfservice.portal.access.visitor import Visitors
from selfservice.portal.pages.use_cases.reading import UseCaseReader, absence_told
from selfservice.promotions.decide import pending_approvals
from selfservice.promotions.place import explained
from settings.derived.use_case_names import UseCaseNames
from settings.files.validation_cache import load_cached
from settings.types.errors import SettingsError


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingPromotions:
    """Promotions that wait in a use case whose promotions the person approves."""

    use_case: str
    stages: tuple[str, ...] = ()
    """Stages whose approval waits for the person."""
    problem: str = ""
    """Why that is not known."""


def waiting_for(visitors: Visitors, session: Session, directory: Path) -> list[WaitingPromotions]:
    """Returns the use cases in which something waits for the person, or that the person cannot read. Each use case of
    which the person is an approver takes a call.

    Raises: SignedOutError once the sign-in has ended.
    """
    try:
        readers = list(_approved_by(visitors, session, directory))
    except SettingsError as error:
        return [WaitingPromotions(use_case="", problem=str(error))]
    with ThreadPoolExecutor() as threads:
        return [waiting for waiting in threads.map(_of_use_case, readers) if waiting.stages or waiting.problem]


def _approved_by(visitors: Visitors, session: Session, directory: Path) -> Iterator[UseCaseReader]:
    foundation = load_cached(directory)
    # Only settings of use cases that name the person are read: those of all teams take long.
    for stack, people in foundation.overview.delivery_people.items():
        if not any(is_same(session.user, person) for person in people):
            continue
        team, _, name = stack.partition("--")
        approvers = foundation.approvers_of(team, name)
        if any(is_same(session.user, approver) for stage in approvers.values() for approver in stage):
            names = UseCaseNames(team=team, use_case=name)
            yield UseCaseReader(visitors=visitors, session=session, foundation=foundation, names=names)


def _of_use_case(reader: UseCaseReader) -> WaitingPromotions:
    prefix = reader.names.prefix
    try:
        with explained(str(PROMOTIONS)), absence_told(reader.names):
            place = reader.promotions_with(PROMOTIONS)
            waiting = pending_approvals(place)
    except (BadInputError, RefusedError) as error:
        return WaitingPromotions(use_case=prefix, problem=str(error))
    own = {
        stage for stage, names in place.approvers.items() if any(is_same(reader.session.user, name) for name in names)
    }
    return WaitingPromotions(
        use_case=prefix,
        stages=tuple(pending_approval.stage for pending_approval in waiting if pending_approval.stage in own),
    )
