"""What a session sends: written at once, or kept back within limits while its client lags."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any, Protocol

from gateway.transport.backlogs import Backlogs
from gateway.transport.packets import Message

NO_SLOTS: tuple[str, ...] = ()
"""Slots of a base that can be combined with picows' listener; subclasses declare the real ones."""


class OutputLimits(Protocol):
    """What sessions of one server share for sending."""

    counters: Counter[str]
    max_backlog_bytes: int
    backlogs: Backlogs


class Output:
    """Bounded, coalescing output.

    `blocked`: do not write directly, because something is queued or the session is not open.
    Otherwise anyone may call ``write(TEXT, message.buffer, RESERVE)``.
    `coalesced`: the newest message of each key, sent when there is room.
    """

    __slots__ = NO_SLOTS

    engine: OutputLimits
    closed: bool
    blocked: bool
    coalesced: dict[str, Message] | None
    write: Callable[[int, bytearray, int], Any]

    def deliver(self, message: Message, key: str | None = None) -> None:
        """Send a message now, or queue it within the limit.

        A message with a `key` replaces a queued one with the same key. Others keep their order.
        """
        if self.closed:
            return
        if not self.blocked:
            self.put(message)
        elif key is not None and not self.ready():
            self._coalesce(message, key)
        else:
            self.put_coalesced()
            self.put(message)
            self._check_backlog()

    def put_coalesced(self) -> None:
        """Send the messages that were kept back."""
        if self.coalesced:
            waiting, self.coalesced = self.coalesced, None
            for message in waiting.values():
                self.put(message)

    def ready(self) -> bool:
        """Whether what is put leaves at once although the session is `blocked`."""
        return False

    def put(self, message: Message) -> None:
        """Hand a message to the transport, whether or not it can be written at once."""
        raise NotImplementedError

    def put_packet(self, packet: bytes) -> None:
        """Hand over an Engine.IO packet other than a message."""
        raise NotImplementedError

    def backlog(self) -> int:
        """How many bytes are queued."""
        raise NotImplementedError

    def cut_off(self) -> None:
        """End the session because its client reads too slowly."""
        raise NotImplementedError

    def _coalesce(self, message: Message, key: str) -> None:
        if self.coalesced is None:
            self.coalesced = {}
        if self.coalesced.pop(key, None) is not None:
            self.engine.counters["coalesced"] += 1
        self.coalesced[key] = message

    def _check_backlog(self) -> None:
        size = self.backlog()
        if self.closed or not size:
            return
        if size > self.engine.max_backlog_bytes:
            self.blocked = True
            # Later: the caller may be iterating over a room that this session would leave.
            asyncio.get_running_loop().call_soon(self.cut_off)
        else:
            self.engine.backlogs.note(self, size)
