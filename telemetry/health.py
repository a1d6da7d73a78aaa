"""Whether the servers that a process works with answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

CHECK_TIMEOUT_S = 2.0
MAX_REASON = 300


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """How to ask one server.

    `probe` raises when it does not answer. Without one that is not `required` the process works
    on, only slower.
    """

    name: str
    probe: Callable[[], Awaitable[None]]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Health:
    """What one check found. `error` is the kind of failure: a caller need not know addresses;
    `reason`, for logs only, is what the driver said.
    """

    name: str
    ok: bool
    required: bool
    ms: int
    error: str | None = None
    reason: str | None = None


def status_of(found: Iterable[Health]) -> str:
    """`ready`, `degraded` (something that can be missed is down), or `unavailable`."""
    down = [health for health in found if not health.ok]
    if any(health.required for health in down):
        return "unavailable"
    return "degraded" if down else "ready"


async def run_checks(checks: Iterable[HealthCheck]) -> list[Health]:
    """All checks at the same time, each for 2 s at most."""
    return list(await asyncio.gather(*(_run(check) for check in checks)))


async def _run(check: HealthCheck) -> Health:
    started = time.perf_counter()
    error, reason = None, None
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            await check.probe()
    except Exception as caught:  # noqa: BLE001  (whatever a driver raises, the server is not there)
        error, reason = type(caught).__name__, _reason(caught)
    elapsed_ms = round((time.perf_counter() - started) * 1000)
    return Health(check.name, error is None, check.required, elapsed_ms, error, reason)


def _reason(error: BaseException) -> str | None:
    """The first line of the error that all began with."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error).strip().split("\n")[0][:MAX_REASON] or None
