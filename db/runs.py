"""Quiz runs and their latest snapshots."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from db import abandoning
from db.arrays import array
from db.direct import Statement, run
from db.engine import statements, transaction
from db.ids import is_id
from db.quotas import is_exempt, spend
from db.tables import QuizVersionRow, RunRow
from quiz.content import Quiz
from quiz.errors import ErrorCode, QuizrunError
from quiz.extra_time import NORMAL
from quiz.quotas import NO_QUOTAS, Quotas, check_room
from quiz.run import Phase, RunSettings
from quiz.snapshot import RunSnapshot
from telemetry.clock import now_ms


class PinInUse(Exception):  # noqa: N818  (an expected outcome: draw another PIN)
    """Another live run has this PIN."""


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run to create."""

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
    """A stored run. `players` excludes kicked ones."""

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
class OpenRun:
    """What somebody who knows the PIN of a live run may learn about it."""

    id: str
    title: str
    language: str | None
    settings: RunSettings


@dataclass(frozen=True, slots=True)
class RunHead:
    """The frequently changing columns of a run.

    `players` is None if it is unknown; then the extra times have their defaults.
    """

    version: int
    players: int | None
    extra_time_changes: int = 0
    longest_window: int = NORMAL


class KnownRun(NamedTuple):
    """What a caller knows of a run. The defaults mean nothing."""

    run_id: str
    version: int = -1
    players: int = -1
    extra_time_changes: int = -1


@dataclass(frozen=True, slots=True)
class RunFilter:
    """A filter of a host's runs; None matches all. `over` means finished or cancelled."""

    phase: Phase | None = None
    over: bool | None = None
    quiz_id: str | None = None
    pin: str | None = None
    rehearsal: bool | None = None


_HEADS = text("""
    SELECT id, runs.version, runs.players, runs.extra_time_changes, longest_window
    FROM unnest(
        CAST(:run_ids AS uuid[]), CAST(:versions AS int[]), CAST(:players AS int[]),
        CAST(:changes AS int[])
    ) AS known (id, version, players, extra_time_changes)
    JOIN runs USING (id)
    WHERE (runs.version, runs.players, runs.extra_time_changes)
        IS DISTINCT FROM (known.version, known.players, known.extra_time_changes)
""")
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

_SAVE = Statement("""
    UPDATE runs SET phase = :phase, locked = :locked, version = :version,
           settings = CAST(:snapshot AS jsonb) #> '{state,settings}',
           snapshot = CAST(:snapshot AS jsonb)
    WHERE id = :run_id AND version < :version AND finished_at IS NULL
""")
_SNAPSHOT = Statement("SELECT snapshot FROM runs WHERE id = :run_id")
_NEWER = Statement("""
    SELECT version, CASE WHEN version > :version THEN snapshot END FROM runs WHERE id = :run_id
""")


