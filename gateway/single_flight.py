"""Coalesce concurrent loads of the same key into one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Shares calls in progress. Cancelling one caller does not cancel the call for others."""

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Task[T]] = {}

    async def run(self, key: str, load: Callable[[], Awaitable[T]]) -> T:
        """Return the result of `load`, or of the call for `key` already in progress."""
        task = self._running.get(key)
        if task is None:
            task = asyncio.ensure_future(_call(load))
            self._running[key] = task
            task.add_done_callback(lambda done: self._finish(key, done))
        return await asyncio.shield(task)

    def _finish(self, key: str, done: asyncio.Task[T]) -> None:
        self._running.pop(key, None)
        if not done.cancelled():
            done.exception()  # retrieve it, or asyncio logs it when all callers are gone


async def _call(load: Callable[[], Awaitable[T]]) -> T:
    return await load()
