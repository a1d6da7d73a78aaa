"""Accounts: register, sign in, renew the session, sign out."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, SecretStr
from starlette.responses import JSONResponse

from db.accounts import Account
from db.acting import on
from gateway.factors.second_step import STEP_TTL_S
from gateway.http.account_fields import Body, Language, NewPassword, Password, UserView, user_view
from gateway.http.auth import CallerDep, check_origin, origin_of, session_token
from gateway.http.cookies import SESSION_COOKIE, forget, keep
from gateway.http.idempotency import KeyHeader, idempotency_key
from gateway.http.openapi import problems
from gateway.http.problems import SecondFactorOffer, SecondFactorRequiredError
from gateway.http.routing import AddressLimitedRoute, ApiRoute
from gateway.http.services import Services, ServicesDep
from gateway.person_fields import AnyEmail, DisplayName, Email
from gateway.sessions import StartedSession
from quiz.errors import ErrorCode, QuizrunError

router = APIRouter(tags=["accounts"], route_class=ApiRoute)
entrance = APIRouter(tags=["accounts"], route_class=AddressLimitedRoute)


class Registration(Body):
    """A new account."""

    email: Email
    password: NewPassword
    display_name: DisplayName
    language: Language | None = Field(None, description="The language of mail to this account.")


class Credentials(Body):
    """An email address and password."""

    email: AnyEmail
    password: Password


class SignedIn(BaseModel):
    """A new access token. The response also sets the session cookie."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105
    expires_in: int = Field(description="Seconds", examples=[3600])
    user: UserView


class SignedOut(BaseModel):
    """Where to redirect the browser to sign out of its provider."""

    continue_at: str


@entrance.post("/auth/register", status_code=201, responses=problems(403, 409, 422, 429, 503))
async def register(
    request: Request,
    response: Response,
    new: Registration,
    services: ServicesDep,
    _key: KeyHeader = None,
) -> SignedIn:
    """Create an account and sign in.

    With an `Idempotency-Key`, a retry with the same password signs in to the account that the
    first attempt created; without one it fails with `email_taken`.
    """
    check_origin(request)
    repeatable = idempotency_key(request) is not None
    await services.sign_in.passwords.check_strength(new.password, new.email, new.display_name)
    hashed = await services.sign_in.passwords.hash(new.password)
    try:
        account = await services.auth.accounts.create(
            new.email, new.display_name, hashed, language=new.language
        )
        await services.mail.verification(account)
    except QuizrunError as error:
        if error.code is not ErrorCode.EMAIL_TAKEN or not repeatable:
            raise
        # The first response is not stored for replay, because it contains a token.
        first = await _authenticated(request, services, new.email, new.password)
        if first is None:
            raise
        account = first
    await require_second_factor(services, account)
    return await sign_in(request, response, services, account)


@entrance.post("/auth/login", responses=problems(401, 403, 422, 429, 503))
async def login(
    request: Request, response: Response, given: Credentials, services: ServicesDep
) -> SignedIn:
    """Sign in. An unknown address and a wrong password get the same response in the same time.

    For an account with a second factor the response is 401 `second_factor_required` with a token
    for `POST /auth/login/second-factor`.
    """
    check_origin(request)
    account = await _authenticated(request, services, given.email, given.password)
    if account is None:
        raise QuizrunError(
            ErrorCode.CREDENTIALS_INVALID, "The email address or the password is wrong."
        )
    if upgraded := await services.sign_in.passwords.rehash_if_outdated(
        account.password_hash, given.password
    ):
        await services.auth.accounts.upgrade_password_hash(
            account.id, account.password_hash, upgraded
        )
    await require_second_factor(services, account)
    return await sign_in(request, response, services, account)


async def _authenticated(
    request: Request, services: Services, email: str, password: SecretStr
) -> Account | None:
    """Return the account with these credentials. Failures count towards `too_many_requests`."""
    address = origin_of(request).address
    await services.sign_in.limits.check(email, address)
    account = await services.auth.accounts.by_email(email)
    stored = account.password_hash if account else None
    right = await services.sign_in.passwords.matches(stored or None, password)
    if right and account is not None and account.disabled_at is None:
        return account
    await services.sign_in.limits.failed(email, address)
    if account is not None:
        on("account", account.id)
    return None


@router.post("/auth/refresh", responses=problems(401, 403, 503))
async def refresh(request: Request, response: Response, services: ServicesDep) -> SignedIn:
    """Exchange the session cookie for an access token, and rotate the cookie.

    The old cookie remains valid until the new one is first used, and for a minute after that.
    Later use means that it was copied: the session ends, together with its access tokens.
    """
    check_origin(request)
    token = session_token(request)
    if token is None:
        raise QuizrunError(ErrorCode.UNAUTHORIZED, "Sign in first.")
    return _signed_in(response, services, await services.sign_in.host_sessions.renew(token))


@router.post(
    "/auth/logout",
    status_code=204,
    response_model=None,
    responses={200: {"model": SignedOut}, **problems(403, 503)},
)
async def logout(request: Request, services: ServicesDep) -> Response:
    """End the session, its access tokens and its sockets.

    The status is 200 if the session began at a provider; the body then says where to sign out of
    it.
    """
    check_origin(request)
    token = session_token(request)
    method = await services.sign_in.host_sessions.end(token) if token else None
    url = await services.sign_in.oidc.logout_url(method) if method else None
    response = JSONResponse(SignedOut(continue_at=url).model_dump()) if url else Response(None, 204)
    forget(response, SESSION_COOKIE, secure=services.settings.secure_cookies)
    return response


@router.get("/me", responses=problems(401, 503))
async def me(caller: CallerDep, services: ServicesDep) -> UserView:
    """Return the caller's account."""
    account = await services.auth.accounts.by_id(caller.account_id)
    if account is None:
        raise QuizrunError(ErrorCode.UNAUTHORIZED, "This account no longer exists.")
    return user_view(account)


async def require_second_factor(services: Services, account: Account) -> None:
    """Raise `second_factor_required`, with the token for the next step, if the account has one."""
    offer = await services.sign_in.factors.second_step.offer(account)
    if offer is not None:
        raise SecondFactorRequiredError(
            SecondFactorOffer(
                token=offer.token,
                expires_in=STEP_TTL_S,
                methods=offer.methods,
                passkey_options=offer.passkey_options,
            )
        )


async def sign_in(
    request: Request,
    response: Response,
    services: Services,
    account: Account,
    method: str = "password",
) -> SignedIn:
    """Start a session in the browser that sent `request`, and end the one that it has."""
    sessions = services.sign_in.host_sessions
    begun = await sessions.begin(account, origin_of(request, method))
    # A script may sign in several times, and use all of its access tokens.
    from_browser = "sec-fetch-site" in request.headers
    if from_browser and (replaced := session_token(request)) is not None:
        await sessions.end(replaced)
    return _signed_in(response, services, begun)


def _signed_in(response: Response, services: Services, begun: StartedSession) -> SignedIn:
    session, settings = begun.session, services.settings
    if begun.token is not None:
        keep(
            response,
            SESSION_COOKIE,
            begun.token,
            max_age=settings.session_ttl_s,
            secure=settings.secure_cookies,
        )
    return SignedIn(
        access_token=services.sign_in.tokens.sign_access_token(session.account.id, session.id),
        expires_in=services.sign_in.tokens.access_ttl_s,
        user=user_view(session.account),
    )
