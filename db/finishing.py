"""Finishing a run in the database; nothing can be added to it afterwards."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from db.score_shard import NO_LOOPS
from quiz.ranking import Standing
from quiz.snapshot import RunSnapshot

# FOR UPDATE waits for batches of answers in progress, which hold FOR KEY SHARE, and blocks later
# ones.
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
    """Store the final standings, close the run and free its PIN.

    Returns the final snapshot; if the run was finished before, that of the first time. Returns
    None, without storing anything, if there are unscored answers or `ranks` do not match the
    totals: the caller must score and rank again. `connection` must be in a transaction.
    """
    state = snapshot.state
    run = {"run_id": state.run_id}
    await connection.execute(NO_LOOPS)
    row = (await connection.execute(_LOCK, run)).first()
    if row is None:
        return snapshot
    if row.stored is not None:
        return RunSnapshot.model_validate(row.stored)
    if await connection.scalar(_UNSCORED, run):
        return None
    if await connection.scalar(_COUNT, run) != len(ranks):
        return None
    columns = {
        "player_ids": [standing.player_id for standing in ranks],
        "ranks": [standing.rank for standing in ranks],
        "scores": [standing.score for standing in ranks],
    }
    if (await connection.execute(_RANK, run | columns)).rowcount != len(ranks):
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
