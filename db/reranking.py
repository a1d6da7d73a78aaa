"""Recomputing the final standings of a finished run after its totals were corrected."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from db.scoring import TOTALS
from quiz.ranking import Total, standings
from quiz.snapshot import Outcome, RunSnapshot

_LOCK = text("""
    SELECT snapshot FROM runs WHERE id = :run_id AND finished_at IS NOT NULL FOR UPDATE
""")
_RANK = text("""
    UPDATE players p SET rank = g.rank
    FROM unnest(CAST(:player_ids AS uuid[]), CAST(:ranks AS integer[])) AS g (player_id, rank)
    WHERE p.id = g.player_id AND p.run_id = :run_id
""")
_STORE = text("""
    UPDATE runs SET version = :version, snapshot = CAST(:snapshot AS jsonb) WHERE id = :run_id
""")


async def rerank(connection: AsyncConnection, run_id: str) -> RunSnapshot | None:
    """Rank the players by their totals, and store the outcome under a new version.

    Returns the new snapshot, for the caller to publish; None for a live run, whose standings follow
    with the next question. `connection` must be in a transaction.
    """
    stored = await connection.scalar(_LOCK, {"run_id": run_id})
    if stored is None:
        return None
    snapshot = RunSnapshot.model_validate(stored)
    totals = [Total(*row) for row in await connection.execute(TOTALS, {"run_id": run_id})]
    ranked = standings(totals)
    ranks = {
        "player_ids": [standing.player_id for standing in ranked],
        "ranks": [standing.rank for standing in ranked],
    }
    await connection.execute(_RANK, {"run_id": run_id, **ranks})
    version = snapshot.state.version + 1
    state = snapshot.state.model_copy(update={"version": version, "standings_version": version})
    snapshot = snapshot.model_copy(update={"state": state, "outcome": Outcome.of(ranked)})
    values = {"run_id": run_id, "version": version, "snapshot": snapshot.model_dump_json()}
    await connection.execute(_STORE, values)
    return snapshot
