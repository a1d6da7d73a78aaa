from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

from quiz.commands import Lock
from tests.gateway.live.client import code_of, until
from tests.gateway.live.conftest import Connect, Gateway
from tests.gateway.live.stage import Show, Stores, open_show


async def test_refusals(connect: Connect, stores: Stores, show: Show) -> None:
    async def refused(**request: Any) -> str:
        return code_of(await (await connect()).ask("join", {"pin": show.pin, **request}))

    await (await connect()).join(show.pin, "Ann")
    assert await refused(pin="000", nickname="Bob") == "pin_unknown"
    assert await refused(pin="", nickname="Bob") == "pin_unknown"
    assert await refused(pin="١٢٣٤٥٦", nickname="Bob") == "pin_unknown"
    assert await refused(nickname=" ") == "nickname_invalid"
    assert await refused(nickname=5) == "nickname_invalid"
    assert await refused(nickname="x" * 1_000) == "nickname_invalid"
    assert await refused(nickname="ann") == "nickname_taken"
    assert await refused(pin=123456, nickname="Bob") == "payload_invalid"
    assert await refused(nickname="Bob", key="k" * 65) == "payload_invalid"

    full = await open_show(stores, max_players=1)
    await (await connect()).join(full.pin, "Ann")
    assert await refused(pin=full.pin, nickname="Bob") == "run_full"

    show_locked = await open_show(stores)
    player = await connect()
    await show_locked.command(Lock())
    answer = await player.ask("join", {"pin": show_locked.pin, "nickname": "Bob"})
    assert code_of(answer) == "run_locked"


async def test_a_lookalike_of_a_taken_name_is_taken_on_every_gateway(
    connect: Connect, other_gateway: Gateway, show: Show
) -> None:
    await (await connect()).join(show.pin, "Iris")
    for name in ("lris", "Іris", "IRIS"):
        answer = await (await connect(other_gateway)).ask(
            "join", {"pin": show.pin, "nickname": name}
        )
        assert code_of(answer) == "nickname_taken"
    for name in ("Iriss", "Ïris"):
        await (await connect()).join(show.pin, name)


async def test_of_lookalikes_that_join_at_once_one_gets_the_name(
    connect: Connect, other_gateway: Gateway, show: Show
) -> None:
    names = ("Adam", "Аdam", "ΑDAM", "Аdаm", "Adаm")
    clients = [await connect(other_gateway if n % 2 else None) for n in range(len(names))]
    requests = [{"pin": show.pin, "nickname": name} for name in names]
    answers = await asyncio.gather(
        *(client.ask("join", request) for client, request in zip(clients, requests, strict=True))
    )
    assert sorted(answer["ok"] for answer in answers) == [False] * 4 + [True]


async def test_rude_names_are_refused_unless_the_host_allows_them(
    connect: Connect, stores: Stores, show: Show
) -> None:
    answer = await (await connect()).ask("join", {"pin": show.pin, "nickname": "sh1t"})
    assert code_of(answer) == "nickname_unsuitable"
    free = await open_show(stores, filter_names=False)
    await (await connect()).join(free.pin, "sh1t")


async def test_after_a_refusal_another_nickname_can_be_tried(connect: Connect, show: Show) -> None:
    await (await connect()).join(show.pin, "Ann")
    second = await connect()
    assert code_of(await second.ask("join", {"pin": show.pin, "nickname": "Ann"})) == (
        "nickname_taken"
    )
    await second.join(show.pin, "Anna")


async def test_the_same_join_again_is_the_same_player(connect: Connect, show: Show) -> None:
    player = await connect()
    request = {"pin": show.pin, "nickname": "Ann"}
    answers = await asyncio.gather(*(player.ask("join", request) for _ in range(5)))
    assert len({answer["player_id"] for answer in answers}) == 1
    assert len({answer["token"] for answer in answers}) == 1
    assert await show.stores.players.count(show.run_id) == 1
    other = await player.ask("join", {"pin": show.pin, "nickname": "Bob"})
    assert code_of(other) == "payload_invalid"


async def test_a_join_repeated_with_its_key_on_a_new_connection_is_the_same_player(
    connect: Connect, show: Show
) -> None:
    first = await (await connect()).join(show.pin, "Ann", key="secret")
    await first.close()
    again = await (await connect()).join(show.pin, "Ann", key="secret")
    assert again.player_id == first.player_id
    thief = await connect()
    answer = await thief.ask("join", {"pin": show.pin, "nickname": "Ann", "key": "guess"})
    assert code_of(answer) == "nickname_taken"


async def test_a_player_who_came_by_token_cannot_join_again(connect: Connect, show: Show) -> None:
    first = await (await connect()).join(show.pin, "Ann")
    back = await connect(token=first.token)
    await back.hears("snapshot")
    answer = await back.ask("join", {"pin": show.pin, "nickname": "Bob"})
    assert code_of(answer) == "payload_invalid"


async def test_who_joins_late_sees_the_open_question(connect: Connect, show: Show) -> None:
    await show.open_question()
    late = await (await connect()).join(show.pin, "Ann")
    question = late.joined["snapshot"]["question"]
    assert question["text"] == "Capital of France?"
    assert question["closes_at"] == show.state.closes_at
    assert (await late.answer(0, 0))["ok"]


async def test_a_token_is_shown_to_its_owner_alone(connect: Connect, show: Show) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    bob = await (await connect()).join(show.pin, "Bob")
    await ann.hears("lobby", where=lambda it: it["players"] == 2)
    assert bob.token not in str(ann.heard)
    assert ann.token not in str(bob.heard)


@pytest.mark.parametrize("token", ["nonsense", "", 5, ["x"], {"a": 1}])
async def test_a_bad_token_is_refused_at_the_door(connect: Connect, token: Any) -> None:
    client = await connect_refused(connect, token=token)
    assert client["data"]["code"] == "unauthorized"
    assert client["data"]["retryable"] is False
    assert client["message"] == client["data"]["message"]


async def connect_refused(connect: Connect, **auth: Any) -> Any:
    client = await connect(refused=True, **auth)
    return client.refused


async def test_many_join_at_once_and_the_workflow_hears_totals_once_a_second(
    gateway: Gateway, connect: Connect, show: Show
) -> None:
    clients = [await connect() for _ in range(30)]
    await asyncio.gather(
        *(client.join(show.pin, f"Player {n}") for n, client in enumerate(clients))
    )
    await until(lambda: (show.run_id, 30) in gateway.signals.joined)
    totals = [total for run_id, total in gateway.signals.joined if run_id == show.run_id]
    assert len(totals) <= 3
    await clients[0].hears("lobby", where=lambda it: it["players"] == 30)
    heard = clients[0].all("lobby")
    assert len(heard) <= 5
    gaps = [b.at - a.at for a, b in itertools.pairwise(heard)]
    assert all(gap > 200 for gap in gaps)


async def test_a_lost_signal_is_sent_again(gateway: Gateway, connect: Connect, show: Show) -> None:
    gateway.signals.failures = 2
    await (await connect()).join(show.pin, "Ann")
    await until(lambda: (show.run_id, 1) in gateway.signals.joined)
