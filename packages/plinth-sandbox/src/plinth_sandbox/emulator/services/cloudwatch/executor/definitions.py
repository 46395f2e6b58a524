"""Checks the definition of a metric alarm, and returns what it reads and when it goes off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.services.cloudwatch.executor import queries
from plinth_sandbox.emulator.services.cloudwatch.executor.decision import COMPARISONS, Criteria
from plinth_sandbox.emulator.services.cloudwatch.executor.queries import Query

_OF_A_METRIC = ("MetricName", "Namespace", "Period", "Unit", "Statistic", "ExtendedStatistic", "Dimensions")
_DAY_SECONDS, _WEEK_SECONDS, _HOUR_SECONDS = 86_400, 604_800, 3_600


def queries_of(given: Mapping[str, Any], account: str) -> list[Query]:
    """Returns the queries of PutMetricAlarm. Raises: AwsError; NotEmulatedError."""
    entries: Sequence[Mapping[str, Any]] = given.get("Metrics") or []
    if entries:
        if mixed := [name for name in _OF_A_METRIC if given.get(name)]:
            message = f"The parameters Metrics and {mixed[0]} are mutually exclusive and you have specified both."
            raise AwsError("InvalidParameterCombination", message)
    else:
        entries = [_single(given)]
    found = queries.parse(entries, account)
    if any(query.metric is not None and query.account != account for query in found):
        raise NotEmulatedError("An alarm on a metric of another account")
    returning = [query for query in found if query.returns_data]
    if len(returning) != 1:
        message = "Exactly one element of the metrics list should return data."
        raise AwsError("ValidationError", message)
    if len({query.period for query in found}) > 1:
        raise NotEmulatedError("An alarm on metrics with different periods")
    _check_span(found[0].period, int(given["EvaluationPeriods"]) if "EvaluationPeriods" in given else 1)
    return found


def _single(given: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in ("MetricName", "Namespace", "Period"):
        if name not in given:
            raise AwsError("ValidationError", f"The parameter {name} is required for alarms on a single metric.")
    if ("Statistic" in given) == ("ExtendedStatistic" in given):
        message = "Exactly one of the parameters Statistic and ExtendedStatistic is required."
        raise AwsError("InvalidParameterCombination", message)
    metric = {name: given[name] for name in ("Namespace", "MetricName", "Dimensions") if name in given}
    statistic = given.get("Statistic") or given["ExtendedStatistic"]
    unit = {"Unit": given["Unit"]} if "Unit" in given else {}
    return {"Id": "m1", "MetricStat": {"Metric": metric, "Period": given["Period"], "Stat": statistic, **unit}}


def _check_span(period: int, periods: int) -> None:
    """Refuses evaluations over more than a day, or a week for periods of an hour and more (API, PutMetricAlarm)."""
    longest = _WEEK_SECONDS if period >= _HOUR_SECONDS else _DAY_SECONDS
    if period * periods > longest:
        message = f"Metrics cannot be checked across more than {longest // _DAY_SECONDS} day(s) "
        raise AwsError("ValidationError", f"{message}(EvaluationPeriods * Period must be <= {longest}).")


def criteria_of(given: Mapping[str, Any]) -> Criteria:
    """Returns when the alarm of PutMetricAlarm goes off. Raises: AwsError; NotEmulatedError for anomaly detection."""
    if "ThresholdMetricId" in given:
        raise NotEmulatedError("An alarm on an anomaly detection band")
    for name in ("ComparisonOperator", "EvaluationPeriods", "Threshold"):
        if name not in given:
            raise AwsError("ValidationError", f"The parameter {name} is required.")
    if given["ComparisonOperator"] not in COMPARISONS:
        raise AwsError("ValidationError", "This comparison operator requires the parameter ThresholdMetricId.")
    periods = int(given["EvaluationPeriods"])
    needed = int(given.get("DatapointsToAlarm", periods))
    if needed > periods:
        message = "DatapointsToAlarm must be less than or equal to EvaluationPeriods."
        raise AwsError("ValidationError", message)
    return Criteria(
        given["ComparisonOperator"],
        float(given["Threshold"]),
        periods,
        needed,
        given.get("TreatMissingData", "missing"),
    )
