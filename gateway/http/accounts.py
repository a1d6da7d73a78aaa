"""Accounts: register, sign in and out, and who am I."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from db.accounts import Account
from gateway.http.auth import CallerDep, check_origin, origin_of, session_token
from gateway.http.cookies import SESSION_COOKIE
from gateway.http.idempotency import KeyHeader, idempotency_key
from gateway.http.openapi import problems
from gateway.http.routing import AddressLimitedRoute, ApiRoute
from gateway.http.services import Services, ServicesDep
from gateway.sessions import Begun
from quiz.errors import ErrorCode, QuizrunError

router = APIRouter(tags=["accounts"], route_class=ApiRoute)
entrance = APIRouter(tags=["accounts"], route_class=AddressLimitedRoute)

MAX_EMAIL_CHARS = 254
MIN_PASSWORD_CHARS = 8
MAX_PASSWORD_CHARS = 128
MAX_NAME_CHARS = 80

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


def _one_line(text: str) -> str:
    if any(unicodedata.category(char)[0] == "C" and char != "\u200d" for char in text):
        raise ValueError("contains a control character")
    return text.strip()


def _email(text: str) -> str:
    text = _one_line(text)
    if not _EMAIL.fullmatch(text):
        raise ValueError("is not an e-mail address")
    return text


def _name(text: str) -> str:
    text = _one_line(text)
    if not text:
        raise ValueError("is blank")
    return text


Email = Annotated[str, Field(max_length=MAX_EMAIL_CHARS, examples=["ada@example.com"])]
Password = Annotated[str, Field(examples=["correct horse battery"])]


class Registration(BaseModel):
    """A new account."""

    model_config = ConfigDict(extra="forbid")

    email: Annotated[Email, AfterValidator(_email)]
    password: Annotated[
        Password, Field(min_length=MIN_PASSWORD_CHARS, max_length=MAX_PASSWORD_CHARS)
    ]
    display_name: Annotated[
        str, Field(min_length=1, max_length=MAX_NAME_CHARS, examples=["Ada"]), AfterValidator(_name)
    ]


class Credentials(BaseModel):
    """What an account signs in with."""

    model_config = ConfigDict(extra="forbid")

    email: Email
    password: Annotated[Password, Field(max_length=MAX_PASSWORD_CHARS)]


class UserView(BaseModel):
    """An account as its owner sees it."""

    id: str
    email: str
    display_name: str


class SignedIn(BaseModel):
    """A fresh access token. The response also sets the session cookie."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105
    expires_in: int = Field(description="Seconds", examples=[3600])
    user: UserView


@entrance.post("/auth/register", status_code=201, responses=problems(403, 409, 422, 429, 503))
async def register(
    request: Request,
    response: Response,
    new: Registration,
    services: ServicesDep,
    _key: KeyHeader = None,
) -> SignedIn:
    """Open an account and sign in.

    With an `Idempotency-Key`, a repeat with the same password signs in to the account that the
    first try opened; without one it is refused with `email_taken`.
    """
    check_origin(request)
    repeatable = idempotency_key(request) is not None
    await _limit_email(services, new.email)
    hashed = await services.passwords.hash(new.password)
    try:
        account = await services.accounts.create(new.email, new.display_name, hashed)
    except QuizrunError as error:
        if error.code is not ErrorCode.EMAIL_TAKEN or not repeatable:
            raise
        # Nothing of the first answer is stored for the repeat: it holds a token.
        first = await services.accounts.by_email(new.email)
        if first is None or not await services.passwords.matches(first.password_hash, new.password):
            raise
        account = first
    return await sign_in(request, response, services, account)


@entrance.post("/auth/login", responses=problems(401, 403, 422, 429, 503))
async def login(
    request: Request, response: Response, given: Credentials, services: ServicesDep
) -> SignedIn:
    """Sign in. An unknown address and a wrong password get the same answer in the same time."""
    check_origin(request)
    await _limit_email(services, given.email)
    account = await services.accounts.by_email(given.email.strip())
    stored = account.password_hash if account else None
    if not await services.passwords.matches(stored, given.password) or account is None:
        raise QuizrunError(ErrorCode.CREDENTIALS_INVALID, "E-mail address or password is wrong.")
    return await sign_in(request, response, services, account)


@router.post("/auth/refresh", responses=problems(401, 403, 503))
async def refresh(request: Request, response: Response, services: ServicesDep) -> SignedIn:
    """A new access token for the session cookie, which is renewed, too.

    The old cookie stays good until the new one is first used, and for a minute after that. Whoever
    uses it later has a copy: the session ends, and with it its access tokens.
    """
    check_origin(request)
    token = session_token(request)
    if token is None:
        raise QuizrunError(ErrorCode.UNAUTHORIZED, "Sign in first.")
    return _signed_in(response, services, await services.host_sessions.renew(token))


@router.post("/auth/logout", status_code=204, responses=problems(403, 503))
async def logout(request: Request, response: Response, services: ServicesDep) -> None:
    """End the session, and with it its access tokens and sockets."""
    check_origin(request)
    if token := session_token(request):
        await services.host_sessions.end(token)
    response.delete_cookie(
        SESSION_COOKIE,
        path="/",
        secure=services.settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


@router.get("/me", responses=problems(401, 503))
async def me(caller: CallerDep, services: ServicesDep) -> UserView:
    """The account that asks."""
    account = await services.accounts.by_id(caller.account_id)
    if account is None:
        raise QuizrunError(ErrorCode.UNAUTHORIZED, "This account does not exist any more.")
    return _user(account)


async def sign_in(
    request: Request,
    response: Response,
    services: Services,
    account: Account,
    method: str = "password",
) -> SignedIn:
    """Begin a session in the browser that sent `request`."""
    origin = origin_of(request, method)
    begun = await services.host_sessions.begin(account, origin)
    await services.account_events.record(account.id, "signed_in", origin, method=method)
    return _signed_in(response, services, begun)


def _signed_in(response: Response, services: Services, begun: Begun) -> SignedIn:
    session, settings = begun.session, services.settings
    if begun.token is not None:
        response.set_cookie(
            SESSION_COOKIE,
            begun.token,
            max_age=settings.session_ttl_s,
            path="/",
            secure=settings.secure_cookies,
            httponly=True,
            samesite="lax",
        )
    return SignedIn(
        access_token=services.tokens.sign_access_token(session.account.id, session.id),
        expires_in=services.tokens.access_ttl_s,
        user=_user(session.account),
    )


def _user(account: Account) -> UserView:
    return UserView(id=account.id, email=account.email, display_name=account.display_name)


async def _limit_email(services: Services, email: str) -> None:
    """Rate-limit password guessing for one account, whatever address it comes from."""
    settings = services.settings
    name = hashlib.sha256(email.strip().lower().encode()).hexdigest()[:32]
    await services.rate_limiter.check(
        f"auth:email:{name}",
        settings.auth_limit_per_email,
        settings.auth_window_s,
        kind="email",
    )
