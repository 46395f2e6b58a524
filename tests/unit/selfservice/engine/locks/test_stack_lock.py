import threading

import pytest

from plinth_sandbox.waiting import LONGEST_SECONDS
from selfservice.engine.locks.stack_lock import InterruptedOperationError, stack_lock


@pytest.fixture
def notified():
    return []


def test_a_free_lock_is_acquired_without_a_message(tmp_path, notified):
    with stack_lock(tmp_path / "locks" / "fraud", notified.append, threading.Event()):
        assert notified == []


def test_the_second_operation_waits_and_names_the_first(tmp_path, notified):
    order, second_told = [], []

    def second():
        with stack_lock(
            tmp_path / "fraud", lambda message: (second_told.append(message), waiting.set()), threading.Event()
        ):
            order.append("second")

    waiting = threading.Event()
    with stack_lock(tmp_path / "fraud", notified.append, threading.Event()):
        thread = threading.Thread(target=second)
        thread.start()
        assert waiting.wait(LONGEST_SECONDS)
        order.append("first")
    thread.join(LONGEST_SECONDS)
    assert order == ["first", "second"]
    assert len(second_told) == 1
    assert "waiting for the operation of process" in second_told[0]


def test_a_waiting_operation_can_be_interrupted(tmp_path, notified):
    stopped = threading.Event()
    stopped.set()
    with (
        stack_lock(tmp_path / "fraud", notified.append, threading.Event()),
        pytest.raises(InterruptedOperationError),
        stack_lock(tmp_path / "fraud", notified.append, stopped),
    ):
        raise AssertionError("two at once")


def test_two_stacks_do_not_wait_for_each_other(tmp_path, notified):
    with (
        stack_lock(tmp_path / "fraud", notified.append, threading.Event()),
        stack_lock(tmp_path / "churn", notified.append, threading.Event()),
    ):
        assert notified == []
