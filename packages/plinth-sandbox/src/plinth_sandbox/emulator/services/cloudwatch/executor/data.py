"""The operations of metric data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.paging import page
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.cloudwatch.executor import queries, statistics
from plinth_sandbox.emulator.services.cloudwatch.executor.evaluation import record
from plinth_sandbox.emulator.services.cloudwatch.executor.metrics import MetricKey, Metrics, Sample, metrics_of
from plinth_sandbox.emulator.services.oam.patches.metric_filters import NamespaceFilter
from plinth_sandbox.emulator.services.oam.patches.observability import shared_namespaces

OLDEST, NEWEST = timedelta(weeks=2), timedelta(hours=2)
"""How far a time stamp may be in the past and in the future (API, MetricDatum)."""


def _metrics(exchange: Exchange, account: str | None = None) -> Metrics:
    """Returns the metrics of an account; without one, of the caller's."""
    return metrics_of(exchange.memory, account or exchange.call.account, exchange.call.region)


def _put(exchange: Exchange, runtime: Runtime) -> Answer:
    call, now = exchange.call, runtime.clock.now()
    if call.parameters.get("EntityMetricData"):
        raise NotEmulatedError("PutMetricData with EntityMetricData")
    namespace = str(call.parameters["Namespace"])
    if namespace.startswith("AWS/"):
        message = "The value AWS/ for parameter Namespace is invalid."
        raise AwsError("InvalidParameterValue", message)
    entries = list(enumerate(call.parameters.get("MetricData", []), start=1))
    recorded = [(entry, list(_samples(entry, number)), _time(entry, number, now)) for number, entry in entries]
    for metric, samples, at in recorded:
        key = MetricKey.of(namespace, metric["MetricName"], metric.get("Dimensions", ()))
        record(runtime, call.account, call.region, key, samples, at)
    return call.reply({})


def _time(entry: Mapping[str, Any], number: int, now: datetime) -> datetime:
    given: datetime | None = entry.get("Timestamp")
    if given is None:
        return now
    at = aware(given)
    if not now - OLDEST <= at <= now + NEWEST:
        message = f"The parameter MetricData.member.{number}.Timestamp must specify a time within the past two weeks"
        raise AwsError("InvalidParameterValue", f"{message} and no more than two hours in the future.")
    return at


def _samples(entry: Mapping[str, Any], number: int) -> Iterator[Sample]:
    """Yields the samples of an entry: one value, values with counts, or a statistic set."""
    unit, member = entry.get("Unit", "None"), f"MetricData.member.{number}"
    given = [name for name in ("Value", "Values", "StatisticValues") if entry.get(name) is not None]
    if len(given) != 1:
        message = "Exactly one of the parameters Value, Values and StatisticValues is required"
        raise AwsError("InvalidParameterCombination", f"{message} in {member}.")
    if "StatisticValues" in given:
        values = entry["StatisticValues"]
        yield Sample(values["Sum"], values["SampleCount"], values["Minimum"], values["Maximum"], unit)
        return
    values = entry.get("Values") or [entry["Value"]]
    counts = entry.get("Counts") or [1.0] * len(values)
    if len(counts) != len(values):
        message = f"The parameters {member}.Values and {member}.Counts must be of the same size."
        raise AwsError("InvalidParameterValue", message)
    for value, count in zip(values, counts, strict=True):
        if value != value or value in (float("inf"), float("-inf")):
            raise AwsError("InvalidParameterValue", f"The value {value} for parameter {member}.Value is invalid.")
        yield Sample.of(value, count, unit)


