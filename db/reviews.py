"""A player's own results, for the player's review of a run."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.answers import OwnAnswer
from db.engine import statements
from quiz.admission import kicked
from quiz.errors import ErrorCode, QuizrunError


@dataclass(frozen=True, slots=True)
class OwnRun:
    """A player's own results. `rank` is the final one, None before the end of the run."""

    nickname: str
    score: int
    rank: int | None
    anonymised: bool
    answers: dict[int, OwnAnswer]


_PLAYER = text("""
    SELECT p.nickname, p.score, p.rank, p.kicked_at IS NOT NULL AS kicked,
           r.anonymised_at IS NOT NULL AS anonymised
    FROM players p JOIN runs r ON r.id = p.run_id
    WHERE p.id = :player_id AND p.run_id = :run_id
""")
# Questions are listed because they precede the player in the primary key.
_ANSWERS = text("""
    SELECT question, answer, elapsed_ms, points, bonus, correct FROM answers
    WHERE run_id = :run_id AND player_id = :player_id
      AND question = ANY(CAST(:questions AS smallint[]))
""")


class Reviews:
    """Reads players' own results."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def own(self, run_id: str, player_id: str, *, questions: int) -> OwnRun:
        """Return the player's results of the first `questions` questions.

        Raises `kicked`, and `not_found` if the run has been deleted.
        """
        values = {"run_id": run_id, "player_id": player_id}
        async with statements(self._engine) as connection:
            player = (await connection.execute(_PLAYER, values)).first()
            if player is None:
                raise QuizrunError(ErrorCode.NOT_FOUND, "This run has been deleted.")
            if player.kicked:
                raise kicked()
            asked = values | {"questions": list(range(questions))}
            rows = (await connection.execute(_ANSWERS, asked)).all()
        answers = {question: OwnAnswer(*answer) for question, *answer in rows}
        return OwnRun(player.nickname, player.score, player.rank, player.anonymised, answers)
