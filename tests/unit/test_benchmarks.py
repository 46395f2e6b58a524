"""What a benchmark brings up before it measures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.__main__ import STACK, needed_by
from plinth_sandbox.testing import EmulatedAws
from settings.derived.stack_graph import StackIdentity
from settings.files.loader import load
from tests.support.workbench import REPOSITORY


def test_all_that_the_measured_stack_stands_on_is_up_before_and_nothing_that_stands_on_it() -> None:
    foundation = load(REPOSITORY)
    before = needed_by(StackIdentity.parse(STACK), foundation)
    assert {"organization", "fraud"} <= set(before)
    for name in before:
        needs = {one.name for one in foundation.stacks[StackIdentity.parse(name)]}
        assert needs <= set(before)
        assert STACK not in {name, *needs}


def test_the_cost_of_checks_is_measured_on_every_changing_request(tmp_path: Path) -> None:
    with EmulatedAws(tmp_path) as aws:
        aws.client("kms").create_key()
        aws.client("kms").list_keys()
        aws.client("sns").create_topic(Name="records")
    command = [sys.executable, "-m", "benchmarks.checking", tmp_path]
    ran = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("2 changing requests: ")
