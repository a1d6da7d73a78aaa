"""Limits on the sockets of a gateway, as an operator sets them."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import Field

from gateway.addresses import TrustedProxies, network_of
from gateway.transport import Limits
from gateway.transport.handshake import Handshake
from telemetry.environment import EnvironmentSettings

PACKETS = 1_000
"""Between two pings, 20 s apart. A client may send 20 events a second, and acknowledges few."""


class SocketSettings(EnvironmentSettings):
    """How many sockets a gateway keeps open, for whom, and for how long."""

    max_sockets: int = Field(25_000, ge=1)
    """The maximum number of sockets of one gateway; further ones are refused with status 503."""
    max_sockets_per_address: int = Field(1_500, ge=1)
    """The maximum number of sockets from one address (IPv6: from one /64 network), with room for a
    school behind one address; further ones are refused with status 429."""
    join_timeout_s: float = Field(30, ge=1)
    """A socket that has neither joined a run nor signed in as a host by then is closed."""
    max_backlog_bytes: int = Field(64_000_000, ge=1_000_000)
    """How much all clients of a gateway together may leave unread; beyond it, those furthest behind
    are disconnected. A single client may leave 1 MB."""

    def socket_limits(self, trusted_proxies: str) -> Limits:
        """The transport's limits."""
        return Limits(
            sessions=self.max_sockets,
            sessions_per_network=self.max_sockets_per_address,
            network_of=network_behind(trusted_proxies),
            packets=PACKETS,
            join_timeout_s=self.join_timeout_s,
            backlog_bytes=self.max_backlog_bytes,
        )


def network_behind(trusted: str) -> Callable[[Handshake], str]:
    """Return a function that finds a client's network, behind proxies in `trusted`. HTTP requests
    have the client's address already; from it, the function finds the same one.
    """
    proxies = TrustedProxies(trusted)

    def network(handshake: Handshake) -> str:
        return network_of(proxies.client_of(handshake.peer, handshake.header(b"x-forwarded-for")))

    return network
