"""Results of a run: leaderboard, questions, players, and files."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import StreamingResponse

from db.acting import noting
from db.results import PlayerReport, PlayerTally
from db.runs import Run
from gateway.export import comma_separated, workbook
from gateway.export.file_name import attachment
from gateway.export.report import QuestionFacts
from gateway.export.streaming import file_chunks, json_chunks, prefetched
from gateway.export.words import Language, Words
from gateway.http.auth import CallerDep
from gateway.http.exporting import count_export
from gateway.http.openapi import problems
from gateway.http.paging import MAX_PAGE, Limit, Offset, Page, RunId
from gateway.http.question_report import QuestionResult, question_results
from gateway.http.routing import ApiRoute
from gateway.http.run_facts import run_facts
from gateway.http.run_view import RunView, own_run, run_view
from gateway.http.services import Services, ServicesDep
from quiz.content import QuestionType
from quiz.needing_help import needs_help
from quiz.ranking import Standing
from quiz.rights import Right
from quiz.rulings import ScoringKey

router = APIRouter(prefix="/runs/{run_id}", tags=["results"], route_class=ApiRoute)

Format = Annotated[
    Literal["json", "csv", "xlsx"],
    Query(description="`csv` and `xlsx` are files for spreadsheet applications"),
]

InLanguage = Annotated[
    Language | None,
    Query(description="The language of headers in files; with it, `csv` gives times in seconds"),
]
TimeZone = Annotated[
    str,
    Query(max_length=64, description="The IANA time zone of dates in files and their names"),
]

SLIDE: QuestionType = "slide"


class StandingLine(BaseModel):
    """A line of the leaderboard. Equal scores share a rank: 1, 2, 2, 4."""

    rank: int
    player_id: str
    nickname: str
    score: int


class QuestionsView(BaseModel):
    """The questions of a run and their results, including questions not asked yet."""

    language: str = Field("en", description="The quiz's language")
    items: list[QuestionResult]


class HelpView(BaseModel):
    """Players who need help, by the rule in `quiz.needing_help`."""

    asked: int = Field(description="The number of questions that count")
    items: list[PlayerTally]
    total: int


class ResultsView(BaseModel):
    """All results: interim during the run, final afterwards. Kicked players are left out."""

    run: RunView
    questions: list[QuestionResult]
    players: list[PlayerReport]


FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "model": ResultsView,
        "content": {
            "text/csv": {
                "schema": {"type": "string"},
                "example": "Rank,Nickname,Score,1. Capital?,1. correct,1. points,1. ms\r\n"
                "1,Ada,970,Paris,true,970,1204\r\n",
            },
            workbook.MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


@router.get("/leaderboard", responses=problems(401, 403, 404, 422, 503))
async def leaderboard(
    run_id: RunId,
    caller: CallerDep,
    services: ServicesDep,
    limit: Limit = 20,
    offset: Offset = 0,
) -> Page[StandingLine]:
    """Return the standings after the last scored question, best first."""
    run = await own_run(services, run_id, caller.account_id, Right.VIEW)
    version = run.snapshot.state.standings_version
    lines = await services.play.leaderboard.top(run_id, limit, offset, version=version)
    total = run.players
    if lines is None or len(lines) < min(limit, total - offset):
        # Redis has no board of this version, or players have joined since it was published.
        lines, total = await services.reports.results.leaderboard(run_id, limit, offset)
    items = [_line(standing) for standing in lines]
    return Page(items=items, total=total, limit=limit, offset=offset)


@router.get("/questions", responses=problems(401, 403, 404, 503))
async def questions(run_id: RunId, caller: CallerDep, services: ServicesDep) -> QuestionsView:
    """Return the run's questions with solutions and results so far."""
    run = await own_run(services, run_id, caller.account_id, Right.VIEW)
    quiz = await services.play.runs.content(run.quiz_id, run.quiz_version)
    return QuestionsView(language=quiz.language, items=await question_results(services, run))


