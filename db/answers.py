"""Answers: written in batches, and acknowledged only after the commit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import statements
from db.outages import unavailable
from quiz.answers import Answer
from quiz.errors import ErrorCode, QuizrunError


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """An answer to record. `answer` has passed `quiz.answers.parse_answer`."""

    run_id: str
    question: int
    player_id: str
    answer: Answer
    elapsed_ms: int
    received_at: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """The answer is in the table. `elapsed_ms` is that of the player's first try, which counts."""

    elapsed_ms: int
    repeated: bool


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """What a player has answered; `points` (with `bonus`) and `correct` are None until scored."""

    answer: Answer
    elapsed_ms: int
    points: int | None
    bonus: int | None
    correct: bool | None


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """A row of the table, for reports."""

    question: int
    player_id: str
    answer: Answer
    elapsed_ms: int
    received_at: int
    points: int | None
    bonus: int | None
    correct: bool | None


_GIVEN = """unnest(
        CAST(:run_ids AS uuid[]), CAST(:questions AS smallint[]), CAST(:player_ids AS uuid[]),
        CAST(:answers AS jsonb[]), CAST(:elapsed AS integer[]), CAST(:received AS bigint[])
    ) WITH ORDINALITY AS g (
        run_id, question, player_id, answer, elapsed_ms, received_at, place
    )"""

# FOR KEY SHARE waits for nobody but a finish, which takes FOR UPDATE; after that wait the
# condition is checked anew. Rows are sorted because two batches with the same rows in different
# orders would wait for each other.
_RECORD = text(f"""
    WITH live AS MATERIALIZED (
        SELECT id FROM runs
        WHERE id = ANY(CAST(:live_ids AS uuid[])) AND finished_at IS NULL
        ORDER BY id FOR KEY SHARE
    )
    INSERT INTO answers (run_id, question, player_id, answer, elapsed_ms, received_at)
    SELECT g.run_id, g.question, g.player_id, g.answer, g.elapsed_ms, g.received_at
    FROM {_GIVEN}
    JOIN live ON live.id = g.run_id
    JOIN players p ON p.id = g.player_id AND p.run_id = g.run_id AND p.kicked_at IS NULL
    ORDER BY g.run_id, g.question, g.player_id, g.place
    ON CONFLICT DO NOTHING
    RETURNING run_id, question, player_id
""")  # noqa: S608  (constants only)
# A statement of its own: it must see what the first one met and could not see.
_EXPLAIN = text(f"""
    SELECT a.player_id IS NOT NULL AS answered, a.answer = g.answer AS same, a.elapsed_ms,
           r.id IS NOT NULL AND r.finished_at IS NULL AS live,
           p.id IS NOT NULL AS joined, p.kicked_at IS NOT NULL AS kicked
    FROM {_GIVEN}
    LEFT JOIN answers a USING (run_id, question, player_id)
    LEFT JOIN runs r ON r.id = g.run_id
    LEFT JOIN players p ON p.id = g.player_id AND p.run_id = g.run_id
    ORDER BY g.place
""")  # noqa: S608
_OWN = text("""
    SELECT answer, elapsed_ms, points, bonus, correct FROM answers
    WHERE run_id = :run_id AND question = :question AND player_id = :player_id
""")
_ANSWERED = text("""
    SELECT player_id FROM answers
    WHERE run_id = :run_id AND question = :question
      AND player_id = ANY(CAST(:player_ids AS uuid[]))
""")
_COUNTS = text("""
    SELECT a.answer, count(*) FROM answers a
    JOIN players p ON p.id = a.player_id AND p.kicked_at IS NULL
    WHERE a.run_id = :run_id AND a.question = :question
    GROUP BY a.answer ORDER BY count(*) DESC, a.answer LIMIT CAST(:limit AS integer)
""")
_TALLY = text("""
    SELECT count(*), count(*) FILTER (WHERE a.correct) FROM answers a
    JOIN players p ON p.id = a.player_id AND p.kicked_at IS NULL
    WHERE a.run_id = :run_id AND a.question = :question
""")
_PAGE = text("""
    SELECT question, player_id, answer, elapsed_ms, received_at, points, bonus, correct
    FROM answers
    WHERE run_id = :run_id
      AND (question, player_id) > (CAST(:question AS smallint), CAST(:player_id AS uuid))
    ORDER BY question, player_id LIMIT :limit
""")
PAGE_ROWS = 5_000
NO_ID = "00000000-0000-0000-0000-000000000000"


