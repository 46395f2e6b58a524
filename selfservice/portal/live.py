"""Reports the progress of a request to everybody who watches it, with one reader for all of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.concurrency import run_in_threadpool

log = logging.getLogger(__name__)

SECONDS = 1.0
"""Time between two looks."""


@dataclass(slots=True)
class _Watch:
    """The watchers of one thing."""

    task: asyncio.Task[None] | None = None
    queues: set[asyncio.Queue[Any]] = field(default_factory=set)
    last: Any = None


@dataclass(slots=True)
class Watches:
    """All watches of a portal, by key."""

    seconds: float = SECONDS
    _known: dict[str, _Watch] = field(default_factory=dict)

    async def follow(self, key: str, look: Callable[[], Any]) -> AsyncIterator[Any]:
        """Yields what ``look`` returns, at once and whenever it has changed, until it returns None.

        One watcher's ``look`` serves all watchers of a key, so each must be allowed to see what the others see. If it
        raises an error, all of them end.
        """
        watch = self._known.setdefault(key, _Watch())
        queue: asyncio.Queue[Any] = asyncio.Queue()
        watch.queues.add(queue)
        if watch.last is not None:
            queue.put_nowait(watch.last)
        if watch.task is None:
            watch.task = asyncio.create_task(self._look(key, watch, look))
        try:
            while (found := await queue.get()) is not None:
                yield found
        finally:
            watch.queues.discard(queue)
            if not watch.queues and watch.task is not None:
                watch.task.cancel()
                self._known.pop(key, None)

    async def _look(self, key: str, watch: _Watch, look: Callable[[], Any]) -> None:
        try:
            while (found := await run_in_threadpool(look)) is not None:
                if found != watch.last:
                    watch.last = found
                    for queue in watch.queues:
                        queue.put_nowait(found)
                await asyncio.sleep(self.seconds)
        except Exception:
            log.exception("%s cannot be followed", key)
        finally:
            self._known.pop(key, None)
            for queue in watch.queues:
                queue.put_nowait(None)
