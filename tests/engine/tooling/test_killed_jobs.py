"""Stacks of all accounts are updated as Jobs while the command, a pod and the API server are killed."""

from __future__ import annotations

from tests.engine.tooling.conftest import JOBS
from tests.support.cluster_operations import inputs, jobs_in
from tests.support.remote_kills.disturbances import disturb, stacks_of_pods
from tests.support.remote_kills.suite import RemoteKills
from tests.support.workbench import Workbench

FEWEST_STACKS, FEWEST_JOBS = 15, 20


def test_stacks_that_are_updated_as_jobs_converge_whatever_is_killed(everything: Workbench) -> None:
    stacks, before = stacks_of_pods(everything), jobs_in(everything)
    assert len(stacks) >= FEWEST_STACKS
    assert set(+disturb(everything, stacks)) == set(stacks), "an update has nothing to correct"
    done: list[str] = []
    kills = RemoteKills(bench=everything, stacks=stacks, jobs=JOBS, say=done.append)
    faults = kills.faults()
    assert faults == [], "\n".join(done)
    assert len(jobs_in(everything).keys() - before.keys()) >= FEWEST_JOBS
    for key in inputs(everything):  # of the killed command; a lifecycle rule of the bucket deletes them after days
        everything.client("s3").delete_object(Bucket=everything.bucket, Key=key)
