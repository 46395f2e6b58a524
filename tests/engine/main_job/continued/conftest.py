"""An example of its own for each story: no story meets what another one changed, in whatever order they run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.deployed_example import deployed_example, released_example
from tests.engine.main_job.promotions import Promotions
from tests.support.workbench import Workbench


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """Every stack of the example, up, and a use case with a version that nothing serves."""
    with deployed_example(tmp_path_factory) as workbench:
        yield workbench


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Promotions]:
    """The promotions of the use case after its first version has entered pre-production and production."""
    with released_example(tmp_path_factory) as workbench:
        yield Promotions(workbench)
