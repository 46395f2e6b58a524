"""An organization of a test's own, on the real engine and a sandbox of the test run's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.workbench import Workbench


@pytest.fixture
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """One team's organization in its first phase, nothing deployed, its sandbox up: for tests that break things."""
    workbench = Workbench.of_example(tmp_path_factory.mktemp("bench"), teams=("fraud",), phase="initial")
    workbench.sandbox("up")
    try:
        yield workbench
    finally:
        workbench.sandbox("down")
