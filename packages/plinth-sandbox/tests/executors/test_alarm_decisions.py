"""Alarms decide as the tables of the CloudWatch User Guide do, expressions and rules as their grammars say."""

from __future__ import annotations

import pytest

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.services.cloudwatch.executor import expressions
from plinth_sandbox.emulator.services.cloudwatch.executor.composite import AlarmRule
from plinth_sandbox.emulator.services.cloudwatch.executor.dashboards import problems
from plinth_sandbox.emulator.services.cloudwatch.executor.decision import Criteria, decide
from plinth_sandbox.emulator.services.cloudwatch.executor.expressions import Input, InvalidExpressionError, Points
from plinth_sandbox.emulator.services.cloudwatch.executor.metrics import Sample
from plinth_sandbox.emulator.services.cloudwatch.executor.statistics import compute

TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
KEPT = "kept"


def points(text: str) -> Points:
    """``0`` is a value within the threshold, ``X`` one beyond it, and ``-`` a missing one."""
    return tuple({"0": 0.0, "X": 2.0, "-": None}[sign] for sign in text.split())


@pytest.mark.parametrize(
    ("text", "needed", "states"),
    [
        ("0 - X - X", 3, ["OK"] * 4),
        ("0 - - - -", 3, ["OK"] * 4),
        ("- - - - -", 3, ["INSUFFICIENT_DATA", KEPT, "ALARM", "OK"]),
        ("0 X X - X", 3, ["ALARM"] * 4),
        ("- - X - -", 3, ["ALARM", KEPT, "ALARM", "OK"]),
        ("- - - - X", 3, [KEPT, KEPT, "ALARM", "OK"]),
        ("0 - X - X", 2, ["ALARM"] * 4),
        ("0 0 X 0 X", 2, ["ALARM"] * 4),
        ("0 - X - -", 2, ["OK", "OK", "ALARM", "OK"]),
        ("- - - - 0", 2, ["OK", "OK", "ALARM", "OK"]),
        ("- - - X -", 2, ["ALARM", KEPT, "ALARM", "OK"]),
    ],
)
def test_missing_values_are_treated_as_the_user_guide_says(text: str, needed: int, states: list[str]) -> None:
    criteria = [Criteria("GreaterThanThreshold", 1, 3, needed, treatment) for treatment in TREATMENTS]
    assert [decide(points(text), criterion) or KEPT for criterion in criteria] == states


@pytest.mark.parametrize(
    ("comparison", "breaching"),
    [
        ("GreaterThanThreshold", [2]),
        ("GreaterThanOrEqualToThreshold", [1, 2]),
        ("LessThanThreshold", [0]),
        ("LessThanOrEqualToThreshold", [0, 1]),
    ],
)
def test_each_operator_compares_with_the_threshold(comparison: str, breaching: list[int]) -> None:
    criteria = Criteria(comparison, 1, 1, 1, "missing")
    assert [value for value in range(3) if decide((float(value),), criteria) == "ALARM"] == breaching


INPUTS = {"m1": Input((1.0, None, 4.0), 60), "m2": Input((2.0, 5.0, 0.0), 60)}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("m1/m2", (0.5, None, None)),
        ("m1 + m2 * 2 ^ 2", (9.0, None, 4.0)),
        ("-m1", (-1.0, None, -4.0)),
        ("FILL(m1, 0) / m2", (0.5, 0.0, None)),
        ("FILL(m1, REPEAT)", (1.0, 1.0, 4.0)),
        ("FILL(m1, m2)", (1.0, 5.0, 4.0)),
        ("SUM([m1, m2])", (3.0, 5.0, 4.0)),
        ("SUM(METRICS())", (3.0, 5.0, 4.0)),
        ("MAX([m1, m2]) - MIN([m1, m2])", (1.0, 0.0, 4.0)),
        ("m2 / SUM(m2)", (2 / 7, 5 / 7, 0.0)),
        ("IF(m2 > 1, m1, 9)", (1.0, None, 9.0)),
        ("IF(m2 > 1 AND NOT (m2 == 5), 1, 0)", (1.0, 0.0, 0.0)),
        ("IF(m2 >= 5 || m2 < 1, 1)", (None, 1.0, 1.0)),
        ("m2 / PERIOD(m2)", (2 / 60, 5 / 60, 0.0)),
        ("AVG(m2) > 2", (1.0, 1.0, 1.0)),
        ("SUM([m1 * 2, m2])", (4.0, 5.0, 8.0)),
    ],
)
def test_expressions_are_computed_period_by_period(text: str, result: Points) -> None:
    assert expressions.evaluate(expressions.parse(text), INPUTS, ["m1", "m2"], 3) == pytest.approx(result)


