"""The one cookie that is ours, picked out by hand."""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Receive, Scope, Send

SESSION_COOKIE = "quizrun_session"

_NAME = SESSION_COOKIE.encode()
_TOKEN = re.compile(rb"[A-Za-z0-9_-]{1,200}")


class CookieFilter:
    """Removes all cookies but the session's.

    Frameworks parse cookies by `http.cookies`, which takes quadratic time for quoted values; what
    they are left with is short and plain.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] == "http" and any(name == b"cookie" for name, _ in scope["headers"]):
            scope = {**scope, "headers": _filtered(scope["headers"])}
        await self._app(scope, receive, send)


def _filtered(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    kept, found = [], None
    for name, value in headers:
        if name == b"cookie":
            found = _session(value) or found
        else:
            kept.append((name, value))
    if found is not None:
        kept.append((b"cookie", _NAME + b"=" + found))
    return kept


def _session(cookies: bytes) -> bytes | None:
    """The last session token in a Cookie header that could be one."""
    for cookie in reversed(cookies.split(b";")):
        name, _, value = cookie.strip().partition(b"=")
        if name == _NAME and _TOKEN.fullmatch(value):
            return value
    return None
