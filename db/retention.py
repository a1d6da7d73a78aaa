"""Old runs: names and texts are replaced after a while, results deleted after a longer one.

Everything happens in small transactions, so that nobody waits and nothing has to be repeated when a
process dies in between. Any number of processes may do it at once.
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
ROWS_AT_ONCE = 5_000
"""Answers or players changed by one transaction."""
RUNS_AT_ONCE = 50
RUN_TIMEOUT_S = 600.0
"""For all batches of one run; a run of 100,000 players takes some hundred."""

_DUE = """
    FROM runs WHERE finished_at IS NOT NULL AND finished_at < :before
"""
_COUNT = text(f"SELECT count(*) {_DUE}")
_COUNT_NAMED = text(f"SELECT count(*) {_DUE} AND anonymised_at IS NULL")
_NAMED = text(f"SELECT id {_DUE} AND anonymised_at IS NULL ORDER BY finished_at LIMIT :limit")
_OLD = text(f"SELECT id {_DUE} ORDER BY finished_at LIMIT :limit")

# A name that no player can have chosen: keys of nicknames hold no invisible characters.
_RENAME = text("""
    UPDATE players SET nickname = 'Player ' || number, nickname_key = E'\\u2060' || number,
           join_key = NULL, skeleton = NULL, device_hash = NULL, left_devices = '{}',
           extra_time = 100, extra_time_before = 100, extra_time_from = 0
    WHERE run_id = :run_id AND number > :after AND number <= :through
""")
# Who stood at the door, codes for other devices, and typed answers as the host looked at them.
_FORGET_DOOR = [
    text(f"DELETE FROM {table} WHERE run_id = :run_id")  # noqa: S608  (constants only)
    for table in ("waiting_players", "move_codes", "answer_looks")
]
_LAST_NUMBER = text("SELECT coalesce(max(number), 0) FROM players WHERE run_id = :run_id")
_LAST_QUESTION = text("SELECT coalesce(max(question), -1) FROM answers WHERE run_id = :run_id")
# Here and below rows are locked in order: processes that do the same at once wait for each other
# instead of ending in a deadlock. Only texts hold what a player wrote; scores are kept.
_FORGET_TEXTS = text("""
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
    """Days after the end of a run; None is for ever."""

    anonymise_after_days: int | None = None
    delete_after_days: int | None = None


@dataclass(frozen=True, slots=True)
class RetentionCounts:
    """How many runs were, or are due to be, anonymised and deleted."""

    anonymised: int
    deleted: int


class Retention:
    """Applies retention periods. All methods raise `unavailable` while PostgreSQL is away."""

    def __init__(self, engine: AsyncEngine, periods: RetentionPeriods) -> None:
        self._engine = engine
        self._periods = periods

    async def due(self, now: int) -> RetentionCounts:
        """How many runs are due; nothing is changed. Those to be deleted are not counted twice."""
        old = await self._count(_COUNT, self._periods.delete_after_days, now)
        named = await self._count(_COUNT_NAMED, self._periods.anonymise_after_days, now)
        both = 0
        if self._periods.delete_after_days is not None:
            both = await self._count(_COUNT_NAMED, self._periods.delete_after_days, now)
        return RetentionCounts(anonymised=max(0, named - both), deleted=old)

    async def apply(self, now: int, *, operator: str = "retention") -> RetentionCounts:
        """Delete and anonymise some runs that are due, the oldest first: at most 50 of each kind.

        Call it again until it returns zeros.
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
            found = await connection.scalar(statement, {"before": now - days * DAY_MS})
        return int(found or 0)

    async def _ids(self, statement: TextClause, days: int | None, now: int) -> list[str]:
        if days is None:
            return []
        values = {"before": now - days * DAY_MS, "limit": RUNS_AT_ONCE}
        async with statements(self._engine) as connection:
            return list((await connection.execute(statement, values)).scalars())

    async def _anonymise(self, run_id: str, now: int) -> bool:
        """False when another process is at it, or was faster."""
        run = {"run_id": run_id}
        async with statements(self._engine, timeout_s=RUN_TIMEOUT_S) as connection:
            players = await connection.scalar(_LAST_NUMBER, run) or 0
            for after in range(0, players, ROWS_AT_ONCE):
                page = {"after": after, "through": after + ROWS_AT_ONCE}
                await connection.execute(_RENAME, run | page)
            for statement in _FORGET_DOOR:
                await connection.execute(statement, run)
            await self._in_batches(connection, _FORGET_TEXTS, run_id)
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
        """Delete a run that is over, with its players and answers.

        Its row goes last: what a dying process leaves behind is found again by it.
        """
        async with statements(self._engine, timeout_s=RUN_TIMEOUT_S) as connection:
            await self._in_batches(connection, _DELETE_ANSWERS, run_id)
            page = {"run_id": run_id, "limit": ROWS_AT_ONCE}
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
            page = {"run_id": run_id, "question": question, "limit": ROWS_AT_ONCE}
            while (await connection.execute(statement, page)).rowcount >= ROWS_AT_ONCE:
                pass


def _without_names(snapshot: RunSnapshot, first: list[Standing]) -> RunSnapshot:
    outcome = snapshot.outcome
    if outcome is None:
        return snapshot
    anonymous = Outcome.of(first).model_copy(update={"players": outcome.players})
    return snapshot.model_copy(update={"outcome": anonymous})