@pytest.mark.parametrize("text", ["m1 +", "[m1, m2]", "SUM(m1, m2)", "m3", "m1 if m2 else 1", "SUM(x=1)", "'text'"])
def test_an_expression_that_is_not_metric_math_is_refused(text: str) -> None:
    with pytest.raises(InvalidExpressionError):
        expressions.evaluate(expressions.parse(text), INPUTS, ["m1", "m2"], 3)


@pytest.mark.parametrize("text", ["SELECT AVG(x) FROM y", "ANOMALY_DETECTION_BAND(m1)", "SEARCH('a', 'b')", "DIFF(m1)"])
def test_an_expression_that_the_sandbox_cannot_compute_is_unsupported(text: str) -> None:
    with pytest.raises(NotEmulatedError):
        expressions.parse(text)


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ('ALARM("bad")', True),
        ("ALARM(good) OR ALARM(bad)", True),
        ("ALARM(good) AND ALARM(bad)", False),
        ("NOT ALARM(good) AND (OK(good) OR FALSE)", True),
        ('INSUFFICIENT_DATA("not measured (yet)")', True),
        ("OK(bad) OR OK(good) AND FALSE", False),
        ("ALARM(arn:aws:cloudwatch:eu-west-1:123456789012:alarm:bad) AND TRUE", True),
    ],
)
def test_a_rule_combines_states_of_alarms(rule: str, holds: bool) -> None:
    states = {"bad": "ALARM", "good": "OK", "not measured (yet)": "INSUFFICIENT_DATA"}
    assert AlarmRule.parse(rule).holds(states.__getitem__) is holds


@pytest.mark.parametrize(
    "rule", ["", "TRUE", "ALARM", "ALARM()", "ALARM(a) ALARM(b)", "(ALARM(a)", 'BAD("a")', "ALARM(a) AND"]
)
def test_a_malformed_rule_is_refused(rule: str) -> None:
    with pytest.raises(AwsError):
        AlarmRule.parse(rule)


def test_statistics_regard_counts_and_statistic_sets() -> None:
    samples = [Sample.of(1, 98), Sample.of(10), Sample.of(20)]
    assert compute(samples, "SampleCount") == 100
    assert compute(samples, "Sum") == 128
    assert compute(samples, "Average") == 1.28
    assert compute(samples, "p50") == 1
    assert compute(samples, "p100") == 20
    assert 10 <= (compute(samples, "p99") or 0) < 20
    aggregated = [Sample(total=6, count=3, minimum=1, maximum=3)]
    assert (compute(aggregated, "Minimum"), compute(aggregated, "Average")) == (1, 2)
    assert compute(aggregated, "p99") is None


METRIC = {"type": "metric", "properties": {"region": "eu-west-1", "metrics": [["AWS/SageMaker", "Invocations"]]}}


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({"widgets": [METRIC, {"type": "text", "x": 0, "y": 0, "properties": {"markdown": "# Title"}}]}, []),
        ({}, ["/"]),
        ({"widgets": [{"type": "chart", "properties": {}}]}, ["/widgets/0/type"]),
        ({"widgets": [{**METRIC, "width": 25}]}, ["/widgets/0/width"]),
        ({"widgets": [{**METRIC, "x": 24, "y": 0}]}, ["/widgets/0/x"]),
        ({"widgets": [METRIC, {"type": "text", "properties": {}}]}, ["/widgets/1/properties"]),
        ({"widgets": [{"type": "metric", "properties": {"region": "eu-west-1"}}]}, ["/widgets/0/properties"]),
        (
            {"widgets": [{"type": "metric", "properties": {"region": "eu-west-1", "metrics": [["AWS/SageMaker"]]}}]},
            ["/widgets/0/properties/metrics/0"],
        ),
    ],
)
def test_a_dashboard_is_checked_with_the_place_of_each_error(body: object, places: list[str]) -> None:
    assert [place for place, _ in problems(body)] == places
