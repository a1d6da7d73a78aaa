"""A concurrency limit that rejects instead of queueing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from quiz.errors import ErrorCode, QuizrunError


class ConcurrencyLimit:
    """Allows `count` operations at a time."""

    def __init__(self, count: int) -> None:
        self._free = count

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold a slot. Raises `unavailable` if none is free."""
        if self._free == 0:
            raise QuizrunError(ErrorCode.UNAVAILABLE, "The server is busy. Try again in a moment.")
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1
