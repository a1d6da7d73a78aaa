"""Open a run: allocate a PIN, store the first state, start the workflow."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator

import structlog

from db.acting import noting, on
from db.quizzes import Quizzes, StoredQuiz
from db.run_state import RunStates
from db.runs import NewRun, PinInUse, Run, Runs
from gateway.orphaned_runs import OrphanedRuns
from gateway.pins import PinDirectory
from gateway.temporal import RunWorkflows
from quiz.errors import ErrorCode, QuizrunError
from quiz.pace import plan_of
from quiz.pins import LONGEST, digits_for_new, pins_of
from quiz.quotas import Quotas
from quiz.run import IdleTimeouts, RunSettings, RunState, rehearsal_timeouts
from quiz.snapshot import RunSnapshot
from telemetry.clock import now_ms
from workflows.contract import RunInput, workflow_id

PIN_TRIES = 20
"""PINs of a length to try; the last resort are the longest."""
MAX_REPEATS = 20
NAMESPACE = uuid.UUID("2d4f2f0e-6c0f-5a4b-9d55-0d4f6a0f5b1e")

_log = structlog.get_logger()


class RunOpener:
    """Opens runs.

    A retry with the same key finds the run of the first attempt, even if that process crashed.
    """

    def __init__(
        self,
        quizzes: Quizzes,
        runs: Runs,
        run_states: RunStates,
        workflows: RunWorkflows,
        orphaned_runs: OrphanedRuns,
        idle: IdleTimeouts,
        quotas: Quotas,
        pins: PinDirectory,
    ) -> None:
        self._quizzes = quizzes
        self._runs = runs
        self._run_states = run_states
        self._workflows = workflows
        self._orphaned_runs = orphaned_runs
        self._idle = idle
        self._quotas = quotas
        self._pins = pins

    async def open(
        self, host_id: str, owner_id: str, quiz_id: str, settings: RunSettings, key: str | None
    ) -> RunSnapshot:
        """Open a run of the owner's quiz, in its lobby.

        Raises `not_found` (no such quiz), `unavailable` (no run was opened), or a quota's error.
        """
        quiz = await self._quizzes.get(owner_id, quiz_id)
        run_id, snapshot = await self._first_unused(host_id, key)
        if snapshot is None:
            await self._create(run_id, host_id, quiz, settings)
            # Read it back: another process may have opened a run with the same key first.
            snapshot = (await self._runs.get(run_id)).snapshot
        await self._run_states.save(snapshot)
        await self._start(snapshot)
        return snapshot

    async def _first_unused(self, host_id: str, key: str | None) -> tuple[str, RunSnapshot | None]:
        """Return an unused id, or the id and snapshot of the live run that `key` refers to."""
        for run_id in _ids(host_id, key):
            run = await self._find(run_id) if key else None
            if run is None:
                return run_id, None
            if run.finished_at is None:
                return run_id, run.snapshot
        raise QuizrunError(ErrorCode.UNAVAILABLE, "The run could not be opened. Use another key.")

    async def _find(self, run_id: str) -> Run | None:
        try:
            return await self._runs.get(run_id)
        except QuizrunError as error:
            if error.code is ErrorCode.NOT_FOUND:
                return None
            raise

    async def _create(
        self, run_id: str, host_id: str, quiz: StoredQuiz, settings: RunSettings
    ) -> None:
        on("run", run_id)
        noting(quiz_id=quiz.id)
        state = RunState(run_id=run_id, question_count=len(quiz.quiz.questions), settings=settings)
        seed = secrets.token_hex(16)
        for pin in _pins(digits_for_new(await self._runs.live_pins())):
            snapshot = RunSnapshot(
                state=state,
                title=quiz.quiz.title,
                pin=pin,
                host_id=host_id,
                language=quiz.quiz.language,
            )
            new = NewRun(
                id=run_id,
                host_id=host_id,
                quiz_id=quiz.id,
                quiz_version=quiz.version,
                title=quiz.quiz.title,
                pin=pin,
                seed=seed,
                settings=settings,
                snapshot=snapshot,
                created_at=now_ms(),
            )
            try:
                await self._runs.create(new, self._quotas)
            except PinInUse:
                continue
            self._pins.forget(pin)
            return
        raise QuizrunError(ErrorCode.UNAVAILABLE, "No PIN is available right now. Try again.")

    def _idle_in(self, settings: RunSettings) -> IdleTimeouts:
        return rehearsal_timeouts(self._idle) if settings.rehearsal else self._idle

    async def _start(self, snapshot: RunSnapshot) -> None:
        run_id = snapshot.state.run_id
        run = await self._runs.get(run_id)
        # Use the quiz as it was when the run was created; it may have been edited since.
        quiz = await self._runs.content(run.quiz_id, run.quiz_version)
        given = RunInput(
            state=snapshot.state,
            title=snapshot.title,
            pin=snapshot.pin,
            quiz_id=run.quiz_id,
            host_id=snapshot.host_id,
            plan=plan_of(quiz.questions, self._idle_in(run.settings)),
        )
        try:
            await self._workflows.start(given)
        except QuizrunError:
            await self._orphaned_runs.cancel(run_id)
            await self._workflows.withdraw(run_id)
            raise
        _log.info(
            "run.opened",
            run_id=run_id,
            workflow_id=workflow_id(run_id),
            quiz_id=run.quiz_id,
            host_id=snapshot.host_id,
            version=snapshot.state.version,
            question_count=snapshot.state.question_count,
        )


def _pins(digits: int) -> Iterator[str]:
    for length in (digits, LONGEST):
        for _ in range(PIN_TRIES):
            pins = pins_of(length)
            yield str(pins[secrets.randbelow(len(pins))])


def _ids(host_id: str, key: str | None) -> Iterator[str]:
    """Derive ids from the key, one for each earlier run with that key that has ended."""
    for attempt in range(MAX_REPEATS):
        yield str(uuid.uuid5(NAMESPACE, f"{host_id}/{key}/{attempt}") if key else uuid.uuid4())
