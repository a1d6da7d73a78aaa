"""The operators' view of runs, across all hosts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import statements
from db.ids import is_id
from quiz.run import Phase, RunState

MAX_RUNS = 2_000
READ_TIMEOUT_S = 10.0

# Only states, without questions and reveals; only answers to the current question, which are a
# range of the primary key.
_SELECT = """
    SELECT r.id, r.pin, r.title, r.host_id, r.quiz_id, r.phase, r.players, r.version,
           r.snapshot -> 'state' AS state, r.created_at, r.finished_at,
           r.scored_through, r.published_through, a.display_name AS host_name,
           (SELECT count(*) FROM answers n WHERE n.run_id = r.id
            AND n.question = CAST(r.snapshot -> 'state' ->> 'question' AS smallint)) AS answered,
           (SELECT max(received_at) FROM answers n WHERE n.run_id = r.id
            AND n.question = CAST(r.snapshot -> 'state' ->> 'question' AS smallint))
               AS last_answer_at
    FROM runs r JOIN accounts a ON a.id = r.host_id
"""
_LIST = text(f"""
    {_SELECT}
    WHERE (NOT :live OR r.finished_at IS NULL)
      AND (CAST(:phase AS text) IS NULL OR r.phase = :phase)
      AND (CAST(:host AS text) IS NULL OR r.host_id::text = :host OR lower(a.email) = lower(:host))
    ORDER BY r.created_at DESC LIMIT :limit
""")
_ONE = text(f"{_SELECT} WHERE r.id = :run_id")
_BY_PIN = text("""
    SELECT id FROM runs WHERE pin = :pin ORDER BY finished_at IS NOT NULL, created_at DESC LIMIT 1
""")
_STARTING_WITH = text("SELECT id FROM runs WHERE id::text LIKE :start || '%' LIMIT 2")


@dataclass(frozen=True, slots=True)
class RunLine:
    """A summary of a run. `answered` and `last_answer_at` refer to the current question."""

    id: str
    pin: str
    title: str
    host_id: str
    host_name: str
    quiz_id: str
    phase: Phase
    players: int
    version: int
    state: RunState
    created_at: int
    finished_at: int | None
    scored_through: int
    published_through: int
    answered: int
    last_answer_at: int | None


class LiveRuns:
    """Reads runs for operators. All methods raise `unavailable`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def list(
        self,
        *,
        live: bool = True,
        phase: str | None = None,
        host: str | None = None,
        limit: int = MAX_RUNS,
    ) -> list[RunLine]:
        """Return the latest runs, newest first; `host` is an account's id or email address."""
        values = {"live": live, "phase": phase, "host": host, "limit": min(limit, MAX_RUNS)}
        async with statements(self._engine, timeout_s=READ_TIMEOUT_S) as connection:
            return [_line(row) for row in await connection.execute(_LIST, values)]

    async def get(self, run_id: str) -> RunLine | None:
        """Return the run, live or finished."""
        if not is_id(run_id):
            return None
        async with statements(self._engine, timeout_s=READ_TIMEOUT_S) as connection:
            row = (await connection.execute(_ONE, {"run_id": run_id})).first()
        return _line(row) if row else None

    async def resolve(self, named: str) -> str | None:
        """Resolve an id, an unambiguous prefix of one (at least 8 characters) or a PIN.

        A PIN refers to the live run, or else to the latest.
        """
        if is_id(named):
            return named
        async with statements(self._engine, timeout_s=READ_TIMEOUT_S) as connection:
            if named.isdecimal() and (
                found := await connection.scalar(_BY_PIN, {"pin": named[:20]})
            ):
                return str(found)
            if len(named) < 8 or set(named) - set("0123456789abcdef-"):
                return None
            ids = (await connection.execute(_STARTING_WITH, {"start": named})).scalars().all()
        return str(ids[0]) if len(ids) == 1 else None


def _line(row: Row[Any]) -> RunLine:
    fields = dict(row._mapping)  # noqa: SLF001  (SQLAlchemy's public name for it)
    fields["phase"] = Phase(fields["phase"])
    fields["state"] = RunState.model_validate(fields["state"])
    return RunLine(**fields)
