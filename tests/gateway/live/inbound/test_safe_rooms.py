"""Removed players stay out, waiting ones wait, places move, typed answers are looked at first."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.safety import SafeRooms
from quiz.content import Quiz
from quiz.errors import ErrorCode, QuizrunError
from quiz.generated_names import is_generated
from telemetry.clock import now_ms
from tests.gateway.live.client import Client, until
from tests.gateway.live.conftest import TOKENS, Connect, Gateway
from tests.gateway.live.inbound.test_joining import connect_refused
from tests.gateway.live.stage import Show, Stores, open_show

DEVICE = "device-of-bob-1"


@pytest.fixture
def safety(stores: Stores) -> SafeRooms:
    return SafeRooms(stores, stores.producer)


async def refused(connect: Connect, show: Show, **request: Any) -> str:
    answer = await (await connect()).ask("join", {"pin": show.pin, **request})
    assert answer["ok"] is False, answer
    return str(answer["error"]["code"])


async def test_a_removed_player_stays_out_until_the_host_lets_them_back(
    connect: Connect, other_gateway: Gateway, show: Show, safety: SafeRooms, stores: Stores
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    bob = await (await connect()).join(show.pin, "Bob", key="k", device=DEVICE)
    await show.start()
    await show.open_question()
    await show.kick(bob.player_id)
    await bob.hears("kicked")
    for name in ("Bob", "BOB", "B o b", "Воb", "B0b", "Bób", "Bob!"):
        assert await refused(connect, show, nickname=name) == "kicked"
    assert await refused(connect, show, nickname="Ben", device=DEVICE) == "kicked"
    assert await refused(connect, show, nickname="Bob", key="k") == "kicked"
    there = await (await connect(other_gateway)).ask("join", {"pin": show.pin, "nickname": "bob"})
    assert there["error"]["code"] == "kicked"
    assert (await connect_refused(connect, token=bob.token))["data"]["code"] == "kicked"
    (gone,), total = await stores.removed.page(show.run_id, 10, 0)
    assert (gone.nickname, gone.played, total) == ("Bob", True, 1)

    await safety.readmit(show.run_id, bob.player_id)
    again = await connect(other_gateway, token=bob.token)
    (snapshot,) = await again.hears("snapshot")
    assert snapshot["you"]["nickname"] == "Bob"
    # The snapshot counts what this gateway has heard, and news of Bob may come after Bob.
    assert await stores.players.count(show.run_id) == 2
    assert (await again.answer(0, 0))["ok"]
    assert await stores.removed.page(show.run_id, 10, 0) == ([], 0)
    assert not ann.all("kicked")


async def test_undoing_a_kick_is_not_undone_by_a_late_activity(
    connect: Connect, show: Show, stores: Stores, safety: SafeRooms
) -> None:
    bob = await (await connect()).join(show.pin, "Bob")
    await safety.keep_out(show.run_id, bob.player_id, 7)
    await safety.readmit(show.run_id, bob.player_id)
    assert await stores.players.kick(show.run_id, bob.player_id, now_ms(), 7) is False
    assert await stores.players.count(show.run_id) == 1
    assert await stores.players.kick(show.run_id, bob.player_id, now_ms(), 8) is True


async def test_the_wall_hears_of_a_player_who_is_let_back(
    connect: Connect, watch: Any, show: Show, safety: SafeRooms
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    bob = await (await connect()).join(show.pin, "Bob")
    host = await watch(show)
    await ann.hears("lobby", where=lambda it: "Bob" in it["joined"])
    await show.kick(bob.player_id)
    await ann.hears("lobby", where=lambda it: it.get("left") == ["Bob"])
    await host.hears("lobby", where=lambda it: it["left"] == [bob.player_id])
    heard = len(ann.all("lobby"))
    await safety.readmit(show.run_id, bob.player_id)
    await until(lambda: any(h.args[0]["joined"] == ["Bob"] for h in ann.all("lobby")[heard:]))


async def test_players_wait_until_the_host_lets_them_in(
    connect: Connect, stores: Stores, safety: SafeRooms
) -> None:
    show = await open_show(stores, approve_players=True)
    ask = {"pin": show.pin, "nickname": "Ann", "key": "a"}
    ann = await connect()
    answer = await ann.ask("join", ask)
    assert answer["error"]["code"] == "waiting_for_host"
    assert answer["error"]["retryable"]
    assert answer["error"]["retry_in_ms"] > 0
    assert (await ann.ask("join", ask))["error"]["code"] == "waiting_for_host"
    assert await refused(connect, show, nickname="ann", key="z") == "nickname_taken"
    assert await refused(connect, show, nickname="Bob", key="b") == "waiting_for_host"
    assert await refused(connect, show, nickname="Rude", key="r") == "waiting_for_host"
    waiting, total = await stores.waiting.page(show.run_id, 10, now_ms())
    assert ([one.nickname for one in waiting], total) == (["Ann", "Bob", "Rude"], 3)
    assert await stores.players.count(show.run_id) == 0

    assert await stores.waiting.decline(show.run_id, waiting[2].player_id, now_ms())
    assert await refused(connect, show, nickname="Rude", key="r") == "kicked"
    assert await refused(connect, show, nickname="RUDE", key="s") == "kicked"
    assert await stores.waiting.admit(show.run_id, [waiting[0].player_id], now_ms()) == 1
    await ann.join(show.pin, "Ann", key="a")
    assert await refused(connect, show, nickname="Bob", key="b") == "waiting_for_host"
    assert await stores.waiting.admit(show.run_id, None, now_ms()) == 1
    await (await connect()).join(show.pin, "Bob", key="b")
    assert await stores.waiting.page(show.run_id, 10, now_ms()) == ([], 0)

    await safety.readmit(show.run_id, waiting[2].player_id)
    await (await connect()).join(show.pin, "Rude", key="r")


async def test_generated_names_replace_those_that_are_typed(
    connect: Connect, stores: Stores
) -> None:
    show = await open_show(stores, names="generated")
    players = [await (await connect()).join(show.pin, "Rude", key=f"k{n}") for n in range(5)]
    names = [player.joined["snapshot"]["you"]["nickname"] for player in players]
    assert len(set(names)) == 5
    assert all(is_generated(name, "en") for name in names)
    again = await (await connect()).join(show.pin, "Rude", key="k0")
    assert again.player_id == players[0].player_id
    wished = await (await connect()).join(show.pin, "Calm Otter", key="w")
    assert wished.joined["snapshot"]["you"]["nickname"] == "Calm Otter"
    assert await refused(connect, show, nickname="Calm Otter") == "nickname_taken"


async def test_a_place_moves_to_another_device_once(
    connect: Connect, other_gateway: Gateway, show: Show, safety: SafeRooms
) -> None:
    old = await (await connect()).join(show.pin, "Ann", key="a")
    made = await safety.move_code(show.run_id, old.player_id)
    moved = await safety.move(f" {made.code[:4].lower()}-{made.code[4:]} ")
    token = TOKENS.sign_player_token(show.run_id, old.player_id, moved.token_epoch)
    new = await connect(other_gateway, token=token)
    (snapshot,) = await new.hears("snapshot")
    assert snapshot["you"]["nickname"] == "Ann"
    assert await old.hears("closed") == ({"reason": "moved"},)
    assert (await connect_refused(connect, token=old.token))["data"]["code"] == "moved"
    assert await refused(connect, show, nickname="Ann", key="a") == "nickname_taken"
    assert not new.disconnected
    with pytest.raises(Exception, match="wrong, expired or already used"):
        await safety.move(made.code)


async def test_a_removal_keeps_out_every_device_that_the_player_has_played_on(
    connect: Connect, show: Show, safety: SafeRooms
) -> None:
    bob = await (await connect()).join(show.pin, "Bob", key="b", device="phone-of-bob")
    for device in ("tablet-of-bob", "laptop-of-bob"):
        made = await safety.move_code(show.run_id, bob.player_id)
        await safety.move(made.code, device)
    await (await connect()).join(show.pin, "Eve", device="phone-of-eve")
    await show.kick(bob.player_id)
    for device in ("phone-of-bob", "tablet-of-bob", "laptop-of-bob"):
        assert await refused(connect, show, nickname="Someone else", device=device) == "kicked"
    await (await connect()).join(show.pin, "Ann", device="phone-of-ann")

    await safety.readmit(show.run_id, bob.player_id)
    await (await connect()).join(show.pin, "Ben", device="tablet-of-bob")


async def test_a_removed_player_does_not_take_over_a_friends_place(
    connect: Connect, show: Show, safety: SafeRooms
) -> None:
    bob = await (await connect()).join(show.pin, "Bob", device=DEVICE)
    ann = await (await connect()).join(show.pin, "Ann", device="phone-of-ann")
    await show.kick(bob.player_id)
    made = await safety.move_code(show.run_id, ann.player_id)
    with pytest.raises(QuizrunError) as refusal:
        await safety.move(made.code, DEVICE)
    assert refusal.value.code is ErrorCode.KICKED
    moved = await safety.move(made.code, "tablet-of-ann")  # the code was not used up
    assert moved.player_id == ann.player_id


TYPED: dict[str, Any] = {"type": "text", "text": "Capital?", "correct": {"accepted": ["Rome"]}}


async def test_typed_answers_are_shown_after_the_hosts_look(
    connect: Connect, watch: Any, stores: Stores, safety: SafeRooms
) -> None:
    show = await open_show(
        stores, Quiz.model_validate({"title": "T", "questions": [TYPED]}), moderate_answers=True
    )
    players = [await (await connect()).join(show.pin, f"P{n}") for n in range(4)]
    host: Client = await watch(show)
    await show.start()
    await show.open_question()
    for player, answer in zip(players, ["rome!", "Paris", "something rude", "Paris"], strict=True):
        await player.hears("question")
        assert (await player.answer(0, answer))["ok"]
    (progress,) = await host.hears("progress", where=lambda it: it["answered"] == 4)
    assert progress["answers"] == []
    await show.close_question()
    await show.reveal()
    await players[0].hears("reveal")

    await safety.look(show.run_id, 0, ["paris"], shown=True)
    shown = [
        {"answer": "Paris", "count": 2, "correct": False},
        {"answer": "rome!", "count": 1, "correct": True},
    ]
    for client in (players[0], host):
        (answers,) = await client.hears("answers")
        assert answers == {"question": 0, "distribution": shown}
    await safety.look(show.run_id, 0, ["paris"], shown=False)
    (hidden,) = await players[0].hears("answers", 2)
    assert [line["answer"] for line in hidden["distribution"]] == ["rome!"]
    (snapshot,) = await (await connect(token=players[1].token)).hears("snapshot")
    assert snapshot["reveal"]["distribution"] == hidden["distribution"]
