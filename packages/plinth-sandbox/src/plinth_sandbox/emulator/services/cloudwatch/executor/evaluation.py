"""Evaluates alarms when the clock of the sandbox reaches the ends of minutes.

An evaluation regards whole periods that end with a minute. Only minutes whose values can change a state are evaluated:
those after a recorded value, until the value has left the evaluation range. Everything here happens in calls that the
journal has, so a replay evaluates the same minutes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.services.cloudwatch.executor import actions, queries
from plinth_sandbox.emulator.services.cloudwatch.executor.alarm import Alarm, alarms_of
from plinth_sandbox.emulator.services.cloudwatch.executor.decision import Criteria, decide
from plinth_sandbox.emulator.services.cloudwatch.executor.expressions import Points
from plinth_sandbox.emulator.services.cloudwatch.executor.metrics import MetricKey, Metrics, Sample, metrics_of

_WORDS = {
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "GreaterThanThreshold": "greater than",
    "LessThanThreshold": "less than",
    "LessThanOrEqualToThreshold": "less than or equal to",
}


def record(
    runtime: Runtime,
    account: str,
    region: str,
    key: MetricKey,
    samples: list[Sample],
    at: datetime | None = None,
    published: datetime | None = None,
) -> None:
    """Records samples of a metric, now or at another time.

    The call must be in the journal, or a restart forgets them. Alarms are evaluated from the time at which the samples
    were published, which is now unless the sandbox records what a service published earlier.
    """
    now = published or runtime.clock.now()
    second = int((at or now).timestamp())
    metrics_of(runtime.memory, account, region).add(key, second, samples)
    watching = [
        candidate for candidate in alarms_of(runtime.memory, account, region).values() if _reads(candidate, key)
    ]
    for alarm in watching:
        due = max(_floor(second, alarm.step), _floor(int(now.timestamp()), alarm.step)) + alarm.step
        alarm.next_at = due if alarm.next_at is None else min(due, alarm.next_at)
    if watching:
        _wait(runtime, account, region)


def _reads(alarm: Alarm, key: MetricKey) -> bool:
    return any(query.metric == key for query in alarm.queries)


def evaluate(runtime: Runtime, account: str, region: str) -> None:
    """Brings the alarms of an account and region up to date with the clock, and runs the actions of those that change.

    Deployments that wait for alarms call this before they read states. The call must be in the journal.
    """
    alarms = alarms_of(runtime.memory, account, region)
    now = int(runtime.clock.now().timestamp())
    while (due := _next(alarms)) is not None and due <= now:
        changed = False
        for alarm in [candidate for candidate in alarms.values() if candidate.next_at == due]:
            changed |= _evaluate(alarm, due, runtime)
        if changed:
            evaluate_composites(alarms, _moment(due), runtime)
    _wait(runtime, account, region)


def states(runtime: Runtime, account: str, region: str) -> dict[str, str]:
    """Returns the states of alarms by name, as of the clock. The call must be in the journal."""
    evaluate(runtime, account, region)
    return {name: alarm.state for name, alarm in alarms_of(runtime.memory, account, region).items()}


def _next(alarms: dict[str, Alarm]) -> int | None:
    return min((alarm.next_at for alarm in alarms.values() if alarm.next_at is not None), default=None)


def _wait(runtime: Runtime, account: str, region: str) -> None:
    """Sets the deadline of the next evaluation."""
    due, name = _next(alarms_of(runtime.memory, account, region)), f"alarms {account} {region}"
    if due is None:
        runtime.deadlines.cancel(name)
    else:
        runtime.deadlines.set(name, _moment(due), lambda: evaluate(runtime, account, region))


def _evaluate(alarm: Alarm, at: int, runtime: Runtime) -> bool:
    """Evaluates a metric alarm at the end of a minute. Returns whether its state changed."""
    metrics, criteria = metrics_of(runtime.memory, alarm.account, alarm.region), alarm.criteria
    assert criteria is not None
    start = at - criteria.range * alarm.period
    found = queries.evaluate(alarm.queries, lambda _: metrics, start, criteria.range, alarm.period)
    points = found[alarm.watched.id]
    alarm.next_at = _later(alarm, metrics, at)
    state = decide(points, criteria)
    if state is None or state == alarm.state:
        return False
    text, data = _reason(alarm, criteria, points, start, at, state)
    actions.change(alarm, state, text, data, _moment(at), runtime)
    return True


def _later(alarm: Alarm, metrics: Metrics, at: int) -> int | None:
    """Returns the next evaluation after one, while its range has or will have values."""
    assert alarm.criteria is not None
    # A value that was in the range of this evaluation may have left it at the next one.
    first = at - alarm.criteria.range * alarm.period
    series = [metrics.find(query.metric) for query in alarm.queries if query.metric is not None]
    seconds = [second for metric_series in series if (second := metric_series.next_second(first)) is not None]
    return max(at, _floor(min(seconds), alarm.step)) + alarm.step if seconds else None


def evaluate_composites(alarms: dict[str, Alarm], at: datetime, runtime: Runtime) -> None:
    """Evaluates the composite alarms after others have changed, until nothing changes."""
    for _ in alarms:
        changes = [
            found for candidate in alarms.values() if (found := _composite_change(candidate, alarms)) is not None
        ]
        for alarm, state in changes:
            text, data = _composite_reason(alarm, alarms, at)
            actions.change(alarm, state, text, data, at, runtime)
        if not changes:
            return


def _composite_change(alarm: Alarm, alarms: dict[str, Alarm]) -> tuple[Alarm, str] | None:
    if alarm.rule is None:
        return None
    state = "ALARM" if alarm.rule.holds(lambda name: alarms[name].state if name in alarms else "") else "OK"
    return None if state == alarm.state else (alarm, state)


def _composite_reason(alarm: Alarm, alarms: dict[str, Alarm], at: datetime) -> tuple[str, dict[str, Any]]:
    assert alarm.rule is not None
    children = sorted(alarm.rule.alarms & alarms.keys(), key=lambda name: str(alarms[name].transitioned or ""))
    triggers = [alarms[name] for name in children[-1:]]
    data = {
        "triggeringAlarms": [
            {
                "arn": trigger.arn,
                "state": {"value": trigger.state, "timestamp": actions.stamp(trigger.transitioned or at)},
            }
            for trigger in triggers
        ]
    }
    texts = (f"{trigger.arn} transitioned to {trigger.state} at {at:%A %d %B, %Y %H:%M:%S} UTC" for trigger in triggers)
    return "; ".join(texts), data


def _reason(
    alarm: Alarm, criteria: Criteria, points: Points, start: int, at: int, state: str
) -> tuple[str, dict[str, Any]]:
    """Returns the reason of a state in the words of CloudWatch, and its data."""
    times = [start + index * alarm.period for index in range(len(points))]
    known = [(time, point) for time, point in zip(times, points, strict=True) if point is not None]
    recent = known[-criteria.evaluation_periods :]
    data: dict[str, Any] = {
        "version": "1.0",
        "queryDate": actions.stamp(_moment(at)),
        "period": alarm.period,
        "recentDatapoints": [point for _, point in recent],
        "threshold": criteria.threshold,
        "evaluatedDatapoints": [{"timestamp": actions.stamp(_moment(time)), "value": point} for time, point in recent],
    }
    if recent:
        data["startDate"] = actions.stamp(_moment(recent[0][0]))
    if alarm.watched.statistic:
        data["statistic"] = alarm.watched.statistic
    return _sentence(alarm, criteria, recent, state), data


def _sentence(alarm: Alarm, criteria: Criteria, recent: list[tuple[int, float]], state: str) -> str:
    if not recent:
        return (
            f"Insufficient Data: {criteria.evaluation_periods} datapoints were unknown."
            if (state == "INSUFFICIENT_DATA")
            else (
                f"Threshold Crossed: no datapoints were received for {criteria.evaluation_periods} periods and "
                f"{criteria.evaluation_periods} missing datapoints were treated as "
                f"[{'Breaching' if state == 'ALARM' else 'NonBreaching'}]."
            )
        )
    breaching = [(time, point) for time, point in recent if criteria.breaches(point)]
    shown = breaching if state == "ALARM" else [datapoint for datapoint in recent if datapoint not in breaching]
    listed = ", ".join(f"{point} ({_moment(time):%d/%m/%y %H:%M:%S})" for time, point in reversed(shown))
    verb = "was" if state == "ALARM" else "was not"
    return (
        f"Threshold Crossed: {len(shown)} out of the last {criteria.evaluation_periods} datapoints [{listed}] {verb} "
        f"{_WORDS[criteria.comparison]} the threshold ({criteria.threshold}) (minimum {criteria.datapoints_to_alarm} "
        f"datapoint{'s' if criteria.datapoints_to_alarm > 1 else ''} for {alarm.state} -> {state} transition)."
    )


def _floor(second: int, step: int) -> int:
    return second - second % step


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
