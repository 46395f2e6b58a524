"""A failed task that nobody awaited does not disturb the test that happens to run when the collector finds it."""

import ast
import asyncio
import gc
import logging

import pytest

SOURCE = "value = " + "(" * 80 + "1" + ")" * 80 + "\n" + "total = value + value\n" * 2_000


async def _fail() -> None:
    raise ValueError("the connection is pending")


class Failed:
    """Garbage that logs a failed task when it is collected, as every program that fails under mocks leaves some."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        loop = asyncio.new_event_loop()
        task = loop.create_task(_fail())
        loop.run_until_complete(asyncio.wait([task]))
        loop.close()


def test_source_code_can_be_parsed_while_failed_tasks_are_collected(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    # Other tests leave the logger disabled (a library that configures logging) or silent (Pulumi's Automation API).
    monkeypatch.setattr(logging.getLogger("asyncio"), "disabled", False)
    caplog.set_level(logging.ERROR, "asyncio")
    before = gc.get_threshold()
    try:
        for _ in range(20):
            Failed()
        gc.set_threshold(500, 1, 1)
        ast.parse(SOURCE)
    finally:
        gc.set_threshold(*before)
    assert "ValueError('the connection is pending')" in caplog.text
