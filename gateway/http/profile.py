"""An account's profile, sessions and activity log."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field

from db.acting import noting
from db.sessions import Session
from gateway.devices import device_name
from gateway.http.account_fields import Body, Language, ProfileView, profile_view
from gateway.http.auth import CallerDep, origin_of
from gateway.http.openapi import problems
from gateway.http.reauthentication import account_of
from gateway.http.routing import ApiRoute
from gateway.http.services import Services, ServicesDep
from gateway.person_fields import DisplayName
from quiz.errors import ErrorCode, QuizrunError
from quiz.quotas import NO_QUOTAS, QuotaName
from telemetry.clock import now_ms

router = APIRouter(tags=["accounts"], route_class=ApiRoute)


class ProfileChange(Body):
    """The fields to change."""

    display_name: DisplayName | None = None
    language: Language | None = None


class SessionView(BaseModel):
    """A browser in which the account is signed in."""

    id: str
    current: bool = Field(description="Whether this request belongs to it")
    device: str = Field(examples=["Firefox, Windows"])
    address: str | None
    method: str = Field(examples=["password"])
    created_at: int
    last_used_at: int | None
    expires_at: int


class Sessions(BaseModel):
    """Sessions, most recently used first."""

    sessions: list[SessionView]


class UsedQuota(BaseModel):
    """How much of a quota is used. `stored_replies` is in bytes."""

    quota: QuotaName
    used: int
    most: int = Field(description="0: unlimited")
    resets_at: int | None = Field(description="Epoch ms, for quotas of a period that has begun")


class Usage(BaseModel):
    """The account's quotas, without those of pictures and sounds (`GET /media`)."""

    quotas: list[UsedQuota]


class EventView(BaseModel):
    """An entry of the account's activity log."""

    id: int
    at: int
    kind: str = Field(examples=["signed_in"])
    device: str
    address: str | None
    details: dict[str, Any]


class Events(BaseModel):
    """Entries, newest first. `next` is the `before` of the next page."""

    events: list[EventView]
    next: int | None


@router.get("/me/profile", responses=problems(401, 503))
async def profile(caller: CallerDep, services: ServicesDep) -> ProfileView:
    """Return the caller's account with everything its owner can change."""
    return profile_view(await account_of(services, caller))


@router.patch("/me/profile", responses=problems(401, 403, 422, 503))
async def change_profile(
    caller: CallerDep, given: ProfileChange, services: ServicesDep
) -> ProfileView:
    """Change the display name or the language of mail."""
    noting(fields=sorted(given.model_fields_set))
    if given.display_name is not None:
        await services.auth.accounts.rename(caller.account_id, given.display_name)
    if given.language is not None:
        await services.auth.accounts.set_language(caller.account_id, given.language)
    return profile_view(await account_of(services, caller))


@router.get("/me/usage", responses=problems(401, 503))
async def usage(caller: CallerDep, services: ServicesDep) -> Usage:
    """Return how much of each quota the account uses."""
    account = await account_of(services, caller)
    # Admins have no limits.
    quotas = NO_QUOTAS if account.role == "admin" else services.settings.quotas
    used = await services.operations.quota_usage.of(account.id, quotas, now_ms())
    return Usage(quotas=[UsedQuota(**asdict(one)) for one in used])


@router.get("/me/sessions", responses=problems(401, 503))
async def sessions(caller: CallerDep, services: ServicesDep) -> Sessions:
    """List the account's sessions."""
    found = await services.auth.sessions.of_account(caller.account_id, now_ms())
    return Sessions(sessions=[_session_view(item, caller.session_id) for item in found])


@router.delete("/me/sessions/{session_id}", status_code=204, responses=problems(401, 403, 404, 503))
async def end_session(
    request: Request, session_id: Annotated[str, Path()], caller: CallerDep, services: ServicesDep
) -> None:
    """End a session. Its sockets are closed within a second."""
    if not await services.auth.sessions.end(caller.account_id, session_id):
        raise QuizrunError(ErrorCode.NOT_FOUND, "There is no such session.")
    await services.auth.events.record(caller.account_id, "session_ended", origin_of(request))


@router.delete("/me/sessions", status_code=204, responses=problems(401, 403, 503))
async def end_other_sessions(request: Request, caller: CallerDep, services: ServicesDep) -> None:
    """End all other sessions of the account."""
    ended = await services.auth.sessions.end_all(caller.account_id, keep=caller.session_id)
    await services.auth.events.record(
        caller.account_id, "other_sessions_ended", origin_of(request), count=ended
    )


@router.get("/me/events", responses=problems(401, 422, 503))
async def events(
    caller: CallerDep,
    services: ServicesDep,
    before: Annotated[int | None, Query(ge=0)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Events:
    """List the account's activity: sign-ins, password changes, ended sessions and more."""
    return await event_page(services, caller.account_id, limit, before)


async def event_page(services: Services, account_id: str, limit: int, before: int | None) -> Events:
    """Return a page of an account's activity log."""
    found = await services.auth.events.page(account_id, limit, before)
    views = [
        EventView(
            id=item.id,
            at=item.at,
            kind=item.kind,
            device=device_name(item.user_agent or ""),
            address=item.address,
            details=item.details,
        )
        for item in found
    ]
    return Events(events=views, next=found[-1].id if len(found) == limit else None)


def _session_view(session: Session, current: str | None) -> SessionView:
    return SessionView(
        id=session.id,
        current=session.id == current,
        device=device_name(session.user_agent or ""),
        address=session.address,
        method=session.method,
        created_at=session.created_at,
        last_used_at=session.last_used_at,
        expires_at=session.expires_at,
    )
