"""Authenticate requests by bearer token or session cookie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer

from db.account_events import MAX_USER_AGENT_CHARS
from db.acting import by
from db.sessions import Origin
from gateway.addresses import caller_network
from gateway.api_tokens import needed_scope
from gateway.http.cookies import SESSION_COOKIE
from gateway.http.services import Services, services_of
from quiz.errors import ErrorCode, QuizrunError

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CACHE_KEY = "quizrun.caller"

bearer_scheme = HTTPBearer(auto_error=False, scheme_name="accessToken", bearerFormat="JWT")
cookie_scheme = APIKeyCookie(name=SESSION_COOKIE, auto_error=False, scheme_name="session")


@dataclass(frozen=True, slots=True)
class Caller:
    """The account behind a request, and the session or API token that authenticated it."""

    account_id: str
    session_id: str | None = None


async def identify(request: Request) -> Caller:
    """Authenticate `request`. Raises `unauthorized`, or `forbidden` for a cross-site request."""
    known = request.scope.get(CACHE_KEY)
    if isinstance(known, Caller):
        return known
    services = services_of(request)
    caller = await _caller_of(request, services)
    request.scope[CACHE_KEY] = caller
    by(caller.account_id, caller.session_id)
    services.sign_in.request_rate.check(caller.account_id)
    return caller


def known_caller(request: Request) -> Caller | None:
    """Return the caller if `identify` has authenticated the request."""
    known = request.scope.get(CACHE_KEY)
    return known if isinstance(known, Caller) else None


async def _caller_of(request: Request, services: Services) -> Caller:
    authorization = request.headers.get("authorization")
    if authorization is not None:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise QuizrunError(ErrorCode.UNAUTHORIZED, "Authorize with a bearer access token.")
        return await _bearer(request, token.strip(), services)
    cookie = session_token(request)
    session = await services.sign_in.host_sessions.find(cookie) if cookie else None
    if session is None:
        raise QuizrunError(ErrorCode.UNAUTHORIZED, "Sign in first.")
    check_origin(request)
    return Caller(session.account.id, session.id)


async def _bearer(request: Request, token: str, services: Services) -> Caller:
    access = await services.sign_in.credentials.access(token)
    if access.scopes is not None:
        _check_scope(request, access.scopes)
    return Caller(access.account_id, access.session_id)


def _check_scope(request: Request, scopes: frozenset[str]) -> None:
    """Raise `forbidden` unless an API token with these scopes may use the route."""
    tag = str(getattr(request.scope.get("route"), "tags", ["none"])[0])
    scope = needed_scope(tag, reads=request.method in SAFE_METHODS)
    if scope is None:
        raise QuizrunError(ErrorCode.FORBIDDEN, "API tokens cannot be used here. Sign in.")
    if scope not in scopes:
        raise QuizrunError(ErrorCode.FORBIDDEN, f"The API token lacks the scope {scope}.")


def origin_of(request: Request, method: str = "password") -> Origin:
    """Return where `request` comes from, for the activity log and the list of sessions."""
    address = request.client.host if request.client else ""
    agent = request.headers.get("user-agent", "")
    return Origin(address, agent[:MAX_USER_AGENT_CHARS], method)


def session_token(request: Request) -> str | None:
    """Return the session cookie, if one passed the `CookieFilter`."""
    return request.cookies.get(SESSION_COOKIE)


async def limit_address(request: Request) -> None:
    """Rate-limit sign-ins by client address. Raises `too_many_requests`."""
    services = services_of(request)
    settings = services.settings
    network = caller_network(request)
    await services.operations.rate_limiter.check(
        f"auth:address:{network}",
        settings.auth_limit_per_address,
        settings.auth_window_s,
        kind="address",
    )


def check_origin(request: Request) -> None:
    """Reject cross-site requests (CSRF). Raises `forbidden`.

    Browsers send `Sec-Fetch-Site` or, older ones, `Origin`; other clients send neither and have no
    cookies that another site could abuse.
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
    # Behind a proxy with several host names, or in development.
    same_host = origin and urlsplit(origin).netloc == request.headers.get("host")
    if same_host and site in (None, "same-site"):
        return
    raise QuizrunError(ErrorCode.FORBIDDEN, "Cross-site requests are not allowed.")


async def _caller(
    request: Request,
    _bearer: Annotated[object, Security(bearer_scheme)],
    _cookie: Annotated[object, Security(cookie_scheme)],
) -> Caller:
    return await identify(request)


CallerDep = Annotated[Caller, Depends(_caller)]
