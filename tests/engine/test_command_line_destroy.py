"""What a destruction refuses before it begins."""

from __future__ import annotations

import pytest

from tests.support.small_project import SmallProject


@pytest.fixture
def project(tmp_path):
    made = SmallProject.create(tmp_path)
    made.write_states("organization", "identity", "audit")
    return made


def test_a_stack_that_others_stand_on_is_not_destroyed_from_under_them(project):
    project.plinth("up", "--team", "fraud")
    code, said = project.plinth("destroy", "fraud", "--yes")
    assert code == 3, said
    assert "fraud-experimentation needs fraud" in said
    assert len(project.resources("fraud")) == 2


def test_with_all_that_stands_on_it_a_team_is_destroyed(project):
    project.plinth("up", "--team", "fraud")
    code, said = project.plinth("destroy", "--team", "fraud", "--yes")
    assert code == 0, said
    assert project.resources("fraud") == project.resources("fraud-experimentation") == []
