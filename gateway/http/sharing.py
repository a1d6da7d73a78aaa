"""Co-hosts of quizzes and runs: who they are, and the links that invite them."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from db.invitations import Invitation, Kind
from db.sharing import Member, Shared
from gateway.http.access import quiz_owner
from gateway.http.account_fields import Body, OneTimeTokenField
from gateway.http.auth import CallerDep, origin_of
from gateway.http.openapi import problems
from gateway.http.paging import QuizId, RunId
from gateway.http.reauthentication import account_of
from gateway.http.routing import ApiRoute
from gateway.http.run_view import own_run
from gateway.http.services import Services, ServicesDep
from gateway.person_fields import Email
from quiz.errors import ErrorCode, QuizrunError
from quiz.rights import Right
from telemetry.clock import now_ms

router = APIRouter(tags=["sharing"], route_class=ApiRoute)

INVITATION_TTL_S = 7 * 86_400
INVITATIONS_PER_HOUR = 60
SHARED_LIMIT = 200

QuizRight = Literal["view", "control", "edit", "owner"]
RunRight = Literal["view", "control"]
TeamRight = Literal["edit", "owner"]


class QuizInvitationRequest(Body):
    """`owner` hands the quiz over, and needs an e-mail address."""

    right: QuizRight
    email: Email | None = Field(None, description="Where to send the link; without it, show it.")


class RunInvitationRequest(Body):
    """`control` steers the run, `view` watches it."""

    right: RunRight
    email: Email | None = None


class InvitationView(BaseModel):
    """An invitation that nobody has accepted yet."""

    id: str
    right: QuizRight
    email: str | None
    created_at: int
    expires_at: int


class NewInvitation(InvitationView):
    """The only time that the link is shown."""

    url: str


class MemberView(BaseModel):
    """A co-host, or a member of a team."""

    account_id: str
    display_name: str
    email: str
    right: QuizRight
    added_at: int


class Members(BaseModel):
    """Who has a right, and who is invited. `right` is that of the account that asks."""

    right: QuizRight
    members: list[MemberView]
    invitations: list[InvitationView]


class SharedView(BaseModel):
    """A quiz or a run of another host."""

    id: str
    title: str
    owner_name: str
    right: QuizRight
    team: str | None = Field(description="The team through which it is shared, if it is.")
    changed_at: int


class SharedList(BaseModel):
    """The last changed comes first."""

    items: list[SharedView]


class Offer(BaseModel):
    """What an invitation is for."""

    kind: Kind
    target_id: str
    title: str
    right: QuizRight
    inviter_name: str
    expires_at: int


class InvitationToken(Body):
    """The token of the link."""

    token: OneTimeTokenField


@router.get("/shared/quizzes", responses=problems(401, 403, 503))
async def shared_quizzes(caller: CallerDep, services: ServicesDep) -> SharedList:
    """Quizzes of other hosts on which the caller has a right, those of teams included."""
    found = await services.library.sharing.shared_quizzes(caller.account_id, SHARED_LIMIT)
    return SharedList(items=[_shared(item) for item in found])


@router.get("/shared/runs", responses=problems(401, 403, 503))
async def shared_runs(caller: CallerDep, services: ServicesDep) -> SharedList:
    """Runs of other hosts of which the caller is a co-host."""
    found = await services.library.sharing.shared_runs(caller.account_id, SHARED_LIMIT)
    return SharedList(items=[_shared(item) for item in found])


@router.get("/quizzes/{quiz_id}/members", responses=problems(401, 403, 404, 503))
async def quiz_members(quiz_id: QuizId, caller: CallerDep, services: ServicesDep) -> Members:
    """The co-hosts of a quiz; open invitations are shown to its owner."""
    await quiz_owner(services, caller.account_id, quiz_id, Right.VIEW)
    access = await services.library.sharing.quiz(caller.account_id, quiz_id)
    return await members_of(services, "quiz", quiz_id, access.right if access else None)


@router.post(
    "/quizzes/{quiz_id}/invitations", status_code=201, responses=problems(401, 403, 404, 422, 503)
)
async def invite_to_quiz(
    quiz_id: QuizId, caller: CallerDep, given: QuizInvitationRequest, services: ServicesDep
) -> NewInvitation:
    """Invite a co-host by mail or by a link that one account can use."""
    await quiz_owner(services, caller.account_id, quiz_id, Right.OWNER)
    if given.right == "owner" and given.email is None:
        raise QuizrunError(
            ErrorCode.PAYLOAD_INVALID, "A quiz is handed over to an e-mail address: `email`."
        )
    return await new_invitation(
        services, caller.account_id, "quiz", quiz_id, Right(given.right), given.email
    )


@router.delete(
    "/quizzes/{quiz_id}/invitations/{invitation_id}",
    status_code=204,
    responses=problems(401, 403, 404, 503),
)
async def revoke_quiz_invitation(
    quiz_id: QuizId, invitation_id: str, caller: CallerDep, services: ServicesDep
) -> None:
    """Take an invitation back."""
    await quiz_owner(services, caller.account_id, quiz_id, Right.OWNER)
    await revoke(services, "quiz", quiz_id, invitation_id)


@router.delete(
    "/quizzes/{quiz_id}/members/{account_id}",
    status_code=204,
    responses=problems(401, 403, 404, 503),
)
async def remove_quiz_member(
    quiz_id: QuizId, account_id: str, caller: CallerDep, services: ServicesDep
) -> None:
    """Take a co-host's right away, or leave the quiz oneself."""
    needed = Right.VIEW if account_id == caller.account_id else Right.OWNER
    await quiz_owner(services, caller.account_id, quiz_id, needed)
    await remove(services, "quiz", quiz_id, account_id)


