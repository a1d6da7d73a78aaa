"""Seats by network, and seats of players who have left the lobby."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from db.ids import new_id
from db.players import Joined, JoinRequest, Players
from db.runs import NewRun, Runs
from db.seating import Departures
from quiz.admission import MAX_WAITING_PER_NETWORK, SEAT_KEPT_MS
from quiz.errors import QuizrunError
from quiz.run import Phase
from tests.db.make import NOW, live_run, request, snapshot_of

SCHOOL, HOME = "hash of the school", "hash of a home"
LONG_AGO = NOW - SEAT_KEPT_MS - 1


def of(run: NewRun, nickname: str, network_hash: str | None = None) -> JoinRequest:
    return replace(request(run, nickname, nickname), network_hash=network_hash)


async def join(engine: AsyncEngine, *requests: JoinRequest) -> list[str]:
    """Return the ids of the players, or why they were refused."""
    outcomes = await Players(engine).join_batch(list(requests))
    return [o.player.id if isinstance(o, Joined) else str(o.code) for o in outcomes]


async def test_a_network_takes_no_more_than_its_seats(engine: AsyncEngine) -> None:
    run = await live_run(engine, seats_per_network=3)
    wanted = [of(run, f"player {number}", SCHOOL) for number in range(5)]
    ids = await join(engine, *wanted[:4])
    assert ids[3] == "network_full"
    assert await join(engine, wanted[4]) == ["network_full"]
    assert await join(engine, wanted[0]) == ids[:1]  # a repeated join
    other = await live_run(engine, seats_per_network=1)
    await join(engine, of(run, "at home", HOME), of(other, "elsewhere", SCHOOL))
    await join(engine, *(of(run, f"bot {number}") for number in range(4)))  # not limited
    assert (await Runs(engine).get(run.id)).players == 8


async def test_a_removed_player_still_counts_for_the_network(engine: AsyncEngine) -> None:
    run = await live_run(engine, seats_per_network=1)
    (first,) = await join(engine, of(run, "a", SCHOOL))
    await Players(engine).kick(run.id, first, NOW)
    assert await join(engine, of(run, "b", SCHOOL)) == ["network_full"]


async def test_a_network_cannot_fill_the_line_of_waiting_players(engine: AsyncEngine) -> None:
    run = await live_run(engine, approve_players=True)
    asking = [of(run, f"p{number}", SCHOOL) for number in range(MAX_WAITING_PER_NETWORK + 1)]
    refused = await join(engine, *asking)
    assert refused == ["waiting_for_host"] * MAX_WAITING_PER_NETWORK + ["network_full"]
    assert await join(engine, of(run, "late", SCHOOL)) == ["network_full"]
    assert await join(engine, of(run, "at home", HOME)) == ["waiting_for_host"]


@pytest.mark.parametrize("limits", [{"max_players": 3}, {"seats_per_network": 3}])
async def test_who_left_the_lobby_makes_room_when_somebody_needs_it(
    engine: AsyncEngine, limits: dict[str, int]
) -> None:
    run = await live_run(engine, **limits)
    stays, first, second = await join(engine, *(of(run, name, SCHOOL) for name in "abc"))
    departures, players = Departures(engine), Players(engine)
    await departures.left({second: LONG_AGO, first: LONG_AGO - 1})
    assert await players.count(run.id) == 3  # nobody needs them yet
    (outcome,) = await players.join_batch([of(run, "new", SCHOOL)])
    assert isinstance(outcome, Joined)
    assert [seat.player_id for seat in outcome.freed] == [first]
    assert outcome.players == await players.count(run.id) == 3
    assert await departures.back([stays, first, second]) == [True, False, True]
    assert (await join(engine, of(run, "newer", SCHOOL)))[0] in ("run_full", "network_full")
    assert (await Runs(engine).get(run.id)).players == 3


async def test_a_seat_is_kept_for_a_minute_and_during_the_game(engine: AsyncEngine) -> None:
    run = await live_run(engine, max_players=1)
    (ann,) = await join(engine, of(run, "Ann"))
    departures = Departures(engine)
    await departures.left({ann: NOW - SEAT_KEPT_MS + 1})
    assert await join(engine, of(run, "Bob")) == ["run_full"]
    await departures.left({ann: LONG_AGO})
    await Runs(engine).save_snapshot(snapshot_of(run, version=1, phase=Phase.QUESTION))
    assert await join(engine, of(run, "Bob")) == ["run_full"]
    assert await departures.back([ann]) == [True]
    await departures.left({ann: LONG_AGO})  # after the lobby nobody leaves for good
    assert await departures.gone([run.id]) == set()


async def test_who_joins_again_with_the_same_key_has_not_left(engine: AsyncEngine) -> None:
    run = await live_run(engine, max_players=1)
    ann = of(run, "Ann")
    (first,) = await join(engine, ann)
    await Departures(engine).left({first: NOW - SEAT_KEPT_MS + 1})
    assert await join(engine, replace(ann, player_id=new_id())) == [first]
    assert await Departures(engine).gone([run.id]) == set()


async def test_the_limit_of_a_network_can_be_changed_in_the_lobby(engine: AsyncEngine) -> None:
    run = await live_run(engine, seats_per_network=1)
    await join(engine, of(run, "a", SCHOOL))
    more = run.settings.model_copy(update={"seats_per_network": 2})
    await Runs(engine).save_snapshot(snapshot_of(run, version=1, settings=more))
    (outcome,) = await Players(engine).join_batch([of(run, "b", SCHOOL)])
    assert not isinstance(outcome, QuizrunError)
