"""The saved questions about the organization's trail, and the values that each asks for.

The questions are the saved queries of the workgroup, which the stack ``audit`` deploys. They name each value by the
column that is compared with a question mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from selfservice.engine.account_access import Account, denials_refused
from selfservice.errors import BadInputError
from settings.organization.audit import TRAIL_LIBRARY

PERMISSION_SET = "Auditor-record"
"""Permission set that asks, in the account of the trail."""
_MOST_NAMED = 50
"""Saved queries that Athena describes in one call (Amazon Athena API, "BatchGetNamedQuery")."""
_TEXTS = re.compile(r"'[^']*'")
_COMPARED = re.compile(r"(\w+) (?:>=|=) \?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """A value that questions ask for."""

    label: str
    form: re.Pattern[str]
    example: str


FIELDS: Mapping[str, Field] = {
    "account": Field(label="Account", form=re.compile(r"[0-9]{12}"), example="123456789012"),
    "day": Field(label="First day", form=re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), example="2026-01-31"),
    "use_case": Field(label="Use case", form=re.compile(r"[a-z][a-z0-9-]{0,40}"), example="scoring"),
    "version": Field(
        label="ARN of the model version",
        form=re.compile(r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:model-package/[A-Za-z0-9-]+/[0-9]+"),
        example="arn:aws:sagemaker:eu-west-1:123456789012:model-package/fraud--scoring-main/7",
    ),
}
"""The values by the column that they are compared with."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A saved question."""

    name: str
    description: str
    sql: str

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the values that it asks for, in the order of the query."""
        return tuple(_COMPARED.findall(_TEXTS.sub("''", self.sql)))

    def parameters(self, given: Mapping[str, str]) -> list[str]:
        """Returns the values as expressions of SQL. Raises: BadInputError with everything that is wrong."""
        problems = [*_problems(self, given)]
        if problems:
            raise BadInputError("; ".join(problems))
        return [_quoted(_as_compared(name, given[name])) for name in self.fields]


def questions_of(account: Account) -> list[Question]:
    """Returns the saved questions by name. Raises: RefusedError, BadInputError."""
    with explained():
        ids = [*account.every("athena", "list_named_queries", "NamedQueryIds", WorkGroup=TRAIL_LIBRARY)]
        found: list[dict[str, Any]] = []
        for first in range(0, len(ids), _MOST_NAMED):
            asked = ids[first : first + _MOST_NAMED]
            found += account.client("athena").batch_get_named_query(NamedQueryIds=asked)["NamedQueries"]
    questions = [
        Question(name=query["Name"], description=query.get("Description", ""), sql=query["QueryString"])
        for query in found
    ]
    return sorted(questions, key=lambda question: question.name)


def question_named(questions: list[Question], name: str) -> Question:
    """Returns the question of a name. Raises: BadInputError with the names of all."""
    found = next((question for question in questions if question.name == name), None)
    if found is None:
        known = ", ".join(question.name for question in questions) or "none"
        raise BadInputError(f"there is no question {name[:100]}; there are: {known}")
    return found


@contextmanager
def explained() -> Iterator[None]:
    """Explains errors of Athena. Raises: RefusedError, BadInputError."""
    from botocore.exceptions import ClientError

    with denials_refused(lambda message: f"{message}; the permission set {PERMISSION_SET} may ask"):
        try:
            yield
        except ClientError as error:
            if error.response["Error"]["Code"] != "InvalidRequestException":
                raise
            raise BadInputError(f"Athena does not answer: {error.response['Error']['Message']}") from error


def _quoted(text: str) -> str:
    """Returns a text as SQL has it."""
    return "'" + text.replace("'", "''") + "'"


def _problems(question: Question, given: Mapping[str, str]) -> Iterator[str]:
    for name in question.fields:
        field, value = FIELDS[name], given.get(name, "")
        if not value:
            yield f"{name}: {question.name} asks for it, such as {field.example}"
        elif not field.form.fullmatch(value) or (name == "day" and not _is_day(value)):
            yield f"{name}: {value[:200]} does not have the form of {field.example}"
    yield from (f"{name}: {question.name} does not ask for it" for name in given if name not in question.fields)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def as_given(name: str, parameter: str) -> str:
    """Returns the value of an expression that :meth:`Question.parameters` has made."""
    value = parameter.removeprefix("'").removesuffix("'").replace("''", "'")
    return value.replace("/", "-") if name == "day" else value


def _as_compared(name: str, value: str) -> str:
    """Returns a value as the table has it: the partitions of days have slashes."""
    return value.replace("-", "/") if name == "day" else value
