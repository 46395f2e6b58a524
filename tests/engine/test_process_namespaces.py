"""Two command lines in process namespaces of their own, as in containers with the same host name, on one state."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from dataclasses import replace

import pytest

from plinth_sandbox.waiting import LONGEST_SECONDS, eventually
from tests.support.small_project import COMMANDS, SmallProject

NAMESPACE = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None, reason="only root on Linux can make process namespaces"
)


@pytest.fixture
def project(tmp_path):
    made = SmallProject.create(tmp_path)
    made.write_states("organization", "identity", "audit")
    return made


def start(project, container, output):
    """A command line in a namespace of its own, with a folder of operations of its own."""
    own = replace(project, variables={"PLINTH_STATE_DIR": str(project.root / container)})
    with output.open("w") as said:
        return start_in_namespace(own, said)


def start_in_namespace(project, said):
    return subprocess.Popen(
        [*NAMESPACE, COMMANDS / "plinth", "up", "fraud"],
        cwd=project.directory,
        env=project.environment(),
        stdin=subprocess.DEVNULL,
        stdout=said,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


@pytest.mark.parametrize("second", ["second", "first"], ids=["own folder", "shared folder"])
def test_the_second_of_two_containers_with_the_same_host_name_waits(project, second):
    project.plinth("up", "fraud")
    project.file("fraud.reached").unlink()
    project.file("fraud.thing.more").touch()
    project.file("fraud.slow").touch()
    said = project.root / "first.log", project.root / "second.log"
    first = start(project, "first", said[0])
    eventually(project.file("fraud.reached").exists)
    (lock,) = project.locks("fraud").glob("*.json")
    following = start(project, second, said[1])
    try:
        eventually(lambda: "waiting" in said[1].read_text() or not lock.exists())
        assert "broke the lock" not in said[1].read_text()
        if second != "first":  # otherwise it waits for the lock of this machine, which both share
            assert f"process {json.loads(lock.read_text())['pid']} of root" in said[1].read_text()
            assert "pulumi cancel --stack fraud" in said[1].read_text()
        assert lock.exists()
        project.file("fraud.slow").unlink()
        assert (first.wait(LONGEST_SECONDS), following.wait(LONGEST_SECONDS)) == (0, 0), said[1].read_text()
        assert "broke the lock" not in said[1].read_text()
    finally:
        for running in (first, following):
            if running.poll() is None:
                os.killpg(running.pid, signal.SIGKILL)
