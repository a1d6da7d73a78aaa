"""The operators' page: live runs, what they are waiting for, and the state of all servers."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from db.acting import by_operator, refused
from gateway.http import admin_html
from gateway.http.administration import admin_of
from gateway.http.auth import check_origin, identify, session_token
from gateway.http.routing import ApiRoute
from gateway.http.services import ServicesDep, services_of
from gateway.operations.commands import Command
from gateway.operations.diagnosis import diagnose, quick_diagnosis
from quiz.errors import ErrorCode, QuizrunError

STYLE = Path(__file__).parent.parent / "static" / "admin.css"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",  # there are links to the Temporal UI
}
SHOWN = 200
"""Runs per page, stalled ones first."""


router = APIRouter(prefix="/admin", include_in_schema=False, route_class=ApiRoute)


async def _operator(request: Request) -> str:
    services = services_of(request)
    if "authorization" not in request.headers and session_token(request):
        with suppress(QuizrunError):  # signed in without the role: ask for the admin token
            return (await admin_of(await identify(request), services)).email
    name = services.admin.access.operator(request)
    by_operator(name)
    return name


OperatorDep = Annotated[str, Depends(_operator)]
"""The operator's name: an account with the role `admin`, or a user with the admin token. Without an
admin token configured, everyone else gets 404.
"""


@router.get("")
async def live_runs(services: ServicesDep, _: OperatorDep) -> Response:
    """Show all live runs and servers."""
    servers = await services.admin.inspector.servers()
    try:
        reports = await services.admin.inspector.runs()
    except QuizrunError as error:
        if error.code is not ErrorCode.UNAVAILABLE:
            raise
        return _page(admin_html.outage_page(servers))
    found = [(report, quick_diagnosis(report)) for report in reports]
    found.sort(
        key=lambda pair: pair[1].verdict != "stalled"
    )  # stable sort: newest first within each group
    return _page(admin_html.list_page(found[:SHOWN], len(found), servers))


@router.get("/admin.css")
async def style(_: OperatorDep) -> Response:
    """Return the page's style sheet."""
    return FileResponse(STYLE, media_type="text/css", headers={"Cache-Control": "no-cache"})


@router.get("/runs/{run_id}")
async def one_run(run_id: str, services: ServicesDep, _: OperatorDep) -> Response:
    """Show a run by its id or PIN."""
    named = await services.play.live_runs.resolve(run_id)
    report = await services.admin.inspector.report(named or run_id)
    return _page(admin_html.run_page(report, diagnose(report)))


@router.get("/runs/{run_id}/end")
async def confirm_end(run_id: str, services: ServicesDep, _: OperatorDep) -> Response:
    """Ask for confirmation before ending a run."""
    return _page(admin_html.end_page(await services.admin.inspector.report(run_id)))


@router.post("/runs/{run_id}/{command}")
async def command(
    run_id: str, command: Command, request: Request, services: ServicesDep, operator: OperatorDep
) -> Response:
    """Execute a host command."""
    check_origin(request)
    try:
        await services.admin.commands.carry_out(operator, run_id, command)
    except QuizrunError as error:
        if error.code is ErrorCode.NOT_FOUND:
            raise
        refused(error.code.value)
        return _page(admin_html.rejection_page(run_id, command, error.message), 409)
    return RedirectResponse(f"/admin/runs/{run_id}", 303)


def _page(html: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(html, status, headers=HEADERS)
