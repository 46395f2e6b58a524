"""Twenty stacks are updated as Jobs while the command, a pod and the API server are killed."""

from __future__ import annotations

import pytest

from tests.engine.tooling.conftest import JOBS
from tests.support.cluster_operations import inputs
from tests.support.remote_kills.disturbances import disturb, stacks_of_pods
from tests.support.remote_kills.suite import RemoteKills
from tests.support.workbench import Workbench

STACKS = 20


def test_twenty_stacks_converge_whatever_is_killed(everything: Workbench, capsys: pytest.CaptureFixture[str]) -> None:
    stacks = stacks_of_pods(everything)
    assert len(stacks) >= STACKS
    disturbed = disturb(everything, stacks)
    assert len(+disturbed) >= STACKS - 2
    done: list[str] = []
    kills = RemoteKills(bench=everything, stacks=stacks, jobs=JOBS, say=done.append)
    faults = kills.faults()
    assert faults == [], "\n".join(done)
    for key in inputs(everything):  # of the killed command; a lifecycle rule of the bucket deletes them after days
        everything.client("s3").delete_object(Bucket=everything.bucket, Key=key)
