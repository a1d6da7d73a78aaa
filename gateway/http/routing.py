"""How requests are read: who asks first, then strict JSON, and POSTs that an `Idempotency-Key`
makes safe.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from fastapi import Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response

from gateway.http.auth import identify, limit_address
from gateway.http.idempotency import once
from gateway.http.json_shape import check_shape, check_size, has_nul

Handler = Callable[[Request], Awaitable[Response]]


class JsonRequest(Request):
    """Reads JSON of bounded shape by orjson: no NaN, no invalid UTF-8, no lone surrogate."""

    async def json(self) -> Any:
        """The decoded body. Raises a 400 that says where the JSON breaks."""
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
    """A route of the API."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        """The handler that FastAPI makes, given a stricter request."""
        handle: Handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handle(_strict(request))

        return strict


class AddressLimitedRoute(ApiRoute):
    """A route that is open to everybody: addresses are limited before a body is read."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        """The handler of `ApiRoute`, behind the limit."""
        handle: Handler = super().get_route_handler()

        async def limited(request: Request) -> Response:
            await limit_address(request)
            return await handle(request)

        return limited


class OnceRoute(ApiRoute):
    """A route for accounts, whose POSTs are carried out once for each `Idempotency-Key`."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        """The handler of `ApiRoute`, behind the store of idempotency keys.

        Nobody's body is read before it is known whose it is.
        """
        handle: Handler = super().get_route_handler()

        async def known(request: Request) -> Response:
            await identify(request)
            return await handle(request)

        async def repeatable(request: Request) -> Response:
            await identify(request)
            return await once(_strict(request), handle)

        return repeatable if "POST" in (self.methods or ()) else known


def _strict(request: Request) -> JsonRequest:
    """One object for the whole request: it keeps the body, which can be read only once."""
    if isinstance(request, JsonRequest):
        return request
    return JsonRequest(request.scope, request.receive)
