import pytest
import yaml
from click.testing import CliRunner

from selfservice.cli.command import main
from selfservice.engine import backend
from selfservice.projects.project import open_project
from selfservice.removal.leftovers import leftover_stacks, teams_without_file, with_leftovers
from tests.support.small_project import SmallProject

STATE = '{"version": 3, "checkpoint": {"latest": {"resources": [{"urn": "a", "type": "t"}]}}}'
EMPTY = '{"version": 3, "checkpoint": {"latest": {}}}'


@pytest.fixture
def project(tmp_path, monkeypatch):
    """The teams churn and fraud, of which all is deployed."""
    small = SmallProject.create(tmp_path)
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path / 'state'}")
    monkeypatch.setenv("PLINTH_CACHE_DIR", str(tmp_path / "cache"))
    backend.backend_of.cache_clear()
    states = tmp_path / "state" / ".pulumi"
    (states / "stacks" / "small").mkdir(parents=True)
    (states / "meta.yaml").write_text("version: 1\n")
    for stack in open_project(small.directory).graph:
        write_state(small, stack)
    yield small
    backend.backend_of.cache_clear()


def write_state(project, stack, content=STATE):
    (project.root / "state" / ".pulumi" / "stacks" / "small" / f"{stack}.json").write_text(content)


def test_a_project_whose_settings_name_every_stack_has_no_leftovers(project):
    assert leftover_stacks(open_project(project.directory)) == []
    assert teams_without_file(project.directory) == {}


def test_the_stacks_of_a_team_without_a_file_are_left_in_an_order_in_which_they_can_be_destroyed(project):
    project.settings_file("fraud").unlink()
    found = with_leftovers(open_project(project.directory))
    left = leftover_stacks(open_project(project.directory))
    assert left == ["fraud", "fraud-experimentation", "fraud-experimentation-studio"]
    assert "fraud" in found.graph["fraud-experimentation"]
    assert found.account_of.keys() == found.graph.keys()
    assert {need for needs in found.graph.values() for need in needs} <= found.graph.keys()
    assert teams_without_file(project.directory) == {"fraud": left}


def test_a_stack_of_a_part_that_was_removed_is_left_and_its_team_is_not_missing(project):
    write_state(project, "fraud-development-intake")
    write_state(project, "data-lake--old")
    write_state(project, "Nobody's")
    left = leftover_stacks(open_project(project.directory))
    assert left == ["fraud-development-intake", "data-lake--old"]
    assert teams_without_file(project.directory) == {}


def test_a_stack_that_holds_nothing_is_not_left(project):
    project.settings_file("fraud").unlink()
    for stack in ("fraud", "fraud-experimentation", "fraud-experimentation-studio"):
        write_state(project, stack, EMPTY)
    assert teams_without_file(project.directory) == {}
    assert leftover_stacks(open_project(project.directory)) == []


@pytest.mark.parametrize("words", [["graph"], ["cost"], ["data", "list"], ["affected"]])
def test_every_command_says_what_is_left_and_what_to_do(project, words):
    project.settings_file("fraud").unlink()
    done = CliRunner().invoke(main, ["--cwd", str(project.directory), *words])
    assert (
        "team fraud has no settings file, but is deployed (fraud, fraud-experimentation, fraud-experimentation-studio)"
        ": restore environments/Pulumi.fraud.yaml, or run `plinth team remove fraud`\n"
    ) in done.stderr


def test_so_does_a_command_that_finds_faults_in_the_settings(project):
    project.settings_file("fraud").unlink()
    project.settings_file("churn").write_text(yaml.safe_dump({"config": {"plinth:team": {}}}))
    done = CliRunner().invoke(main, ["--cwd", str(project.directory), "graph"])
    assert done.exit_code == 2
    assert "plinth team remove fraud" in done.stderr


def test_a_file_with_keys_of_the_engine_alone_declares_no_team(project):
    project.settings_file("fraud").write_text("encryptionsalt: v1:abc\n")
    assert list(teams_without_file(project.directory)) == ["fraud"]


def test_outside_a_project_nothing_is_added_to_what_the_command_says(tmp_path):
    done = CliRunner().invoke(main, ["--cwd", str(tmp_path), "graph"])
    assert len(done.stderr.splitlines()) == 1
