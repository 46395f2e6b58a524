"""Metric math: expressions over time series (CloudWatch User Guide, "Using math expressions with CloudWatch metrics").

Supported are arithmetic, comparison and logical operators, and the functions in :data:`FUNCTIONS`, ``FILL`` and
``PERIOD``. An expression has the grammar of Python's but for the spelling of some operators, so Python parses it.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plinth_sandbox.emulator.layers.moto import NotEmulatedError

Point = float | None
"""Value of one period, or None if it is missing."""
Points = tuple[Point, ...]


class InvalidExpressionError(Exception):
    """An expression that CloudWatch refuses."""


@dataclass(frozen=True, slots=True)
class Input:
    """The values of a query that an expression names."""

    points: Points
    period: int


Value = float | Points | list["Points | float"]
"""A scalar, a time series, or an array of time series."""

_SPELLINGS = ((r"&&|\bAND\b", " and "), (r"\|\||\bOR\b", " or "), (r"\^", "**"), (r"!(?!=)|\bNOT\b", " not "))
_BINARY: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_COMPARISONS: Mapping[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_REDUCERS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "SUM": math.fsum,
    "AVG": lambda values: math.fsum(values) / len(values),
    "MIN": min,
    "MAX": max,
}
_MAPPERS: Mapping[str, Callable[[float], float]] = {"ABS": abs, "CEIL": math.ceil, "FLOOR": math.floor}
FUNCTIONS = (*_REDUCERS, *_MAPPERS, "IF", "FILL", "PERIOD", "METRICS")


def parse(text: str) -> ast.expr:
    """Returns the syntax tree of an expression.

    Raises: InvalidExpressionError; NotEmulatedError for searches, queries and functions that the sandbox lacks.
    """
    if re.match(r"\s*SELECT\b", text):
        raise NotEmulatedError("A query of Metrics Insights")
    spelled = text
    for pattern, replacement in _SPELLINGS:
        spelled = re.sub(pattern, replacement, spelled)
    try:
        tree = ast.parse(spelled.strip(), mode="eval").body
    except SyntaxError as error:
        raise InvalidExpressionError(f"Error in expression '{text}': {error.msg}") from error
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if not isinstance(node.func, ast.Name) or node.keywords:
                raise InvalidExpressionError(f"Error in expression '{text}'")
            if node.func.id not in FUNCTIONS:
                raise NotEmulatedError(f"The metric math function {node.func.id}")
    return tree


def names_in(tree: ast.expr) -> set[str]:
    """Returns the ids of the queries that an expression names."""
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in functions}
    return named - {"REPEAT", "LINEAR", "TRUE", "FALSE"}


def evaluate(tree: ast.expr, inputs: Mapping[str, Input], metrics: Sequence[str], length: int) -> Points:
    """Returns the time series of an expression. ``metrics`` are the ids of the queries that are metrics.

    Raises: InvalidExpressionError if the result is no time series.
    """
    value = _Evaluation(inputs, metrics, length).of(tree)
    if isinstance(value, list):
        raise InvalidExpressionError("An expression must return one time series")
    return value if isinstance(value, tuple) else (value,) * length


@dataclass(frozen=True, slots=True)
class _Evaluation:
    inputs: Mapping[str, Input]
    metrics: Sequence[str]
    length: int

    def of(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=bool() | int() | float() as value):
                return float(value)
            case ast.Name(id="TRUE" | "FALSE" as name):
                return float(name == "TRUE")
            case ast.Name(id=name) if name in self.inputs:
                return self.inputs[name].points
            case ast.List(elts=elements):
                return [self.of(element) for element in elements]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._each(operator.neg, self.of(operand))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._each(lambda point: float(not point), self.of(operand))
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _BINARY:
                return self._each(_BINARY[type(sign)], self.of(left), self.of(right))
            case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in _COMPARISONS:
                compare = _COMPARISONS[type(sign)]
                return self._each(lambda first, second: float(compare(first, second)), self.of(left), self.of(right))
            case ast.BoolOp(op=sign, values=values):
                decide = all if isinstance(sign, ast.And) else any
                return self._each(lambda *ones: float(decide(ones)), *map(self.of, values))
            case ast.Call(func=ast.Name(id=name), args=args):
                return self._call(name, args)
        raise InvalidExpressionError(f"Error in expression: '{ast.unparse(node)}' is not supported")

    def _call(self, name: str, args: list[ast.expr]) -> Any:
        match name, args:
            case "PERIOD", [ast.Name(id=metric)] if metric in self.inputs:
                return float(self.inputs[metric].period)
            case "METRICS", []:
                return [self.inputs[metric].points for metric in self.metrics if metric in self.inputs]
            case "FILL", [series, filler]:
                return self._fill(self.of(series), filler)
            case "IF", [condition, *branches] if len(branches) in (1, 2):
                return self._if(self.of(condition), [self.of(branch) for branch in branches])
            case _, [arg] if name in _MAPPERS:
                return self._each(_MAPPERS[name], self.of(arg))
            case _, [arg] if name in _REDUCERS:
                return self._reduce(_REDUCERS[name], self.of(arg))
        raise InvalidExpressionError(f"Error in expression: wrong arguments of the function {name}")

    def _each(self, function: Callable[..., float], *values: Any) -> Any:
        """Applies a function to each period. A period without one of the values, or by which is divided by zero, has no
        value."""
        for position, value in enumerate(values):
            if isinstance(value, list):
                return [self._each(function, *values[:position], element, *values[position + 1 :]) for element in value]
        if not any(isinstance(value, tuple) for value in values):
            return _guarded(function, values)
        return tuple(_guarded(function, ones) for ones in zip(*map(self._series, values), strict=True))

    def _series(self, value: Any) -> Points:
        return value if isinstance(value, tuple) else (value,) * self.length

    def _reduce(self, reduce: Callable[[Sequence[float]], float], value: Any) -> Any:
        """Reduces an array to one series, and a series to a scalar. Missing values are left out."""
        if isinstance(value, list):
            rows = zip(*map(self._series, value), strict=True)
            present = ([point for point in row if point is not None] for row in rows)
            return tuple(reduce(row) if row else None for row in present)
        known = [point for point in self._series(value) if point is not None]
        return reduce(known) if known else None

    def _fill(self, value: Any, filler: ast.expr) -> Any:
        if isinstance(value, list):
            return [self._fill(element, filler) for element in value]
        series = self._series(value)
        if isinstance(filler, ast.Name) and filler.id == "REPEAT":
            return _repeated(series)
        if isinstance(filler, ast.Name) and filler.id == "LINEAR":
            raise NotEmulatedError("The metric math function FILL with LINEAR")
        fillers = self._series(self.of(filler))
        return tuple(
            replacement if point is None else point for point, replacement in zip(series, fillers, strict=True)
        )

    def _if(self, condition: Any, branches: list[Any]) -> Points:
        """Chooses in each period. Without a condition or a chosen value, the period has no value."""
        chosen = []
        rows = [self._series(alternative) for alternative in branches]
        for index, point in enumerate(self._series(condition)):
            branch = None if point is None else 0 if point else 1
            chosen.append(rows[branch][index] if branch is not None and branch < len(rows) else None)
        return tuple(chosen)


def _guarded(function: Callable[..., float], values: Sequence[Point]) -> Point:
    if any(value is None for value in values):
        return None
    try:
        return float(function(*values))
    except (ZeroDivisionError, OverflowError, TypeError):
        return None


def _repeated(series: Points) -> Points:
    found: list[Point] = []
    for point in series:
        found.append(point if point is not None or not found else found[-1])
    return tuple(found)
