"""Event patterns are matched and refused as EventBridge does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plinth_sandbox.emulator.services.events.executor.patterns import InvalidPatternError, matches, parse

EVENT: dict[str, Any] = {
    "source": "app.orders",
    "region": "eu-west-1",
    "detail": {
        "name": "Training-1.csv",
        "path": "dir/a*b.csv",
        "count": 5,
        "ready": True,
        "nothing": None,
        "empty": "",
        "ip": "10.1.2.3",
        "tags": ["red", "blue"],
        "findings": [{"severity": "low", "state": "new"}, {"severity": "high", "state": "old"}],
        "inner": {"deep": 1},
    },
}


@pytest.mark.parametrize(
    ("condition", "field", "met"),
    [
        ([5], "count", True),
        ([5.0], "count", True),
        ([True], "count", False),
        ([1], "ready", False),
        (["x", 5], "count", True),
        ([None], "nothing", True),
        ([None], "absent", False),
        ([""], "empty", True),
        (["blue"], "tags", True),
        (["green"], "tags", False),
        ([{"prefix": "Train"}], "name", True),
        ([{"prefix": "train"}], "name", False),
        ([{"prefix": {"equals-ignore-case": "train"}}], "name", True),
        ([{"prefix": ""}], "absent", False),
        ([{"suffix": ".csv"}], "name", True),
        ([{"suffix": {"equals-ignore-case": ".CSV"}}], "name", True),
        ([{"equals-ignore-case": "training-1.CSV"}], "name", True),
        ([{"anything-but": "Training-1.csv"}], "name", False),
        ([{"anything-but": ["a", "b"]}], "name", True),
        ([{"anything-but": 5}], "count", False),
        ([{"anything-but": {"prefix": "Train"}}], "name", False),
        ([{"anything-but": {"suffix": [".png", ".csv"]}}], "name", False),
        ([{"anything-but": {"wildcard": "*.png"}}], "name", True),
        ([{"anything-but": "x"}], "absent", False),
        ([{"numeric": [">", 4, "<=", 5]}], "count", True),
        ([{"numeric": ["<", 5]}], "count", False),
        ([{"numeric": ["=", 1]}], "ready", False),
        ([{"exists": True}], "count", True),
        ([{"exists": True}], "inner", False),
        ([{"exists": False}], "absent", True),
        ([{"exists": False}], "count", False),
        ([{"cidr": "10.0.0.0/8"}], "ip", True),
        ([{"cidr": "10.0.0.0/8"}], "name", False),
        ([{"wildcard": "dir/*.csv"}], "path", True),
        ([{"wildcard": "dir/a\\*b.*"}], "path", True),
        ([{"wildcard": "dir/a\\*c.*"}], "path", False),
    ],
)
def test_a_condition_is_met_or_not(condition: list[Any], field: str, met: bool) -> None:
    assert matches(EVENT, parse(json.dumps({"detail": {field: condition}}))) is met


@pytest.mark.parametrize(
    ("pattern", "met"),
    [
        ({"detail": {"findings": {"severity": ["high"], "state": ["old"]}}}, True),
        # No single finding is both.
        ({"detail": {"findings": {"severity": ["high"], "state": ["new"]}}}, False),
        ({"$or": [{"source": ["other"]}, {"detail": {"count": [5]}}], "region": ["eu-west-1"]}, True),
        ({"$or": [{"source": ["other"]}, {"detail": {"count": [6]}}]}, False),
        ({"detail": {"absent": {"deep": [{"exists": False}]}}}, True),
        ({"detail": {"inner": {"deep": [1]}}, "source": ["app.orders"]}, True),
    ],
)
def test_fields_are_joined_by_and_or_and_lists_of_objects(pattern: dict[str, Any], met: bool) -> None:
    assert matches(EVENT, parse(json.dumps(pattern))) is met


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        '{"source": "app"}',
        '{"source": []}',
        '{"detail": {}}',
        '{"source": [["nested"]]}',
        '{"source": [{"prefx": "a"}]}',
        '{"source": [{"prefix": "a", "suffix": "b"}]}',
        '{"source": [{"prefix": 3}]}',
        '{"source": [{"exists": "yes"}]}',
        '{"source": [{"numeric": ["!", 3]}]}',
        '{"source": [{"numeric": [">", 3, "<", 1]}]}',
        '{"source": [{"numeric": [">", 6000000000]}]}',
        '{"source": [{"cidr": "10.0.0.0/40"}]}',
        '{"source": [{"wildcard": "a**"}]}',
        '{"source": [{"anything-but": [1, "a"]}]}',
        '{"source": [{"anything-but": {"cidr": "10.0.0.0/8"}}]}',
        '{"$or": [{"source": ["a"]}]}',
    ],
)
def test_a_pattern_that_eventbridge_refuses_is_refused(text: str) -> None:
    with pytest.raises(InvalidPatternError):
        parse(text)
