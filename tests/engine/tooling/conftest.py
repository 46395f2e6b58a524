"""The tooling account with its Kubernetes cluster and a team, on a sandbox with states in a bucket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plinth_sandbox.engine.errors import SetUpError
from plinth_sandbox.kubernetes import provision
from tests.support.cluster_example import TEAMS, bring_up, obstacle_to_pods, start_sandbox
from tests.support.workbench import Workbench


@pytest.fixture(scope="session")
def obstacle() -> str:
    """Why pods do not run on this machine; empty if they do."""
    return obstacle_to_pods()


@pytest.fixture
def pods(obstacle: str) -> None:
    """Skips a test that needs pods where they do not run."""
    if obstacle:
        pytest.skip(obstacle)


@pytest.fixture(scope="session")
def acme(tmp_path_factory: pytest.TempPathFactory, obstacle: str) -> Iterator[Workbench]:
    """The example organization with a team, a cluster with a node, and the image of this program in its registry.

    Where no node runs, the cluster has none, and pods stay pending.
    """
    try:
        provision.provide()
    except SetUpError as error:
        pytest.skip(f"no control plane: {error.cause}")
    bench = Workbench.of_example(tmp_path_factory.mktemp("tooling"), teams=TEAMS)
    start_sandbox(bench, nodes=not obstacle)
    try:
        bring_up(bench)
        yield bench
    finally:
        bench.sandbox("down")
