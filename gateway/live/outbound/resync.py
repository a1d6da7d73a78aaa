"""Resynchronisation after missed events: load the state, and send everyone a snapshot."""

from __future__ import annotations

import asyncio

import structlog

from db.players import Players
from db.run_state import RunStates
from gateway.live.metrics import LiveMetrics
from gateway.live.outbound.counting import AnswerCounts
from gateway.live.outbound.fanout import Fanout
from gateway.live.outbound.lobby import Lobbies
from gateway.live.outbound.snapshots import host_snapshot, player_snapshot
from gateway.live.protocol import messages as m
from gateway.live.room.loader import PlayerLoader
from gateway.live.room.room import Room
from gateway.live.room.seats import Seat
from quiz.run import Phase
from telemetry.clock import now_ms

HOST_LIST = 200
REFRESHES = 3
AT_ONCE = 8
"""Rooms resynchronised at the same time."""

log = structlog.get_logger(__name__)


class Resync:
    """Brings rooms and their clients up to date with the stores."""

    def __init__(
        self,
        run_states: RunStates,
        players: Players,
        loader: PlayerLoader,
        fanout: Fanout,
        lobbies: Lobbies,
        counts: AnswerCounts,
        metrics: LiveMetrics,
    ) -> None:
        self._run_states = run_states
        self._players = players
        self._loader = loader
        self._fanout = fanout
        self._lobbies = lobbies
        self._counts = counts
        self._metrics = metrics
        self._turns = asyncio.Semaphore(AT_ONCE)

    def request(self, room: Room, reason: str) -> None:
        """Send snapshots to the room's clients, in their turn."""
        room.mark_stale()
        room.jobs.add(lambda: self._resync(room, reason))

    def check(self, room: Room) -> None:
        """Resync the room only if it missed something."""
        room.jobs.add(lambda: self._check(room))

    async def kick(self, seat: Seat) -> None:
        """Disconnect a player who was removed."""
        message = m.Kicked(reason="The host has removed you from this quiz.")
        await self._send_away(seat, message)

    async def move(self, seat: Seat) -> None:
        """Disconnect a device whose player continues on another one."""
        await self._send_away(seat, m.Closed(reason="moved"))

    async def _send_away(self, seat: Seat, message: m.Sent) -> None:
        self._fanout.to_player(seat.sid, message)
        await self._fanout.disconnect(m.PLAY, seat.sid)

    async def send_to_hosts(self, room: Room) -> None:
        """Send the room's hosts a snapshot."""
        if room.seats.hosts:
            self._fanout.to_hosts(room.run_id, await self.host_snapshot(room))

    async def host_snapshot(self, room: Room) -> m.HostSnapshot:
        """Return a host's snapshot, with the first page of players and the progress."""
        page = await self._players.page(room.run_id, HOST_LIST, 0)
        names = [m.PlayerName(player_id=player.id, nickname=player.nickname) for player in page]
        progress = await self._counts.progress(room)
        return host_snapshot(room, names, progress, now_ms())

    async def _check(self, room: Room) -> None:
        async with self._turns:
            snapshot = await self._run_states.load(room.run_id)
            if snapshot is not None and snapshot.state.version > room.version:
                self.request(room, "reset")
                return
            await self._loader.recount(room)
        if room.state.phase is Phase.LOBBY or room.seats.hosts:
            self._lobbies.changed(room)

    async def _resync(self, room: Room, reason: str) -> None:
        if not room.stale:
            return  # an earlier request has done it
        async with self._turns:
            room.load(await self._run_states.load(room.run_id))
            refreshed = await self._refresh(room)
        room.snapshot_sent()
        self._metrics.resyncs.labels(reason).inc()
        log.info("room.resynced", run_id=room.run_id, reason=reason, version=room.version)
        await self._fanout.to_each_player(
            (seat.sid, player_snapshot(room, seat, now_ms()))
            for seat in list(room.seats.players.values())
            if seat in refreshed
        )
        await self.send_to_hosts(room)
        room.notify()

    async def _refresh(self, room: Room) -> set[Seat]:
        """Load what concerns the players here; those for whom that is complete.

        Whoever sits down meanwhile is told by their own welcome. The room stays stale, for the
        watchdog, if it kept moving.
        """
        seats: set[Seat] = set()
        for _ in range(REFRESHES):
            version, seats = room.version, set(room.seats.players.values())
            out, moved = await self._loader.refresh(room)
            for seat in out:
                await self.kick(seat)
            for seat in moved:
                await self.move(seat)
            if room.refreshed(version):
                break
        return seats
