"""The tooling account with its Kubernetes cluster, on a copy of the deployed example with states in a bucket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.deployed_example import example_with_cluster
from tests.support.cluster_example import obstacle_to_pods
from tests.support.cluster_node import need_control_plane
from tests.support.workbench import Workbench

JOBS = 3


@pytest.fixture(scope="package")
def obstacle() -> str:
    """Why pods do not run on this machine; empty if they do."""
    return obstacle_to_pods()


@pytest.fixture(scope="package")
def pods(obstacle: str) -> None:
    """Skips a test that needs pods where they do not run."""
    if obstacle:
        pytest.skip(obstacle)


@pytest.fixture(scope="package")
def acme(tmp_path_factory: pytest.TempPathFactory, obstacle: str) -> Iterator[Workbench]:
    """The example organization with all of its stacks, two teams, a cluster with a node that runs three pods, and the
    image of this program in its registry.

    Where no node runs, the cluster has none, and pods stay pending.
    """
    need_control_plane()
    with example_with_cluster(tmp_path_factory, nodes=not obstacle, jobs=JOBS) as bench:
        yield bench
