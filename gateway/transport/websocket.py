"""A session over WebSocket: picows reads and writes its frames, without a task or a queue."""

from __future__ import annotations

import logging
from typing import Any

from picows import WSCloseCode, WSFrame, WSListener, WSTransport

from gateway.transport.bounded import PING_COST
from gateway.transport.decoding import MALFORMED, BadPacketError, TooManyPacketsError
from gateway.transport.handshake import Handshake
from gateway.transport.packets import BINARY, RESERVE, TEXT, Message
from gateway.transport.places import Network
from gateway.transport.polling import PollingSession
from gateway.transport.reading import FLOOD_BYTES, bound_reads
from gateway.transport.session import SLOTS, Reason, Session, SessionEngine

CONTINUATION, CLOSE, PING = 0, 8, 9
LINGER_S = 2.0
"""How long a peer may take to read the last bytes before its connection is cut."""
PROBE_TIMEOUT_S = 10.0
PROBE = b"2probe"
UPGRADE = b"5"

log = logging.getLogger(__name__)


class ClosingSocket(WSListener):
    """A WebSocket that is accepted only to be closed."""

    connections: set[Any]
    transport: WSTransport | None = None

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Close it."""
        self.transport = transport
        transport.send_close(WSCloseCode.OK)
        transport.disconnect()

    def free_place(self) -> None:
        """Do nothing: it has no place."""


class WebSocketSession(WSListener, Session):
    """Open at once, or about to take over from a `polling` session.

    `connections`: uvicorn's set of open connections, on which it calls `shutdown`.
    """

    __slots__ = (*SLOTS, "connections", "fragments", "polling", "transport", "write")

    def __init__(
        self,
        engine: SessionEngine,
        sid: str,
        handshake: Handshake,
        network: Network,
        polling: PollingSession | None = None,
    ) -> None:
        self.begin(engine, sid, handshake, network)
        self.polling = polling
        self.fragments: bytearray | None = None
        self.transport: WSTransport | None = None
        self.connections: set[Any] = set()

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Open the session, or wait for the probe of an upgrade."""
        self.transport = transport
        self.write = transport.send_reuse_external_bytearray  # type: ignore[assignment]
        # picows would keep both for as long as the connection is open
        for kept in (transport.request, transport.response):
            kept.headers = None  # type: ignore[assignment]
        self.connections.add(self)
        if self.polling is None:
            self.put_packet(self.engine.open_packet(self.sid, upgrades=[]))
            self.engine.remember(self)
            self.blocked = False
        else:
            self.engine.wheel.set(self, PROBE_TIMEOUT_S)
        # From now on, any byte that the kernel does not accept at once blocks the session.
        transport.underlying_transport.set_write_buffer_limits(0)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Handle a frame."""
        if self.closed:
            return
        if frame.tail_size > FLOOD_BYTES:
            bound_reads(transport.underlying_transport)
        self.budget -= 1 + (frame.payload_size >> 10)
        if self.budget < 0:
            self.engine.reject(self, TooManyPacketsError())
            return
        try:
            kind: int = frame.msg_type  # type: ignore[assignment]
            if kind == TEXT and frame.fin:
                self._on_text(frame.get_payload_as_bytes())
            elif kind == BINARY and frame.fin:
                self.engine.on_binary(self, frame.get_payload_as_bytes())
            elif kind in (TEXT, BINARY, CONTINUATION):
                self._assemble(kind, frame)
            else:
                self._control(kind, transport, frame)
        except MALFORMED as error:
            self.engine.reject(self, error)
        except Exception:  # picows would say nothing
            log.exception("a frame could not be handled")
            self.end(Reason.TRANSPORT_ERROR, code=1011)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """End the session after its connection was lost or closed."""
        del transport
        self.connections.discard(self)
        self.engine.wheel.cancel(self)
        self.free_place()
        if self.polling is not None:
            self.polling.release(self)
            self.polling = None
            self.closed = True
        self.end(Reason.TRANSPORT_CLOSE, code=None)
        self.transport = None
        del self.write

    def pause_writing(self) -> None:
        """The kernel buffer is full; stop sending."""
        self.blocked = True

    def resume_writing(self) -> None:
        """The kernel buffer drained; resume sending."""
        self.blocked = self.closed or self.polling is not None
        self.engine.backlogs.forget(self)
        if not self.blocked:
            self.put_coalesced()

    def pause(self) -> None:
        """Stop reading from the connection."""
        if self.transport is not None:
            self.transport.underlying_transport.pause_reading()

    def resume(self) -> None:
        """Read from the connection again."""
        if self.transport is not None and not self.closed:
            self.transport.underlying_transport.resume_reading()

    def put(self, message: Message) -> None:
        """Write a message, after what is queued already."""
        if self.blocked or message.attachments:
            self._append(message.wire)
        else:
            self.write(TEXT, message.buffer, RESERVE)

    def put_packet(self, packet: bytes) -> None:
        """Write a packet other than a message."""
        self._append(Message(packet).wire)

    def backlog(self) -> int:
        """How many bytes the kernel has not accepted yet."""
        if self.transport is None:
            return 0
        return self.transport.underlying_transport.get_write_buffer_size()

    def finish(self, code: int | None, why: str = "") -> None:
        """Close the connection with this code, and say why; None: cut it."""
        if self.transport is None or self.transport.is_disconnected:
            return
        if code is None:
            self.transport.disconnect(graceful=False)
            return
        if not self.transport.is_close_frame_sent:
            self.put_packet(b"1")
            self._hang_up(code, why)
        self.engine.wheel.set(self, LINGER_S)

    def expired(self) -> None:
        """Cut the connection."""
        if self.transport is not None:
            self.transport.disconnect(graceful=False)

    def due(self) -> None:
        """Act on the deadline; a probe that has not completed by then is cut."""
        if self.polling is not None:
            self.expired()
        else:
            super().due()

    def shutdown(self) -> None:
        """End the session because uvicorn stops."""
        if self.polling is not None:
            self.expired()
        else:
            self.end(Reason.SERVER_DISCONNECT, code=1001)

    def _on_text(self, packet: bytes) -> None:
        if self.polling is not None:
            self._probe(packet)
        elif packet.startswith(b"4"):
            self.engine.on_message(self, packet)
        else:
            self.receive(packet)

    def _control(self, kind: int, transport: WSTransport, frame: WSFrame) -> None:
        if kind == PING and not self.backlog():  # else pongs could pile up
            self.spend(PING_COST)
            transport.send_pong(frame.get_payload_as_bytes())
        elif kind == CLOSE:
            code = frame.get_close_code()
            transport.send_close(WSCloseCode.OK if code == WSCloseCode.NO_INFO else code)
            transport.disconnect()
            if self.polling is None:
                self.end(Reason.TRANSPORT_CLOSE)

    def _append(self, frames: bytes) -> None:
        if self.transport is not None:
            # Not through picows, which would copy the bytes for each blocked socket.
            self.transport.underlying_transport.write(frames)

    def _probe(self, packet: bytes) -> None:
        assert self.polling is not None
        if packet == PROBE and self.polling.hold_for(self):
            self.put_packet(b"3probe")
        elif packet == UPGRADE and self.polling.prober is self and not self.polling.closed:
            polling, self.polling = self.polling, None
            self.blocked = False
            self.engine.wheel.cancel(self)
            polling.hand_over(self)
        else:
            self._hang_up(1002)

    def _hang_up(self, code: int, why: str = "") -> None:
        if self.transport is not None:
            self.transport.send_close(code, why or None)  # type: ignore[arg-type]
            self.transport.disconnect()

    def _assemble(self, kind: int, frame: WSFrame) -> None:
        """Put a message together from its fragments; the first byte remembers the opcode."""
        if (kind == CONTINUATION) != (self.fragments is not None):
            raise BadPacketError("fragments out of order")
        if self.fragments is None:
            self.fragments = bytearray((kind,))
        self.fragments += frame.get_payload_as_memoryview()
        if len(self.fragments) - 1 > self.engine.max_http_buffer_size:
            raise BadPacketError("the message is too large")
        if frame.fin:
            whole, self.fragments = self.fragments, None
            data = bytes(whole[1:])
            if whole[0] == BINARY:
                self.engine.on_binary(self, data)
            else:
                self._on_text(data)
