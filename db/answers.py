"""Answers, written in batches and acknowledged only after the commit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from db.arrays import array, quoted
from db.batching import Done
from db.direct import Result, Statement, begin, run
from db.outages import unavailable
from quiz.admission import kicked
from quiz.answers import Answer
from quiz.errors import ErrorCode, QuizrunError
from quiz.extra_time import NORMAL


class AnswerRow(NamedTuple):
    """An answer to record.

    `answer` comes from `quiz.answers.parse_answer`; `extra_time` is the player's factor, by which
    the answer is scored.
    """

    run_id: str
    question: int
    player_id: str
    answer: Answer
    elapsed_ms: int
    received_at: int
    extra_time: int = NORMAL


class Recorded(NamedTuple):
    """The answer is stored. `elapsed_ms` is that of the player's first attempt, which counts."""

    elapsed_ms: int
    repeated: bool


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """The primary key of an answer."""

    run_id: str
    question: int
    player_id: str


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """A player's answer; `points` (including `bonus`) and `correct` are None until scored."""

    answer: Answer
    elapsed_ms: int
    points: int | None
    bonus: int | None
    correct: bool | None


_GIVEN = """unnest(
        CAST(:run_ids AS uuid[]), CAST(:questions AS smallint[]), CAST(:player_ids AS uuid[]),
        CAST(:answers AS jsonb[]), CAST(:elapsed AS integer[]), CAST(:received AS bigint[]),
        CAST(:extra_times AS smallint[])
    ) WITH ORDINALITY AS g (
        run_id, question, player_id, answer, elapsed_ms, received_at, extra_time, place
    )"""

# FOR KEY SHARE blocks only a finish, which takes FOR UPDATE. A run that is being finished is
# skipped: waiting for it would delay the other runs of the batch. Rows are sorted because two
# batches with the same rows in different orders would deadlock. The new rows are returned only if
# some rows were not new. IS NOT DISTINCT FROM uses no index: a generic plan might else look through
# all players of the run for each answer.
_RECORD = Statement(f"""
    WITH live AS MATERIALIZED (
        SELECT id FROM runs
        WHERE id = ANY(CAST(:live_ids AS uuid[])) AND finished_at IS NULL
        ORDER BY id FOR KEY SHARE SKIP LOCKED
    ), fresh AS (
        INSERT INTO answers
            (run_id, question, player_id, answer, elapsed_ms, received_at, extra_time)
        SELECT g.run_id, g.question, g.player_id, g.answer, g.elapsed_ms, g.received_at,
               nullif(g.extra_time, 100)
        FROM {_GIVEN}
        JOIN live ON live.id = g.run_id
        JOIN players p ON p.id = g.player_id AND p.run_id IS NOT DISTINCT FROM g.run_id
                      AND p.kicked_at IS NULL
        ORDER BY g.run_id, g.question, g.player_id, g.place
        ON CONFLICT DO NOTHING
        RETURNING question, player_id
    )
    SELECT count(*), CASE WHEN count(*) < CAST(:count AS integer) THEN (
        SELECT json_agg(json_build_array(question, player_id)) FROM fresh
    ) END
    FROM fresh
""")  # noqa: S608  (constants only)
# A separate statement, because it must see rows that the first one conflicted with but could not
# see.
_EXPLAIN = Statement(f"""
    SELECT a.player_id IS NOT NULL AS answered, a.answer = g.answer AS same, a.elapsed_ms,
           r.id IS NOT NULL AND r.finished_at IS NULL AS live,
           p.id IS NOT NULL AS joined, p.kicked_at IS NOT NULL AS kicked
    FROM {_GIVEN}
    LEFT JOIN answers a USING (run_id, question, player_id)
    LEFT JOIN runs r ON r.id = g.run_id
    LEFT JOIN players p ON p.id = g.player_id AND p.run_id = g.run_id
    ORDER BY g.place
""")  # noqa: S608
_OWN = Statement("""
    SELECT a.player_id IS NOT NULL, a.answer, a.elapsed_ms, a.points, a.bonus, a.correct
    FROM unnest(
        CAST(:run_ids AS uuid[]), CAST(:questions AS smallint[]), CAST(:player_ids AS uuid[])
    ) WITH ORDINALITY AS g (run_id, question, player_id, place)
    LEFT JOIN answers a USING (run_id, question, player_id)
    ORDER BY g.place
""")
_ANSWERED = Statement("""
    SELECT player_id FROM answers
    WHERE run_id = :run_id AND question = :question
      AND player_id = ANY(CAST(:player_ids AS uuid[]))
""")
_COUNTS = Statement("""
    SELECT a.answer, count(*) FROM answers a
    JOIN players p ON p.id = a.player_id AND p.kicked_at IS NULL
    WHERE a.run_id = :run_id AND a.question = :question
    GROUP BY a.answer ORDER BY count(*) DESC, a.answer LIMIT CAST(:limit AS integer)
""")
_TALLY = Statement("""
    SELECT count(*), count(*) FILTER (WHERE a.correct) FROM answers a
    JOIN players p ON p.id = a.player_id AND p.kicked_at IS NULL
    WHERE a.run_id = :run_id AND a.question = :question
""")


