"""Quiz runs: what they were started with, and their latest snapshot."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, case, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from db import abandoning
from db.engine import statements, transaction
from db.ids import is_id
from db.tables import QuizVersionRow, RunRow
from quiz.content import Quiz
from quiz.errors import ErrorCode, QuizrunError
from quiz.extra_time import NORMAL
from quiz.run import Phase, RunSettings
from quiz.snapshot import RunSnapshot
from telemetry.clock import now_ms


class PinInUse(Exception):  # noqa: N818  (an outcome to act on: draw another PIN)
    """Another live run has this PIN."""


@dataclass(frozen=True, slots=True)
class NewRun:
    """What a run starts with."""

    id: str
    host_id: str
    quiz_id: str
    quiz_version: int
    title: str
    pin: str
    seed: str
    settings: RunSettings
    snapshot: RunSnapshot
    created_at: int


@dataclass(frozen=True, slots=True)
class Run:
    """A run as stored. `players` counts those who are still in."""

    id: str
    host_id: str
    quiz_id: str
    quiz_version: int
    title: str
    pin: str
    seed: str
    settings: RunSettings
    phase: Phase
    locked: bool
    players: int
    version: int
    snapshot: RunSnapshot
    created_at: int
    finished_at: int | None


@dataclass(frozen=True, slots=True)
class RunHead:
    """What changes most about a run. `players` is None where it is not known just now; so are then
    the changes of extra times and the longest of them.
    """

    version: int
    players: int | None
    extra_time_changes: int = 0
    longest_window: int = NORMAL


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which of a host's runs; None is any. `over` are those that nothing can happen to any more."""

    phase: Phase | None = None
    over: bool | None = None
    quiz_id: str | None = None
    pin: str | None = None
    rehearsal: bool | None = None


_COLUMNS = (
    RunRow.id,
    RunRow.host_id,
    RunRow.quiz_id,
    RunRow.quiz_version,
    RunRow.title,
    RunRow.pin,
    RunRow.seed,
    RunRow.settings,
    RunRow.phase,
    RunRow.locked,
    RunRow.players,
    RunRow.version,
    RunRow.snapshot,
    RunRow.created_at,
    RunRow.finished_at,
)


