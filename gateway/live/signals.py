"""What a gateway reports to a run's workflow, and how hard it tries."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from gateway.live.metrics import LiveMetrics
from quiz.errors import ErrorCode, QuizrunError

BACKOFFS_S = (0.2, 0.5, 1.0, 2.0, 4.0)

log = structlog.get_logger(__name__)


class RunSignals(Protocol):
    """Signals to run workflows. Both raise `run_finished` when it is over, and `unavailable`."""

    async def players_joined(self, run_id: str, players: int, /) -> None:
        """The run has this many players now."""

    async def all_answered(self, run_id: str, question: int, /) -> None:
        """Every connected player has answered this question."""


class Reporter:
    """Sends signals, again and again for some seconds; then gives up, which delays a run but
    breaks nothing: its timers go on, and the next report carries the new total.
    """

    def __init__(self, signals: RunSignals, metrics: LiveMetrics) -> None:
        self._signals = signals
        self._metrics = metrics

    async def players_joined(self, run_id: str, players: int) -> None:
        """Report a total."""
        await self._send(
            "players_joined", run_id, lambda: self._signals.players_joined(run_id, players)
        )

    async def all_answered(self, run_id: str, question: int) -> None:
        """Report that all have answered."""
        await self._send(
            "all_answered", run_id, lambda: self._signals.all_answered(run_id, question)
        )

    async def _send(self, name: str, run_id: str, signal: Callable[[], Awaitable[None]]) -> None:
        reason = ""
        for backoff_s in (*BACKOFFS_S, None):
            try:
                await signal()
            except QuizrunError as error:
                if error.code is ErrorCode.RUN_FINISHED:
                    return
                reason = error.message
            except Exception as error:
                log.exception("signal failed", signal=name, run_id=run_id)
                reason = repr(error)
            else:
                return
            if backoff_s is not None:
                await asyncio.sleep(backoff_s)
        self._metrics.signal_failures.labels(name).inc()
        log.warning("signal given up", signal=name, run_id=run_id, reason=reason)