def _span(given: Mapping[str, Any], period: int) -> tuple[int, int]:
    """Returns the start of the requested time, on a period, and the number of periods."""
    start, end = (int(aware(given[name]).timestamp()) for name in ("StartTime", "EndTime"))
    if start >= end:
        raise AwsError("ValidationError", "The parameter EndTime must be greater than StartTime.")
    start -= start % period
    return start, -(-(end - start) // period)


def aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _get(exchange: Exchange, runtime: Runtime) -> Answer:
    del runtime
    given = exchange.call.parameters
    found = queries.parse(given["MetricDataQueries"], exchange.call.account)
    period = max((query.period for query in found), default=60)
    if len({query.period for query in found}) > 1:
        raise NotEmulatedError("GetMetricData with different periods")
    start, length = _span(given, period)
    _check_accounts(found, _seen_accounts(exchange))
    points = queries.evaluate(found, partial(_metrics, exchange), start, length, period)
    newest_first = given.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    results = []
    for query in (candidate for candidate in found if candidate.returns_data):
        known = [(index, point) for index, point in enumerate(points[query.id]) if point is not None]
        known = known[::-1] if newest_first else known
        results.append(
            {
                "Id": query.id,
                "Label": query.label,
                "Timestamps": [_moment(start + index * period) for index, _ in known],
                "Values": [point for _, point in known],
                "StatusCode": "Complete",
            }
        )
    return exchange.call.reply({"MetricDataResults": results, "Messages": []})


def _check_accounts(found: Sequence[queries.Query], seen: Mapping[str, NamespaceFilter]) -> None:
    for query in found:
        shared = seen.get(query.account)
        if query.metric is not None and not (shared and shared.admits(query.metric.namespace)):
            raise NotEmulatedError("A metric of another account that no link shares")


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def _get_statistics(exchange: Exchange, runtime: Runtime) -> Answer:
    del runtime
    given = exchange.call.parameters
    wanted: Sequence[str] = given.get("Statistics") or []
    extended: Sequence[str] = given.get("ExtendedStatistics") or []
    if not wanted and not extended:
        message = "At least one of the parameters Statistics and ExtendedStatistics must be specified."
        raise AwsError("InvalidParameterCombination", message)
    for statistic in extended:
        statistics.check(statistic)
    key = MetricKey.of(given["Namespace"], given["MetricName"], given.get("Dimensions", ()))
    series, period = _metrics(exchange).find(key), int(given["Period"])
    start, length = _span(given, period)
    found = []
    for at in range(start, start + length * period, period):
        if samples := series.between(at, at + period, given.get("Unit")):
            point: dict[str, Any] = {"Timestamp": _moment(at), "Unit": samples[0].unit}
            point |= {name: statistics.compute(samples, name) for name in wanted}
            values = {name: statistics.compute(samples, name) for name in extended}
            found.append(point | ({"ExtendedStatistics": values} if extended else {}))
    return exchange.call.reply({"Label": given["MetricName"], "Datapoints": found})


def _list(exchange: Exchange, runtime: Runtime) -> Answer:
    del runtime
    given = exchange.call.parameters
    arguments = (given.get("Namespace"), given.get("MetricName"), given.get("Dimensions", ()))
    owned = [
        (account, key)
        for account, shared in _listed_accounts(exchange).items()
        for key in _metrics(exchange, account).matching(*arguments)
        if shared.admits(key.namespace)
    ]
    items, further = page(owned, given, 500)
    found = [
        {
            "Namespace": key.namespace,
            "MetricName": key.name,
            "Dimensions": [{"Name": name, "Value": value} for name, value in key.dimensions],
        }
        for _, key in items
    ]
    owners = {"OwningAccounts": [account for account, _ in items]} if given.get("IncludeLinkedAccounts") else {}
    return exchange.call.reply({"Metrics": found, **owners, **further})


def _seen_accounts(exchange: Exchange) -> Mapping[str, NamespaceFilter]:
    return shared_namespaces(exchange.memory, exchange.call.account, exchange.call.region)


def _listed_accounts(exchange: Exchange) -> Mapping[str, NamespaceFilter]:
    """Returns the accounts whose metrics a listing contains: the own one, and linked ones if it asks for them."""
    given, seen = exchange.call.parameters, _seen_accounts(exchange)
    wanted = given.get("OwningAccount")
    if not given.get("IncludeLinkedAccounts"):
        if wanted is not None:
            message = "OwningAccount can only be given with IncludeLinkedAccounts."
            raise AwsError("InvalidParameterCombination", message)
        wanted = exchange.call.account
    return {account: shared for account, shared in seen.items() if wanted in (None, account)}


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "GetMetricData": _get,
    "GetMetricStatistics": _get_statistics,
    "ListMetrics": _list,
    "PutMetricData": _put,
}
