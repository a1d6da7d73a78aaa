"""What was found at one server."""

from __future__ import annotations

import asyncio
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


def reason(error: BaseException) -> str:
    """The deepest known cause, in one line."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({seen.verify_message})"
        if isinstance(seen, ssl.SSLError):
            return "it does not speak TLS as expected, or refuses our certificate"
        seen = seen.__cause__ or seen.__context__
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else type(error).__name__
    return text.removesuffix(".")


def yes_no(*, value: bool) -> str:
    """A word for a table."""
    return "yes" if value else "no"
