"""Reads requests of lead data scientists: what they enter, and the texts of items in the table of requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from selfservice.errors import BadInputError
from selfservice.requests.kinds.use_case_content import UseCaseRequest
from selfservice.requests.reading.documents import fault_line, faults_of, request_in_text
from settings.types.values import TeamName


class RefusedContentError(BadInputError):
    """The content of a request is wrong."""

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        """``faults`` has the field, which is empty for the whole request, and a sentence for each fault."""
        self.faults = [(place.partition(".")[0], fault_line(place, sentence)) for place, sentence in faults]
        super().__init__("the request is refused:\n  " + "\n  ".join(line for _, line in self.faults))


def checked_request(team: str, content: Mapping[str, Any]) -> UseCaseRequest:
    """Returns the request with this content. Raises: BadInputError with every fault of the team and the content."""
    faults: list[tuple[str, str]] = []
    try:
        TypeAdapter(TeamName).validate_python(team)
    except ValidationError as error:
        faults += [("team", sentence) for _, sentence in faults_of(error, UseCaseRequest, shows_values=True)]
    try:
        request = UseCaseRequest.model_validate(content)
    except ValidationError as error:
        faults += faults_of(error, UseCaseRequest, shows_values=True)
    if faults:
        raise RefusedContentError(faults)
    return request


def parsed_request(text: str) -> UseCaseRequest:
    """Returns the request of an item, whose text somebody may have written without the command line.

    Raises: BadInputError with every fault. A message contains nothing of the text that is not escaped.
    """
    return request_in_text(text, lambda _: UseCaseRequest, shows_values=True)
