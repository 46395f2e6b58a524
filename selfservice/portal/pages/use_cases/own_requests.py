"""The requests for use cases that a lead data scientist has written, with their state and result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from runtime.promotion.decisions.people import is_same
from selfservice.errors import BadInputError, RefusedError
from selfservice.portal.pages.use_cases.request_form import tried
from selfservice.portal.portal import Portal, portal_of, signed_in
from selfservice.requests.record import RequestRow
from selfservice.requests.table_text import use_case_of
from settings.derived.foundation import Foundation

_MOST = 50
"""Requests in a table of the page."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedRequest:
    """A request as the page shows it."""

    row: RequestRow
    use_case: str
    """Team and use case; a question mark for the use case of a request that cannot be read."""
    has_page: bool
    """Whether the settings have the use case."""


def own_requests(request: Request) -> Response:
    """Shows the requests of the person in a team, and those of other people of the team."""
    portal, session = portal_of(request), signed_in(request)
    foundation = portal.settings()
    team = _team(request, foundation, session.user)
    rows, problem = _rows(portal, request, foundation, team) if team else ([], "")
    return portal.page(
        request,
        "use_case_requests.html",
        403 if problem else 200,
        team=team,
        teams=sorted(foundation.teams),
        own=_listed(foundation, (row for row in rows if row.user == session.user)),
        others=_listed(foundation, (row for row in rows if row.user != session.user)),
        most=_MOST,
        problem=problem,
        command=f"plinth requests list --team {team or 'TEAM'}",
    )


def _team(request: Request, foundation: Foundation, user: str) -> str:
    """Returns the team that the address names, or else the only one that the settings connect with the person. No
    permission set tells a person's team. Raises: BadInputError for a team that the settings do not have."""
    given = request.query_params.get("team", "")
    if given and given not in foundation.teams:
        raise BadInputError(f"there is no team {given[:50]} in the settings")
    if given or len(foundation.teams) == 1:
        return given or next(iter(foundation.teams))
    people = foundation.overview.delivery_people
    teams = {stack.partition("--")[0] for stack, names in people.items() if any(is_same(user, name) for name in names)}
    return teams.pop() if len(teams) == 1 else ""


def _rows(portal: Portal, request: Request, foundation: Foundation, team: str) -> tuple[Sequence[RequestRow], str]:
    """Returns the requests of a team, or why the person does not see them. Raises: SignedOutError."""
    session = signed_in(request)
    try:
        with portal.visitors.requester(session, *tried(session, foundation)) as requester:
            return requester.table.requests_of(team, session.user), ""
    except (BadInputError, RefusedError) as error:
        return [], str(error)


def _listed(foundation: Foundation, rows: Iterable[RequestRow]) -> list[ListedRequest]:
    """Returns the newest requests first."""
    found = []
    for row in [*rows][::-1][:_MOST]:
        use_case = use_case_of(row)
        team, _, name = use_case.partition("--")
        declared = team in foundation.teams and name in foundation.teams[team].use_cases
        found.append(ListedRequest(row=row, use_case=use_case, has_page=declared))
    return found
