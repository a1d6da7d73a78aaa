"""Rights on quizzes and runs: of owners, co-hosts and team members."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db.engine import statements, transaction
from db.ids import is_id
from quiz.rights import Right, highest, right_on_run


@dataclass(frozen=True, slots=True)
class Access:
    """The owner of a quiz or run, and the requesting account's right; None if it has none."""

    owner_id: str
    right: Right | None


@dataclass(frozen=True, slots=True)
class Member:
    """An account with a right. `added_at` is epoch ms."""

    account_id: str
    display_name: str
    email: str
    right: Right
    added_at: int


@dataclass(frozen=True, slots=True)
class Shared:
    """A quiz or run that is shared with an account."""

    id: str
    title: str
    owner_name: str
    right: Right
    team: str | None
    changed_at: int


def _rights_on_quiz(account: str) -> str:
    """Joins that find the rights of an account on a quiz `q`: its own, and through a team."""
    return f"""
        LEFT JOIN quiz_members m ON m.quiz_id = q.id AND m.account_id = {account}
        LEFT JOIN (
            SELECT s.quiz_id, s.right, s.team_id, tm.account_id FROM team_quizzes s
            JOIN team_members tm ON tm.team_id = s.team_id
        ) t ON t.quiz_id = q.id AND t.account_id = {account}
    """  # noqa: S608  (constants only)


_QUIZ = text(f"""
    SELECT q.owner_id, m.right AS own, t.right AS team
    FROM quizzes q {_rights_on_quiz(":account")}
    WHERE q.id = :id AND q.deleted_at IS NULL
""")  # noqa: S608
_RUNS = text(f"""
    SELECT g.account_id, g.run_id, r.host_id, q.owner_id,
           rm.right AS on_run, m.right AS own, t.right AS team
    FROM unnest(CAST(:account_ids AS uuid[]), CAST(:run_ids AS uuid[])) AS g (account_id, run_id)
    JOIN runs r ON r.id = g.run_id
    JOIN quizzes q ON q.id = r.quiz_id {_rights_on_quiz("g.account_id")}
    LEFT JOIN run_members rm ON rm.run_id = r.id AND rm.account_id = g.account_id
""")  # noqa: S608
_SHARED_QUIZZES = text(f"""
    SELECT q.id, q.title, a.display_name, m.right AS own, t.right AS team, teams.name,
           q.updated_at
    FROM quizzes q JOIN accounts a ON a.id = q.owner_id {_rights_on_quiz(":account")}
    LEFT JOIN teams ON teams.id = t.team_id
    WHERE q.owner_id <> :account AND q.deleted_at IS NULL
      AND (m.right IS NOT NULL OR t.right IS NOT NULL)
    ORDER BY q.updated_at DESC, q.id LIMIT :limit
""")  # noqa: S608
_SHARED_RUNS = text("""
    SELECT r.id, r.title, a.display_name, rm.right AS own, NULL AS team, NULL AS name,
           r.created_at
    FROM run_members rm JOIN runs r ON r.id = rm.run_id JOIN accounts a ON a.id = r.host_id
    WHERE rm.account_id = :account
    ORDER BY r.created_at DESC, r.id LIMIT :limit
""")


def _members(table: str, column: str) -> tuple[TextClause, TextClause, TextClause]:
    """The statements to list, add and remove members."""
    return (
        text(f"""
            SELECT a.id, a.display_name, a.email, m.right, m.added_at
            FROM {table} m JOIN accounts a ON a.id = m.account_id
            WHERE m.{column} = :id ORDER BY m.added_at, a.id
        """),  # noqa: S608
        text(f"""
            INSERT INTO {table} ({column}, account_id, "right", added_at)
            VALUES (:id, :account, :right, :now)
            ON CONFLICT ({column}, account_id) DO UPDATE SET "right" = excluded.right
        """),  # noqa: S608
        text(f"DELETE FROM {table} WHERE {column} = :id AND account_id = :account"),  # noqa: S608
    )


_TABLES = {
    "quiz": _members("quiz_members", "quiz_id"),
    "run": _members("run_members", "run_id"),
    "team": _members("team_members", "team_id"),
}
_TRANSFER = text("""
    UPDATE quizzes SET owner_id = :account WHERE id = :id AND deleted_at IS NULL
    RETURNING (SELECT owner_id FROM quizzes WHERE id = :id)
""")


