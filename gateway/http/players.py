"""The players of a run, for its host: list, search, answers, extra time."""

from __future__ import annotations

from typing import Annotated

import structlog
from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from db.acting import noting
from db.results import AnswerReport
from db.roster import RosterLine
from gateway.http.auth import CallerDep
from gateway.http.openapi import problems
from gateway.http.paging import Limit, Offset, Page, PlayerId, RunId
from gateway.http.routing import ApiRoute
from gateway.http.run_view import own_run
from gateway.http.services import ServicesDep
from quiz.errors import QuizrunError
from quiz.extra_time import NORMAL, Percent
from quiz.ranking import Standing
from quiz.rights import Right

router = APIRouter(prefix="/runs/{run_id}/players", tags=["results"], route_class=ApiRoute)

_log = structlog.get_logger()

Search = Annotated[str, Query(max_length=100, description="Part of the nickname, case-insensitive")]


class PlayerLine(BaseModel):
    """A player in the run, as of the last scored question."""

    player_id: str
    nickname: str
    rank: int = Field(description="Equal scores share a rank: 1, 2, 2, 4")
    score: int
    streak: int = Field(description="Correct answers in a row")
    extra_time: int = Field(
        default=NORMAL,
        description="Percentage of the time limits: 100, 125, 150 or 200; 0 means no limit",
    )
    connected: bool | None = Field(description="Null if currently unknown")


class PlayerView(PlayerLine):
    """A player with all their answers by question."""

    answers: list[AnswerReport]


@router.get("", responses=problems(401, 403, 404, 422, 503))
async def list_players(
    run_id: RunId,
    caller: CallerDep,
    services: ServicesDep,
    limit: Limit = 20,
    offset: Offset = 0,
    search: Search = "",
) -> Page[PlayerLine]:
    """List the players in joining order, without kicked ones."""
    await own_run(services, run_id, caller.account_id, Right.VIEW)
    lines, total = await services.play.roster.page(run_id, limit, offset, search=search)
    here = await services.play.presence.connected(run_id, [line.player_id for line in lines])
    items = [_line(line, here) for line in lines]
    return Page(items=items, total=total, limit=limit, offset=offset)


@router.get("/{player_id}", responses=problems(401, 403, 404, 503))
async def read_player(
    run_id: RunId, player_id: PlayerId, caller: CallerDep, services: ServicesDep
) -> PlayerView:
    """Return a player with all answers so far."""
    await own_run(services, run_id, caller.account_id, Right.VIEW)
    found = await services.play.roster.get(run_id, player_id)
    here = await services.play.presence.connected(run_id, [player_id])
    standing = Standing(found.rank, player_id, found.nickname, found.score)
    (report,) = await services.reports.results.players(run_id, [standing])
    line = _line(found, here)
    return PlayerView(**line.model_dump(), answers=list(report.answers))


class ExtraTimeRequest(BaseModel):
    """The time that a player gets."""

    model_config = ConfigDict(extra="forbid")

    percent: Percent = Field(
        description="Percentage of the time limits; 100 is the normal time, 0 means no limit"
    )


class ExtraTimeView(BaseModel):
    """A player's extra time."""

    player_id: str
    percent: int
    from_question: int = Field(description="0-based; an open question keeps its time limit")


@router.put("/{player_id}/extra-time", responses=problems(401, 403, 404, 409, 422, 503))
async def change_extra_time(
    run_id: RunId,
    player_id: PlayerId,
    wanted: ExtraTimeRequest,
    caller: CallerDep,
    services: ServicesDep,
) -> ExtraTimeView:
    """Set a player's extra time from the next question on. Other players are not notified."""
    run = await own_run(services, run_id, caller.account_id, Right.CONTROL)
    noting(percent=wanted.percent)
    changed = await services.play.players.change_extra_time(run_id, player_id, wanted.percent)
    try:
        await services.hosting.workflows.extra_times(
            run_id, changed.longest, changed.changes, run.version
        )
    except QuizrunError as error:  # gateways with players of the run report it again
        _log.info("run.extra_time_not_reported", run_id=run_id, error=error)
    own = changed.players[player_id]
    return ExtraTimeView(player_id=player_id, percent=own.percent, from_question=own.from_question)


def _line(found: RosterLine, here: set[str] | None) -> PlayerLine:
    return PlayerLine(
        player_id=found.player_id,
        nickname=found.nickname,
        rank=found.rank,
        score=found.score,
        streak=found.streak,
        extra_time=found.extra_time,
        connected=None if here is None else found.player_id in here,
    )
