"""Which stacks a change touches, by a program that reads settings, modules and data as the foundation's does."""

from __future__ import annotations

import json

import pytest
import yaml

from selfservice.errors import BadInputError
from selfservice.fingerprints import affected as module
from selfservice.fingerprints.affected import affected, as_json, as_text
from selfservice.projects.project import open_project
from tests.support.small_project import SmallProject

PROGRAM = """\
from pathlib import Path
import pulumi
from settings.files.loader import load
stack = pulumi.get_stack()
here = Path(pulumi.get_root_directory())
teams = load(here).teams
class Thing(pulumi.ComponentResource):
    def __init__(self, name, **inputs):
        super().__init__("small:test:Thing", name, inputs, None)
known = pulumi.Output.from_input(pulumi.UNKNOWN)
if stack == "organization":
    Thing("teams", count=len(teams))
elif stack == "identity":
    budget = teams["churn"].monthly_budget_usd
    owner = teams["fraud"].owner
    Thing("owner", owner=known.apply(lambda _: owner))
elif stack == "churn":
    Thing("churn", owner=teams["churn"].owner)
elif stack == "fraud":
    import used
    (Path(__file__).parent / "data.sql").read_text()
elif stack == "audit":
    raise ValueError("is broken")
"""


@pytest.fixture
def project(tmp_path):
    small = SmallProject.create(tmp_path)
    small.file("__main__.py").write_text(PROGRAM)
    small.file("used.py").write_text("")
    small.file("data.sql").write_text("select 1")
    small.file("requirements.txt").write_text("pulumi==1\n")
    small.add_policy_pack("pass")
    small.file("policies/shared.py").write_text("")
    small.git("init", "--quiet")
    small.commit("First")
    return small


def touched(small):
    return dict(affected(open_project(small.directory), "HEAD"))


def test_no_stack_is_affected_without_changes(project):
    assert touched(project) == {}
    assert as_text({}) == "no stack is touched"


def test_documentation_touches_no_stack(project):
    project.file("README.md").write_text("words")
    assert touched(project) == {}


@pytest.mark.parametrize("file", ["used.py", "data.sql"])
def test_a_module_or_a_file_of_data_of_another_program_touches_all_of_its_stacks(project, file):
    project.file(file).write_text("# changed")
    assert touched(project) == dict.fromkeys(open_project(project.directory).graph, f"{file} changed")


def test_settings_touch_their_own_stack_and_those_whose_program_does_something_else(project):
    """Also by a value that a program would only use once an output is known."""
    project.change_team("fraud", owner="somebody@acme.example")
    found = touched(project)
    assert found["fraud"] == "Pulumi.fraud.yaml changed"
    assert found["identity"] == "settings of other stacks change what it registers"
    assert "is broken" in found.pop("audit")
    assert found.keys() == {"fraud", "identity"}


def test_settings_that_another_program_reads_and_does_nothing_with_do_not_touch_it(project):
    project.change_team("churn", monthly_budget_usd=7000)
    assert touched(project).keys() == {"churn", "audit"}


def test_a_new_team_touches_the_stacks_that_count_teams(project):
    settings = yaml.safe_load(project.settings_file("fraud").read_text())
    settings["config"]["plinth:team"]["cidr"] = "10.1.96.0/19"
    project.settings_file("sales").write_text(yaml.safe_dump(settings))
    found = touched(project)
    assert found["sales"] == found["sales-experimentation"] == "is new"
    assert found["organization"] == "settings of other stacks change what it registers"
    assert not {"churn", "fraud", "churn-experimentation", "identity"} & found.keys()


def test_programs_of_other_teams_do_not_run(project, monkeypatch):
    """So the time does not grow with the number of teams."""
    ran = []
    real = module.effects_before_and_now
    monkeypatch.setattr(module, "effects_before_and_now", lambda *given: ran.append({*given[3]}) or real(*given))
    project.change_team("fraud", owner="somebody@acme.example")
    touched(project)
    shared = {"organization", "audit", "identity"}
    assert ran == [shared | {"fraud-experimentation", "fraud-experimentation-studio"}]


def test_links_out_of_the_repository_are_no_settings_of_an_earlier_revision(project, tmp_path):
    project.file("environments/others").symlink_to(tmp_path)
    project.commit("Link")
    project.change_team("churn", monthly_budget_usd=7000)
    assert touched(project).keys() == {"churn", "audit"}


def test_a_removed_team_is_listed(project):
    project.settings_file("fraud").unlink()
    assert touched(project)["fraud-experimentation"] == "is no longer in the settings"


EVERYWHERE = {
    "Pulumi.yaml": lambda file: file.write_text(file.read_text() + "description: other\n"),
    "requirements.txt": lambda file: file.write_text("pulumi==2\n"),
    "policies/shared.py": lambda file: file.write_text("X = 1\n"),
    "policies/test/__main__.py": lambda file: file.write_text("X = 1\n"),
}


@pytest.mark.parametrize("name", EVERYWHERE)
def test_what_all_stacks_depend_on_touches_all(project, name):
    EVERYWHERE[name](project.file(name))
    assert touched(project).keys() == open_project(project.directory).graph.keys()


def test_a_program_outside_the_repository_counts_as_unchanged(project, tmp_path):
    """As an installed version does for the settings of an organization."""
    program = tmp_path / "program"
    program.mkdir()
    for name in ("__main__.py", "used.py", "data.sql"):
        project.file(name).rename(program / name)
    file = project.file("Pulumi.yaml")
    file.write_text(f"{file.read_text()}main: {program}\n")
    project.commit("Installed program")
    assert touched(project) == {}
    project.change_team("churn", monthly_budget_usd=7000)
    assert touched(project).keys() == {"churn", "audit"}


def test_settings_in_no_repository_are_refused(project, tmp_path):
    settings = tmp_path / "environments"
    project.file("environments").rename(settings)
    file = project.file("Pulumi.yaml")
    file.write_text(file.read_text().replace("stackConfigDir: environments", f"stackConfigDir: {settings}"))
    with pytest.raises(BadInputError, match="is not in the git repository"):
        touched(project)


def test_an_unknown_revision_is_refused(project):
    with pytest.raises(BadInputError, match="nowhere"):
        affected(open_project(project.directory), "nowhere")


def test_the_json_document_contains_the_reasons():
    body = json.loads(as_json({"fraud": "data.sql changed"}, "main"))
    assert body == {"since": "main", "stacks": {"fraud": "data.sql changed"}}