@router.get("/runs/{run_id}/members", responses=problems(401, 403, 404, 503))
async def run_members(run_id: RunId, caller: CallerDep, services: ServicesDep) -> Members:
    """The co-hosts of a run; open invitations are shown to its host."""
    await own_run(services, run_id, caller.account_id, Right.VIEW)
    access = await services.library.sharing.run(caller.account_id, run_id)
    return await members_of(services, "run", run_id, access.right if access else None)


@router.post(
    "/runs/{run_id}/invitations", status_code=201, responses=problems(401, 403, 404, 422, 503)
)
async def invite_to_run(
    run_id: RunId, caller: CallerDep, given: RunInvitationRequest, services: ServicesDep
) -> NewInvitation:
    """Invite a co-host to this run only."""
    await own_run(services, run_id, caller.account_id, Right.OWNER)
    return await new_invitation(
        services, caller.account_id, "run", run_id, Right(given.right), given.email
    )


@router.delete(
    "/runs/{run_id}/invitations/{invitation_id}",
    status_code=204,
    responses=problems(401, 403, 404, 503),
)
async def revoke_run_invitation(
    run_id: RunId, invitation_id: str, caller: CallerDep, services: ServicesDep
) -> None:
    """Take an invitation back."""
    await own_run(services, run_id, caller.account_id, Right.OWNER)
    await revoke(services, "run", run_id, invitation_id)


@router.delete(
    "/runs/{run_id}/members/{account_id}", status_code=204, responses=problems(401, 403, 404, 503)
)
async def remove_run_member(
    run_id: RunId, account_id: str, caller: CallerDep, services: ServicesDep
) -> None:
    """Take a co-host's right away, whose sockets end within a second; or leave the run oneself."""
    needed = Right.VIEW if account_id == caller.account_id else Right.OWNER
    await own_run(services, run_id, caller.account_id, needed)
    await remove(services, "run", run_id, account_id)


@router.post("/invitations/look", responses=problems(401, 403, 410, 422, 503))
async def look(caller: CallerDep, given: InvitationToken, services: ServicesDep) -> Offer:
    """What the link is for; nothing is accepted yet."""
    found, title = await services.library.invitations.look_up(
        given.token, caller.account_id, now_ms()
    )
    return _offer(found, title)


@router.post("/invitations/accept", responses=problems(401, 403, 410, 422, 503))
async def accept(
    request: Request, caller: CallerDep, given: InvitationToken, services: ServicesDep
) -> Offer:
    """Become a co-host or a member. A repeat does nothing."""
    account = await account_of(services, caller)
    _, title = await services.library.invitations.look_up(given.token, account.id, now_ms())
    accepted = await services.library.invitations.accept(given.token, account, now_ms())
    await services.auth.events.record(
        account.id, "invitation_accepted", origin_of(request), title=title
    )
    return _offer(accepted, title)


async def members_of(
    services: Services, kind: Kind, target_id: str, right: Right | None
) -> Members:
    """Who has a right on something, as an account with `right` on it may see."""
    found = await services.library.sharing.members(kind, target_id)
    pending = []
    if right is Right.OWNER:
        pending = await services.library.invitations.pending(kind, target_id, now_ms())
    return Members(
        right=(right or Right.VIEW).value,
        members=[_member(item) for item in found],
        invitations=[_invitation(item) for item in pending],
    )


async def new_invitation(
    services: Services,
    inviter_id: str,
    kind: Kind,
    target_id: str,
    right: Right,
    email: str | None,
) -> NewInvitation:
    """Make an invitation, and send it where there is an address."""
    await services.operations.rate_limiter.check(
        f"invite:{inviter_id}", INVITATIONS_PER_HOUR, 3_600, kind="mail"
    )
    now = now_ms()
    expires_at = now + INVITATION_TTL_S * 1000
    address = email.lower() if email else None
    id_, token = await services.library.invitations.create(
        kind, target_id, right, inviter_id, address, now, expires_at
    )
    url = f"{services.settings.public_url.rstrip('/')}/host/invitation#{token}"
    if address is not None:
        inviter = await services.auth.accounts.by_id(inviter_id)
        _, title = await services.library.invitations.look_up(token, inviter_id, now)
        if inviter is not None:
            await services.mail.invite(inviter, address, title, url)
    return NewInvitation(
        id=id_, right=right.value, email=address, created_at=now, expires_at=expires_at, url=url
    )


async def revoke(services: Services, kind: Kind, target_id: str, invitation_id: str) -> None:
    """Take an invitation back. Raises `not_found`."""
    if not await services.library.invitations.revoke(kind, target_id, invitation_id):
        raise QuizrunError(ErrorCode.NOT_FOUND, "There is no such invitation.")


async def remove(services: Services, kind: Kind, target_id: str, account_id: str) -> None:
    """Take a right away. Raises `not_found`."""
    if not await services.library.sharing.remove(kind, target_id, account_id):
        raise QuizrunError(ErrorCode.NOT_FOUND, "This account has no right here.")


def _shared(item: Shared) -> SharedView:
    return SharedView.model_validate(item, from_attributes=True)


def _member(item: Member) -> MemberView:
    return MemberView.model_validate(item, from_attributes=True)


def _invitation(item: Invitation) -> InvitationView:
    return InvitationView.model_validate(item, from_attributes=True)


def _offer(item: Invitation, title: str) -> Offer:
    return Offer(
        kind=item.kind,
        target_id=item.target_id,
        title=title,
        right=item.right.value,
        inviter_name=item.inviter_name,
        expires_at=item.expires_at,
    )
