"""Deduplication of messages: the bus delivers at least once."""

from __future__ import annotations

from collections import OrderedDict

from bus.messages import LiveMessage

CAPACITY = 10_000


class Deduplicator:
    """Remembers the ids of the latest `CAPACITY` messages.

    Whether a run event is newer than what is known of its run is not decided here: a room may have
    loaded a later state than the last event showed.
    """

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()

    def seen(self, message: LiveMessage) -> bool:
        """Record `message`; return whether it was seen before."""
        event_id = message.event_id
        if event_id in self._ids:
            return True
        self._ids[event_id] = None
        if len(self._ids) > CAPACITY:
            self._ids.popitem(last=False)
        return False
