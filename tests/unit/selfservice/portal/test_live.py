"""Many people watch one thing, which is read once for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from selfservice.portal.live import Watches


def states(*texts: str) -> Iterator[str | None]:
    yield from texts
    yield None


async def seen(watches: Watches, key: str, found: Iterator[str | None]) -> list[str]:
    return [state async for state in watches.follow(key, lambda: next(found))]


def test_all_watchers_see_every_state_by_one_read_of_each() -> None:
    async def watch() -> list[list[str]]:
        watches, found = Watches(seconds=0), states("a", "a", "b", "c")
        return await asyncio.gather(*(seen(watches, "run", found) for _ in range(100)))

    assert asyncio.run(watch()) == [["a", "b", "c"]] * 100


def test_who_comes_later_sees_the_last_state_at_once() -> None:
    async def watch() -> list[str]:
        watches = Watches(seconds=3600)
        first = watches.follow("run", lambda: "a")
        await anext(first)
        second = watches.follow("run", lambda: pytest.fail("it is read once for both"))
        return [await anext(second)]

    assert asyncio.run(watch()) == ["a"]


def test_reading_ends_with_the_last_watcher_and_begins_again_with_another() -> None:
    async def watch() -> tuple[str, str]:
        watches = Watches(seconds=3600)
        first = watches.follow("run", lambda: "a")
        one = await anext(first)
        await first.aclose()
        second = watches.follow("run", lambda: "b")
        return one, await anext(second)

    assert asyncio.run(watch()) == ("a", "b")


def test_watchers_end_when_reading_fails() -> None:
    def fail() -> str:
        raise RuntimeError("AWS does not answer")

    async def watch() -> list[str]:
        return [state async for state in Watches().follow("run", fail)]

    assert asyncio.run(watch()) == []
