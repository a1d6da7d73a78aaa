"""A corrected run equals a run that had the corrected key from the start."""

from __future__ import annotations

import asyncio
import itertools
import random
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.accounts import Accounts
from db.answers import AnswerRow, Answers
from db.corrections import Corrections, rescore_job
from db.ids import new_id
from db.players import Players
from db.quizzes import Quizzes
from db.rescoring import Rescoring
from db.retention import Retention, RetentionPeriods
from db.runs import NewRun, Run, Runs
from db.scoring import ScoreInput, Scoring
from quiz.content import Quiz, parse_quiz
from quiz.errors import ErrorCode, QuizrunError
from quiz.presentation import shown_for
from quiz.ranking import standings
from quiz.rulings import Ruling, ScoringKey, ruling_on
from quiz.run import Phase, RunSettings, RunState
from quiz.scoring import Score
from quiz.snapshot import Outcome, RunSnapshot
from quiz.streaks import StreakRules
from tests.db.make import NOW, joined, live_run, pins

WORDS = ["Oslo", "Rome", "Paris", "Kyiv"]
WRONG: list[dict[str, Any]] = [
    {"type": "single", "options": WORDS, "correct": [0]},
    {"type": "multiple", "options": WORDS, "correct": [0, 1], "points": 700},
    {"type": "boolean", "correct": [0], "time_limit_s": 5},
    {"type": "poll", "options": WORDS},
    {"type": "number", "correct": {"value": 3, "tolerance": 1}},
    {"type": "text", "correct": {"accepted": ["oslo"]}},
    {"type": "order", "options": WORDS, "points": 999},
    {"type": "single", "options": WORDS, "correct": [3]},
]
RIGHT: dict[int, Any] = {
    0: [2],
    1: [1, 2, 3],
    2: [1],
    4: {"value": 5, "tolerance": 0.5},
    5: {"accepted": ["Rome", "Paris"]},
    6: ["Kyiv", "Oslo", "Paris", "Rome"],  # in words: options are shuffled
    7: [1],
}
EXTRA_TIME = [100, 150, 100, 200, 100]
"""Of the players in turn, as a percentage."""
SEED = "the same in both runs"

Given = tuple[Any, int]
"""An answer in words, and how long it took (ms)."""


def make_quiz(questions: list[dict[str, Any]]) -> Quiz:
    named = [{"text": f"Question {place}?", **one} for place, one in enumerate(questions)]
    return parse_quiz({"title": "Capitals", "questions": named})


def with_keys(keys: dict[int, Any]) -> Quiz:
    """The quiz with these solutions."""
    questions = [dict(one) for one in WRONG]
    for place, key in keys.items():
        name = "options" if questions[place]["type"] == "order" else "correct"
        questions[place][name] = key
    return make_quiz(questions)


def wire(quiz: Quiz, index: int, words: Any) -> Any:
    """The wire format of an answer given in words."""
    question = quiz.questions[index]
    if not isinstance(words, list) and question.type in ("number", "text", "boolean"):
        return words
    options: list[str] = getattr(question, "options", [])
    shown = [options[place] for place in shown_for(question, index, SEED)]
    if isinstance(words, list):
        picks = [shown.index(word) for word in words]
        return picks if question.type == "order" else sorted(picks)
    return shown.index(words)


def random_answers(chance: random.Random, players: int) -> dict[tuple[int, int], Given]:
    """Answers by player and question; some are missing, many are correct by one of the keys."""

    def words(index: int) -> Any:
        match WRONG[index]["type"]:
            case "multiple":
                return chance.sample(WORDS, chance.randint(1, 4))
            case "order":
                return chance.choice([chance.sample(WORDS, 4), RIGHT[6], WORDS])
            case "boolean":
                return chance.randint(0, 1)
            case "number":
                return chance.choice([3, 4.5, 5, 5.5, 9])
            case "text":
                return chance.choice(["OSLO", "rome", " paris", "Bonn"])
            case _:
                return chance.choice(WORDS)

    return {
        (player, index): (words(index), chance.choice([0, 499, 500, 4_321, 20_100]))
        for player, index in itertools.product(range(players), range(len(WRONG)))
        if chance.random() < 0.85
    }


