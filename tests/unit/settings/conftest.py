from pathlib import Path

import pytest

from tests.unit.settings.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project directory with an organization and no team."""
    return Project(tmp_path)
