from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from db.ids import new_id
from db.players import Joined, JoinRequest, Players
from db.runs import Runs
from quiz.errors import ErrorCode, QuizrunError
from quiz.run import Phase
from tests.db.make import NOW, finished, joined, live_run, request, snapshot_of


def codes(outcomes: list[Joined | QuizrunError]) -> list[ErrorCode | None]:
    return [each.code if isinstance(each, QuizrunError) else None for each in outcomes]


async def join(engine: AsyncEngine, *requests: JoinRequest) -> list[Joined | QuizrunError]:
    return await Players(engine).join_batch(list(requests))


async def test_players_are_numbered_in_the_order_they_joined(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    first = await joined(engine, run, 3)
    (outcome,) = await join(engine, request(run, "Zoë"))
    assert isinstance(outcome, Joined)
    assert [player.number for player in first] == [1, 2, 3]
    assert (outcome.player.number, outcome.players) == (4, 4)
    assert (await Runs(engine).get(run.id)).players == 4
    assert await Players(engine).count(run.id) == 4
    listed = await Players(engine).page(run.id, 2, 2)
    assert [player.nickname for player in listed] == ["player 3", "Zoë"]
    assert await Players(engine).get(outcome.player.id) == outcome.player


async def test_a_batch_joins_players_to_several_runs(engine: AsyncEngine) -> None:
    one, two = await live_run(engine), await live_run(engine)
    outcomes = await join(engine, request(one, "a"), request(two, "a"), request(one, "b"))
    assert [(o.player.number, o.players) for o in outcomes if isinstance(o, Joined)] == [
        (1, 2),
        (1, 1),
        (2, 2),
    ]


async def test_of_equal_nicknames_in_one_batch_the_first_gets_it(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    outcomes = await join(engine, request(run, "Ann"), request(run, "ANN"), request(run, "Bob"))
    assert codes(outcomes) == [None, ErrorCode.NICKNAME_TAKEN, None]


async def test_of_equal_nicknames_in_concurrent_batches_one_gets_it(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    batches = await asyncio.gather(
        *(join(engine, *(request(run, f"n{n}") for n in range(20))) for _ in range(4))
    )
    winners = [each for batch in batches for each in batch if isinstance(each, Joined)]
    assert len(winners) == 20
    assert sorted(winner.player.number for winner in winners) == list(range(1, 21))


async def test_the_last_seat_is_given_once(engine: AsyncEngine) -> None:
    run = await live_run(engine, max_players=25)
    batches = await asyncio.gather(
        *(join(engine, *(request(run, f"b{b} n{n}") for n in range(10))) for b in range(5))
    )
    outcomes = [each for batch in batches for each in batch]
    assert codes(outcomes).count(None) == 25
    assert codes(outcomes).count(ErrorCode.RUN_FULL) == 25
    assert (await Runs(engine).get(run.id)).players == 25


async def test_a_repeated_join_with_its_key_returns_the_same_player(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    first, again, thief, nobody = await join(
        engine,
        request(run, "Ann", "secret"),
        request(run, "Ann", "secret"),
        request(run, "Ann", "guess"),
        request(run, "Ann"),
    )
    assert isinstance(first, Joined)
    assert isinstance(again, Joined)
    assert again.player == first.player
    assert codes([thief, nobody]) == [ErrorCode.NICKNAME_TAKEN] * 2
    await Runs(engine).save_snapshot(snapshot_of(run, version=1, locked=True))
    (later,) = await join(engine, request(run, "Ann", "secret"))
    assert later == first


async def test_writing_a_batch_twice_joins_nobody_twice(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    batch = [request(run, "Ann"), request(run, "Bob")]
    first = await join(engine, *batch)
    assert await join(engine, *batch) == first
    await Players(engine).kick(run.id, batch[0].player_id, NOW)
    assert codes(await join(engine, *batch)) == [ErrorCode.KICKED, None]


@pytest.mark.parametrize(
    ("settings", "state", "code"),
    [
        ({}, {"locked": True}, ErrorCode.RUN_LOCKED),
        ({"late_join": False}, {"phase": Phase.QUESTION}, ErrorCode.RUN_LOCKED),
        ({"late_join": True}, {"phase": Phase.QUESTION}, None),
        ({"late_join": False}, {"phase": Phase.LOBBY}, None),
    ],
)
async def test_who_may_join_follows_the_state_of_the_run(
    engine: AsyncEngine, settings: dict[str, bool], state: dict[str, object], code: ErrorCode | None
) -> None:
    run = await live_run(engine, **settings)
    await Runs(engine).save_snapshot(snapshot_of(run, version=1, **state))
    assert codes(await join(engine, request(run, "Ann"))) == [code]


async def test_nobody_joins_a_run_that_is_over_or_unknown(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    await Runs(engine).abandon(run.id)
    unknown = JoinRequest(new_id(), new_id(), "Ann", "ann", None, NOW)
    outcomes = await join(engine, request(run, "Ann"), unknown)
    assert codes(outcomes) == [ErrorCode.RUN_FINISHED, ErrorCode.PIN_UNKNOWN]
    over = await live_run(engine)
    await Runs(engine).save_snapshot(finished(over))
    assert codes(await join(engine, request(over, "Ann"))) == [ErrorCode.RUN_FINISHED]


async def test_a_kick_frees_seat_and_nickname_once(engine: AsyncEngine) -> None:
    run = await live_run(engine, max_players=2)
    ann, bob = await joined(engine, run, 2)
    players = Players(engine)
    kicks = await asyncio.gather(*(players.kick(run.id, ann.id, NOW) for _ in range(4)))
    assert sorted(kicks) == [False, False, False, True]
    assert (await Runs(engine).get(run.id)).players == 1
    kicked = await players.get(ann.id)
    assert kicked is not None
    assert kicked.kicked
    assert [player.id for player in await players.page(run.id, 10, 0)] == [bob.id]
    (newcomer,) = await join(engine, request(run, ann.nickname))
    assert isinstance(newcomer, Joined)
    assert (newcomer.player.number, newcomer.players) == (3, 2)


async def test_only_players_of_the_run_can_be_kicked(engine: AsyncEngine) -> None:
    run, other = await live_run(engine), await live_run(engine)
    (player,) = await joined(engine, other, 1)
    for player_id in (player.id, new_id(), "no id at all"):
        with pytest.raises(QuizrunError) as refused:
            await Players(engine).kick(run.id, player_id, NOW)
        assert refused.value.code is ErrorCode.NOT_FOUND


async def test_concurrent_kicks_and_joins_keep_the_count(engine: AsyncEngine) -> None:
    run = await live_run(engine)
    players = await joined(engine, run, 20)
    await asyncio.gather(
        *(Players(engine).kick(run.id, player.id, NOW) for player in players[:15]),
        *(join(engine, *(request(run, f"b{b} n{n}") for n in range(5))) for b in range(4)),
    )
    assert (await Runs(engine).get(run.id)).players == 25
    assert await Players(engine).count(run.id) == 25


async def test_unknown_ids_are_not_found(engine: AsyncEngine) -> None:
    assert await Players(engine).get("nonsense") is None
    assert await Players(engine).many([]) == {}
    assert await Players(engine).many([new_id()]) == {}
