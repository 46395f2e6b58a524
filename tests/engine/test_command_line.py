"""The command line on the real engine, with a program of components alone."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

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


@dataclass(frozen=True)
class Deployment:
    """All stacks of a project after two runs, and what the runs said."""

    project: SmallProject
    first: str
    second: str


@pytest.fixture(scope="module")
def deployment(tmp_path_factory):
    project = SmallProject.create(tmp_path_factory.mktemp("deployment"))
    said = []
    for options in ((), ("--json",)):
        code, output = project.plinth("up", "--all", *options)
        assert code == 0, output
        said.append(output)
    return Deployment(project, *said)


@pytest.mark.requirement("GOV-03")
def test_up_brings_everything_up_in_order_and_a_second_time_changes_nothing(deployment):
    number = 2 * len(STACKS)
    assert f"{len(STACKS)} stacks, 1 account, {number} resources; {number} created; " in deployment.first
    ended = [line.split()[1].rstrip(":") for line in deployment.first.splitlines() if ": succeeded: " in line]
    assert ended[0] == "organization"
    assert ended.index("fraud") < ended.index("fraud-experimentation")
    document = json.loads(deployment.second[deployment.second.index("\n{") :])
    assert (document["changes"], document["resources"]) == ({}, number)
    assert {stack["status"] for stack in document["stacks"].values()} == {"unchanged"}


def test_a_preview_of_all_runs_the_stacks_that_plain_pulumi_changed_and_no_others(deployment):
    """An update after which nothing is left to do leaves fingerprints, as a preview does."""
    project = deployment.project
    code, said = project.plinth("preview", "--all")
    assert code == 0, said
    assert f"{len(STACKS)} stacks were not run" in said
    project.pulumi("up", "--stack", "fraud", "--yes", "--skip-preview")
    code, said = project.plinth("preview", "--all")
    assert code == 0, said
    ran = {line.split()[1].rstrip(":") for line in said.splitlines() if line.endswith(": previewing")}
    # Those that read fraud ran too: the engine enciphered its secret output anew.
    assert "fraud" in ran
    assert not ran & {"organization", "churn", "churn-experimentation"}
    code, said = project.plinth("up", "--all", "--no-refresh", "--no-skip")
    assert "not run" not in said


def test_plain_pulumi_finds_nothing_to_change_after_the_command_line(founded):
    founded.plinth("up", "fraud")
    founded.pulumi("preview", "--stack", "fraud", "--expect-no-changes")
    founded.file("fraud.thing.more").touch()
    founded.pulumi("up", "--stack", "fraud", "--yes", "--skip-preview")
    code, said = founded.plinth("preview", "fraud", "--expect-no-changes")
    assert code == 0, said


def test_a_preview_changes_nothing_and_its_exit_code_says_that_something_would(project):
    code, said = project.plinth("preview", "fraud", "--expect-no-changes")
    assert code == 4, said
    assert "create small:test:Thing thing" in said
    assert project.resources("fraud") == []


@pytest.mark.requirement("GOV-08")
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


def test_every_fault_of_the_settings_is_printed_and_nothing_is_touched(project):
    file = project.settings_file("fraud")
    file.write_text(file.read_text().replace("10.1.32.0/19", "10.1.0.0/30").replace("owner@", "owner@@"))
    code, said = project.plinth("up", "--all")
    assert code == 2
    assert len([line for line in said.splitlines() if "Pulumi.fraud.yaml" in line]) >= 2
    assert not (project.root / "state" / ".pulumi" / "stacks").exists()


def test_a_mandatory_violation_refuses_the_update_with_the_rule_and_the_resource(founded):
    founded.add_policy_pack("if args.name == 'bad': report('is bad; call it good')")
    assert founded.plinth("up", "fraud")[0] == 0
    founded.file("fraud.thing.bad").touch()
    code, said = founded.plinth("up", "fraud")
    assert code == 3
    assert "is bad; call it good" in said
    assert "urn:pulumi:fraud::small::small:test:Thing::bad" in said
    assert len(founded.resources("fraud")) == 2


def test_a_critical_policy_that_could_not_look_refuses_the_update(founded):
    founded.add_policy_pack(
        "from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError\n"
        "raise UnknownValueError(UNKNOWN_STRING_VALUE, ['policy'])"
    )
    code, said = founded.plinth("up", "fraud")
    assert code == 3, said
    assert "can't run policy 'critical-rules'" in said
    assert founded.resources("fraud") == []


def test_what_the_first_deployment_fixed_cannot_change_any_more(founded):
    founded.plinth("up", "fraud")
    file = founded.settings_file("fraud")
    file.write_text(file.read_text().replace("10.1.32.0/19", "10.1.64.0/19"))
    code, said = founded.plinth("up", "fraud")
    assert code == 3, said
    assert "plinth:team.cidr: 10.1.32.0/19 -> 10.1.64.0/19" in said


def test_outputs_are_printed_with_secrets_masked_unless_asked_for(founded):
    assert founded.plinth("outputs", "fraud")[0] == 2
    founded.plinth("up", "fraud")
    assert founded.plinth("outputs", "fraud") == (0, "account_id: 111111111111\npassword: [secret]\n")
    _, said = founded.plinth("outputs", "fraud", "--json", "--show-secrets")
    assert json.loads(said) == {"account_id": "111111111111", "password": "hush"}


@pytest.mark.requirement("ACC-03")
def test_destroy_asks_refuses_what_is_durable_and_takes_dependents_down_first(founded):
    founded.plinth("up", "fraud", "fraud-experimentation", "churn")
    assert founded.plinth("destroy", "--team", "fraud")[0] == 2
    assert founded.plinth("destroy", "--all", "--yes")[0] == 3
    code, said = founded.plinth("destroy", "--team", "fraud", "--yes")
    assert code == 0, said
    assert said.index("fraud-experimentation: succeeded") < said.index(" fraud: succeeded")
    assert founded.resources("fraud") == []
    assert len(founded.resources("churn")) == 2


@pytest.mark.requirement("ACC-03")
def test_where_one_stack_is_protected_none_of_those_chosen_is_destroyed(founded):
    founded.file("fraud.protected").touch()
    founded.plinth("up", "--team", "fraud")
    code, said = founded.plinth("destroy", "--team", "fraud", "--yes")
    assert code == 3, said
    assert "fraud: small:test:Thing thing" in said
    assert len(founded.resources("fraud")) == len(founded.resources("fraud-experimentation")) == 2


def test_a_stack_that_failed_is_reported_with_what_it_holds_and_with_no_change_that_was_not_made(founded):
    founded.plinth("up", "fraud")
    founded.file("fraud.broken").touch()
    founded.file("fraud.thing.more").touch()
    code, said = founded.plinth("up", "fraud", "--json")
    document = json.loads(said[said.index("\n{") :])
    assert (code, document["stacks"]["fraud"]["resources"], document["changes"]) == (1, 2, {})


def test_the_graph_is_drawn_from_the_settings_without_the_engine(project):
    code, said = project.plinth("graph")
    assert code == 0
    assert [line.split()[0] for line in said.splitlines()] == STACKS
    assert "acme-fraud-experimentation" in project.plinth("graph", "--accounts")[1]
    assert not (project.root / "state" / ".pulumi").exists()


def test_a_selection_without_its_needs_is_refused_before_anything_starts_and_with_needs_it_is_complete(project):
    chosen = ("--team", "fraud", "--team", "churn", "audit")
    code, said = project.plinth("up", *chosen)
    assert code == 3, said
    assert "organization, which audit, churn, churn-experimentation, 5 more need" in said
    assert "identity, which churn, churn-experimentation-studio, fraud, 1 more need" in said
    assert not (project.root / "state" / ".pulumi" / "stacks").exists()
    for number in (3, 1):
        code, said = project.plinth("up", "fraud", "--with-needs")
        assert (code, f"\n{number} stack" in said) == (0, True), said
