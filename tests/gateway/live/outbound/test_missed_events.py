"""Whatever is lost on the way: clients end up with the state that the stores have."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.live.room.room import Room
from gateway.live.room.seats import Seat
from tests.gateway.live.client import Client, until
from tests.gateway.live.conftest import Connect, Gateway, Watch
from tests.gateway.live.stage import Show

VOLATILE = ("server_ms",)


def lasting(snapshot: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in snapshot.items() if key not in VOLATILE}


async def test_a_gap_is_answered_with_a_snapshot(connect: Connect, show: Show) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    show.publish = False
    await show.start()
    show.publish = True
    await show.open_question()
    (snapshot,) = await ann.hears("snapshot")
    assert snapshot["version"] == show.state.version
    assert snapshot["phase"] == "question"
    assert snapshot["question"]["opens_at"] == show.state.opens_at
    assert not ann.all("question")
    assert (await ann.answer(0, 0))["ok"]


async def test_the_log_tells_of_a_gap_and_of_what_was_done(connect: Connect, show: Show) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    show.publish = False
    await show.start()
    show.publish = True
    with capture_logs() as logs:
        await show.open_question()
        await ann.hears("snapshot")
    told = {line["event"]: line for line in logs if line.get("run_id") == show.state.run_id}
    assert told["room.gap"]["missed"] == 1
    assert told["room.resynced"]["reason"] == "gap"
    assert told["room.resynced"]["version"] == show.state.version


async def test_a_lost_last_event_is_found_without_another(connect: Connect, show: Show) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    await show.open_question()
    await ann.hears("question")
    await ann.answer(0, 0)
    show.publish = False
    await show.close_question()
    await show.reveal()
    (snapshot,) = await ann.hears("snapshot", timeout_s=5)
    assert snapshot["phase"] == "reveal"
    assert snapshot["your_result"]["correct"] is True
    assert snapshot["you"]["rank"] == 1


async def test_a_kick_that_was_missed_is_carried_out_at_the_resync(
    connect: Connect, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    bob = await (await connect()).join(show.pin, "Bob")
    show.publish = False
    await show.kick(bob.player_id)
    await bob.hears("kicked", timeout_s=5)
    (snapshot,) = await ann.hears("snapshot")
    assert snapshot["players"] == 1


async def test_after_a_reset_of_the_stream_rooms_that_missed_something_resync(
    gateway: Gateway, connect: Connect, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    gateway.live.on_reset()
    show.publish = False
    await show.start()
    gateway.live.on_reset()
    (snapshot,) = await ann.hears("snapshot")
    assert snapshot["phase"] == "starting"
    assert len(ann.all("snapshot")) == 1


async def test_events_that_come_twice_or_late_say_nothing_new(
    gateway: Gateway, connect: Connect, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    await show.start()
    await ann.hears("starting")
    await show.open_question()
    await ann.hears("question")
    for event in show.events * 2:
        gateway.live.on_event(event)
    await ann.ask("sync", {"t0": 1})
    assert [heard.event for heard in ann.heard if heard.event not in ("connect", "lobby")] == [
        "starting",
        "question",
    ]


async def test_a_question_that_was_moved_reaches_clients_and_keeps_its_answers(
    gateway: Gateway, connect: Connect, watch: Watch, show: Show
) -> None:
    ann, bob = [await (await connect()).join(show.pin, name) for name in ("Ann", "Bob")]
    host = await watch(show)
    await show.open_question()
    await asyncio.gather(ann.hears("question"), bob.hears("question"))
    ack = await ann.answer(0, 0)
    first = show.events[-1]
    await show.move_question()
    for client in (ann, bob, host):
        (question,) = await client.hears("question", count=2)
        assert question["closes_at"] == show.state.closes_at
    gateway.live.on_event(first)  # late
    assert await ann.answer(0, 0) == ack
    assert (await bob.answer(0, 1))["ok"]
    (snapshot,) = await (await connect(token=ann.token)).hears("snapshot")
    assert snapshot["you"]["answered"] is True
    assert snapshot["question"]["opens_at"] == show.state.opens_at
    assert not bob.all("snapshot")


async def test_a_question_that_is_moved_while_paused_is_shown_paused(
    connect: Connect, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    await show.open_question()
    await show.pause()
    await ann.hears("paused")
    await show.move_question()
    (question,) = await ann.hears("question", count=2)
    (paused,) = await ann.hears("paused", count=2)
    assert [heard.event for heard in ann.heard[-2:]] == ["question", "paused"]
    assert paused == {"phase": "question", "remaining_ms": question["time_limit_ms"]}


async def test_after_each_event_a_fresh_snapshot_equals_that_of_another_gateway(
    connect: Connect, other_gateway: Gateway, show: Show
) -> None:
    """State held by a gateway that followed events = state of one that loads it afresh."""
    ann = await (await connect()).join(show.pin, "Ann")
    bob = await (await connect(other_gateway)).join(show.pin, "Bob")

    async def both() -> None:
        pictures = []
        for gateway in (None, other_gateway):
            back: Client = await connect(gateway, token=ann.token)
            (snapshot,) = await back.hears(
                "snapshot", where=lambda it: it["version"] == show.state.version
            )
            pictures.append(lasting(snapshot))
            await back.close()
        assert pictures[0] == pictures[1]

    await ann.hears("lobby", where=lambda it: it["players"] == 2)
    await both()
    await show.start()
    await until(lambda: bool(bob.all("starting")))
    await both()
    await show.open_question()
    await bob.hears("question")
    await bob.answer(0, 0)
    await both()
    await show.close_question()
    await show.reveal()
    await bob.hears("reveal")
    await both()
    await show.finish()
    await bob.hears("finished")
    await both()


async def test_what_waited_while_everyone_got_a_newer_snapshot_is_not_sent_any_more(
    gateway: Gateway, connect: Connect, show: Show
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    await show.open_question()
    await ann.hears("question")
    room = gateway.live.rooms.get(show.run_id)
    assert room is not None
    busy = asyncio.Event()

    async def hold_up() -> None:
        await busy.wait()

    show.publish = False
    await show.close_question()
    await show.reveal()
    reveal = show.events[-1]
    await show.open_question()
    room.jobs.add(hold_up)
    gateway.live.on_reset()  # the snapshot is loaded in its turn
    room.mark_stale()
    gateway.live._resync.request(room, "test")
    gateway.live.on_event(show.events[-3])
    gateway.live.on_event(reveal)
    busy.set()
    await ann.hears("snapshot", where=lambda it: it["question"]["question"] == 1)
    await until(lambda: room.jobs.empty)
    assert not ann.all("reveal")


async def test_who_sits_down_during_a_resync_is_told_by_their_own_welcome_only(
    gateway: Gateway, connect: Connect, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    await show.open_question()
    await ann.hears("question")
    await ann.answer(0, 0)
    room = gateway.live.rooms.get(show.run_id)
    assert room is not None
    personal = gateway.live._resync._loader
    refresh = personal.refresh
    told: list[str] = []

    async def refresh_while_somebody_sits_down(room: Room) -> tuple[list[Seat], list[Seat]]:
        gone = await refresh(room)
        room.seats.seat(Seat("late", "Late", "sid of the late one"))
        return gone

    async def to_each_player(messages: Iterable[tuple[str, Any]]) -> None:
        told.extend(sid for sid, _ in messages)

    monkeypatch.setattr(personal, "refresh", refresh_while_somebody_sits_down)
    monkeypatch.setattr(gateway.live._resync._fanout, "to_each_player", to_each_player)
    gateway.live._resync.request(room, "test")
    await until(lambda: bool(told))
    assert told == [room.seats.players[ann.player_id].sid]