@dataclass(frozen=True, slots=True)
class Played:
    """A finished run; `players` are ids by number."""

    run: Run
    quiz: Quiz
    players: list[str]


async def play(
    engine: AsyncEngine,
    quiz: Quiz,
    given: dict[tuple[int, int], Given],
    *,
    players: int,
    late: frozenset[tuple[int, int]] = frozenset(),
    **chosen: Any,
) -> Played:
    """Play the run as its activities do: score after each question, rank, finish. `late` answers
    are committed after their question was scored.
    """
    account = await Accounts(engine).create(f"{new_id()}@example.org", "Ada", "hash")
    stored = await Quizzes(engine).create(account.id, quiz, NOW)
    run_id, pin, last = new_id(), str(next(pins)), len(quiz.questions) - 1
    settings = RunSettings(**chosen)
    state = RunState(
        run_id=run_id, question_count=last + 1, settings=settings, question=last, version=1
    )
    snapshot = RunSnapshot(state=state, title="Capitals", pin=pin, host_id=account.id)
    run = NewRun(run_id, account.id, stored.id, 1, "Capitals", pin, SEED, settings, snapshot, NOW)
    await Runs(engine).create(run)
    ids = [player.id for player in await joined(engine, run, players)]
    key = ScoringKey(quiz, SEED)

    def score(row: ScoreInput) -> Score:
        return key.score(
            row.question,
            row.answer,
            row.elapsed_ms,
            settings.effective_scoring,
            extra_time=row.extra_time,
        )

    scoring, waiting = Scoring(engine), list[AnswerRow]()
    for index in range(last + 1):
        rows = waiting
        waiting = []
        for player, player_id in enumerate(ids):
            if (player, index) in given:
                words, elapsed = given[player, index]
                answer = wire(quiz, index, words)
                window = EXTRA_TIME[player % len(EXTRA_TIME)]
                row = AnswerRow(run_id, index, player_id, answer, elapsed, NOW, window)
                (waiting if (player, index) in late else rows).append(row)
        await Answers(engine).record_batch(rows)
        await scoring.score_run(
            run_id, index, score, streaks=StreakRules(key.scored_questions, settings.streak_bonus)
        )
    await Answers(engine).record_batch(waiting)
    await Players(engine).kick(run_id, ids[-1], NOW)
    await scoring.score_run(
        run_id,
        last,
        score,
        scored_in=last + 1,
        streaks=StreakRules(key.scored_questions, settings.streak_bonus),
    )
    ranked = standings(await scoring.totals(run_id))
    over = state.model_copy(update={"phase": Phase.FINISHED, "version": 9, "standings_version": 9})
    final = snapshot.model_copy(update={"state": over, "outcome": Outcome.of(ranked)})
    assert await scoring.finish(final, ranked, NOW)
    return Played(await Runs(engine).get(run_id), quiz, ids)


async def outcome(
    engine: AsyncEngine, played: Played, *, without: int | None = None
) -> dict[str, Any]:
    """All results of scoring the run, by player number."""
    place = {player_id: number for number, player_id in enumerate(played.players)}
    async with engine.connect() as connection:
        about = {"run_id": played.run.id}
        answers = await connection.execute(
            text(
                "SELECT player_id, question, points, bonus, correct FROM answers"
                " WHERE run_id = :run_id"
            ),
            about,
        )
        players = await connection.execute(
            text("SELECT id, score, streak, rank FROM players WHERE run_id = :run_id"), about
        )
        earned = {
            (place[str(row.player_id)], row.question): (row.points, row.bonus, row.correct)
            for row in answers
            if row.question != without
        }
        totals = {place[str(row.id)]: (row.score, row.streak, row.rank) for row in players}
    snapshot = await Runs(engine).snapshot(played.run.id)
    assert snapshot is not None
    assert snapshot.outcome is not None
    return {"answers": earned, "totals": totals, "outcome": snapshot.outcome.model_dump()}


