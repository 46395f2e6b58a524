"""Stories: tests of a folder or file that take one deployment from state to state, in their order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol, TypeVar

STORIES = (
    "tests/engine/ci_runners/",
    "tests/engine/own_organization/",
    "tests/engine/portal/",
    "tests/engine/test_growth.py",
    "tests/engine/test_portal_pod.py",
    "tests/engine/test_release_serving.py",
    "tests/engine/test_team_requests.py",
    "tests/engine/test_tooling_cluster.py",
)
"""Folders and files whose tests need what the tests before them have done."""


class Collected(Protocol):
    """A collected test."""

    @property
    def nodeid(self) -> str: ...


Item = TypeVar("Item", bound=Collected)


def earlier_tests(selected: Collection[Item], collected: Sequence[Item]) -> list[Item]:
    """Returns the tests before the last selected one of each story that are not selected.

    ``collected`` has all tests, in the order of a story. A mark such as ``requirement`` selects single tests of it.
    """
    found: list[Item] = []
    chosen = {test.nodeid for test in selected}
    for story in STORIES:
        tests = [test for test in collected if test.nodeid.startswith(story)]
        last = max((number for number, test in enumerate(tests) if test.nodeid in chosen), default=-1)
        found += [test for test in tests[: last + 1] if test.nodeid not in chosen]
    return found
