import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from selfservice.cli.command import main
from selfservice.engine.orphaned_processes import operation_variable
from selfservice.engine.unanswered_operations import UnansweredOperations
from selfservice.projects.project import open_project
from selfservice.reports.status import as_text, statuses
from selfservice.runner.process import last_looks, new_run_directory
from tests.unit.selfservice.engine.test_unanswered_operations import begins
from tests.unit.selfservice.removal.test_leftovers import project, write_state  # noqa: F401 (a fixture)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def state(*, resources=1, pending=0, time="2026-11-21T10:00:00.5Z"):
    held = {
        "manifest": {"time": time},
        "resources": [{"urn": "a", "type": "t"}] * resources,
        "pending_operations": [{"type": "creating", "resource": {"urn": f"urn:{index}"}} for index in range(pending)],
    }
    return json.dumps({"version": 3, "checkpoint": {"latest": held}})


def found(small):
    return {status.stack: status for status in statuses(open_project(small.directory))}


def line(small, stack):
    lines = as_text(statuses(open_project(small.directory)), NOW).splitlines()
    return next(each for each in lines if each.startswith(f"{stack} "))


@pytest.fixture
def small(project, monkeypatch, tmp_path):  # noqa: F811
    monkeypatch.setenv("PLINTH_STATE_DIR", str(tmp_path / "operations"))
    return project


def test_a_stack_shows_what_it_holds_when_it_changed_and_when_a_command_last_looked_at_it(small):
    write_state(small, "fraud", state(resources=25))
    before = found(small)["fraud"]
    assert (before.resources, before.changed, before.looked) == (25, "2026-11-21T10:00:00+00:00", None)
    assert "2 h ago" in line(small, "fraud")
    run = new_run_directory(open_project(small.directory).state_directory)
    (run / "fraud").mkdir()
    looked = datetime.fromisoformat(found(small)["fraud"].looked)
    assert timedelta(0) <= datetime.now(UTC) - looked < timedelta(minutes=5)
    assert found(small)["churn"].looked is None


def test_the_last_command_on_a_stack_counts(tmp_path):
    for name, stack in (("20261120T100000-1", "fraud"), ("20261121T100000-2", "fraud"), ("20261121T110000-3", "churn")):
        (tmp_path / "runs" / name / stack).mkdir(parents=True)
    looks = last_looks(tmp_path)
    assert {stack: f"{moment:%d %H}" for stack, moment in looks.items()} == {"fraud": "21 10", "churn": "21 11"}


def test_pending_operations_are_shown_with_the_command_that_resolves_them(small):
    write_state(small, "fraud", state(pending=2))
    assert found(small)["fraud"].pending_operations == 2
    assert "2 pending operations: run `plinth up fraud`" in line(small, "fraud")


def test_operations_that_a_plugin_did_not_answer_are_pending_too(small):
    locks = open_project(small.directory).state_directory / "locks"
    UnansweredOperations(locks / "fraud")(begins("create"))
    UnansweredOperations(locks / "organization")(begins("create"))
    write_state(small, "fraud", state(pending=2))
    write_state(small, "organization", state(resources=0))
    pending = {stack: (status.resources, status.pending_operations) for stack, status in found(small).items()}
    assert (pending["fraud"], pending["organization"]) == ((1, 3), (0, 0))


def test_a_connection_that_a_person_has_to_complete_is_shown_with_its_console(small):
    arn = "arn:aws:codeconnections:eu-west-1:222222222222:connection/1"
    connection = {"urn": "c", "type": "aws:codeconnections/connection:Connection", "id": arn}
    for status, pending in (("PENDING", (arn,)), ("AVAILABLE", ())):
        resources = [{**connection, "outputs": {"connectionStatus": status}}]
        written = {"version": 3, "checkpoint": {"latest": {"manifest": {}, "resources": resources}}}
        write_state(small, "fraud", json.dumps(written))
        assert found(small)["fraud"].pending_connections == pending
        note = "pending: complete it in the account 222222222222 at https://eu-west-1.console.aws.amazon.com/codesuite/"
        assert (note in line(small, "fraud")) is bool(pending)


def test_what_differed_at_the_last_comparison_with_aws_is_shown_with_its_age(small):
    fingerprints = open_project(small.directory).fingerprints
    (fingerprints / "drift").mkdir(parents=True)
    record = {"seen": "2026-11-21T11:30:00+00:00", "drifted": ["urn:one", "urn:two"]}
    (fingerprints / "drift" / "fraud.json").write_text(json.dumps(record))
    assert found(small)["fraud"].drifted == ("urn:one", "urn:two")
    assert "2, 30 min ago" in line(small, "fraud")
    assert "never looked" in line(small, "churn")


def test_a_stack_without_a_state_is_not_deployed(small):
    write_state(small, "fraud", state(resources=0))
    assert line(small, "fraud").endswith("not deployed")


def test_a_process_of_a_killed_engine_is_shown_and_one_of_a_running_command_is_not(small):
    locks = open_project(small.directory).state_directory / "locks"
    environment = {**os.environ, **operation_variable(locks / "fraud")}
    with subprocess.Popen([sys.executable, "-c", "input()"], env=environment, stdin=subprocess.PIPE) as orphan:
        assert found(small)["fraud"].orphaned_processes == (orphan.pid,)
        assert found(small)["fraud-experimentation"].orphaned_processes == ()
        orphan.communicate(b"\n")


def test_a_deployed_stack_of_which_the_settings_say_nothing_is_shown(small):
    small.settings_file("fraud").unlink()
    assert not found(small)["fraud-experimentation"].in_settings
    assert line(small, "fraud-experimentation").endswith("not in the settings")


def test_the_command_prints_a_table_with_totals_or_one_document(small, monkeypatch):
    monkeypatch.setattr("selfservice.cli.commands.status.require_engine", lambda _: None)
    write_state(small, "fraud", state(resources=25, pending=1))
    done = CliRunner().invoke(main, ["--cwd", str(small.directory), "status"])
    number = len(open_project(small.directory).graph)
    totals = f"{number} stacks, {number} deployed, {number + 24} resources; 0 with drift, 1 with pending operations, "
    assert done.stdout.splitlines()[-1] == f"{totals}0 with orphaned processes, 0 not in the settings"
    done = CliRunner().invoke(main, ["--cwd", str(small.directory), "status", "--json"])
    assert next(each for each in json.loads(done.stdout) if each["stack"] == "fraud")["resources"] == 25
