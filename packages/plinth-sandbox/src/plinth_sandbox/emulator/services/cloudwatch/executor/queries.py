"""Queries of metrics: metrics with a statistic, and expressions over other queries."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.services.cloudwatch.executor import expressions, statistics
from plinth_sandbox.emulator.services.cloudwatch.executor.expressions import Input, InvalidExpressionError, Points
from plinth_sandbox.emulator.services.cloudwatch.executor.metrics import MetricKey, Metrics


@dataclass(frozen=True, slots=True)
class Query:
    """A metric with a statistic, or an expression."""

    id: str
    period: int
    """Seconds of one value. An expression has the period of its metrics."""
    returns_data: bool
    label: str = ""
    metric: MetricKey | None = None
    account: str = ""
    """Account of the metric."""
    statistic: str = ""
    unit: str | None = None
    expression: str = ""
    tree: ast.expr | None = None


def parse(entries: Sequence[Mapping[str, Any]], account: str) -> list[Query]:
    """Returns the queries of a request of an account, each after those that it names.

    Raises: AwsError for queries that CloudWatch refuses; NotEmulatedError for those that the sandbox cannot answer.
    """
    known = {str(entry["Id"]): entry for entry in entries}
    if len(known) != len(entries):
        raise AwsError("ValidationError", "The values for parameter id in parameter MetricDataQueries are not unique.")
    trees = {name: _tree(name, entry, known) for name, entry in known.items() if "Expression" in entry}
    try:
        graph = {name: expressions.names_in(trees[name]) if name in trees else set[str]() for name in known}
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise AwsError("ValidationError", "The expressions refer to each other in a circle.") from error
    found = {name: _metric(name, entry, account) for name, entry in known.items() if name not in trees}
    periods = {query.period for query in found.values()}
    for name in (name for name in order if name in trees):
        own = known[name].get("Period")
        if own is None and len(periods) > 1:
            raise NotEmulatedError("An expression over metrics with different periods")
        period = int(own or min(periods, default=60))
        found[name] = Query(
            name,
            period,
            known[name].get("ReturnData", True),
            known[name].get("Label", name),
            expression=known[name]["Expression"],
            tree=trees[name],
        )
    return [found[name] for name in order]


def _tree(name: str, entry: Mapping[str, Any], known: Mapping[str, Any]) -> ast.expr:
    if "MetricStat" in entry:
        message = f"The parameters Expression and MetricStat are mutually exclusive in the query {name}."
        raise AwsError("ValidationError", message)
    try:
        tree = expressions.parse(entry["Expression"])
    except InvalidExpressionError as error:
        raise AwsError("ValidationError", str(error)) from error
    if unknown := sorted(expressions.names_in(tree) - known.keys()):
        message = f"Error in expression '{name}': the query {', '.join(unknown)} is undefined"
        raise AwsError("ValidationError", message)
    return tree


def _metric(name: str, entry: Mapping[str, Any], account: str) -> Query:
    if "MetricStat" not in entry:
        raise AwsError("ValidationError", f"The parameter MetricStat is required in the query {name}.")
    given = entry["MetricStat"]
    metric, statistic = given["Metric"], given["Stat"]
    statistics.check(statistic)
    key = MetricKey.of(metric["Namespace"], metric["MetricName"], metric.get("Dimensions", ()))
    return Query(
        name,
        int(given["Period"]),
        entry.get("ReturnData", True),
        entry.get("Label") or f"{key.name} {statistic}",
        metric=key,
        account=str(entry.get("AccountId") or account),
        statistic=statistic,
        unit=given.get("Unit"),
    )


def evaluate(
    queries: Sequence[Query], metrics: Callable[[str], Metrics], start: int, length: int, period: int
) -> dict[str, Points]:
    """Returns the values of queries by id, for ``length`` periods from ``start``, in the order of time. ``metrics``
    returns those of an account."""
    found: dict[str, Points] = {}
    sources = [query.id for query in queries if query.metric is not None]
    for query in queries:
        if query.metric is not None:
            series = metrics(query.account).find(query.metric)
            spans = ((start + index * period, start + (index + 1) * period) for index in range(length))
            samples = (series.between(*span, query.unit) for span in spans)
            found[query.id] = tuple(statistics.compute(sample, query.statistic) for sample in samples)
        elif query.tree is not None:
            inputs = {name: Input(points, period) for name, points in found.items()}
            found[query.id] = expressions.evaluate(query.tree, inputs, sources, length)
    return found
