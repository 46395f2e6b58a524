"""Sign-in to a shared portal: the person allows it on a page of IAM Identity Center, which shows the same code."""

from __future__ import annotations

import secrets

from starlette.requests import Request
from starlette.responses import Response

from selfservice.errors import RefusedError
from selfservice.portal.pages.session_start import NOT_BEGUN_HERE, attempt_cookie, lead_to, signed_in_as
from selfservice.portal.portal import Portal, portal_of

WAIT_PATH = "/sign-in/wait"


def begin(portal: Portal) -> Response:
    """Begins a sign-in, and leads to the page that waits for it."""
    state, secret = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    portal.attempts.add(state, secret, portal.center.device_code())
    return lead_to(portal, f"{WAIT_PATH}?state={state}", state=state, secret=secret, path=WAIT_PATH)


def wait(request: Request) -> Response:
    """Shows the code until the person has allowed the sign-in, and begins the session then.

    The page asks again by itself, and gets an empty answer as long as nobody has.
    """
    portal, state = portal_of(request), request.query_params.get("state", "")
    device = portal.attempts.find(state, request.cookies.get(attempt_cookie(state), ""))
    asks_by_itself = bool(request.headers.get("hx-request"))
    if device is None:
        if asks_by_itself:  # the page stops asking and shows why
            return Response(status_code=204, headers={"HX-Refresh": "true"})
        raise RefusedError(NOT_BEGUN_HERE)
    token = portal.center.token_of_device(device.code)
    if token is None:
        if asks_by_itself:
            return Response(status_code=204)
        return portal.page(request, "device.html", device=device, address=f"{WAIT_PATH}?state={state}")
    portal.attempts.end(state)
    response = signed_in_as(portal, token)
    response.delete_cookie(attempt_cookie(state), path=WAIT_PATH)
    if asks_by_itself:  # it follows no redirection with the page itself
        response.status_code = 204
        response.headers["HX-Redirect"] = "/"
        del response.headers["location"]
    return response
