"""Dropping what was delivered before: the bus delivers at least once."""

from __future__ import annotations

from collections import OrderedDict

from bus.messages import LiveMessage, RunEvent

REMEMBERED = 10_000


class Deduplicator:
    """Remembers the latest version of the latest 10,000 runs, and as many ids of others."""

    def __init__(self) -> None:
        self._versions: OrderedDict[str, int] = OrderedDict()
        self._ids: OrderedDict[str, None] = OrderedDict()

    def seen(self, message: LiveMessage) -> bool:
        """Whether `message` says nothing new. A version has one content, so its number decides."""
        if not isinstance(message, RunEvent):
            return self._seen_id(message.event_id)
        if message.version <= self._versions.get(message.run_id, -1):
            return True
        self._versions[message.run_id] = message.version
        self._versions.move_to_end(message.run_id)
        if len(self._versions) > REMEMBERED:
            self._versions.popitem(last=False)
        return False

    def _seen_id(self, event_id: str) -> bool:
        if event_id in self._ids:
            return True
        self._ids[event_id] = None
        if len(self._ids) > REMEMBERED:
            self._ids.popitem(last=False)
        return False
