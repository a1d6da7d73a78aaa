"""Make the stack reachable from other devices on the local network."""

from __future__ import annotations

import ipaddress
import socket
from typing import TextIO
from urllib.parse import urlsplit

import segno

from deploy.errors import StackError
from deploy.local.settings import Settings

EVERYWHERE = "0.0.0.0"  # noqa: S104 - the purpose of `--lan`
# Documentation addresses (RFC 5737, 3849). Nothing is sent: connecting a UDP socket only
# determines the local address of the route.
_ELSEWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
_DISCARD_PORT = 9


def lan_address() -> str:
    """Return the address of this machine on the local network.

    Raises `StackError` if it has only loopback addresses.
    """
    for family, elsewhere in _ELSEWHERE:
        found = _source(family, elsewhere)
        if found is not None:
            return found
    raise StackError(
        "This machine has no local network address. Connect it to a network, or set the address: "
        "QUIZRUN_HTTP_HOST=0.0.0.0 QUIZRUN_PUBLIC_URL=http://192.168.1.20:8000 make up"
    )


def on_the_lan(settings: Settings) -> Settings:
    """Adjust listen address and public URL, except where the user set them."""
    changes: dict[str, str] = {}
    if "http_host" not in settings.model_fields_set:
        changes["http_host"] = EVERYWHERE
    if settings.public_url is None:
        address = lan_address()
        host = f"[{address}]" if ":" in address else address
        changes["public_url"] = f"http://{host}:{settings.http_port}"
    return settings.model_copy(update=changes)


def reachable(settings: Settings) -> bool:
    """Return whether other machines can reach a stack with these settings."""
    named = urlsplit(settings.public_url or "").hostname
    return not is_loopback(settings.http_host) or bool(named and not is_loopback(named))


def exposed(settings: Settings) -> bool:
    """Return whether others may reach such a stack's accounts: over the network, or because its
    database is an external one, which other stacks may serve.
    """
    return reachable(settings) or bool(settings.database_url)


def is_loopback(host: str) -> bool:
    """Return whether a host name or address refers to this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def print_qr(url: str, out: TextIO) -> None:
    """Print a QR code of `url` to a terminal, using half blocks."""
    segno.make(url, micro=False).terminal(out=out, compact=True, border=2)


def _source(family: socket.AddressFamily, elsewhere: str) -> str | None:
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((elsewhere, _DISCARD_PORT))
        except OSError:
            return None  # no route
        address = str(probe.getsockname()[0])
    known = ipaddress.ip_address(address)
    usable = not (known.is_loopback or known.is_link_local or known.is_unspecified)
    return address if usable else None
