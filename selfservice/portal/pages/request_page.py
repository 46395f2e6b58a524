"""One request: its preview, decisions, run and history, and the decision of the person."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from selfservice.catalog.change_record import ChangeRecord, ChangeState
from selfservice.catalog.whole_request import read_whole
from selfservice.errors import BadInputError, RefusedError
from selfservice.people.decision import decide
from selfservice.people.platform_engineer import PlatformEngineer
from selfservice.portal.access import audit
from selfservice.portal.access.sessions import Session
from selfservice.portal.graph import drawn_run
from selfservice.portal.missing import MissingPageError
from selfservice.portal.pages.verb import APPROVE, verb_of
from selfservice.portal.portal import Portal, portal_of, signed_in
from selfservice.requests.approval import judge
from settings.data.catalog_layout import SORT


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something that happened to a request."""

    at: str
    state: str
    note: str


def request_page(request: Request) -> Response:
    portal, session = portal_of(request), signed_in(request)
    return _page(portal, request, session)


async def decide_page(request: Request) -> Response:
    """Records the decision of the person, and shows the request again."""
    portal, session, form = portal_of(request), signed_in(request), await request.form()
    return await run_in_threadpool(partial(_decide, portal, request, session, form))


def _decide(portal: Portal, request: Request, session: Session, form: FormData) -> Response:
    id_, verb = request.path_params["id"], verb_of(form)
    digest, reason = str(form.get("digest", "")), str(form.get("reason", "")).strip()
    try:
        if not reason:
            raise BadInputError("say why: the reason is recorded with your name")
        with portal.visitors.engineer(session) as engineer:
            decide(engineer, id_, approves=verb == APPROVE, digest=digest, reason=reason)
    except (BadInputError, RefusedError) as error:
        audit.record(session.user, verb, id_, "refused", str(error))
        return _page(portal, request, session, problem=str(error), reason=reason)
    audit.record(session.user, verb, id_)
    return RedirectResponse(f"/requests/{id_}", 303)


def _page(portal: Portal, request: Request, session: Session, problem: str = "", reason: str = "") -> Response:
    id_ = request.path_params["id"]
    with portal.visitors.engineer(session) as engineer:
        requests = engineer.requests
        whole = read_whole(requests.items, id_)
        if whole is None:
            return _pending(portal, request, engineer, id_)
        record, decisions, now = whole.record, requests.decisions(id_), requests.now()
    judged = judge(record, decisions, now) if record.state is ChangeState.REVIEWED else None
    may_decide = judged is not None and judged.verdict == "waits" and record.user != session.user
    return portal.page(
        request,
        "request.html",
        422 if problem else 200,
        record=record,
        review=whole.review,
        decisions=decisions,
        judged=judged,
        may_decide=may_decide,
        events=[
            Event(at=event[SORT].split("#")[1], state=event["state"], note=event["note"]) for event in whole.events
        ],
        steps=whole.steps,
        graph=drawn_run(whole.steps),
        is_live=is_live(record),
        problem=problem,
        reason=reason,
        command=f"plinth requests show {id_}",
    )


def is_live(record: ChangeRecord) -> bool:
    """Returns whether a request may change without a decision."""
    return not record.state.is_final and record.state is not ChangeState.FAILED


def _pending(portal: Portal, request: Request, engineer: PlatformEngineer, id_: str) -> Response:
    found = next((open_change for open_change in engineer.requests.open_changes() if open_change.id == id_), None)
    if found is None:
        raise MissingPageError(f"there is no request {id_}")
    return portal.page(request, "pending.html", found=found, command=f"plinth requests show {id_}")
