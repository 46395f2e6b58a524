"""One emulated AWS for all patches: each test works on things, or in accounts, of its own."""

from collections.abc import Iterator

import pytest

from plinth_sandbox.testing import EmulatedAws


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    server = EmulatedAws(tmp_path_factory.mktemp("aws"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def account(aws: EmulatedAws) -> str:
    """A member of the organization of the management account."""
    return aws.new_account("patched")
