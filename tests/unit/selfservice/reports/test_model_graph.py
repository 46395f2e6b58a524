"""The lineage of versions as a graph, in both directions."""

from __future__ import annotations

from typing import Any

import pytest

from selfservice.promotions.promotion import Promotion, ServedState
from selfservice.reports.lineage.data_graph import around
from selfservice.reports.lineage.model_graph import model_graph
from selfservice.reports.lineage.versions import Endpoint, Source, VersionLineage

ORIGIN = {
    "build_id": "20260621T101500-1a2b3c4",
    "commit": "1a2b3c4d",
    "execution": "run-7",
    "data_snapshot": "s3://ml-dev-fraud/input/",
}


def version(number: int, origin: dict[str, str] | None = None, **more: Any) -> VersionLineage:
    values = {
        "version": f"fraud--scoring-main/{number}",
        "arn": f"arn/{number}",
        "status": "Approved",
        "registered": "2026-06-21T00:00:00+00:00",
        "origin": ORIGIN if origin is None else origin,
        "metrics": {},
        "datasets": (Source(dataset="cards", sources=("raw/cards",)),),
        "endpoints": (),
    }
    return VersionLineage(**{**values, **more})


def endpoint(*numbers: int, environment: str = "production") -> Endpoint:
    arns = tuple(f"arn/{number}" for number in numbers)
    return Endpoint(name="fraud--scoring-online", environment=environment, version_arns=arns)


def promotion(execution: str, number: int) -> Promotion:
    return Promotion(
        use_case="fraud--scoring", execution=execution, status="Succeeded", started="", started_by="ben", version=number
    )


SERVED = ServedState(
    environment="production", execution="e-1", version=7, commit="1a2b3c4d", deployed_at="2026-06-22T00:00:00+00:00"
)


@pytest.mark.requirement("AUD-02.a", "AUD-04.a", "AUD-04.b")
def test_a_version_leads_to_its_data_code_build_and_run_and_to_its_promotion_and_endpoint() -> None:
    nodes = model_graph([version(7)], [endpoint(7)], [promotion("e-1", 7), promotion("e-0", 6)], [SERVED])
    assert {node.name: node.needs for node in nodes} == {
        "source raw/cards": (),
        "dataset cards": ("source raw/cards",),
        "snapshot s3://ml-dev-fraud/input/": ("dataset cards",),
        "commit 1a2b3c4d": (),
        "build 20260621T101500-1a2b3c4": ("commit 1a2b3c4d",),
        "run run-7": ("snapshot s3://ml-dev-fraud/input/", "build 20260621T101500-1a2b3c4"),
        "version fraud--scoring-main/7": ("run run-7",),
        "promotion e-1": ("version fraud--scoring-main/7",),
        "endpoint fraud--scoring-online in production": ("promotion e-1",),
    }


@pytest.mark.requirement("AUD-02.c", "AUD-04.b")
def test_each_part_leads_back_to_what_came_of_it() -> None:
    nodes = model_graph([version(7), version(8)], [endpoint(7, 8)], [promotion("e-1", 7)], [SERVED])
    endpoint_name = "endpoint fraud--scoring-online in production"
    assert around(nodes, endpoint_name) == nodes
    code = ("commit", "build")
    assert around(nodes, "dataset cards") == [node for node in nodes if node.kind not in code]
    data = ("source", "dataset", "snapshot")
    assert around(nodes, f"commit {ORIGIN['commit']}") == [node for node in nodes if node.kind not in data]
    (shown,) = (node for node in nodes if node.kind == "endpoint")
    assert shown.needs == ("promotion e-1", "version fraud--scoring-main/8")


def test_what_a_version_does_not_say_is_left_out() -> None:
    (only,) = model_graph([version(7, {}, datasets=())], [endpoint(6)], [promotion("e-0", 6)], [])
    assert (only.name, only.needs) == ("version fraud--scoring-main/7", ())
    commit, shown = model_graph([version(7, {"commit": "1a2b3c4d"}, datasets=())], [], [], [])
    assert (commit.name, shown.needs) == ("commit 1a2b3c4d", ("commit 1a2b3c4d",))


def test_a_version_of_another_environment_does_not_come_from_its_promotion() -> None:
    *_, shown = model_graph([version(7)], [endpoint(7, environment="preproduction")], [promotion("e-1", 7)], [SERVED])
    assert shown.needs == ("version fraud--scoring-main/7",)
