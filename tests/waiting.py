"""Wait for what must come about, not for time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

LOOK_S = 0.01
WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


async def until(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    """Poll until `condition` holds; raise `TimeoutError` after `timeout_s`."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - not every condition has an event
            await asyncio.sleep(LOOK_S)


async def until_async(condition: Callable[[], Awaitable[bool]], timeout_s: float = 10.0) -> None:
    """Poll until the result of `condition` is true; raise `TimeoutError` after `timeout_s`."""
    async with asyncio.timeout(timeout_s):
        while not await condition():  # noqa: ASYNC110
            await asyncio.sleep(LOOK_S)


async def until_blocked(engine: AsyncEngine) -> None:
    """Wait until a statement waits for a lock that another transaction holds."""

    async def blocked() -> bool:
        async with engine.connect() as connection:
            return bool(await connection.scalar(WAITING))

    await until_async(blocked)
