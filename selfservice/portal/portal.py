"""The parts of a running portal, which the pages share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from selfservice.people.platform_engineer import PERMISSION_SET
from selfservice.portal.access.attempts import Attempts
from selfservice.portal.access.identity_center import IdentityCenter
from selfservice.portal.access.permission_sets import QUESTIONS, REQUESTS_USE_CASES
from selfservice.portal.access.protection import Protection
from selfservice.portal.access.sessions import Session, Sessions
from selfservice.portal.access.visitor import Visitors
from selfservice.portal.options import PortalOptions
from selfservice.portal.rendering import environment

if TYPE_CHECKING:
    from jinja2 import Environment

    from settings.derived.foundation import Foundation


@dataclass(slots=True)
class Portal:
    """The parts of a portal."""

    options: PortalOptions
    center: IdentityCenter
    sessions: Sessions = field(default_factory=Sessions)
    attempts: Attempts = field(default_factory=Attempts)
    visitors: Visitors = field(init=False)
    protection: Protection = field(init=False)
    pages: Environment = field(default_factory=environment)

    def __post_init__(self) -> None:
        self.visitors = Visitors(self.center, self.options.region)
        self.protection = Protection(self.options, self.sessions, self.problem)

    def settings(self) -> Foundation:
        """Returns the settings of the project. Raises: SettingsError."""
        from settings.files.validation_cache import load_cached

        return load_cached(self.options.directory)

    def page(self, request: Request, name: str, status: int = 200, **values: Any) -> Response:
        """Returns a page. All pages know the session, the command that shows the same, and when they were asked for:
        nothing that a page has read is older, unless it says so itself."""
        session = session_of(request)
        values |= {
            "read_at": request.state.arrived.isoformat(timespec="seconds"),
            "is_platform_engineer": session is not None and session.has(PERMISSION_SET),
            "may_ask": session is not None and any(map(session.has, QUESTIONS.permission_sets)),
            "may_request_use_cases": session is not None and any(map(session.has, REQUESTS_USE_CASES.permission_sets)),
        }
        text = self.pages.get_template(name).render(session=session, path=request.url.path, **values)
        return HTMLResponse(text, status)

    def problem(self, request: Request, status: int, title: str, text: str) -> Response:
        """Returns a page about a problem."""
        return self.page(request, "problem.html", status, title=title, text=text)


def portal_of(request: Request) -> Portal:
    found: Portal = request.app.state.portal
    return found


def session_of(request: Request) -> Session | None:
    """Returns the session of a request; None before a person has signed in."""
    found: Session | None = getattr(request.state, "session", None)
    return found


def signed_in(request: Request) -> Session:
    """Returns the session of a request to a page that only people who have signed in reach."""
    session = session_of(request)
    assert session is not None
    return session
