"""Questions about the organization's trail: the list, the form of one, and its answer.

Athena answers with the permission set of the person. It takes longer than a page may, so an answer has an address of
its own, which says how far it is.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from selfservice.engine.account_access import Account
from selfservice.errors import BadInputError, RefusedError
from selfservice.portal.access import audit
from selfservice.portal.access.permission_sets import QUESTIONS
from selfservice.portal.access.visitor import tried_instead
from selfservice.portal.missing import MissingPageError
from selfservice.portal.portal import portal_of, signed_in
from selfservice.reports.audit.answers import ask, read_answer
from selfservice.reports.audit.printing import command_of
from selfservice.reports.audit.questions import FIELDS, Question, question_named, questions_of

MOST = 200
"""Rows of an answer on a page."""
_ACTION = "ask"


def question_list(request: Request) -> Response:
    """Shows the saved questions, or why there are none. Raises: RefusedError for people whom AWS refuses."""
    try:
        questions, problem = questions_of(_account(request)), ""
    except BadInputError as error:
        questions, problem = [], str(error)
    return portal_of(request).page(
        request, "questions.html", questions=questions, problem=problem, command="plinth audit questions"
    )


def question_page(request: Request) -> Response:
    """Shows the form of a question, filled with what the address gives."""
    return _form(request, _question(request, _account(request)), _given(request.query_params))


async def ask_page(request: Request) -> Response:
    """Asks a question, and leads to its answer."""
    given = _given({name: str(value) for name, value in (await request.form()).items()})
    return await run_in_threadpool(partial(_ask, request, given))


def answer_page(request: Request) -> Response:
    """Shows an answer, or how far it is."""
    account, id_ = _account(request), str(request.path_params["id"])
    questions = questions_of(account)
    try:
        answer = read_answer(account, questions, id_, MOST)
    except BadInputError as error:
        raise MissingPageError(str(error)) from error
    command = shlex.join(["plinth", "audit", "answer", id_])
    return portal_of(request).page(request, "answer.html", answer=answer, fields=FIELDS, command=command)


def _ask(request: Request, given: Mapping[str, str]) -> Response:
    user, name = signed_in(request).user, str(request.path_params["name"])
    try:
        account = _account(request)
        question = _question(request, account)
        try:
            id_ = ask(account, question, given)
        except BadInputError as error:
            audit.record(user, _ACTION, name, "refused", str(error))
            return _form(request, question, given, str(error))
    except RefusedError as error:
        audit.record(user, _ACTION, name, "refused", str(error))
        raise
    audit.record(user, _ACTION, name)
    return RedirectResponse(f"/audit/answers/{id_}", 303)


def _form(request: Request, question: Question, given: Mapping[str, str], problem: str = "") -> Response:
    accounts = {role.account_id: role.account_name for role in signed_in(request).roles}
    return portal_of(request).page(
        request,
        "question.html",
        422 if problem else 200,
        question=question,
        fields={name: FIELDS[name] for name in question.fields},
        given=given,
        problem=problem,
        accounts=sorted(accounts.items(), key=lambda item: item[1]),
        command=shlex.join(command_of(question, given)),
    )


def _given(values: Mapping[str, str]) -> dict[str, str]:
    """Returns the values of questions among those of an address or a form."""
    return {name: values[name].strip() for name in FIELDS if values.get(name, "").strip()}


def _account(request: Request) -> Account:
    """Returns the account of the trail as the person reaches it. Raises: RefusedError, SignedOutError."""
    portal, session = portal_of(request), signed_in(request)
    placed = portal.settings().account_of(QUESTIONS.kind)
    return portal.visitors.account(session, tried_instead(session, QUESTIONS, placed), placed)


def _question(request: Request, account: Account) -> Question:
    try:
        return question_named(questions_of(account), str(request.path_params["name"]))
    except BadInputError as error:
        raise MissingPageError(str(error)) from error
