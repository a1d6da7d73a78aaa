"""Results are read before the reveal of a large room, and stay secret until then."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from bus.messages import RoomChanged
from db.scoring import PlayerResult, Scoring
from gateway.live.room.room import Room
from quiz.errors import ErrorCode, QuizrunError
from tests.gateway.live.client import Client, until
from tests.gateway.live.conftest import Connect, Gateway
from tests.gateway.live.stage import Show
from workflows.contract import StepInput


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The questions whose results are read, each with the number of players."""
    made: list[tuple[int, int]] = []
    original = Scoring.player_results

    async def counted(
        self: Scoring, run_id: str, question: int, player_ids: Collection[str]
    ) -> dict[str, PlayerResult]:
        made.append((question, len(player_ids)))
        return await original(self, run_id, question, player_ids)

    monkeypatch.setattr(Scoring, "player_results", counted)
    return made


def scored(gateway: Gateway, show: Show) -> None:
    """What a worker says of a large room."""
    change = RoomChanged(run_id=show.run_id, change="scored", key="1", question=0)
    gateway.live.on_event(change)


def room_of(gateway: Gateway, show: Show) -> Room:
    room = gateway.live.rooms.get(show.run_id)
    assert room is not None
    return room


async def reveal_unheard(show: Show, player: Client) -> None:
    """The player answers correctly; the reveal of the question does not reach the gateway."""
    await show.open_question()
    await player.hears("question")
    assert (await player.answer(0, 0))["ok"]
    await show.close_question()
    show.publish = False
    await show.reveal()


async def test_what_is_read_ahead_is_shown_by_the_reveal_and_not_read_again(
    connect: Connect, gateway: Gateway, show: Show, reads: list[tuple[int, int]]
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    bob = await (await connect()).join(show.pin, "Bob")
    await reveal_unheard(show, ann)
    scored(gateway, show)
    await until(lambda: reads == [(0, 2)])
    assert room_of(gateway, show).scoreboard.result(ann.player_id) is None
    gateway.live.on_event(show.events[-1])
    _, own = await ann.hears("reveal")
    assert (own["correct"], own["score"], own["rank"]) == (True, own["points"], 1)
    _, nothing = await bob.hears("reveal")
    assert (nothing["correct"], nothing["points"], nothing["rank"]) == (False, 0, 2)
    assert reads == [(0, 2)]


async def test_who_came_after_the_reading_is_read_for_the_reveal(
    connect: Connect, gateway: Gateway, show: Show, reads: list[tuple[int, int]]
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    bob = await (await connect()).join(show.pin, "Bob")
    await show.open_question()
    await bob.hears("question")
    assert (await bob.answer(0, 0))["ok"]
    await bob.close()
    await until(lambda: len(room_of(gateway, show).seats.players) == 1)
    await show.close_question()
    assert show.closing is not None
    await show.activities.scoring.score_answers(StepInput(state=show.closing))
    scored(gateway, show)
    await until(lambda: reads == [(0, 1)])
    back = await connect(token=bob.token)
    await back.hears("snapshot")
    await show.reveal()
    for player, correct in ((ann, False), (back, True)):
        _, own = await player.hears("reveal")
        assert own["correct"] is correct
    assert reads == [(0, 1), (0, 1)]


async def test_a_reading_that_failed_is_done_again_for_the_reveal(
    connect: Connect, gateway: Gateway, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await (await connect()).join(show.pin, "Ann")
    await reveal_unheard(show, ann)
    failed: list[str] = []

    async def away(_: Scoring, run_id: str, *__: object) -> dict[str, PlayerResult]:
        failed.append(run_id)
        raise QuizrunError(ErrorCode.UNAVAILABLE, "The database is away.")

    with monkeypatch.context() as patch:
        patch.setattr(Scoring, "player_results", away)
        scored(gateway, show)
        await until(lambda: failed == [show.run_id])
    gateway.live.on_event(show.events[-1])
    _, own = await ann.hears("reveal")
    assert own["correct"] is True
