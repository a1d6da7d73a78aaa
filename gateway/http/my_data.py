"""Export or delete the data of an account."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from gateway.export.streaming import file_chunks
from gateway.http.account_fields import Body, Password
from gateway.http.auth import CallerDep, origin_of
from gateway.http.openapi import problems
from gateway.http.reauthentication import account_of, reauthenticate
from gateway.http.routing import ApiRoute
from gateway.http.services import ServicesDep
from telemetry.clock import now_ms

router = APIRouter(prefix="/me", tags=["accounts"], route_class=ApiRoute)

ARCHIVES_PER_HOUR = 5
DAY_MS = 86_400_000


class DeletionRequest(Body):
    """`password` is optional within 15 minutes of signing in."""

    password: Password | None = None


class PlannedDeletion(BaseModel):
    """When the account will be deleted; null if no deletion is planned."""

    delete_at: int | None = Field(description="Epoch milliseconds")


@router.get(
    "/archive",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}},
        **problems(401, 403, 429, 503),
    },
)
async def archive(caller: CallerDep, services: ServicesDep) -> StreamingResponse:
    """Export everything stored about the account: profile, activity, quizzes, uploads, runs,
    results.
    """
    account = await account_of(services, caller)
    await services.operations.rate_limiter.check(
        f"archive:{account.id}", ARCHIVES_PER_HOUR, 3_600, kind="archive"
    )
    with services.files.import_limit.slot():
        file = await services.files.account_archives.write(account)
    return StreamingResponse(
        file_chunks(file),
        media_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="quizrun-account.zip"'},
    )


@router.get("/deletion", responses=problems(401, 403, 503))
async def planned_deletion(caller: CallerDep, services: ServicesDep) -> PlannedDeletion:
    """Return when the account will be deleted, if at all."""
    return PlannedDeletion(delete_at=(await account_of(services, caller)).delete_at)


@router.post("/deletion", status_code=202, responses=problems(401, 403, 422, 429, 503))
async def delete_account(
    request: Request, caller: CallerDep, given: DeletionRequest, services: ServicesDep
) -> PlannedDeletion:
    """Schedule the deletion of the account with its quizzes, runs and results.

    Until the grace period is over, the account works as before and `DELETE` cancels the deletion.
    All other sessions end at once. Idempotent.
    """
    account = await reauthenticate(request, services, caller, given.password)
    if account.delete_at is None:
        delete_at = now_ms() + services.settings.account_deletion_days * DAY_MS
        await services.auth.deletion.schedule(account.id, delete_at)
        await services.auth.sessions.end_all(account.id, keep=caller.session_id)
        await services.auth.events.record(account.id, "deletion_planned", origin_of(request))
        await services.mail.deletion_planned(account, delete_at)
        return PlannedDeletion(delete_at=delete_at)
    return PlannedDeletion(delete_at=account.delete_at)


@router.delete("/deletion", status_code=204, responses=problems(401, 403, 503))
async def keep_account(request: Request, caller: CallerDep, services: ServicesDep) -> None:
    """Cancel the planned deletion."""
    await services.auth.deletion.schedule(caller.account_id, None)
    await services.auth.events.record(caller.account_id, "deletion_cancelled", origin_of(request))
