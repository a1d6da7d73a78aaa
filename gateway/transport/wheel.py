"""One timer for the deadlines of all sockets."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol

AT_ONCE = 250
"""How many deadlines are handled before other callbacks get a turn on the event loop: thousands of
sockets that connected at the same moment are pinged at the same moment, too."""


class Timed(Protocol):
    """Something with a deadline. `bucket` belongs to the wheel and starts as -1."""

    bucket: int

    def due(self) -> None:
        """Called after the deadline; may set a new one."""


class Wheel:
    """Sockets by the tick at which they are due. Deadlines are met at most `tick_s` late.

    Moving a deadline costs two set operations; a timer handle would cost a heap entry and some
    200 bytes for each socket. The timer stops while there are no deadlines.
    """

    def __init__(self, tick_s: float) -> None:
        self._tick_s = tick_s
        self._buckets: dict[int, set[Timed]] = {}
        self._next = 0
        self._timer: asyncio.TimerHandle | asyncio.Handle | None = None
        self._ready: deque[Timed] = deque()

    def set(self, timed: Timed, after_s: float) -> None:
        """Call `due` after `after_s` seconds instead of at its previous deadline."""
        self.cancel(timed)
        loop = asyncio.get_running_loop()
        now = loop.time()
        timed.bucket = max(int((now + after_s) / self._tick_s) + 1, self._next)
        self._buckets.setdefault(timed.bucket, set()).add(timed)
        if self._timer is None:
            self._next = int(now / self._tick_s)
            self._timer = loop.call_later(self._tick_s, self._turn)

    def cancel(self, timed: Timed) -> None:
        """Forget the deadline."""
        bucket = self._buckets.get(timed.bucket)
        if bucket is not None:
            bucket.discard(timed)
        timed.bucket = -1

    def _turn(self) -> None:
        loop = asyncio.get_running_loop()
        now = int(loop.time() / self._tick_s)
        while self._next <= now and len(self._ready) < AT_ONCE:
            for timed in self._buckets.pop(self._next, ()):
                timed.bucket = -1
                self._ready.append(timed)
            self._next += 1
        for _ in range(min(AT_ONCE, len(self._ready))):
            timed = self._ready.popleft()
            if timed.bucket == -1:  # else it was given another deadline meanwhile
                timed.due()
        if self._ready or self._next <= now:
            self._timer = loop.call_soon(self._turn)
        elif self._buckets:
            self._timer = loop.call_later(self._tick_s, self._turn)
        else:
            self._timer = None
