"""What a destruction refuses before it begins."""

from __future__ import annotations

import json

import pytest

from tests.support.small_project import SmallProject


@pytest.fixture
def project(tmp_path):
    made = SmallProject.create(tmp_path)
    made.write_states("organization", "identity", "audit")
    return made


def test_a_stack_that_others_stand_on_is_destroyed_only_together_with_them(project):
    project.plinth("up", "--team", "fraud")
    code, said = project.plinth("destroy", "fraud", "--yes")
    assert code == 3, said
    assert "fraud-experimentation needs fraud" in said
    assert len(project.resources("fraud")) == 2
    code, said = project.plinth("destroy", "fraud", "--with-dependents", "--yes")
    assert code == 0, said
    assert project.resources("fraud") == project.resources("fraud-experimentation") == []


@pytest.mark.requirement("GOV-06")
def test_a_team_whose_file_is_gone_is_named_and_removed_with_its_states_and_files(project):
    project.plinth("up", "--team", "fraud")
    project.settings_file("fraud").unlink()
    assert "restore environments/Pulumi.fraud.yaml, or run `plinth team remove fraud`" in project.plinth("graph")[1]
    code, said = project.plinth("team", "remove", "fraud")
    assert code == 2, said
    assert "destroyed: fraud-experimentation (2 resources)" in said
    assert "pass --confirm fraud" in said
    code, said = project.plinth("team", "remove", "fraud", "--confirm", "fraud")
    assert code == 0, said
    assert "Team fraud is removed." in said
    left = [stack["name"] for stack in json.loads(project.pulumi("stack", "ls", "--json"))]
    assert [stack for stack in left if stack.startswith("fraud")] == []
    assert list(project.settings_file("fraud").parent.glob("Pulumi.fraud*")) == []
    assert project.plinth("team", "remove", "fraud", "--confirm", "fraud")[0] == 2
