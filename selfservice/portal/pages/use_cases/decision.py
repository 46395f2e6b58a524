"""Decisions about a model version and about a promotion that waits, as the person who sent the form."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from selfservice.errors import BadInputError, RefusedError
from selfservice.portal.access import audit
from selfservice.portal.access.permission_sets import DECIDES_ON_VERSIONS, PROMOTIONS, Needed, decides_on
from selfservice.portal.pages.use_cases.reading import UseCaseReader, absence_told
from selfservice.portal.pages.use_cases.use_case_page import page_of, reader_of
from selfservice.portal.pages.verb import APPROVE, verb_of
from selfservice.promotions.decide import decide_promotion, decide_version
from selfservice.promotions.place import PromotionPlace
from selfservice.reports.model_versions import PENDING

Act = Callable[[UseCaseReader, bool, str], str]
"""Decides: whether to approve, and why. Returns what was decided about."""


async def decide_on_version(request: Request) -> Response:
    """Approves or rejects a version of main that waits, in the registry."""
    form = await request.form()
    number = str(form.get("version", ""))

    def act(reader: UseCaseReader, approved: bool, comment: str) -> str:
        if not number.isdecimal():
            raise BadInputError("the form names no version: load the page again")
        place = _place(reader, DECIDES_ON_VERSIONS)
        decide_version(place, number, approved=approved, comment=comment, seen=PENDING)
        return f"version {number}"

    return await run_in_threadpool(partial(_decide, request, form, f"version {number}", act))


async def decide_on_promotion(request: Request) -> Response:
    """Answers the approval that the page has shown."""
    form = await request.form()
    token, stage = str(form.get("token", "")), str(form.get("stage", ""))

    def act(reader: UseCaseReader, approved: bool, comment: str) -> str:
        if not token:
            raise BadInputError("the form names no approval: load the page again")
        place = _place(reader, decides_on(stage))
        decided = decide_promotion(place, approved=approved, comment=comment, token=token)
        return f"{decided.stage} of {decided.execution}"

    return await run_in_threadpool(partial(_decide, request, form, stage, act))


def _place(reader: UseCaseReader, needed: Needed) -> PromotionPlace:
    """Returns the pipeline with the permission set that decides. Without it, AWS refuses what another one tries."""
    return reader.promotions_with(needed if reader.may(needed) else PROMOTIONS)


def _decide(request: Request, form: FormData, about: str, act: Act) -> Response:
    reader, verb = reader_of(request), verb_of(form)
    user, prefix, comment = reader.session.user, reader.names.prefix, str(form.get("comment", "")).strip()
    try:
        if not reader.has_promotions:
            raise BadInputError(f"{prefix} has no promotions, so there is nothing to decide")
        with absence_told(reader.names):
            about = act(reader, verb == APPROVE, comment)
    except (BadInputError, RefusedError) as error:
        audit.record(user, verb, f"{prefix} {about}", "refused", str(error))
        return page_of(request, reader, str(error), comment)
    audit.record(user, verb, f"{prefix} {about}")
    return RedirectResponse(f"/use-cases/{prefix}", 303)
