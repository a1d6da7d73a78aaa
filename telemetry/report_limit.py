"""Rate limit of error reports."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

WINDOW_S = 60.0
MAX_PER_KIND = 5
MAX_REPORTS = 60
MAX_KINDS = 200


class ReportLimit:
    """Admits `MAX_PER_KIND` reports of a kind and `MAX_REPORTS` in total per window."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends_at = float("-inf")
        self._reports = 0
        self._seen: OrderedDict[str, int] = OrderedDict()
        self._suppressed: OrderedDict[str, int] = OrderedDict()

    def admit(self, kind: str) -> int | None:
        """Return how many of this kind were suppressed since the last one sent.

        None means that this one must be suppressed, too.
        """
        now = self._clock()
        if now >= self._ends_at:
            self._ends_at = now + WINDOW_S
            self._reports = 0
            self._seen.clear()
        seen = self._seen.get(kind, 0)
        if seen >= MAX_PER_KIND or self._reports >= MAX_REPORTS:
            self._suppressed[kind] = self._suppressed.get(kind, 0) + 1
            if len(self._suppressed) > MAX_KINDS:
                self._suppressed.popitem(last=False)
            return None
        self._seen[kind] = seen + 1
        self._reports += 1
        return self._suppressed.pop(kind, 0)
