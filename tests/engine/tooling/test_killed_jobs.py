"""Stacks are updated as Jobs while the command, a pod and the API server are killed.

``python -m benchmarks.kills.remote`` does the same with all stacks on which pods may operate.
"""

from __future__ import annotations

import pytest

from tests.engine.tooling.conftest import JOBS
from tests.support.cluster_operations import inputs, jobs_in
from tests.support.remote_kills.disturbances import disturb, stacks_of_pods
from tests.support.remote_kills.suite import RemoteKills
from tests.support.workbench import Workbench

pytestmark = pytest.mark.usefixtures("pods")
STACKS = 7
"""Stacks of the run, which are more than two rounds of Jobs."""


def test_stacks_that_are_updated_as_jobs_converge_whatever_is_killed(acme: Workbench) -> None:
    all_stacks, before = stacks_of_pods(acme), jobs_in(acme)
    stacks = all_stacks[:: len(all_stacks) // STACKS][:STACKS]  # of durable accounts and of both teams
    assert len(stacks) == STACKS
    assert set(+disturb(acme, stacks)) == set(stacks), "an update has nothing to correct"
    done: list[str] = []
    kills = RemoteKills(bench=acme, stacks=stacks, jobs=JOBS, say=done.append)
    faults = kills.faults()
    assert faults == [], "\n".join(done)
    assert len(jobs_in(acme).keys() - before.keys()) > len(stacks)
    for key in inputs(acme):  # of the killed command; a lifecycle rule of the bucket deletes them after days
        acme.client("s3").delete_object(Bucket=acme.bucket, Key=key)
