"""Players who leave a lobby: their seats may be taken when somebody else needs them."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterable

import structlog

from bus.messages import RoomChanged
from bus.producer import Producer
from db.batching import BatchWriter
from db.presence import Presence
from db.seating import Departures, FreedSeat
from gateway.live.room.room import Room
from gateway.live.room.seats import Seat
from quiz.errors import QuizrunError
from quiz.run import Phase
from telemetry.clock import now_ms

NOTED_AFTER_S = 5.0
"""Who is back within this time, on whatever gateway, has not left."""

log = structlog.get_logger(__name__)


class LobbyDepartures:
    """Notes in PostgreSQL who has left a lobby and when. Only joins free seats, as they need them
    (`db.joining`): until then whoever comes back finds everything as it was.
    """

    def __init__(
        self,
        departures: Departures,
        returned: BatchWriter[str, bool],
        presence: Presence,
        producer: Producer,
    ) -> None:
        """`returned` writes `Departures.back` in batches."""
        self._departures = departures
        self._returned = returned
        self._presence = presence
        self._producer = producer
        self._left: dict[str, dict[str, float]] = {}

    def left(self, room: Room, seat: Seat) -> None:
        """Note that a player has lost their connection, unless a newer one has taken the seat."""
        if room.state.phase is Phase.LOBBY and room.seats.get(seat.player_id) is seat:
            self._left.setdefault(room.run_id, {})[seat.player_id] = time.monotonic()

    async def back(self, player_id: str) -> bool:
        """Note that a player has come back; False if their seat was given away."""
        return await asyncio.shield(self._returned.submit(player_id))

    async def sweep(self, rooms: Iterable[Room]) -> None:
        """Store who has left, and correct what is stored of those who are here."""
        lobbies = {room.run_id: room for room in rooms if room.state.phase is Phase.LOBBY}
        self._left = {run_id: left for run_id, left in self._left.items() if run_id in lobbies}
        try:
            for room in lobbies.values():
                await self._note(room)
            if lobbies:
                gone = await self._departures.gone(list(lobbies))
                here = [
                    id_ for room in lobbies.values() for id_ in gone & room.seats.players.keys()
                ]
                if here:
                    await self._departures.back(here)
        except QuizrunError as error:  # the next sweep tries again
            log.warning("lobby.departures_not_noted", error=error)

    async def announce(self, run_id: str, freed: Iterable[FreedSeat]) -> None:
        """Tell all gateways whose seats were freed. Their snapshots say so in any case."""
        for seat in freed:
            event = RoomChanged(
                run_id=run_id,
                change="player_left",
                key=str(uuid.uuid4()),
                player_id=seat.player_id,
                nickname=seat.nickname,
            )
            try:
                await self._producer.room_changed(event)
            except QuizrunError as error:
                log.warning("room.change_not_told", run_id=run_id, error=error)

    async def _note(self, room: Room) -> None:
        left, now = self._left.get(room.run_id, {}), time.monotonic()
        due = [id_ for id_, at in left.items() if now - at >= NOTED_AFTER_S]
        absent = [id_ for id_ in due if room.seats.get(id_) is None]
        connected = await self._presence.connected(room.run_id, absent)
        if connected is None:  # unknown without Redis
            return
        epoch_ms = now_ms()
        times = {
            id_: epoch_ms - int(1000 * (now - left[id_])) for id_ in absent if id_ not in connected
        }
        if times:
            await self._departures.left(times)
        for id_ in due:
            left.pop(id_, None)
