"""A session over HTTP long-polling, with the methods that python-engineio's server calls."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from engineio.exceptions import ContentTooLongError, EngineIOError
from engineio.packet import MESSAGE as EIO_MESSAGE
from engineio.packet import NOOP as EIO_NOOP
from engineio.packet import Packet as EioPacket

from gateway.transport.bounded import TOO_MANY_PACKETS
from gateway.transport.decoding import MALFORMED, BadPacketError, TooManyPacketsError
from gateway.transport.handshake import Handshake
from gateway.transport.packets import Message
from gateway.transport.places import Network
from gateway.transport.session import SLOTS, Reason, Session, SessionEngine

SEPARATOR = "\x1e"


class PollingSession(Session):
    """Messages are queued for the next poll; there is at most one poll at a time.

    `prober`: the WebSocket session that is about to take over. `fault`: why python-engineio has
    been told to end the session.
    """

    __slots__ = (*SLOTS, "fault", "prober", "queue", "queued_bytes", "taken_over", "waiter")

    upgraded = False

    def __init__(
        self, engine: SessionEngine, sid: str, handshake: Handshake, network: Network
    ) -> None:
        self.begin(engine, sid, handshake, network)
        self.queue: list[EioPacket] = []
        self.queued_bytes = 0
        self.waiter: asyncio.Future[None] | None = None
        self.prober: Session | None = None
        self.taken_over = False
        self.fault: str | None = None

    async def handle_get_request(self, environ: dict[str, Any]) -> list[EioPacket]:
        """Wait for packets to send. Two polls at once, or an abandoned one, end the session."""
        try:
            self.spend(1)
        except TooManyPacketsError as error:
            self.fault = TOO_MANY_PACKETS
            raise EngineIOError(str(error)) from error
        if self.prober is not None:
            return [EioPacket(EIO_NOOP)]
        if self.waiter is not None:
            self._close_poll(b"1")
            self.end(Reason.TRANSPORT_ERROR, code=None)
            raise EngineIOError("two polls at once")
        self.put_coalesced()
        if not self.queue:
            self.waiter = asyncio.get_running_loop().create_future()
            await self._wait(self.waiter, environ["asgi.receive"])
            self.waiter = None
            self.put_coalesced()
        packets, self.queue, self.queued_bytes = self.queue, [], 0
        self.engine.backlogs.forget(self)
        return packets

    async def handle_post_request(self, environ: dict[str, Any]) -> None:
        """Handle the packets of a request."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length > self.engine.max_http_buffer_size:
            self.fault = Reason.TRANSPORT_ERROR
            raise ContentTooLongError
        try:
            self.spend(1 + (length >> 10))
            body: str = (await environ["wsgi.input"].read(length)).decode()
            if body.startswith("d="):  # JSONP
                body = parse_qs(body)["d"][0]
            self._receive_all(body.split(SEPARATOR))
        except (*MALFORMED, LookupError, binascii.Error) as error:
            # The caller ends the session, and fails if it has ended already.
            if isinstance(error, TooManyPacketsError):
                self.fault = TOO_MANY_PACKETS
            else:
                self.fault = Reason.TRANSPORT_ERROR
                self.engine.counters["bad_packets"] += 1
            raise EngineIOError(str(error)) from error

    async def close(
        self, wait: bool = True, abort: bool = False, reason: str | None = None
    ) -> None:
        """End the session; a `fault` of its own goes before `reason`."""
        await super().close(wait, abort, self.fault or reason)

    def ready(self) -> bool:
        """Whether a poll is waiting."""
        return self.waiter is not None and not self.waiter.done() and self.prober is None

    @property
    def can_end(self) -> bool:
        """Whether a poll is waiting, which will carry it."""
        return self.ready()

    def put(self, message: Message) -> None:
        """Queue a message."""
        if message.text:
            self._queue(EioPacket(EIO_MESSAGE, message.text[1:].decode()), len(message.text))
        for attachment in message.attachments:
            self._queue(EioPacket(EIO_MESSAGE, attachment), len(attachment))

    def put_packet(self, packet: bytes) -> None:
        """Queue a packet other than a message."""
        self._queue(EioPacket(packet[0] - 48, packet[1:].decode()), len(packet))

    def backlog(self) -> int:
        """How many bytes are queued."""
        return self.queued_bytes

    def finish(self, code: int | None, why: str = "") -> None:
        """Let a waiting poll return."""
        del why
        self.free_place()
        if code is not None:
            self._close_poll(b"1")
        elif self.waiter is not None and not self.waiter.done():
            self._close_poll(b"6")

    def hold_for(self, prober: Session) -> bool:
        """Stop sending, since a WebSocket is about to take over; False if none may."""
        if self.prober is not None or self.closed or self.taken_over:
            return False
        self.prober = prober
        if self.waiter is not None and not self.waiter.done():
            self._close_poll(b"6")
        return True

    def release(self, prober: Session) -> None:
        """Resume sending after the WebSocket closed before it took over."""
        if self.prober is prober:
            self.prober = None

    def hand_over(self, successor: Session) -> None:
        """Pass the session to `successor`, with its state and all queued packets."""
        self.taken_over = self.closed = True
        self.engine.wheel.cancel(self)
        self.engine.backlogs.forget(self)
        self.free_place()
        successor.budget, successor.settled = min(self.budget, successor.budget), self.settled
        successor.opened_at = self.opened_at
        successor.awaiting_pong = self.awaiting_pong
        successor.members, successor.store = self.members, self.store
        successor.held, successor.incomplete = self.held, self.incomplete
        successor.coalesced = self.coalesced
        self.engine.replace(successor)
        for packet in self.queue:
            if packet.binary:
                successor.put(Message(b"", [packet.data]))
            else:
                successor.put_packet(packet.encode().encode())
        successor.put_coalesced()
        self.queue = []

    def _receive_all(self, packets: list[str]) -> None:
        if len(packets) > self.engine.max_payload_packets:
            raise BadPacketError("too many packets in one payload")
        for packet in packets:
            self._receive(packet)

    def _receive(self, packet: str) -> None:
        if self.closed:
            return
        self.spend(1)
        if packet.startswith("b"):
            self.engine.on_binary(self, base64.b64decode(packet[1:], validate=True))
        else:
            self.receive(packet.encode())

    def _queue(self, packet: EioPacket, size: int) -> None:
        self.queue.append(packet)
        self.queued_bytes += size
        if self.waiter is not None and self.ready():
            self.waiter.set_result(None)

    def _close_poll(self, packet: bytes) -> None:
        self.put_packet(packet)
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)

    async def _wait(
        self, waiter: asyncio.Future[None], receive: Callable[[], Awaitable[dict[str, Any]]]
    ) -> None:
        async def gone() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        leaving = asyncio.ensure_future(gone())
        try:
            await asyncio.wait((waiter, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
        if not waiter.done():
            waiter.cancel()
            self.end(Reason.TRANSPORT_CLOSE)
