"""Alarms that a test keeps on, while emulated CloudWatch evaluates their metrics."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any


@contextmanager
def kept_on(cloudwatch: Any, name: str) -> Iterator[None]:
    """Sets an alarm off again and again, until the block ends. Each evaluation without data ends it."""
    over = Event()

    def set_off() -> None:
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="the model is broken")

    def set_off_again() -> None:
        while not over.wait(0.5):
            set_off()

    set_off()
    setter = Thread(target=set_off_again)
    setter.start()
    try:
        yield
    finally:
        over.set()
        setter.join()
