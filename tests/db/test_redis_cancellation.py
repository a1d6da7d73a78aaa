"""A task that is cancelled ends, also if a call of Redis swallows the cancellation."""

from __future__ import annotations

import asyncio

from db.ids import new_id
from db.presence import Presence
from db.redis import RedisClient

STEPS = 20
SENDING = 4
"""At least so many turns of the event loop pass while a command is sent."""


async def test_a_cancelled_caller_ends_whatever_the_call_was_doing(redis: RedisClient) -> None:
    presence, run_id = Presence(redis), new_id()
    survived, cancelled = [], 0
    for steps in range(STEPS):
        await presence.connected(run_id, ["ann"])  # a cancelled call has closed its connection
        caller = asyncio.create_task(presence.connected(run_id, ["ann"]))
        for _ in range(steps):
            await asyncio.sleep(0)
        if caller.done():
            continue
        cancelled += 1
        caller.cancel()
        await asyncio.wait([caller])
        if not caller.cancelled():
            survived.append(steps)
    assert not survived
    assert cancelled >= SENDING
