from __future__ import annotations

import asyncio

from deploy.local.stack import Servers
from quiz.content import parse_quiz
from tests.db.make import own_answer
from tests.gateway.live.client import Client, code_of
from tests.gateway.live.conftest import Connect, Gateway, running_gateway
from tests.gateway.live.stage import Show, Stores, open_show


async def test_refusals_over_the_wire(connect: Connect, show: Show) -> None:
    player = await connect()
    assert code_of(await player.answer(0, 0)) == "not_joined"
    await player.join(show.pin, "Ann")
    assert code_of(await player.answer(0, 0)) == "question_not_open"

    await show.open_question(lead_ms=1_000)
    await player.hears("question")
    assert code_of(await player.answer(0, 0)) == "question_not_open"
    await asyncio.sleep(1.0)  # time: the lead before the question opens
    assert code_of(await player.answer(1, 0)) == "question_not_open"
    assert code_of(await player.answer(0, 2)) == "answer_invalid"
    assert code_of(await player.answer(0, "Paris")) == "answer_invalid"
    assert (await player.answer(0, 0))["ok"]

    await show.close_question()
    await show.reveal()
    await player.hears("reveal")
    assert code_of(await player.answer(0, 1)) == "question_closed"
    await show.finish()
    await player.hears("finished")
    assert code_of(await player.answer(1, 1)) == "run_finished"


async def test_the_first_answer_wins_and_a_repeat_gets_the_same_ack(
    connect: Connect, show: Show
) -> None:
    player = await (await connect()).join(show.pin, "Ann")
    await show.open_question()
    await player.hears("question")
    first = await player.answer(0, 1)
    await asyncio.sleep(0.05)  # time: a repeat must not report its own, longer time
    assert await player.answer(0, 1) == first
    assert code_of(await player.answer(0, 0)) == "answer_invalid"


async def test_the_same_answer_twice_at_once_is_recorded_once(connect: Connect, show: Show) -> None:
    player = await (await connect()).join(show.pin, "Ann")
    await show.open_question()
    await player.hears("question")
    acks = await asyncio.gather(*(player.answer(0, 1) for _ in range(8)))
    assert all(ack == acks[0] for ack in acks)
    assert acks[0]["ok"]
    counts = await show.stores.answers.counts(show.run_id, 0)
    assert counts == [(1, 1)]


async def test_a_repeat_whose_ack_was_lost_is_acknowledged_after_closing_pausing_and_the_end(
    connect: Connect, show: Show
) -> None:
    player = await (await connect()).join(show.pin, "Ann")
    await show.open_question()
    await player.hears("question")
    first = await player.answer(0, 1)
    await show.pause()
    await player.hears("paused")
    assert await player.answer(0, 1) == first
    assert code_of(await player.answer(0, 0)) == "paused"
    await show.resume()
    await player.hears("resumed")
    await show.close_question()
    await show.reveal()
    await player.hears("reveal")
    assert await player.answer(0, 1) == first

    await show.open_question()
    await player.hears("question", count=2)
    picks = await player.answer(1, [3, 0])
    assert picks["ok"]
    await show.open_question()
    await player.hears("question", count=3)
    assert await player.answer(1, [3, 0]) == picks
    assert await player.answer(0, 1) == first
    assert code_of(await player.answer(1, [1])) == "question_closed"
    await show.finish()
    await player.hears("finished")
    assert await player.answer(1, [3, 0]) == picks


async def test_a_late_repeat_is_told_from_another_answer_by_a_gateway_that_never_saw_the_question(
    servers: Servers, stores: Stores, connect: Connect
) -> None:
    options = [str(number) for number in range(12)]
    multiple = {"type": "multiple", "text": "?", "options": options, "correct": [0]}
    order = {"type": "order", "text": "?", "options": options[:3]}
    number = {"type": "number", "text": "?", "correct": {"value": 5}}
    show = await open_show(
        stores, parse_quiz({"title": "Q", "questions": [multiple, order, number]})
    )
    ann = await (await connect()).join(show.pin, "Ann")
    acks = []
    for question, answer in enumerate(([10, 9, 2], [0, 1, 2], 5)):
        await show.open_question()
        await ann.hears("question", count=question + 1)
        acks.append(await ann.answer(question, answer))
    await show.close_question()
    await show.reveal()
    async with running_gateway(stores, servers.kafka_bootstrap) as fresh:
        back = await connect(fresh, token=ann.token)
        await back.hears("snapshot")
        assert await back.answer(0, [2, 10, 9]) == acks[0]
        assert await back.answer(1, [0, 1, 2]) == acks[1]
        assert await back.answer(2, 5.0) == acks[2]
        assert code_of(await back.answer(0, [2, 9])) == "question_closed"
        assert code_of(await back.answer(1, [2, 1, 0])) == "question_closed"
        await back.close()


async def test_a_player_without_that_answer_is_refused_while_paused(
    connect: Connect, show: Show
) -> None:
    player = await (await connect()).join(show.pin, "Ann")
    await show.open_question()
    await player.hears("question")
    await show.pause()
    await player.hears("paused")
    refused = await player.answer(0, 1)
    assert code_of(refused) == "paused"
    assert refused["error"]["retryable"]


async def test_an_answer_is_in_the_table_when_its_ack_arrives(connect: Connect, show: Show) -> None:
    players = [await (await connect()).join(show.pin, f"Player {n}") for n in range(10)]
    await show.open_question()
    await asyncio.gather(*(player.hears("question") for player in players))

    async def give(index: int) -> None:
        ack = await players[index].answer(0, index % 2)
        own = await own_answer(show.stores.answers, show.run_id, 0, players[index].player_id)
        assert own is not None
        assert (own.answer, own.elapsed_ms) == (index % 2, ack["elapsed_ms"])

    await asyncio.gather(*map(give, range(10)))


async def test_a_stop_acknowledges_what_was_taken(servers: Servers, stores: Stores) -> None:
    show = await open_show(stores)
    async with running_gateway(stores, servers.kafka_bootstrap) as gateway:
        player = await (await Client(gateway.url).connect()).join(show.pin, "Ann")
        await show.open_question()
        await player.hears("question")
        asking = asyncio.create_task(player.answer(0, 0))
        await asyncio.sleep(0.001)  # time: somewhere on the way of the answer
        await gateway.consumer.stop()
        await gateway.live.stop()
        recorded = await own_answer(stores.answers, show.run_id, 0, player.player_id)
        answer = await asking
        assert answer["ok"] is (recorded is not None)
        await player.close()


async def test_an_answer_to_a_question_that_came_too_late_is_not_refused_for_good(
    connect: Connect, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    await show.open_question(lead_ms=-9_000, limit_ms=5_000)
    await ann.hears("question")
    late = await ann.answer(0, 0)
    assert (late["error"]["code"], late["error"]["retryable"]) == ("question_not_open", True)
    await show.move_question()
    await ann.hears("question", 2)
    assert (await ann.answer(0, 0))["ok"]
    await show.close_question()
    await show.reveal()
    await ann.hears("reveal")
    assert (await ann.answer(0, 1))["error"]["code"] == "question_closed"


async def test_nor_in_a_room_that_opens_while_such_a_question_waits_to_be_moved(
    connect: Connect, other_gateway: Gateway, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    await show.open_question(lead_ms=-9_000, limit_ms=5_000)
    await ann.hears("question")
    back = await connect(other_gateway, token=ann.token)
    late = await back.answer(0, 0)
    assert (late["error"]["code"], late["error"]["retryable"]) == ("question_not_open", True)
    await show.move_question()
    await back.hears("question")
    assert (await back.answer(0, 0))["ok"]
