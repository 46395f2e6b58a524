"""Athena: a query reads the Glue Data Catalog as far as Lake Formation lets the caller.

Queries are planned when they are submitted, and run by the executor. Other statements, such as DDL, are not emulated:
moto would report that they succeeded.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from moto.athena.models import athena_backends
from moto.s3.models import s3_backends

from plinth_sandbox.emulator.authentication import issued_secret
from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import Outcome, Task, TaskRunner
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.paging import page
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.athena.executor.query_plans import QueryRefusedError, plan
from plinth_sandbox.emulator.store.record import now
from plinth_sandbox.s3_location import split

_UNLOAD = re.compile(
    r"\s*UNLOAD\s*\((?P<query>.*)\)\s*TO\s*'(?P<target>s3://[^']+)'\s*(WITH\s*\((?P<how>.*)\))?", re.I | re.S
)
_MINUTES = 30
"""Time limit of a query, as in Athena."""
_PAGE = 1000
"""Rows per page of a result, including its header (Amazon Athena API, "GetQueryResults")."""


def _start(exchange: Exchange, runtime: Runtime) -> Answer:
    query = exchange.call.parameters["QueryString"]
    unload = _UNLOAD.fullmatch(query.strip().rstrip(";"))
    if not (unload or re.match(r"\s*(SELECT|WITH)\b", query, re.I)):
        raise NotEmulatedError("a statement other than SELECT and UNLOAD")
    answer = exchange.below()
    if not answer.succeeded:
        return answer
    call, run = exchange.call, str(exchange.call.result(answer)["QueryExecutionId"])
    known = {"output": _output(call, run), "submitted": now()}
    notes = exchange.memory.notes("athena-queries", call.account, call.region)
    try:
        planned = plan(call, exchange.memory, unload["query"] if unload else query)
    except QueryRefusedError as refusal:
        notes[run] = {**known, "refused": str(refusal)}
        return answer
    notes[run] = known
    target = {"unload": unload["target"], "how": unload["how"] or ""} if unload else {}
    job_input = {**planned, **target, "output": known["output"], "caller": _credentials(call)}
    runtime.runner.submit(Task("athena", run, call.account, call.region, _MINUTES * 60.0, job_input))
    return answer


def _credentials(call: Call) -> dict[str, str]:
    """Returns the caller's credentials. A caller from the management account has those of every executor."""
    secret = issued_secret(call.access_key)
    keys = {"aws_access_key_id": call.access_key, "aws_secret_access_key": secret, "aws_session_token": "-"}
    return {name: value for name, value in keys.items() if value} if secret else {}


def _output(call: Call, run: str) -> str:
    """Returns the output location. A workgroup that enforces its settings overrides the request."""
    group = athena_backends[call.account][call.region].work_groups.get(call.parameters.get("WorkGroup", "primary"))
    settings = (group.configuration if group else None) or {}
    own = settings.get("ResultConfiguration", {}).get("OutputLocation")
    asked = call.parameters.get("ResultConfiguration", {}).get("OutputLocation")
    place = own if settings.get("EnforceWorkGroupConfiguration", True) else asked or own
    # moto appends the result's file name to the requested location.
    folder = (place or asked or "").removesuffix(f"{run}.csv").rstrip("/")
    return f"{folder}/{run}.csv" if folder else ""


def record_outcome(outcome: Outcome, runtime: Runtime) -> None:
    runtime.memory.notes("athena-queries", outcome.account, outcome.region)[outcome.run]["outcome"] = outcome


def _known(exchange: Exchange) -> dict[str, Any]:
    run = exchange.call.parameters["QueryExecutionId"]
    found: dict[str, Any] | None = exchange.memory.notes(
        "athena-queries", exchange.call.account, exchange.call.region
    ).get(run)
    if found is None:
        raise AwsError("InvalidRequestException", f"QueryExecution {run} was not found")
    return found


def _state(known: Mapping[str, Any], run: str, runner: TaskRunner) -> tuple[str, str]:
    """Returns the state and its reason."""
    if "refused" in known:
        return "FAILED", known["refused"]
    if outcome := known.get("outcome"):
        return ("SUCCEEDED", "") if outcome.state == "SUCCEEDED" else ("FAILED", outcome.message)
    return ("QUEUED" if runner.waits(run) else "RUNNING"), ""


def _get(exchange: Exchange, runtime: Runtime) -> Answer:
    known = _known(exchange)

    def tell(result: dict[str, Any]) -> None:
        execution, outcome = result["QueryExecution"], known.get("outcome")
        state, why = _state(known, execution["QueryExecutionId"], runtime.runner)
        seconds = outcome.seconds if outcome else 0
        execution["Status"] = {"State": state, "SubmissionDateTime": known["submitted"]}
        if state in ("FAILED", "SUCCEEDED"):
            execution["Status"]["CompletionDateTime"] = known["submitted"] + timedelta(seconds=seconds)
        if why:
            execution["Status"]["StateChangeReason"] = why
        execution["ResultConfiguration"] = {
            **execution.get("ResultConfiguration", {}),
            "OutputLocation": known["output"],
        }
        execution["StatementType"] = "DML"
        execution["Statistics"] = {"EngineExecutionTimeInMillis": seconds * 1000}

    return exchange.amend(tell)


def _results(exchange: Exchange, runtime: Runtime) -> Answer:
    known = _known(exchange)
    parameters = exchange.call.parameters
    state, _ = _state(known, parameters["QueryExecutionId"], runtime.runner)
    if state in ("QUEUED", "RUNNING"):
        raise AwsError("InvalidRequestException", f"Query has not yet finished. Current state: {state}")
    if state != "SUCCEEDED":
        raise AwsError("InvalidRequestException", f"Query did not finish successfully. Final query state: {state}")
    columns = known["outcome"].left["columns"]
    rows = _written(known["output"]) if columns else []
    shown, further = page(rows, parameters, _PAGE)
    data = [{"Data": [{"VarCharValue": value} if value is not None else {} for value in row]} for row in shown]
    described = {"ColumnInfo": [{"Name": name, "Type": type_} for name, type_ in columns]}
    return exchange.call.reply({"ResultSet": {"Rows": data, "ResultSetMetadata": described}, **further})


def _written(location: str) -> list[list[str | None]]:
    """Returns the rows of a result, column names first. An empty text is quoted, and a null is not."""
    from pyarrow import csv

    bucket, key = split(location)
    owner = s3_backends.bucket_accounts[bucket][1]
    body = s3_backends[owner]["aws"].get_object(bucket, key).value
    names = csv.open_csv(io.BytesIO(body)).schema.names
    as_they_are = csv.ConvertOptions(
        column_types=dict.fromkeys(names, "string"),
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    table = csv.read_csv(io.BytesIO(body), convert_options=as_they_are)
    return [names, *(list(row) for row in zip(*(column.to_pylist() for column in table.columns), strict=True))]


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "GetQueryExecution": _get,
    "GetQueryResults": _results,
    "StartQueryExecution": _start,
}
