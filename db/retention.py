"""Retention of finished runs: anonymisation first, deletion later.

Works in small transactions, so that nobody has to wait and an interrupted process loses no work.
Any number of processes may do it at the same time.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db.engine import statements, transaction
from db.operator_actions import record
from quiz.ranking import Standing, Total, standings
from quiz.snapshot import Outcome, RunSnapshot

DAY_MS = 86_400_000
BATCH_ROWS = 5_000
"""Answers or players changed by one transaction."""
BATCH_RUNS = 50
RUN_TIMEOUT_S = 600.0
"""For all batches of one run; a run of 100,000 players takes a few hundred batches."""

_DUE = """
    FROM runs WHERE finished_at IS NOT NULL AND finished_at < :before
"""
_COUNT = text(f"SELECT count(*) {_DUE}")
_COUNT_NAMED = text(f"SELECT count(*) {_DUE} AND anonymised_at IS NULL")
_NAMED = text(f"SELECT id {_DUE} AND anonymised_at IS NULL ORDER BY finished_at LIMIT :limit")
_OLD = text(f"SELECT id {_DUE} ORDER BY finished_at LIMIT :limit")

# A key that no player can have: nickname keys contain no invisible characters.
_RENAME = text("""
    UPDATE players SET nickname = 'Player ' || number, nickname_key = E'\\u2060' || number,
           join_key = NULL, skeleton = NULL, looks = NULL, device_hash = NULL, network_hash = NULL,
           left_devices = '{}', extra_time = 100, extra_time_before = 100, extra_time_from = 0
    WHERE run_id = :run_id AND number > :after AND number <= :through
""")
# Waiting players, codes for other devices, and moderated typed answers.
_DELETE_PERSONAL = [
    text(f"DELETE FROM {table} WHERE run_id = :run_id")  # noqa: S608  (constants only)
    for table in ("waiting_players", "move_codes", "answer_looks")
]
_LAST_NUMBER = text("SELECT coalesce(max(number), 0) FROM players WHERE run_id = :run_id")
_LAST_QUESTION = text("SELECT coalesce(max(question), -1) FROM answers WHERE run_id = :run_id")
# Here and below rows are locked in order, so that concurrent processes wait for each other instead
# of deadlocking. Only typed texts are personal; other answers and scores are kept.
_CLEAR_TEXTS = text("""
    UPDATE answers SET answer = '""'
    WHERE run_id = :run_id AND question = :question AND player_id IN (
        SELECT player_id FROM answers
        WHERE run_id = :run_id AND question = :question
          AND jsonb_typeof(answer) = 'string' AND answer <> '""'
        ORDER BY player_id LIMIT :limit FOR UPDATE
    )
""")
_LOCK = text("""
    SELECT snapshot FROM runs WHERE id = :run_id AND anonymised_at IS NULL
    FOR UPDATE SKIP LOCKED
""")
_FIRST = text("""
    SELECT id, nickname, score, number FROM players
    WHERE run_id = :run_id AND kicked_at IS NULL ORDER BY score DESC, number LIMIT 10
""")
_STAMP = text("""
    UPDATE runs SET snapshot = CAST(:snapshot AS jsonb), anonymised_at = :now WHERE id = :run_id
""")
_DELETE_ANSWERS = text("""
    DELETE FROM answers WHERE run_id = :run_id AND question = :question AND player_id IN (
        SELECT player_id FROM answers WHERE run_id = :run_id AND question = :question
        ORDER BY player_id LIMIT :limit FOR UPDATE
    )
""")
_DELETE_PLAYERS = text("""
    DELETE FROM players WHERE id IN (
        SELECT id FROM players WHERE run_id = :run_id ORDER BY number LIMIT :limit FOR UPDATE
    )
