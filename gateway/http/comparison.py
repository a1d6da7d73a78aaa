"""Compare runs of a quiz question by question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from db.runs import Run, RunFilter
from gateway.http.auth import CallerDep
from gateway.http.openapi import problems
from gateway.http.paging import QuizId, known_id
from gateway.http.question_report import QuestionResult, question_results
from gateway.http.routing import ApiRoute
from gateway.http.run_view import own_run
from gateway.http.services import Services, ServicesDep
from quiz.comparison import same_questions
from quiz.content import QuestionType, Quiz
from quiz.errors import ErrorCode, QuizrunError
from quiz.rights import Right

router = APIRouter(prefix="/quizzes/{quiz_id}", tags=["results"], route_class=ApiRoute)

MAX_RUNS = 12

Chosen = Annotated[
    Sequence[str],
    Query(
        max_length=MAX_RUNS,
        description="The runs to compare. Default: the latest 12 finished runs, without rehearsals",
    ),
]


class ComparedRun(BaseModel):
    """A run as a whole. Shares refer to all answers that can be right or wrong."""

    run_id: str
    created_at: int
    quiz_version: int
    players: int
    asked: int = Field(description="Questions that were asked")
    answered: int
    correct: int
    share_correct: float | None


class QuestionInRun(BaseModel):
    """A question's results in one run."""

    question: int = Field(description="0-based index in that run")
    answered: int
    correct: int
    share_correct: float | None
    mean_elapsed_ms: int | None


class ComparedQuestion(BaseModel):
    """A question across runs. `runs` has one entry per run, null where it was not asked."""

    type: QuestionType
    text: str
    runs: list[QuestionInRun | None]
    answered: int
    correct: int
    share_correct: float | None


class ComparisonView(BaseModel):
    """Runs of one quiz, newest first, and its questions."""

    quiz_id: str
    title: str
    language: str | None = Field(
        description="The language of the latest run's quiz; null if it has none"
    )
    runs: list[ComparedRun]
    questions: list[ComparedQuestion]


@router.get("/comparison", responses=problems(401, 403, 404, 422, 503))
async def comparison(
    quiz_id: QuizId, caller: CallerDep, services: ServicesDep, run_id: Chosen = ()
) -> ComparisonView:
    """Compare the host's runs of a quiz, corrections included.

    Questions match by type, text and options, so one that was edited in between counts as another.
    """
    runs = await _runs(services, quiz_id, caller.account_id, run_id)
    quizzes = [await services.play.runs.content(run.quiz_id, run.quiz_version) for run in runs]
    results = [await question_results(services, run, distributions=False) for run in runs]
    asked = [
        found[: run.snapshot.state.question + 1] for run, found in zip(runs, results, strict=True)
    ]
    return ComparisonView(
        quiz_id=quiz_id,
        title=runs[0].title if runs else "",
        language=quizzes[0].language if quizzes else None,
        runs=[_run(run, found) for run, found in zip(runs, asked, strict=True)],
        questions=_questions(quizzes, asked),
    )


async def _runs(services: Services, quiz_id: str, host_id: str, chosen: Sequence[str]) -> list[Run]:
    if not chosen:
        wanted = RunFilter(over=True, quiz_id=quiz_id, rehearsal=False)
        runs, _ = await services.play.runs.page(host_id, MAX_RUNS, 0, wanted)
        return [run for run in runs if run.snapshot.state.question >= 0]
    ids = dict.fromkeys(known_id(one, "run") for one in chosen)
    runs = [await own_run(services, one, host_id, Right.VIEW) for one in ids]
    if any(run.quiz_id != quiz_id for run in runs):
        raise QuizrunError(ErrorCode.PAYLOAD_INVALID, "run_id: this run belongs to another quiz.")
    return sorted(runs, key=lambda run: -run.created_at)


def _questions(quizzes: list[Quiz], asked: list[list[QuestionResult]]) -> list[ComparedQuestion]:
    compared = []
    for row in same_questions(quizzes):
        found = [
            results[index] if index is not None and index < len(results) else None
            for index, results in zip(row, asked, strict=True)
        ]
        first = next((one for one in found if one is not None), None)
        if first is None:
            continue
        counted = [one for one in found if one is not None and one.share_correct is not None]
        answered, correct = _sums(counted)
        compared.append(
            ComparedQuestion(
                type=first.type,
                text=first.text,
                runs=[_in_run(one) for one in found],
                answered=answered,
                correct=correct,
                share_correct=correct / answered if answered else None,
            )
        )
    return compared


def _run(run: Run, asked: list[QuestionResult]) -> ComparedRun:
    answered, correct = _sums([one for one in asked if one.share_correct is not None])
    return ComparedRun(
        run_id=run.id,
        created_at=run.created_at,
        quiz_version=run.quiz_version,
        players=run.players,
        asked=len(asked),
        answered=answered,
        correct=correct,
        share_correct=correct / answered if answered else None,
    )


def _in_run(found: QuestionResult | None) -> QuestionInRun | None:
    if found is None:
        return None
    return QuestionInRun(
        question=found.question,
        answered=found.answered,
        correct=found.correct,
        share_correct=found.share_correct,
        mean_elapsed_ms=found.mean_elapsed_ms,
    )


def _sums(found: list[QuestionResult]) -> tuple[int, int]:
    return sum(one.answered for one in found), sum(one.correct for one in found)
