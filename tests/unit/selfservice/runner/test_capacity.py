"""The default number of parallel stacks."""

from __future__ import annotations

import pytest

from selfservice.runner import capacity


@pytest.mark.parametrize(
    ("processors", "free_mib", "jobs"),
    [(2, 100_000, 3), (8, 100_000, 9), (8, 3_000, 5), (2, 100, 1)],
    ids=["two processors", "eight processors", "little memory", "hardly any memory"],
)
def test_processors_and_free_memory_limit_parallel_stacks(
    monkeypatch: pytest.MonkeyPatch, processors: int, free_mib: int, jobs: int
) -> None:
    monkeypatch.setattr(capacity, "_processors", lambda: processors)
    monkeypatch.setattr(capacity, "_free_memory", lambda: free_mib * 1024**2)
    assert capacity.default_jobs() == jobs
