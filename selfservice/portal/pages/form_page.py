"""Common base of the pages with a form for a request: the empty form, checks while somebody types, and sending."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from selfservice.errors import BadInputError, RefusedError
from selfservice.portal.access import audit
from selfservice.portal.forms import Form
from selfservice.portal.portal import portal_of, signed_in
from selfservice.request_tables.request_id import is_id, new_id
from selfservice.requests.reading.use_case_requests import RefusedContentError
from settings.types.errors import Fault, SettingsError

Problems = list[tuple[str, str]]
"""Field and text of each fault. The field is empty if the fault is of the whole request."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Equivalent:
    """How somebody requests the same on the command line."""

    title: str
    text: str


class FormPage(ABC):
    """The pages of a form at one address. The check has the address of the form with ``/check``."""

    intro: str
    """Text that explains what happens with a request."""
    command: str
    audited: str = ""
    """Action that audit lines name. Without one, they name the action of the form."""

    @abstractmethod
    def form(self, request: Request, given: Mapping[str, str]) -> Form:
        """Returns the form with the given values. Raises: MissingPageError, SettingsError."""

    @abstractmethod
    def check(self, request: Request, form: Form) -> None:
        """Raises BadInputError, RefusedError or SettingsError unless the form is a request that fits the settings."""

    @abstractmethod
    def submit(self, request: Request, form: Form, id_: str) -> str:
        """Checks and writes the request under the name of the person, and returns the address that shows it.

        Raises: BadInputError, RefusedError, SettingsError.
        """

    @abstractmethod
    def equivalent(self, form: Form) -> Equivalent:
        """Returns the same for the command line, of a form that the check has accepted."""

    def show(self, request: Request) -> Response:
        """Shows an empty form, or one that the address fills in a part."""
        return self._page(request, self.form(request, dict(request.query_params.items())), new_id(datetime.now(UTC)))

    async def show_check(self, request: Request) -> Response:
        """Says what is wrong with a form that somebody is filling."""
        return await run_in_threadpool(partial(self._check, request, await request.form()))

    async def send(self, request: Request) -> Response:
        """Writes the request under the name of the person, once, however often the form is sent."""
        return await run_in_threadpool(partial(self._send, request, await request.form()))

    def _check(self, request: Request, given: FormData) -> Response:
        form, problems = self.form(request, _texts(given)), Problems()
        try:
            self.check(request, form)
        except (BadInputError, RefusedError, SettingsError) as error:
            problems = problems_in(error)
        same = None if problems else self.equivalent(form)
        return portal_of(request).page(request, "problems.html", problems=problems, same=same)

    def _send(self, request: Request, given: FormData) -> Response:
        user, form, id_ = signed_in(request).user, self.form(request, _texts(given)), str(given.get("id", ""))
        action = self.audited or form.action
        if not is_id(id_):
            raise BadInputError("the form has no valid id: load the page again")
        try:
            address = self.submit(request, form, id_)
        except (BadInputError, RefusedError, SettingsError) as error:
            problems = problems_in(error)
            audit.record(user, action, form.subject, "refused", "; ".join(text for _, text in problems))
            return self._page(request, form, id_, problems)
        audit.record(user, action, form.subject)
        return RedirectResponse(address, 303)

    def _page(self, request: Request, form: Form, id_: str, problems: Problems | None = None) -> Response:
        return portal_of(request).page(
            request,
            "request_form.html",
            422 if problems else 200,
            form=form,
            id=id_,
            intro=self.intro,
            problems=problems or [],
            command=self.command,
        )


def problems_in(error: Exception) -> Problems:
    """Returns the field and the text of each fault."""
    if isinstance(error, RefusedContentError):
        return error.faults
    if not isinstance(error, SettingsError):
        return [("", str(error))]
    return [(fault.path.partition(".")[0], _sentence(fault)) for fault in error.faults]


def _sentence(fault: Fault) -> str:
    what = f"{fault.value} {fault.rule}".strip()
    return ": ".join(filter(None, (fault.path, f"{what}; {fault.fix}")))


def _texts(given: FormData) -> Mapping[str, str]:
    return {name: str(value) for name, value in given.items()}
