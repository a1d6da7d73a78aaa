"""How connections of players fail."""

from __future__ import annotations

from typing import Any


class LostError(OSError):
    """There is no connection, or it was lost: the outcome of the request is unknown."""


class RefusedError(Exception):
    """The server refused the connection. `error` is its reason: code, message, retryable.
    `message` is what Socket.IO clients show that do not know of `error`.
    """

    def __init__(self, error: Any, message: Any = None) -> None:
        super().__init__(error)
        self.error = error
        self.message = message
