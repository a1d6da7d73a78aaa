"""Late answers: their effect on streaks, when they are committed after their question was scored.

A late answer can join two streaks or extend one, which raises bonuses earned since then. All
streaks of its player are recounted from the first question on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from db.arrays import array
from db.direct import Command, Statement, Transaction
from quiz.streaks import StreakRules, streak_bonus

# All statements name questions and players as well as the run, so that a few late answers take a
# few lookups by primary key, whatever the size of the run.
_CORRECTLY_ANSWERED = Statement("""
    SELECT player_id FROM answers
    WHERE run_id = :run_id AND question = :question
      AND player_id = ANY(CAST(:player_ids AS uuid[])) AND correct
""")
_STORED = Statement("""
    SELECT player_id, question, bonus, correct FROM answers
    WHERE run_id = :run_id AND question = ANY(CAST(:questions AS smallint[]))
      AND player_id = ANY(CAST(:player_ids AS uuid[])) AND points IS NOT NULL
""")
# `bonus = was` makes the correction idempotent.
_CORRECT = Statement("""
    WITH given AS (
        SELECT * FROM unnest(
            CAST(:player_ids AS uuid[]), CAST(:questions AS smallint[]),
            CAST(:were AS integer[]), CAST(:bonuses AS integer[])
        ) AS g (player_id, question, was, bonus)
    ), corrected AS (
        UPDATE answers a
        SET points = a.points - g.was + g.bonus, bonus = g.bonus,
            scored_in = CAST(:scored_in AS smallint)
        FROM given g
        WHERE a.run_id = :run_id AND a.question = ANY(CAST(:questions AS smallint[]))
          AND a.player_id = ANY(CAST(:player_ids AS uuid[]))
          AND a.question = g.question AND a.player_id = g.player_id AND a.bonus = g.was
        RETURNING a.player_id, g.bonus - g.was AS points
    ), gained AS (
        SELECT player_id, sum(points) AS points FROM corrected GROUP BY player_id
    )
    UPDATE players p SET score = p.score + g.points
    FROM gained g WHERE p.id = g.player_id AND p.run_id = :run_id
""")


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer that has been scored."""

    player_id: str
    question: int
    bonus: int
    correct: bool


@dataclass(frozen=True, slots=True)
class Rescored:
    """Recounted streaks.

    `reached` is the streak after each answer (player, question), `streaks` each player's current
    streak; `past` are the answers scored before.
    """

    past: Collection[Stored] = ()
    reached: dict[tuple[str, int], int] = field(default_factory=dict)
    streaks: dict[str, int] = field(default_factory=dict)


async def ended_early(
    transaction: Transaction, run_id: str, player_ids: Collection[str], *, previous: int
) -> set[str]:
    """Return which of these players, who have no streak, answered `previous` correctly.

    An earlier attempt ended their streaks because their latest answer had not arrived yet.
    """
    values = {"run_id": run_id, "question": previous, "player_ids": array(player_ids)}
    rows = (await transaction.run(_CORRECTLY_ANSWERED, values)).rows
    return {player_id for (player_id,) in rows}


async def stored(
    transaction: Transaction, run_id: str, player_ids: Collection[str], *, through: int
) -> list[Stored]:
    """Return the scored answers of these players up to the question `through`."""
    values = {
        "run_id": run_id,
        "player_ids": array(player_ids),
        "questions": list(range(through + 1)),
    }
    return [Stored(*row) for row in (await transaction.run(_STORED, values)).rows]


def rescore(
    past: Collection[Stored],
    new: Iterable[tuple[str, int, bool]],
    asked: int,
    rules: StreakRules,
) -> Rescored:
    """Recount players' streaks from `past` answers and `new` ones (player, question, correct).

    A missed question breaks a streak if it was `asked` at the latest; later ones count only for
    players who answered them.
    """
    answered: dict[str, dict[int, bool]] = defaultdict(dict)
    for answer in past:
        answered[answer.player_id][answer.question] = answer.correct
    for player_id, question, correct_ in new:
        answered[player_id][question] = correct_
    rescored = Rescored(past)
    for player_id, own in answered.items():
        after = rules.recount(own, asked)
        rescored.streaks[player_id] = next(reversed(after.values()), 0)
        for index in own.keys() & after.keys():
            rescored.reached[player_id, index] = after[index]
    return rescored


def correction(run_id: str, rescored: Rescored, *, scored_in: int) -> list[Command]:
    """Return the statement that corrects bonuses of past answers, and totals, if any are wrong.

    It marks the answers to be published again.
    """
    changes = [
        (answer.player_id, answer.question, answer.bonus, bonus)
        for answer in rescored.past
        if (bonus := streak_bonus(rescored.reached.get((answer.player_id, answer.question), 0)))
        != answer.bonus
    ]
    if not changes:
        return []
    player_ids, questions, were, bonuses = map(list, zip(*changes, strict=True))
    values = {
        "run_id": run_id,
        "scored_in": scored_in,
        "player_ids": player_ids,
        "questions": questions,
        "were": were,
        "bonuses": bonuses,
    }
    return [(_CORRECT, values)]
