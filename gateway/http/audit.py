"""The audit log: a host's own acts and those on their runs and quizzes; all acts for admins."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.responses import StreamingResponse

from db.acting import noting
from db.audit import AuditFilter, AuditLine
from db.ids import is_id
from gateway.devices import device_name
from gateway.export.acts import Row, csv_chunks, jsonl_chunks
from gateway.export.streaming import prefetched
from gateway.http.administration import AdminDep
from gateway.http.auth import CallerDep
from gateway.http.openapi import problems
from gateway.http.paging import Limit
from gateway.http.routing import ApiRoute
from gateway.http.services import Services, ServicesDep
from quiz.acts import Act

own = APIRouter(prefix="/me/acts", tags=["accounts"], route_class=ApiRoute)
everybody = APIRouter(prefix="/admin/acts", tags=["admin"], route_class=ApiRoute)

MAX_EXPORTED = 100_000
EXPORTS_PER_HOUR = 20
MEDIA_TYPES = {"csv": "text/csv; charset=utf-8; header=present", "jsonl": "application/jsonl"}
FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/jsonl": {"schema": {"type": "string"}},
        }
    }
}

Format = Literal["csv", "jsonl"]
Before = Annotated[int | None, Query(ge=0, le=2**53, description="The last page's `next`")]
Time = Annotated[int | None, Query(ge=0, le=2**53, description="Epoch milliseconds")]
Term = Annotated[str | None, Query(max_length=320, pattern=r"^[^\x00]*$")]


class ActView(BaseModel):
    """A line of the audit log. `outcome` is `done` or an error code."""

    id: int
    at: int = Field(description="Epoch milliseconds")
    action: str = Field(description="Later releases may add actions", examples=["run.open"])
    outcome: str = Field(examples=["done"])
    account_id: str | None = Field(description="Who acted; null for operators, failed sign-ins")
    name: str | None = Field(description="Their current name; null if they no longer exist")
    api_token: bool = Field(description="Whether they acted by API token")
    operator: str | None = Field(description="The operator who acted without an account")
    target_kind: str | None = Field(examples=["run"])
    target_id: str | None
    address: str | None
    device: str | None = Field(examples=["Firefox, Windows"])
    details: dict[str, Any]


class AdminActView(ActView):
    """A line of the audit log with everything that is stored."""

    email: str | None
    credential: str | None = Field(description="The session's id, or the API token's after `api:`")
    owner_id: str | None = Field(description="The account whose run, quiz or account it was")
    user_agent: str | None


class Acts(BaseModel):
    """Acts, newest first. `next` is the `before` of the next page."""

    acts: list[ActView]
    next: int | None


class AdminActs(BaseModel):
    """Acts, newest first. `next` is the `before` of the next page."""

    acts: list[AdminActView]
    next: int | None


@own.get("", responses=problems(401, 403, 422, 503))
async def my_acts(
    caller: CallerDep,
    services: ServicesDep,
    action: Act | None = None,
    before: Before = None,
    limit: Limit = 50,
) -> Acts:
    """List what the caller did, and what others did with the caller's account, runs and quizzes.

    Other people's addresses and devices are left out, except those of failed sign-ins.
    """
    wanted = AuditFilter(concerning=caller.account_id, action=action)
    found = await services.operations.audit.page(wanted, limit, before)
    views = [_own_view(line, caller.account_id) for line in found]
    return Acts(acts=views, next=found[-1].id if len(found) == limit else None)


@own.get(
    "/export",
    response_class=StreamingResponse,
    responses={**FILES, **problems(401, 403, 422, 429, 503)},
)
async def export_my_acts(
    caller: CallerDep,
    services: ServicesDep,
    format: Format = "csv",  # noqa: A002
) -> StreamingResponse:
    """Export the caller's list as CSV or JSON Lines: the latest 100,000 lines."""
    wanted = AuditFilter(concerning=caller.account_id)
    return await _file(
        services,
        caller.account_id,
        wanted,
        ActView,
        lambda line: _own_view(line, caller.account_id),
        format,
    )


async def _filter(
    services: ServicesDep,
    _: AdminDep,
    account: Annotated[Term, Query(description="The actor's id or email address")] = None,
    action: Act | None = None,
    target: Annotated[Term, Query(description="The id of what was changed")] = None,
    address: Term = None,
    refused: bool | None = None,
    since: Time = None,
    until: Time = None,
) -> AuditFilter | None:
    """Return the filter; None if no line can match."""
    if account and not is_id(account):
        found = await services.auth.accounts.by_email(account)
        if found is None:
            return None
        account = found.id
    return AuditFilter(
        account=account or None,
        action=action,
        target=target or None,
        address=address or None,
        refused=refused,
        since=since,
        until=until,
    )


FilterDep = Annotated[AuditFilter | None, Depends(_filter)]


@everybody.get("", responses=problems(401, 403, 422, 503))
async def all_acts(
    services: ServicesDep, wanted: FilterDep, before: Before = None, limit: Limit = 50
) -> AdminActs:
    """List the acts of hosts, admins and operators that match all filters, newest first."""
    found = await services.operations.audit.page(wanted, limit, before) if wanted else []
    views = [_admin_view(line) for line in found]
    return AdminActs(acts=views, next=found[-1].id if len(found) == limit else None)


@everybody.get(
    "/export",
    response_class=StreamingResponse,
    responses={**FILES, **problems(401, 403, 422, 429, 503)},
)
async def export_all_acts(
    services: ServicesDep,
    admin: AdminDep,
    wanted: FilterDep,
    format: Format = "csv",  # noqa: A002
) -> StreamingResponse:
    """Export the matching acts as CSV or JSON Lines: the latest 100,000."""
    return await _file(services, admin.id, wanted, AdminActView, _admin_view, format)


async def _file(
    services: Services,
    account_id: str,
    wanted: AuditFilter | None,
    kind: type[ActView],
    view: Callable[[AuditLine], ActView],
    format: Format,  # noqa: A002
) -> StreamingResponse:
    await services.operations.rate_limiter.check(
        f"acts:{account_id}", EXPORTS_PER_HOUR, 3_600, kind="archive"
    )
    noting(format=format)

    async def rows() -> AsyncIterator[list[Row]]:
        if wanted is not None:
            async for page in services.operations.audit.pages(wanted, MAX_EXPORTED):
                yield [view(line).model_dump() for line in page]

    chunks = (
        csv_chunks(list(kind.model_fields), rows()) if format == "csv" else jsonl_chunks(rows())
    )
    return StreamingResponse(
        await prefetched(chunks),
        media_type=MEDIA_TYPES[format],
        headers={"Content-Disposition": f'attachment; filename="quizrun-acts.{format}"'},
    )


def _own_view(line: AuditLine, account_id: str) -> ActView:
    shown = line.account_id in (account_id, None) and line.operator is None
    return ActView(**_common(line) | ({} if shown else {"address": None, "device": None}))


def _admin_view(line: AuditLine) -> AdminActView:
    return AdminActView(
        **_common(line),
        email=line.email,
        credential=line.credential,
        owner_id=line.owner_id,
        user_agent=line.user_agent,
    )


def _common(line: AuditLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "at": line.at,
        "action": line.action,
        "outcome": line.outcome,
        "account_id": line.account_id,
        "name": line.name,
        "api_token": (line.credential or "").startswith("api:"),
        "operator": line.operator,
        "target_kind": line.target_kind,
        "target_id": line.target_id,
        "address": line.address,
        "device": device_name(line.user_agent) if line.user_agent else None,
        "details": line.details,
    }
