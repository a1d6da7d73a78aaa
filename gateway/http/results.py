"""How a run went: the leaderboard, and everything that was answered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from db.results import PlayerReport
from gateway.http.auth import CallerDep
from gateway.http.openapi import problems
from gateway.http.paging import Limit, Offset, Page, RunId
from gateway.http.question_report import QuestionResult, question_results
from gateway.http.routing import ApiRoute
from gateway.http.run_view import RunView, latest_state, own_run, run_view
from gateway.http.services import Services, ServicesDep
from quiz.ranking import Standing

router = APIRouter(prefix="/runs/{run_id}", tags=["results"], route_class=ApiRoute)

PLAYERS_AT_ONCE = 500
"""Players read and encoded in one go: the loop also serves the sockets."""

Format = Annotated[Literal["json"], Query(description="Only `json` for now.")]


class StandingLine(BaseModel):
    """A line of the leaderboard. Equal scores share a rank: 1, 2, 2, 4."""

    rank: int
    player_id: str
    nickname: str
    score: int


class ResultsView(BaseModel):
    """All of a run: interim while it goes on, final afterwards. Kicked players are left out."""

    run: RunView
    questions: list[QuestionResult]
    players: list[PlayerReport]


@router.get("/leaderboard", responses=problems(401, 403, 404, 422, 503))
async def leaderboard(
    run_id: RunId,
    caller: CallerDep,
    services: ServicesDep,
    limit: Limit = 20,
    offset: Offset = 0,
) -> Page[StandingLine]:
    """The standings after the last question that was scored, best first."""
    run = await own_run(services, run_id, caller.account_id)
    lines = await services.leaderboard.top(run_id, limit, offset)
    total = run.players
    if lines is None or len(lines) < min(limit, total - offset):
        # No board in Redis, or players have joined since it was published.
        lines, total = await services.results.leaderboard(run_id, limit, offset)
    items = [_line(standing) for standing in lines]
    return Page(items=items, total=total, limit=limit, offset=offset)


@router.get(
    "/results",
    response_class=StreamingResponse,
    responses={200: {"model": ResultsView}, **problems(401, 403, 404, 422, 503)},
)
async def results(
    run_id: RunId,
    caller: CallerDep,
    services: ServicesDep,
    format: Format = "json",  # noqa: A002, ARG001
) -> StreamingResponse:
    """Every player with rank, score and answers, and how each question went."""
    run = await own_run(services, run_id, caller.account_id)
    view = run_view(run, await latest_state(services, run), services)
    questions = await question_results(services, run)
    head = orjson.dumps(
        {
            "run": view.model_dump(mode="json"),
            "questions": [question.model_dump(mode="json") for question in questions],
        }
    )
    first = await services.results.players(run_id, PLAYERS_AT_ONCE, 0)
    return StreamingResponse(
        _document(services, run_id, head, first), media_type="application/json"
    )


async def _document(
    services: Services, run_id: str, head: bytes, page: list[PlayerReport]
) -> AsyncIterator[bytes]:
    """`head` with a list of all players added, whose first page has been read already."""
    yield head[:-1] + b',"players":['
    offset = 0
    while page:
        offset += len(page)
        yield orjson.dumps(page)[1:-1]
        full = len(page) == PLAYERS_AT_ONCE
        page = await services.results.players(run_id, PLAYERS_AT_ONCE, offset) if full else []
        if page:
            yield b","
    yield b"]}"


def _line(standing: Standing) -> StandingLine:
    return StandingLine(
        rank=standing.rank,
        player_id=standing.player_id,
        nickname=standing.nickname,
        score=standing.score,
    )
