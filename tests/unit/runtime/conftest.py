"""One emulated tooling account for all tests. Each test has a use case of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plinth_sandbox.testing import EmulatedAws
from tests.unit.runtime.tooling import Tooling
from tests.unit.runtime.use_case import UseCase

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def tooling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tooling]:
    # Only the tests move the clock.
    with EmulatedAws(tmp_path_factory.mktemp("aws"), schedules="manual") as aws:
        yield Tooling(aws)


@pytest.fixture
def use_case(tooling: Tooling, tmp_path: Path) -> Callable[..., UseCase]:
    """Returns a function that makes a use case."""
    return lambda **more: UseCase(tooling, f"case{next(_NUMBERS)}", tmp_path, **more)


@pytest.fixture
def case(use_case: Callable[..., UseCase]) -> UseCase:
    return use_case()
