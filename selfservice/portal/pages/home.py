"""The first page: what waits for the person, what the person has requested, and what has failed.

It reads what is open, the newest requests of the person, and the pipelines of which the person approves promotions, so
it does not get slower with the history or with other teams.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response

from selfservice.catalog.change_record import ChangeRecord, ChangeState
from selfservice.catalog.change_requests import ChangeRequests
from selfservice.people.platform_engineer import PERMISSION_SET
from selfservice.portal.pages.request_list import newest_first
from selfservice.portal.pages.waiting_promotions import waiting_for
from selfservice.portal.portal import portal_of, signed_in
from selfservice.requests.approval import judge
from selfservice.requests.kinds.all_kinds import actions

_OWN = 10


def home(request: Request) -> Response:
    portal, session = portal_of(request), signed_in(request)
    promotions = waiting_for(portal.visitors, session, portal.options.directory)
    if not session.has(PERMISSION_SET):
        return portal.page(request, "member_home.html", promotions=promotions, command="plinth promotions")
    with portal.visitors.engineer(session) as engineer:
        requests = engineer.requests
        own = requests.written_by(engineer.user, most=_OWN)
        changes = {open_change.id: open_change for open_change in (*requests.open_changes(), *own)}
        records = requests.records_of(changes)
        waiting = list(_waiting(requests, records.values(), engineer.user))
    failed = [record for record in records.values() if record.state is ChangeState.FAILED]
    mine = {open_change.id for open_change in own}
    return portal.page(
        request,
        "home.html",
        promotions=promotions,
        waiting=newest_first(waiting, []),
        own=newest_first((record for id_, record in records.items() if id_ in mine), own),
        failed=newest_first(failed, []),
        actions={name: action.title for name, action in actions().items()},
        command="plinth requests list --platform",
    )


def _waiting(requests: ChangeRequests, records: Iterable[ChangeRecord], user: str) -> Iterable[ChangeRecord]:
    """Yields the requests about which a person may decide and has not."""
    now = requests.now()
    for record in records:
        if record.state is not ChangeState.REVIEWED or record.user == user:
            continue
        decisions = requests.decisions(record.id)
        decided = any(decision.user == user and decision.digest == record.digest for decision in decisions)
        if not decided and judge(record, decisions, now).verdict == "waits":
            yield record
