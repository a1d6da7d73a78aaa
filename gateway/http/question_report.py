"""How each question of a run went, in the terms in which players saw it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from db.results import QuestionReport
from db.runs import Run
from gateway.http.services import Services
from quiz.answers import Answer
from quiz.content import Media, Question, QuestionType
from quiz.presentation import distribution, public_question, shown_for, solution


class QuestionResult(BaseModel):
    """A question and its statistics. Options, solution and distribution are as shown to players."""

    question: int = Field(description="0-based")
    type: QuestionType
    text: str
    options: list[str] | None
    media: Media | None
    explanation: str | None
    solution: Any
    points: int
    time_limit_ms: int
    answered: int
    correct: int = Field(description="How many answers were wholly right")
    share_correct: float | None = Field(
        description="`correct` of `answered`, 0 to 1; null without answers, and where no answer is "
        "right or wrong"
    )
    mean_points: float
    mean_elapsed_ms: int | None
    distribution: list[Any] = Field(
        description="Counts by option; for free answers the ten most frequent as "
        "`{answer, count, correct}`"
    )


async def question_results(
    services: Services, run: Run, *, distributions: bool = True
) -> list[QuestionResult]:
    """All questions of the quiz that the run plays, whether they have been asked yet or not.

    Distributions cost a query for each question; they are empty where they are not wanted.
    """
    quiz = await services.runs.content(run.quiz_id, run.quiz_version)
    reports = {report.question: report for report in await services.results.questions(run.id)}
    results = []
    for index, question in enumerate(quiz.questions):
        counts = []
        if distributions and index in reports:
            counts = await services.answers.counts(run.id, index)
        results.append(_result(run, index, question, reports.get(index), counts))
    return results


def _result(
    run: Run,
    index: int,
    question: Question,
    report: QuestionReport | None,
    counts: list[tuple[Answer, int]],
) -> QuestionResult:
    shown = public_question(question, index, run.snapshot.state.question_count, run.seed)
    answered = report.answered if report else 0
    correct = report.correct if report else 0
    return QuestionResult(
        question=index,
        type=question.type,
        text=question.text,
        options=shown.options,
        media=question.media,
        explanation=question.explanation,
        solution=solution(question, index, run.seed),
        points=shown.points,
        time_limit_ms=shown.time_limit_ms,
        answered=answered,
        correct=correct,
        share_correct=correct / answered if answered and question.scored else None,
        mean_points=report.mean_points if report else 0.0,
        mean_elapsed_ms=report.mean_elapsed_ms if report else None,
        distribution=distribution(question, counts, shown_for(question, index, run.seed)),
    )
