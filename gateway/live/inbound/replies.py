"""What a client event is acknowledged with."""

from __future__ import annotations

from typing import Protocol

from pydantic import BaseModel

from gateway.live.protocol.encode import Encoded

Result = BaseModel | Encoded | BaseException
"""The content of an acknowledgement; an exception becomes ``{"ok": false, …}``."""


class Reply(Protocol):
    """The acknowledgement that a client waits for."""

    def send(self, result: Result) -> None:
        """Send it. Call this once, at any time."""
