"""Runs a state machine's definition with fakes for the resources that its tasks call.

It supports the part of Amazon States Language that the foundation's definitions use, with JSONata as the query
language: ``Pass``, ``Choice``, ``Wait``, ``Task``, ``Succeed`` and ``Fail``. Anything else is an error.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

Task = Callable[[Any], Any]
NOW = datetime(2026, 11, 21, 4, 0, 7, tzinfo=UTC)


class TaskError(Exception):
    """Failure of a task, with the error name that ``ErrorEquals`` matches."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass
class Execution:
    """One execution: its outcome, the states that it passed, and the calls of its tasks."""

    succeeded: bool = False
    output: Any = None
    states: list[str] = field(default_factory=list)
    asked: list[tuple[str, Any]] = field(default_factory=list)
    """Resource and arguments of each task call."""
    waited_seconds: int = 0

    def of(self, resource: str) -> list[Any]:
        """Returns the arguments of calls to resources whose ARN ends with the given text."""
        return [arguments for arn, arguments in self.asked if arn.endswith(resource)]


def execute(definition: str, given: Any, tasks: Mapping[str, Task], *, name: str = "run") -> Execution:
    """Runs a definition to the end. The keys of ``tasks`` are the ends of resource ARNs."""
    machine = json.loads(definition)
    assert machine["QueryLanguage"] == "JSONata"
    run = Execution()
    context = {"Execution": {"Id": f"arn:aws:states:::execution:{name}", "StartTime": NOW.isoformat()}}
    known: dict[str, Any] = {"states": {"input": given, "context": context}}
    state_name = machine["StartAt"]
    while True:
        state = machine["States"][state_name]
        run.states.append(state_name)
        kind = state["Type"]
        if kind == "Succeed":
            run.succeeded, run.output = True, filled(state.get("Output"), known)
            return run
        if kind == "Fail":
            run.output = state["Error"]
            return run
        state_name = _next(state, kind, run, known, tasks)


def _next(state: Any, kind: str, run: Execution, known: dict[str, Any], tasks: Mapping[str, Task]) -> str:
    if kind == "Choice":
        chosen = [choice["Next"] for choice in state["Choices"] if filled(choice["Condition"], known) is True]
        return str([*chosen, state["Default"]][0])
    if kind == "Wait":
        run.waited_seconds += state["Seconds"]
    elif kind == "Task":
        caught = _call(state, run, known, tasks)
        if caught is not None:
            known |= filled(caught.get("Assign", {}), known)
            return str(caught["Next"])
    else:
        assert kind == "Pass", kind
    known |= filled(state.get("Assign", {}), known)
    return str(state["Next"])


def _call(state: Any, run: Execution, known: dict[str, Any], tasks: Mapping[str, Task]) -> Any:
    """Calls a task with its retries. Returns None, or the catcher for the error of the last attempt."""
    resource = state["Resource"]
    (task,) = [task for ending, task in tasks.items() if resource.endswith(ending)]
    tries = 0
    while True:
        try:
            arguments = _arguments(state, known)
            run.asked.append((resource, arguments))
            known["states"] = {**known["states"], "result": task(arguments)}
            return None
        except TaskError as error:
            retrier = _of(state.get("Retry", []), error)
            if retrier is not None and tries < retrier["MaxAttempts"]:
                tries += 1
                continue
            known["states"] = {**known["states"], "errorOutput": {"Error": error.name}}
            catcher = _of(state.get("Catch", []), error)
            if catcher is None:
                raise
            return catcher


def _arguments(state: Any, known: Mapping[str, Any]) -> Any:
    """Returns the arguments of a task. An expression that fails or has no value raises an error that may be caught."""
    try:
        arguments = filled(state["Arguments"], known)
    except ValueError:
        raise TaskError("States.QueryEvaluationError") from None
    if _lacks_a_value(arguments):
        raise TaskError("States.QueryEvaluationError")
    return arguments


def _lacks_a_value(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_lacks_a_value, value.values()))
    return any(map(_lacks_a_value, value)) if isinstance(value, list) else value is None


def _of(handlers: list[Any], error: TaskError) -> Any:
    return next((handler for handler in handlers if {error.name, "States.ALL"} & set(handler["ErrorEquals"])), None)


