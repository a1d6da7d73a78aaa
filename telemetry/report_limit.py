"""How often one error is reported: a fault that repeats a thousand times says nothing more."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

WINDOW_S = 60.0
PER_KIND = 5
IN_ALL = 60
KINDS = 200


class ReportLimit:
    """At most 5 reports of a kind and 60 in all each minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends_at = float("-inf")
        self._reports = 0
        self._seen: OrderedDict[str, int] = OrderedDict()
        self._suppressed: OrderedDict[str, int] = OrderedDict()

    def admit(self, kind: str) -> int | None:
        """How many of this kind were left out since the last one that was sent; None: leave this
        one out, too.
        """
        now = self._clock()
        if now >= self._ends_at:
            self._ends_at = now + WINDOW_S
            self._reports = 0
            self._seen.clear()
        seen = self._seen.get(kind, 0)
        if seen >= PER_KIND or self._reports >= IN_ALL:
            self._suppressed[kind] = self._suppressed.get(kind, 0) + 1
            if len(self._suppressed) > KINDS:
                self._suppressed.popitem(last=False)
            return None
        self._seen[kind] = seen + 1
        self._reports += 1
        return self._suppressed.pop(kind, 0)
