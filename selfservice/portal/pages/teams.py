"""Teams: the list, and one team with its accounts, people, data and use cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from selfservice.catalog.team_records import TeamRecords
from selfservice.portal.missing import MissingPageError
from selfservice.portal.portal import Portal, portal_of, signed_in
from selfservice.requests.open_requests import open_requests
from settings.team.team import Team
from settings.types.errors import SettingsError

_PAGE = 50
_REBUILD = "plinth catalog rebuild"
"""Command that writes deployed teams into the catalog."""


def team_list(request: Request) -> Response:
    """Shows a page of teams, of those whose name or owner contains what the address asks for."""
    portal, session = portal_of(request), signed_in(request)
    wanted = request.query_params.get("find", "").strip().lower()
    with portal.visitors.engineer(session) as engineer:
        records = TeamRecords(engineer.requests.items)
        owners = records.owners()
        found = [team for team, owner in owners.items() if wanted in team or wanted in owner.lower()]
        first = _first(found, request.query_params.get("from", ""))
        teams = records.summaries(found[first : first + _PAGE])
    return portal.page(
        request,
        "teams.html",
        teams=teams,
        found=len(found),
        total=len(owners),
        wanted=wanted,
        previous=found[max(first - _PAGE, 0)] if first else "",
        next=found[first + _PAGE] if first + _PAGE < len(found) else "",
        missing=[team for team in _declared(portal) if team not in owners],
        command="plinth catalog list",
    )


def _first(found: Sequence[str], name: str) -> int:
    """Returns the place of the first team of the page that begins with a name."""
    return next((place for place, team in enumerate(found) if team >= name), 0)


def team_page(request: Request) -> Response:
    portal, session, name = portal_of(request), signed_in(request), request.path_params["team"]
    with portal.visitors.engineer(session) as engineer:
        team = TeamRecords(engineer.requests.items).read(name)
        declared = _declared(portal).get(name)
        if team is None and declared is None:
            raise MissingPageError(f"neither the team catalog nor the settings have a team {name}: /teams lists them")
        waiting = list(open_requests(engineer.requests, name))
    if team is None:
        return portal.page(request, "team_of_settings.html", team=declared, open=waiting, command=_REBUILD)
    return portal.page(request, "team.html", team=team, open=waiting, command=f"plinth catalog show {name}")


def _declared(portal: Portal) -> Mapping[str, Team]:
    """Returns the teams of the settings; none while these are not valid, because the catalog is shown all the same."""
    try:
        return portal.settings().teams
    except SettingsError:
        return {}
