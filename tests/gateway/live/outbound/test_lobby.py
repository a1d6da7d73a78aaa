from __future__ import annotations

from typing import cast

from gateway.live.outbound.fanout import Fanout
from gateway.live.outbound.lobby import Lobbies
from gateway.live.protocol import messages as m
from gateway.live.room.room import Room
from gateway.live.room.seats import Seat
from quiz.snapshot import RunSnapshot
from tests.quiz.examples import OPEN
from tests.virtual_time import settled


class Heard:
    """What players were told."""

    def __init__(self) -> None:
        self.messages: list[m.Lobby] = []

    def pace_s(self) -> float:
        return 0.0

    def to_players(self, _run_id: str, message: m.Lobby) -> None:
        self.messages.append(message)


def open_room(players: int) -> Room:
    snapshot = RunSnapshot(state=OPEN, title="Rivers", pin="123456", host_id="h")
    room = Room(snapshot, players=players, now=0.0)
    room.seats.seat(Seat("ann", "Ann", "sid"))
    return room


async def test_a_number_that_was_told_too_high_after_a_kick_is_corrected() -> None:
    heard, room = Heard(), open_room(players=3)
    lobbies = Lobbies(cast("Fanout", heard))

    async def tell(players: int, removed: m.PlayerName | None = None) -> None:
        room.player_count.counted(players)
        if removed is None:
            lobbies.changed(room)
        else:
            lobbies.removed(room, removed)
        await settled()

    # Late news of a join had raised the number again.
    await tell(3, m.PlayerName(player_id="cleo", nickname="Cleo"))
    await tell(2)
    await tell(2)
    await tell(3)
    assert [message.players for message in heard.messages] == [3, 2]
    assert [message.left for message in heard.messages] == [["Cleo"], None]
