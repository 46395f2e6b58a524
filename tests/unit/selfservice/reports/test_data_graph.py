"""The lineage of data in the settings leads in both directions."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from selfservice.reports.lineage.data_graph import DataNode, around, data_graph
from settings.files.loader import load
from tests.support.workbench import REPOSITORY


@pytest.fixture(scope="module")
def nodes() -> list[DataNode]:
    return data_graph(load(REPOSITORY))


def names(nodes: Sequence[DataNode]) -> list[str]:
    return [node.name for node in nodes]


def test_each_node_comes_after_those_that_it_needs(nodes: list[DataNode]) -> None:
    places = {name: place for place, name in enumerate(names(nodes))}
    assert len(places) == len(nodes)
    assert all(places[need] < places[node.name] for node in nodes for need in node.needs)


def test_a_dataset_leads_back_to_its_sources_and_on_to_everything_that_uses_it(nodes: list[DataNode]) -> None:
    assert names(around(nodes, "dataset card-payments")) == [
        "source cards",
        "job of card-payments",
        "dataset card-payments",
        "features card-activity",
        "team churn",
        "team fraud",
        "use case fraud--scoring",
    ]


def test_features_lead_back_to_their_writers_and_not_to_siblings(nodes: list[DataNode]) -> None:
    found = names(around(nodes, "features card-activity"))
    assert {"writer fraud-production", "source cards", "dataset card-payments", "team churn"} <= {*found}
    assert "use case fraud--scoring" not in found
    assert "dataset contracts" not in found


def test_returned_results_lead_back_to_the_environments_that_return_them(nodes: list[DataNode]) -> None:
    assert names(around(nodes, "dataset fraud-scores")) == [
        "writer fraud-preproduction",
        "source results/fraud-scores/fraud/preproduction",
        "writer fraud-production",
        "source results/fraud-scores/fraud/production",
        "job of fraud-scores",
        "dataset fraud-scores",
        "team churn",
    ]


def test_a_dataset_without_a_job_comes_from_nothing(nodes: list[DataNode]) -> None:
    assert names(around(nodes, "dataset forms")) == ["dataset forms", "team churn"]
