"""Results of each question of a run, as players saw it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from db.results import QuestionReport
from db.runs import Run
from gateway.http.services import Services
from quiz.answers import Answer
from quiz.content import Media, QuestionType, Sound
from quiz.presentation import PublicQuestion, public_question, solution
from quiz.rulings import ScoringKey, Verdict


class QuestionResult(BaseModel):
    """A question and its statistics. Options, solution and distribution are as shown to players."""

    question: int = Field(description="0-based")
    type: QuestionType
    text: str
    options: list[str] | None
    option_media: list[Media | None] | None = Field(
        None, description="The picture of each option, or null"
    )
    media: Media | None
    audio: Sound | None = None
    explanation: str | None
    solution: Any
    points: int
    time_limit_ms: int
    answered: int
    correct: int = Field(description="The number of fully correct answers")
    share_correct: float | None = Field(
        description="`correct` divided by `answered`, 0 to 1; null without answers, and for "
        "questions without a solution",
    )
    mean_points: float
    mean_elapsed_ms: int | None
    verdict: Verdict = Field(
        "original",
        description="The host's correction: `key` (another solution, given in `solution`), "
        "`everybody` (full points for everyone who answered), `void` (no points for anyone)",
    )
    original_solution: Any = Field(None, description="The quiz's own solution")
    distribution: list[Any] = Field(
        description="Counts by option; for typed answers the ten most frequent as "
        "`{answer, count, correct}`"
    )


async def question_results(
    services: Services, run: Run, *, distributions: bool = True
) -> list[QuestionResult]:
    """Return all questions of the run, including those not asked yet.

    Distributions cost one query per question; leave them out if not needed.
    """
    quiz = await services.play.runs.content(run.quiz_id, run.quiz_version)
    key = ScoringKey(quiz, run.seed, await services.reports.corrections.rulings(run.id))
    reports = {
        report.question: report for report in await services.reports.results.questions(run.id)
    }
    results = []
    for index in range(len(quiz.questions)):
        counts = []
        if distributions and index in reports:
            counts = await services.play.answers.counts(run.id, index)
        results.append(_result(run, key, index, reports.get(index), counts))
    return results


def as_shown(run: Run, key: ScoringKey, index: int) -> PublicQuestion:
    """Return the question as the run's players saw it."""
    count = run.snapshot.state.question_count
    return public_question(key.quiz.questions[index], index, count, run.seed)


def _result(
    run: Run,
    key: ScoringKey,
    index: int,
    report: QuestionReport | None,
    counts: list[tuple[Answer, int]],
) -> QuestionResult:
    question, shown = key.quiz.questions[index], as_shown(run, key, index)
    answered = report.answered if report else 0
    correct = report.correct if report else 0
    return QuestionResult(
        question=index,
        type=question.type,
        text=question.text,
        options=shown.options,
        option_media=shown.option_media,
        media=question.media,
        audio=question.audio,
        explanation=question.explanation,
        solution=key.solution(index),
        points=shown.points,
        time_limit_ms=shown.time_limit_ms,
        answered=answered,
        correct=correct,
        share_correct=correct / answered if answered and key.scored(index) else None,
        mean_points=report.mean_points if report else 0.0,
        mean_elapsed_ms=report.mean_elapsed_ms if report else None,
        verdict=key.ruling(index).verdict,
        original_solution=solution(question, index, run.seed),
        distribution=key.distribution(index, counts),
    )
