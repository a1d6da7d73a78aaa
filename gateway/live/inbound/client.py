"""A connected client, and how much it may send."""

from __future__ import annotations

from dataclasses import dataclass, field

EVENTS_PER_S = 20
EVENTS_BURST = 40


@dataclass(slots=True, eq=False)
class Client:
    """A connected socket and its rate limit. Subclasses know who it is.

    A client may send `EVENTS_BURST` events at once and `EVENTS_PER_S` in the long run: a token
    bucket that is full again at `quiet_at` (monotonic).
    """

    sid: str
    network: str = field(default="", kw_only=True)
    """The network that it comes from, see `gateway.addresses`."""
    quiet_at: float = field(default=0.0, kw_only=True)
    refused: int = field(default=0, kw_only=True)
    """How many of its events were malformed or came too fast."""
    unacknowledged: int = field(default=0, kw_only=True)
    """How many of its events wait for an acknowledgement."""

    def may_send(self, now: float) -> bool:
        """Take a token for an event. Returns False where there is none."""
        quiet_at = max(self.quiet_at, now)
        if quiet_at - now > (EVENTS_BURST - 1) / EVENTS_PER_S:
            return False
        self.quiet_at = quiet_at + 1 / EVENTS_PER_S
        return True

    def log_fields(self) -> dict[str, str]:
        """Return ids that identify the client in the log."""
        return {}
