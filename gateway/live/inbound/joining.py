"""Joining a run by PIN, and coming back to it by token."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

from bus.messages import JoinedPlayer
from db.batching import BatchWriter
from db.players import Joined, JoinRequest, Player, Returning
from gateway.live.inbound.nicknames import names_for
from gateway.live.inbound.turnstile import Turnstile
from gateway.live.outbound.announcing import JoinAnnouncer
from gateway.live.protocol.messages import Join
from gateway.live.room.registry import Rooms
from gateway.live.room.room import Room
from gateway.live.room.seats import Seat
from gateway.live.workflow import PlayerTotals
from gateway.pins import PinDirectory
from gateway.security import PlayerToken
from quiz.admission import check_return, kicked
from quiz.errors import ErrorCode, QuizrunError
from quiz.nickname import nickname_key
from quiz.safety import device_hash
from quiz.skeleton import skeleton
from telemetry.clock import now_ms

VerifyPlayer = Callable[[Any], PlayerToken]


class Joining:
    """Finds the run, admits the player, opens the room.

    Thousands join at the same moment, or come back after a gateway died: players are written and
    read in batches.
    """

    def __init__(
        self,
        pins: PinDirectory,
        returning: BatchWriter[str, Returning | None],
        rooms: Rooms,
        writer: BatchWriter[JoinRequest, Joined],
        announcer: JoinAnnouncer,
        totals: PlayerTotals,
        turnstile: Turnstile,
        verify_player_token: VerifyPlayer,
    ) -> None:
        self._pins = pins
        self._returning = returning
        self._rooms = rooms
        self._writer = writer
        self._announcer = announcer
        self._totals = totals
        self._turnstile = turnstile
        self._verify_player_token = verify_player_token

    async def join(self, request: Join, sid: str, network: str) -> tuple[Room, Seat]:
        """Return a new player's seat, or that of the player that the same `key` and nickname made
        before. Raises what the run refuses with.
        """
        run_id = (await self._pins.find(request.pin.strip(), network)).id
        await self._turnstile.enter()
        room = await self._rooms.open(run_id)
        player_id = str(uuid.uuid4())
        # Without a key of its own a client is known by its connection.
        key = request.key or sid
        joined = await self._enter(room, request, player_id, key)
        player = joined.player
        if player.kicked:
            raise kicked()
        room.player_count.joined(joined.players)
        if player.id == player_id:
            self._totals.joined(run_id, joined.players)
            self._announcer.joined(
                run_id, JoinedPlayer(player_id=player_id, nickname=player.nickname), joined.players
            )
        return room, _seat(player, sid)

    async def _enter(self, room: Room, request: Join, player_id: str, key: str) -> Joined:
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
                device_hash=device_hash(room.run_id, request.device),
            )
            try:
                return await asyncio.shield(self._writer.submit(wanted))
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
        found = await asyncio.shield(self._returning.submit(player_id))
        if found is None or found.player.run_id != run_id:
            raise QuizrunError(ErrorCode.UNAUTHORIZED, "The run does not know this player.")
        check_return(
            is_kicked=found.player.kicked, token_epoch=found.player.token_epoch, held_epoch=epoch
        )
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
