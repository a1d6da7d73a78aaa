"""What one player of a run did, for that player."""

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
    """A player's part in a run. `rank` is the final one, None before the end; `anonymised`: names
    and typed answers have been removed.
    """

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
# The questions are named because the primary key has them before the player.
_ANSWERS = text("""
    SELECT question, answer, elapsed_ms, points, bonus, correct FROM answers
    WHERE run_id = :run_id AND player_id = :player_id
      AND question = ANY(CAST(:questions AS smallint[]))
""")


class Reviews:
    """Reads a player's own results, as they are stored."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def own(self, run_id: str, player_id: str, *, questions: int) -> OwnRun:
        """The player's answers to the first `questions` questions. Raises `not_found` when the run
        was deleted since, or `kicked`.
        """
        values = {"run_id": run_id, "player_id": player_id}
        async with statements(self._engine) as connection:
            player = (await connection.execute(_PLAYER, values)).first()
            if player is None:
                raise QuizrunError(ErrorCode.NOT_FOUND, "This run is not kept any more.")
            if player.kicked:
                raise kicked()
            asked = values | {"questions": list(range(questions))}
            rows = (await connection.execute(_ANSWERS, asked)).all()
        answers = {question: OwnAnswer(*answer) for question, *answer in rows}
        return OwnRun(player.nickname, player.score, player.rank, player.anonymised, answers)
