"""Sign-in and sign-out."""

from __future__ import annotations

import secrets
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from selfservice.errors import RefusedError
from selfservice.portal.access import audit
from selfservice.portal.access.identity_center import CALLBACK, new_verifier
from selfservice.portal.pages import device_entrance
from selfservice.portal.pages.session_start import NOT_BEGUN_HERE, attempt_cookie, lead_to, signed_in_as
from selfservice.portal.portal import portal_of


def sign_in(request: Request) -> Response:
    """Leads to the page on which people sign in."""
    portal = portal_of(request)
    if portal.options.is_shared:
        return device_entrance.begin(portal)
    state, verifier = secrets.token_urlsafe(24), new_verifier()
    return lead_to(portal, portal.center.address(state, verifier), state=state, secret=verifier, path=CALLBACK)


def signed_in(request: Request) -> Response:
    """Begins the session of whoever comes back with a code."""
    portal = portal_of(request)
    attempt = attempt_cookie(request.query_params.get("state", ""))
    verifier = request.cookies.get(attempt)
    if not verifier:
        raise RefusedError(NOT_BEGUN_HERE)
    token = portal.center.token(request.query_params.get("code", ""), verifier)
    response = signed_in_as(portal, token)
    response.delete_cookie(attempt, path=CALLBACK)
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