""")
_DELETE_RUN = text("DELETE FROM runs WHERE id = :run_id")


@dataclass(frozen=True, slots=True)
class RetentionPeriods:
    """Days after the end of a run; None means never."""

    anonymise_after_days: int | None = None
    delete_after_days: int | None = None


@dataclass(frozen=True, slots=True)
class RetentionCounts:
    """The number of runs that were (or are due to be) anonymised and deleted."""

    anonymised: int
    deleted: int


class Retention:
    """Applies retention periods. All methods raise `unavailable`."""

    def __init__(self, engine: AsyncEngine, periods: RetentionPeriods) -> None:
        self._engine = engine
        self._periods = periods

    async def due(self, now: int) -> RetentionCounts:
        """Count the runs that are due; runs to be deleted are not counted as to be anonymised."""
        old = await self._count(_COUNT, self._periods.delete_after_days, now)
        named = await self._count(_COUNT_NAMED, self._periods.anonymise_after_days, now)
        both = 0
        if self._periods.delete_after_days is not None:
            both = await self._count(_COUNT_NAMED, self._periods.delete_after_days, now)
        return RetentionCounts(anonymised=max(0, named - both), deleted=old)

    async def apply(self, now: int, *, operator: str = "retention") -> RetentionCounts:
        """Delete and anonymise due runs, oldest first, at most `BATCH_RUNS` of each kind.

        Call it until it returns zeros.
        """
        deleted = anonymised = 0
        for run_id in await self._ids(_OLD, self._periods.delete_after_days, now):
            await self.delete_run(run_id, operator, "deleted: retention is over")
            deleted += 1
        for run_id in await self._ids(_NAMED, self._periods.anonymise_after_days, now):
            anonymised += await self._anonymise(run_id, now)
        return RetentionCounts(anonymised, deleted)

    async def _count(self, statement: TextClause, days: int | None, now: int) -> int:
        if days is None:
            return 0
        async with statements(self._engine) as connection:
            count = await connection.scalar(statement, {"before": now - days * DAY_MS})
        return int(count or 0)

    async def _ids(self, statement: TextClause, days: int | None, now: int) -> list[str]:
        if days is None:
            return []
        values = {"before": now - days * DAY_MS, "limit": BATCH_RUNS}
        async with statements(self._engine) as connection:
            return list((await connection.execute(statement, values)).scalars())

    async def _anonymise(self, run_id: str, now: int) -> bool:
        """Anonymise a run; False if another process is doing it or has done it."""
        run = {"run_id": run_id}
        async with statements(self._engine, timeout_s=RUN_TIMEOUT_S) as connection:
            players = await connection.scalar(_LAST_NUMBER, run) or 0
            for after in range(0, players, BATCH_ROWS):
                page = {"after": after, "through": after + BATCH_ROWS}
                await connection.execute(_RENAME, run | page)
            for statement in _DELETE_PERSONAL:
                await connection.execute(statement, run)
            await self._in_batches(connection, _CLEAR_TEXTS, run_id)
        async with transaction(self._engine) as connection:
            stored = await connection.scalar(_LOCK, run)
            if stored is None:
                return False
            rows = await connection.execute(_FIRST, run)
            first = standings(Total(*row) for row in rows)
            snapshot = _without_names(RunSnapshot.model_validate(stored), first)
            values = {"snapshot": snapshot.model_dump_json(), "now": now}
            await connection.execute(_STAMP, run | values)
        return True

    async def delete_run(self, run_id: str, operator: str, outcome: str = "deleted") -> None:
        """Delete a finished run with its players and answers."""
        # The run's row is deleted last, so that an interrupted deletion is found and resumed.
        async with statements(self._engine, timeout_s=RUN_TIMEOUT_S) as connection:
            await self._in_batches(connection, _DELETE_ANSWERS, run_id)
            page = {"run_id": run_id, "limit": BATCH_ROWS}
            while (await connection.execute(_DELETE_PLAYERS, page)).rowcount:
                pass
        async with transaction(self._engine) as connection:
            if (await connection.execute(_DELETE_RUN, {"run_id": run_id})).rowcount:
                await record(connection, operator, "delete", run_id, outcome)

    async def _in_batches(
        self, connection: AsyncConnection, statement: TextClause, run_id: str
    ) -> None:
        last = await connection.scalar(_LAST_QUESTION, {"run_id": run_id})
        for question in range((-1 if last is None else last) + 1):
            page = {"run_id": run_id, "question": question, "limit": BATCH_ROWS}
            while (await connection.execute(statement, page)).rowcount >= BATCH_ROWS:
                pass


def _without_names(snapshot: RunSnapshot, first: list[Standing]) -> RunSnapshot:
    outcome = snapshot.outcome
    if outcome is None:
        return snapshot
    anonymous = Outcome.of(first).model_copy(update={"players": outcome.players})
    return snapshot.model_copy(update={"outcome": anonymous})
