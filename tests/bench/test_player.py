"""A player of the benchmark and questions that come again."""

from __future__ import annotations

import asyncio

import orjson

from bench.player import Plan, Player, Questions


def ask(player: Player, opens_at: int) -> None:
    message = {"question": 0, "opens_at": opens_at, "closes_at": opens_at + 5_000}
    player.on_event(player._event + orjson.dumps(["question", message]))


async def test_a_moved_question_is_answered_once_after_it_opens_and_a_repeated_one_is_a_fault() -> (
    None
):
    player = Player(Plan("Ada", [0], [60.0]), "123456", Questions())
    ask(player, 1_000)
    ask(player, 2_000)
    assert not player.record.faults
    timers = [timer for _, timer in player._answering.values()]
    assert len(timers) == 1
    ask(player, 2_000)
    assert player.record.faults == ["question 0 came twice"]
    assert player.over.done()
    for timer in timers:
        assert timer is not None
        timer.cancel()
    await asyncio.sleep(0)
