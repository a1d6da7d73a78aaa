"""Playing a run with the stock clients of two languages on two gateways."""

from __future__ import annotations

import asyncio
import time
import uuid

import httpx
import psycopg
import pytest

from deploy.bots.errors import RefusedError
from tests.system.client import code_of, code_of_error, until_ms
from tests.system.conftest import Clients
from tests.system.hosting import Host, stored_answers
from tests.system.javascript import JavaScriptClient
from tests.system.quizzes import LIMIT_MS, quiz, single
from tests.system.system import System

HELD_S = 0.4
PAUSED_S = 0.7
LOST_S = 1.0
CLOCK_MS = 150


async def test_a_player_joins_answers_and_sees_their_result(
    system: System, host: Host, clients: Clients, kind: str
) -> None:
    run = await host.open_run(quiz(single(explanation="Since 987.")))
    player = await clients.of_kind(kind).connect()
    await player.join(run.pin, "Grace")
    snapshot = player.joined["snapshot"]
    assert (snapshot["phase"], snapshot["players"]) == ("lobby", 1)
    await run.command("start")

    shown = await player.sees_question(0)
    assert shown["options"] == ["Paris", "Rome", "Oslo"]
    answer = await player.answer(0, 0)
    assert answer["ok"], answer
    stored = await stored_answers(system.servers.database_url, run.id)
    assert stored == {(0, player.player_id): (0, answer["elapsed_ms"])}
    assert await player.answer(0, 0) == answer

    common, own = await player.sees_reveal(0)
    assert (common["solution"], common["explanation"]) == ([0], "Since 987.")
    assert own["correct"] is True
    assert own["rank"] == 1
    assert common["leaderboard"] == [{"rank": 1, "nickname": "Grace", "score": own["score"]}]
    outcome, own_end = await player.hears("finished")
    assert outcome["podium"] == common["leaderboard"]
    assert own_end == {"score": own["score"], "rank": 1, "players": 1}
    if kind == "javascript-defaults":
        assert isinstance(player, JavaScriptClient)
        assert await player.transport() == "websocket"  # it started with polling


async def test_an_answer_is_acknowledged_only_after_it_was_committed(
    system: System, host: Host, clients: Clients, kind: str
) -> None:
    run = await host.open_run(quiz(single()))
    player = await (await clients.of_kind(kind).connect()).join(run.pin, "Grace")
    await run.command("start")
    shown = await player.sees_question(0)
    async with await psycopg.AsyncConnection.connect(system.servers.database_url) as holding:
        await holding.execute("SELECT 1 FROM runs WHERE id = %s FOR UPDATE", [run.id])
        answering = asyncio.create_task(player.answer(0, 0))
        # time: an answer that did not wait for the lock would be acknowledged by then
        await asyncio.sleep(HELD_S)
        assert not answering.done()
        assert await stored_answers(system.servers.database_url, run.id) == {}
        released_ms = time.time() * 1000 - shown["opens_at"]
    answer = await answering
    assert answer["elapsed_ms"] < released_ms  # by the gateway's clock at arrival
    stored = await stored_answers(system.servers.database_url, run.id)
    assert stored == {(0, player.player_id): (0, answer["elapsed_ms"])}


async def test_a_player_resumes_on_another_gateway_during_a_question(
    system: System, host: Host, clients: Clients, kind: str
) -> None:
    run = await host.open_run(quiz(single()))
    player = await (await clients.of_kind(kind).connect()).join(run.pin, "Grace")
    other = await (await clients.python(1).connect()).join(run.pin, "Alan")
    await run.command("start")
    shown = await player.sees_question(0)
    answered = await player.answer(0, 0)
    await until_ms(shown["opens_at"] + 600)

    snapshot = await player.come_back(system.urls[1])
    now = time.time() * 1000
    assert snapshot["phase"] == "question"
    assert snapshot["question"]["opens_at"] == shown["opens_at"]
    left = snapshot["question"]["closes_at"] - snapshot["server_ms"]
    assert abs(left - (shown["opens_at"] + LIMIT_MS - now)) <= CLOCK_MS
    assert (snapshot["you"]["answered"], snapshot["you"]["answer"]) == (True, 0)
    assert snapshot["you"]["player_id"] == player.player_id
    assert await player.answer(0, 0) == answered

    snapshot = await other.come_back(system.urls[0])
    assert snapshot["you"]["answered"] is False
    assert (await other.answer(0, 1))["ok"]
    for client, right in ((player, True), (other, False)):
        _, own = await client.sees_reveal(0)
        assert own["correct"] is right


async def test_late_joiners_get_the_open_question_and_can_answer_it(
    host: Host, clients: Clients, kind: str
) -> None:
    run = await host.open_run(quiz(single()))
    early = await (await clients.python().connect()).join(run.pin, "Early")
    await run.command("start")
    shown = await early.sees_question(0)
    await until_ms(shown["opens_at"] + 500)

    late = await (await clients.of_kind(kind, gateway=1).connect()).join(run.pin, "Late")
    snapshot = late.joined["snapshot"]
    assert snapshot["phase"] == "question"
    assert snapshot["question"]["text"] == shown["text"]
    assert snapshot["you"] == {
        "player_id": late.player_id,
        "nickname": "Late",
        "score": 0,
        "rank": None,
        "streak": 0,
        "answered": False,
    }
    answer = await late.answer(0, 0)
    assert answer["elapsed_ms"] >= 500
    assert (await early.answer(0, 0))["ok"]
    common, own = await late.sees_reveal(0)
    assert own["correct"] is True
    assert common["distribution"] == [2, 0, 0]


