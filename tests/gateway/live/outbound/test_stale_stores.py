"""A store that has missed writes is never believed, and is brought up to date."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from db.scoring import Scoring
from deploy.local.stack import Servers
from quiz.errors import ErrorCode, QuizrunError
from quiz.ranking import Total
from tests.gateway.live.client import Client
from tests.gateway.live.conftest import Connect, running_gateway
from tests.gateway.live.stage import Show, Stores, open_show


def stored_version(show: Show) -> Any:
    return show.stores.redis.hget(f"quizrun:{{{show.run_id}}}:state", "version")


async def reach_the_second_question(show: Show, player: Client) -> None:
    """The player has answered both questions; the first one is revealed."""
    await show.open_question()
    await player.hears("question")
    assert (await player.answer(0, 0))["ok"]
    await show.close_question()
    await show.reveal()
    await player.hears("reveal")
    await show.open_question()
    await player.hears("question", count=2)
    assert (await player.answer(1, [0, 1, 3]))["ok"]


async def test_a_gateway_new_to_a_run_does_not_believe_a_redis_that_missed_the_last_version(
    connect: Connect, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    before = show.snapshot()
    await show.start()
    await ann.hears("starting")
    await ann.close()
    await show.stores.redis.delete(f"quizrun:{{{show.run_id}}}:state")
    await show.states.save(before)
    async with asyncio.timeout(10):
        async with running_gateway(show.stores, "127.0.0.1:1", follow=False) as other:
            back = await connect(other, token=ann.token)
            (snapshot,) = await back.hears("snapshot")
    assert (snapshot["phase"], snapshot["version"]) == ("starting", show.state.version)


async def test_what_redis_has_lost_is_put_back_while_a_room_is_open(
    connect: Connect, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    await show.start()
    await ann.hears("starting")
    await show.stores.redis.delete(f"quizrun:{{{show.run_id}}}:state")
    async with asyncio.timeout(5):
        while await stored_version(show) != b"%d" % show.state.version:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_the_end_tells_the_final_score_although_redis_missed_the_last_board(
    connect: Connect, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    await reach_the_second_question(show, ann)
    _, own = ann.all("reveal")[0].args
    await show.close_question()
    show.boards = False
    await show.finish()
    _, outcome = await ann.hears("finished")
    assert outcome["score"] > own["score"]
    (snapshot,) = await (await connect(token=ann.token)).hears("snapshot")
    assert snapshot["you"]["score"] == outcome["score"]


async def test_an_end_whose_scores_cannot_be_loaded_tells_none_and_a_snapshot_tells_them_later(
    servers: Servers, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: Scoring, __: str) -> list[Total]:
        raise QuizrunError(ErrorCode.UNAVAILABLE, "The database is away.")

    show = await open_show(stores)
    async with running_gateway(stores, servers.kafka_bootstrap) as gateway:
        ann = await (await Client(gateway.url).connect()).join(show.pin, "Ann")
        await reach_the_second_question(show, ann)
        await show.close_question()
        show.boards = show.publish = False
        await show.finish()
        with monkeypatch.context() as patch:
            patch.setattr(Scoring, "totals", away)
            gateway.live.on_event(show.events[-1])
            _, outcome = await ann.hears("finished")
            assert outcome is None
        (snapshot,) = await ann.hears("snapshot")
        assert snapshot["you"]["score"] > ann.all("reveal")[0].args[1]["score"]
        await ann.close()


async def test_a_kick_leaves_ranks_right_although_redis_missed_the_board_before(
    connect: Connect, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    bob = await (await connect()).join(show.pin, "Bob")
    await reach_the_second_question(show, ann)
    await show.close_question()
    show.boards = False
    await show.reveal()
    _, own = await ann.hears("reveal", count=2)
    await show.kick(bob.player_id)
    await bob.hears("kicked")
    (snapshot,) = await (await connect(token=ann.token)).hears("snapshot")
    assert (snapshot["you"]["score"], snapshot["you"]["rank"]) == (own["score"], 1)
