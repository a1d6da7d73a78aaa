"""Storage of extra time: each player's factor, and the longest of a run for its workflow.

The run's row counts the changes, so that a gateway detects a missed change by comparing numbers,
and a workflow that receives two out of order keeps the later one.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from quiz.errors import ErrorCode, QuizrunError
from quiz.extra_time import ExtraTime, longest


@dataclass(frozen=True, slots=True)
class ExtraTimes:
    """A run's extra times: number of changes, longest factor, and players with a special factor.

    `players` includes those whose factor for the current question may differ from the normal one.
    """

    changes: int
    longest: int
    players: dict[str, ExtraTime]


_LOCK_RUN = text("""
    SELECT finished_at IS NOT NULL AS over, longest_window, extra_time_changes,
           CAST(snapshot -> 'state' ->> 'question' AS integer) AS question
    FROM runs WHERE id = :run_id FOR NO KEY UPDATE
""")
_PLAYER = text("""
    SELECT extra_time, extra_time_before, extra_time_from FROM players
    WHERE id = :player_id AND run_id = :run_id AND kicked_at IS NULL
""")
_CHANGE = text("""
    UPDATE players
    SET extra_time = :percent, extra_time_before = :before, extra_time_from = :from_question
    WHERE id = :player_id AND run_id = :run_id
""")
_FACTORS = text("""
    SELECT DISTINCT extra_time FROM players
    WHERE run_id = :run_id AND kicked_at IS NULL AND extra_time <> 100
""")
_COUNT = text("""
    UPDATE runs SET longest_window = :longest, extra_time_changes = extra_time_changes + 1
    WHERE id = :run_id RETURNING extra_time_changes
""")
# An outer join, because the run's own columns are needed even if nobody has extra time.
_OF_RUN = text("""
    SELECT r.extra_time_changes, r.longest_window,
           p.id, p.extra_time, p.extra_time_before, p.extra_time_from
    FROM runs r
    LEFT JOIN players p ON p.run_id = r.id AND p.kicked_at IS NULL
     AND (p.extra_time <> 100 OR p.extra_time_before <> 100)
    WHERE r.id = :run_id
""")


async def of_run(connection: AsyncConnection, run_id: str) -> ExtraTimes:
    """Return the extra times of a run."""
    rows = (await connection.execute(_OF_RUN, {"run_id": run_id})).all()
    if not rows:
        return ExtraTimes(0, longest(()), {})
    players = {
        row.id: ExtraTime(
            percent=row.extra_time, before=row.extra_time_before, from_question=row.extra_time_from
        )
        for row in rows
        if row.id is not None
    }
    return ExtraTimes(rows[0].extra_time_changes, rows[0].longest_window, players)


async def change(
    connection: AsyncConnection, run_id: str, player_id: str, percent: int
) -> ExtraTimes:
    """Change a player's factor, from the next question that opens; idempotent.

    `connection` must be in a transaction. Only this player is returned in `players`. Raises
    `not_found` for a player who is not in the run, and `run_finished`.
    """
    ids = {"run_id": run_id, "player_id": player_id}
    run = (await connection.execute(_LOCK_RUN, ids)).first()
    row = (await connection.execute(_PLAYER, ids)).first() if run else None
    if run is None or row is None:
        raise QuizrunError(ErrorCode.NOT_FOUND, "There is no such player in this run.")
    if run.over:
        raise QuizrunError(ErrorCode.RUN_FINISHED, "The run is over.")
    stored = ExtraTime(
        percent=row.extra_time, before=row.extra_time_before, from_question=row.extra_time_from
    )
    if stored.percent == percent:
        return ExtraTimes(run.extra_time_changes, run.longest_window, {player_id: stored})
    following = run.question + 1
    changed = ExtraTime(percent=percent, before=stored.at(run.question), from_question=following)
    values = {"percent": percent, "before": changed.before, "from_question": following}
    await connection.execute(_CHANGE, ids | values)
    changes, longest_ = await count(connection, run_id)
    return ExtraTimes(changes, longest_, {player_id: changed})


async def count(connection: AsyncConnection, run_id: str) -> tuple[int, int]:
    """Recompute the longest factor of the run's players; return the number of changes, and it.

    The caller must have locked the run's row.
    """
    longest_ = longest((await connection.execute(_FACTORS, {"run_id": run_id})).scalars())
    changes = await connection.scalar(_COUNT, {"run_id": run_id, "longest": longest_})
    return changes or 0, longest_
