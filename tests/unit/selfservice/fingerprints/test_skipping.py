"""Each input of a stack is changed once, and the stack runs."""

from __future__ import annotations

import fcntl
from dataclasses import replace

import pytest
import yaml

from selfservice.engine.backend import backend_of
from selfservice.operations.event_log import Finished, Notice
from selfservice.operations.operation import Outcome, Problem, Status
from tests.support.skippable_project import PROJECT, REHEARSAL, SEEN, STACK, UPSTREAM, SkippableProject

SITE_PACKAGES = "project/venv/lib/python3.12/site-packages"


@pytest.fixture
def project(tmp_path, monkeypatch):
    project = SkippableProject.create(tmp_path)
    for name, value in project.variables().items():
        monkeypatch.setenv(name, value)
    backend_of.cache_clear()
    return project


def test_an_unchanged_stack_is_skipped_with_its_last_outcome(project):
    project.run(replace(SEEN, seconds=3.5))
    left_out = project.left_out()
    assert left_out is not None
    assert (left_out.outcome.status, left_out.outcome.resources) == (Status.UNCHANGED, 3)
    assert left_out.outcome.reason.startswith("no input changed since 20")
    assert left_out.outcome.seconds == 0


def test_advisory_findings_of_a_skipped_stack_are_shown_again(project):
    project.run(notices=("plinth: an endpoint is public",))
    left_out = project.left_out()
    notice, finished = left_out.read()
    assert notice == Notice(message="plinth: an endpoint is public")
    assert finished == Finished(outcome=left_out.outcome)


NO_INPUTS = {
    "documentation": lambda p: p.write("project/docs/guide.html", "words"),
    "the description": lambda p: p.write("project/README.md", "words"),
    "a hidden file": lambda p: p.write("project/.gitignore", "venv"),
    "compiled code": lambda p: p.write("project/parts/__pycache__/used.pyc", ""),
    "a file of an installed package": lambda p: p.write(f"{SITE_PACKAGES}/boto3/session.py", "X = 1\n"),
}


@pytest.mark.parametrize("change", NO_INPUTS.values(), ids=NO_INPUTS.keys())
def test_a_stack_does_not_run_after_a_change_of(change, project):
    project.run()
    change(project)
    assert project.left_out() is not None


