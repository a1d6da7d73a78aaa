"""The namespace of players."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gateway.live.inbound.answering import Attempt
from gateway.live.inbound.client import Client
from gateway.live.inbound.joining import Joining
from gateway.live.inbound.namespace import LiveNamespace
from gateway.live.inbound.replies import Reply
from gateway.live.metrics import LiveMetrics
from gateway.live.outbound.extra_time import ExtraTimeSync
from gateway.live.outbound.fanout import Fanout
from gateway.live.outbound.moderation import Moderation
from gateway.live.outbound.snapshots import player_snapshot
from gateway.live.protocol import messages as m
from gateway.live.room.loader import PlayerLoader
from gateway.live.room.room import Room
from gateway.live.room.seats import Seat
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms

CHOOSE_EVERY_S = 1.0
"""The least time between two choices of extra time: each takes the run's row."""


@dataclass(slots=True, eq=False)
class PlayerClient(Client):
    """A player's socket. `joining` is the join in progress or done, `asked` what was asked for."""

    room: Room | None = None
    seat: Seat | None = None
    asked: m.Join | None = None
    joining: asyncio.Task[None] | None = None
    chose_at: float = float("-inf")
    """When the player last chose extra time (monotonic)."""

    def log_fields(self) -> dict[str, str]:
        """The run, and the player in it."""
        if self.room is None or self.seat is None:
            return {}
        return {"run_id": self.room.run_id, "player_id": self.seat.player_id}


class PlayerNamespace(LiveNamespace[PlayerClient]):
    """Join, answer, compare clocks."""

    def __init__(
        self,
        joining: Joining,
        answer: Callable[[Attempt], None],
        loader: PlayerLoader,
        fanout: Fanout,
        extra_times: ExtraTimeSync,
        sign_player_token: Callable[[str, str, int], str],
        moderation: Moderation,
        metrics: LiveMetrics,
    ) -> None:
        super().__init__(m.PLAY, metrics)
        self._joining = joining
        self._answer = answer
        self._loader = loader
        self._fanout = fanout
        self._extra_times = extra_times
        self._sign_player_token = sign_player_token
        self._moderation = moderation
        self.handle(m.Join, self._on_join)
        self.handle(m.ChooseExtraTime, self._on_extra_time)
        self.handle_plain(m.GiveAnswer, self._on_answer)

    async def connected(self, sid: str, auth: dict[str, Any]) -> PlayerClient:
        """Accept anyone; a client with a token is a player from the start."""
        player = PlayerClient(sid)
        if auth.get("token") is not None:
            player.room, player.seat = await self._joining.resume(auth["token"], sid)
        return player

    async def welcome(self, client: PlayerClient) -> None:
        """Send a returning player all that they need to continue."""
        if client.room is None or client.seat is None:
            return
        await self._take_seat(client.room, client.seat)
        snapshot = player_snapshot(client.room, client.seat, now_ms())
        self._fanout.to_player(client.sid, snapshot)

    def disconnected(self, client: PlayerClient) -> None:
        """Free the player's place."""
        if client.room is not None and client.seat is not None:
            self._joining.leave(client.room, client.seat)

    async def _on_join(self, player: PlayerClient, request: m.Join) -> m.JoinAck:
        if player.seat is not None and player.asked is None:
            raise QuizrunError(ErrorCode.PAYLOAD_INVALID, "You are in a quiz already.")
        if player.joining is None:
            player.asked = request
            player.joining = asyncio.create_task(self._enter(player, request))
        elif player.asked != request:
            raise QuizrunError(
                ErrorCode.PAYLOAD_INVALID, "This connection has joined already, or is about to."
            )
        # The same join again, sent because the acknowledgement was late, gets the same one.
        try:
            await asyncio.shield(player.joining)
        except QuizrunError as error:
            if error.code is ErrorCode.WAITING_FOR_HOST:  # it asks again until it is admitted
                self.settle(player.sid)
            raise
        assert player.room is not None
        assert player.seat is not None
        return m.JoinAck(
            player_id=player.seat.player_id,
            token=self._sign_player_token(
                player.room.run_id, player.seat.player_id, player.seat.token_epoch
            ),
            snapshot=player_snapshot(player.room, player.seat, now_ms()),
        )

    async def _enter(self, player: PlayerClient, request: m.Join) -> None:
        try:
            room, seat = await self._joining.join(request, player.sid, player.network)
            await self._take_seat(room, seat)
            player.room, player.seat = room, seat
        except BaseException:
            player.asked = player.joining = None
            raise
        if player.sid not in self._clients:  # gone while joining
            self._joining.leave(room, seat)

    async def _take_seat(self, room: Room, seat: Seat) -> None:
        """Take the player's seat: the newest connection has it."""
        if seat.sid not in self._clients:
            return
        self.settle(seat.sid)
        before = room.seats.seat(seat)
        room.notify()
        if before is not None and before.sid != seat.sid:
            self._fanout.to_player(before.sid, m.Closed(reason="replaced"))
            await self._fanout.disconnect(m.PLAY, before.sid)
        await self._loader.prepare(room, seat)
        await self._moderation.prepare(room)
        # Not before: a room that catches up may still send what is older than the snapshot.
        self._fanout.admit(m.PLAY, seat.sid, room.run_id)

    async def _on_extra_time(
        self, player: PlayerClient, request: m.ChooseExtraTime
    ) -> m.ExtraTimeAck:
        room, seat = player.room, player.seat
        if room is None or seat is None:
            raise QuizrunError(ErrorCode.NOT_JOINED, "Join a quiz first.")
        now = time.monotonic()
        if now - player.chose_at < CHOOSE_EVERY_S:
            raise QuizrunError(ErrorCode.TOO_MANY_REQUESTS, "Too many changes; wait a moment.")
        player.chose_at = now
        chosen = await self._extra_times.choose(room, seat.player_id, request.percent)
        return m.ExtraTimeAck.of(chosen)

    def _on_answer(self, player: PlayerClient, request: m.GiveAnswer, reply: Reply) -> None:
        room, seat = player.room, player.seat
        if room is None or seat is None:
            raise QuizrunError(ErrorCode.NOT_JOINED, "Join a quiz first.")
        attempt = Attempt(
            room,
            seat.player_id,
            request.question,
            request.answer,
            now_ms(),
            reply,
            request.traceparent,
        )
        self._answer(attempt)
