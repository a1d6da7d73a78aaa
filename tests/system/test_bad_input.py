"""Wrong or hostile input gets its error code and does not affect the run."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.system import quizzes
from tests.system.client import PythonClient, code_of, until_ms
from tests.system.conftest import Clients
from tests.system.hosting import Host, Run, stored_answers
from tests.system.quizzes import LIMIT_MS, quiz, single
from tests.system.system import Logs, System

GRACE_MS = 250
ANSWERED_WITHIN_S = 3.0
STOPPED_WITHIN_S = 5.0

UNFIT: dict[str, tuple[Any, ...]] = {
    "single": (3, -1, 0.0, 1.5, True, None, "0", "Paris", [0], {}, 10**30),
    "multiple": (0, [], [5], [-1], [0, 0], [0.0], [True], ["0"], [[0]], list(range(6)), None),
    "boolean": (2, -1, True, False, None, "true", [0]),
    "number": ("1815", None, True, [], {}, 1e300, 10**30),
    "text": (1, None, "", "   ", "x" * 201, ["Sampa"], {"text": "Sampa"}),
    "order": (0, [], [0, 1, 2], [0, 1, 2, 2], [0, 1, 2, 4], ["Ur"], None, "0123"),
    "poll": (2, -1, None, "Tea", [0]),
    "slide": (0, None, "", []),
}
FIT = {"single": 0, "multiple": [0], "boolean": 0, "number": 1, "text": "x", "order": [3, 2, 1, 0],
       "poll": 1}  # fmt: skip
MAKE = {
    "single": quizzes.single,
    "multiple": quizzes.multiple,
    "boolean": quizzes.boolean,
    "number": quizzes.number,
    "text": quizzes.text,
    "order": quizzes.order,
    "poll": quizzes.poll,
    "slide": quizzes.slide,
}


async def test_rejected_joins_have_the_reason(host: Host, clients: Clients, logs: Logs) -> None:
    run = await host.open_run(quiz(single()), max_players=2)
    await (await clients.python().connect()).join(run.pin, "Grace")
    client = await clients.python(1).connect()

    async def refusal(request: Any) -> str:
        return code_of(await client.ask("join", request))

    for pin in ("000000", "", "abc", "١٢٣٤٥٦", "9" * 200, run.pin + "0"):
        assert await refusal({"pin": pin, "nickname": "Alan"}) == "pin_unknown"
    for nickname in ("Grace", "grace", " GRACE ", "Ｇrace"):
        assert await refusal({"pin": run.pin, "nickname": nickname}) == "nickname_taken"
    invalid: tuple[Any, ...] = (
        "",
        "  ",
        "x" * 25,
        "x" * 5000,
        "a\x00b",
        "a\u202eb",
        None,
        7,
        ["Alan"],
        {},
    )
    for nickname in invalid:
        assert await refusal({"pin": run.pin, "nickname": nickname}) == "nickname_invalid"
    requests: tuple[Any, ...] = (
        None,
        1,
        "join",
        [],
        {},
        {"pin": run.pin},
        {"pin": 5, "nickname": "Alan"},
    )
    for request in requests:
        assert await refusal(request) == "payload_invalid"
    assert code_of(await client.answer(0, 0)) == "not_joined"
    assert code_of(await client.ask("nonsense", {})) == "payload_invalid"

    await client.join(run.pin, "Alan")
    third = await clients.python().connect()
    full = await third.ask("join", {"pin": run.pin, "nickname": "Ada"})
    assert code_of(full) == "run_full"
    await run.command("lock")
    locked = await third.ask("join", {"pin": run.pin, "nickname": "Ada"})
    assert code_of(locked) == "run_locked"
    assert (await run.view())["players"] == 2
    assert logs.faults() == []


async def test_malformed_answers_are_rejected_for_every_question_type(
    system: System, host: Host, clients: Clients, logs: Logs
) -> None:
    kinds = list(MAKE)
    run = await host.open_run(quiz(*(make() for make in MAKE.values())))
    honest = await (await clients.python(1).connect()).join(run.pin, "honest")
    await run.command("start")
    rogues = []
    for index, kind in enumerate(kinds):
        await honest.sees_question(index)
        # Each has its own connection, because one may send 20 events a second.
        rogue = await (await clients.python().connect()).join(run.pin, f"rogue {index}")
        rogues.append(rogue)
        for answer in UNFIT[kind]:
            refused = await rogue.answers_once_open(index, answer)
            assert code_of(refused) == "answer_invalid", (kind, answer)
            assert not refused["error"]["retryable"]
        if kind == "slide":
            await run.command("skip")
        else:
            # A rejected answer has no effect: a valid one is accepted.
            for player in (honest, *rogues):
                assert (await player.answer(index, FIT[kind]))["ok"], kind
        await honest.sees_reveal(index)
        await run.command("next")
    await honest.hears("finished")
    stored = await stored_answers(system.servers.database_url, run.id)
    assert {question: answer for (question, _), (answer, _) in stored.items()} == dict(
        enumerate(FIT.values())
    )
    assert len(stored) == sum(2 + index for index in range(len(FIT)))
    assert logs.faults() == []


async def test_answers_at_the_wrong_time_are_rejected_with_the_reason(
    system: System, host: Host, clients: Clients, logs: Logs
) -> None:
    run = await host.open_run(quiz(single(), single("Capital of Italy?", correct=[1])))
    player = await (await clients.python().connect()).join(run.pin, "Grace")
    silent = await (await clients.python(1).connect()).join(run.pin, "Alan")

    async def refusal(client: PythonClient, question: Any, answer: Any = 0) -> str:
        return code_of(await client.answer(question, answer))

    assert await refusal(player, 0) == "question_not_open"  # in the lobby
    await run.command("start")
    (shown,) = await player.hears("question")
    assert await refusal(player, 0) == "question_not_open"  # sent ahead of its opening
    await until_ms(shown["opens_at"])
    assert await refusal(player, 1) == "question_not_open"
    for question in (2, 10**9, -1, None, "0", 0.0, 0.5, True, [0]):
        assert await refusal(player, question) == "payload_invalid"
    first = await player.answer(0, 1)
    assert first["ok"]
    assert await refusal(player, 0, 0) == "answer_invalid"  # the first one counts
    assert await player.answer(0, 1) == first

    await until_ms(shown["closes_at"] + GRACE_MS + 20)
    assert await refusal(silent, 0) == "question_closed"
    await player.sees_reveal(0)
    assert await refusal(silent, 0) == "question_closed"
    assert await refusal(player, 0, 0) == "question_closed"
    assert await player.answer(0, 1) == first  # a retry, whose ack may have been lost

    await player.sees_question(1)
    assert await refusal(silent, 0) == "question_closed"
    for client in (player, silent):
        assert (await client.answer(1, 1))["ok"]
    for client in (player, silent):
        await client.hears("finished")
    assert await refusal(silent, 0) == "run_finished"
    assert await refusal(player, 1, 0) == "run_finished"
    assert await player.answer(0, 1) == first
    late = await clients.python().connect()
    gone = await late.ask("join", {"pin": run.pin, "nickname": "Late"})
    assert code_of(gone) == "pin_unknown"  # the PIN is free again

    stored = await stored_answers(system.servers.database_url, run.id)
    assert {key: answer for key, (answer, _) in stored.items()} == {
        (0, player.player_id): 1,
        (1, player.player_id): 1,
        (1, silent.player_id): 1,
    }
    assert all(0 <= elapsed <= LIMIT_MS + GRACE_MS for _, elapsed in stored.values())
    assert logs.faults() == []


async def test_only_the_player_who_sends_too_much_is_rate_limited(
    host: Host, clients: Clients
) -> None:
    run = await host.open_run(quiz(single()))
    flooding = await (await clients.python().connect()).join(run.pin, "Flood")
    calm = await (await clients.python().connect()).join(run.pin, "Calm")
    answers = await asyncio.gather(*(flooding.ask("sync", {"t0": n}) for n in range(200)))
    refused = [answer for answer in answers if not answer["ok"]]
    assert len(refused) > 100
    assert {code_of(answer) for answer in refused} == {"too_many_requests"}
    assert (await calm.ask("sync", {"t0": 1}))["ok"]


CLOSED, REFUSED, IGNORED = "closed", "refused", "ignored"

BINARY_ANSWER = '451-/play,7["answer",{"question":0,"answer":{"_placeholder":true,"num":0}}]'
"""Announces an attachment, which follows in a separate frame."""

BROKEN: dict[str, tuple[str | bytes, str]] = {
    "no such packet of Engine.IO": ("9", CLOSED),
    "no packet at all": ("hello", CLOSED),
    "an empty frame": ("", CLOSED),
    "no such packet of Socket.IO": ("49", CLOSED),
    "no kind of packet": ("4x", CLOSED),
    "no JSON": ('42/play,7["answer",{', CLOSED),
    "NaN": ('42/play,7["sync",{"t0":NaN}]', CLOSED),
    "nested too deep": ('42/play,7["sync",' + "[" * 7000 + "]" * 7000 + "]", CLOSED),
    "a frame of 20 KB": ('42/play,7["sync",{"t0":1,"more":"' + "x" * 20_000 + '"}]', CLOSED),
    "a frame of 5 MB": ('42/play,7["sync",{"t0":1,"more":"' + "x" * 5_000_000 + '"}]', CLOSED),
    "a billion attachments": (
        '451000000000-/play,7["answer",{"_placeholder":true,"num":0}]',
        CLOSED,
    ),
    "a number too long": ("42/play," + "9" * 5000 + '["sync",{"t0":1}]', CLOSED),
    "unannounced bytes": (b"\x04\x00\xff", CLOSED),
    "an error": ('44/play,{"message":"no"}', CLOSED),
    "an object instead of an event": ('42/play,7{"answer":1}', CLOSED),
    "a number instead of an event": ("42/play,7[1]", CLOSED),
    "no event": ("42/play,7[]", CLOSED),
    "an empty event": ('42/play,7[""]', REFUSED),
    "a reserved event": ('42/play,7["disconnect"]', REFUSED),
    "another reserved event": ('42/play,7["connect",{}]', REFUSED),
    "an unknown namespace": ("40/nowhere,", REFUSED),
    "bytes in an answer": (BINARY_ANSWER, REFUSED),
    "a second connection to the namespace": ("40/play,", REFUSED),
    "an event of another namespace": ('42/host,7["sync",{"t0":1}]', CLOSED),
    "an event of an unknown namespace": ('42/nowhere,7["sync",{"t0":1}]', CLOSED),
    "an acknowledgement of nothing": ("43/play,7[]", IGNORED),
    "a ping of the client": ("2", CLOSED),
    "a noop": ("6", IGNORED),
    "an upgrade of what is upgraded": ("5", CLOSED),
}


@asynccontextmanager
async def raw_player(
    session: aiohttp.ClientSession, url: str, run: Run, nickname: str
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A player who joined over a raw WebSocket."""
    async with session.ws_connect(
        f"{url}/socket.io/?EIO=4&transport=websocket", max_msg_size=0
    ) as socket:
        assert (await socket.receive_str()).startswith("0{")
        await socket.send_str("40/play,")
        assert (await socket.receive_str()).startswith('40/play,{"sid"')
        join = json.dumps(["join", {"pin": run.pin, "nickname": nickname}])
        await socket.send_str(f"42/play,1{join}")
        while not (frame := await socket.receive_str()).startswith("43/play,1["):
            pass
        assert '"ok":true' in frame
        yield socket


