"""The JSONPath of transform jobs selects what the SageMaker Developer Guide says."""

from __future__ import annotations

from typing import Any

import pytest

from plinth_sandbox.executors.transform.json_path import JsonPath, PathError, SliceEndError

VALUE = {"id": 1, "field": {"a": 2, "b": 3, "c": [4, 5]}, "SageMakerOutput": {"label": 6}}
ROW = ["0", "1", "2", "3", "4", "5", "6"]


@pytest.mark.parametrize(
    ("path", "value", "selected"),
    [
        ("$", VALUE, VALUE),
        ("$.id", VALUE, 1),
        ("$['id','SageMakerOutput']", VALUE, {"id": 1, "SageMakerOutput": {"label": 6}}),
        ("$.field.['a','b']", VALUE, {"a": 2, "b": 3}),
        ("$.field.*", VALUE, [2, 3, [4, 5]]),
        ("$['field']['c'][-1]", VALUE, 5),
        ("$.*.label", [{"label": 1}, {"label": 2}], [1, 2]),
        ("$[1]", ROW, "1"),
        ("$[1,3,5]", ROW, ["1", "3", "5"]),
        ("$[-1]", ROW, "6"),
        ("$[5:]", ROW, ["5", "6"]),
        ("$[0,5:]", ROW, ["0", "5", "6"]),
        ("$[*]", ROW, ROW),
    ],
)
def test_a_path_selects(path: str, value: Any, selected: Any) -> None:
    assert JsonPath.parse(path).select(value) == selected


@pytest.mark.parametrize("path", ["", "id", "$id", "$..id", "$[", "$[a]", "$[?(@.a)]", "$['a','b.c'", "$.a["])
def test_other_paths_are_refused(path: str) -> None:
    with pytest.raises(PathError):
        JsonPath.parse(path)


@pytest.mark.parametrize("path", ["$[2:5]", "$[:5]", "$[0,2:3]"])
def test_a_slice_with_an_end_is_told_apart(path: str) -> None:
    with pytest.raises(SliceEndError):
        JsonPath.parse(path)


@pytest.mark.parametrize(("path", "value"), [("$[7]", ROW), ("$.x", VALUE), ("$.id", ROW), ("$[0]", VALUE)])
def test_a_path_that_does_not_fit_fails(path: str, value: Any) -> None:
    with pytest.raises(PathError):
        JsonPath.parse(path).select(value)
