"""``quizrun codec-server``: lets the Temporal UI and CLI show encrypted histories.

It decrypts for everyone who has its token or, without one, can reach it; without one it listens on
this machine only. Protocol: https://docs.temporal.io/codec-server
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web
from google.protobuf import json_format
from temporalio.api.common.v1 import Payload, Payloads

from workflows.codec import DecryptionError, EncryptionCodec

MAX_BODY_BYTES = 4_000_000
"""Temporal's own limit per message."""
ALLOWED_HEADERS = "Authorization, Content-Type, X-Namespace"

Coding = Callable[[Sequence[Payload]], Awaitable[list[Payload]]]


def codec_app(codec: EncryptionCodec, origin: str, token: str = "") -> web.Application:
    """Return an application that decodes and encodes for pages of `origin`, the Temporal UI.

    With a `token`, callers need it: ``Authorization: Bearer …``.
    """
    headers = {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Headers": ALLOWED_HEADERS,
        "Access-Control-Allow-Credentials": "true",
        "Vary": "Origin",
        "Cache-Control": "no-store",
    }

    def route(step: Coding) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            if token and not _authorized(request, token):
                challenge = {**headers, "WWW-Authenticate": "Bearer"}
                return web.Response(status=401, text="A token is required.", headers=challenge)
            try:
                given = json_format.Parse(await request.text(), Payloads())
                found = Payloads(payloads=await step(given.payloads))
            except (json_format.ParseError, UnicodeDecodeError):
                return web.Response(status=400, text="Not a list of payloads.", headers=headers)
            except DecryptionError as error:
                return web.Response(status=422, text=str(error), headers=headers)
            body = json_format.MessageToJson(found)
            return web.Response(text=body, content_type="application/json", headers=headers)

        return handle

    async def preflight(_request: web.Request) -> web.Response:
        return web.Response(status=204, headers=headers)

    app = web.Application(client_max_size=MAX_BODY_BYTES)
    for path, step in (("/decode", codec.decode), ("/encode", codec.encode)):
        app.router.add_post(path, route(step))
        app.router.add_options(path, preflight)
    return app


def _authorized(request: web.Request, token: str) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    right = hmac.compare_digest(given.strip().encode("utf-8", "surrogateescape"), token.encode())
    return scheme.lower() == "bearer" and right


def serve(keys: dict[str, bytes], token: str, host: str, port: int, origin: str) -> None:
    """Serve until SIGTERM."""
    web.run_app(codec_app(EncryptionCodec(keys), origin, token), host=host, port=port, print=None)
