"""The example organization, deployed by the real engine on a sandbox of the test run's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.engine.deployed_example import deployed_example
from tests.support.workbench import Workbench


@pytest.fixture(scope="session")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """Every stack of the example, up. Tests that use it read, or put back what they changed."""
    with deployed_example(tmp_path_factory) as workbench:
        yield workbench


@pytest.fixture(scope="module")
def lake(acme: Workbench) -> dict[str, Any]:
    """The outputs of the data lake."""
    return acme.outputs("data-lake")