@router.get("/matrix", responses=problems(401, 403, 404, 422, 503))
async def matrix(
    run_id: RunId,
    caller: CallerDep,
    services: ServicesDep,
    limit: Limit = 50,
    offset: Offset = 0,
) -> Page[PlayerReport]:
    """Return a page of players, best first, with all their answers and points."""
    await own_run(services, run_id, caller.account_id, Right.VIEW)
    lines, total = await services.reports.results.leaderboard(run_id, limit, offset)
    players = await services.reports.results.players(run_id, lines)
    return Page(items=players, total=total, limit=limit, offset=offset)


@router.get("/help", responses=problems(401, 403, 404, 503))
async def who_needs_help(run_id: RunId, caller: CallerDep, services: ServicesDep) -> HelpView:
    """List players who were correct in fewer than half of the questions that have a solution.

    An unanswered question counts as not correct; polls, slides and void questions do not count. The
    weakest come first, at most 100.
    """
    run = await own_run(services, run_id, caller.account_id, Right.VIEW)
    quiz = await services.play.runs.content(run.quiz_id, run.quiz_version)
    key = ScoringKey(quiz, run.seed, await services.reports.corrections.rulings(run_id))
    counted = [index for index in range(run.snapshot.state.question + 1) if key.scored(index)]
    tallies = await services.reports.results.tallies(run_id, counted)
    weak = [one for one in tallies if needs_help(one.right, len(counted))]
    weak.sort(key=lambda one: (one.right, one.score))
    return HelpView(asked=len(counted), items=weak[:MAX_PAGE], total=len(weak))


@router.get(
    "/results",
    response_class=StreamingResponse,
    responses={**FILES, **problems(401, 403, 404, 422, 429, 503)},
)
async def results(
    run_id: RunId,
    caller: CallerDep,
    services: ServicesDep,
    format: Format = "json",  # noqa: A002
    lang: InLanguage = None,
    tz: TimeZone = "UTC",
) -> StreamingResponse:
    """Return every player's rank, score and answers, and each question's results.

    CSV has one row per player. The workbook has sheets for standings, answers, questions, a matrix
    of players and questions, and the run. In CSV, what a spreadsheet could interpret as a formula
    gets an apostrophe, also after a semicolon, tab or line break inside a text. The workbook types
    it as text.
    """
    run = await own_run(services, run_id, caller.account_id, Right.VIEW)
    noting(format=format)
    asked = await question_results(services, run, distributions=format != "csv")
    if format == "json":
        return await _json(services, run, asked)
    await count_export(services, caller)
    facts = [_facts(question) for question in asked if question.type != SLIDE]
    pages = services.reports.results.pages(run_id)
    words = Words(lang or "en")
    about = await run_facts(services, run, facts, words, tz)
    name = attachment(run.title, format, about.at.date().isoformat(), words("results"))
    headers = {"Content-Disposition": name}
    if format == "csv":
        chunks = await prefetched(comma_separated.csv_chunks(facts, pages, words if lang else None))
        return StreamingResponse(chunks, headers=headers, media_type=comma_separated.MEDIA_TYPE)
    made = await services.files.workbooks.make(facts, pages, about, words)
    return StreamingResponse(file_chunks(made), headers=headers, media_type=workbook.MEDIA_TYPE)


async def _json(services: Services, run: Run, asked: list[QuestionResult]) -> StreamingResponse:
    view = run_view(run, run.snapshot.state, services)
    head = {
        "run": view.model_dump(mode="json"),
        "questions": [question.model_dump(mode="json") for question in asked],
    }
    chunks = await prefetched(json_chunks(head, "players", services.reports.results.pages(run.id)))
    return StreamingResponse(chunks, media_type="application/json")


def _line(standing: Standing) -> StandingLine:
    return StandingLine(
        rank=standing.rank,
        player_id=standing.player_id,
        nickname=standing.nickname,
        score=standing.score,
    )


def _facts(question: QuestionResult) -> QuestionFacts:
    return QuestionFacts(
        number=question.question + 1,
        type=question.type,
        text=question.text,
        options=question.options,
        solution=question.solution,
        answered=question.answered,
        correct=question.correct,
        share_correct=question.share_correct,
        mean_points=question.mean_points,
        mean_elapsed_ms=question.mean_elapsed_ms,
        distribution=question.distribution,
        void=question.verdict == "void",
    )