async def outcome(
    session: aiohttp.ClientSession, url: str, run: Run, nickname: str, frame: str | bytes
) -> str:
    """The fate of the connection that sent `frame`; `ignored` if it still works."""
    async with raw_player(session, url, run, nickname) as socket:
        with contextlib.suppress(ConnectionError):  # it may be closed while this is sent
            if isinstance(frame, bytes):
                await socket.send_bytes(frame)
            else:
                await socket.send_str(frame)
            if frame == BINARY_ANSWER:
                await socket.send_bytes(b"Paris")
            await socket.send_str('42/play,8["sync",{"t0":1}]')
        found = IGNORED
        while True:
            try:
                message = await socket.receive(timeout=ANSWERED_WITHIN_S)
            except TimeoutError:
                return "silent"
            if message.type is not aiohttp.WSMsgType.TEXT:
                return CLOSED
            if message.data.startswith("43/play,8["):
                # Acknowledgements are unordered: an error may arrive after a later event's.
                await socket.send_str('42/play,9["sync",{"t0":1}]')
            elif message.data.startswith("43/play,9["):
                return found
            elif message.data.startswith("43/play,7["):
                assert '"ok":false' in message.data
                assert "_invalid" in message.data
                found = REFUSED
            elif message.data.startswith("44/"):
                found = REFUSED


