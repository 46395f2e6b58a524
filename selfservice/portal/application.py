"""The application: addresses, errors and the protection around them."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from selfservice.errors import BadInputError, RefusedError
from selfservice.portal.access.identity_center import CALLBACK, IdentityCenter, SignedOutError
from selfservice.portal.live import Watches
from selfservice.portal.missing import MissingPageError
from selfservice.portal.options import PortalOptions
from selfservice.portal.pages import (
    assessment,
    audit_questions,
    data,
    device_entrance,
    entrance,
    home,
    live_run,
    request_list,
    request_page,
    teams,
)
from selfservice.portal.pages.device_entrance import WAIT_PATH
from selfservice.portal.pages.request_form import PlatformForm
from selfservice.portal.pages.use_cases import decision, model_lineage, own_requests, use_case_list, use_case_page
from selfservice.portal.pages.use_cases.request_form import UseCaseForm
from selfservice.portal.portal import Portal, portal_of
from settings.types.errors import SettingsError

_STATIC = Path(__file__).parent / "static"


def application(options: PortalOptions, center: IdentityCenter | None = None) -> Starlette:
    """Returns the portal as an ASGI application."""
    portal = Portal(options, center or IdentityCenter(options))
    platform, use_case = PlatformForm(), UseCaseForm()
    made = Starlette(
        routes=[
            Route("/", home.home),
            Route("/sign-in", entrance.sign_in),
            Route(WAIT_PATH, device_entrance.wait),
            Route(CALLBACK, entrance.signed_in),
            Route("/sign-out", entrance.sign_out, methods=["POST"]),
            Route("/assessment", assessment.assessment_page),
            Route("/audit", audit_questions.question_list),
            Route("/audit/answers/{id}", audit_questions.answer_page),
            Route("/audit/questions/{name}", audit_questions.question_page),
            Route("/audit/questions/{name}", audit_questions.ask_page, methods=["POST"]),
            Route("/data", data.data_list),
            Route("/data/{name}", data.data_page),
            Route("/data/{name}/access", data.request_access),
            Route("/teams", teams.team_list),
            Route("/teams/{team}", teams.team_page),
            Route("/requests", request_list.request_list),
            Route("/requests/new/{action}", platform.show, name="request-form"),
            Route("/requests/new/{action}", platform.send, methods=["POST"]),
            Route("/requests/new/{action}/check", platform.show_check, methods=["POST"]),
            Route("/requests/{id}", request_page.request_page),
            Route("/requests/{id}/decision", request_page.decide_page, methods=["POST"]),
            Route("/requests/{id}/live", live_run.live_run),
            Route("/use-cases", use_case_list.use_case_list),
            Route("/use-cases/new", use_case.show),
            Route("/use-cases/new", use_case.send, methods=["POST"]),
            Route("/use-cases/new/check", use_case.show_check, methods=["POST"]),
            Route("/use-cases/requests", own_requests.own_requests),
            Route("/use-cases/{use_case}", use_case_page.use_case_page),
            Route("/use-cases/{use_case}/versions/{group}/{number:int}", model_lineage.version_page),
            Route("/use-cases/{use_case}/endpoints/{name}", model_lineage.endpoint_page),
            Route("/use-cases/{use_case}/version", decision.decide_on_version, methods=["POST"]),
            Route("/use-cases/{use_case}/promotion", decision.decide_on_promotion, methods=["POST"]),
            Mount("/static", StaticFiles(directory=_STATIC)),
        ],
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=portal.protection)],
        exception_handlers={
            BadInputError: _bad_input,
            RefusedError: _refused,
            MissingPageError: _missing,
            SettingsError: _bad_settings,
            SignedOutError: _signed_out,
            HTTPException: _http,
        },
    )
    made.state.portal, made.state.watches = portal, Watches()
    return made


async def _bad_input(request: Request, error: Exception) -> Response:
    return portal_of(request).problem(request, 400, "That does not work", str(error))


async def _refused(request: Request, error: Exception) -> Response:
    return portal_of(request).problem(request, 403, "Refused", str(error))


async def _missing(request: Request, error: Exception) -> Response:
    return portal_of(request).problem(request, 404, "Not found", str(error))


async def _bad_settings(request: Request, error: Exception) -> Response:
    return portal_of(request).problem(request, 503, "The settings are not valid", str(error))


async def _signed_out(request: Request, _: Exception) -> Response:
    portal = portal_of(request)
    portal.sessions.end(request.cookies.get(portal.protection.cookie, ""))
    return RedirectResponse("/sign-in", 303)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    text = "The portal does not know this address, or not this way to ask for it."
    return portal_of(request).problem(request, error.status_code, error.detail, text)
