"""Dropping messages that were delivered before: the bus delivers at least once."""

from __future__ import annotations

from collections import OrderedDict

from bus.messages import LiveMessage

REMEMBERED = 10_000


class Deduplicator:
    """Remembers the ids of the latest 10,000 messages.

    Whether a run event is newer than what is known of its run is not decided here: a room may have
    loaded a later state than the last event showed.
    """

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()

    def seen(self, message: LiveMessage) -> bool:
        """Whether `message` was delivered before."""
        event_id = message.event_id
        if event_id in self._ids:
            return True
        self._ids[event_id] = None
        if len(self._ids) > REMEMBERED:
            self._ids.popitem(last=False)
        return False
