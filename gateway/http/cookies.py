"""The gateway's own cookies."""

from __future__ import annotations

import re

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

SESSION_COOKIE = "quizrun_session"
OIDC_COOKIE = "quizrun_oidc"
OIDC_PATH = "/auth/oidc"

_PATHS = {SESSION_COOKIE: "/", OIDC_COOKIE: OIDC_PATH}
_OVER_TLS = {SESSION_COOKIE: "__Host-quizrun_session", OIDC_COOKIE: "__Secure-quizrun_oidc"}
"""Browsers accept these names only from us and only over TLS, so that another host of the same
domain, or a network that alters plain HTTP, cannot put in a cookie of its own."""

_PATTERNS = {
    SESSION_COOKIE: re.compile(rb"[A-Za-z0-9_-]{1,200}"),
    OIDC_COOKIE: re.compile(rb"[A-Za-z0-9_-]{1,2000}"),
}
_OURS = {
    name.encode(): pattern
    for ours, pattern in _PATTERNS.items()
    for name in (ours, _OVER_TLS[ours])
}


def keep(response: Response, name: str, value: str, *, max_age: int, secure: bool) -> None:
    """Store a cookie in the browser for `max_age` seconds."""
    response.set_cookie(
        _OVER_TLS[name] if secure else name,
        value,
        max_age=max_age,
        path=_PATHS[name],
        secure=secure,
        httponly=True,
        samesite="lax",
    )
    if secure:  # of an earlier release
        response.delete_cookie(name, path=_PATHS[name], httponly=True, samesite="lax")


def forget(response: Response, name: str, *, secure: bool) -> None:
    """Delete a cookie from the browser."""
    for known in (_OVER_TLS[name], name) if secure else (name,):
        response.delete_cookie(
            known, path=_PATHS[name], secure=secure, httponly=True, samesite="lax"
        )


class CookieFilter:
    """Removes all cookies except the session's and that of a sign-in in progress, and gives these
    their plain names. Sessions of earlier releases have plain names over TLS, too.

    Frameworks parse cookies with `http.cookies`, which takes quadratic time for quoted values; the
    cookies that remain are short and unquoted.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry point."""
        if scope["type"] == "http" and any(name == b"cookie" for name, _ in scope["headers"]):
            scope = {**scope, "headers": our_cookies(scope["headers"])}
        await self._app(scope, receive, send)


def our_cookies(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Replace all cookies of a request by ours, if they are well-formed."""
    kept, found = [], dict[bytes, bytes]()
    for name, value in headers:
        if name == b"cookie":
            found |= _cookies(value)
        else:
            kept.append((name, value))
    ours = []
    for plain, over_tls in _OVER_TLS.items():
        known = found.get(over_tls.encode(), found.get(plain.encode()))
        if known is not None:
            ours.append(plain.encode() + b"=" + known)
    if ours:
        kept.append((b"cookie", b"; ".join(ours)))
    return kept


def _cookies(header: bytes) -> dict[bytes, bytes]:
    """Return the last value of each of our cookies, if it is well-formed."""
    found: dict[bytes, bytes] = {}
    for cookie in header.split(b";"):
        name, _, value = cookie.strip().partition(b"=")
        pattern = _OURS.get(name)
        if pattern and pattern.fullmatch(value):
            found[name] = value
    return found
