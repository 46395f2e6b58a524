"""The example organization with a model, for the tests of use cases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.deployed_example import deployed_example
from tests.support.workbench import Workbench


@pytest.fixture(scope="session")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """Every stack of the example, up. Tests that use it read, or put back what they changed."""
    with deployed_example(tmp_path_factory) as workbench:
        yield workbench
