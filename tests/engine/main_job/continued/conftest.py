"""An example of its own for stories that change the pipeline, the code or the settings of the use case for good."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.deployed_example import deployed_example
from tests.support.workbench import Workbench


@pytest.fixture(scope="module")
def own_acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with deployed_example(tmp_path_factory) as workbench:
        yield workbench
