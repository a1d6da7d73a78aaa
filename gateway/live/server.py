"""The Socket.IO server with this system's limits."""

from __future__ import annotations

from typing import Any

from gateway.addresses import TrustedProxies, network_of
from gateway.live.metrics import LiveMetrics
from gateway.transport import Member, SocketServer
from quiz.errors import ErrorCode, QuizrunError

MAX_FRAME_BYTES = 16 * 1024
"""Clients have little to say: a join, an answer of at most 200 characters."""
PING_INTERVAL_S = 20
PING_TIMEOUT_S = 20
MAX_ATTACHMENTS = 8
"""Our protocol has none; what has a few is refused in words rather than cut off."""


class LiveServer(SocketServer):
    """Answers the events that stand for the server's own (a client may *send* an event named
    ``disconnect``) like all others that do not exist.
    """

    def __init__(
        self, cors_origins: list[str], metrics: LiveMetrics, session_tag: str, trusted_proxies: str
    ) -> None:
        super().__init__(
            # None: the own origin only
            cors_allowed_origins=cors_origins or None,
            max_http_buffer_size=MAX_FRAME_BYTES,
            max_attachments=MAX_ATTACHMENTS,
            ping_interval=PING_INTERVAL_S,
            ping_timeout=PING_TIMEOUT_S,
            session_tag=session_tag,
        )
        self._metrics = metrics
        self._proxies = TrustedProxies(trusted_proxies)
        metrics.watch_transport(self.counters, self.eio.sockets)

    def network_of(self, environ: dict[str, Any]) -> str:
        """Return the network from which a session was opened."""
        return network_of(self._proxies.client_of(environ))

    def on_reserved(self, member: Member, event: str, ack_id: int | None) -> None:
        """Refuse it."""
        del event
        self._metrics.requests.count("?", ErrorCode.PAYLOAD_INVALID.value)
        if ack_id is not None:
            error = QuizrunError(ErrorCode.PAYLOAD_INVALID, "There is no such event.")
            member.ack(ack_id, {"ok": False, "error": error.body()})
