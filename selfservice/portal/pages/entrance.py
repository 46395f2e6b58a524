"""Sign-in and sign-out."""

from __future__ import annotations

import secrets
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from selfservice.errors import RefusedError
from selfservice.people.platform_engineer import IT_PLATFORM, PERMISSION_SET
from selfservice.portal.access import audit
from selfservice.portal.access.identity_center import CALLBACK, Role, new_verifier
from selfservice.portal.portal import Portal, portal_of
from selfservice.requests.requester import current_person

_ATTEMPT_SECONDS = 600
_ATTEMPT = "plinth-sign-in-"
"""Beginning of the cookie of a sign-in. The rest is its state, so that each tab can sign in, and the value is its
verifier."""


def sign_in(request: Request) -> Response:
    """Leads to the page on which people sign in."""
    portal = portal_of(request)
    state, verifier = secrets.token_urlsafe(24), new_verifier()
    response = RedirectResponse(portal.center.address(state, verifier), 303)
    response.set_cookie(
        _ATTEMPT + state,
        verifier,
        max_age=_ATTEMPT_SECONDS,
        path=CALLBACK,
        secure=portal.options.is_encrypted,
        httponly=True,
        samesite="lax",
    )
    return response


def signed_in(request: Request) -> Response:
    """Begins the session of whoever comes back with a code."""
    portal = portal_of(request)
    attempt = _ATTEMPT + request.query_params.get("state", "")
    verifier = request.cookies.get(attempt)
    if not verifier:
        raise RefusedError("this sign-in was not begun in this browser, or it has expired; sign in again")
    token = portal.center.token(request.query_params.get("code", ""), verifier)
    roles = portal.center.roles(token)
    user = _name(portal, token, roles)
    audit.record(user, "sign-in")
    response = RedirectResponse("/", 303)
    response.delete_cookie(attempt, path=CALLBACK)
    response.set_cookie(
        portal.protection.cookie,
        portal.sessions.begin(user, token, roles),
        secure=portal.options.is_encrypted,
        httponly=True,
        samesite="lax",
        path="/",
    )
    return response


async def sign_out(request: Request) -> Response:
    """Ends the session here, and the sign-in at IAM Identity Center."""
    portal = portal_of(request)
    session = portal.sessions.end(request.cookies.get(portal.protection.cookie, ""))
    if session is not None:
        await run_in_threadpool(partial(portal.center.end, session.token))
        audit.record(session.user, "sign-out")
    response = portal.page(request, "signed_out.html")
    response.delete_cookie(portal.protection.cookie, path="/")
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
