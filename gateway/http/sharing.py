"""Co-hosts of quizzes and runs, and their invitations."""

from __future__ import annotations

from typing import Literal, Protocol

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from db.acting import noting, on
from db.invitations import Invitation, Kind
from db.sharing import Member, Shared
from gateway.http.access import quiz_owner
from gateway.http.account_fields import Body, OneTimeTokenField
from gateway.http.auth import Caller, CallerDep, origin_of
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


class InvitationRequest(Protocol):
    """An invitation to a quiz, a run or a team."""

    @property
    def right(self) -> str: ...  # noqa: D102
    @property
    def email(self) -> str | None: ...  # noqa: D102


class QuizInvitationRequest(Body):
    """The right `owner` transfers the quiz and requires an email address."""

    right: QuizRight
    email: Email | None = Field(None, description="Where to send the link; by default nowhere")


class RunInvitationRequest(Body):
    """With `control`, a co-host can control the run; with `view`, only watch it."""

    right: RunRight
    email: Email | None = None


class InvitationView(BaseModel):
    """A pending invitation."""

    id: str
    right: QuizRight
    email: str | None
    created_at: int
    expires_at: int


class NewInvitation(InvitationView):
    """A new invitation. The link is shown only here."""

    url: str


class MemberView(BaseModel):
    """A co-host or a team member."""

    account_id: str
    display_name: str
    email: str
    right: QuizRight
    added_at: int


class Members(BaseModel):
    """Members and pending invitations. `right` is the caller's."""

    right: QuizRight
    members: list[MemberView]
    invitations: list[InvitationView]


class SharedView(BaseModel):
    """A quiz or run of another host."""

    id: str
    title: str
    owner_name: str
    right: QuizRight
    team: str | None = Field(description="The team that shares it; null if shared directly")
    changed_at: int


class SharedList(BaseModel):
    """Shared items, most recently changed first."""

    items: list[SharedView]


class Offer(BaseModel):
    """The content of an invitation."""

    kind: Kind
    target_id: str
    title: str
    right: QuizRight
    inviter_name: str
    expires_at: int


class InvitationToken(Body):
    """The token from the invitation link."""

    token: OneTimeTokenField


@router.get("/shared/quizzes", responses=problems(401, 403, 503))
async def shared_quizzes(caller: CallerDep, services: ServicesDep) -> SharedList:
    """List other hosts' quizzes that the caller can access, directly or through teams."""
    found = await services.library.sharing.shared_quizzes(caller.account_id, SHARED_LIMIT)
    return SharedList(items=[_shared(item) for item in found])


@router.get("/shared/runs", responses=problems(401, 403, 503))
async def shared_runs(caller: CallerDep, services: ServicesDep) -> SharedList:
    """List other hosts' runs of which the caller is a co-host."""
    found = await services.library.sharing.shared_runs(caller.account_id, SHARED_LIMIT)
    return SharedList(items=[_shared(item) for item in found])


@router.get("/quizzes/{quiz_id}/members", responses=problems(401, 403, 404, 503))
async def quiz_members(quiz_id: QuizId, caller: CallerDep, services: ServicesDep) -> Members:
    """List a quiz's co-hosts and, for its owner, pending invitations."""
    await quiz_owner(services, caller.account_id, quiz_id, Right.VIEW)
    access = await services.library.sharing.quiz(caller.account_id, quiz_id)
    return await members_of(services, "quiz", quiz_id, access.right if access else None)


@router.post(
    "/quizzes/{quiz_id}/invitations", status_code=201, responses=problems(401, 403, 404, 422, 503)
)
async def invite_to_quiz(
    quiz_id: QuizId, caller: CallerDep, given: QuizInvitationRequest, services: ServicesDep
) -> NewInvitation:
    """Invite a co-host by mail, or by a link that one account can use."""
    await quiz_owner(services, caller.account_id, quiz_id, Right.OWNER)
    return await new_invitation(services, caller, "quiz", quiz_id, given)


@router.delete(
    "/quizzes/{quiz_id}/invitations/{invitation_id}",
    status_code=204,
    responses=problems(401, 403, 404, 503),
)
async def revoke_quiz_invitation(
    quiz_id: QuizId, invitation_id: str, caller: CallerDep, services: ServicesDep
) -> None:
    """Revoke an invitation."""
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
    """Remove a co-host, or leave the quiz."""
    await quiz_owner(services, caller.account_id, quiz_id, needed_to_remove(account_id, caller))
    await remove(services, "quiz", quiz_id, account_id)


