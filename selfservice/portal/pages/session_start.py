"""The cookies of a sign-in, and the beginning of a session for whoever has signed in."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from selfservice.errors import RefusedError
from selfservice.people.platform_engineer import IT_PLATFORM, PERMISSION_SET
from selfservice.portal.access import audit
from selfservice.portal.access.attempts import SECONDS
from selfservice.portal.access.identity_center import Role
from selfservice.portal.portal import Portal
from selfservice.requests.requester import current_person

NOT_BEGUN_HERE = "this sign-in was not begun in this browser, or it has expired; sign in again"
_ATTEMPT = "plinth-sign-in-"
"""Beginning of the cookie of a sign-in. The rest is its state, so that each tab can sign in."""


def attempt_cookie(state: str) -> str:
    """Returns the name of the cookie of a sign-in."""
    return _ATTEMPT + state


def lead_to(portal: Portal, address: str, *, state: str, secret: str, path: str) -> Response:
    """Leads to an address on the way to a session, and keeps the secret of the sign-in for pages at a path."""
    response = RedirectResponse(address, 303)
    response.set_cookie(
        attempt_cookie(state),
        secret,
        max_age=SECONDS,
        path=path,
        secure=portal.options.is_encrypted,
        httponly=True,
        samesite="lax",
    )
    return response


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
    role = next((candidate for candidate in roles if candidate.permission_set == PERMISSION_SET), roles[0])
    issued = portal.center.credentials(token, role)
    return current_person(portal.options.region, IT_PLATFORM, issued.open_session).user
