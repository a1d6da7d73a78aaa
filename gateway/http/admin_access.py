"""Access to the operators' page by admin token."""

from __future__ import annotations

import base64
import binascii
import hmac
import time
from collections import OrderedDict
from collections.abc import Callable

from fastapi import Request
from starlette.exceptions import HTTPException

from gateway.addresses import caller_network
from quiz.errors import ErrorCode, QuizrunError

FAILURES = 10
WINDOW_S = 60.0
MAX_ADDRESSES = 1_000
MAX_NAME_CHARS = 60

CHALLENGE = {"WWW-Authenticate": 'Basic realm="Quizrun operators", charset="UTF-8"'}


class AdminAccess:
    """Checks HTTP Basic credentials. The password is the admin token; the user name is logged.

    Failures are rate-limited per address within the process, which works without Redis.
    """

    def __init__(self, token: str, clock: Callable[[], float] = time.monotonic) -> None:
        """An empty `token` disables the page."""
        self._token = token.encode()
        self._clock = clock
        self._failures: OrderedDict[str, list[float]] = OrderedDict()

    def operator(self, request: Request) -> str:
        """Return the operator's name. Raises 404 without a token, 401, or `too_many_requests`."""
        if not self._token:
            raise QuizrunError(ErrorCode.NOT_FOUND, "Not found.")
        address = caller_network(request)
        if len(self._recent(address)) >= FAILURES:
            raise QuizrunError(
                ErrorCode.TOO_MANY_REQUESTS, f"Too many attempts. Try again in {WINDOW_S:.0f} s."
            )
        authorization = request.headers.get("authorization")
        name, password = _credentials(authorization or "")
        if not hmac.compare_digest(password, self._token):
            if authorization is not None:  # a browser's first request has none
                self._count(address)
            raise HTTPException(401, "This page requires the admin token.", CHALLENGE)
        return name

    def _recent(self, address: str) -> list[float]:
        since = self._clock() - WINDOW_S
        return [at for at in self._failures.get(address, ()) if at > since]

    def _count(self, address: str) -> None:
        self._failures[address] = [*self._recent(address), self._clock()]
        self._failures.move_to_end(address)
        if len(self._failures) > MAX_ADDRESSES:
            self._failures.popitem(last=False)


def _credentials(authorization: str) -> tuple[str, bytes]:
    """Return name and password; both are empty if the header cannot be decoded."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return "", b""
    try:
        name, _, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return "", b""
    readable = "".join(char for char in name.decode(errors="ignore") if char.isprintable())
    return readable.strip()[:MAX_NAME_CHARS] or "operator", password
