"""What a gateway reports to a run's workflow. A report is tried once: what is still true a little
later is reported again.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol

import structlog

from gateway.live.metrics import LiveMetrics
from quiz.errors import ErrorCode, QuizrunError

log = structlog.get_logger(__name__)


class RunSignals(Protocol):
    """Signals to run workflows. All raise `run_finished` when it is over, and `unavailable`."""

    async def players_joined(self, run_id: str, players: int, /) -> None:
        """The run has this many players now."""

    async def all_answered(self, run_id: str, question: int, version: int, /) -> None:
        """Every connected player has answered this question; `version` is that of the run."""

    async def extra_times(self, run_id: str, longest: int, change: int, version: int, /) -> None:
        """The largest factor of extra time is this since the change with this number."""


class Reporter:
    """Sends signals; counts those that are lost, and logs when that begins and ends."""

    def __init__(self, signals: RunSignals, metrics: LiveMetrics) -> None:
        self._signals = signals
        self._metrics = metrics
        self._failing = False

    async def players_joined(self, run_id: str, players: int) -> bool:
        """Report a total; whether the workflow will hear of it, or is over."""
        return await self._send(
            "players_joined", run_id, self._signals.players_joined(run_id, players)
        )

    async def all_answered(self, run_id: str, question: int, version: int) -> bool:
        """Report that all have answered; the same."""
        return await self._send(
            "all_answered", run_id, self._signals.all_answered(run_id, question, version)
        )

    async def extra_times(self, run_id: str, longest: int, change: int, version: int) -> bool:
        """Report the largest factor of extra time; the same."""
        return await self._send(
            "extra_times", run_id, self._signals.extra_times(run_id, longest, change, version)
        )

    async def _send(self, name: str, run_id: str, signal: Awaitable[None]) -> bool:
        try:
            await signal
        except QuizrunError as error:
            if error.code is ErrorCode.RUN_FINISHED:
                return True
            return self._lost(name, run_id, error)
        except Exception as error:
            log.exception("run.signal_failed", signal=name, run_id=run_id)
            return self._lost(name, run_id, error)
        if self._failing:
            self._failing = False
            log.info("run.signals_recovered", signal=name, run_id=run_id)
        return True

    def _lost(self, name: str, run_id: str, error: Exception) -> bool:
        self._metrics.signal_failures.labels(name).inc()
        if not self._failing:
            self._failing = True
            log.warning("run.signals_lost", signal=name, run_id=run_id, error=error)
        return False
