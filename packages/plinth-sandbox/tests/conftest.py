from collections.abc import Iterator

import pytest

from plinth_sandbox.testing import EmulatedAws


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    server = EmulatedAws(tmp_path_factory.mktemp("aws"))
    server.start()
    yield server
    server.kill()
