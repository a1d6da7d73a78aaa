from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from quiz.commands import Lock
from telemetry.clock import now_ms
from tests.gateway.live.client import code_of
from tests.gateway.live.conftest import TOKENS, Connect, Gateway, Watch
from tests.gateway.live.stage import Show


async def test_a_host_sees_names_counts_and_connections(
    connect: Connect, other_gateway: Gateway, watch: Watch, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    host = await watch(show)
    (snapshot,) = await host.hears("snapshot")
    assert "you" not in snapshot
    assert snapshot["player_list"] == [{"player_id": ann.player_id, "nickname": "Ann"}]
    bob = await (await connect(other_gateway)).join(show.pin, "Bob")
    named = {"player_id": bob.player_id, "nickname": "Bob"}
    (lobby,) = await host.hears("lobby", where=lambda it: named in it["joined"])
    assert lobby["players"] == 2

    await show.open_question()
    await host.hears("question")
    await asyncio.gather(ann.hears("question"), bob.hears("question"))
    await ann.answer(0, 0)
    await bob.answer(0, 1)
    # they are counted in different places: each message has what is known by then
    (progress,) = await host.hears(
        "progress",
        where=lambda it: (it["answered"], it["counts"], it["connections"]) == (2, [1, 1], 2),
    )
    assert progress == {
        "question": 0,
        "answered": 2,
        "players": 2,
        "counts": [1, 1],
        "answers": None,
        "connections": 2,
    }
    (progress,) = await ann.hears("progress", where=lambda it: it["answered"] == 2)
    assert set(progress) == {"question", "answered", "players"}

    await show.close_question()
    await show.reveal()
    reveal = await host.hears("reveal")
    assert len(reveal) == 1
    assert reveal[0]["solution"] == [0]
    assert (reveal[0]["answered"], reveal[0]["correct"]) == (2, 1)

    await show.kick(bob.player_id)
    (lobby,) = await host.hears("lobby", where=lambda it: bob.player_id in it["left"])
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
    assert snapshot["progress"].pop("connections") in (0, 1)  # as heard of the other gateway
    assert snapshot["progress"] == {
        "question": 0,
        "answered": 1,
        "players": 1,
        "counts": [1, 0],
        "answers": None,
    }
    (progress,) = await host.hears("progress", where=lambda it: it["counts"] is not None)
    assert progress["counts"] == [1, 0]


async def test_a_host_who_reloads_sees_the_answers_although_nothing_changes(
    connect: Connect, watch: Watch, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    host = await watch(show)
    (snapshot,) = await host.hears("snapshot")
    assert "progress" not in snapshot
    await show.open_question()
    await ann.hears("question")
    await ann.answer(0, 1)
    await host.hears("progress", where=lambda it: it["counts"] == [0, 1])
    await host.close()
    again = await watch(show)
    (snapshot,) = await again.hears("snapshot")
    assert snapshot["progress"]["counts"] == [0, 1]
    await show.close_question()
    await show.reveal()
    await again.hears("reveal")
    (snapshot,) = await (await watch(show)).hears("snapshot")
    assert "progress" not in snapshot
    assert snapshot["reveal"]["distribution"] == [0, 1]
    assert (snapshot["reveal"]["answered"], snapshot["reveal"]["correct"]) == (1, 0)


@pytest.mark.parametrize(
    ("question", "given", "other", "correct"),
    [(3, 1815, 1700, True), (4, "são paulo", "Rio", True), (5, [0, 1, 2, 3], [1, 0, 2, 3], None)],
    ids=["number", "text", "order"],
)
async def test_free_answers_are_told_to_the_host_as_they_come(
    connect: Connect, watch: Watch, show: Show, question: int, given: Any, other: Any, correct: Any
) -> None:
    players = [await (await connect()).join(show.pin, name) for name in ("Ann", "Bob", "Cy")]
    host = await watch(show)
    show.state = show.state.model_copy(update={"question": question - 1})
    await show.open_question()
    await asyncio.gather(*(player.hears("question") for player in players))
    for player, answer in zip(players, (given, other, given), strict=True):
        await player.answer(question, answer)
    told = [{"answer": given, "count": 2}, {"answer": other, "count": 1}]
    (progress,) = await host.hears(
        "progress",
        where=lambda it: (it["answers"], it["answered"]) == (told, 3),
    )
    assert progress["counts"] is None
    (snapshot,) = await (await watch(show)).hears("snapshot")
    assert snapshot["progress"]["answers"] == told
    assert not any("answers" in heard.args[0] for heard in players[0].all("progress"))

    await show.close_question()
    await show.reveal()
    reveal = (await host.hears("reveal"))[0]
    assert [(line["answer"], line["count"]) for line in reveal["distribution"]] == [
        (given, 2),
        (other, 1),
    ]
    if correct is not None:
        assert [line["correct"] for line in reveal["distribution"]] == [correct, not correct]
        assert (reveal["answered"], reveal["correct"]) == (3, 2)


async def test_polls_and_slides_have_nothing_that_is_correct(
    connect: Connect, watch: Watch, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    host = await watch(show)
    show.state = show.state.model_copy(update={"question": 5})
    await show.open_question()
    await ann.hears("question")
    await ann.answer(6, 1)
    await show.close_question()
    await show.reveal()
    reveal = (await host.hears("reveal"))[0]
    assert reveal["answered"] == 1
    assert "correct" not in reveal


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
    await host.hears("snapshot", where=lambda it: it["locked"])
    assert not ann.all("snapshot")


async def test_a_host_is_warned_before_a_run_that_was_left_alone_is_ended(
    watch: Watch, show: Show, connect: Connect
) -> None:
    host = await watch(show)
    ann = await (await connect()).join(show.pin, "Ann")
    expires_at = now_ms() + 600_000
    show.state = show.state.model_copy(
        update={"version": show.state.version + 1, "expires_at": expires_at, "expiring": True}
    )
    await show.tell("run.expiring")
    await host.hears("snapshot", where=lambda it: it.get("ends_at") == expires_at)
    await show.command(Lock())
    await host.hears("snapshot", where=lambda it: it["locked"])
    assert "ends_at" not in host.all("snapshot")[-1].args[0]
    assert not ann.all("snapshot")
