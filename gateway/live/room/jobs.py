"""What a room still has to do, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from quiz.errors import QuizrunError

MAX_JOBS = 1_000

Job = Callable[[], Awaitable[None]]

log = structlog.get_logger(__name__)


class JobQueue:
    """Runs jobs one after the other, so that clients get messages in the order of events.

    `on_failure` is called when a job is refused or fails: the room's clients have missed something.
    """

    __slots__ = ("_jobs", "_on_failure", "_run_id", "_superseded")

    def __init__(self, run_id: str, on_failure: Callable[[], None]) -> None:
        self._run_id = run_id
        self._on_failure = on_failure
        self._jobs: asyncio.Queue[tuple[int | None, Job]] = asyncio.Queue(MAX_JOBS)
        self._superseded = -1

    @property
    def empty(self) -> bool:
        """Whether no job waits for its turn."""
        return self._jobs.empty()

    def add(self, job: Job, version: int | None = None) -> None:
        """Run `job` after those added before; one of a `version` only if it is not superseded."""
        try:
            self._jobs.put_nowait((version, job))
        except asyncio.QueueFull:
            log.warning("room.cannot_follow", run_id=self._run_id)
            self._on_failure()

    def supersede(self, version: int) -> None:
        """Skip jobs up to `version`: everyone is sent a snapshot of it."""
        self._superseded = version

    async def run(self) -> None:
        """Run jobs until cancelled."""
        while True:
            version, job = await self._jobs.get()
            if version is not None and version <= self._superseded:
                continue
            try:
                await job()
            except QuizrunError as error:  # a server is away
                log.warning("room.job_postponed", run_id=self._run_id, error=error)
                self._on_failure()
            except Exception:
                log.exception("room.job_failed", run_id=self._run_id)
                self._on_failure()
