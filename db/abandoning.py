"""Cancelling runs whose workflow never started or was lost."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from db.scoring import TOTALS
from quiz.ranking import Total, standings
from quiz.snapshot import Outcome, RunSnapshot, abandoned

# FOR UPDATE blocks answers and joins, as in `db.finishing`.
_LOCK = text("SELECT snapshot FROM runs WHERE id = :run_id AND finished_at IS NULL FOR UPDATE")
_CANCEL = text("""
    UPDATE runs SET phase = :phase, version = :version, snapshot = CAST(:snapshot AS jsonb),
           finished_at = :now
    WHERE id = :run_id
""")


async def abandon(connection: AsyncConnection, run_id: str, now: int) -> RunSnapshot | None:
    """Cancel the run under a new version with the current standings, and free its PIN.

    Returns the new snapshot, for the caller to project; None if there is no such live run.
    `connection` must be in a transaction.
    """
    stored = await connection.scalar(_LOCK, {"run_id": run_id})
    if stored is None:
        return None
    totals = [Total(*row) for row in await connection.execute(TOTALS, {"run_id": run_id})]
    snapshot = abandoned(RunSnapshot.model_validate(stored), Outcome.of(standings(totals)))
    values = {
        "run_id": run_id,
        "phase": snapshot.state.phase.value,
        "version": snapshot.state.version,
        "snapshot": snapshot.model_dump_json(),
        "now": now,
    }
    await connection.execute(_CANCEL, values)
    return snapshot
