"""Reach the stack from other devices of the room: this machine's address, and how it is told."""

from __future__ import annotations

import ipaddress
import socket
from typing import TextIO
from urllib.parse import urlsplit

import segno

from deploy.local.errors import StackError
from deploy.local.settings import Settings

EVERYWHERE = "0.0.0.0"  # noqa: S104 - what `--lan` is for
# Documentation addresses (RFC 5737, 3849). Nothing is sent: the system only says by which of its
# own addresses it would.
_ELSEWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
_DISCARD_PORT = 9


def lan_address() -> str:
    """Return the address by which devices of the same network reach this machine.

    Raises `StackError` when it has none but its own.
    """
    for family, elsewhere in _ELSEWHERE:
        found = _source(family, elsewhere)
        if found is not None:
            return found
    raise StackError(
        "This machine is in no network that phones could be in. Connect it, or name its address: "
        "QUIZRUN_HTTP_HOST=0.0.0.0 QUIZRUN_PUBLIC_URL=http://192.168.1.20:8000 make up"
    )


def on_the_lan(settings: Settings) -> Settings:
    """Change what a stack listens on and is called, except where a person has set it."""
    changes: dict[str, str] = {}
    if "http_host" not in settings.model_fields_set:
        changes["http_host"] = EVERYWHERE
    if settings.public_url is None:
        address = lan_address()
        host = f"[{address}]" if ":" in address else address
        changes["public_url"] = f"http://{host}:{settings.http_port}"
    return settings.model_copy(update=changes)


def reachable(settings: Settings) -> bool:
    """Whether other machines may reach the gateways of a stack with these settings."""
    named = urlsplit(settings.public_url or "").hostname
    return not is_loopback(settings.http_host) or bool(named and not is_loopback(named))


def is_loopback(host: str) -> bool:
    """Whether a name or an address means the machine that it is used on."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def print_qr(url: str, out: TextIO) -> None:
    """Draw a QR code of `url` with half blocks, as a terminal can."""
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
