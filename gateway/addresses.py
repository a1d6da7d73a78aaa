"""Where clients are: their addresses behind trusted proxies, and the networks these belong to."""

from __future__ import annotations

import hashlib
import hmac
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


class NetworkHashes:
    """Hashes of the networks that a run's players come from, as its seats are counted by network.

    They differ from run to run and cannot be turned back into addresses.
    """

    def __init__(self, key: bytes) -> None:
        """`key` is the same on all gateways."""
        self._key = key

    def of(self, run_id: str, network: str) -> str | None:
        """Return the hash; None for this machine, whose seats are not limited: its clients are
        bots, benchmarks and proxies that are not trusted.
        """
        if _is_loopback(network):
            return None
        text = f"{run_id}\n{network}".encode("utf-8", "surrogatepass")
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()[:32]


def network_of(address: str) -> str:
    """Return the network of one customer: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.is_loopback:
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


def site_of(network: str) -> str | None:
    """Return the /48 around an IPv6 network, the most that one customer usually gets."""
    try:
        found = ipaddress.ip_network(network)
    except ValueError:
        return None
    return str(found.supernet(new_prefix=48)) if found.prefixlen == 64 else None


def caller_network(request: Request) -> str:
    """Return the network that an HTTP request comes from."""
    return network_of(request.client.host if request.client else UNKNOWN)


def _is_loopback(network: str) -> bool:
    try:
        return ipaddress.ip_network(network).is_loopback
    except ValueError:
        return False


async def _nothing(*_: object) -> None:
    """Stands for an application; only the middleware's list of proxies is used."""
