"""Where clients are: their addresses behind trusted proxies, and the networks these belong to."""

from __future__ import annotations

import ipaddress

from starlette.requests import Request
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

UNKNOWN = "unknown"


class TrustedProxies:
    """Believes what proxies in `trusted` (comma-separated addresses and networks) say about the
    address of their client.
    """

    def __init__(self, trusted: str) -> None:
        self._hosts = ProxyHeadersMiddleware(_nothing, trusted).trusted_hosts

    def client_of(self, peer: str, forwarded: str) -> str:
        """Return the client's address, given the peer's and the ``X-Forwarded-For`` header."""
        if not forwarded or peer not in self._hosts:
            return peer
        return self._hosts.get_trusted_client_address(forwarded)[0] or peer


def network_of(address: str) -> str:
    """Return the network of one customer: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


def caller_network(request: Request) -> str:
    """Return the network that an HTTP request comes from."""
    return network_of(request.client.host if request.client else UNKNOWN)


async def _nothing(*_: object) -> None:
    """Stands for an application; only the middleware's list of proxies is used."""
