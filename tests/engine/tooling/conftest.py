"""The tooling account with its Kubernetes cluster, on sandboxes with states in a bucket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from plinth_sandbox.engine.errors import SetUpError
from plinth_sandbox.kubernetes import provision
from tests.support.cluster_example import TEAMS, bring_up, obstacle_to_pods, start_sandbox
from tests.support.workbench import Workbench

JOBS = 3


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
    bench = Workbench.of_example(tmp_path_factory.mktemp("tooling"), teams=TEAMS)
    with _running(bench, nodes=not obstacle):
        bring_up(bench)
        yield bench


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory, obstacle: str) -> Iterator[Workbench]:
    """The example organization with all of its stacks, two teams, and a cluster with a node that runs three pods."""
    if obstacle:
        pytest.skip(obstacle)
    bench = Workbench.of_example(tmp_path_factory.mktemp("everything"))
    with _running(bench, nodes=True):
        bring_up(bench, jobs=JOBS, memory_gib=2)
        bench.plinth("up", "--all", "--yes")
        yield bench


@contextmanager
def _running(bench: Workbench, *, nodes: bool) -> Iterator[None]:
    """Runs a sandbox with a control plane. Skips the test where there is none."""
    try:
        provision.provide()
    except SetUpError as error:
        pytest.skip(f"no control plane: {error.cause}")
    start_sandbox(bench, nodes=nodes)
    try:
        yield
    finally:
        bench.sandbox("down")
