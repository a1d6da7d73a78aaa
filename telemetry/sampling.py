"""Sampling of noisy lines: so many of a kind in an interval, and how many were left out."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MOST_LINES = 20
INTERVAL_S = 10.0
MOST_KINDS = 1_000
"""Kinds of lines that are counted at the same time; the memory that sampling needs is bounded."""
SUPPRESSED = "log.suppressed"
_MOST_KEY_CHARS = 200
_DIGITS = re.compile(r"\d+")

Key = tuple[str, str, str]


@dataclass(slots=True)
class _Kind:
    began: float
    lines: int = 0
    suppressed: int = 0


class Sampler(logging.Filter):
    """Passes `most` lines of a kind in `interval_s`, then drops the others and tells their number.

    A kind is a logger with its event; of a library, with its message without arguments and numbers.
    Information about a run is sampled for that run alone, so that a busy moment of one leaves no
    hole in the story of another; warnings and errors for all runs together, since an outage
    concerns them all.
    """

    LOGGER = "telemetry.sampling"

    def __init__(
        self,
        *,
        most: int = MOST_LINES,
        interval_s: float = INTERVAL_S,
        most_kinds: int = MOST_KINDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._most = most
        self._interval_s = interval_s
        self._most_kinds = most_kinds
        self._clock = clock
        self._kinds: OrderedDict[Key, _Kind] = OrderedDict()
        self._lock = threading.Lock()
        self._log = logging.getLogger(self.LOGGER)

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        if record.name == self.LOGGER:
            return True
        now = self._clock()
        with self._lock:
            over = self._over(now)
            kind = self._kind(_key(record), now, over)
            kind.lines += 1
            passed = kind.lines <= self._most
            kind.suppressed += not passed
        for key, suppressed in over:
            self._tell(key, suppressed)
        return passed

    @property
    def kinds(self) -> int:
        """How many kinds of lines are counted now."""
        return len(self._kinds)

    def _over(self, now: float) -> list[tuple[Key, int]]:
        """Forget the kinds whose interval is over; those with lines that were left out."""
        found = []
        while self._kinds:
            key, kind = next(iter(self._kinds.items()))
            if now - kind.began < self._interval_s:
                break
            del self._kinds[key]
            if kind.suppressed:
                found.append((key, kind.suppressed))
        return found

    def _kind(self, key: Key, now: float, over: list[tuple[Key, int]]) -> _Kind:
        kind = self._kinds.get(key)
        if kind is None:
            if len(self._kinds) >= self._most_kinds:
                oldest, dropped = self._kinds.popitem(last=False)
                if dropped.suppressed:
                    over.append((oldest, dropped.suppressed))
            kind = self._kinds[key] = _Kind(began=now)
        return kind

    def _tell(self, key: Key, suppressed: int) -> None:
        logger, event, run_id = key
        about = {
            "event": SUPPRESSED,
            "level": "info",
            "suppressed": suppressed,
            "suppressed_event": event,
            "suppressed_logger": logger,
            **({"run_id": run_id} if run_id else {}),
        }
        self._log.info(about)


def _key(record: logging.LogRecord) -> Key:
    said = record.msg
    if not isinstance(said, dict):
        return record.name, _DIGITS.sub("#", str(said)[:_MOST_KEY_CHARS]), ""
    run_id = str(said.get("run_id", "")) if record.levelno <= logging.INFO else ""
    return record.name, str(said.get("event", ""))[:_MOST_KEY_CHARS], run_id[:_MOST_KEY_CHARS]