async def test_a_kicked_player_is_disconnected_everywhere_and_cannot_return(
    system: System, host: Host, clients: Clients, kind: str
) -> None:
    run = await host.open_run(quiz(single()))
    player = await (await clients.of_kind(kind).connect()).join(run.pin, "Rude")
    staying = await (await clients.python(1).connect()).join(run.pin, "Kind")
    await run.kick(player.player_id)
    (kicked,) = await player.hears("kicked")
    assert kicked["reason"].endswith(".")
    await player.hears("disconnect")

    for url in system.urls:
        with pytest.raises(RefusedError) as refusal:
            await player.connect(url, token=player.token)
        assert code_of_error(refusal.value.error) == "kicked"
    await run.command("start")
    await staying.sees_question(0)
    assert (await staying.answer(0, 0))["ok"]
    common, _ = await staying.sees_reveal(0)
    assert [line["nickname"] for line in common["leaderboard"]] == ["Kind"]


async def test_a_pause_stops_the_clock_for_everyone_and_costs_no_points(
    system: System, host: Host, clients: Clients, kind: str
) -> None:
    run = await host.open_run(quiz(single()))
    player = await (await clients.of_kind(kind).connect()).join(run.pin, "Grace")
    other = await (await clients.python(1).connect()).join(run.pin, "Alan")
    await run.command("start")
    shown = await player.sees_question(0)
    await run.command("pause")
    told = [(await client.hears("paused"))[0] for client in (player, other)]
    assert told[0] == told[1]
    assert told[0]["phase"] == "question"
    assert 0 < told[0]["remaining_ms"] <= LIMIT_MS
    refused = await player.answer(0, 0)
    assert code_of(refused) == "paused"
    assert refused["error"]["retryable"]
    snapshot = await other.come_back(system.urls[0])
    assert snapshot["paused"]
    left = snapshot["question"]["closes_at"] - snapshot["server_ms"]
    assert left == told[0]["remaining_ms"]

    # time: how long the run is paused
    await asyncio.sleep(PAUSED_S)
    await run.command("resume")
    told = [(await client.hears("resumed"))[0] for client in (player, other)]
    assert told[0] == told[1]
    assert told[0]["paused_ms"] >= PAUSED_S * 1000
    assert told[0]["closes_at"] == shown["closes_at"] + told[0]["paused_ms"]
    before = time.time() * 1000
    answer = await player.answer(0, 0)
    expected = before - shown["opens_at"] - told[0]["paused_ms"]
    assert abs(answer["elapsed_ms"] - expected) <= CLOCK_MS
    assert (await other.answer(0, 0))["ok"]
    await player.sees_reveal(0)


async def test_a_question_closes_early_once_all_have_answered_on_both_gateways(
    host: Host, clients: Clients, kind: str
) -> None:
    run = await host.open_run(quiz(single()))
    first = await (await clients.of_kind(kind).connect()).join(run.pin, "First")
    second = await (await clients.of_kind(kind, gateway=1).connect()).join(run.pin, "Second")
    await run.command("start")
    await first.sees_question(0)
    assert (await first.answer(0, 0))["ok"]
    # time: a question that closed too early would be closed by then
    await asyncio.sleep(0.8)
    assert not first.all("reveal")  # only one of two has answered
    assert (await second.answer(0, 0))["ok"]
    began = time.monotonic()
    await first.sees_reveal(0)
    await second.sees_reveal(0)
    assert time.monotonic() - began < 2


async def test_a_short_loss_of_the_connection_does_not_close_the_question_early(
    host: Host, clients: Clients
) -> None:
    run = await host.open_run(quiz(single()))
    steady = await (await clients.python(0).connect()).join(run.pin, "Steady")
    roaming = await (await clients.python(1).connect()).join(run.pin, "Roaming")
    await run.command("start")
    await steady.sees_question(0)
    assert (await steady.answer(0, 0))["ok"]
    await roaming.close()
    # time: how long the connection is lost
    await asyncio.sleep(LOST_S)
    snapshot = await roaming.come_back()
    assert snapshot["phase"] == "question"
    assert (await roaming.answer(0, 0))["ok"]
    _, own = await roaming.sees_reveal(0)
    assert own["correct"] is True


async def test_only_the_host_can_watch_and_control_a_run(
    host: Host, clients: Clients, kind: str, http: httpx.AsyncClient
) -> None:
    run = await host.open_run(quiz(single()))
    watching = await clients.of_kind(kind, namespace="/host").connect(
        token=host.token, run_id=run.id
    )
    (snapshot,) = await watching.hears("snapshot")
    assert snapshot["run_id"] == run.id
    player = await (await clients.python(1).connect()).join(run.pin, "Grace")
    (lobby,) = await watching.hears("lobby", where=lambda it: it["joined"])
    assert lobby["joined"] == [{"player_id": player.player_id, "nickname": "Grace"}]

    stranger = await Host.register(http)
    for auth, code in (
        ({"token": stranger.token, "run_id": run.id}, "forbidden"),
        ({"token": host.token, "run_id": str(uuid.uuid4())}, "forbidden"),
        ({"token": host.token}, "forbidden"),
        ({"token": player.token, "run_id": run.id}, "unauthorized"),
        ({}, "unauthorized"),
    ):
        with pytest.raises(RefusedError) as refusal:
            await clients.of_kind(kind, namespace="/host").connect(**auth)
        assert code_of_error(refusal.value.error) == code
    refused = await http.post(
        f"/runs/{run.id}/start", headers={"Authorization": f"Bearer {stranger.token}"}
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    # A player has no host events either.
    assert code_of(await player.ask("start", {})) == "payload_invalid"
    assert (await run.view())["phase"] == "lobby"
