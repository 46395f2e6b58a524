"""Asks Athena a saved question, and reads the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from selfservice.engine.account_access import Account
from selfservice.reports.audit.questions import Question, as_given, explained
from settings.organization.audit import TRAIL_LIBRARY

MOST = 1000
"""Rows of an answer that one call returns, with the names of the columns (Amazon Athena API, "GetQueryResults")."""
_UNDER_WAY = ("QUEUED", "RUNNING")
State = Literal["running", "done", "failed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """An answer, or how far it is."""

    id: str
    question: str
    """Name of the saved question; empty for a query that is none."""
    values: Mapping[str, str]
    """Values of the parameters of the question."""
    state: State
    reason: str
    """Why it failed."""
    asked: str
    """Time at which Athena began, in ISO 8601."""
    answered: str
    """Time at which Athena ended, in ISO 8601; empty while it runs. Nothing later is in the answer."""
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    has_more: bool = False
    """Whether the answer has more rows than were read."""


def ask(account: Account, question: Question, given: Mapping[str, str]) -> str:
    """Starts the query of a question, and returns the id of its answer. Raises: BadInputError, RefusedError."""
    parameters = question.parameters(given)
    with explained():
        started = account.client("athena").start_query_execution(
            QueryString=question.sql, ExecutionParameters=parameters, WorkGroup=TRAIL_LIBRARY
        )
    return str(started["QueryExecutionId"])


def read_answer(account: Account, questions: Sequence[Question], id_: str, most: int = MOST) -> Answer:
    """Returns the answer with at most ``most`` rows. Raises: BadInputError for an unknown id; RefusedError."""
    athena = account.client("athena")
    with explained():
        execution = athena.get_query_execution(QueryExecutionId=id_)["QueryExecution"]
        status, asked = execution["Status"], _asked(execution, questions)
        state: State = "running" if status["State"] in _UNDER_WAY else "failed"
        columns, rows, has_more = list[str](), list[list[str]](), False
        if status["State"] == "SUCCEEDED":
            state = "done"
            # The first row has the names of the columns.
            page = athena.get_query_results(QueryExecutionId=id_, MaxResults=min(most + 1, MOST))
            columns, *rows = [
                [cell.get("VarCharValue", "") for cell in row["Data"]] for row in page["ResultSet"]["Rows"]
            ]
            has_more = "NextToken" in page
    ended = status.get("CompletionDateTime")
    return Answer(
        id=id_,
        question=asked[0],
        values=asked[1],
        state=state,
        reason=status.get("StateChangeReason", "") if state == "failed" else "",
        asked=status["SubmissionDateTime"].isoformat(timespec="seconds"),
        answered="" if ended is None or state == "running" else ended.isoformat(timespec="seconds"),
        columns=columns,
        rows=rows,
        has_more=has_more,
    )


def _asked(execution: Mapping[str, Any], questions: Sequence[Question]) -> tuple[str, Mapping[str, str]]:
    """Returns the saved question of a query, and its values."""
    found = next((question for question in questions if question.sql.strip() == execution["Query"].strip()), None)
    if found is None:
        return "", {}
    parameters = execution.get("ExecutionParameters") or ()
    return found.name, {
        name: as_given(name, parameter) for name, parameter in zip(found.fields, parameters, strict=False)
    }