@router.get("/runs/{run_id}/members", responses=problems(401, 403, 404, 503))
async def run_members(run_id: RunId, caller: CallerDep, services: ServicesDep) -> Members:
    """List a run's co-hosts and, for its host, pending invitations."""
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
    return await new_invitation(services, caller, "run", run_id, given)


@router.delete(
    "/runs/{run_id}/invitations/{invitation_id}",
    status_code=204,
    responses=problems(401, 403, 404, 503),
)
async def revoke_run_invitation(
    run_id: RunId, invitation_id: str, caller: CallerDep, services: ServicesDep
) -> None:
    """Revoke an invitation."""
    await own_run(services, run_id, caller.account_id, Right.OWNER)
    await revoke(services, "run", run_id, invitation_id)


@router.delete(
    "/runs/{run_id}/members/{account_id}", status_code=204, responses=problems(401, 403, 404, 503)
)
async def remove_run_member(
    run_id: RunId, account_id: str, caller: CallerDep, services: ServicesDep
) -> None:
    """Remove a co-host, whose sockets are closed within a second, or leave the run."""
    await own_run(services, run_id, caller.account_id, needed_to_remove(account_id, caller))
    await remove(services, "run", run_id, account_id)


@router.post("/invitations/look", responses=problems(401, 403, 410, 422, 503))
async def look(caller: CallerDep, given: InvitationToken, services: ServicesDep) -> Offer:
    """Look up an invitation without accepting it."""
    found, title = await services.library.invitations.look_up(
        given.token.get_secret_value(), caller.account_id, now_ms()
    )
    return _offer(found, title)


@router.post("/invitations/accept", responses=problems(401, 403, 410, 422, 503))
async def accept(
    request: Request, caller: CallerDep, given: InvitationToken, services: ServicesDep
) -> Offer:
    """Accept an invitation and become a co-host or member. Idempotent."""
    account = await account_of(services, caller)
    token = given.token.get_secret_value()
    found, title = await services.library.invitations.look_up(token, account.id, now_ms())
    on(found.kind, found.target_id)
    noting(right=found.right.value)
    accepted = await services.library.invitations.accept(token, account, now_ms())
    await services.auth.events.record(
        account.id, "invitation_accepted", origin_of(request), title=title
    )
    return _offer(accepted, title)


async def members_of(
    services: Services, kind: Kind, target_id: str, right: Right | None
) -> Members:
    """Return the members as visible to an account with `right`: owners also see invitations."""
    found = await services.library.sharing.members(kind, target_id)
    pending = []
    if right is Right.OWNER:
        pending = await services.library.invitations.pending(kind, target_id, now_ms())
    return Members(
        right=(right or Right.VIEW).value,
        members=[_member(item) for item in found],
        invitations=[_invitation(item) for item in pending],
    )


def needed_to_remove(account_id: str, caller: Caller, *, to_leave: Right = Right.VIEW) -> Right:
    """Return the right that the caller needs to remove a member, or to leave."""
    return to_leave if account_id == caller.account_id else Right.OWNER


async def new_invitation(
    services: Services, caller: Caller, kind: Kind, target_id: str, given: InvitationRequest
) -> NewInvitation:
    """Create an invitation, and send it if there is an address.

    Raises `payload_invalid` for an owner without an address.
    """
    right, inviter_id = Right(given.right), caller.account_id
    if right is Right.OWNER and given.email is None:
        raise QuizrunError(
            ErrorCode.PAYLOAD_INVALID, "Making somebody an owner requires an email address."
        )
    noting(right=right.value)
    await services.operations.rate_limiter.check(
        f"invite:{inviter_id}", INVITATIONS_PER_HOUR, 3_600, kind="mail"
    )
    now = now_ms()
    expires_at = now + INVITATION_TTL_S * 1000
    address = given.email.lower() if given.email else None
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
    """Revoke an invitation. Raises `not_found`."""
    if not await services.library.invitations.revoke(kind, target_id, invitation_id):
        raise QuizrunError(ErrorCode.NOT_FOUND, "There is no such invitation.")


async def remove(services: Services, kind: Kind, target_id: str, account_id: str) -> None:
    """Remove a member. Raises `not_found`."""
    if not await services.library.sharing.remove(kind, target_id, account_id):
        raise QuizrunError(ErrorCode.NOT_FOUND, "This account is not a member.")


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
