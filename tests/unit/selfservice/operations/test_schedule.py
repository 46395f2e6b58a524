import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfservice.operations.schedule import (
    Schedule,
    in_order,
    longest_chains,
    rehearsed_first,
    restrict,
    reverse,
    upstream_of,
)
from tests.unit.selfservice.operations import reference_schedule

FOUNDATION = {
    "organization": [],
    "churn": ["organization"],
    "fraud": ["organization"],
    "fraud-development": ["organization", "fraud"],
    "fraud-production": ["organization", "fraud"],
}


@st.composite
def graphs(draw):
    """Any graph without a circle: a stack may need those with a smaller number."""
    size = draw(st.integers(min_value=0, max_value=8))
    needs = {f"s{i}": draw(st.sets(st.sampled_from([f"s{j}" for j in range(i)]))) if i else set() for i in range(size)}
    names = draw(st.permutations(list(needs)))
    return {name: sorted(needs[name]) for name in names}


def test_a_stack_starts_only_after_its_dependencies():
    schedule = Schedule(FOUNDATION, limit=9)
    assert schedule.start() == ["organization"]
    assert schedule.start() == []
    schedule.finish("organization", succeeded=True)
    assert schedule.start() == ["fraud", "churn"]
    schedule.finish("fraud", succeeded=True)
    assert schedule.start() == ["fraud-development", "fraud-production"]


def test_independent_stacks_run_side_by_side_up_to_the_limit():
    schedule = Schedule({"a": [], "b": [], "c": []}, limit=2)
    assert schedule.start() == ["a", "b"]
    assert schedule.start() == []
    schedule.finish("a", succeeded=True)
    assert schedule.start() == ["c"]


def test_the_longest_chain_of_dependents_starts_first():
    short = {"alone": [], "first": [], "second": ["first"], "third": ["second"], "beside": ["first"]}
    schedule = Schedule(short, limit=1)
    started = []
    while not schedule.done:
        [stack] = schedule.start()
        started.append(stack)
        schedule.finish(stack, succeeded=True)
    assert started == ["first", "second", "alone", "third", "beside"]


@given(graphs())
def test_chains_are_as_long_as_the_longest_path_of_dependents(graph):
    dependents = reverse(graph)

    def paths(stack):
        return [[stack, *path] for dependent in dependents[stack] for path in paths(dependent)] or [[stack]]

    assert longest_chains(dependents) == {stack: max(map(len, paths(stack))) for stack in graph}


def test_a_failed_stack_drops_its_dependents_while_the_others_continue():
    schedule = Schedule(FOUNDATION, limit=9)
    schedule.start()
    schedule.finish("organization", succeeded=True)
    assert schedule.start() == ["fraud", "churn"]
    assert schedule.finish("fraud", succeeded=False) == ["fraud-development", "fraud-production"]
    assert schedule.finish("churn", succeeded=True) == []
    assert schedule.done


def test_stopping_starts_no_more_stacks_and_returns_those_that_waited():
    schedule = Schedule(FOUNDATION, limit=9)
    schedule.start()
    assert schedule.stop() == ["churn", "fraud", "fraud-development", "fraud-production"]
    assert not schedule.done
    schedule.finish("organization", succeeded=True)
    assert schedule.done


def test_a_dependency_cycle_is_refused():
    with pytest.raises(ValueError, match="circle: a, b"):
        Schedule({"a": ["b"], "b": ["a"]}, limit=1)


def test_a_limit_under_one_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        Schedule({}, limit=0)


def test_destruction_runs_in_reverse_order():
    assert in_order(reverse(FOUNDATION))[-1] == "organization"
    assert reverse(FOUNDATION)["fraud"] == ["fraud-development", "fraud-production"]


def test_a_dependency_through_an_unselected_stack_is_kept():
    assert restrict(FOUNDATION, ["fraud-development", "organization"]) == {
        "organization": [],
        "fraud-development": ["organization"],
    }
    chain = {"a": [], "b": ["a"], "c": ["b"]}
    assert restrict(chain, ["a", "c"]) == {"a": [], "c": ["a"]}


