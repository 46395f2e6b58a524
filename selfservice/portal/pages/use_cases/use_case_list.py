"""The list of use cases, from the settings in the directory of the portal."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from selfservice.portal.portal import portal_of
from selfservice.reports.use_cases import use_cases_of

_MOST = 100


def use_case_list(request: Request) -> Response:
    """Shows all use cases, or those that contain the words of the address in names, goal or people."""
    portal = portal_of(request)
    wanted = request.query_params.get("find", "").strip()
    foundation = portal.settings()
    everything = use_cases_of(foundation)
    found = [use_case for use_case in everything if use_case.contains(wanted.split())]
    return portal.page(
        request,
        "use_cases.html",
        rows=[(use_case, foundation.approvers_of(use_case.team, use_case.name)) for use_case in found[:_MOST]],
        found=len(found),
        total=len(everything),
        wanted=wanted,
        command="plinth usecase list",
    )
