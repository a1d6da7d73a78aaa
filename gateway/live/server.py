"""The Socket.IO server with this system's limits."""

from __future__ import annotations

from typing import Protocol

from gateway.live.metrics import LiveMetrics
from gateway.transport import Limits, Member, SocketServer
from quiz.errors import ErrorCode, QuizrunError

MAX_FRAME_BYTES = 16 * 1024
"""Clients have little to say: a join, an answer of at most 200 characters."""
PING_INTERVAL_S = 20
PING_TIMEOUT_S = 20
MAX_ATTACHMENTS = 8
"""Our protocol has none; what has a few is refused in words rather than cut off."""
MAX_REFUSED = 300
"""After so many events that are malformed or come too fast, a client is disconnected."""
TOO_MANY_REFUSALS = "too_many_refusals"


class Blamed(Protocol):
    """A client, with the number of its events that were refused as malformed or too fast."""

    refused: int


class LiveServer(SocketServer):
    """Answers the events that stand for the server's own (a client may *send* an event named
    ``disconnect``) like all others that do not exist.
    """

    def __init__(
        self, cors_origins: list[str], metrics: LiveMetrics, session_tag: str, limits: Limits
    ) -> None:
        super().__init__(
            # None: the own origin only
            cors_allowed_origins=cors_origins or None,
            max_http_buffer_size=MAX_FRAME_BYTES,
            max_attachments=MAX_ATTACHMENTS,
            ping_interval=PING_INTERVAL_S,
            ping_timeout=PING_TIMEOUT_S,
            session_tag=session_tag,
            limits=limits,
        )
        self._metrics = metrics
        metrics.watch_transport(self.counters, self.eio.sockets, self.eio.backlogs.total)

    def blame(self, sid: str, namespace: str, client: Blamed) -> None:
        """Count an event that no client of ours sends, and disconnect a client that goes on. At
        once: it may have sent thousands that are about to be handled.
        """
        client.refused += 1
        if client.refused > MAX_REFUSED:
            self.cut_off(sid, namespace, TOO_MANY_REFUSALS, "too many refused events")

    def on_reserved(self, member: Member, event: str, ack_id: int | None) -> None:
        """Refuse it."""
        del event
        self.blame(member.sid, member.namespace.name, member.data)
        self._metrics.requests.count("?", ErrorCode.PAYLOAD_INVALID.value)
        if ack_id is not None:
            error = QuizrunError(ErrorCode.PAYLOAD_INVALID, "There is no such event.")
            member.ack(ack_id, {"ok": False, "error": error.body()})
