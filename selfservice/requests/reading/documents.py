"""Reads the documents of requests: files in YAML, and the texts of items in tables, which are JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from selfservice.changes.requested.request_values import LEAKED, RepeatedKeyError, refuse_repeated_keys
from selfservice.errors import BadInputError
from selfservice.request_tables.request_id import MAX_CHARACTERS
from settings.files.config_sections import plain_secrets
from settings.files.yaml_file import MAX_FAULTS, YamlDocument, read_document
from settings.types.error_codes import Code
from settings.types.errors import SettingsError
from settings.types.redaction import HIDDEN, shown

MAX_FILE_BYTES = 64 * 1024
_EMPTY = "write a request, such as `team: claims` with `owner`, `cost_centre` and `monthly_budget_usd`"

M = TypeVar("M", bound=BaseModel)


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


def request_in_text(text: str, model_of: Callable[[str], type[M]], *, shows_values: bool) -> M:
    """Returns the request of an item, whose text somebody may have written without the command line.

    ``model_of`` returns the model of a text, which may be no JSON. ``shows_values`` tells whether faults repeat values.

    Raises: BadInputError with every fault. A message contains nothing of the text that is not escaped.
    """
    if text == HIDDEN:
        raise BadInputError(f"the request contained what looks like a credential, and was not recorded; {LEAKED}")
    if len(text) > MAX_CHARACTERS:
        raise BadInputError(f"the request has more than {MAX_CHARACTERS} characters")
    model = model_of(text)
    try:
        request = model.model_validate_json(text)
        refuse_repeated_keys(text)
    except ValidationError as error:
        faults = faults_of(error, model, shows_values=shows_values)
        raise BadInputError("\n".join(fault_line(*fault) for fault in faults)) from None
    except RepeatedKeyError as error:
        raise BadInputError(f"{error} is given twice; keep one of the two") from None
    return request


def faults_of(error: ValidationError, model: type[BaseModel], *, shows_values: bool) -> Iterator[tuple[str, str]]:
    """Yields the place of each fault, which is empty for the whole request, and a sentence with the remedy.

    ``shows_values`` tells whether the sentence begins with the escaped value.
    """
    for detail in error.errors(include_url=False)[:MAX_FAULTS]:
        place = ".".join(shown(str(part)) for part in detail["loc"] if part != "[key]")
        is_value = isinstance(detail["input"], str) and detail["loc"] and detail["loc"][-1] != "[key]"
        given, context = shown(detail["input"]) if shows_values and is_value else "", detail.get("ctx", {})
        said = f"{context['rule']}; {context['fix']}" if "rule" in context else detail["msg"]
        if detail["type"] == "extra_forbidden":
            given, said = "", f"is not a field; the fields are {', '.join(model.model_fields)}"
        yield place, f"{given} {said}".strip()


def fault_line(place: str, sentence: str) -> str:
    """Returns a fault in one line, with its place if it has one."""
    return f"{place}: {sentence}" if place else sentence