class Runs:
    """The repository of runs."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def create(self, run: NewRun, quotas: Quotas = NO_QUOTAS) -> None:
        """Store a new run; idempotent by its id.

        Raises `PinInUse`, and `live_runs_quota_reached` or `runs_quota_reached`.
        """
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
                **(_snapshot_columns(run.snapshot) | {"settings": run.settings.stored()}),
            )
            .on_conflict_do_nothing()
            .returning(RunRow.id)
        )
        async with transaction(self._engine) as connection:
            exempt = await is_exempt(connection, run.host_id)
            live = select(func.count()).where(
                RunRow.host_id == run.host_id, RunRow.finished_at.is_(None)
            )
            others = await connection.scalar(live) or 0
            if (await connection.execute(statement)).first() is None:
                if not await connection.scalar(select(RunRow.id).where(RunRow.id == run.id)):
                    raise PinInUse(run.pin)
            elif not exempt:
                check_room("live_runs", others, quotas.live_runs)
                await spend(connection, run.host_id, "runs", quotas.runs, run.created_at)

    async def get(self, run_id: str) -> Run:
        """Return the run. Raises `not_found`."""
        run = await self._one(RunRow.id == run_id) if is_id(run_id) else None
        if run is None:
            raise QuizrunError(ErrorCode.NOT_FOUND, "There is no such run.")
        return run

    async def open_by_pins(self, pins: Sequence[str]) -> list[OpenRun | None]:
        """Return the live runs with these PINs, in order."""
        statement = select(
            RunRow.id,
            RunRow.pin,
            RunRow.title,
            RunRow.settings,
            RunRow.snapshot["language"].as_string().label("language"),
        ).where(RunRow.pin.in_(set(pins)), RunRow.finished_at.is_(None))
        async with statements(self._engine) as connection:
            found = {row.pin: _open_run(row) for row in await connection.execute(statement)}
        return [found.get(pin) for pin in pins]

    async def live_pins(self) -> dict[int, int]:
        """Return the number of live runs by the length of their PIN."""
        length = func.length(RunRow.pin)
        statement = select(length, func.count()).where(RunRow.finished_at.is_(None))
        async with statements(self._engine) as connection:
            rows = await connection.execute(statement.group_by(length))
            return {row[0]: row[1] for row in rows}

    async def page(
        self, host_id: str, limit: int, offset: int, run_filter: RunFilter | None = None
    ) -> tuple[list[Run], int]:
        """Return a page of the host's runs that match the filter, latest first, and the total."""
        conditions = [RunRow.host_id == host_id, *_conditions(run_filter or RunFilter())]
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
        """Return the quiz at this version, even if it has been deleted. Raises `not_found`."""
        statement = select(QuizVersionRow.content).where(
            QuizVersionRow.quiz_id == quiz_id, QuizVersionRow.version == version
        )
        async with statements(self._engine) as connection:
            content = await connection.scalar(statement)
        if content is None:
            raise QuizrunError(ErrorCode.NOT_FOUND, "There is no such version of the quiz.")
        return Quiz.model_validate(content)

    async def save_snapshot(
        self, snapshot: RunSnapshot, encoded: str | None = None
    ) -> RunSnapshot | None:
        """Store a snapshot, and return the one that is stored under its version.

        The first content of a version is kept. Returns None if a later version is stored or the run
        is over; then this version has already been published. `encoded` is the snapshot as JSON, if
        the caller needs that, too.
        """
        state = snapshot.state
        values = {
            "run_id": state.run_id,
            "phase": state.phase.value,
            "locked": state.locked,
            "version": state.version,
            "snapshot": encoded or snapshot.model_dump_json(),
        }
        if (await run(self._engine, _SAVE, values)).affected:
            return snapshot
        stored = await self.snapshot(state.run_id)
        return stored if stored is not None and stored.state.version == state.version else None

    async def newer_snapshot(
        self, run_id: str, version: int, *, timeout_s: float
    ) -> tuple[int, RunSnapshot | None] | None:
        """Return the stored version, with its snapshot if it is newer than `version`.

        None if the run does not exist.
        """
        if not is_id(run_id):
            return None
        values = {"run_id": run_id, "version": version}
        rows = (await run(self._engine, _NEWER, values, timeout_s=timeout_s)).rows
        if not rows:
            return None
        stored, snapshot = rows[0]
        return stored, RunSnapshot.model_validate(snapshot) if snapshot else None

    async def snapshot(self, run_id: str) -> RunSnapshot | None:
        """Return the latest snapshot."""
        if not is_id(run_id):
            return None
        rows = (await run(self._engine, _SNAPSHOT, {"run_id": run_id})).rows
        return RunSnapshot.model_validate(rows[0][0]) if rows else None

    async def heads(self, known: Collection[KnownRun], *, timeout_s: float) -> dict[str, RunHead]:
        """Return the heads of the runs that differ from what is known, by id."""
        values = {
            "run_ids": array(one.run_id for one in known),
            "versions": array(str(one.version) for one in known),
            "players": array(str(one.players) for one in known),
            "changes": array(str(one.extra_time_changes) for one in known),
        }
        async with statements(self._engine, timeout_s=timeout_s) as connection:
            rows = await connection.execute(_HEADS, values)
            return {run_id: RunHead(*head) for run_id, *head in rows}

    async def abandon(self, run_id: str) -> RunSnapshot | None:
        """Cancel a run without a workflow; see `db.abandoning.abandon`."""
        async with transaction(self._engine) as connection:
            return await abandoning.abandon(connection, run_id, now_ms())

    async def _one(self, *conditions: ColumnElement[bool]) -> Run | None:
        async with statements(self._engine) as connection:
            row = (await connection.execute(select(*_COLUMNS).where(*conditions))).first()
        return _run(row) if row else None


def _conditions(run_filter: RunFilter) -> Iterator[ColumnElement[bool]]:
    if run_filter.phase is not None:
        yield RunRow.phase == run_filter.phase.value
    if run_filter.over is not None:
        yield RunRow.finished_at.is_not(None) if run_filter.over else RunRow.finished_at.is_(None)
    if run_filter.quiz_id is not None:
        yield RunRow.quiz_id == run_filter.quiz_id
    if run_filter.pin is not None:
        yield RunRow.pin == run_filter.pin
    if run_filter.rehearsal is not None:
        yield is_rehearsal() if run_filter.rehearsal else ~is_rehearsal()


def is_rehearsal() -> ColumnElement[bool]:
    """Build the condition for rehearsals."""
    return func.coalesce(RunRow.settings["rehearsal"].as_boolean(), False)


def _snapshot_columns(snapshot: RunSnapshot) -> dict[str, Any]:
    return {
        "phase": snapshot.state.phase.value,
        "locked": snapshot.state.locked,
        "version": snapshot.state.version,
        "settings": snapshot.state.settings.stored(),
        "snapshot": snapshot.model_dump(mode="json"),
    }


def _open_run(row: Row[Any]) -> OpenRun:
    settings = RunSettings.model_validate(row.settings)
    return OpenRun(row.id, row.title, row.language, settings)


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
