"""Limits of one command: parallel stacks, and the time of an operation."""

from __future__ import annotations

import pytest

from selfservice.operations import limits


@pytest.mark.parametrize(
    ("processors", "free_mib", "jobs"),
    [(2, 100_000, 3), (8, 100_000, 9), (8, 3_000, 5), (2, 100, 1)],
    ids=["two processors", "eight processors", "little memory", "hardly any memory"],
)
def test_processors_and_free_memory_limit_parallel_stacks(
    monkeypatch: pytest.MonkeyPatch, processors: int, free_mib: int, jobs: int
) -> None:
    monkeypatch.setattr(limits, "_processors", lambda: processors)
    monkeypatch.setattr(limits, "_free_memory", lambda: free_mib * 1024**2)
    assert limits.default_jobs() == jobs


def test_each_step_against_a_late_operation_is_due_once() -> None:
    now = [0.0]
    limit = limits.TimeLimit(minutes=2, clock=lambda: now[0])
    limit.start("fraud")
    found = []
    for now[0] in (119.0, 120.0, 121.0, 120 + limits.GRACE_SECONDS, 9_999.0):
        found.append(limit.next_step("fraud"))
    assert found == [None, limits.Step.INTERRUPT, None, limits.Step.KILL, None]
