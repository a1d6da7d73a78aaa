"""A demo stack's inbox: mail that would have been sent, visible from this machine only."""

from __future__ import annotations

import ipaddress

from fastapi import APIRouter, Request
from pydantic import BaseModel

from gateway.http.openapi import problems
from gateway.http.routing import ApiRoute
from gateway.http.services import ServicesDep
from quiz.errors import ErrorCode, QuizrunError

LIMIT = 50

router = APIRouter(tags=["operation"], route_class=ApiRoute)


class InboxMailView(BaseModel):
    """A mail; `at` is in epoch milliseconds."""

    id: str
    recipient: str
    subject: str
    text: str
    at: int


class InboxView(BaseModel):
    """Mail, newest first."""

    mails: list[InboxMailView]


@router.get("/inbox", responses=problems(404, 503))
async def inbox(request: Request, services: ServicesDep) -> InboxView:
    """List the latest mail. Requires `QUIZRUN_MAIL_INBOX`, and is accessible from this machine
    only, because mail contains links that are as good as a password.
    """
    if not services.settings.mail_inbox or not _is_this_machine(request):
        raise QuizrunError(ErrorCode.NOT_FOUND, "Not found.")
    return InboxView(
        mails=[
            InboxMailView(
                id=mail.id,
                recipient=mail.recipient,
                subject=mail.subject,
                text=mail.text,
                at=mail.at,
            )
            for mail in await services.operations.inbox.latest(LIMIT)
        ]
    )


def _is_this_machine(request: Request) -> bool:
    try:
        return ipaddress.ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False
