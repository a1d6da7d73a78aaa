"""A bound on what is done at the same time: who finds no room is told at once, and nobody waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from quiz.errors import ErrorCode, QuizrunError


class Slots:
    """Room for `count` at a time."""

    def __init__(self, count: int) -> None:
        self._free = count

    @contextmanager
    def one(self) -> Iterator[None]:
        """Take a slot, and give it back. Raises `unavailable` when there is none."""
        if self._free == 0:
            raise QuizrunError(ErrorCode.UNAVAILABLE, "Too many at a time; try again in a moment.")
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1
