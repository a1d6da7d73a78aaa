"""The WebAuthn relying party, derived from the public URL."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


class RelyingParty(NamedTuple):
    """Passkeys are bound to the host name `id`; `origin` is the one that browsers report."""

    id: str
    origin: str


def relying_party(public_url: str) -> RelyingParty:
    """Return the relying party of a server with this public URL."""
    parts = urlsplit(public_url)
    name = (parts.hostname or "").encode("idna").decode()
    port = parts.port
    shown = "" if port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f":{port}"
    return RelyingParty(name, f"{parts.scheme}://{name}{shown}")
