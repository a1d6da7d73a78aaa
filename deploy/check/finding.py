"""The findings of one server's check."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

TIMEOUT_S = 15.0


@dataclass(slots=True)
class Finding:
    """Facts by name, and sentences: faults keep Quizrun from working, warnings do not."""

    server: str
    address: str
    facts: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether there are no faults."""
        return not self.faults


Probe = Callable[[Finding], Coroutine[Any, Any, None]]


async def run_probe(finding: Finding, probe: Probe) -> Finding:
    """Let `probe` fill in the finding; exceptions become faults."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            await probe(finding)
    except TimeoutError:
        finding.faults.append(
            f"{finding.server} at {finding.address} did not respond within {TIMEOUT_S:g} s."
        )
    except Exception as error:  # noqa: BLE001 - whatever a driver raises is what we report
        finding.faults.append(
            f"{finding.server} at {finding.address} cannot be used: {reason(error)}."
        )
    return finding


# Error texts of Temporal's Rust client.
_PLAIN_REASONS = {
    "ConnectionRefused": "connection refused",
    "dns error": "the host name cannot be resolved",
    "InvalidContentType": "the server does not use TLS",
    "UnknownIssuer": "the server's certificate is not trusted",
    "NotValidForName": "the server's certificate is for another name",
    "CertificateRequired": "the server requires a client certificate",
    "HandshakeFailure": "the server rejected the TLS handshake",
}
_OBJECT = re.compile(r": <[^>]*>$")


def reason(error: BaseException) -> str:
    """Return the deepest known cause, in one line."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return f"the server's certificate is not trusted ({seen.verify_message})"
        if isinstance(seen, ssl.SSLError):
            return "the TLS handshake failed, or the server rejected our certificate"
        seen = seen.__cause__ or seen.__context__
    if isinstance(error, OSError):
        return (error.strerror or "no response in time").lower()
    for sign, words in _PLAIN_REASONS.items():
        if sign in str(error):
            return words
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else type(error).__name__
    text = text.removeprefix("connection failed: ")
    return _OBJECT.sub("", text).removesuffix(".")


def yes_no(*, value: bool) -> str:
    """Format a boolean for a table."""
    return "yes" if value else "no"
