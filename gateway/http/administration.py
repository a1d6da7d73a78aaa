"""Administration of accounts, the operators' log, and the gateway's settings."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field, SecretStr

from db.accounts import Account
from db.acting import noting
from gateway.http.account_fields import Body
from gateway.http.auth import Caller, CallerDep, check_origin, origin_of
from gateway.http.openapi import problems
from gateway.http.paging import Limit, Offset, Page
from gateway.http.profile import Events, event_page
from gateway.http.reauthentication import account_of
from gateway.http.routing import ApiRoute
from gateway.http.services import Services, ServicesDep, services_of
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms

router = APIRouter(prefix="/admin", tags=["admin"], route_class=ApiRoute)

ADMIN = "admin"
FACTORS_REMOVED = "factors_removed"
HIDDEN = "set, not shown"


class AccountLine(BaseModel):
    """An account as admins see it. Times are in epoch milliseconds."""

    id: str
    email: str
    display_name: str
    email_verified: bool
    role: Literal["host", "admin"]
    created_at: int
    disabled_at: int | None
    delete_at: int | None


class AccountChange(Body):
    """The fields to change."""

    role: Literal["host", "admin"] | None = None
    disabled: bool | None = Field(
        None, description="If true, sign-in is blocked and open sockets are closed."
    )


class ActionLine(BaseModel):
    """An action of an operator or admin."""

    at: int
    operator: str
    action: str
    run_id: str | None
    outcome: str
    details: dict[str, Any]


async def admin_of(caller: Caller, services: Services) -> Account:
    """Return the caller's account. Raises `forbidden` unless it is an admin's."""
    account = await account_of(services, caller)
    if account.role != ADMIN:
        raise QuizrunError(ErrorCode.FORBIDDEN, "This requires the role admin.")
    return account


async def _admin(request: Request, caller: CallerDep) -> Account:
    return await admin_of(caller, services_of(request))


AdminDep = Annotated[Account, Depends(_admin)]


@router.get("/accounts", responses=problems(401, 403, 422, 503))
async def accounts(
    _: AdminDep,
    services: ServicesDep,
    search: Annotated[str, Field(max_length=100)] = "",
    limit: Limit = 20,
    offset: Offset = 0,
) -> Page[AccountLine]:
    """List accounts whose address or name contains `search`, newest first."""
    found, total = await services.auth.accounts.page(search, limit, offset)
    items = [_line(account) for account in found]
    return Page(items=items, total=total, limit=limit, offset=offset)


@router.patch("/accounts/{account_id}", responses=problems(401, 403, 404, 409, 422, 503))
async def change_account(
    request: Request, account_id: str, admin: AdminDep, given: AccountChange, services: ServicesDep
) -> AccountLine:
    """Disable or enable an account, or change its role.

    Admins cannot change their own account, so at least one always remains.
    """
    check_origin(request)
    if account_id == admin.id:
        raise QuizrunError(
            ErrorCode.COMMAND_NOT_ALLOWED, "You cannot change your own account; ask another admin."
        )
    noting(**given.model_dump(exclude_none=True))
    changed = await services.auth.accounts.administer(
        account_id, role=given.role, disabled=given.disabled, now=now_ms()
    )
    if changed is None:
        raise QuizrunError(ErrorCode.NOT_FOUND, "There is no such account.")
    details = given.model_dump(exclude_none=True)
    await services.auth.events.record(account_id, "changed_by_admin", None, **details)
    await services.operations.actions.record(
        admin.email, "change_account", None, "changed", account_id=account_id, **details
    )
    return _line(changed)


@router.delete(
    "/accounts/{account_id}/sessions", status_code=204, responses=problems(401, 403, 503)
)
async def sign_out(
    request: Request, account_id: str, admin: AdminDep, services: ServicesDep
) -> None:
    """End all sessions of an account."""
    check_origin(request)
    account = await services.auth.accounts.by_id(account_id)
    if account is None:
        return
    await services.auth.sessions.end_all(account.id)
    await services.auth.events.record(account.id, "signed_out_by_admin", origin_of(request))
    await services.operations.actions.record(
        admin.email, "sign_out_account", None, "done", account_id=account.id
    )


@router.delete(
    "/accounts/{account_id}/factors", status_code=204, responses=problems(401, 403, 404, 503)
)
async def remove_factors(
    request: Request, account_id: str, admin: AdminDep, services: ServicesDep
) -> None:
    """Remove the second factors of an account whose owner lost them, and notify the owner."""
    check_origin(request)
    account = await services.auth.accounts.by_id(account_id)
    if account is None:
        raise QuizrunError(ErrorCode.NOT_FOUND, "There is no such account.")
    await services.auth.accounts.remove_factors(account.id)
    await services.auth.events.record(account.id, FACTORS_REMOVED)
    await services.operations.actions.record(
        admin.email, "remove_factors", None, "done", account_id=account.id
    )
    await services.mail.factors_changed(account, FACTORS_REMOVED)


@router.get("/accounts/{account_id}/events", responses=problems(401, 403, 422, 503))
async def account_events(
    account_id: str,
    _: AdminDep,
    services: ServicesDep,
    before: Annotated[int | None, Field(ge=0)] = None,
    limit: Limit = 50,
) -> Events:
    """List the activity of an account."""
    if await services.auth.accounts.by_id(account_id) is None:
        return Events(events=[], next=None)
    return await event_page(services, account_id, limit, before)


@router.get("/actions", responses=problems(401, 403, 422, 503))
async def actions(
    _: AdminDep, services: ServicesDep, limit: Limit = 50, offset: Offset = 0
) -> list[ActionLine]:
    """List the actions of operators and admins, newest first."""
    found = await services.operations.actions.latest(limit, offset)
    return [ActionLine(**asdict(action)) for action in found]


@router.get("/settings", responses=problems(401, 403, 503))
async def settings(_: AdminDep, services: ServicesDep) -> dict[str, Any]:
    """Return the settings of the gateway that handles the request, without secrets."""
    kept = services.settings
    return {name: _shown(getattr(kept, name)) for name in type(kept).model_fields}


def _shown(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return HIDDEN if value else ""
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _line(account: Account) -> AccountLine:
    return AccountLine(
        id=account.id,
        email=account.email,
        display_name=account.display_name,
        email_verified=account.email_verified_at is not None,
        role=account.role,
        created_at=account.created_at,
        disabled_at=account.disabled_at,
        delete_at=account.delete_at,
    )
