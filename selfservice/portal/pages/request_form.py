"""The forms for requests of the platform team, each made from the model of its kind."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import partial

from starlette.requests import Request

from selfservice.people import submission
from selfservice.people.directory_access import look_up_people
from selfservice.portal.access.sessions import Session
from selfservice.portal.forms import Form, form_of
from selfservice.portal.missing import MissingPageError
from selfservice.portal.pages.form_page import Equivalent, FormPage
from selfservice.portal.portal import Portal, portal_of, signed_in
from selfservice.requests.kinds.all_kinds import actions
from selfservice.requests.kinds.request import Request as Wanted
from selfservice.requests.reading.named_people import LookUp
from selfservice.requests.reading.team_requests import request_in

_NAME = "request"
"""Name of the text of a form in messages."""


class PlatformForm(FormPage):
    """The form of the action that the address names."""

    intro = (
        "A runner previews the request with all policies, and other people of the platform team approve the preview. "
        "Nothing changes before."
    )
    command = "plinth team request -f request.yaml"

    def form(self, request: Request, given: Mapping[str, str]) -> Form:
        action = request.path_params["action"]
        if action not in actions():
            raise MissingPageError(f"there is no request of the kind {action}")
        return form_of(action, given)

    def check(self, request: Request, form: Form) -> None:
        portal = portal_of(request)
        submission.notice_of(portal.options.directory, _request(portal, form, None))

    def submit(self, request: Request, form: Form, id_: str) -> str:
        portal, session = portal_of(request), signed_in(request)
        wanted = _request(portal, form, partial(_unknown, portal, session))
        submission.notice_of(portal.options.directory, wanted)
        with portal.visitors.engineer(session) as engineer:
            submission.submit(engineer, wanted, id_)
        return f"/requests/{id_}"

    def equivalent(self, form: Form) -> Equivalent:
        return Equivalent(title="The same as request.yaml for the command line", text=form.as_yaml())


def _request(portal: Portal, form: Form, look_up: LookUp | None) -> Wanted:
    """Returns the request of a form. Raises: BadInputError, SettingsError."""
    return request_in(form.as_yaml().encode(), _NAME, portal.settings(), look_up)


def _unknown(portal: Portal, session: Session, names: Iterable[str]) -> Collection[str]:
    """Returns those of the names that the directory does not have. If it does not answer, the review looks again."""
    if portal.settings().organization.sign_in != "identity-center":
        return frozenset()
    return look_up_people(portal.options.region, names, open_session=portal.visitors.open_session(session))