class Answers:
    """The repository of answers."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def record_batch(self, rows: list[AnswerRow]) -> list[Recorded | QuizrunError]:
        """Write answers, of any number of runs; one outcome for each, in order.

        One statement, and a second one when some of them are not new. A player's first answer to
        a question wins: the same again is `Recorded` again, another one is refused
        (`answer_invalid`). Other refusals: `run_finished kicked not_joined`.
        """
        async with statements(self._engine) as connection:
            inserted = await connection.execute(
                _RECORD, _given(rows) | {"live_ids": sorted({row.run_id for row in rows})}
            )
            fresh = {(run_id, question, player) for run_id, question, player in inserted}
            outcomes: list[Recorded | QuizrunError | None] = []
            for row in rows:
                key = (row.run_id, row.question, row.player_id)
                outcomes.append(Recorded(row.elapsed_ms, repeated=False) if key in fresh else None)
                fresh.discard(key)  # the same answer twice in a batch: the second is a repeat
            doubtful = [row for row, known in zip(rows, outcomes, strict=True) if known is None]
            if not doubtful:
                return [known for known in outcomes if known is not None]
            explained = iter((await connection.execute(_EXPLAIN, _given(doubtful))).all())
        return [known or _verdict(next(explained)) for known in outcomes]

    async def own(self, run_id: str, question: int, player_id: str) -> OwnAnswer | None:
        """What the player has answered to the question."""
        values = {"run_id": run_id, "question": question, "player_id": player_id}
        async with statements(self._engine) as connection:
            row = (await connection.execute(_OWN, values)).first()
        return OwnAnswer(*row) if row else None

    async def answered_players(
        self, run_id: str, question: int, player_ids: Collection[str]
    ) -> set[str]:
        """Those of `player_ids` who have answered the question."""
        values = {"run_id": run_id, "question": question, "player_ids": list(player_ids)}
        async with statements(self._engine) as connection:
            return set((await connection.execute(_ANSWERED, values)).scalars())

    async def tally(self, run_id: str, question: int) -> tuple[int, int]:
        """How many answered, and how many of them were right as far as scored; kicked players
        left out.
        """
        values = {"run_id": run_id, "question": question}
        async with statements(self._engine) as connection:
            answered, correct = (await connection.execute(_TALLY, values)).one()
        return answered, correct

    async def counts(
        self, run_id: str, question: int, *, limit: int | None = None
    ) -> list[tuple[Answer, int]]:
        """How often each answer was given, the most frequent first (`limit` of them); kicked
        players left out.
        """
        values = {"run_id": run_id, "question": question, "limit": limit}
        async with statements(self._engine) as connection:
            return [(answer, n) for answer, n in await connection.execute(_COUNTS, values)]

    async def of_run(self, run_id: str) -> AsyncIterator[StoredAnswer]:
        """All answers of the run by question, read in pages so that no transaction stays open."""
        after: dict[str, Any] = {"question": -1, "player_id": NO_ID}
        while True:
            values = {"run_id": run_id, "limit": PAGE_ROWS, **after}
            async with statements(self._engine) as connection:
                rows = (await connection.execute(_PAGE, values)).all()
            for row in rows:
                yield StoredAnswer(*row)
            if len(rows) < PAGE_ROWS:
                return
            after = {"question": rows[-1].question, "player_id": rows[-1].player_id}


def _given(rows: Sequence[AnswerRow]) -> dict[str, Any]:
    return {
        "run_ids": [row.run_id for row in rows],
        "questions": [row.question for row in rows],
        "player_ids": [row.player_id for row in rows],
        "answers": [orjson.dumps(row.answer).decode() for row in rows],
        "elapsed": [row.elapsed_ms for row in rows],
        "received": [row.received_at for row in rows],
    }


def _verdict(found: Row[Any]) -> Recorded | QuizrunError:
    """Why an answer was not new."""
    if not found.joined:
        return QuizrunError(ErrorCode.NOT_JOINED, "You are not in this quiz.")
    if found.kicked:
        return QuizrunError(ErrorCode.KICKED, "The host has removed you from this quiz.")
    if found.answered and found.same:
        return Recorded(found.elapsed_ms, repeated=True)
    if found.answered:
        return QuizrunError(
            ErrorCode.ANSWER_INVALID,
            "You have already answered this question; your first answer counts.",
        )
    if not found.live:
        return QuizrunError(ErrorCode.RUN_FINISHED, "This quiz is over.")
    return unavailable()  # the player joined between the two statements
