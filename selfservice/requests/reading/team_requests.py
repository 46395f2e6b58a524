"""Reads requests of the platform team: from files, and from the texts of items in the team catalog."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, ValidationError

from selfservice.errors import BadInputError
from selfservice.request_tables.request_id import MAX_CHARACTERS
from selfservice.requests.kinds.all_kinds import actions, kind_of
from selfservice.requests.kinds.request import Request
from selfservice.requests.kinds.team import TeamRequest
from selfservice.requests.reading.documents import MAX_FILE_BYTES, document_in, request_in_text
from selfservice.requests.reading.known_names import unknown_names
from selfservice.requests.reading.named_people import LookUp, unknown_people
from settings.files.config_sections import Section
from settings.files.validation_errors import validation_faults
from settings.types.error_codes import Code
from settings.types.errors import SettingsError, refusal
from settings.types.redaction import shown

if TYPE_CHECKING:
    from settings.derived.foundation import Foundation

NOBODY = 1_000_000
"""Number of approvals that no request gets."""


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


def parsed_request(text: str) -> Request:
    """Returns the request of an item, whose text somebody may have written without the command line.

    Raises: BadInputError with every fault. A message contains nothing of the text that is not escaped.
    """
    return request_in_text(text, _model_of_text, shows_values=False)


def approvals_of(text: str) -> int:
    """Returns how many people have to approve a request. Nobody can approve one that cannot be read."""
    try:
        return parsed_request(text).approvals
    except BadInputError:
        return NOBODY


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
