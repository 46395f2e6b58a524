"""Kills of a command reach the processes of its own sandbox alone, and the journal tells whether updates overlapped."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from plinth_sandbox.emulator.message import Request
from tests.support.kills import Kills
from tests.support.remote_kills.remains import overlapping
from tests.support.workbench import Workbench

BACKEND = "s3://states?region=eu-west-1&awssdk=v2"
LOCK = "/plinth-sandbox-states/.pulumi/locks/organization/plinth/{}.json?x-id=any"


def test_only_processes_of_the_sandbox_are_found_if_another_has_states_of_the_same_name(tmp_path: Path) -> None:
    variables = [{"PULUMI_BACKEND_URL": BACKEND, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"} for port in (1, 2)]
    command = [sys.executable, "-c", "print(flush=True); input()"]
    started = [
        subprocess.Popen(command, env=variable, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for variable in variables
    ]
    try:
        for process in started:
            assert process.stdout is not None
            process.stdout.readline()  # only after its start does a process show its own environment
        benches = [Workbench(tmp_path, _printed=variable) for variable in variables]
        assert [list(Kills(bench).processes()) for bench in benches] == [[process.pid] for process in started]
    finally:
        for process in started:
            process.kill()
            process.communicate()


def calls(*words: str) -> list[Request]:
    """Returns calls about locks, each given as method, stack and lock."""
    return [Request(method, LOCK.format(lock), {}) for method, lock in map(str.split, words)]


def test_updates_of_one_stack_overlap_if_a_lock_is_taken_before_the_other_one_is_deleted() -> None:
    orderly = ["PUT fraud/1", "PUT network/2", "DELETE fraud/1", "PUT fraud/3", "DELETE network/2", "DELETE fraud/3"]
    assert overlapping(calls(*orderly)) == []
    assert overlapping([*calls("PUT fraud/1"), Request("PUT", "/plinth-sandbox-states/fraud/2", {})]) == []
    assert overlapping(calls("PUT network/1", "PUT fraud/1", "PUT fraud/2", "DELETE fraud/1")) == ["fraud"]
