"""The command line on the real engine, with a program of components alone.

What the commands of the guides show is tested by ``own_organization`` and ``example``, on real resources.
"""

from __future__ import annotations

import json

import pytest

from selfservice.engine.automation import config_value
from selfservice.engine.backend import FileBackend
from settings.derived.stack_graph import stacks_in
from tests.support.small_project import SmallProject

STACKS = [stack.name for stack in stacks_in("initial", ["churn", "fraud"])]


@pytest.fixture
def project(tmp_path):
    return SmallProject.create(tmp_path)


@pytest.fixture
def founded(project):
    """The project with the shared stacks that teams need."""
    project.write_states("organization", "identity", "audit")
    return project


@pytest.mark.requirement("GOV-03", "AMB-14.a")
def test_up_runs_stacks_in_order_and_a_preview_runs_those_that_plain_pulumi_changed_and_no_others(project):
    """An update that finds nothing to change leaves fingerprints, as a preview does."""
    number = 2 * len(STACKS)
    code, said = project.plinth("up", "--all")
    assert code == 0, said
    assert f"{len(STACKS)} stacks, 1 account, {number} resources; {number} created; " in said
    ended = [line.split()[1].rstrip(":") for line in said.splitlines() if ": succeeded: " in line]
    assert ended[0] == "organization"
    assert ended.index("fraud") < ended.index("fraud-experimentation")

    code, said = project.plinth("up", "--all", "--json")
    assert code == 0, said
    document = json.loads(said[said.index("\n{") :])
    assert (document["changes"], document["resources"]) == ({}, number)
    project.pulumi("up", "--stack", "fraud", "--yes", "--skip-preview")
    code, said = project.plinth("preview", "--all")
    assert code == 0, said
    ran = {line.split()[1].rstrip(":") for line in said.splitlines() if line.endswith(": previewing")}
    # Those that read fraud ran too: the engine enciphered its secret output anew.
    assert "fraud" in ran
    assert not ran & {"organization", "churn", "churn-experimentation"}
    assert f"{len(STACKS) - len(ran)} stacks were not run" in said


def test_plain_pulumi_and_the_command_line_leave_each_other_nothing_to_change(founded):
    assert founded.plinth("outputs", "fraud")[0] == 2
    assert founded.plinth("drift", "fraud", "--output", str(founded.file("drift.md")))[0] == 0
    assert "Never deployed: fraud" in founded.file("drift.md").read_text()
    code, said = founded.plinth("preview", "fraud", "--expect-no-changes")
    assert code == 4, said
    assert "create small:test:Thing thing" in said
    assert founded.resources("fraud") == []

    founded.plinth("up", "fraud")
    assert_last_update_is_read_as_the_engine_prints_it(founded, "fraud")
    founded.pulumi("preview", "--stack", "fraud", "--expect-no-changes")
    founded.file("fraud.thing.more").touch()
    founded.pulumi("up", "--stack", "fraud", "--yes", "--skip-preview")
    code, said = founded.plinth("preview", "fraud", "--expect-no-changes")
    assert code == 0, said
    assert founded.plinth("outputs", "fraud") == (0, "account_id: 111111111111\npassword: [secret]\n")
    _, said = founded.plinth("outputs", "fraud", "--json", "--show-secrets")
    assert json.loads(said) == {"account_id": "111111111111", "password": "hush"}
    founded.change_team("fraud", cidr="10.1.64.0/19")
    code, said = founded.plinth("preview", "fraud")
    assert (code, "10.1.32.0/19 -> 10.1.64.0/19" in said) == (3, True), said


def assert_last_update_is_read_as_the_engine_prints_it(project: SmallProject, stack: str) -> None:
    """Adds an encrypted value by hand, which no settings have."""
    project.pulumi("config", "set", "small:token", "hush", "--secret", "--stack", stack)
    project.pulumi("up", "--stack", stack, "--yes", "--skip-preview")
    printed = json.loads(project.pulumi("stack", "history", "--json", "--page-size=1", "--page=1", "--stack", stack))[0]
    url = project.environment()["PULUMI_BACKEND_URL"]
    backend = FileBackend.of(url.partition("?")[0], "small")
    assert backend is not None
    last = backend.last_update(stack)
    assert last is not None
    read = {key: config_value(value) for key, value in last["config"].items()}
    assert (last["kind"], read.keys()) == (printed["kind"], printed["config"].keys())
    assert read.pop("small:token") == {"secret": True} == {"secret": printed["config"].pop("small:token")["secret"]}
    for key, value in read.items():
        assert value["secret"] is printed["config"][key]["secret"] is False
        assert json.loads(value["value"]) == json.loads(printed["config"][key]["value"])
    project.pulumi("config", "rm", "small:token", "--stack", stack)