def test_upstream_lists_all_dependencies_in_deployment_order():
    assert upstream_of({"c": ["b"], "b": ["a"], "a": []}, "c") == ["a", "b"]


@given(graphs(), st.integers(min_value=1, max_value=4), st.data())
def test_every_stack_is_started_once_or_dropped_for_a_reason(graph, limit, data):
    schedule = Schedule(graph, limit=limit)
    succeeded, failed, dropped, running = set(), set(), set(), set()
    while not schedule.done:
        started = schedule.start()
        running.update(started)
        assert len(running) <= limit
        for stack in started:
            assert set(graph[stack]) <= succeeded
        stack = data.draw(st.sampled_from(sorted(running)))
        running.remove(stack)
        came_up = data.draw(st.booleans())
        (succeeded if came_up else failed).add(stack)
        lost = schedule.finish(stack, succeeded=came_up)
        assert all(set(graph[other]) & (failed | dropped | set(lost)) for other in lost)
        dropped.update(lost)
    assert succeeded | failed | dropped == set(graph)
    assert len(succeeded) + len(failed) + len(dropped) == len(graph)


def test_a_stack_runs_after_its_rehearsal_if_both_are_selected():
    rehearsals = {"fraud-production": "fraud-development", "churn": "churn-development"}
    graph = rehearsed_first(FOUNDATION, rehearsals)
    assert graph["fraud-production"] == ["organization", "fraud", "fraud-development"]
    assert {stack: graph[stack] for stack in FOUNDATION if stack != "fraud-production"} == {
        stack: needs for stack, needs in FOUNDATION.items() if stack != "fraud-production"
    }
    assert rehearsed_first({"fraud-production": []}, rehearsals) == {"fraud-production": []}


@given(graphs())
def test_the_order_and_the_dependents_are_those_of_the_definition(graph):
    assert in_order(graph) == reference_schedule.in_order(graph)
    assert list(reverse(graph).items()) == list(reference_schedule.reverse(graph).items())


@given(graphs())
def test_what_a_stack_needs_is_that_of_the_definition_each_after_its_own_needs(graph):
    for stack in graph:
        found = upstream_of(graph, stack)
        assert len(found) == len(set(found))
        assert set(found) == reference_schedule.upstream_of(graph, stack)
        for place, need in enumerate(found):
            assert reference_schedule.upstream_of(graph, need) <= set(found[:place])


@given(graphs(), st.data())
def test_a_part_of_a_graph_needs_directly_or_through_others_what_its_stacks_need_in_the_whole(graph, data):
    chosen = data.draw(st.sets(st.sampled_from(sorted(graph)))) if graph else set()
    part = restrict(graph, sorted(chosen))
    assert list(part) == [stack for stack in graph if stack in chosen]
    for stack in part:
        assert set(part[stack]) <= chosen
        assert reference_schedule.upstream_of(part, stack) == reference_schedule.upstream_of(graph, stack) & chosen


@given(graphs(), st.integers(min_value=1, max_value=4), st.data())
def test_a_schedule_starts_and_drops_what_one_does_that_looks_at_every_stack(graph, limit, data):
    ours, definition = Schedule(graph, limit=limit), reference_schedule.Schedule(graph, limit=limit)
    while not ours.done:
        assert ours.start() == definition.start()
        if data.draw(st.integers(0, 9)) == 0:
            assert ours.stop() == definition.stop()
        for stack in data.draw(st.sets(st.sampled_from(sorted(definition.running)), min_size=1)):
            succeeded = data.draw(st.booleans())
            assert ours.finish(stack, succeeded=succeeded) == definition.finish(stack, succeeded=succeeded)
    assert definition.done


def test_a_chain_of_ten_thousand_stacks_is_scheduled():
    chain = {f"s{number}": [f"s{number - 1}"] if number else [] for number in range(10_000)}
    part = restrict(dict(reversed(chain.items())), ["s0", "s9999"])
    assert part == {"s9999": ["s0"], "s0": []}
    schedule = Schedule(reverse(chain), limit=9)
    assert schedule.start() == ["s9999"]
    assert len(schedule.finish("s9999", succeeded=False)) == 9_999
