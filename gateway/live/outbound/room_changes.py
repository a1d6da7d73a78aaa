"""Changes that concern single players or answers: removals, returns, new devices, moderation."""

from __future__ import annotations

import structlog

from bus.messages import RoomChanged
from db.players import Players
from gateway.live.outbound.lobby import Lobbies
from gateway.live.outbound.moderation import Moderation
from gateway.live.outbound.resync import Resync
from gateway.live.outbound.retries import retried
from gateway.live.protocol import messages as m
from gateway.live.room.loader import PlayerLoader
from gateway.live.room.room import Room

log = structlog.get_logger(__name__)


class RoomChanges:
    """Applies removals and `RoomChanged` messages. Kinds newer than this code are ignored."""

    def __init__(
        self,
        players: Players,
        loader: PlayerLoader,
        lobbies: Lobbies,
        resync: Resync,
        moderation: Moderation,
    ) -> None:
        self._players = players
        self._loader = loader
        self._lobbies = lobbies
        self._resync = resync
        self._moderation = moderation

    async def follow(self, room: Room, event: RoomChanged) -> None:
        """Apply a change and tell the room's clients."""
        match event.change:
            case "player_back":
                await self._player_back(room, event)
            case "player_moved":
                await self._player_moved(room, event)
            case "player_left":
                await self._player_left(room, event)
            case "answers":
                await self._moderation.refresh(room, event.question)
            case _:
                log.info("room.change_unknown", run_id=room.run_id)

    async def kick(self, room: Room, player_id: str) -> None:
        """Disconnect a removed player, and take the name off walls and phones."""
        seat = room.seats.get(player_id)
        if seat is not None:
            await self._resync.kick(seat)
        room.player_count.removed()
        await retried(lambda: self._loader.recount(room))
        name = await retried(lambda: self._name_of(player_id))
        if name is None:
            self._lobbies.changed(room)
        else:
            self._lobbies.removed(room, name)

    async def count_again(self, room: Room) -> None:
        """Count the players of a run that has lost some, and send the number."""
        await retried(lambda: self._loader.recount(room))
        self._lobbies.changed(room)

    async def _name_of(self, player_id: str) -> m.PlayerName | None:
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

    async def _player_left(self, room: Room, event: RoomChanged) -> None:
        room.player_count.removed()
        if room.jobs.empty:  # of several who left, after the last
            await retried(lambda: self._loader.recount(room))
        if event.player_id is not None and event.nickname is not None:
            name = m.PlayerName(player_id=event.player_id, nickname=event.nickname)
            self._lobbies.removed(room, name)

    async def _player_moved(self, room: Room, event: RoomChanged) -> None:
        seat = room.seats.get(event.player_id or "")
        if seat is not None and seat.token_epoch < (event.token_epoch or 0):
            await self._resync.move(seat)
