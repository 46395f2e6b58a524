"""How far the foundation is deployed, and what to do next.

The states of stacks contain what no page may show, and no permission set reads them. The portal reads them with the
access of the shell that serves it, as ``plinth assess`` does, and shows only which capabilities are there, to people of
the platform team.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from selfservice.assessment.assessment import Assessment
from selfservice.assessment.deployed import assess_project
from selfservice.errors import BadInputError
from selfservice.portal.portal import Portal, portal_of, signed_in
from settings.types.kinds import PHASES


def assessment_page(request: Request) -> Response:
    portal, session = portal_of(request), signed_in(request)
    with portal.visitors.engineer(session):  # refuses people who are not in the platform team
        assessed, problem = _assessed(portal)
    return portal.page(
        request, "assessment.html", assessed=assessed, phases=PHASES, problem=problem, command="plinth assess"
    )


def _assessed(portal: Portal) -> tuple[Assessment | None, str]:
    """Returns the assessment; None with the reason if the shell of the portal cannot read the states."""
    try:
        return assess_project(portal.options.directory), ""
    except BadInputError as error:
        return None, str(error)
