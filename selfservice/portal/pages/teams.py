"""Teams: the list, and one team with its accounts, people, data and use cases."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from selfservice.catalog.team_records import TeamRecords
from selfservice.changes.requested.open_requests import open_requests
from selfservice.portal.missing import MissingPageError
from selfservice.portal.portal import portal_of, signed_in


def team_list(request: Request) -> Response:
    """Shows all teams, or those whose name or owner contains what the address asks for."""
    portal, session = portal_of(request), signed_in(request)
    wanted = request.query_params.get("find", "").strip().lower()
    with portal.visitors.engineer(session) as engineer:
        found = TeamRecords(engineer.requests.items).summaries()
    teams = [one for one in found if wanted in one.team or wanted in one.owner.lower()]
    return portal.page(
        request, "teams.html", teams=teams, total=len(found), wanted=wanted, command="plinth catalog list"
    )


def team_page(request: Request) -> Response:
    portal, session, name = portal_of(request), signed_in(request), request.path_params["team"]
    with portal.visitors.engineer(session) as engineer:
        team = TeamRecords(engineer.requests.items).read(name)
        if team is None:
            raise MissingPageError(f"the team catalog has no team {name}")
        waiting = list(open_requests(engineer.requests, name))
    return portal.page(request, "team.html", team=team, open=waiting, command=f"plinth catalog show {name}")
