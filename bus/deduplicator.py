"""Deduplication of messages: the bus delivers at least once."""

from __future__ import annotations

from collections import OrderedDict

from bus.messages import LiveMessage, RunEvent

CAPACITY = 10_000


class Deduplicator:
    """Remembers the versions of the latest `CAPACITY` runs, and as many ids of other messages."""

    def __init__(self) -> None:
        self._versions: OrderedDict[str, int] = OrderedDict()
        self._ids: OrderedDict[str, None] = OrderedDict()

    def seen(self, message: LiveMessage) -> bool:
        """Record `message`; return whether it was seen before."""
        # A version of a run has one content, so its number identifies the message.
        if not isinstance(message, RunEvent):
            return self._seen_id(message.event_id)
        if message.version <= self._versions.get(message.run_id, -1):
            return True
        self._versions[message.run_id] = message.version
        self._versions.move_to_end(message.run_id)
        if len(self._versions) > CAPACITY:
            self._versions.popitem(last=False)
        return False

    def _seen_id(self, event_id: str) -> bool:
        if event_id in self._ids:
            return True
        self._ids[event_id] = None
        if len(self._ids) > CAPACITY:
            self._ids.popitem(last=False)
        return False
