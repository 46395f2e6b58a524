"""The beginning of a session, for whoever has signed in."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from selfservice.errors import RefusedError
from selfservice.people.platform_engineer import IT_PLATFORM, PERMISSION_SET
from selfservice.portal.access import audit
from selfservice.portal.access.identity_center import Role
from selfservice.portal.portal import Portal
from selfservice.requests.requester import current_person


def signed_in_as(portal: Portal, token: str) -> Response:
    """Begins the session of the person with an access token, and leads to the first page.

    Raises: RefusedError for a person without a role.
    """
    roles = portal.center.roles(token)
    user = _name(portal, token, roles)
    audit.record(user, "sign-in")
    response = RedirectResponse("/", 303)
    response.set_cookie(
        portal.protection.cookie,
        portal.sessions.begin(user, token, roles),
        secure=portal.options.is_encrypted,
        httponly=True,
        samesite="lax",
        path="/",
    )
    return response


def _name(portal: Portal, token: str, roles: list[Role]) -> str:
    """Returns the user name, which is the name of the sessions of all roles of a person.

    Raises: RefusedError for a person without a role.
    """
    if not roles:
        raise RefusedError("you have no role in any account; ask the platform team for one")
    role = next((one for one in roles if one.permission_set == PERMISSION_SET), roles[0])
    issued = portal.center.credentials(token, role)
    return current_person(portal.options.region, IT_PLATFORM, issued.open_session).user
