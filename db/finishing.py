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
_LOCK = text("""
    SELECT CASE WHEN finished_at IS NOT NULL THEN snapshot END AS stored
    FROM runs WHERE id = :run_id FOR UPDATE
""")
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
) -> RunSnapshot | None:
    """Store the final standings and close the run; its PIN is free again.

    Returns the snapshot with which the run has ended: that of the first finish, should this be
    another one. None, and nothing is stored, when an answer slipped in unscored or `ranks` are no
    longer those of the totals: the caller scores, ranks and tries again. `connection` is in a
    transaction of its own.
    """
    state = snapshot.state
    run = {"run_id": state.run_id}
    await connection.execute(NO_LOOPS)
    found = (await connection.execute(_LOCK, run)).first()
    if found is None:
        return snapshot
    if found.stored is not None:
        return RunSnapshot.model_validate(found.stored)
    if await connection.scalar(_UNSCORED, run):
        return None
    if await connection.scalar(_COUNT, run) != len(ranks):
        return None
    given = {
        "player_ids": [standing.player_id for standing in ranks],
        "ranks": [standing.rank for standing in ranks],
        "scores": [standing.score for standing in ranks],
    }
    if (await connection.execute(_RANK, run | given)).rowcount != len(ranks):
        await connection.rollback()
        return None
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
    return snapshot
