from collections.abc import Iterator
from pathlib import Path

import pytest
from pulumi import automation

from engine_stacks import Deploy, Program, project_name, stack_name
from plinth_sandbox.testing import EmulatedAws
from pulumi_homes import install_home


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    server = EmulatedAws(tmp_path_factory.mktemp("aws"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def pulumi_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yields a Pulumi home for the tests of a module, with the engine and the plugins."""
    with pytest.MonkeyPatch.context() as environment:
        yield install_home(tmp_path_factory.mktemp("sandbox"), environment)


@pytest.fixture
def stack(pulumi_home: Path, request: pytest.FixtureRequest) -> Deploy:
    """Returns a function that runs a program on the test's stack. Its resources stay until the module ends."""
    made = automation.create_stack(stack_name(request), project_name(request), lambda: None)

    def with_program(program: Program) -> automation.Stack:
        made.workspace.program = program
        return made

    return with_program
