"""The form with which a lead data scientist requests a use case of the team."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from selfservice.people.directory_access import look_up_people
from selfservice.people.use_case_submission import accepted_request, submit_use_case
from selfservice.portal.access.permission_sets import PROMOTIONS, REQUESTS_USE_CASES, Needed
from selfservice.portal.access.sessions import Session
from selfservice.portal.access.visitor import required_role, role_in
from selfservice.portal.forms import Form, form_of
from selfservice.portal.pages.form_page import Equivalent, FormPage
from selfservice.portal.portal import Portal, portal_of, signed_in
from selfservice.requests.kinds.use_case_content import UseCaseRequest
from selfservice.requests.reading.documents import document_in
from selfservice.use_cases.template import offered
from settings.derived.accounts import Account as Placed
from settings.derived.foundation import Foundation

REQUESTS = "/use-cases/requests"
"""Address of the page with the person's own requests."""
_ACTION = "create-use-case"
"""Action of the platform team whose form has the same fields."""
_COMMAND = "plinth usecase request"


class UseCaseForm(FormPage):
    """The form of a request for a use case, which the platform creates without a further approval."""

    intro = "The platform creates the use case of your team: its repositories with a first commit, and its builds."
    command = _COMMAND
    audited = "request-use-case"

    def form(self, request: Request, given: Mapping[str, str]) -> Form:
        foundation = portal_of(request).settings()
        choices = {"team": sorted(foundation.teams), "template": sorted(offered(foundation.organization.templates))}
        return form_of(_ACTION, given, choices)

    def show(self, request: Request) -> Response:
        """Shows the form to people with the permission set. Raises: RefusedError for others."""
        foundation = portal_of(request).settings()
        required_role(signed_in(request), REQUESTS_USE_CASES, foundation.account_of(REQUESTS_USE_CASES.kind, None))
        return super().show(request)

    def check(self, request: Request, form: Form) -> None:
        team, content = _content(form)
        accepted_request(portal_of(request).options.directory, team, content)

    def submit(self, request: Request, form: Form, id_: str) -> str:
        portal, session, (team, content) = portal_of(request), signed_in(request), _content(form)
        foundation = portal.settings()
        look_up = partial(_unknown, portal, session, foundation)
        wanted = accepted_request(portal.options.directory, team, content, look_up)
        with portal.visitors.requester(session, *tried(session, foundation)) as requester:
            submit_use_case(requester, team, wanted, id_)
        return f"{REQUESTS}?{urlencode({'team': team})}"

    def equivalent(self, form: Form) -> Equivalent:
        team, content = _content(form)
        wanted = UseCaseRequest.model_validate(content)
        return Equivalent(
            title="The same on the command line", text=shlex.join([*_COMMAND.split(), *_options(team, wanted)])
        )


def tried(session: Session, foundation: Foundation) -> tuple[Needed, Placed]:
    """Returns the permission set that requests use cases, and its account. A person without it tries another one of the
    account, which AWS refuses."""
    placed = foundation.account_of(REQUESTS_USE_CASES.kind, None)
    is_other = role_in(session, REQUESTS_USE_CASES, placed) is None and role_in(session, PROMOTIONS, placed) is not None
    return PROMOTIONS if is_other else REQUESTS_USE_CASES, placed


def _content(form: Form) -> tuple[str, Mapping[str, object]]:
    """Returns the team and the content of a request. Raises: BadInputError, SettingsError if it is no YAML."""
    value = document_in(form.as_yaml().encode(), "request").value
    assert isinstance(value, dict)  # document_in accepts no other
    return value.get("team", ""), {name: item for name, item in value.items() if name not in ("action", "team")}


def _unknown(portal: Portal, session: Session, foundation: Foundation, names: Iterable[str]) -> Collection[str]:
    """Returns those of the names that the directory does not have. If it does not answer, the runner looks again."""
    open_session = portal.visitors.open_session_in(session, *tried(session, foundation))
    return look_up_people(portal.options.region, names, open_session=open_session)


def _options(team: str, wanted: UseCaseRequest) -> Iterator[str]:
    """Yields the options with which the command makes the request. Those with a default value are left out."""
    yield from ("--team", team, "--name", wanted.name)
    given = wanted.model_dump(exclude_defaults=True)
    for name in ("template", "goal", "inference", "results"):
        if name in given:
            yield from (f"--{name}", given[name])
    yield from ("--feature-branches",) * wanted.feature_branches
    repeated = {"--image": wanted.images, "--approver": wanted.approvers}
    for option, values in {
        **repeated,
        "--data": [f"{name}={answer}" for name, answer in wanted.answers.items()],
    }.items():
        for value in values:
            yield from (option, value)
