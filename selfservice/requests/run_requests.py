"""Creates what open requests ask for, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from selfservice.errors import BadInputError, RefusedError
from selfservice.request_tables.heartbeat import Heartbeat
from selfservice.request_tables.request_id import is_id
from selfservice.request_tables.runner_process import RunnerProcess
from selfservice.requests.kinds.use_case_content import UseCaseRequest
from selfservice.requests.reading.use_case_requests import parsed_request
from selfservice.requests.record import OpenRequest, Result, State
from selfservice.requests.request_table import RequestTable, UseCaseClaim
from settings.types.errors import SettingsError

LONGEST_REASON = 2_000
"""Characters of a reason that are recorded."""

Create = Callable[[OpenRequest, UseCaseRequest], Result]
"""Creates the use case of a request and returns the result."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FinishedRequest:
    """A request that this runner has worked on."""

    request: OpenRequest
    result: Result
    recorded: bool
    """Whether the result is in the table. It is not if another runner has taken the request over."""


def _now() -> datetime:
    return datetime.now(UTC)


def run_open_requests(
    table: RequestTable,
    runner: RunnerProcess,
    create: Create,
    *,
    started: Callable[[UseCaseClaim], None],
    now: Callable[[], datetime] = _now,
) -> Iterator[FinishedRequest]:
    """Claims every open request and yields it when it is finished.

    ``started`` is told of each claim. An interruption leaves the claim, and the next runner continues the request.
    """
    for request in table.open_requests():
        claim = table.claim(request, runner, now())
        if claim is None:
            continue
        started(claim)
        defect = None
        with Heartbeat(lambda claim=claim: table.extend(claim, now())):  # type: ignore[misc] # the loop's variable
            try:
                result = _result(claim.request, create)
            except Exception as error:  # recorded first, then raised as a defect
                defect, result = error, Result(state=State.FAILED, reason=f"{type(error).__name__}: {error}")
        recorded = table.finish(claim, result, now())
        yield FinishedRequest(request=claim.request, result=result, recorded=recorded)
        if defect is not None:
            raise defect


def _result(request: OpenRequest, create: Create) -> Result:
    try:
        if not is_id(request.id):
            raise BadInputError("its id is not one; write requests with `plinth usecase request`")
        result = create(request, parsed_request(request.text))
    except (BadInputError, SettingsError) as error:
        result = Result(state=State.REFUSED, reason=str(error))
    except RefusedError as error:
        result = Result(state=State.FAILED, reason=str(error))
    return replace(result, reason=result.reason and result.reason[:LONGEST_REASON])
