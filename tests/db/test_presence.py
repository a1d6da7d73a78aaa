from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from db import presence as presence_module
from db.ids import new_id
from db.presence import Presence, PresenceTotals


async def report(
    presence: Presence, run_id: str, gateway: str, connected: int, *, question: int = 0
) -> None:
    await presence.report(
        run_id,
        gateway,
        connected=connected,
        answered_connected=connected - 1,
        answered=connected + 1,
        question=question,
    )


async def test_totals_are_over_all_gateways(redis: Redis) -> None:
    presence, run_id = Presence(redis), new_id()
    await report(presence, run_id, "a", 9)
    await report(presence, run_id, "a", 10)
    await report(presence, run_id, "b", 20)
    assert await presence.totals(run_id, 0) == PresenceTotals(30, 28, 32)
    assert await presence.totals(new_id(), 0) == PresenceTotals(0, 0, 0)
    await presence.leave(run_id, "b")
    assert await presence.totals(run_id, 0) == PresenceTotals(10, 9, 11)


async def test_answers_to_another_question_do_not_count(redis: Redis) -> None:
    presence, run_id = Presence(redis), new_id()
    await report(presence, run_id, "a", 10, question=3)
    await report(presence, run_id, "b", 20, question=4)
    assert await presence.totals(run_id, 4) == PresenceTotals(30, 19, 21)


async def test_a_gateway_that_fell_silent_is_left_out(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence_module, "FRESH_S", 1)
    presence, run_id = Presence(redis), new_id()
    await report(presence, run_id, "silent", 10)
    await asyncio.sleep(2.1)
    await report(presence, run_id, "alive", 20)
    assert await presence.totals(run_id, 0) == PresenceTotals(20, 19, 21)
