"""Verify and change the email address of an account."""

from __future__ import annotations

from fastapi import APIRouter, Request

from db.acting import by, on
from gateway.account_mail import VERIFY
from gateway.http.account_fields import Body, OneTimeTokenField, Password, UserView, user_view
from gateway.http.auth import CallerDep, check_origin, origin_of
from gateway.http.openapi import problems
from gateway.http.passwords import MAILS_PER_HOUR
from gateway.http.reauthentication import account_of, reauthenticate
from gateway.http.routing import AddressLimitedRoute, ApiRoute
from gateway.http.services import Services, ServicesDep
from gateway.person_fields import Email
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms

router = APIRouter(tags=["accounts"], route_class=ApiRoute)
entrance = APIRouter(tags=["accounts"], route_class=AddressLimitedRoute)


class NewAddress(Body):
    """`password` is optional within 15 minutes of signing in."""

    email: Email
    password: Password | None = None


class Verification(Body):
    """The token from the link in the mail."""

    token: OneTimeTokenField


@router.post("/me/email/verification", status_code=202, responses=problems(401, 403, 409, 429, 503))
async def send_verification(caller: CallerDep, services: ServicesDep) -> None:
    """Resend the link that verifies the account's address."""
    account = await account_of(services, caller)
    await _limit_mails(services, account.id)
    await services.mail.verification(account)


@router.post("/me/email", status_code=202, responses=problems(401, 403, 409, 422, 429, 503))
async def change_email(
    request: Request, caller: CallerDep, given: NewAddress, services: ServicesDep
) -> None:
    """Send a link to the new address; the old one stays in use until the link is opened.

    Only the recipient of that mail learns whether another account has the address.
    """
    account = await reauthenticate(request, services, caller, given.password)
    await _limit_mails(services, account.id)
    await services.mail.address_change(account, given.email)
    await services.auth.events.record(account.id, "email_change_asked", origin_of(request))


@entrance.post("/auth/email/verify", responses=problems(403, 409, 410, 422, 429, 503))
async def verify_email(request: Request, given: Verification, services: ServicesDep) -> UserView:
    """Verify or change an address with the token from a mail."""
    check_origin(request)
    found = await services.auth.one_time_tokens.use(VERIFY, given.token.get_secret_value())
    by(found.account_id, None)
    on("account", found.account_id)
    before = await services.auth.accounts.by_id(found.account_id)
    email = str(found.details["email"])
    account = await services.auth.accounts.verify_email(found.account_id, email, now_ms())
    if account is None or before is None:
        raise QuizrunError(ErrorCode.LINK_EXPIRED, "This link's account no longer exists.")
    changed = account.email != before.email
    kind = "email_changed" if changed else "email_verified"
    await services.auth.events.record(account.id, kind, origin_of(request))
    if changed:
        await services.mail.email_changed(before, account.email)
    return user_view(account)


async def _limit_mails(services: Services, account_id: str) -> None:
    if not services.mail.available:
        raise QuizrunError(ErrorCode.MAIL_NOT_CONFIGURED, "This server cannot send mail.")
    await services.operations.rate_limiter.check(
        f"mail:verify:{account_id}", MAILS_PER_HOUR, 3_600, kind="mail"
    )