def filled(value: Any, known: Mapping[str, Any]) -> Any:
    """Returns a value with its expressions evaluated."""
    if isinstance(value, Mapping):
        return {key: filled(inner, known) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, known) for inner in value]
    if isinstance(value, str) and value.startswith("{%") and value.endswith("%}"):
        return _Expression(value[2:-2], known).whole()
    return value


_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<number>\d+)|(?P<word>true|false)"""
    r"""|\$(?P<name>\w+(?:\[\d+\])?(?:\.\w+(?:\[\d+\])?)*)|\.(?P<field>\w+)|(?P<sign>>=|[&+/=>(),]))"""
)
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {"=": operator.eq, ">": operator.gt, ">=": operator.ge}


class _Expression:
    """An interpreter of JSONata expressions with strings, numbers, paths, functions, ``&``, ``+``, ``/`` and
    comparisons."""

    def __init__(self, text: str, known: Mapping[str, Any]) -> None:
        self._known = known
        self._tokens = self._read(text.rstrip())
        self._place = 0

    @staticmethod
    def _read(text: str) -> list[tuple[str, str]]:
        tokens, place = [], 0
        while place < len(text):
            found = _TOKEN.match(text, place)
            assert found is not None, f"not understood: {text[place:]}"
            tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
            place = found.end()
        return tokens

    def whole(self) -> Any:
        value = self._equality()
        assert self._place == len(self._tokens), self._tokens[self._place :]
        return value

    def _takes(self, *signs: str) -> str | None:
        if self._place < len(self._tokens) and self._tokens[self._place] in [("sign", sign) for sign in signs]:
            self._place += 1
            return self._tokens[self._place - 1][1]
        return None

    def _equality(self) -> Any:
        left = self._sum()
        sign = self._takes(*_COMPARISONS)
        return left if sign is None else _COMPARISONS[sign](left, self._sum())

    def _sum(self) -> Any:
        value = self._quotient()
        while sign := self._takes("&", "+"):
            other = self._quotient()
            value = value + other if sign == "+" else f"{value}{other}"
        return value

    def _quotient(self) -> Any:
        value = self._one()
        while self._takes("/"):
            value = value / self._one()
        return value

    def _one(self) -> Any:
        kind, text = self._tokens[self._place]
        self._place += 1
        if kind == "text":
            return json.loads(text) if text.startswith('"') else text[1:-1]
        if kind == "number":
            return int(text)
        if kind == "word":
            return text == "true"
        assert kind == "name", text
        if not self._takes("("):
            return self._path(text)
        value = self._function(text)
        while self._place < len(self._tokens) and self._tokens[self._place][0] == "field":
            value = value.get(self._tokens[self._place][1])
            self._place += 1
        return value

    def _path(self, text: str) -> Any:
        value: Any = self._known
        for part in re.findall(r"\w+", text):
            if isinstance(value, list):
                value = value[int(part)]
            else:
                value = value.get(part) if isinstance(value, Mapping) else None
        return value

    def _function(self, name: str) -> Any:
        arguments = []
        while not self._takes(")"):
            arguments.append(self._equality())
            self._takes(",")
        return _FUNCTIONS[name](*arguments)


def _picture(milliseconds: int, picture: str) -> str:
    parts = {"[Y0001]": "%Y", "[M01]": "%m", "[D01]": "%d", "[H01]": "%H", "[m01]": "%M", "[s01]": "%S"}
    for theirs, ours in parts.items():
        picture = picture.replace(theirs, ours)
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime(picture)


def _hash(text: str, algorithm: str) -> str:
    assert algorithm == "SHA-256"
    return sha256(text.encode()).hexdigest()


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "number": float,
    "millis": lambda: int(NOW.timestamp() * 1000),
    "toMillis": lambda text: int(datetime.fromisoformat(text).timestamp() * 1000),
    "fromMillis": _picture,
    "floor": lambda number: int(number // 1),
    "parse": json.loads,
    "string": lambda value: value if isinstance(value, str) else json.dumps(value),
    "substring": lambda text, start, length: text[start : start + length],
    "hash": _hash,
}