class Sharing:
    """The repository of rights."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def quiz(self, account_id: str, quiz_id: str) -> Access | None:
        """Return the account's access to a quiz; None if it does not exist."""
        if not is_id(quiz_id):
            return None
        values = {"account": account_id, "id": quiz_id}
        async with statements(self._engine) as connection:
            row = (await connection.execute(_QUIZ, values)).first()
        if row is None:
            return None
        owner = Right.OWNER if row.owner_id == account_id else None
        return Access(row.owner_id, highest(owner, _right(row.own), _right(row.team)))

    async def run(self, account_id: str, run_id: str) -> Access | None:
        """Return the account's access to a run; None if it does not exist."""
        return (await self.runs([(account_id, run_id)])).get((account_id, run_id))

    async def runs(self, pairs: Collection[tuple[str, str]]) -> dict[tuple[str, str], Access]:
        """Return the access of each pair of account id and run id, without runs that do not exist.

        Takes one statement for all pairs.
        """
        asked = [pair for pair in pairs if all(map(is_id, pair))]
        values = {
            "account_ids": [pair[0] for pair in asked],
            "run_ids": [pair[1] for pair in asked],
        }
        async with statements(self._engine) as connection:
            rows = (await connection.execute(_RUNS, values)).all()
        return {(row.account_id, row.run_id): _access_to_run(row) for row in rows}

    async def with_access(self, pairs: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
        """Return the ``(account_id, run_id)`` pairs where the account has a right on the run."""
        return {pair for pair, access in (await self.runs(pairs)).items() if access.right}

    async def shared_quizzes(self, account_id: str, limit: int) -> list[Shared]:
        """Return quizzes shared with the account, last changed first."""
        return await self._shared(_SHARED_QUIZZES, account_id, limit)

    async def shared_runs(self, account_id: str, limit: int) -> list[Shared]:
        """Return runs of which the account is a co-host, latest first."""
        return await self._shared(_SHARED_RUNS, account_id, limit)

    async def members(self, kind: str, target_id: str) -> list[Member]:
        """Return the co-hosts of a quiz or run, or the members of a team."""
        async with statements(self._engine) as connection:
            rows = await connection.execute(_TABLES[kind][0], {"id": target_id})
            return [
                Member(row.id, row.display_name, row.email, Right(row.right), row.added_at)
                for row in rows
            ]

    async def remove(self, kind: str, target_id: str, account_id: str) -> bool:
        """Revoke an account's right; return whether it had one."""
        if not is_id(account_id):
            return False
        values = {"id": target_id, "account": account_id}
        async with statements(self._engine) as connection:
            return bool((await connection.execute(_TABLES[kind][2], values)).rowcount)

    async def add(self, kind: str, target_id: str, account_id: str, right: Right, now: int) -> None:
        """Grant a right to an account, or change the one it has."""
        async with transaction(self._engine) as connection:
            await add_member(connection, kind, target_id, account_id, right, now)

    async def _shared(self, statement: TextClause, account_id: str, limit: int) -> list[Shared]:
        values = {"account": account_id, "limit": limit}
        async with statements(self._engine) as connection:
            rows = (await connection.execute(statement, values)).all()
        shared = []
        for row in rows:
            right = highest(_right(row.own), _right(row.team))
            if right is not None:
                shared.append(Shared(row[0], row[1], row[2], right, row[5], row[6]))
        return shared


async def add_member(
    connection: AsyncConnection, kind: str, target_id: str, account_id: str, right: Right, now: int
) -> None:
    """Grant a right to an account within the caller's transaction.

    When a quiz is transferred, its former owner becomes a co-host with the right to edit.
    """
    values = {"id": target_id, "account": account_id, "right": right.value, "now": now}
    if kind != "quiz" or right is not Right.OWNER:
        await connection.execute(_TABLES[kind][1], values)
        return
    before = (await connection.execute(_TRANSFER, values)).scalar()
    await connection.execute(_TABLES["quiz"][2], values)
    if before is not None and before != account_id:
        former = values | {"account": before, "right": Right.EDIT.value}
        await connection.execute(_TABLES["quiz"][1], former)


def _access_to_run(row: Row[Any]) -> Access:
    right = right_on_run(
        is_host=row.host_id == row.account_id,
        on_run=_right(row.on_run),
        on_quiz=highest(_right(row.own), _right(row.team)),
        quiz_owner_hosts=row.host_id == row.owner_id,
    )
    return Access(row.host_id, right)


def _right(text_: str | None) -> Right | None:
    return Right(text_) if text_ else None
