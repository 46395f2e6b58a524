"""The organization that a reader founds with the guides, on one sandbox. The files take it from state to state."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support.guides.shell import Shell
from tests.support.workbench import COMMANDS, Workbench


@pytest.fixture(scope="session")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """The folder of settings that the guide makes beside the clone, and the sandbox that it starts."""
    workbench = Workbench(tmp_path_factory.mktemp("own"), "acme", checkpoints=False)
    clone = workbench.root / "plinth"
    clone.mkdir()
    (clone / ".venv").symlink_to(COMMANDS.parent)
    try:
        yield workbench
    finally:
        workbench.project.mkdir(exist_ok=True)
        workbench.sandbox("down")


@pytest.fixture
def shell(acme: Workbench) -> Iterator[Shell]:
    """A shell in the clone."""
    environment = acme.bare_environment()
    environment["PATH"] = f"{COMMANDS}{os.pathsep}{environment['PATH']}"
    started = Shell.start(acme.root / "plinth", environment, acme.root / "shell.log")
    yield started
    started.close()


@pytest.fixture
def connected(shell: Shell) -> Shell:
    """A shell in the folder of settings, connected to the sandbox."""
    assert shell.run('cd ../acme && eval "$(plinth sandbox env)"')[0] == 0
    return shell
