"""One organization for all tests of the judgement. Each test uses roles of its own."""

from collections.abc import Iterator

import pytest

from plinth_sandbox.testing import EmulatedAws

from .judged import Organization


@pytest.fixture(scope="session")
def organization(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Organization]:
    with EmulatedAws(tmp_path_factory.mktemp("aws")) as server:
        yield Organization(server)
