"""Joining a run by PIN, and coming back to it by token."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

from bus.messages import JoinedPlayer
from db.batching import BatchWriter
from db.players import Joined, JoinRequest, Player, Returning
from gateway.join_checks import JoinChecks
from gateway.live.inbound.departures import LobbyDepartures
from gateway.live.inbound.nicknames import names_for
from gateway.live.inbound.turnstile import Turnstile
from gateway.live.protocol.messages import Join
from gateway.live.room.registry import Rooms
from gateway.live.room.room import Room
from gateway.live.room.seats import Seat
from gateway.security import PlayerToken
from quiz.admission import check_return, kicked
from quiz.errors import ErrorCode, QuizrunError
from quiz.lookalikes import looks
from quiz.nickname import nickname_key
from quiz.safety import device_hash
from quiz.skeleton import skeleton
from telemetry.clock import now_ms

VerifyPlayer = Callable[[Any], PlayerToken]
Announce = Callable[[str, JoinedPlayer, int], None]
"""Called with the run, a new player, and the number of players after the join."""


class PlayerBatches(NamedTuple):
    """Joins to write, and returning players to read."""

    joins: BatchWriter[JoinRequest, Joined]
    returning: BatchWriter[str, Returning | None]


class Joining:
    """Finds the run, admits the player, opens the room.

    Thousands join at the same moment, or come back after a gateway died: players are written and
    read in batches.
    """

    def __init__(
        self,
        checks: JoinChecks,
        batches: PlayerBatches,
        rooms: Rooms,
        announce: Announce,
        turnstile: Turnstile,
        verify_player_token: VerifyPlayer,
        *,
        departures: LobbyDepartures,
    ) -> None:
        self._checks = checks
        self._batches = batches
        self._rooms = rooms
        self._announce = announce
        self._turnstile = turnstile
        self._verify_player_token = verify_player_token
        self._departures = departures

    async def join(self, request: Join, sid: str, network: str) -> tuple[Room, Seat]:
        """Return a new player's seat, or that of the player that the same `key` and nickname made
        before. Raises what the run refuses with.
        """
        run_id = (await self._checks.pins.find(request.pin.strip(), network)).id
        await self._turnstile.enter()
        room = await self._rooms.open(run_id)
        player_id = str(uuid.uuid4())
        # Without a key of its own a client is known by its connection.
        key = request.key or sid
        network_hash = self._checks.networks.of(run_id, network)
        async with self._proved(room, request, key):
            joined = await self._enter(room, request, player_id, key, network_hash)
        if joined.freed:
            await self._departures.announce(run_id, joined.freed)
        player = joined.player
        if player.kicked:
            raise kicked()
        room.player_count.joined(joined.players)
        if player.id == player_id:
            new = JoinedPlayer(player_id=player_id, nickname=player.nickname)
            self._announce(run_id, new, joined.players)
        return room, _seat(player, sid)

    def _proved(
        self, room: Room, request: Join, key: str
    ) -> contextlib.AbstractAsyncContextManager[None]:
        if room.state.settings.rehearsal:  # only its host's bots are there
            return contextlib.nullcontext()
        return self._checks.proof.checked(room.run_id, key, request.nickname, request.proof)

    def leave(self, room: Room, seat: Seat) -> None:
        """Free the place of a player who has lost their connection."""
        self._departures.left(room, seat)
        room.seats.leave(seat, time.monotonic())
        if not room.under_way:  # there, reports are rare unless something changes
            room.notify()

    async def _enter(
        self, room: Room, request: Join, player_id: str, key: str, network_hash: str | None
    ) -> Joined:
        """Add the player under the first free name."""
        refusal: QuizrunError | None = None
        for nickname in names_for(room, request.nickname, key):
            wanted = JoinRequest(
                run_id=room.run_id,
                player_id=player_id,
                nickname=nickname,
                nickname_key=nickname_key(nickname),
                join_key=key,
                joined_at=now_ms(),
                skeleton=skeleton(nickname),
                looks=looks(nickname),
                device_hash=device_hash(room.run_id, request.device),
                network_hash=network_hash,
            )
            try:
                return await asyncio.shield(self._batches.joins.submit(wanted))
            except QuizrunError as error:
                if error.code is not ErrorCode.NICKNAME_TAKEN:
                    raise
                refusal = error
        assert refusal is not None
        raise refusal

    async def resume(self, token: Any, sid: str) -> tuple[Room, Seat]:
        """Return the seat of a token's player. Raises `unauthorized`, `kicked`, `unavailable`."""
        run_id, player_id, epoch = self._verify_player_token(token)
        await self._turnstile.enter()
        found = await asyncio.shield(self._batches.returning.submit(player_id))
        if found is None or found.player.run_id != run_id:
            raise QuizrunError(ErrorCode.UNAUTHORIZED, "The run does not know this player.")
        check_return(
            is_kicked=found.player.kicked, token_epoch=found.player.token_epoch, held_epoch=epoch
        )
        if found.left and not await self._departures.back(player_id):
            raise QuizrunError(ErrorCode.UNAUTHORIZED, "You left, and somebody else has your seat.")
        # Another gateway may have shown the player what is stored.
        room = await self._rooms.open(run_id, at_least=found.version)
        return room, _seat(found.player, sid)


def _seat(player: Player, sid: str) -> Seat:
    return Seat(
        player.id,
        player.nickname,
        sid,
        score=player.score,
        streak=player.streak,
        token_epoch=player.token_epoch,
    )
