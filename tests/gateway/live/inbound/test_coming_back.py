from __future__ import annotations

import asyncio

from telemetry.clock import now_ms
from tests.gateway.live.client import until
from tests.gateway.live.conftest import TOKENS, Connect, Gateway, Watch
from tests.gateway.live.inbound.test_joining import connect_refused
from tests.gateway.live.stage import Show


async def test_a_player_comes_back_to_another_gateway_in_the_middle_of_a_question(
    connect: Connect, other_gateway: Gateway, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    bob = await (await connect()).join(show.pin, "Bob")
    await show.open_question()
    await ann.hears("question")
    await ann.answer(0, 0)
    await ann.close()
    await bob.close()

    (snapshot,) = await (await connect(other_gateway, token=ann.token)).hears("snapshot")
    assert snapshot["phase"] == "question"
    assert snapshot["you"]["answered"] is True
    assert snapshot["you"]["answer"] == 0
    assert snapshot["you"]["nickname"] == "Ann"
    assert snapshot["question"]["closes_at"] == show.state.closes_at
    assert "solution" not in str(snapshot)
    assert abs(snapshot["server_ms"] - now_ms()) < 2_000

    back = await connect(other_gateway, token=bob.token)
    (snapshot,) = await back.hears("snapshot")
    assert snapshot["you"]["answered"] is False
    assert "answer" not in snapshot["you"]
    assert (await back.answer(0, 1))["ok"]


async def test_the_remaining_time_is_right_while_paused_and_after(
    connect: Connect, other_gateway: Gateway, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    await show.open_question()
    await asyncio.sleep(0.3)  # time: what the question has used up before the pause
    await show.pause()
    (paused,) = await ann.hears("paused")
    assert paused["phase"] == "question"
    left = paused["remaining_ms"]
    assert 19_000 < left < 19_800
    await asyncio.sleep(0.5)  # time: paused, which counts for nobody

    back = await connect(other_gateway, token=ann.token)
    (snapshot,) = await back.hears("snapshot")
    assert snapshot["paused"] is True
    assert snapshot["remaining_ms"] == left
    assert snapshot["question"]["closes_at"] - snapshot["server_ms"] == left

    await show.resume()
    (resumed,) = await back.hears("resumed")
    assert resumed["phase"] == "question"
    assert resumed["closes_at"] == show.state.closes_at
    assert resumed["paused_ms"] >= 500
    ack = await back.answer(0, 0)
    assert ack["elapsed_ms"] <= 20_000 - left + 1_500
    assert (await connect(token=ann.token)) is not None


async def test_pausing_the_countdown_and_the_lobby(connect: Connect, show: Show) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    await show.pause()
    assert await ann.hears("paused") == ({"phase": "lobby", "remaining_ms": None},)
    await show.resume()
    assert await ann.hears("resumed") == ({"phase": "lobby", "closes_at": None, "paused_ms": 0},)
    await show.start()
    await show.pause()
    (paused,) = await ann.hears("paused", count=2)
    assert 0 < paused["remaining_ms"] <= 3_000
    await show.resume()
    (resumed,) = await ann.hears("resumed", count=2)
    assert resumed["starts_at"] == show.state.deadline_at


async def test_the_reveal_is_in_the_snapshot_with_ones_own_result(
    connect: Connect, other_gateway: Gateway, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    await show.open_question()
    await ann.hears("question")
    await ann.answer(0, 0)
    await show.close_question()
    await show.reveal()
    _, own = await ann.hears("reveal")
    for gateway in (None, other_gateway):
        (snapshot,) = await (await connect(gateway, token=ann.token)).hears("snapshot")
        assert snapshot["phase"] == "reveal"
        assert snapshot["reveal"]["solution"] == [0]
        assert snapshot["your_result"] == own
        assert snapshot["you"]["score"] == own["score"]
        assert snapshot["you"]["streak"] == 1


async def test_the_newest_connection_of_a_player_wins(
    gateway: Gateway, connect: Connect, show: Show
) -> None:
    first = await (await connect()).join(show.pin, "Ann")
    second = await connect(token=first.token)
    await second.hears("snapshot")
    assert await first.hears("closed") == ({"reason": "replaced"},)
    await until(lambda: first.disconnected)
    await show.open_question()
    await second.hears("question")
    assert (await second.answer(0, 0))["ok"]
    assert not first.all("question")
    room = gateway.live.rooms.get(show.run_id)
    assert room is not None
    assert len(room.seats.players) == 1


async def test_tokens_of_others_and_of_unknown_players_are_refused(
    connect: Connect, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    for token in (
        TOKENS.sign_player_token(show.host_id, ann.player_id),
        TOKENS.sign_player_token(show.run_id, show.run_id),
        TOKENS.sign_player_token("x", "y"),
        TOKENS.sign_access_token(show.host_id),
        ann.token[:-3] + "abc",
    ):
        refusal = await connect_refused(connect, token=token)
        assert refusal["data"]["code"] == "unauthorized"


async def test_many_come_back_at_once_and_the_run_is_loaded_once(
    connect: Connect, other_gateway: Gateway, show: Show
) -> None:
    players = [await (await connect()).join(show.pin, f"Player {n}") for n in range(20)]
    await show.open_question()
    room = None
    loads = 0
    states = other_gateway.live.rooms._run_states
    load = states.load

    async def counted(run_id: str, **more: int) -> object:
        nonlocal loads
        loads += 1
        return await load(run_id, **more)

    states.load = counted  # type: ignore[method-assign, assignment]
    try:
        back = await asyncio.gather(
            *(connect(other_gateway, token=player.token) for player in players)
        )
        await asyncio.gather(*(client.hears("snapshot") for client in back))
    finally:
        states.load = load  # type: ignore[method-assign]
    room = other_gateway.live.rooms.get(show.run_id)
    assert room is not None
    assert len(room.seats.players) == 20
    assert loads == 1


async def test_who_comes_back_is_never_shown_less_than_another_gateway_may_have_shown(
    connect: Connect, watch: Watch, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    await show.open_question()
    await ann.hears("question")
    show.publish = False  # this gateway does not hear of it, another one does
    await show.close_question()
    await show.reveal()
    (snapshot,) = await (await connect(token=ann.token)).hears("snapshot")
    assert (snapshot["phase"], snapshot["version"]) == ("reveal", show.state.version)
    (seen,) = await (await watch(show)).hears("snapshot")
    assert seen["version"] == show.state.version