CHANGES = {
    "the stack's own settings": lambda p: p.write(f"project/settings/Pulumi.{STACK}.yaml", "config: {a: b}\n"),
    "settings of another stack": lambda p: p.write("project/settings/Pulumi.data-lake--cards.yaml", "config: {a: b}\n"),
    "a new settings file": lambda p: p.write("project/settings/Pulumi.new.yaml", "config: {}\n"),
    "a settings file that is gone": lambda p: (p.directory / "settings" / "Pulumi.data-lake--cards.yaml").unlink(),
    "the project file": lambda p: p.write("project/Pulumi.yaml", yaml.safe_dump({**PROJECT, "description": "x"})),
    "the program": lambda p: p.write("project/__main__.py", "import parts.used\nX = 1\n"),
    "a module": lambda p: p.write("project/parts/used.py", "X = 1\n"),
    "a new module": lambda p: p.write("project/parts/more.py", ""),
    "a text below a folder of modules": lambda p: p.write("project/parts/notice.md", "words"),
    "a script beside a test": lambda p: p.write("project/tests/job.py", ""),
    "a file of data": lambda p: p.write("project/data.sql", "select 2"),
    "a file that is gone": lambda p: (p.directory / "scripts" / "etl.py").unlink(),
    "the installed packages": lambda p: p.write(f"{SITE_PACKAGES}/moto/__init__.py", ""),
    "a rule of the pack": lambda p: p.write("project/policies/test/rule.py", "X = 1\n"),
    "the configuration of the pack": lambda p: p.write("project/policies/test/PulumiPolicy.yaml", "runtime: other\n"),
    "the lock file": lambda p: p.write("project/requirements.txt", "pulumi==2\n"),
    "its state": lambda p: p.write_state(STACK, serial=2),
    "outputs of a stack it reads": lambda p: p.write_state(UPSTREAM, outputs={"vpc_id": "vpc-2"}),
    "the stack that it has to equal": lambda p: p.write_state(REHEARSAL, serial=2),
    "the engine": lambda p: p.write("bin/pulumi", "another engine"),
    "the version of a plugin": lambda p: p.write("home/plugins/resource-aws-v2/pulumi-resource-aws", "the plugin"),
    "the plugin itself": lambda p: p.write("home/plugins/resource-aws-v1/pulumi-resource-aws", "another"),
    "a lock on its state": lambda p: p.write(f"state/.pulumi/locks/organization/small/{STACK}/1.json", "{}"),
    "a damaged fingerprint": lambda p: p.write(f"operations/fingerprints/{STACK}.json", "{"),
    "a fingerprint of another format": lambda p: p.write(f"operations/fingerprints/{STACK}.json", '{"format": 0}'),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_stack_runs_after_a_change_of(change, project):
    project.run()
    assert project.left_out() is not None
    change(project)
    assert project.left_out() is None


def test_a_stack_runs_after_a_change_of_a_variable(project, monkeypatch):
    project.run()
    monkeypatch.setenv("PLINTH_TEST_VARIABLE", "x")
    assert project.left_out() is None


def test_credentials_and_the_terminal_are_no_inputs(project, monkeypatch):
    project.run()
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of this hour")
    monkeypatch.setenv("COLUMNS", "132")
    assert project.left_out() is not None


UNSETTLED = {
    "something would change": {"outcome": replace(SEEN, changes={"update": 1})},
    "something drifted": {"outcome": replace(SEEN, drifted=("urn:bucket",))},
    "it failed": {"outcome": Outcome(status=Status.FAILED)},
    "it was refused": {"outcome": Outcome(status=Status.REFUSED, problems=(Problem(message="no"),))},
    "an output would change": {"pending_work": True},
}


@pytest.mark.parametrize("ended", UNSETTLED.values(), ids=UNSETTLED.keys())
def test_a_stack_has_no_fingerprint_when(ended, project):
    project.run()
    project.run(**ended)
    assert project.left_out() is None


def test_a_file_that_changes_during_the_run_is_in_no_fingerprint(project):
    project.run(meanwhile=lambda: project.write("project/data.sql", "select 2"))
    assert project.left_out() is None


def test_an_input_that_changes_during_the_run_is_in_no_fingerprint(project):
    project.run(meanwhile=lambda: project.write_state(UPSTREAM, outputs={"vpc_id": "vpc-2"}))
    assert project.left_out() is None


def test_a_stack_runs_if_its_rehearsal_runs(project):
    project.run()
    assert project.left_out(chosen=(STACK, REHEARSAL)) is None


def test_a_stack_that_was_compared_with_a_planned_rehearsal_has_no_fingerprint(project):
    """The other was previewed by the same command, and was about to change: it has no fingerprint."""
    project.run(operation=project.operation(rehearsal_by=REHEARSAL))
    assert project.left_out() is None


def test_a_stack_that_another_command_works_on_is_run(project):
    project.run()
    lock = project.operation().lock_path
    lock.parent.mkdir()
    with lock.open("w") as file:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX)
        assert project.left_out() is None
    assert project.left_out() is not None


def test_only_the_current_user_can_read_fingerprints(project):
    project.run()
    kept = project.operation().fingerprints
    assert {path.stat().st_mode & 0o777 for path in kept.rglob("*.json")} == {0o600}
    assert kept.stat().st_mode & 0o777 == 0o700


def test_a_dead_link_on_the_search_path_is_no_error(project):
    (project.root / "bin" / "pulumi-dead").symlink_to(project.root / "nowhere")
    project.run()
    assert project.left_out() is not None


def test_a_stack_is_skipped_if_its_rehearsal_is_skipped_by_the_same_command(project):
    rehearsal = replace(project.operation(), stack=REHEARSAL, rehearsal=None, rehearsal_file=None)
    project.run(operation=rehearsal)
    project.run()
    unchanged = project.unchanged(chosen=(STACK, REHEARSAL))
    assert unchanged.skip_unchanged(project.operation()) is None
    assert unchanged.skip_unchanged(rehearsal) is not None
    assert unchanged.skip_unchanged(project.operation()) is not None
