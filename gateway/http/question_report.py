"""How each question of a run went, in the terms in which players saw it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from db.results import QuestionReport
from db.runs import Run
from gateway.http.services import Services
from quiz.content import Question, QuestionType
from quiz.presentation import distribution, public_question, solution


class QuestionResult(BaseModel):
    """A question and its statistics. Options, solution and distribution are as shown to players."""

    question: int = Field(description="0-based")
    type: QuestionType
    text: str
    options: list[str] | None
    solution: Any
    points: int
    time_limit_ms: int
    answered: int
    correct: int
    mean_points: float
    mean_elapsed_ms: int | None
    distribution: list[Any] = Field(
        description="Counts by option; for free answers the most frequent as `{answer, count}`"
    )


async def question_results(services: Services, run: Run) -> list[QuestionResult]:
    """All questions of the quiz that the run plays, whether they have been asked yet or not."""
    quiz = await services.runs.content(run.quiz_id, run.quiz_version)
    reports = {report.question: report for report in await services.results.questions(run.id)}
    return [
        await _result(services, run, index, question, reports.get(index))
        for index, question in enumerate(quiz.questions)
    ]


async def _result(
    services: Services, run: Run, index: int, question: Question, report: QuestionReport | None
) -> QuestionResult:
    shown = public_question(question, index, run.snapshot.state.question_count, run.seed)
    counts = await services.answers.counts(run.id, index) if report else []
    return QuestionResult(
        question=index,
        type=question.type,
        text=question.text,
        options=shown.options,
        solution=solution(question, index, run.seed),
        points=shown.points,
        time_limit_ms=shown.time_limit_ms,
        answered=report.answered if report else 0,
        correct=report.correct if report else 0,
        mean_points=report.mean_points if report else 0.0,
        mean_elapsed_ms=report.mean_elapsed_ms if report else None,
        distribution=distribution(question, counts),
    )
