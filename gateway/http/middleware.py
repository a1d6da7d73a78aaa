"""Middleware for all requests: security headers, error handling, body limits."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.http.problems import HttpCode, internal_error, problem_response

API_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

DRAIN_FACTOR = 4
"""Oversized bodies are read to their end, and discarded, up to this multiple of the quiz limit."""

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": API_POLICY,
}


class SecurityHeaders:
    """Adds security headers that the response does not set itself."""

    def __init__(self, app: ASGIApp, *, https: bool, subdomains: bool = False) -> None:
        self._app = app
        self._headers = dict(SECURITY_HEADERS)
        if https:  # browsers reject these over plain HTTP
            others = "; includeSubDomains" if subdomains else ""
            self._headers["Strict-Transport-Security"] = f"max-age=31536000{others}"
            self._headers["Cross-Origin-Opener-Policy"] = "same-origin"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry point."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                # A CDN must not cache an error: the next gateway may have the file.
                if scope["path"].startswith("/api/") or message["status"] >= 400:
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)


class ErrorMiddleware:
    """Turns an unexpected exception into a problem document and a logged traceback."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry point."""
        started = False

        async def send_noting_start(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_noting_start)
        except Exception:
            if scope["type"] != "http" or started:
                raise
            structlog.get_logger().exception(
                "http.request_failed", method=scope["method"], path=scope["path"]
            )
            await internal_error()(scope, receive, send)


class BodyLimit:
    """Rejects bodies that exceed their route's limit, by `Content-Length` or while they arrive.

    `limits` maps path prefixes to bytes; the first match applies. A body that is only moderately
    too large is read and discarded, because a client that is cut off while sending does not see the
    response.
    """

    def __init__(self, app: ASGIApp, *, limits: Mapping[str, int], passed_bytes: int) -> None:
        self._app = app
        self._limits = limits
        self._passed_bytes = passed_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry point."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        most = next(most for start, most in self._limits.items() if path.startswith(start))
        sentence = f"The request body is larger than {most:,} bytes."
        stated = Headers(scope=scope).get("content-length", "0")
        size = int(stated[:20]) if stated.isdecimal() else 0
        if size > most:
            headers = {"Connection": "close"}
            if size <= self._passed_bytes:
                headers = {}
                while (await receive()).get("more_body"):
                    pass
            response = problem_response(413, HttpCode.PAYLOAD_TOO_LARGE, sentence, headers=headers)
            await response(scope, receive, send)
            return

        received = 0

        async def receive_counting() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise HTTPException(413, sentence, {"Connection": "close"})
            return message

        await self._app(scope, receive_counting, send)
