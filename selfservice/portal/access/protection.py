"""Protection of every request: the host, limits, the session, the origin of forms, and the headers of answers."""

from __future__ import annotations

import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from selfservice.portal.access.identity_center import CALLBACK
from selfservice.portal.access.rate_limit import Addresses
from selfservice.portal.access.sessions import Session, Sessions
from selfservice.portal.options import PortalOptions
from settings.types.aws.portal_pods import HEALTH_PATH

log = logging.getLogger(__name__)

MOST_BYTES = 128 * 1024
"""Largest body of a request."""
FORM_TOKEN = "form_token"
"""Field of forms with the secret of the session."""
_OPEN_PATHS = ("/sign-in", CALLBACK, "/static/")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # With `no-referrer`, browsers hide the origin of forms, too (Fetch, "Append a request Origin header").
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_OF_LOAD_BALANCER = (20.0, 300.0)
"""Requests that all people together may send to a shared portal before they sign in: per second, and at once."""
Next = Callable[[Request], Awaitable[Response]]
Problem = Callable[[Request, int, str, str], Response]
"""Returns a page about a problem, with a status, a title and a text."""


@dataclass(slots=True)
class Protection:
    """The checks of a portal. It is the outermost part of the application."""

    options: PortalOptions
    sessions: Sessions
    problem: Problem
    addresses: Addresses = field(init=False)

    def __post_init__(self) -> None:
        # Behind a load balancer, all people who have not signed in have its address.
        self.addresses = Addresses(*_OF_LOAD_BALANCER) if self.options.is_shared else Addresses()

    @property
    def cookie(self) -> str:
        """Name of the cookie. With the prefix, browsers keep it from other hosts, which needs encryption."""
        return "__Host-plinth" if self.options.is_encrypted else "plinth"

    async def __call__(self, request: Request, answer: Next) -> Response:
        request.state.arrived = datetime.now(UTC)
        try:
            response = await self._answered(request, answer)
        except Exception as error:
            response = self._defect(request, error)
        for name, value in _HEADERS.items():
            response.headers[name] = value
        if not request.url.path.startswith("/static/"):
            response.headers["Cache-Control"] = "no-store"
        if self.options.is_encrypted:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response

    async def _answered(self, request: Request, answer: Next) -> Response:
        if request.url.path == HEALTH_PATH:  # probes and load balancers know no host name of the portal
            return PlainTextResponse("ok")
        if request.headers.get("host") != self.options.host:
            return self.problem(request, 421, "Another address", f"This portal is at {self.options.address}.")
        session = self.sessions.find(request.cookies.get(self.cookie, ""))
        client = request.client.host if request.client else ""
        if not (session.allowance.take() if session else self.addresses.take(client)):
            return self._told(request, 429, "Too many requests", "Try again in a few seconds.", {"Retry-After": "5"})
        if session is None and not request.url.path.startswith(_OPEN_PATHS):
            return self._to_sign_in(request)
        request.state.session = session
        if request.method == "POST" and (problem := await self._problem(request, session)):
            return self.problem(request, 403, "Refused", problem)
        return await answer(request)

    async def _problem(self, request: Request, session: Session | None) -> str:
        """Returns why a form is refused; empty for one that a page of this portal has sent."""
        if not request.headers.get("content-length", "").isdigit():
            return "The length of the form is missing."
        if int(request.headers["content-length"]) > MOST_BYTES:
            return f"The form is longer than {MOST_BYTES // 1024} KiB."
        if request.headers.get("origin", self.options.address) != self.options.address:
            return "The form comes from another site."
        await request.body()  # kept, so that the page reads it again
        given = (await request.form(max_files=0, max_fields=200)).get(FORM_TOKEN, "")
        expected = session.form_token if session is not None else ""
        if not expected or not hmac.compare_digest(str(given).encode(), expected.encode()):
            return "The form is of another session. Go back, load the page again, and send it again."
        return ""

    def _to_sign_in(self, request: Request) -> Response:
        # Only a page that is opened leads to a sign-in. The events of a page would begin one that nobody sees.
        is_page = request.headers.get("sec-fetch-dest", "document") == "document"
        if request.method != "GET" or request.headers.get("hx-request") or not is_page:
            text = "Load the page again to sign in."
            return self._told(request, 401, "Your session has ended", text, {"HX-Refresh": "true"})
        return RedirectResponse("/sign-in", 303)

    def _defect(self, request: Request, error: Exception) -> Response:
        """Tells a reference instead of the error, which the log has."""
        reference = secrets.token_hex(4)
        log.error("%s %s failed (%s)", request.method, request.url.path, reference, exc_info=error)
        text = f"Load the page again, or tell the operators of the portal this reference: {reference}."
        return self.problem(request, 500, "The portal failed", text)

    def _told(self, request: Request, status: int, title: str, text: str, headers: dict[str, str]) -> Response:
        response = self.problem(request, status, title, text)
        response.headers.update(headers)
        return response