async def test_a_broken_frame_closes_at_most_its_own_connection(
    system: System,
    host: Host,
    clients: Clients,
    session: aiohttp.ClientSession,
    logs: Logs,
) -> None:
    run = await host.open_run(quiz(single(time_limit_s=60)))
    honest = await (await clients.python().connect()).join(run.pin, "honest")
    await run.command("start")
    await honest.sees_question(0)
    found = await asyncio.gather(
        *(
            outcome(session, system.urls[0], run, f"rogue {number}", frame)
            for number, (frame, _) in enumerate(BROKEN.values())
        )
    )
    assert dict(zip(BROKEN, found, strict=True)) == {
        what: expected for what, (_, expected) in BROKEN.items()
    }
    assert honest.connected
    # With other players connected, the question would stay open for a minute.
    assert (await honest.answer(0, 0))["ok"]
    await honest.sees_reveal(0)
    stored = await stored_answers(system.servers.database_url, run.id)
    assert {player for _, player in stored} == {honest.player_id}
    assert logs.faults() == []


async def test_a_gateway_that_received_broken_frames_stops_gracefully(
    system: System, host: Host, session: aiohttp.ClientSession
) -> None:
    run = await host.open_run(quiz(single()))
    for number, frame in enumerate(("hello", "9", "")):
        await outcome(session, system.urls[0], run, f"rogue {number}", frame)
    gateway = system.gateways[0]
    began = time.monotonic()
    await gateway.stop()
    took_s = time.monotonic() - began
    status = await gateway.wait()
    await gateway.start()
    assert status == 0
    assert took_s < STOPPED_WITHIN_S