class Runs:
    """The repository of runs."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def create(self, run: NewRun) -> None:
        """Store a new run; a repeat with the same id does nothing. Raises `PinInUse`."""
        statement = (
            insert(RunRow)
            .values(
                id=run.id,
                host_id=run.host_id,
                quiz_id=run.quiz_id,
                quiz_version=run.quiz_version,
                title=run.title,
                pin=run.pin,
                seed=run.seed,
                created_at=run.created_at,
                **(_standing(run.snapshot) | {"settings": run.settings.stored()}),
            )
            .on_conflict_do_nothing()
            .returning(RunRow.id)
        )
        async with statements(self._engine) as connection:
            if (await connection.execute(statement)).first() is not None:
                return
            if not await connection.scalar(select(RunRow.id).where(RunRow.id == run.id)):
                raise PinInUse(run.pin)

    async def get(self, run_id: str) -> Run:
        """The run. Raises `not_found`."""
        run = await self._one(RunRow.id == run_id) if is_id(run_id) else None
        if run is None:
            raise QuizrunError(ErrorCode.NOT_FOUND, "There is no such run.")
        return run

    async def live_by_pin(self, pin: str) -> Run | None:
        """The run that players reach with `pin` now."""
        return await self._one(RunRow.pin == pin, RunRow.finished_at.is_(None))

    async def page(
        self, host_id: str, limit: int, offset: int, wanted: RunFilter | None = None
    ) -> tuple[list[Run], int]:
        """The host's runs that are wanted, the latest first, and how many there are."""
        conditions = [RunRow.host_id == host_id, *_conditions(wanted or RunFilter())]
        lines = (
            select(*_COLUMNS)
            .where(*conditions)
            .order_by(RunRow.created_at.desc(), RunRow.id)
            .limit(limit)
            .offset(offset)
        )
        count = select(func.count()).select_from(RunRow).where(*conditions)
        async with statements(self._engine) as connection:
            rows = (await connection.execute(lines)).all()
            total = await connection.scalar(count)
        return [_run(row) for row in rows], total or 0

    async def content(self, quiz_id: str, version: int) -> Quiz:
        """What the quiz said at this version, deleted since or not. Raises `not_found`."""
        statement = select(QuizVersionRow.content).where(
            QuizVersionRow.quiz_id == quiz_id, QuizVersionRow.version == version
        )
        async with statements(self._engine) as connection:
            content = await connection.scalar(statement)
        if content is None:
            raise QuizrunError(ErrorCode.NOT_FOUND, "There is no such version of the quiz.")
        return Quiz.model_validate(content)

    async def save_snapshot(self, snapshot: RunSnapshot) -> RunSnapshot | None:
        """Store where the run stands, and return what is stored under this version.

        The first content of a version stays, whoever tries again with another one. None when a
        later version is stored or the run is over: then this one has been published already.
        """
        version = snapshot.state.version
        statement = (
            update(RunRow)
            .where(
                RunRow.id == snapshot.state.run_id,
                RunRow.version < version,
                RunRow.finished_at.is_(None),
            )
            .values(**_standing(snapshot))
        )
        async with statements(self._engine) as connection:
            if (await connection.execute(statement)).rowcount:
                return snapshot
        stored = await self.snapshot(snapshot.state.run_id)
        return stored if stored is not None and stored.state.version == version else None

    async def newer_snapshot(
        self, run_id: str, version: int, *, timeout_s: float
    ) -> tuple[int, RunSnapshot | None] | None:
        """The stored version, with its snapshot if it is newer than `version`; None when there is
        no such run.
        """
        if not is_id(run_id):
            return None
        newer = case((RunRow.version > version, RunRow.snapshot))
        statement = select(RunRow.version, newer).where(RunRow.id == run_id)
        async with statements(self._engine, timeout_s=timeout_s) as connection:
            row = (await connection.execute(statement)).first()
        if row is None:
            return None
        stored, snapshot = row
        return stored, RunSnapshot.model_validate(snapshot) if snapshot else None

    async def snapshot(self, run_id: str) -> RunSnapshot | None:
        """The latest stored snapshot."""
        if not is_id(run_id):
            return None
        statement = select(RunRow.snapshot).where(RunRow.id == run_id)
        async with statements(self._engine) as connection:
            stored = await connection.scalar(statement)
        return RunSnapshot.model_validate(stored) if stored else None

    async def heads(self, run_ids: Collection[str], *, timeout_s: float) -> dict[str, RunHead]:
        """The stored version, number of players and so on of each of these runs that exists."""
        statement = select(
            RunRow.id,
            RunRow.version,
            RunRow.players,
            RunRow.extra_time_changes,
            RunRow.longest_window,
        ).where(RunRow.id.in_(list(run_ids)))
        async with statements(self._engine, timeout_s=timeout_s) as connection:
            rows = await connection.execute(statement)
            return {run_id: RunHead(*head) for run_id, *head in rows}

    async def abandon(self, run_id: str) -> RunSnapshot | None:
        """Cancel a run that has no workflow; see `db.abandoning.abandon`."""
        async with transaction(self._engine) as connection:
            return await abandoning.abandon(connection, run_id, now_ms())

    async def _one(self, *conditions: ColumnElement[bool]) -> Run | None:
        async with statements(self._engine) as connection:
            row = (await connection.execute(select(*_COLUMNS).where(*conditions))).first()
        return _run(row) if row else None


def _conditions(wanted: RunFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.phase is not None:
        yield RunRow.phase == wanted.phase.value
    if wanted.over is not None:
        yield RunRow.finished_at.is_not(None) if wanted.over else RunRow.finished_at.is_(None)
    if wanted.quiz_id is not None:
        yield RunRow.quiz_id == wanted.quiz_id
    if wanted.pin is not None:
        yield RunRow.pin == wanted.pin
    if wanted.rehearsal is not None:
        yield is_rehearsal() if wanted.rehearsal else ~is_rehearsal()


def is_rehearsal() -> ColumnElement[bool]:
    """Whether a run is a rehearsal."""
    return func.coalesce(RunRow.settings["rehearsal"].as_boolean(), False)


def _standing(snapshot: RunSnapshot) -> dict[str, Any]:
    return {
        "phase": snapshot.state.phase.value,
        "locked": snapshot.state.locked,
        "version": snapshot.state.version,
        "settings": snapshot.state.settings.stored(),
        "snapshot": snapshot.model_dump(mode="json"),
    }


def _run(row: Row[Any]) -> Run:
    return Run(
        id=row.id,
        host_id=row.host_id,
        quiz_id=row.quiz_id,
        quiz_version=row.quiz_version,
        title=row.title,
        pin=row.pin,
        seed=row.seed,
        settings=RunSettings.model_validate(row.settings),
        phase=Phase(row.phase),
        locked=row.locked,
        players=row.players,
        version=row.version,
        snapshot=RunSnapshot.model_validate(row.snapshot),
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
