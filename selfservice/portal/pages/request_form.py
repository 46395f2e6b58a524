"""The form for a new request, which is made from the model of its kind."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from selfservice.changes.requested.reading import Request as Wanted
from selfservice.changes.requested.reading import request_in
from selfservice.errors import BadInputError, RefusedError
from selfservice.people import submission
from selfservice.people.platform_engineer import IT_PLATFORM
from selfservice.portal.access import audit
from selfservice.portal.access.sessions import Session
from selfservice.portal.forms import ACTIONS, Form, form_of
from selfservice.portal.missing import MissingPageError
from selfservice.portal.portal import Portal, portal_of, signed_in
from selfservice.requests.people_lookup import LookUpError, unknown_people
from selfservice.requests.request_table import is_id, new_id
from selfservice.requests.requester import explained
from settings.types.errors import Fault, SettingsError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_NAME = "request"
"""Name of the text of a form in messages."""


def form_page(request: Request) -> Response:
    """Shows an empty form, or one that the address fills in a part."""
    portal, action = portal_of(request), request.path_params["action"]
    _know(action)
    given = dict(request.query_params.items())
    return _page(portal, request, form_of(action, given), new_id(datetime.now(UTC)))


async def check(request: Request) -> Response:
    """Says what is wrong with a form that somebody is filling."""
    portal, form = portal_of(request), await request.form()
    filled = _filled(request, form)
    problems = await run_in_threadpool(partial(_problems_of, portal, filled))
    return portal.page(request, "problems.html", problems=problems, form=filled)


async def send(request: Request) -> Response:
    """Writes the request under the name of the person, once, however often the form is sent."""
    portal, session, form = portal_of(request), signed_in(request), await request.form()
    return await run_in_threadpool(partial(_send, portal, request, session, form))


def _send(portal: Portal, request: Request, session: Session, form: FormData) -> Response:
    filled, id_ = _filled(request, form), str(form.get("id", ""))
    if not is_id(id_):
        raise BadInputError("the form has no valid id: load the page again")
    try:
        wanted = _request(portal, filled, partial(_unknown, portal, session))
        submission.notice_of(portal.options.directory, wanted)
        with portal.visitors.engineer(session) as engineer:
            submission.submit(engineer, wanted, id_)
    except (BadInputError, RefusedError, SettingsError) as error:
        problems = problems_in(error)
        audit.record(session.user, filled.action, filled.subject, "refused", "; ".join(text for _, text in problems))
        return _page(portal, request, filled, id_, problems)
    audit.record(session.user, filled.action, filled.subject)
    return RedirectResponse(f"/requests/{id_}", 303)


def _problems_of(portal: Portal, filled: Form) -> list[tuple[str, str]]:
    try:
        submission.notice_of(portal.options.directory, _request(portal, filled, None))
    except (BadInputError, RefusedError, SettingsError) as error:
        return problems_in(error)
    return []


def problems_in(error: Exception) -> list[tuple[str, str]]:
    """Returns the field and the text of each fault. The field is empty if the fault is of the whole request."""
    if not isinstance(error, SettingsError):
        return [("", str(error))]
    return [(fault.path.partition(".")[0], _sentence(fault)) for fault in error.faults]


def _sentence(fault: Fault) -> str:
    what = f"{fault.value} {fault.rule}".strip()
    return ": ".join(filter(None, (fault.path, f"{what}; {fault.fix}")))


def _request(portal: Portal, filled: Form, look_up: partial[Collection[str]] | None) -> Wanted:
    """Returns the request of a form. Raises: BadInputError, SettingsError."""
    return request_in(filled.as_yaml().encode(), _NAME, portal.settings(), look_up)


def _unknown(portal: Portal, session: Session, names: Iterable[str]) -> Collection[str]:
    """Returns those of the names that the directory does not have. If it does not answer, the review looks again."""
    if portal.settings().organization.sign_in != "identity-center":
        return frozenset()
    open_session = portal.visitors.open_session(session)
    try:
        with explained(IT_PLATFORM):
            return unknown_people(portal.options.region, names, open_session)
    except LookUpError:
        return frozenset()


def _filled(request: Request, form: FormData) -> Form:
    action = request.path_params["action"]
    _know(action)
    return form_of(action, {name: str(value) for name, value in form.items()})


def _know(action: str) -> None:
    if action not in ACTIONS:
        raise MissingPageError(f"there is no request of the kind {action}")


def _page(
    portal: Portal, request: Request, form: Form, id_: str, problems: list[tuple[str, str]] | None = None
) -> Response:
    return portal.page(
        request,
        "request_form.html",
        422 if problems else 200,
        form=form,
        id=id_,
        problems=problems or [],
        command="plinth team request -f request.yaml",
    )
