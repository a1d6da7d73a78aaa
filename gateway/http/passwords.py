"""Change or reset a password."""

from __future__ import annotations

from fastapi import APIRouter, BackgroundTasks, Request
from pydantic import Field

from db.acting import by, on
from gateway.account_mail import RESET
from gateway.http.account_fields import Body, Language, NewPassword, OneTimeTokenField, Password
from gateway.http.auth import CallerDep, check_origin, origin_of
from gateway.http.openapi import problems
from gateway.http.reauthentication import reauthenticate
from gateway.http.routing import AddressLimitedRoute, ApiRoute
from gateway.http.services import Services, ServicesDep
from gateway.person_fields import AnyEmail
from quiz.errors import QuizrunError
from telemetry.clock import now_ms

router = APIRouter(tags=["accounts"], route_class=ApiRoute)
entrance = APIRouter(tags=["accounts"], route_class=AddressLimitedRoute)

MAILS_PER_HOUR = 5


class PasswordChange(Body):
    """`current` is optional within 15 minutes of signing in."""

    current: Password | None = None
    password: NewPassword


class Forgotten(Body):
    """The account whose password to reset."""

    email: AnyEmail
    language: Language | None = Field(
        None, description="The language of the mail if the account has none"
    )


class Reset(Body):
    """The token from the link in the mail, and the new password."""

    token: OneTimeTokenField
    password: NewPassword


@router.post("/me/password", status_code=204, responses=problems(401, 403, 422, 429, 503))
async def change_password(
    request: Request, caller: CallerDep, given: PasswordChange, services: ServicesDep
) -> None:
    """Change the password. All other sessions of the account end."""
    account = await reauthenticate(request, services, caller, given.current)
    await services.sign_in.passwords.check_strength(
        given.password, account.email, account.display_name
    )
    hashed = await services.sign_in.passwords.hash(given.password)
    await services.auth.accounts.set_password(account.id, hashed, keep_session=caller.session_id)
    await services.auth.events.record(account.id, "password_changed", origin_of(request))
    await services.mail.password_changed(account)


@entrance.post("/auth/password/forgot", status_code=202, responses=problems(403, 422, 429, 503))
async def forgot_password(
    request: Request, given: Forgotten, services: ServicesDep, later: BackgroundTasks
) -> None:
    """Send a password reset link if the account exists.

    If it does not, the response is the same and takes as long.
    """
    check_origin(request)
    later.add_task(_send_reset, services, given)


async def _send_reset(services: Services, given: Forgotten) -> None:
    try:
        account = await services.auth.accounts.by_email(given.email)
        if account is None or account.disabled_at is not None:
            return
        await services.operations.rate_limiter.check(
            f"mail:reset:{account.id}", MAILS_PER_HOUR, 3_600, kind="mail"
        )
        await services.mail.password_reset(account)
    except QuizrunError:
        return  # too many mails or an outage; the user can request it again


@entrance.post("/auth/password/reset", status_code=204, responses=problems(403, 410, 422, 429, 503))
async def reset_password(request: Request, given: Reset, services: ServicesDep) -> None:
    """Set a new password with the token from a mail. All sessions of the account end."""
    check_origin(request)
    found = await services.auth.one_time_tokens.look_up(RESET, given.token.get_secret_value())
    account = await services.auth.accounts.by_id(found.account_id)
    by(found.account_id, None)
    on("account", found.account_id)
    known = (account.email, account.display_name) if account else ()
    await services.sign_in.passwords.check_strength(given.password, *known)
    hashed = await services.sign_in.passwords.hash(given.password)
    used = await services.auth.one_time_tokens.use(RESET, given.token.get_secret_value())
    if account is not None and account.email_verified_at is None:
        await services.auth.accounts.claim(account.id, hashed, now_ms())
    else:
        await services.auth.accounts.set_password(used.account_id, hashed)
    await services.auth.events.record(used.account_id, "password_reset", origin_of(request))
    if account is not None:
        await services.mail.password_changed(account)
