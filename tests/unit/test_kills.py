"""Kills of a command reach the processes of its own sandbox alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.kills import Kills
from tests.support.workbench import Workbench

BACKEND = "s3://states?region=eu-west-1&awssdk=v2"


def test_only_processes_of_the_sandbox_are_found_if_another_has_states_of_the_same_name(tmp_path: Path) -> None:
    variables = [{"PULUMI_BACKEND_URL": BACKEND, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"} for port in (1, 2)]
    command = [sys.executable, "-c", "print(flush=True); input()"]
    started = [subprocess.Popen(command, env=one, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for one in variables]
    try:
        for process in started:
            assert process.stdout is not None
            process.stdout.readline()  # only after its start does a process show its own environment
        benches = [Workbench(tmp_path, _printed=one) for one in variables]
        assert [list(Kills(bench).processes()) for bench in benches] == [[process.pid] for process in started]
    finally:
        for process in started:
            process.kill()
            process.communicate()
