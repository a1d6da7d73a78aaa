"""The players of a run, for its host: who is in, who is connected, and what one has answered."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from db.results import AnswerReport
from db.roster import RosterLine
from gateway.http.auth import CallerDep
from gateway.http.openapi import problems
from gateway.http.paging import Limit, Offset, Page, PlayerId, RunId
from gateway.http.routing import ApiRoute
from gateway.http.run_view import own_run
from gateway.http.services import ServicesDep
from quiz.ranking import Standing

router = APIRouter(prefix="/runs/{run_id}/players", tags=["results"], route_class=ApiRoute)

Search = Annotated[
    str, Query(max_length=100, description="Part of the nickname, in whatever case it is written")
]


class PlayerLine(BaseModel):
    """A player who is in the run, as of the last question that was scored."""

    player_id: str
    nickname: str
    rank: int = Field(description="Equal scores share a rank: 1, 2, 2, 4")
    score: int
    streak: int = Field(description="Correct answers in a row")
    connected: bool | None = Field(description="Null when it is not known just now")


class PlayerView(PlayerLine):
    """A player with all answers, by question."""

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
    """The players who are in the run, in the order they joined; kicked ones are left out."""
    await own_run(services, run_id, caller.account_id)
    lines, total = await services.roster.page(run_id, limit, offset, search=search)
    here = await services.presence.connected(run_id, [line.player_id for line in lines])
    items = [_line(line, here) for line in lines]
    return Page(items=items, total=total, limit=limit, offset=offset)


@router.get("/{player_id}", responses=problems(401, 403, 404, 503))
async def read_player(
    run_id: RunId, player_id: PlayerId, caller: CallerDep, services: ServicesDep
) -> PlayerView:
    """One player, with all answers so far."""
    await own_run(services, run_id, caller.account_id)
    found = await services.roster.get(run_id, player_id)
    here = await services.presence.connected(run_id, [player_id])
    standing = Standing(found.rank, player_id, found.nickname, found.score)
    (report,) = await services.results.players(run_id, [standing])
    line = _line(found, here)
    return PlayerView(**line.model_dump(), answers=list(report.answers))


def _line(found: RosterLine, here: set[str] | None) -> PlayerLine:
    return PlayerLine(
        player_id=found.player_id,
        nickname=found.nickname,
        rank=found.rank,
        score=found.score,
        streak=found.streak,
        connected=None if here is None else found.player_id in here,
    )
