"""One budget for what all clients together have not read yet."""

from __future__ import annotations

import asyncio
from typing import Protocol

RELIEVED = 0.8
"""The share of the budget that is in use after sessions were cut off. Counting all backlogs takes
a microsecond each, so it must not happen for every message.
"""


class Lagging(Protocol):
    """A session that is behind."""

    blocked: bool

    def backlog(self) -> int:
        """How many bytes are queued."""

    def cut_off(self) -> None:
        """End the session because its client reads too slowly."""


class Backlogs:
    """The backlog of each lagging session, as of the last message that was queued for it."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._bytes: dict[Lagging, int] = {}
        self._total = 0

    def note(self, session: Lagging, size: int) -> None:
        """Remember a session's backlog. If that of all exceeds the budget, cut off the sessions
        that are furthest behind.
        """
        self._total += size - self._bytes.get(session, 0)
        self._bytes[session] = size
        if self._total > self._budget:
            self._relieve()

    def total(self) -> int:
        """The bytes that all sessions have not read."""
        return self._total

    def forget(self, session: Lagging) -> None:
        """Remember that a session has caught up, or has ended."""
        self._total -= self._bytes.pop(session, 0)

    def _relieve(self) -> None:
        # Kernels have taken bytes since they were noted.
        self._bytes = {session: session.backlog() for session in self._bytes}
        self._total = sum(self._bytes.values())
        loop = asyncio.get_running_loop()
        for session in sorted(self._bytes, key=self._bytes.__getitem__, reverse=True):
            if self._total <= RELIEVED * self._budget:
                return
            self.forget(session)
            session.blocked = True
            # Later: the caller may be iterating over a room that this session would leave.
            loop.call_soon(session.cut_off)
