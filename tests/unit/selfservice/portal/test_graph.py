"""The drawing of a run."""

from __future__ import annotations

from selfservice.catalog.request_steps import StepRecord
from selfservice.portal.graph import drawn_run


def step(number: int, name: str, *needs: str) -> StepRecord:
    return StepRecord(number=number, name=name, needs=needs)


def test_a_step_is_right_of_all_that_it_needs_and_has_lines_to_direct_needs_only() -> None:
    plan = [
        step(1, "settings"),
        step(2, "stack:fraud", "settings"),
        step(3, "stack:fraud-development", "stack:fraud", "settings"),
        step(4, "stack:fraud-production", "stack:fraud"),
        step(5, "catalog", "stack:fraud-development", "stack:fraud-production", "settings"),
    ]
    graph = drawn_run(plan)
    places = {node.box.name: (node.x, node.y) for node in graph.nodes}
    assert [places[record.name][0] // 240 for record in plan] == [0, 1, 2, 2, 3]
    assert places["stack:fraud-development"][1] != places["stack:fraud-production"][1]
    assert len(graph.lines) == 5
    assert [node.label for node in graph.nodes][1] == "fraud"
    assert all(x + 190 <= graph.width and y + 44 <= graph.height for x, y in places.values())


def test_a_need_that_the_plan_does_not_have_and_a_long_name_are_drawn_harmlessly() -> None:
    graph = drawn_run([step(1, "stack:" + "x" * 40, "missing")])
    assert graph.lines == []
    assert graph.nodes[0].label == "x" * 23 + "…"
    assert drawn_run([]).nodes == []
