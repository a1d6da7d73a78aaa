"""A player or host of a gateway under test."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Self

from deploy.bots.errors import RefusedError
from tests.system.client import PythonClient, code_of

__all__ = ["Client", "code_of", "until"]


class Client(PythonClient):
    """Records also how it was refused, and that it was disconnected."""

    def __init__(self, url: str, namespace: str = "/play") -> None:
        super().__init__(None, url, namespace)
        self.refused: Any = None
        self.disconnected = False

    async def connect(self, url: str | None = None, **auth: Any) -> Self:
        try:
            return await super().connect(url, **auth)
        except RefusedError as refusal:
            self.refused = {"message": refusal.message, "data": refusal.error}
            raise

    def _on_lost(self) -> None:
        self.disconnected = True
        super()._on_lost()


async def until(
    condition: Callable[[], bool],
    timeout_s: float = 10.0,
    what: Callable[[], str] = lambda: "it",
) -> None:
    """Wait for `condition`, looking often; fail after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"did not come about in time: {what()}"
        await asyncio.sleep(0.005)
