from collections.abc import Iterator
from pathlib import Path

import pytest

from plinth_sandbox.testing import EmulatedAws


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[EmulatedAws]:
    """Starts one server per test, because the workers of a server are few."""
    with EmulatedAws(tmp_path) as server:
        yield server
