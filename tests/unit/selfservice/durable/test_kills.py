"""Tests that a graph killed at random points is continued: nothing twice, nothing lost, nothing wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.graph_kills.suite import GraphKills

pytestmark = pytest.mark.nightly


@pytest.mark.requirement("GOV-08.b")
def test_killed_graphs_end_with_the_right_results_and_run_no_recorded_node_again(
    tmp_path: Path, database_url: str
) -> None:
    figures = GraphKills(tmp_path, seed=8, url=database_url).kill(5)
    assert figures.kills.total() == 5
    assert {fault: count for fault, count in figures.faults.items() if count} == {}
    assert figures.launched_again, "no kill came while a node ran"
