"""Teams: hosts who share a library of quizzes."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncEngine

from db.acting import on
from db.engine import statements, transaction
from db.ids import is_id, new_id
from db.tables import TeamMemberRow, TeamQuizRow, TeamRow
from quiz.rights import Right


@dataclass(frozen=True, slots=True)
class Team:
    """A team, and the requesting account's right in it: `owner` or `edit`."""

    id: str
    name: str
    right: Right
    members: int
    created_at: int


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """The team whose library holds a quiz, and the members' right on the quiz."""

    team_id: str
    name: str
    right: Right


class Teams:
    """The repository of teams."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def create(self, account_id: str, name: str, now: int) -> Team:
        """Create a team owned by the account."""
        team = Team(new_id(), name, Right.OWNER, 1, now)
        on("team", team.id)
        async with transaction(self._engine) as connection:
            await connection.execute(insert(TeamRow).values(id=team.id, name=name, created_at=now))
            await connection.execute(
                insert(TeamMemberRow).values(
                    team_id=team.id, account_id=account_id, right=Right.OWNER.value, added_at=now
                )
            )
        return team

    async def of_account(self, account_id: str) -> list[Team]:
        """Return the account's teams, ordered by name."""
        members = (
            select(func.count())
            .where(TeamMemberRow.team_id == TeamRow.id)
            .correlate(TeamRow)
            .scalar_subquery()
        )
        mine = TeamMemberRow.__table__.alias("mine")
        statement = (
            select(TeamRow.id, TeamRow.name, mine.c.right, members, TeamRow.created_at)
            .join(mine, mine.c.team_id == TeamRow.id)
            .where(mine.c.account_id == account_id)
            .order_by(TeamRow.name, TeamRow.id)
        )
        async with statements(self._engine) as connection:
            rows = await connection.execute(statement)
            return [Team(row[0], row[1], Right(row[2]), row[3], row[4]) for row in rows]

    async def right(self, account_id: str, team_id: str) -> Right | None:
        """Return the account's right in the team; None if it is not a member."""
        if not is_id(team_id):
            return None
        statement = select(TeamMemberRow.right).where(
            TeamMemberRow.team_id == team_id, TeamMemberRow.account_id == account_id
        )
        async with statements(self._engine) as connection:
            right = await connection.scalar(statement)
        return Right(right) if right else None

    async def rename(self, team_id: str, name: str) -> None:
        """Rename the team."""
        async with statements(self._engine) as connection:
            await connection.execute(update(TeamRow).where(TeamRow.id == team_id).values(name=name))

    async def delete(self, team_id: str) -> None:
        """Delete the team; its quizzes stay with their owners."""
        async with statements(self._engine) as connection:
            await connection.execute(delete(TeamRow).where(TeamRow.id == team_id))

    async def owners(self, team_id: str) -> int:
        """Return the number of owners."""
        statement = select(func.count()).where(
            TeamMemberRow.team_id == team_id, TeamMemberRow.right == Right.OWNER.value
        )
        async with statements(self._engine) as connection:
            return int(await connection.scalar(statement) or 0)

    async def library_of(self, quiz_id: str) -> LibraryEntry | None:
        """Return the library entry of a quiz; None if it is in no library."""
        statement = (
            select(TeamRow.id, TeamRow.name, TeamQuizRow.right)
            .join(TeamQuizRow, TeamQuizRow.team_id == TeamRow.id)
            .where(TeamQuizRow.quiz_id == quiz_id)
        )
        async with statements(self._engine) as connection:
            row = (await connection.execute(statement)).first()
        return LibraryEntry(row[0], row[1], Right(row[2])) if row else None

    async def add_quiz(self, quiz_id: str, team_id: str, right: Right, now: int) -> None:
        """Add a quiz to the team's library, moving it from any other team's."""
        values = {"team_id": team_id, "right": right.value, "added_at": now}
        statement = (
            upsert(TeamQuizRow)
            .values(quiz_id=quiz_id, **values)
            .on_conflict_do_update(index_elements=["quiz_id"], set_=values)
        )
        async with statements(self._engine) as connection:
            await connection.execute(statement)

    async def remove_quiz(self, quiz_id: str) -> None:
        """Remove a quiz from its team's library."""
        async with statements(self._engine) as connection:
            await connection.execute(delete(TeamQuizRow).where(TeamQuizRow.quiz_id == quiz_id))
