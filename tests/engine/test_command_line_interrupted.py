"""The command line cut off, waiting, and finding what others left behind."""

from __future__ import annotations

import json
import os
import signal

import pytest

from plinth_sandbox.waiting import LONGEST_SECONDS, eventually
from selfservice.engine.locks.engine_process import is_engine
from tests.support.small_project import SmallProject


@pytest.fixture
def project(tmp_path):
    made = SmallProject.create(tmp_path)
    made.write_states("organization", "identity", "audit")
    return made


def slow_update(project, *arguments):
    """A command line in the middle of the update of ``fraud``."""
    project.file("fraud.slow").touch()
    running = project.start(*arguments or ("up", "fraud"))
    eventually(project.file("fraud.reached").exists)
    return running


def test_an_engine_survives_its_command_line_and_the_next_one_waits_for_it(project):
    running = slow_update(project)
    running.send_signal(signal.SIGKILL)
    running.wait()
    following = project.start("up", "fraud")
    for line in following.stdout:
        if "waiting for" in line:
            break
    assert len(project.resources("fraud")) < 3
    project.file("fraud.slow").unlink()
    said = following.stdout.read()
    assert following.wait(LONGEST_SECONDS) == 0, said
    assert "fraud: unchanged" in said
    assert len(project.resources("fraud")) == 2


def test_an_update_by_hand_is_waited_for(project):
    project.plinth("up", "fraud")
    project.file("fraud.thing.more").touch()
    lock = project.locks("fraud") / "by-hand.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    holder = {"username": "somebody", "timestamp": "2025-01-31T12:00:00Z"}
    lock.write_text(json.dumps({**holder, "pid": 1, "hostname": "elsewhere"}))
    running = project.start("up", "fraud")
    for line in running.stdout:
        if "waiting for" in line:
            break
    assert "process 1 of somebody on elsewhere" in line
    lock.unlink()
    said = running.stdout.read()
    assert running.wait(LONGEST_SECONDS) == 0, said
    assert len(project.resources("fraud")) == 3


def test_an_update_on_another_machine_is_waited_for_no_longer_than_the_limit(project):
    project.plinth("up", "fraud")
    project.file("fraud.thing.more").touch()
    lock = project.locks("fraud") / "elsewhere.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    holder = {"username": "somebody", "timestamp": "2024-01-31T12:00:00Z", "pid": 1, "hostname": "elsewhere"}
    lock.write_text(json.dumps(holder))
    code, said = project.plinth("up", "fraud", "--lock-timeout", "0")
    assert code == 1, said
    assert "by process 1 of somebody on elsewhere, since 2024-01-31T12:00:00Z (" in said
    assert "`pulumi cancel --stack fraud --yes`" in said
    project.pulumi("cancel", "--stack", "fraud", "--yes")
    assert project.plinth("up", "fraud")[0] == 0


def test_an_empty_lock_is_named_with_the_way_out(project):
    project.plinth("up", "fraud")
    project.file("fraud.thing.more").touch()
    lock = project.locks("fraud") / "empty.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()
    code, said = project.plinth("up", "fraud")
    assert code == 1, said
    assert "fraud/empty.json is empty or damaged" in said
    project.pulumi("cancel", "--stack", "fraud", "--yes")
    assert project.plinth("up", "fraud")[0] == 0


def test_the_lock_of_an_engine_that_was_killed_with_its_command_line_is_broken_and_said_so(project):
    running = slow_update(project)
    lock = next(project.locks("fraud").glob("*.json"))
    engine = json.loads(lock.read_text())["pid"]
    running.kill()
    running.wait()
    os.killpg(os.getpgid(engine), signal.SIGKILL)
    eventually(lambda: not is_engine(engine))
    project.file("fraud.slow").unlink()
    code, said = project.plinth("up", "fraud")
    assert code == 0, said
    assert f"broke the lock left behind by process {engine}" in said
    assert not lock.exists()


def test_an_interrupt_asks_the_engine_to_stop_and_says_what_was_not_done(project):
    running = slow_update(project, "up", "--team", "fraud")
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=LONGEST_SECONDS)
    assert running.returncode == 130, said
    assert "stopping after the steps under way" in said
    assert "fraud-experimentation: interrupted" in said
    assert not any(project.locks("fraud").glob("*"))


def test_a_killed_engine_is_a_failure_without_a_lock_that_the_next_run_puts_right(project):
    running = slow_update(project)
    lock = next(project.locks("fraud").glob("*.json"))
    os.kill(json.loads(lock.read_text())["pid"], signal.SIGKILL)
    said, _ = running.communicate(timeout=LONGEST_SECONDS)
    assert running.returncode == 1, said
    assert "broke the lock left behind" in said
    assert not lock.exists()
    project.file("fraud.slow").unlink()
    code, said = project.plinth("up", "fraud")
    assert code == 0, said
    assert len(project.resources("fraud")) == 2
