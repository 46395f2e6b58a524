"""Reads requests: from files, and from the texts of items in the team catalog."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, ValidationError

from selfservice.changes.requested.known_names import unknown_names
from selfservice.changes.requested.named_people import LookUp, unknown_people
from selfservice.changes.requested.request_values import LEAKED, RepeatedKeyError, refuse_repeated_keys
from selfservice.errors import BadInputError
from selfservice.requests.kinds.all_kinds import actions, kind_of
from selfservice.requests.kinds.request import Request
from selfservice.requests.kinds.team import TeamRequest
from settings.files.config_sections import Section, plain_secrets
from settings.files.validation_errors import validation_faults
from settings.files.yaml_file import MAX_FAULTS, YamlDocument, read_document
from settings.types.error_codes import Code
from settings.types.errors import SettingsError, refusal
from settings.types.redaction import HIDDEN, shown

if TYPE_CHECKING:
    from settings.derived.foundation import Foundation

MAX_CHARACTERS = 8_000
"""Longest request in characters."""
MAX_FILE_BYTES = 64 * 1024
NOBODY = 1_000_000
"""Number of approvals that no request gets."""


_EMPTY = "write a request, such as `team: claims` with `owner`, `cost_centre` and `monthly_budget_usd`"


def _known(action: str) -> str:
    if action not in actions():
        raise refusal(Code.NOT_ALLOWED, f"{shown(action)} is not an action", f"write one of {', '.join(actions())}")
    return action


class _UnknownRequest(TeamRequest):
    """A request of no kind, whose refusal names all actions beside all other faults."""

    action: Annotated[str, BeforeValidator(_known)]  # type: ignore[assignment] # wider than those of a team


def read_request(file: Path, foundation: Foundation | None = None, look_up: LookUp | None = None) -> Request:
    """Returns the request in a YAML file. With the settings, names are checked too, and with ``look_up``, people.

    Raises: BadInputError if the file cannot be read; SettingsError with every fault and its line.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_FILE_BYTES + 1)  # no more, because a device has no end
    except OSError as error:
        raise BadInputError(f"{file}: {error.strerror}") from None
    return request_in(content, str(file), foundation, look_up)


def request_in(
    content: bytes, name: str, foundation: Foundation | None = None, look_up: LookUp | None = None
) -> Request:
    """Returns the request in a YAML text, which messages call ``name``. With the settings, names are checked too, and
    with ``look_up``, people.

    Raises: BadInputError if the text is too long or no request; SettingsError with every fault and its line.
    """
    document = document_in(content, name)
    section = Section(document, name)
    model = _model_of(document.value)
    needs_team = _needs_team(document.value)
    unknown = [] if foundation is None else list(unknown_names(section, foundation, needs_team=needs_team))
    if look_up is not None:
        unknown += unknown_people(section, look_up)
    try:
        request = model.model_validate(document.value)
    except ValidationError as error:
        wrong = validation_faults(error, section, model)
        places = {fault.path for fault in wrong}
        raise SettingsError([*wrong, *(fault for fault in unknown if fault.path not in places)]) from None
    if unknown:
        raise SettingsError(unknown)
    if len(request.text) > MAX_CHARACTERS:
        raise BadInputError(
            f"{name}: the request has {len(request.text)} characters; at most {MAX_CHARACTERS} are allowed"
        )
    return request


def document_in(content: bytes, name: str) -> YamlDocument:
    """Returns the mapping in a YAML text, which messages call ``name``. It is not validated as a request.

    Raises: BadInputError if the text is too long or no mapping; SettingsError with every fault and its line.
    """
    if len(content) > MAX_FILE_BYTES:
        raise BadInputError(f"{name} has more than {MAX_FILE_BYTES} bytes, the limit of a request")
    document, faults = read_document(content)
    if document is not None:
        faults = [*faults, *plain_secrets(document, name)]
    if document is None or faults:
        faults = [replace(fault, fix=_EMPTY) if fault.code is Code.FILE_EMPTY else fault for fault in faults]
        raise SettingsError([fault.at(file=name, line=fault.line) for fault in faults])
    if not isinstance(document.value, dict):
        raise BadInputError(f"{name} is not a mapping; write a request as `team: claims` and further fields")
    return document


def parsed_request(text: str) -> Request:
    """Returns the request of an item, whose text somebody may have written without the command line.

    Raises: BadInputError with every fault. A message contains nothing of the text that is not escaped.
    """
    if text == HIDDEN:
        raise BadInputError(f"the request contained what looks like a credential, and was not recorded; {LEAKED}")
    if len(text) > MAX_CHARACTERS:
        raise BadInputError(f"the request has more than {MAX_CHARACTERS} characters")
    model = _model_of_text(text)
    try:
        request = model.model_validate_json(text)
        refuse_repeated_keys(text)
    except ValidationError as error:
        raise BadInputError("\n".join(_sentences(error.errors(include_url=False)[:MAX_FAULTS], model))) from None
    except RepeatedKeyError as error:
        raise BadInputError(f"{error} is given twice; keep one of the two") from None
    return request


def approvals_of(text: str) -> int:
    """Returns how many people have to approve a request. Nobody can approve one that cannot be read."""
    try:
        return parsed_request(text).approvals
    except BadInputError:
        return NOBODY


def _sentences(details: Iterable[Any], model: type[Request]) -> Iterable[str]:
    for detail in details:
        place = ".".join(shown(str(part)) for part in detail["loc"] if part != "[key]")
        context = detail.get("ctx", {})
        said = f"{context['rule']}; {context['fix']}" if "rule" in context else detail["msg"]
        if detail["type"] == "extra_forbidden":
            said = f"is not a field; the fields are {', '.join(model.model_fields)}"
        yield f"{place}: {said}" if place else said


def _model_of(value: Any) -> type[Request]:
    """Returns the kind of a request by its action. A request of an unknown action is refused as one for a team."""
    found = value.get("action") if isinstance(value, dict) else None
    if not isinstance(found, str):
        return TeamRequest
    return kind_of(found) if found in actions() else _UnknownRequest


def _needs_team(value: Any) -> bool:
    """Returns whether the action of a request is for teams that exist, as an unknown one is taken to be."""
    action = value.get("action", "create")
    named = actions().get(action) if isinstance(action, str) else None
    return named is None or named.needs_team


def _model_of_text(text: str) -> type[Request]:
    try:
        return _model_of(json.loads(text))
    except (ValueError, RecursionError):
        return TeamRequest  # which says what is wrong with the text
