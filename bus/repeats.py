"""Dropping what was delivered before: the bus delivers at least once."""

from __future__ import annotations

from collections import OrderedDict

from bus.messages import LiveMessage, PlayersJoinedEvent, RunEvent

REMEMBERED = 10_000


class Repeats:
    """Remembers the latest event of the latest 10,000 runs, and as many joins."""

    def __init__(self) -> None:
        self._events: OrderedDict[str, RunEvent] = OrderedDict()
        self._joins: OrderedDict[str, None] = OrderedDict()

    def seen(self, message: LiveMessage) -> bool:
        """Whether `message` says nothing new.

        A version that comes again with other contents is no repeat: opening a question whose
        first attempt was in doubt picks new times, and the last attempt is the one that counts.
        """
        if isinstance(message, PlayersJoinedEvent):
            return self._seen_join(message.event_id)
        last = self._events.get(message.run_id)
        if last is not None and (message.version < last.version or message == last):
            return True
        self._events[message.run_id] = message
        self._events.move_to_end(message.run_id)
        if len(self._events) > REMEMBERED:
            self._events.popitem(last=False)
        return False

    def _seen_join(self, event_id: str) -> bool:
        if event_id in self._joins:
            return True
        self._joins[event_id] = None
        if len(self._joins) > REMEMBERED:
            self._joins.popitem(last=False)
        return False
