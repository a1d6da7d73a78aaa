"""One load at a time for each key: those who ask meanwhile get the same result."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Shares running calls. A caller that goes away does not end the call for the others."""

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Task[T]] = {}

    async def run(self, key: str, load: Callable[[], Awaitable[T]]) -> T:
        """The result of `load`, or of the call for `key` that is already under way."""
        task = self._running.get(key)
        if task is None:
            task = asyncio.ensure_future(_call(load))
            self._running[key] = task
            task.add_done_callback(lambda done: self._finish(key, done))
        return await asyncio.shield(task)

    def _finish(self, key: str, done: asyncio.Task[T]) -> None:
        self._running.pop(key, None)
        if not done.cancelled():
            done.exception()  # seen, even if nobody waits any more


async def _call(load: Callable[[], Awaitable[T]]) -> T:
    return await load()
