"""What a client event is acknowledged with."""

from __future__ import annotations

import asyncio
from typing import Protocol

from pydantic import BaseModel

from gateway.live.protocol.encode import Encoded

Result = BaseModel | Encoded | BaseException
"""The content of an acknowledgement; an exception becomes ``{"ok": false, …}``."""


class Reply(Protocol):
    """The acknowledgement that a client waits for."""

    def send(self, result: Result) -> None:
        """Send it. Call this once, at any time."""


class FutureReply:
    """A reply that is awaited."""

    def __init__(self) -> None:
        self.result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()

    def send(self, result: Result) -> None:
        """Set the result."""
        self.result.set_result(result)
