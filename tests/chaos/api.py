"""The HTTP API as a host's client uses it: retried until the outcome is known."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import aiohttp

REQUEST_TIMEOUT_S = 8.0
RETRY_S = (0.2, 0.6)


class Api:
    """The HTTP API for one account, at random gateways."""

    def __init__(self, session: aiohttp.ClientSession, urls: Sequence[str], rng: Random) -> None:
        self._session = session
        self._urls = urls
        self._rng = rng
        self._token = ""
        self.excuses: dict[str, str] = {}
        """By idempotency key: why the last attempt was not final."""

    async def register(self) -> None:
        """Register a new account."""
        account = {
            "email": f"{uuid.uuid4()}@example.org",
            "password": "correct horse battery",
            "display_name": "Ada",
        }
        status, body = await self.call("POST", "/auth/register", account)
        assert status == 201, body
        self._token = body["access_token"]

    async def once(
        self, method: str, path: str, body: Any = None, key: str = "", url: str = ""
    ) -> tuple[int, Any] | None:
        """Status and document of one attempt; None if the outcome is unknown."""
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        if key:
            headers["Idempotency-Key"] = key
        address = f"{url or self._rng.choice(self._urls)}/api/v1{path}"
        timeout = aiohttp.ClientTimeout(total=REQUEST_TIMEOUT_S)
        try:
            async with self._session.request(
                method, address, json=body, headers=headers, timeout=timeout
            ) as response:
                return response.status, json.loads(await response.read())
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            return None

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        key: str = "",
        give_up: Callable[[], bool] = lambda: False,
    ) -> tuple[int, Any]:
        """The final reply, retrying under the same key; (0, None) once `give_up` holds."""
        while not give_up():
            answer = await self.once(method, path, body, key)
            if answer is not None:
                status, document = answer
                if status < 500 and not document.get("retryable", False):
                    return answer
                if document.get("code") in ("paused", "question_not_open"):
                    return answer
                self.excuses[key] = document.get("code", str(status))
            else:
                self.excuses[key] = "no reply"
            await asyncio.sleep(self._rng.uniform(*RETRY_S))
        return 0, None
