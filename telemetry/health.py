"""Health checks of the servers that a process depends on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

CHECK_TIMEOUT_S = 2.0
MAX_REASON = 300


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """A check of one server.

    `probe` raises if the server does not respond. Without a server that is not `required` the
    process keeps working, only slower.
    """

    name: str
    probe: Callable[[], Awaitable[None]]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Health:
    """The result of a check.

    `error` is the type of the failure, without addresses, for clients; `reason` is the driver's
    message, for logs only.
    """

    name: str
    ok: bool
    required: bool
    ms: int
    error: str | None = None
    reason: str | None = None


def status_of(results: Iterable[Health]) -> str:
    """Return `ready`, `degraded` (an optional server is down) or `unavailable`."""
    down = [health for health in results if not health.ok]
    if any(health.required for health in down):
        return "unavailable"
    return "degraded" if down else "ready"


class SharedChecks:
    """Checks that many may ask for: one round at a time, whose results are kept for `kept_s`.

    However often a public probe is called, the servers are asked once in that time.
    """

    def __init__(self, checks: Iterable[HealthCheck], *, kept_s: float = 1.0) -> None:
        self._checks = tuple(checks)
        self._kept_s = kept_s
        self._round: asyncio.Task[list[Health]] | None = None
        self._began_at = float("-inf")

    async def results(self) -> list[Health]:
        """Return the results of the latest round."""
        now = time.monotonic()
        running = self._round is not None and not self._round.done()
        if self._round is None or (not running and now - self._began_at >= self._kept_s):
            self._began_at = now
            self._round = asyncio.create_task(run_checks(self._checks), name="health checks")
        return await asyncio.shield(self._round)


async def run_checks(
    checks: Iterable[HealthCheck], *, timeout_s: float = CHECK_TIMEOUT_S
) -> list[Health]:
    """Run all checks concurrently, each with a timeout."""
    return list(await asyncio.gather(*(_run(check, timeout_s) for check in checks)))


async def _run(check: HealthCheck, timeout_s: float) -> Health:
    started = time.perf_counter()
    error, reason = None, None
    try:
        async with asyncio.timeout(timeout_s):
            await check.probe()
    except Exception as caught:  # noqa: BLE001  (any exception of a driver means unavailable)
        error, reason = type(caught).__name__, _reason(caught)
    elapsed_ms = round((time.perf_counter() - started) * 1000)
    return Health(check.name, error is None, check.required, elapsed_ms, error, reason)


def _reason(error: BaseException) -> str | None:
    """The first line of the root cause."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error).strip().split("\n")[0][:MAX_REASON] or None
