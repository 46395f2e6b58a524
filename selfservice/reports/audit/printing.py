"""Prints questions and answers as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict

from selfservice.formatting import counted
from selfservice.reports.audit.answers import Answer
from selfservice.reports.audit.questions import Question
from settings.types.redaction import readable

OPTIONS = {"account": "--account", "day": "--since", "use_case": "--use-case", "version": "--version"}
"""Options of ``plinth audit ask``, by the value."""


def questions_as_text(questions: Iterable[Question]) -> str:
    return "\n".join(line for question in questions for line in _question(question)) or "There are no saved questions."


def questions_as_json(questions: Iterable[Question]) -> str:
    found = [
        {"name": question.name, "description": question.description, "values": question.fields}
        for question in questions
    ]
    return json.dumps({"questions": found}, indent=2)


def answer_as_text(answer: Answer) -> str:
    return "\n".join(_answer(answer))


def answer_as_json(answer: Answer) -> str:
    rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
    return json.dumps({**asdict(answer), "rows": rows}, indent=2)


def command_of(question: Question, given: Mapping[str, str] | None = None) -> Sequence[str]:
    """Returns the words of the command that asks a question; values that are not given stand in capitals."""
    words = ["plinth", "audit", "ask", question.name]
    for name in question.fields:
        words += [OPTIONS[name], (given or {}).get(name) or name.upper().replace("_", "-")]
    return words


def _question(question: Question) -> Iterator[str]:
    yield f"{question.name}: {question.description}"
    yield f"  {' '.join(command_of(question))}"


def _answer(answer: Answer) -> Iterator[str]:
    given = ", ".join(f"{name} {value}" for name, value in answer.values.items())
    yield f"{answer.question or 'a query that is no saved question'}{f': {given}' if given else ''}"
    if answer.state == "running":
        again = f"`plinth audit answer {answer.id}` shows the answer"
        yield f"asked at {answer.asked}; Athena has not answered yet: {again}"
        return
    if answer.state == "failed":
        yield f"asked at {answer.asked}; it failed: {readable(answer.reason)}"
        return
    yield f"answered at {answer.answered}, {counted(len(answer.rows), 'row')}{' and more' if answer.has_more else ''}"
    for row in answer.rows:
        yield ""
        yield from (f"  {name}: {readable(value)}" for name, value in zip(answer.columns, row, strict=True) if value)
