from collections.abc import Iterator
from pathlib import Path

import pytest

from plinth_sandbox.engine.errors import SetUpError
from plinth_sandbox.kubernetes import provision
from plinth_sandbox.kubernetes.control_plane import ControlPlane
from plinth_sandbox.kubernetes.settings import ControlPlaneSettings


@pytest.fixture(scope="session")
def program() -> Path:
    """Returns the program of the control plane, which `make test` has built before. Building takes minutes."""
    try:
        return provision.provide()
    except SetUpError as error:
        pytest.skip(f"no control plane: {error.cause}")


@pytest.fixture(scope="module")
def control_plane(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    running = ControlPlane(tmp_path_factory.mktemp("control-plane"), program, ControlPlaneSettings())
    running.start()
    yield running
    running.stop()
