"""Reports of a run, interim or final: standings and answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import statements
from quiz.answers import Answer
from quiz.extra_time import NORMAL
from quiz.ranking import Standing


@dataclass(frozen=True, slots=True)
class AnswerReport:
    """A player's answer to one question; `points` and `correct` are None until scored.

    `extra_time` is the player's factor in percent (`quiz.extra_time`). Only the host may see it,
    and it is 100 for everyone once the run is anonymised.
    """

    question: int
    answer: Answer
    elapsed_ms: int
    points: int | None
    correct: bool | None
    extra_time: int = NORMAL


@dataclass(frozen=True, slots=True)
class PlayerReport:
    """A player with all answers, ordered by question."""

    rank: int
    player_id: str
    nickname: str
    score: int
    answers: tuple[AnswerReport, ...]


@dataclass(frozen=True, slots=True)
class PlayerTally:
    """How many of certain questions a player answered (correctly)."""

    player_id: str
    nickname: str
    score: int
    right: int
    answered: int


@dataclass(frozen=True, slots=True)
class QuestionReport:
    """Statistics of a question. `mean_elapsed_ms` is over all answers."""

    question: int
    answered: int
    correct: int
    mean_points: float
    mean_elapsed_ms: int


# Ranked before paging, so that ties across pages keep their rank.
_LEADERBOARD = text("""
    SELECT rank() OVER (ORDER BY score DESC) AS rank, id, nickname, score, number,
           count(*) OVER () AS total
    FROM players WHERE run_id = :run_id AND kicked_at IS NULL
    ORDER BY score DESC, number LIMIT :limit OFFSET :offset
""")
_COUNT = text("SELECT count(*) FROM players WHERE run_id = :run_id AND kicked_at IS NULL")
_ANSWERS = text("""
    SELECT a.answers
    FROM unnest(CAST(:player_ids AS uuid[])) WITH ORDINALITY AS page (id, place)
    LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_array(question, answer, elapsed_ms, points, correct,
                                           CASE WHEN :named THEN coalesce(extra_time, 100)
                                                ELSE 100 END)
                         ORDER BY question) AS answers
        FROM answers WHERE run_id = :run_id AND player_id = page.id
          AND question = ANY(CAST(:questions AS smallint[]))
    ) a ON true
    ORDER BY page.place
""")
_TALLIES = text("""
    SELECT player_id, count(*) FILTER (WHERE correct) AS correct, count(*) AS answered FROM answers
    WHERE run_id = :run_id AND question = ANY(CAST(:questions AS smallint[]))
    GROUP BY player_id
""")
_NAMED = text("SELECT anonymised_at IS NULL FROM runs WHERE id = :run_id")
_LAST_QUESTION = text("SELECT max(question) FROM answers WHERE run_id = :run_id")
_QUESTIONS = text("""
    SELECT a.question, count(*), count(*) FILTER (WHERE a.correct),
           coalesce(avg(a.points), 0)::float8, round(avg(a.elapsed_ms))::integer
    FROM answers a JOIN players p ON p.id = a.player_id AND p.kicked_at IS NULL
    WHERE a.run_id = :run_id GROUP BY a.question ORDER BY a.question
""")
ALL = 10_000_000
PAGE_ANSWERS = 5_000
"""Answers per page of `pages`: limits how long encoding one blocks the event loop."""


class Results:
    """Read-only reports of runs, without kicked players."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def leaderboard(
        self, run_id: str, limit: int, offset: int = 0
    ) -> tuple[list[Standing], int]:
        """Return a page of the standings, and the number of players."""
        values = {"run_id": run_id, "limit": limit, "offset": offset}
        async with statements(self._engine) as connection:
            rows = (await connection.execute(_LEADERBOARD, values)).all()
            if rows:
                total = rows[0].total
            else:
                total = await connection.scalar(_COUNT, {"run_id": run_id})
        return [Standing(row.rank, row.id, row.nickname, row.score) for row in rows], total

    async def questions(self, run_id: str) -> list[QuestionReport]:
        """Return statistics of each question with answers."""
        async with statements(self._engine) as connection:
            rows = await connection.execute(_QUESTIONS, {"run_id": run_id})
            return [QuestionReport(*row) for row in rows]

    async def tallies(self, run_id: str, questions: Sequence[int]) -> list[PlayerTally]:
        """Return how every player did in these questions, best score first."""
        standings, _ = await self.leaderboard(run_id, ALL)
        values = {"run_id": run_id, "questions": list(questions)}
        async with statements(self._engine) as connection:
            rows = await connection.execute(_TALLIES, values)
            counts = {row.player_id: (row.correct, row.answered) for row in rows}
        return [
            PlayerTally(
                line.player_id, line.nickname, line.score, *counts.get(line.player_id, (0, 0))
            )
            for line in standings
        ]

    async def pages(self, run_id: str) -> AsyncIterator[list[PlayerReport]]:
        """Iterate over all players with their answers, best first.

        The standings are read once, so that no player is missed or repeated if scores change in
        the meantime; no connection is held between pages.
        """
        standings, _ = await self.leaderboard(run_id, ALL)
        size = max(1, PAGE_ANSWERS // max(1, len(await self._asked(run_id))))
        for start in range(0, len(standings), size):
            yield await self.players(run_id, standings[start : start + size])

    async def players(self, run_id: str, standings: Sequence[Standing]) -> list[PlayerReport]:
        """Return these players with their answers."""
        # Questions are listed because they precede the player in the primary key.
        values = {
            "run_id": run_id,
            "questions": await self._asked(run_id),
            "player_ids": [standing.player_id for standing in standings],
        }
        async with statements(self._engine) as connection:
            named = await connection.scalar(_NAMED, {"run_id": run_id})
            parameters = values | {"named": bool(named)}
            answers = (await connection.execute(_ANSWERS, parameters)).scalars().all()
        return [_player(*pair) for pair in zip(standings, answers, strict=True)]

    async def _asked(self, run_id: str) -> list[int]:
        async with statements(self._engine) as connection:
            last = await connection.scalar(_LAST_QUESTION, {"run_id": run_id})
        return list(range(0 if last is None else last + 1))


def _player(standing: Standing, answers: list[list[Any]] | None) -> PlayerReport:
    return PlayerReport(
        rank=standing.rank,
        player_id=standing.player_id,
        nickname=standing.nickname,
        score=standing.score,
        answers=tuple(AnswerReport(*answer) for answer in answers or []),
    )
