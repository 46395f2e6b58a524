from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.templates.projects import commit, forgetting_modules, generate


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated project, committed on main. Tests do not change it."""
    folder = generate(tmp_path_factory.mktemp("project"))
    commit(folder)
    return folder


@pytest.fixture(scope="module")
def library(project: Path) -> Iterator[None]:
    """Makes the library of the generated project importable, and forgets its modules at the end: libraries of other
    projects have the same names."""
    with pytest.MonkeyPatch.context() as patch, forgetting_modules("shared_libraries"):
        patch.syspath_prepend(str(project / "algorithms"))
        yield
