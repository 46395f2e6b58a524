from collections.abc import Iterator
from pathlib import Path

import pytest

from plinth_sandbox.testing import EmulatedAws


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[EmulatedAws]:
    """Starts one server per test, because the workers of a server are few."""
    with EmulatedAws(tmp_path) as server:
        yield server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    """Starts one server for all tests of a module. Each test uses resources of its own."""
    with EmulatedAws(tmp_path_factory.mktemp("aws")) as server:
        yield server
