import pytest

from selfservice.operations.operation import Action, Outcome, Status
from selfservice.runner.durations import Durations, remaining_seconds

GRAPH = {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c")}
SECONDS = {"a": 10.0, "b": 20.0, "c": 30.0, "d": 5.0}


@pytest.mark.parametrize(
    ("running", "limit", "seconds"),
    [({}, 4, 45.0), ({}, 1, 65.0), ({"a": 4.0}, 4, 41.0), ({"a": 99.0}, 4, 35.0)],
)
def test_the_remaining_time_respects_dependencies_parallelism_and_running_stacks(running, limit, seconds):
    assert remaining_seconds(GRAPH, SECONDS, running, limit=limit) == seconds


def test_the_remaining_time_is_unknown_if_one_duration_is():
    assert remaining_seconds(GRAPH, {"a": 1.0}, {}, limit=4) is None


def test_durations_are_kept_by_action_for_stacks_that_ran_to_their_end(tmp_path):
    file = tmp_path / "durations.json"
    up = Durations(file, Action.UP)
    assert up.read() == {}
    up.record(
        {
            "a": Outcome(status=Status.SUCCEEDED, seconds=3),
            "b": Outcome(status=Status.FAILED, seconds=4),
            "c": Outcome(status=Status.UNCHANGED, seconds=5, reason="no input changed"),
        }
    )
    up.record({"d": Outcome(status=Status.UNCHANGED, seconds=6)})
    Durations(file, Action.PREVIEW).record({"a": Outcome(status=Status.SUCCEEDED, seconds=1)})
    assert up.read() == {"a": 3, "d": 6}
    assert Durations(file, Action.PREVIEW).read() == {"a": 1}


@pytest.mark.parametrize("content", ["", "[]", "{"])
def test_an_unreadable_file_of_durations_is_an_empty_one(tmp_path, content):
    file = tmp_path / "durations.json"
    file.write_text(content)
    assert Durations(file, Action.UP).read() == {}
