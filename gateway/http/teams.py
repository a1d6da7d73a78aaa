"""Teams and their quiz libraries."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, Field

from db.teams import Team
from gateway.http.access import quiz_owner
from gateway.http.account_fields import Body
from gateway.http.auth import CallerDep
from gateway.http.openapi import problems
from gateway.http.paging import QuizId
from gateway.http.routing import ApiRoute
from gateway.http.services import Services, ServicesDep
from gateway.http.sharing import (
    Members,
    NewInvitation,
    TeamRight,
    members_of,
    needed_to_remove,
    new_invitation,
    remove,
    revoke,
)
from gateway.person_fields import Email, one_line
from quiz.errors import ErrorCode, QuizrunError
from quiz.rights import Right, allows
from telemetry.clock import now_ms

router = APIRouter(tags=["sharing"], route_class=ApiRoute)

Name = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(one_line)]


class TeamName(Body):
    """A team's name."""

    name: Name


class TeamInvitationRequest(Body):
    """With the right `owner`, a member can also invite and remove members."""

    right: TeamRight = "edit"
    email: Email | None = None


class TeamQuiz(Body):
    """A quiz for the team's library, and the members' right on it."""

    team_id: str
    right: Annotated[str, Field(pattern="^(view|control|edit)$")] = "control"


class TeamLibraryEntry(BaseModel):
    """The team's library that a quiz is in, and the members' right on it."""

    team_id: str
    name: str
    right: Literal["view", "control", "edit"]


class TeamView(BaseModel):
    """A team of the caller."""

    id: str
    name: str
    right: TeamRight
    members: int
    created_at: int


class TeamList(BaseModel):
    """Teams by name."""

    teams: list[TeamView]


@router.post("/teams", status_code=201, responses=problems(401, 403, 422, 503))
async def create_team(caller: CallerDep, given: TeamName, services: ServicesDep) -> TeamView:
    """Create a team."""
    return _view(await services.library.teams.create(caller.account_id, given.name, now_ms()))


@router.get("/teams", responses=problems(401, 403, 503))
async def list_teams(caller: CallerDep, services: ServicesDep) -> TeamList:
    """List the caller's teams."""
    found = await services.library.teams.of_account(caller.account_id)
    return TeamList(teams=[_view(team) for team in found])


@router.patch("/teams/{team_id}", status_code=204, responses=problems(401, 403, 404, 422, 503))
async def rename_team(
    team_id: str, caller: CallerDep, given: TeamName, services: ServicesDep
) -> None:
    """Rename a team."""
    await _in_team(services, caller.account_id, team_id, Right.OWNER)
    await services.library.teams.rename(team_id, given.name)


@router.delete("/teams/{team_id}", status_code=204, responses=problems(401, 403, 404, 503))
async def delete_team(team_id: str, caller: CallerDep, services: ServicesDep) -> None:
    """Delete a team. Its quizzes stay with their owners."""
    await _in_team(services, caller.account_id, team_id, Right.OWNER)
    await services.library.teams.delete(team_id)


@router.get("/teams/{team_id}/members", responses=problems(401, 403, 404, 503))
async def team_members(team_id: str, caller: CallerDep, services: ServicesDep) -> Members:
    """List the team's members and, for owners, pending invitations."""
    right = await _in_team(services, caller.account_id, team_id, Right.EDIT)
    return await members_of(services, "team", team_id, right)


@router.post(
    "/teams/{team_id}/invitations", status_code=201, responses=problems(401, 403, 404, 422, 503)
)
async def invite_to_team(
    team_id: str, caller: CallerDep, given: TeamInvitationRequest, services: ServicesDep
) -> NewInvitation:
    """Invite a member by mail, or by a link that one account can use."""
    await _in_team(services, caller.account_id, team_id, Right.OWNER)
    return await new_invitation(services, caller, "team", team_id, given)


@router.delete(
    "/teams/{team_id}/invitations/{invitation_id}",
    status_code=204,
    responses=problems(401, 403, 404, 503),
)
async def revoke_team_invitation(
    team_id: str, invitation_id: str, caller: CallerDep, services: ServicesDep
) -> None:
    """Revoke an invitation."""
    await _in_team(services, caller.account_id, team_id, Right.OWNER)
    await revoke(services, "team", team_id, invitation_id)


@router.delete(
    "/teams/{team_id}/members/{account_id}",
    status_code=204,
    responses=problems(401, 403, 404, 409, 503),
)
async def remove_team_member(
    team_id: str, account_id: str, caller: CallerDep, services: ServicesDep
) -> None:
    """Remove a member, or leave the team. The last owner cannot be removed."""
    needed = needed_to_remove(account_id, caller, to_leave=Right.EDIT)
    await _in_team(services, caller.account_id, team_id, needed)
    owner = await services.library.teams.right(account_id, team_id) is Right.OWNER
    if owner and await services.library.teams.owners(team_id) == 1:
        raise QuizrunError(
            ErrorCode.COMMAND_NOT_ALLOWED,
            "A team needs an owner. Invite another owner first, or delete the team.",
        )
    await remove(services, "team", team_id, account_id)


@router.get("/quizzes/{quiz_id}/team", responses=problems(401, 403, 404, 503))
async def library_of_quiz(
    quiz_id: QuizId, caller: CallerDep, services: ServicesDep
) -> TeamLibraryEntry | None:
    """Return the team library that the caller's quiz is in, or null."""
    await quiz_owner(services, caller.account_id, quiz_id, Right.OWNER)
    found = await services.library.teams.library_of(quiz_id)
    if found is None:
        return None
    return TeamLibraryEntry.model_validate(found, from_attributes=True)


@router.put("/quizzes/{quiz_id}/team", status_code=204, responses=problems(401, 403, 404, 422, 503))
async def put_into_library(
    quiz_id: QuizId, caller: CallerDep, given: TeamQuiz, services: ServicesDep
) -> None:
    """Add the caller's quiz to the library of one of their teams."""
    await quiz_owner(services, caller.account_id, quiz_id, Right.OWNER)
    await _in_team(services, caller.account_id, given.team_id, Right.EDIT)
    await services.library.teams.add_quiz(quiz_id, given.team_id, Right(given.right), now_ms())


@router.delete("/quizzes/{quiz_id}/team", status_code=204, responses=problems(401, 403, 404, 503))
async def take_out_of_library(quiz_id: QuizId, caller: CallerDep, services: ServicesDep) -> None:
    """Remove a quiz from its team's library."""
    await quiz_owner(services, caller.account_id, quiz_id, Right.OWNER)
    await services.library.teams.remove_quiz(quiz_id)


async def _in_team(services: Services, account_id: str, team_id: str, needed: Right) -> Right:
    """Return the caller's right in the team. Raises `not_found` for non-members, or `forbidden`."""
    right = await services.library.teams.right(account_id, team_id)
    if right is None:
        raise QuizrunError(ErrorCode.NOT_FOUND, "There is no such team.")
    if not allows(right, needed):
        raise QuizrunError(ErrorCode.FORBIDDEN, "Only the team's owners may do this.")
    return right


def _view(team: Team) -> TeamView:
    return TeamView.model_validate(team, from_attributes=True)
