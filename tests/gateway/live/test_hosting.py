from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from quiz.commands import Lock
from tests.gateway.live.client import Client, code_of
from tests.gateway.live.conftest import TOKENS, Connect, Gateway
from tests.gateway.live.stage import Show

Watch = Callable[..., Awaitable[Client]]


async def test_a_host_sees_names_counts_and_connections(
    connect: Connect, other_gateway: Gateway, watch: Watch, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    host = await watch(show)
    (snapshot,) = await host.hears("snapshot")
    assert "you" not in snapshot
    assert snapshot["player_list"] == [{"player_id": ann.player_id, "nickname": "Ann"}]
    bob = await (await connect(other_gateway)).join(show.pin, "Bob")
    (lobby,) = await host.hears("lobby", where=lambda h: h.args[0]["players"] == 2)
    assert {"player_id": bob.player_id, "nickname": "Bob"} in lobby["joined"]

    await show.open_question()
    await host.hears("question")
    await asyncio.gather(ann.hears("question"), bob.hears("question"))
    await ann.answer(0, 0)
    await bob.answer(0, 1)
    (progress,) = await host.hears("progress", where=lambda h: h.args[0]["counts"] == [1, 1])
    assert progress == {
        "question": 0,
        "answered": 2,
        "players": 2,
        "counts": [1, 1],
        "connections": 2,
    }
    (progress,) = await ann.hears("progress", where=lambda h: h.args[0]["answered"] == 2)
    assert set(progress) == {"question", "answered", "players"}

    await show.close_question()
    await show.reveal()
    reveal = await host.hears("reveal")
    assert len(reveal) == 1
    assert reveal[0]["solution"] == [0]

    await show.kick(bob.player_id)
    (lobby,) = await host.hears("lobby", where=lambda h: bob.player_id in h.args[0]["left"])
    assert lobby["players"] == 1
    await show.finish()
    assert len(await host.hears("finished")) == 1


async def test_a_host_comes_back_in_the_middle(
    connect: Connect, other_gateway: Gateway, watch: Watch, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    await show.open_question()
    await ann.hears("question")
    await ann.answer(0, 0)
    host = await watch(show, other_gateway)
    (snapshot,) = await host.hears("snapshot")
    assert snapshot["question"]["question"] == 0
    (progress,) = await host.hears("progress", where=lambda h: h.args[0]["counts"] is not None)
    assert progress["counts"] == [1, 0]


async def test_free_answers_have_no_counts(connect: Connect, watch: Watch, show: Show) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    host = await watch(show)
    show.state = show.state.model_copy(update={"question": 2})
    await show.open_question()
    await ann.hears("question")
    await ann.answer(3, 1815)
    (progress,) = await host.hears("progress", where=lambda h: h.args[0]["answered"] == 1)
    assert progress["counts"] is None


@pytest.mark.parametrize(
    ("auth", "code"),
    [
        ({}, "unauthorized"),
        ({"token": "x"}, "unauthorized"),
        ({"token": "stranger"}, "forbidden"),
        ({"token": "host", "run_id": "nonsense"}, "forbidden"),
        ({"token": "host", "run_id": str(uuid.uuid4())}, "forbidden"),
        ({"token": "host", "run_id": None}, "forbidden"),
        ({"token": "host", "run_id": ["x"]}, "forbidden"),
    ],
)
async def test_only_the_host_may_watch(
    connect: Connect, show: Show, auth: dict[str, Any], code: str
) -> None:
    tokens = {
        "host": TOKENS.sign_access_token(show.host_id),
        "stranger": TOKENS.sign_access_token(str(uuid.uuid4())),
    }
    token = auth.get("token")
    given = {"run_id": show.run_id, **auth, "token": tokens.get(str(token), token)}
    client = await connect(namespace="/host", refused=True, **given)
    assert client.refused["data"]["code"] == code


async def test_a_player_token_does_not_make_a_host(connect: Connect, show: Show) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    client = await connect(namespace="/host", refused=True, token=ann.token, run_id=show.run_id)
    assert client.refused["data"]["code"] == "unauthorized"


async def test_hosts_emit_nothing_but_sync(watch: Watch, show: Show) -> None:
    host = await watch(show)
    assert (await host.ask("sync", {"t0": 1}))["ok"]
    for event in ("start", "join", "answer", "kick"):
        assert code_of(await host.ask(event, {})) == "payload_invalid"


async def test_locking_shows_in_the_hosts_snapshot(
    watch: Watch, show: Show, connect: Connect
) -> None:
    host = await watch(show)
    ann = await (await connect()).join(show.pin, "Ann")
    await show.command(Lock())
    await host.hears("snapshot", where=lambda h: h.args[0]["locked"])
    assert not ann.all("snapshot")
