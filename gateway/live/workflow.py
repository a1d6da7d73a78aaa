"""Signals to a run's workflow.

A signal is sent once; whatever is still true a little later is sent again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from typing import Protocol

import structlog

from gateway.live.metrics import LiveMetrics
from gateway.live.room.room import Room
from quiz.errors import ErrorCode, QuizrunError
from quiz.run import Phase

LAST_REPORTS_S = 2.0

log = structlog.get_logger(__name__)


class RunSignals(Protocol):
    """Signals to run workflows. All raise `run_finished` or `unavailable`."""

    async def players_joined(self, run_id: str, players: int, /) -> None:
        """Report how many players the run has."""

    async def all_answered(self, run_id: str, question: int, version: int, /) -> None:
        """Report that every connected player has answered; `version` is that of the run."""

    async def extra_times(self, run_id: str, longest: int, change: int, version: int, /) -> None:
        """Report the largest factor of extra time. Returns as `players_joined` does."""


class Reporter:
    """Sends signals, counts failed ones, and logs when failures begin and end."""

    def __init__(self, signals: RunSignals, metrics: LiveMetrics) -> None:
        self._signals = signals
        self._metrics = metrics
        self._failing = False

    async def players_joined(self, run_id: str, players: int) -> bool:
        """Report a total. Returns whether the workflow will learn it, or is over."""
        return await self._send(
            "players_joined", run_id, self._signals.players_joined(run_id, players)
        )

    async def all_answered(self, run_id: str, question: int, version: int) -> bool:
        """Report that all have answered. Returns as `players_joined` does."""
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


class PlayerTotals:
    """Reports a run's total for as long as its workflow does not know it.

    Any gateway with a room of the run does, because the one with the last join may have died and a
    run may start by itself at this total. In a lobby that is not full yet only gateways with joins
    report: nothing depends on it.
    """

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._joined: dict[str, int] = {}
        self._accepted: dict[str, int] = {}
        self._sending: dict[str, asyncio.Task[None]] = {}

    def joined(self, run_id: str, total: int) -> None:
        """Note the total after a join on this gateway."""
        self._joined[run_id] = max(total, self._joined.get(run_id, 0))

    def report_if_due(self, room: Room) -> None:
        """Report the room's total if that is due. Called once a second."""
        run_id, total = room.run_id, room.player_count.total
        if run_id in self._sending or not self._due(room):
            return
        task = asyncio.create_task(self._send(run_id, total), name=f"total-{run_id}")
        self._sending[run_id] = task
        task.add_done_callback(lambda _: self._sending.pop(run_id, None))

    def forget(self, run_id: str) -> None:
        """Drop a run without a room here."""
        self._joined.pop(run_id, None)
        self._accepted.pop(run_id, None)

    async def flush(self, rooms: Iterable[Room]) -> None:
        """Report what is due, for a gateway that stops."""
        for room in rooms:
            self.report_if_due(room)
        if self._sending:
            await asyncio.wait(list(self._sending.values()), timeout=LAST_REPORTS_S)

    def _due(self, room: Room) -> bool:
        state = room.state
        known = max(state.players, self._accepted.get(room.run_id, 0))
        if state.phase.over or room.player_count.total <= known:
            return False
        if state.phase is not Phase.LOBBY:
            return True
        wanted = state.settings.auto_start_players
        starts = wanted is not None and room.player_count.total >= wanted and not state.paused
        return starts or self._joined.get(room.run_id, 0) > known

    async def _send(self, run_id: str, total: int) -> None:
        if await self._reporter.players_joined(run_id, total):
            self._accepted[run_id] = total
