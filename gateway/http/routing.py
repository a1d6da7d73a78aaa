"""Route classes: authentication before reading, strict JSON, and idempotent POSTs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from fastapi import Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response

from gateway.http.acts import act_of
from gateway.http.auth import identify, known_caller, limit_address, origin_of
from gateway.http.idempotency import execute_once
from gateway.http.recording import record
from gateway.http.services import services_of
from gateway.json_shape import check_shape, check_size, has_nul

Handler = Callable[[Request], Awaitable[Response]]


class JsonRequest(Request):
    """Reads JSON of limited shape with orjson: no NaN, invalid UTF-8 or lone surrogates."""

    async def json(self) -> Any:
        """Decode the body. Raises a 400 that locates the error."""
        body = await self.body()
        check_size(body)
        try:
            document = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise HTTPException(400, f"The body is not valid JSON: {error}.") from None
        check_shape(document)
        if b"\\u0000" in body and has_nul(document):
            # PostgreSQL can store it neither in text nor in JSONB.
            raise HTTPException(400, "The body contains the character U+0000.")
        return document


class ApiRoute(APIRoute):
    """A route with strict JSON bodies. If it is an act, it gets a line in the audit log."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        """Wrap FastAPI's handler with a stricter request class and the audit log."""
        handle: Handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handle(_strict(request))

        action = act_of(next(iter(self.methods)), self.path_format) if self.methods else None
        if action is None:
            return strict

        async def recorded(request: Request) -> Response:
            caller = known_caller(request)
            known = (caller.account_id, caller.session_id) if caller else None
            recorder = services_of(request).process.recorder
            return await record(request, action, origin_of(request), known, recorder, strict)

        return recorded


class AddressLimitedRoute(ApiRoute):
    """A public route, rate-limited by address before its body is read."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        """Wrap `ApiRoute`'s handler with the limit."""
        handle: Handler = super().get_route_handler()

        async def limited(request: Request) -> Response:
            await limit_address(request)
            return await handle(request)

        return limited


class IdempotentRoute(ApiRoute):
    """A route for accounts that executes POSTs once per `Idempotency-Key`."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        """Wrap `ApiRoute`'s handler with the store of idempotency keys.

        The caller is authenticated before the body is read.
        """
        handle: Handler = super().get_route_handler()

        async def known(request: Request) -> Response:
            await identify(request)
            return await handle(request)

        async def repeatable(request: Request) -> Response:
            await identify(request)
            return await execute_once(_strict(request), handle)

        return repeatable if "POST" in (self.methods or ()) else known


def _strict(request: Request) -> JsonRequest:
    # One object for the whole request: it caches the body, which can be read only once.
    if isinstance(request, JsonRequest):
        return request
    return JsonRequest(request.scope, request.receive)
