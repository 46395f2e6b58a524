"""A plan is acyclic, complete and minimal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from selfservice.changes.plan import CATALOG, FIRST_COMMIT, SETTINGS, plan, with_first_commit
from selfservice.operations.schedule import upstream_of


@st.composite
def _graphs(draw: st.DrawFn) -> tuple[dict[str, list[str]], list[str]]:
    """Returns stacks that depend on earlier ones, and some of them as affected."""
    size = draw(st.integers(0, 9))
    names = [f"s{number}" for number in range(size)]
    graph = {
        name: draw(st.lists(st.sampled_from(names[:number]), unique=True)) if number else []
        for number, name in enumerate(names)
    }
    return graph, draw(st.lists(st.sampled_from(names), unique=True)) if names else []


@given(_graphs())
def test_steps_follow_what_they_need_and_contain_the_affected_stacks_alone(
    case: tuple[dict[str, list[str]], list[str]],
) -> None:
    graph, affected = case
    steps = plan(graph, {}, affected, {})
    assert {step.stack for step in steps if step.kind == "stack"} == set(affected)
    seen: set[str] = set()
    for step in steps:
        assert set(step.needs) <= seen, step.name
        seen.add(step.name)
    before = {step.stack: _all_before(steps, step.name) for step in steps if step.kind == "stack"}
    for stack in affected:
        assert {f"stack:{upstream}" for upstream in upstream_of(graph, stack) if upstream in affected} <= before[stack]


def _all_before(steps, name: str) -> set[str]:
    needs = {step.name: step.needs for step in steps}
    found: set[str] = set()
    pending = [name]
    while pending:
        for need in needs[pending.pop()]:
            if need not in found:
                found.add(need)
                pending.append(need)
    return found


def test_nothing_affected_gives_an_empty_plan() -> None:
    assert plan({"a": [], "b": ["a"]}, {}, [], {}) == ()


def test_settings_come_first_and_the_catalog_last() -> None:
    steps = plan({"a": [], "b": ["a"]}, {}, ["b"], {"b": ["create urn"]})
    assert [step.name for step in steps] == [SETTINGS, "stack:b", CATALOG]
    assert steps[1].approved == ("create urn",)
    assert set(steps[2].needs) == {SETTINGS, "stack:b"}


def test_production_follows_its_rehearsal() -> None:
    graph = {"fraud": [], "fraud-preproduction": ["fraud"], "fraud-production": ["fraud"]}
    steps = {step.stack: step for step in plan(graph, {"fraud-production": "fraud-preproduction"}, list(graph), {})}
    assert "stack:fraud-preproduction" in steps["fraud-production"].needs


def test_the_first_commit_of_a_use_case_follows_every_stack() -> None:
    steps = with_first_commit(plan({"a": [], "b": ["a"]}, {}, ["a", "b"], {}))
    assert [step.name for step in steps] == [SETTINGS, "stack:a", "stack:b", FIRST_COMMIT, CATALOG]
    assert _all_before(steps, FIRST_COMMIT) == {SETTINGS, "stack:a", "stack:b"}
    assert FIRST_COMMIT in _all_before(steps, CATALOG)
