"""One emulated AWS for all tests of events. Each test uses resources of its own."""

from collections.abc import Iterator

import pytest

from plinth_sandbox.testing import EmulatedAws

from .site import Site


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    with EmulatedAws(tmp_path_factory.mktemp("aws")) as server:
        yield server


@pytest.fixture(scope="session")
def site(aws: EmulatedAws) -> Site:
    return Site(aws, aws.new_account("site"))


@pytest.fixture(scope="session")
def other(aws: EmulatedAws) -> Site:
    """Another account of the organization."""
    return Site(aws, aws.new_account("other"))
