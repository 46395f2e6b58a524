"""Checks a request for a use case, and writes it into the table of requests in the name of a lead data scientist."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from selfservice.authoring.new_use_case import add_use_case
from selfservice.errors import BadInputError
from selfservice.projects.project import find_directory
from selfservice.request_tables.request_id import new_id
from selfservice.requests.kinds.use_case_content import UseCaseRequest
from selfservice.requests.reading.named_people import LookUp
from selfservice.requests.reading.people_lookup import REMEDY, UNKNOWN
from selfservice.requests.reading.use_case_requests import RefusedContentError, checked_request
from selfservice.requests.requester import Requester, explained
from selfservice.use_cases.answer_check import refuse_unreturned
from selfservice.use_cases.template import offered_template


def accepted_request(
    directory: Path, team: str, content: Mapping[str, Any], look_up: LookUp | None = None
) -> UseCaseRequest:
    """Returns the request with this content, checked against the settings around ``directory``, if there are any, and
    with ``look_up``, against the directory of people. The runner checks it again.

    Raises: BadInputError or SettingsError.
    """
    wanted = checked_request(team, content)
    _refuse_what_settings_refuse(directory, team, wanted)
    if look_up is not None:
        refuse_unknown_approvers(wanted.approvers, look_up)
    return wanted


def refuse_unknown_approvers(approvers: Collection[str], look_up: LookUp) -> None:
    """Raises BadInputError with every approver whom the directory does not have."""
    if missing := look_up(approvers):
        raise RefusedContentError([("approvers", f"{name} {UNKNOWN}; {REMEDY}") for name in sorted(missing)])


def submit_use_case(requester: Requester, team: str, wanted: UseCaseRequest, id_: str = "") -> str:
    """Writes a request under the name of the person, and returns its id: a new one, unless one is given.

    Raises: RefusedError if IAM refuses it; BadInputError if the given id belongs to another request. The same request
    again under its id changes nothing.
    """
    now = datetime.now(UTC)
    id_ = id_ or new_id(now)
    with explained():
        requester.table.add(team, requester.user, wanted, id_=id_, now=now)
    return id_


def _refuse_what_settings_refuse(directory: Path, team: str, request: UseCaseRequest) -> None:
    try:
        project = find_directory(directory)
    except BadInputError:
        return
    offered_template(project, request.template)
    if add_use_case(project, request.new_use_case(team), write=False) is None:
        raise BadInputError(f"{team} has the use case {request.name} already")
    refuse_unreturned(project, team, request.results)
