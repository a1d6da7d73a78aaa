"""`Idempotency-Key`: a repeated POST gets the first response again."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated

import structlog
from fastapi import Header, Request
from starlette.responses import Response

from db.idempotency import Account, IdempotencyKeys
from gateway.http.auth import identify
from gateway.http.problems import MEDIA_TYPE, from_error
from gateway.http.services import services_of
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
MAX_KEY_CHARS = 200

_log = structlog.get_logger()

KeyHeader = Annotated[
    str | None,
    Header(
        alias=HEADER,
        description="1 to 200 printable characters. A repeated request with the same key gets the "
        "first response again, marked `Idempotency-Replayed: true`.",
        examples=["8e03978e-40d5-43e8-bc93-6894a57f9324"],
    ),
]


def idempotency_key(request: Request) -> str | None:
    """Return the request's key, if any. Raises `payload_invalid` if it is malformed."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 1 <= len(key) <= MAX_KEY_CHARS or not (key.isascii() and key.isprintable()):
        raise QuizrunError(
            ErrorCode.PAYLOAD_INVALID,
            f"{HEADER} must have 1 to {MAX_KEY_CHARS} printable ASCII characters.",
        )
    return key


async def execute_once(
    request: Request, handle: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Call `handle(request)`, or return its stored response to an earlier request with this key.

    Only final responses are stored: after an internal error or a retryable one, a retry is
    executed. The scope is account, method and path; the body must be the same.
    """
    key = idempotency_key(request)
    if key is None:
        return await handle(request)
    caller = await identify(request)
    services = services_of(request)
    keys = services.operations.idempotency_keys
    account = Account(caller.account_id, services.settings.quotas.stored_replies)
    scope = f"{caller.account_id} {request.method} {request.url.path}"
    fingerprint = hashlib.sha256(await request.body()).hexdigest()
    stored = await keys.begin(scope, key, fingerprint, now_ms(), account)
    if stored is not None:
        return _replay(stored.status, stored.body)
    try:
        response, lasting = await _handle(request, handle)
    except Exception:
        await _release(keys, scope, key)
        raise
    if lasting and response.status_code < 500:
        await _store(keys, scope, key, response, account)
    else:
        await _release(keys, scope, key)
    return response


async def _handle(
    request: Request, handle: Callable[[Request], Awaitable[Response]]
) -> tuple[Response, bool]:
    try:
        return await handle(request), True
    except QuizrunError as error:
        return from_error(error), not error.retryable


async def _store(
    keys: IdempotencyKeys, scope: str, key: str, response: Response, account: Account
) -> None:
    try:
        await keys.complete(scope, key, response.status_code, bytes(response.body), account)
    except QuizrunError as error:
        # The operation succeeded, so respond anyway. The key stays locked for a while.
        _log.warning("idempotency.reply_not_kept", error=error)


async def _release(keys: IdempotencyKeys, scope: str, key: str) -> None:
    try:
        await keys.release(scope, key)
    except QuizrunError as error:
        # A retry takes over a locked key after a while.
        _log.info("idempotency.key_not_released", error=error)


def _replay(status: int, body: bytes) -> Response:
    media_type = MEDIA_TYPE if status >= 400 else "application/json"
    return Response(body, status, {REPLAYED: "true"}, media_type=media_type)
