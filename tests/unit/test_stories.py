"""A selected test of a story comes with those before it, whatever selected it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from tests.support.stories import STORIES, earlier_tests


@dataclass(frozen=True)
class Collected:
    nodeid: str


STORY = [Collected(f"{STORIES[0]}test_a.py::test_{number}") for number in range(4)]
OTHERS = [Collected(f"tests/engine/example/test_lake.py::test_{number}") for number in range(2)]


@pytest.mark.parametrize(
    ("selected", "expected"), [([2], [0, 1]), ([0], []), ([0, 3], [1, 2]), ([], []), (range(4), [])]
)
def test_the_tests_before_the_last_selected_one_are_added(selected: Sequence[int], expected: list[int]) -> None:
    chosen = [*(STORY[number] for number in selected), OTHERS[1]]
    assert earlier_tests(chosen, [*OTHERS, *STORY]) == [STORY[number] for number in expected]
