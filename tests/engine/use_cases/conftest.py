"""The example organization, brought up for the tests of use cases and of requests for teams."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.use_cases.creation import add_images, create_use_case, plinth_of_lead
from tests.support.workbench import Workbench


@pytest.fixture(scope="session")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """Every stack of the organization, up. Tests that use it read, or put back what they changed."""
    workbench = Workbench.of_example(tmp_path_factory.mktemp("acme"))
    workbench.checkpoints = False
    workbench.sandbox("up")
    try:
        workbench.plinth("up", "--all", "--yes")
        yield workbench
    finally:
        workbench.sandbox("down")


@pytest.fixture(scope="session")
def built(acme: Workbench) -> Workbench:
    """The organization with a model, as `make up` leaves it. A lead data scientist has requested the use case."""
    add_images(acme)
    plinth_of_lead(
        acme, "usecase", "request", "--team=fraud", "--name=scoring", "--image=train", "--data=image=train:1"
    )
    acme.plinth("requests", "run", timeout=3600)
    create_use_case(acme)
    return acme
