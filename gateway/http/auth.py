"""Who is asking: a bearer token, or the session cookie of the web client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer

from db.accounts import Account
from gateway.http.cookies import SESSION_COOKIE
from gateway.http.services import Services, services_of
from gateway.security import session_hash
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CACHE_KEY = "quizrun.caller"

bearer_scheme = HTTPBearer(auto_error=False, scheme_name="accessToken", bearerFormat="JWT")
cookie_scheme = APIKeyCookie(name=SESSION_COOKIE, auto_error=False, scheme_name="session")


@dataclass(frozen=True, slots=True)
class Caller:
    """The account behind a request."""

    account_id: str


async def identify(request: Request) -> Caller:
    """Who sent `request`. Raises `unauthorized`, or `forbidden` for another site's request."""
    known = request.scope.get(CACHE_KEY)
    if isinstance(known, Caller):
        return known
    caller = Caller(await _account_id(request, services_of(request)))
    request.scope[CACHE_KEY] = caller
    return caller


async def _account_id(request: Request, services: Services) -> str:
    authorization = request.headers.get("authorization")
    if authorization is not None:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise QuizrunError(ErrorCode.UNAUTHORIZED, "Authorize with a bearer access token.")
        return services.tokens.verify_access_token(token.strip())
    account = await session_account(request, services)
    if account is None:
        raise QuizrunError(ErrorCode.UNAUTHORIZED, "Sign in first.")
    check_origin(request)
    return account.id


async def session_account(request: Request, services: Services) -> Account | None:
    """Whose session cookie `request` carries; None without a session that is still good."""
    token = session_token(request)
    if token is None:
        return None
    return await services.accounts.session_account(session_hash(token), now_ms())


def session_token(request: Request) -> str | None:
    """The session cookie, if there is one that could be ours (`CookieFilter`)."""
    return request.cookies.get(SESSION_COOKIE)


async def limit_address(request: Request) -> None:
    """Rate-limit sign-ins by client address. Raises `too_many_requests`."""
    services = services_of(request)
    settings = services.settings
    address = request.client.host if request.client else "unknown"
    await services.rate_limiter.check(
        f"auth:address:{address}",
        settings.auth_limit_per_address,
        settings.auth_window_s,
        kind="address",
    )


def check_origin(request: Request) -> None:
    """Refuses what another web site makes a browser send along with our cookie.

    Browsers tell by `Sec-Fetch-Site` or, older ones, by `Origin`; programs send neither, and
    have no cookies that others could use.
    """
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    if site in ("same-origin", "none"):
        return
    origin = request.headers.get("origin")
    if origin is None and site is None:
        return
    settings = services_of(request).settings
    allowed = {settings.public_origin, *(item.lower() for item in settings.cors_origins)}
    if origin is not None and origin.lower() in allowed:
        return
    # behind a proxy that is reached by several names, or in development
    same_host = origin and urlsplit(origin).netloc == request.headers.get("host")
    if same_host and site in (None, "same-site"):
        return
    raise QuizrunError(ErrorCode.FORBIDDEN, "This request came from another web site.")


async def _caller(
    request: Request,
    _bearer: Annotated[object, Security(bearer_scheme)],
    _cookie: Annotated[object, Security(cookie_scheme)],
) -> Caller:
    return await identify(request)


CallerDep = Annotated[Caller, Depends(_caller)]
