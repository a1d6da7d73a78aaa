"""What changes in a room beside its run's versions: people who come back or move, typed answers."""

from __future__ import annotations

import structlog

from bus.messages import RoomChanged
from db.players import Players
from gateway.live.outbound.lobby import Lobbies
from gateway.live.outbound.moderation import Moderating
from gateway.live.outbound.resync import Resync
from gateway.live.protocol import messages as m
from gateway.live.room.loader import PlayerLoader
from gateway.live.room.room import Room

log = structlog.get_logger(__name__)


class RoomChanges:
    """Follows `RoomChanged`. Kinds that are newer than this code are passed over."""

    def __init__(
        self,
        players: Players,
        loader: PlayerLoader,
        lobbies: Lobbies,
        resync: Resync,
        moderating: Moderating,
    ) -> None:
        self._players = players
        self._loader = loader
        self._lobbies = lobbies
        self._resync = resync
        self._moderating = moderating

    async def follow(self, room: Room, event: RoomChanged) -> None:
        """Carry out what follows for the room's clients."""
        match event.change:
            case "player_back":
                await self._player_back(room, event)
            case "player_moved":
                await self._player_moved(room, event)
            case "answers":
                await self._moderating.refresh(room, event.question)
            case _:
                log.info("room.change_unknown", run_id=room.run_id)

    async def name_of(self, player_id: str) -> m.PlayerName | None:
        """The player as hosts see one, in the run or not."""
        player = await self._players.get(player_id)
        if player is None:
            return None
        return m.PlayerName(player_id=player.id, nickname=player.nickname)

    async def _player_back(self, room: Room, event: RoomChanged) -> None:
        await self._loader.recount(room)
        room.scoreboard.expire()  # it was made without the player
        if event.player_id is not None and event.nickname is not None:
            name = m.PlayerName(player_id=event.player_id, nickname=event.nickname)
            self._lobbies.returned(room, name)

    async def _player_moved(self, room: Room, event: RoomChanged) -> None:
        seat = room.seats.get(event.player_id or "")
        if seat is not None and seat.token_epoch < (event.token_epoch or 0):
            await self._resync.move(seat)
