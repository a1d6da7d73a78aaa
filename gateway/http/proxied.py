"""Request ids, addresses from trusted proxies, and closing connections while draining."""

from __future__ import annotations

import re
import secrets

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from gateway.lifecycle import Lifecycle

REQUEST_ID = "X-Request-Id"
_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class Proxied:
    """Trusts proxies in `trusted` (comma-separated addresses and networks) for the client's address
    and scheme and for the request id. Other requests get a new id.

    The id is in every log line of the request (``request_id``) and in the response's
    ``X-Request-Id``. While the process drains, each response closes its connection, so that the
    proxy does not reuse one that is about to end.
    """

    def __init__(self, app: ASGIApp, trusted: str, lifecycle: Lifecycle) -> None:
        self._app = app
        self._behind_proxies = ProxyHeadersMiddleware(self._identified, trusted)  # type: ignore[arg-type]
        self._lifecycle = lifecycle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry point."""
        if scope["type"] == "http":
            scope["quizrun.request_id"] = self._request_id(scope)
        await self._behind_proxies(scope, receive, send)  # type: ignore[arg-type]

    def _request_id(self, scope: Scope) -> str:
        client = scope.get("client")
        if client and client[0] in self._behind_proxies.trusted_hosts:
            given = Headers(scope=scope).get(REQUEST_ID, "")
            if _ID.fullmatch(given):
                return given
        return secrets.token_hex(16)

    async def _identified(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = scope["quizrun.request_id"]

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID] = request_id
                if self._lifecycle.draining:
                    headers["Connection"] = "close"
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self._app(scope, receive, send_with_headers)
