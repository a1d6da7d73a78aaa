"""Sampling of log lines: a limited number of each kind per interval."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MAX_LINES = 20
INTERVAL_S = 10.0
MAX_KINDS = 1_000
"""Kinds of lines that are tracked at the same time, which bounds the memory of sampling."""
SUPPRESSED = "log.suppressed"
_MAX_KEY_CHARS = 200
_DIGITS = re.compile(r"\d+")

Key = tuple[str, str, str]


@dataclass(slots=True)
class _Kind:
    began: float
    lines: int = 0
    suppressed: int = 0


class Sampler(logging.Filter):
    """Passes `max_lines` of a kind per `interval_s`, drops the rest, and logs how many it dropped.

    A kind is a logger and its event or, for libraries, its message without arguments and numbers.
    Lines at level `info` are sampled per run, so that one busy run causes no gaps in the story of
    another; warnings and errors across runs, since an outage affects all of them.
    """

    LOGGER = "telemetry.sampling"

    def __init__(
        self,
        *,
        max_lines: int = MAX_LINES,
        interval_s: float = INTERVAL_S,
        max_kinds: int = MAX_KINDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._max_lines = max_lines
        self._interval_s = interval_s
        self._max_kinds = max_kinds
        self._clock = clock
        self._kinds: OrderedDict[Key, _Kind] = OrderedDict()
        self._lock = threading.Lock()
        self._log = logging.getLogger(self.LOGGER)

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to write the line."""
        if record.name == self.LOGGER:
            return True
        now = self._clock()
        with self._lock:
            expired = self._expire(now)
            kind = self._kind(_key(record), now, expired)
            kind.lines += 1
            passed = kind.lines <= self._max_lines
            kind.suppressed += not passed
        for key, suppressed in expired:
            self._log_suppressed(key, suppressed)
        return passed

    @property
    def kinds(self) -> int:
        """The number of kinds being tracked."""
        return len(self._kinds)

    def _expire(self, now: float) -> list[tuple[Key, int]]:
        """Remove kinds whose interval is over; return those with suppressed lines."""
        expired = []
        while self._kinds:
            key, kind = next(iter(self._kinds.items()))
            if now - kind.began < self._interval_s:
                break
            del self._kinds[key]
            if kind.suppressed:
                expired.append((key, kind.suppressed))
        return expired

    def _kind(self, key: Key, now: float, expired: list[tuple[Key, int]]) -> _Kind:
        kind = self._kinds.get(key)
        if kind is None:
            if len(self._kinds) >= self._max_kinds:
                oldest, evicted = self._kinds.popitem(last=False)
                if evicted.suppressed:
                    expired.append((oldest, evicted.suppressed))
            kind = self._kinds[key] = _Kind(began=now)
        return kind

    def _log_suppressed(self, key: Key, suppressed: int) -> None:
        logger, event, run_id = key
        fields = {
            "event": SUPPRESSED,
            "level": "info",
            "suppressed": suppressed,
            "suppressed_event": event,
            "suppressed_logger": logger,
            **({"run_id": run_id} if run_id else {}),
        }
        self._log.info(fields)


def _key(record: logging.LogRecord) -> Key:
    message = record.msg
    if not isinstance(message, dict):
        return record.name, _DIGITS.sub("#", str(message)[:_MAX_KEY_CHARS]), ""
    run_id = str(message.get("run_id", "")) if record.levelno <= logging.INFO else ""
    return record.name, str(message.get("event", ""))[:_MAX_KEY_CHARS], run_id[:_MAX_KEY_CHARS]