async def correct(
    engine: AsyncEngine, played: Played, index: int, verdict: Any, words: Any = None
) -> int:
    """Correct a question as its host would; return how many answers changed."""
    key = words
    if words is not None and played.quiz.questions[index].type == "order":
        key = wire(played.quiz, index, words)
    ruling = ruling_on(played.quiz.questions[index], verdict, key)
    host_id = played.run.host_id
    done = await Corrections(engine).correct(
        played.run, played.quiz, index, ruling, host_id=host_id, now=NOW
    )
    return done.answers


@pytest.mark.parametrize("streak_bonus", [True, False])
@pytest.mark.parametrize("seed", range(3))
async def test_a_corrected_run_equals_one_with_the_corrected_key_from_the_start(
    engine: AsyncEngine, seed: int, *, streak_bonus: bool
) -> None:
    chance = random.Random(seed)
    given = random_answers(chance, 12)
    late = frozenset(chance.sample(sorted(given), 6))
    settings: dict[str, Any] = {
        "players": 12,
        "late": late,
        "streak_bonus": streak_bonus,
        "timer": seed != 2,
        "scoring": "speed" if seed % 2 == 0 else "accuracy",
    }
    wrong = await play(engine, make_quiz(WRONG), given, **settings)
    keys: dict[int, Any] = {}
    for index in chance.sample(sorted(RIGHT), len(RIGHT)):
        keys[index] = RIGHT[index]
        changed = await correct(engine, wrong, index, "key", RIGHT[index])
        assert changed > 0
    right = await play(engine, with_keys(keys), given, **settings)
    assert await outcome(engine, wrong) == await outcome(engine, right)
    # and back again
    original = await play(engine, make_quiz(WRONG), given, **settings)
    assert await outcome(engine, wrong) != await outcome(engine, original)
    for index in RIGHT:
        await correct(engine, wrong, index, "original")
    assert await outcome(engine, wrong) == await outcome(engine, original)


async def test_a_void_question_counts_as_never_asked(engine: AsyncEngine) -> None:
    given = random_answers(random.Random(7), 12)
    run = await play(engine, make_quiz(WRONG), given, players=12, streak_bonus=True)
    assert await correct(engine, run, 2, "void")
    questions = [*WRONG[:2], {"type": "slide"}, *WRONG[3:]]
    unasked = {key: value for key, value in given.items() if key[1] != 2}
    other = await play(engine, make_quiz(questions), unasked, players=12, streak_bonus=True)
    assert await outcome(engine, run, without=2) == await outcome(engine, other)


async def test_full_points_for_everybody_go_to_players_who_answered(engine: AsyncEngine) -> None:
    given = random_answers(random.Random(8), 12)
    run = await play(engine, make_quiz(WRONG), given, players=12, streak_bonus=True)
    await correct(engine, run, 4, "everybody")
    anything = {"type": "number", "correct": {"value": 0, "tolerance": 1e15}}
    at_once = {
        key: (words, 0 if key[1] == 4 else elapsed) for key, (words, elapsed) in given.items()
    }
    questions = [*WRONG[:4], anything, *WRONG[5:]]
    other = await play(engine, make_quiz(questions), at_once, players=12, streak_bonus=True)
    assert await outcome(engine, run) == await outcome(engine, other)