class Answers:
    """The repository of answers."""

    def __init__(self, engine: AsyncEngine, recording: AsyncEngine | None = None) -> None:
        """`recording` has the connections that record answers, with generic plans."""
        self._engine = engine
        self._recording = recording or engine

    async def record_batch(self, rows: list[AnswerRow]) -> list[Recorded | QuizrunError]:
        """Write answers of any number of runs; return an outcome for each, in order.

        Takes one statement, and a second one if some answers are not new. A player's first answer
        to a question counts: a duplicate is `Recorded` again, a different one refused
        (`answer_invalid`). Other refusals: `run_finished kicked not_joined`, and `unavailable`
        while the run is being finished. The caller limits the time.
        """
        if not rows:
            return []
        recorded = await run(self._recording, _RECORD, _parameters(rows), timeout_s=None)
        ((count, inserted),) = recorded.rows
        return _all_new(rows) if count == len(rows) else await self._outcomes(rows, inserted)

    def begin_batch(
        self, rows: list[AnswerRow], done: Done[Recorded], timeout_s: float
    ) -> Callable[[], None] | None:
        """Do what `record_batch` does, but begin at once, without a task; see `BatchWriter`."""

        def recorded(result: Result | None) -> None:
            if result is None:
                done(None)
                return
            ((count, inserted),) = result.rows
            done(_all_new(rows) if count == len(rows) else self._outcomes(rows, inserted))

        return begin(self._recording, _RECORD, _parameters(rows), recorded, timeout_s=timeout_s)

    async def _outcomes(
        self, rows: list[AnswerRow], inserted: Sequence[Sequence[Any]] | None
    ) -> list[Recorded | QuizrunError]:
        """Find out why some answers were not inserted."""
        fresh = {(question, player_id) for question, player_id in inserted or ()}
        outcomes: list[Recorded | QuizrunError | None] = []
        for row in rows:
            key = (row.question, row.player_id)
            outcomes.append(Recorded(row.elapsed_ms, repeated=False) if key in fresh else None)
            fresh.discard(key)  # if a batch has the same answer twice, the second is a duplicate
        unresolved = [row for row, outcome in zip(rows, outcomes, strict=True) if not outcome]
        explained = iter((await run(self._engine, _EXPLAIN, _parameters(unresolved))).rows)
        return [outcome or _explain(*next(explained)) for outcome in outcomes]

    async def own_many(self, keys: Sequence[AnswerKey]) -> list[OwnAnswer | None]:
        """Return the answers in the order of `keys`, of any number of runs and players."""
        values = {
            "run_ids": [key.run_id for key in keys],
            "questions": [key.question for key in keys],
            "player_ids": [key.player_id for key in keys],
        }
        rows = (await run(self._engine, _OWN, values)).rows
        return [OwnAnswer(*answer) if exists else None for exists, *answer in rows]

    async def answered_players(
        self, run_id: str, question: int, player_ids: Collection[str]
    ) -> set[str]:
        """Return which of `player_ids` have answered the question."""
        values = {"run_id": run_id, "question": question, "player_ids": list(player_ids)}
        return {player_id for (player_id,) in (await run(self._engine, _ANSWERED, values)).rows}

    async def tally(self, run_id: str, question: int) -> tuple[int, int]:
        """Return the number of answers, and of correct ones among those scored, without kicked
        players.
        """
        values = {"run_id": run_id, "question": question}
        ((answered, correct),) = (await run(self._engine, _TALLY, values)).rows
        return answered, correct

    async def counts(
        self, run_id: str, question: int, *, limit: int | None = None
    ) -> list[tuple[Answer, int]]:
        """Return the `limit` most frequent answers with their counts, without kicked players."""
        values = {"run_id": run_id, "question": question, "limit": limit}
        return [(answer, n) for answer, n in (await run(self._engine, _COUNTS, values)).rows]


def _all_new(rows: Sequence[AnswerRow]) -> list[Recorded | QuizrunError]:
    return [Recorded(row.elapsed_ms, repeated=False) for row in rows]


def _parameters(rows: Sequence[AnswerRow]) -> dict[str, Any]:
    columns = zip(*rows, strict=True)
    run_ids, questions, player_ids, answers, elapsed, received, extra_times = columns
    return {
        "count": len(rows),
        "live_ids": array(set(run_ids)),
        "run_ids": array(run_ids),
        "questions": array(map(str, questions)),
        "player_ids": array(player_ids),
        "answers": array(map(_quoted, answers)),
        "elapsed": array(map(str, elapsed)),
        "received": array(map(str, received)),
        "extra_times": array(map(str, extra_times)),
    }


def _quoted(answer: Answer) -> str:
    """Encode an answer as JSON, quoted as an array element."""
    if type(answer) is int:
        return str(answer)
    return quoted(orjson.dumps(answer).decode())


def _explain(
    answered: bool, same: bool, elapsed_ms: int, live: bool, joined: bool, kicked_: bool
) -> Recorded | QuizrunError:
    """The outcome for an answer that was not inserted."""
    if not joined:
        return QuizrunError(ErrorCode.NOT_JOINED, "You are not in this quiz.")
    if kicked_:
        return kicked()
    if answered and same:
        return Recorded(elapsed_ms, repeated=True)
    if answered:
        return QuizrunError(
            ErrorCode.ANSWER_INVALID,
            "You have already answered this question; your first answer counts.",
        )
    if not live:
        return QuizrunError(ErrorCode.RUN_FINISHED, "This quiz is over.")
    return unavailable()  # the run is being finished, or the player has just joined
