"""Extract the gateway's own cookies."""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Receive, Scope, Send

SESSION_COOKIE = "quizrun_session"
OIDC_COOKIE = "quizrun_oidc"
OIDC_PATH = "/auth/oidc"

_OURS = {
    SESSION_COOKIE.encode(): re.compile(rb"[A-Za-z0-9_-]{1,200}"),
    OIDC_COOKIE.encode(): re.compile(rb"[A-Za-z0-9_-]{1,2000}"),
}


class CookieFilter:
    """Removes all cookies except the session's and that of a sign-in in progress.

    Frameworks parse cookies with `http.cookies`, which takes quadratic time for quoted values; the
    cookies that remain are short and unquoted.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry point."""
        if scope["type"] == "http" and any(name == b"cookie" for name, _ in scope["headers"]):
            scope = {**scope, "headers": _filtered(scope["headers"])}
        await self._app(scope, receive, send)


def _filtered(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    kept, found = [], dict[bytes, bytes]()
    for name, value in headers:
        if name == b"cookie":
            found |= _cookies(value)
        else:
            kept.append((name, value))
    if found:
        kept.append((b"cookie", b"; ".join(b"=".join(pair) for pair in found.items())))
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