@pytest.mark.requirement("GOV-08.a", "GOV-08.b")
def test_a_broken_stack_is_shown_its_dependents_are_skipped_others_finish_and_a_repeat_resumes(founded):
    chosen = ("fraud", "fraud-experimentation", "churn-experimentation")
    founded.write_states("churn")
    founded.file("fraud.broken").touch()
    code, said = founded.plinth("up", *chosen)
    assert code == 1
    assert "ValueError: fraud is broken on purpose" in said
    assert "engine.log" in said
    assert "fraud-experimentation: skipped" in said
    assert len(founded.resources("churn-experimentation")) == 2
    founded.file("fraud.broken").unlink()
    code, said = founded.plinth("up", *chosen)
    assert code == 0, said
    assert "churn-experimentation: unchanged" in said
    assert "fraud-experimentation: succeeded" in said

    # A failure is reported with what the stack holds, and with no change that was not made.
    founded.file("fraud.broken").touch()
    founded.file("fraud.thing.more").touch()
    code, said = founded.plinth("up", "fraud", "--json")
    document = json.loads(said[said.index("\n{") :])
    assert (code, document["stacks"]["fraud"]["resources"], document["changes"]) == (1, 2, {})


def test_a_mandatory_violation_refuses_the_update_with_the_rule_and_the_resource(founded):
    founded.add_policy_pack("if args.name == 'bad': report('is bad; call it good')")
    founded.file("fraud.thing.bad").touch()
    code, said = founded.plinth("up", "fraud")
    assert code == 3
    assert "is bad; call it good" in said
    assert "urn:pulumi:fraud::small::small:test:Thing::bad" in said
    assert founded.resources("fraud") == []
    founded.file("fraud.thing.bad").unlink()
    assert founded.plinth("up", "fraud")[0] == 0


def test_a_critical_policy_that_could_not_look_refuses_the_update(founded):
    founded.add_policy_pack(
        "from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError\n"
        "raise UnknownValueError(UNKNOWN_STRING_VALUE, ['policy'])"
    )
    code, said = founded.plinth("up", "fraud")
    assert code == 3, said
    assert "can't run policy 'critical-rules'" in said
    assert founded.resources("fraud") == []


@pytest.mark.requirement("ACC-03.b")
def test_nothing_is_destroyed_if_one_of_the_chosen_stacks_is_protected_or_durable(founded):
    founded.file("fraud.protected").touch()
    founded.plinth("up", "fraud", "fraud-experimentation")
    assert founded.plinth("destroy", "--all", "--yes")[0] == 3
    code, said = founded.plinth("destroy", "--team", "fraud", "--yes")
    assert code == 3, said
    assert "fraud: small:test:Thing thing" in said
    assert len(founded.resources("fraud")) == len(founded.resources("fraud-experimentation")) == 2


def test_the_graph_is_drawn_from_the_settings_without_the_engine(project):
    code, said = project.plinth("graph")
    assert code == 0
    assert [line.split()[0] for line in said.splitlines()] == STACKS
    assert "acme-fraud-experimentation" in project.plinth("graph", "--accounts")[1]
    assert not (project.root / "state" / ".pulumi").exists()


def test_a_selection_without_its_needs_is_refused_before_anything_starts(project):
    code, said = project.plinth("up", "--team", "fraud", "--team", "churn", "audit")
    assert code == 3, said
    assert "organization, which audit, churn, churn-experimentation, 5 more need" in said
    assert "identity, which churn, churn-experimentation-studio, fraud, 1 more need" in said
    assert not (project.root / "state" / ".pulumi" / "stacks").exists()