async def test_corrections_are_idempotent_and_recorded(engine: AsyncEngine) -> None:
    given = random_answers(random.Random(9), 8)
    run = await play(engine, make_quiz(WRONG), given, players=8)
    corrections = Corrections(engine)
    ruling = Ruling(verdict="key", correct=[2])

    async def once() -> int:
        host_id = run.run.host_id
        done = await corrections.correct(run.run, run.quiz, 0, ruling, host_id=host_id, now=NOW)
        return done.answers

    changed = await asyncio.gather(*(once() for _ in range(4)))
    assert sorted(changed)[:3] == [0, 0, 0]
    assert max(changed) > 0
    await correct(engine, run, 0, "void")
    latest, first = await corrections.history(run.run.id)
    assert (first.number, first.question, first.at, first.host) == (1, 0, NOW, "Ada")
    assert (first.before, first.after) == (Ruling(), ruling)
    assert (first.answers, latest.number) == (max(changed), 2)
    assert (latest.before, latest.after) == (ruling, Ruling(verdict="void"))
    assert await corrections.rulings(run.run.id) == {0: Ruling(verdict="void")}
    snapshot = await Runs(engine).snapshot(run.run.id)
    assert snapshot is not None
    assert snapshot.state.version == snapshot.state.standings_version == run.run.version + 2


async def test_operators_comparisons_apply_the_rulings(engine: AsyncEngine) -> None:
    given = random_answers(random.Random(10), 8)
    run = await play(engine, make_quiz(WRONG), given, players=8, streak_bonus=True)
    await correct(engine, run, 0, "key", [2])
    rulings = await Corrections(engine).rulings(run.run.id)
    assert (await Rescoring(engine).compare(rescore_job(run.run, run.quiz, rulings))).none
    assert not (await Rescoring(engine).compare(rescore_job(run.run, run.quiz, {}))).none


async def test_a_live_run_is_not_corrected(engine: AsyncEngine) -> None:
    new = await live_run(engine)
    run = await Runs(engine).get(new.id)
    quiz = await Runs(engine).content(run.quiz_id, 1)
    with pytest.raises(QuizrunError) as refused:
        await Corrections(engine).correct(
            run, quiz, 0, Ruling(verdict="void"), host_id=run.host_id, now=NOW
        )
    assert refused.value.code is ErrorCode.RUN_NOT_OVER


@pytest.mark.parametrize("stamped", [True, False])
async def test_anonymised_answers_are_never_scored_as_wrong(
    engine: AsyncEngine, *, stamped: bool
) -> None:
    given = random_answers(random.Random(11), 8)
    run = await play(engine, make_quiz(WRONG), given, players=8)
    if stamped:
        await Retention(engine, RetentionPeriods())._anonymise(run.run.id, NOW)
    else:  # another process is about to
        async with engine.begin() as connection:
            await connection.execute(
                text("UPDATE answers SET answer = '\"\"' WHERE run_id = :id AND question = 5"),
                {"id": run.run.id},
            )
    before = await outcome(engine, run)
    with pytest.raises(QuizrunError) as refused:
        await correct(engine, run, 0, "key", [2])
    assert refused.value.code is ErrorCode.RUN_ANONYMISED
    assert await outcome(engine, run) == before
    assert await Corrections(engine).history(run.run.id) == []


async def test_corrections_are_deleted_with_their_run(engine: AsyncEngine) -> None:
    run = await play(engine, make_quiz(WRONG), random_answers(random.Random(12), 4), players=4)
    await correct(engine, run, 0, "void")
    await Retention(engine, RetentionPeriods()).delete_run(run.run.id, "a test")
    assert await Corrections(engine).history(run.run.id) == []


@pytest.mark.parametrize(
    ("index", "verdict", "key", "message"),
    [
        (0, "key", [4], "not the index"),
        (0, "key", None, "missing"),
        (0, "key", [0, 1], "at most 1"),
        (0, "void", [0], "does not take a correct answer"),
        (3, "void", None, "not scored"),
        (4, "key", {"value": "much"}, "correct.value"),
        (5, "key", {"accepted": []}, "at least 1"),
        (6, "key", [0, 1, 2], "list all 4"),
        (6, "key", [0, 1, 2, True], "option numbers"),
    ],
)
def test_an_invalid_key_is_refused(index: int, verdict: Any, key: Any, message: str) -> None:
    with pytest.raises(QuizrunError, match=message) as refused:
        ruling_on(make_quiz(WRONG).questions[index], verdict, key)
    assert refused.value.code is ErrorCode.PAYLOAD_INVALID
