"""Which network a socket belongs to."""

from __future__ import annotations

import pytest

from gateway.socket_limits import network_behind
from gateway.transport.handshake import Handshake

PROXY = "10.0.0.9"


@pytest.mark.parametrize(
    ("peer", "forwarded", "network"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "203.0.113.7", "192.0.2.1"),  # not a proxy of ours
        (PROXY, "", PROXY),
        (PROXY, "203.0.113.7", "203.0.113.7"),
        (PROXY, "6.6.6.6, 203.0.113.7, 10.0.0.8", "203.0.113.7"),  # the first is the client's own
        (PROXY, "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "", "192.0.2.1"),
    ],
)
def test_networks_of_clients(peer: str, forwarded: str, network: str) -> None:
    lines = ["GET / HTTP/1.1", *([f"X-Forwarded-For: {forwarded}"] if forwarded else [])]
    handshake = Handshake("\r\n".join(lines).encode(), (peer, 1234))
    assert network_behind("10.0.0.0/24")(handshake) == network


def test_http_requests_have_the_clients_address_already() -> None:
    scope = {
        "headers": [(b"x-forwarded-for", b"203.0.113.7")],
        "path": "/socket.io/",
        "query_string": b"",
        "client": ("203.0.113.7", 0),
    }
    assert network_behind("10.0.0.0/24")(Handshake.from_scope(scope)) == "203.0.113.7"
