"""The end of a run in the database: nothing is added to it any more."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from db.score_shard import NO_LOOPS
from quiz.ranking import Standing
from quiz.snapshot import RunSnapshot

# FOR UPDATE, the one lock that waits for batches of answers in flight (they hold FOR KEY SHARE)
# and that batches to come wait for.
_LOCK = text("SELECT finished_at IS NOT NULL AS over FROM runs WHERE id = :run_id FOR UPDATE")
_UNSCORED = text("SELECT EXISTS (SELECT FROM answers WHERE run_id = :run_id AND points IS NULL)")
_COUNT = text("SELECT count(*) FROM players WHERE run_id = :run_id AND kicked_at IS NULL")
_RANK = text("""
    UPDATE players p SET rank = g.rank
    FROM unnest(
        CAST(:player_ids AS uuid[]), CAST(:ranks AS integer[]), CAST(:scores AS integer[])
    ) AS g (player_id, rank, score)
    WHERE p.id = g.player_id AND p.run_id = :run_id AND p.kicked_at IS NULL
      AND p.score = g.score
""")
_FINISH = text("""
    UPDATE runs SET phase = :phase, locked = :locked, version = :version,
           snapshot = CAST(:snapshot AS jsonb), finished_at = :now
    WHERE id = :run_id
""")


async def finish(
    connection: AsyncConnection, snapshot: RunSnapshot, ranks: Sequence[Standing], now: int
) -> bool:
    """Store the final standings and close the run; its PIN is free again.

    False, and nothing is stored, when an answer slipped in unscored or `ranks` are no longer
    those of the totals: the caller scores, ranks and tries again. True also for a run that is
    over already. `connection` is in a transaction of its own.
    """
    state = snapshot.state
    run = {"run_id": state.run_id}
    await connection.execute(NO_LOOPS)
    over = await connection.scalar(_LOCK, run)
    if over is None or over:
        return True
    if await connection.scalar(_UNSCORED, run):
        return False
    if await connection.scalar(_COUNT, run) != len(ranks):
        return False
    given = {
        "player_ids": [standing.player_id for standing in ranks],
        "ranks": [standing.rank for standing in ranks],
        "scores": [standing.score for standing in ranks],
    }
    if (await connection.execute(_RANK, run | given)).rowcount != len(ranks):
        await connection.rollback()
        return False
    await connection.execute(
        _FINISH,
        {
            **run,
            "phase": state.phase.value,
            "locked": state.locked,
            "version": state.version,
            "snapshot": snapshot.model_dump_json(),
            "now": now,
        },
    )
    return True
