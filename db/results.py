"""Reports of a run, interim or final: who stands where, and who answered what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import statements
from quiz.answers import Answer
from quiz.ranking import Standing


@dataclass(frozen=True, slots=True)
class AnswerReport:
    """A player's answer to one question; `points` and `correct` are None until scored."""

    question: int
    answer: Answer
    elapsed_ms: int
    points: int | None
    correct: bool | None


@dataclass(frozen=True, slots=True)
class PlayerReport:
    """A player with all answers, by question."""

    rank: int
    player_id: str
    nickname: str
    score: int
    answers: tuple[AnswerReport, ...]


@dataclass(frozen=True, slots=True)
class QuestionReport:
    """How a question went. `mean_elapsed_ms` is over all answers."""

    question: int
    answered: int
    correct: int
    mean_points: float
    mean_elapsed_ms: int


@dataclass(frozen=True, slots=True)
class RunReport:
    """The whole report; `questions` has those that were answered."""

    players: list[PlayerReport]
    questions: list[QuestionReport]


# Ranked before the page is cut out, so that ties across its edge keep their rank.
_STANDINGS = """
    SELECT rank() OVER (ORDER BY score DESC) AS rank, id, nickname, score, number,
           count(*) OVER () AS total
    FROM players WHERE run_id = :run_id AND kicked_at IS NULL
    ORDER BY score DESC, number LIMIT :limit OFFSET :offset
"""
_LEADERBOARD = text(_STANDINGS)
_COUNT = text("SELECT count(*) FROM players WHERE run_id = :run_id AND kicked_at IS NULL")
_PLAYERS = text(f"""
    WITH page AS MATERIALIZED ({_STANDINGS})
    SELECT page.rank, page.id, page.nickname, page.score, a.answers
    FROM page LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_array(question, answer, elapsed_ms, points, correct)
                         ORDER BY question) AS answers
        FROM answers WHERE run_id = :run_id AND player_id = page.id
          AND question = ANY(CAST(:questions AS smallint[]))
    ) a ON true
    ORDER BY page.score DESC, page.number
""")  # noqa: S608  (constants only)
_LAST_QUESTION = text("SELECT max(question) FROM answers WHERE run_id = :run_id")
_QUESTIONS = text("""
    SELECT a.question, count(*), count(*) FILTER (WHERE a.correct),
           coalesce(avg(a.points), 0)::float8, round(avg(a.elapsed_ms))::integer
    FROM answers a JOIN players p ON p.id = a.player_id AND p.kicked_at IS NULL
    WHERE a.run_id = :run_id GROUP BY a.question ORDER BY a.question
""")
PAGE_PLAYERS = 1_000


class Results:
    """Read-only views of a run. Kicked players are left out everywhere."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def leaderboard(
        self, run_id: str, limit: int, offset: int = 0
    ) -> tuple[list[Standing], int]:
        """A page of the standings, and how many players there are."""
        values = {"run_id": run_id, "limit": limit, "offset": offset}
        async with statements(self._engine) as connection:
            rows = (await connection.execute(_LEADERBOARD, values)).all()
            if rows:
                total = rows[0].total
            else:
                total = await connection.scalar(_COUNT, {"run_id": run_id})
        return [Standing(row.rank, row.id, row.nickname, row.score) for row in rows], total

    async def questions(self, run_id: str) -> list[QuestionReport]:
        """How each question went that has answers."""
        async with statements(self._engine) as connection:
            rows = await connection.execute(_QUESTIONS, {"run_id": run_id})
            return [QuestionReport(*row) for row in rows]

    async def players(self, run_id: str, limit: int, offset: int = 0) -> list[PlayerReport]:
        """A page of players, best first, with their answers."""
        # The questions are named because the primary key has them before the player.
        async with statements(self._engine) as connection:
            last = await connection.scalar(_LAST_QUESTION, {"run_id": run_id})
            asked = list(range(0 if last is None else last + 1))
            values = {"run_id": run_id, "limit": limit, "offset": offset, "questions": asked}
            rows = await connection.execute(_PLAYERS, values)
            return [_player(*row) for row in rows]

    async def report(self, run_id: str) -> RunReport:
        """Everything, for an export."""
        questions = await self.questions(run_id)
        players: list[PlayerReport] = []
        while True:
            page = await self.players(run_id, PAGE_PLAYERS, len(players))
            players += page
            if len(page) < PAGE_PLAYERS:
                return RunReport(players, questions)


def _player(
    rank: int, player_id: str, nickname: str, score: int, answers: list[list[Any]] | None
) -> PlayerReport:
    return PlayerReport(
        rank, player_id, nickname, score, tuple(AnswerReport(*each) for each in answers or [])
    )
