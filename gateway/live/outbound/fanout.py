"""Sending to sockets, by run and socket id. Nothing else uses the socket library to send."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from itertools import islice

from gateway.live.metrics import LiveMetrics
from gateway.live.outbound.pacing import pace_s
from gateway.live.protocol.encode import Encoded, encode
from gateway.live.protocol.messages import HOST, PLAY, ComeBack, Delivery, Sent
from gateway.transport import SocketServer

AT_ONCE = 500
"""Sockets that get messages of their own before the event loop serves others: some milliseconds."""


class Fanout:
    """Sends messages to the players and hosts of a run, or to one of them. Closed sockets are
    skipped.

    What a plain method sends is with the sockets when it returns; coroutines yield to others.
    """

    def __init__(self, sio: SocketServer, metrics: LiveMetrics) -> None:
        self._sio = sio
        self._metrics = metrics

    def pace_s(self) -> float:
        """Return the least time between two messages to a room of which the newer replaces the
        older.
        """
        return pace_s(len(self._sio.manager.namespace(PLAY).members))

    def admit(self, namespace: str, sid: str, run_id: str) -> None:
        """Subscribe a socket to the messages for all of a run."""
        with contextlib.suppress(ValueError):  # it has gone meanwhile
            self._sio.manager.basic_enter_room(sid, namespace, run_id)

    def to_players(self, run_id: str, message: Sent) -> None:
        """Send to all players of the run who are connected here."""
        self._emit(PLAY, run_id, message)

    def to_hosts(self, run_id: str, message: Sent) -> None:
        """Send to all hosts of the run who are connected here."""
        self._emit(HOST, run_id, message)

    async def to_all(self, run_id: str, message: Sent, phone: Sent | None = None) -> None:
        """Send to players and hosts; `phone` is what players get instead of `message`."""
        self.to_players(run_id, phone or message)
        self.to_hosts(run_id, message)
        await asyncio.sleep(0)

    def to_player(self, sid: str, message: Sent) -> None:
        """Send to one player."""
        self._emit(PLAY, sid, message)

    async def to_each_player(self, messages: Iterable[tuple[str, Sent]]) -> None:
        """Send to many players, a message of their own to each."""
        ahead = iter(messages)
        while some := list(islice(ahead, AT_ONCE)):
            for sid, message in some:
                self.to_player(sid, message)
            await asyncio.sleep(0)

    def to_host(self, sid: str, message: Sent) -> None:
        """Send to one host."""
        self._emit(HOST, sid, message)

    async def with_own_parts(self, message: Sent, own_parts: Iterable[tuple[str, Encoded]]) -> None:
        """Send a message to players, each with a second argument of their own; the first is encoded
        once.
        """
        common = encode(message)
        ahead = iter(own_parts)
        while some := list(islice(ahead, AT_ONCE)):
            reached = self._sio.emit_parts(message.event, common, some, PLAY)
            self._metrics.sent.labels(message.event).inc(reached)
            await asyncio.sleep(0)

    def send_away(self, spread_ms: Callable[[int], list[int]]) -> None:
        """Tell every client when to reconnect; `spread_ms` returns a delay for each of so many."""
        sids = [
            (name, sid)
            for name in (PLAY, HOST)
            for sid in self._sio.manager.namespace(name).members
        ]
        for (namespace, sid), in_ms in zip(sids, spread_ms(len(sids)), strict=True):
            self.send_come_back(namespace, sid, in_ms)

    def send_come_back(self, namespace: str, sid: str, in_ms: int) -> None:
        """Tell one client when to reconnect."""
        self._emit(namespace, sid, ComeBack(in_ms=in_ms))

    async def disconnect(self, namespace: str, sid: str) -> None:
        """Disconnect a socket from a namespace, from which clients do not reconnect."""
        await self._sio.disconnect(sid, namespace=namespace)

    def _emit(self, namespace: str, room: str, message: Sent) -> None:
        """`room` is a run or a socket."""
        reached = self._sio.emit_now(
            message.event,
            encode(message),
            room=room,
            namespace=namespace,
            coalesce_key=None if message.delivery is Delivery.MUST_ARRIVE else message.event,
        )
        if reached:
            self._metrics.sent.labels(message.event).inc(reached)
