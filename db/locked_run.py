"""A run while a batch of joins to it is decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from db import seating
from db.join_request import JoinRequest
from db.seating import FreedSeat
from db.waiting import Queue
from quiz.admission import (
    SEAT_KEPT_MS,
    Admission,
    Applicant,
    Entrance,
    Holder,
    admit,
    waiting_for_host,
)
from quiz.run import Phase


@dataclass(frozen=True, slots=True)
class Player:
    """A stored player, numbered in the order of joining.

    Tokens of an epoch before `token_epoch` belong to a device that the player has moved from.
    """

    id: str
    run_id: str
    number: int
    nickname: str
    score: int
    streak: int
    rank: int | None
    kicked: bool
    token_epoch: int = 0


@dataclass(frozen=True, slots=True)
class Joined:
    """A player who has joined, and the resulting number of players in the run.

    `freed` are players whose seats were freed for the batch; one join of the run names them.
    """

    player: Player
    players: int
    freed: tuple[FreedSeat, ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    """An existing player that a request may refer to."""

    player: Player
    holder: Holder


class LockedRun:
    """A locked run while a batch of joins is decided."""

    def __init__(self, row: Row[Any]) -> None:
        phase = Phase(row.phase)
        self.id: str = row.id
        self.entrance = Entrance(
            phase=phase,
            over=row.over or phase.over,
            locked=row.locked,
            late_join=row.late_join,
            players=row.players,
            max_players=row.max_players,
            approve=row.approve,
            seats_per_network=row.seats_per_network,
        )
        self.joined: int = row.joined
        self.by_nickname: dict[str, _Known] = {}
        self.by_looks: dict[str, _Known] = {}
        self.by_id: dict[str, _Known] = {}
        self.new: list[tuple[JoinRequest, int]] = []
        self.removed_names: set[str] = set()
        self.removed_devices: set[str] = set()
        self.queue = Queue(row.id, self.entrance)
        self.neighbours: Counter[str] = Counter()
        self.freed: list[FreedSeat] = []
        self.left: set[str] = set()
        self.back: list[str] = []
        """Players who had left, and have joined again."""

    def add_known(
        self, nickname_key: str, looks: str | None, player: Player, join_key: str | None
    ) -> None:
        """Add a player that a request may refer to."""
        known = _Known(player, Holder(join_key, player.kicked))
        self.by_id[player.id] = known
        if not player.kicked:
            self.by_nickname[nickname_key] = known
            if looks is not None:
                self.by_looks[looks] = known

    def admit(self, request: JoinRequest) -> Player:
        """Return the player of `request`. Raises the refusal."""
        own = self.by_id.get(request.player_id)
        namesake = self.by_nickname.get(request.nickname_key)
        if namesake is None and request.looks is not None:
            namesake = self.by_looks.get(request.looks)
        who = Applicant(
            key=request.join_key,
            asked_at=request.joined_at,
            own=None if own is None else own.holder,
            namesake=None if namesake is None else namesake.holder,
            waiting=self.queue.find(request.nickname_key),
            removed=request.skeleton in self.removed_names
            or request.device_hash in self.removed_devices,
            neighbours=self.neighbours[request.network_hash or ""],
            neighbours_waiting=self.queue.neighbours[request.network_hash or ""],
        )
        admission = admit(self.entrance, who)
        known = own or namesake
        if admission is Admission.SAME_PLAYER and known is not None:
            if known.player.id in self.left:
                self.back.append(known.player.id)
            return known.player
        if admission is Admission.WAITING:
            self.queue.wait(request, again=who.is_waiting)
            raise waiting_for_host()
        return self._add(request)

    def told(self, player: Player) -> Joined:
        """Return the outcome of a join. All of a batch get the total after it: it is committed."""
        freed, self.freed = tuple(self.freed), []
        return Joined(player, self.entrance.players, freed)

    async def make_room(self, connection: AsyncConnection, requests: Sequence[JoinRequest]) -> None:
        """Free the seats of players who have left the lobby, as far as `requests` need them."""
        if self.entrance.phase is not Phase.LOBBY or self.entrance.closed:
            return
        before = max(request.joined_at for request in requests) - SEAT_KEPT_MS
        wanted = Counter(request.network_hash for request in requests)
        for network_hash, count in wanted.items():
            if network_hash is not None:
                most = self.entrance.seats_per_network
                await self._free(
                    connection, self.neighbours[network_hash] + count - most, before, network_hash
                )
        short = self.entrance.players + len(requests) - self.entrance.max_players
        await self._free(connection, short, before)

    async def _free(
        self,
        connection: AsyncConnection,
        needed: int,
        before: int,
        network_hash: str | None = None,
    ) -> None:
        if needed <= 0:
            return
        freed = await seating.free(connection, self.id, needed, before, network_hash)
        self.entrance.players -= len(freed)
        for seat in freed:
            if seat.network_hash is not None:
                self.neighbours[seat.network_hash] -= 1
        self.freed += freed

    def _add(self, request: JoinRequest) -> Player:
        self.queue.leave(request)
        self.entrance.players += 1
        if request.network_hash is not None:
            self.neighbours[request.network_hash] += 1
        self.joined += 1
        player = Player(
            request.player_id, self.id, self.joined, request.nickname, 0, 0, None, kicked=False
        )
        self.add_known(request.nickname_key, request.looks, player, request.join_key)
        self.new.append((request, player.number))
        return player
