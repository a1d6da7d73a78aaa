"""What was found at one server."""

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
    """Facts by name, and sentences: a fault keeps Quizrun from working, a warning does not."""

    server: str
    address: str
    facts: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether there is no fault."""
        return not self.faults


Probe = Callable[[Finding], Coroutine[Any, Any, None]]


async def look(finding: Finding, probe: Probe) -> Finding:
    """Let `probe` fill in the finding; what it raises is a fault."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            await probe(finding)
    except TimeoutError:
        finding.faults.append(
            f"{finding.server} at {finding.address} does not answer within {TIMEOUT_S:g} s."
        )
    except Exception as error:  # noqa: BLE001 - whatever a driver raises is what we report
        finding.faults.append(
            f"{finding.server} at {finding.address} cannot be used: {reason(error)}."
        )
    return finding


# What Temporal's client, which is written in Rust, says of connections.
_IN_PLAIN_WORDS = {
    "ConnectionRefused": "connection refused",
    "dns error": "its name cannot be resolved",
    "InvalidContentType": "it does not speak TLS",
    "UnknownIssuer": "its certificate is not trusted",
    "NotValidForName": "its certificate is for another name",
    "CertificateRequired": "it wants a client certificate",
    "HandshakeFailure": "it refuses the TLS handshake",
}
_OBJECT = re.compile(r": <[^>]*>$")


def reason(error: BaseException) -> str:
    """The deepest known cause, in one line."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({seen.verify_message})"
        if isinstance(seen, ssl.SSLError):
            return "it does not speak TLS as expected, or refuses our certificate"
        seen = seen.__cause__ or seen.__context__
    if isinstance(error, OSError):
        return (error.strerror or "no answer in time").lower()
    for sign, words in _IN_PLAIN_WORDS.items():
        if sign in str(error):
            return words
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else type(error).__name__
    text = text.removeprefix("connection failed: ")
    return _OBJECT.sub("", text).removesuffix(".")


def yes_no(*, value: bool) -> str:
    """A word for a table."""
    return "yes" if value else "no"
