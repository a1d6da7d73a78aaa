from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from db import presence as presence_module
from db.ids import new_id
from db.presence import Presence, PresenceReport, PresenceTotals, Seating
from tests.waiting import until_async


async def report(
    presence: Presence, run_id: str, gateway: str, connected: int, *, question: int = 0
) -> None:
    await presence.exchange(
        gateway, [PresenceReport(run_id, question, connected, connected - 1, connected + 1)]
    )


async def seat(
    presence: Presence,
    run_id: str,
    gateway: str,
    players: frozenset[str],
    reported: frozenset[str] | None,
) -> bool:
    (known,) = await presence.seat(gateway, [Seating(run_id, players, reported)])
    return known


async def totals(presence: Presence, run_id: str, question: int) -> tuple[int, int, int]:
    """The totals, as seen by a gateway without players."""
    found = await presence.exchange("onlooker", [PresenceReport(run_id, question, 0, 0, 0)])
    assert found is not None
    return counts(found[0])


def counts(totals: PresenceTotals) -> tuple[int, int, int]:
    return totals.connected, totals.answered_connected, totals.answered


async def test_totals_are_over_all_gateways(redis: Redis) -> None:
    presence, run_id = Presence(redis), new_id()
    await report(presence, run_id, "a", 9)
    await report(presence, run_id, "a", 10)
    await report(presence, run_id, "b", 20)
    assert await totals(presence, run_id, 0) == (30, 28, 32)
    assert await totals(presence, new_id(), 0) == (0, 0, 0)
    await presence.leave(run_id, "b")
    assert await totals(presence, run_id, 0) == (10, 9, 11)


async def test_answers_to_another_question_do_not_count(redis: Redis) -> None:
    presence, run_id = Presence(redis), new_id()
    await report(presence, run_id, "a", 10, question=3)
    await report(presence, run_id, "b", 20, question=4)
    assert await totals(presence, run_id, 4) == (30, 19, 21)


async def test_a_silent_gateway_is_not_counted(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence_module, "FRESH_S", 1)
    presence, run_id = Presence(redis), new_id()
    await report(presence, run_id, "silent", 10)
    # time: Redis's own clock says who is fresh
    await asyncio.sleep(2.1)
    await report(presence, run_id, "alive", 20)
    assert await totals(presence, run_id, 0) == (20, 19, 21)


async def test_many_runs_are_reported_at_once_even_if_the_server_lost_the_script(
    redis: Redis,
) -> None:
    presence, run_ids = Presence(redis), [new_id() for _ in range(3)]
    reports = [PresenceReport(run_id, 0, n, n, n) for n, run_id in enumerate(run_ids)]
    for _ in range(2):
        await redis.script_flush()
        found = await presence.exchange("a", reports)
        assert found is not None
        assert [counts(one) for one in found] == [(n, n, n) for n in range(3)]


async def test_totals_are_complete_once_every_gateway_has_had_time_to_report(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence_module, "FRESH_S", 1)
    presence, run_id, alone = Presence(redis), new_id(), PresenceTotals(9, 9, 9, 0)
    reports = [PresenceReport(run_id, 0, 9, 9, 9)]
    for _ in range(2):
        found = await presence.exchange("a", reports)
        assert found == [alone]
        assert not alone.complete
        async with asyncio.timeout(5):
            while found is None or not found[0].complete:
                await asyncio.sleep(0.2)
                found = await presence.exchange("a", reports)
        await redis.delete(*[key async for key in redis.scan_iter(f"*{run_id}*")])


async def test_connected_players_are_known_across_gateways(redis: Redis) -> None:
    presence, run_id = Presence(redis), new_id()
    await report(presence, run_id, "a", 2)
    await report(presence, run_id, "b", 1)
    ann, bob, cy, dan = "ann", "bob", "cy", "dan"
    assert await seat(presence, run_id, "a", frozenset({ann, bob}), None)
    assert await seat(presence, run_id, "b", frozenset({cy}), None)
    assert await presence.connected(run_id, [ann, bob, cy, dan]) == {ann, bob, cy}
    assert await presence.connected(run_id, []) == set()
    # Ann moves to the other gateway, Bob goes.
    assert await seat(presence, run_id, "b", frozenset({cy, ann}), frozenset({cy}))
    assert await seat(presence, run_id, "a", frozenset(), frozenset({ann, bob}))
    assert await presence.connected(run_id, [ann, bob, cy, dan]) == {ann, cy}
    assert await presence.connected(new_id(), [ann]) == set()


async def test_thousands_of_players_are_reported_at_once(redis: Redis) -> None:
    presence, run_id = Presence(redis), new_id()
    await report(presence, run_id, "a", 2_500)
    players = frozenset(str(number) for number in range(2_500))
    assert await seat(presence, run_id, "a", players, None)
    assert await presence.connected(run_id, ["0", "2499", "2500"]) == {"0", "2499"}


async def test_players_are_reported_again_after_redis_lost_them(redis: Redis) -> None:
    presence, run_id, seats = Presence(redis), new_id(), frozenset({"ann", "bob"})
    await report(presence, run_id, "a", 2)
    await seat(presence, run_id, "a", seats, None)
    await redis.delete(presence_module._seats_key(run_id, "a"))
    assert not await seat(presence, run_id, "a", seats, seats)
    assert await presence.connected(run_id, ["ann", "bob"]) == set()
    assert await seat(presence, run_id, "a", seats, None)
    assert await presence.connected(run_id, ["ann", "bob"]) == {"ann", "bob"}


async def test_the_players_of_a_silent_gateway_are_gone(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence_module, "FRESH_S", 1)
    presence, run_id = Presence(redis), new_id()
    await report(presence, run_id, "a", 1)
    await seat(presence, run_id, "a", frozenset({"ann"}), None)
    assert await presence.connected(run_id, ["ann"]) == {"ann"}

    async def gone() -> bool:
        return await presence.connected(run_id, ["ann"]) == set()

    await until_async(gone)


async def test_reports_and_seats_ahead_of_time_hold_longer(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence_module, "FRESH_S", 1)
    presence, run_id = Presence(redis), new_id()
    await report(presence, run_id, "busy", 1)
    await presence.exchange("quiet", [PresenceReport(run_id, 0, 20, 0, 0, ahead_s=30)])
    await seat(presence, run_id, "busy", frozenset({"ann"}), None)
    await presence.seat("quiet", [Seating(run_id, frozenset({"bob"}), None, ahead_s=30)])
    await asyncio.sleep(2.1)  # time: what is not ahead is no longer fresh
    assert await totals(presence, run_id, 0) == (20, 0, 0)
    assert await presence.connected(run_id, ["ann", "bob"]) == {"bob"}
    (found,) = [one for one in await presence.by_gateway(run_id) or [] if one.connected]
    assert (found.gateway_id, found.seen_s_ago) == ("quiet", 0)
