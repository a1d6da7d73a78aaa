"""A session that counts against the limits of its server."""

from __future__ import annotations

import math
import time
from typing import Protocol

from gateway.transport.decoding import TooManyPacketsError
from gateway.transport.limits import Limits
from gateway.transport.output import NO_SLOTS, Output, OutputLimits
from gateway.transport.places import Network, Places

TOO_MANY_PACKETS = "too_many_packets"
JOIN_TIMEOUT = "join_timeout"
"""Reasons for which a session ends: it sent too much, or nobody has called `Member.settle`."""
POLICY = 1008
"""Their WebSocket close code."""
CONNECT_COST = 50
PING_COST = 10
"""How many packets a CONNECT and a ping of WebSocket count for: one starts a task and a handler,
the other is answered with a system call.
"""


class SharedBounds(OutputLimits, Protocol):
    """What sessions of one server share."""

    limits: Limits
    places: Places
    ping_interval: float


class Bounded(Output):
    """A session's share of what its server gives.

    `budget`: how many packets it may send before the next ping. `settled`: whether the application
    wants to keep it. `network`: where it has a place.
    """

    __slots__ = NO_SLOTS

    engine: SharedBounds
    opened_at: float
    budget: int
    settled: bool
    network: Network | None

    @property
    def network_name(self) -> str:
        """The network of an open session."""
        return self.network.name if self.network is not None else ""

    def free_place(self) -> None:
        """Free the session's place. Further calls do nothing."""
        if self.network is not None:
            self.engine.places.free(self.network)
            self.network = None

    def spend(self, packets: int) -> None:
        """Take packets from the budget. Raises `TooManyPacketsError`."""
        self.budget -= packets
        if self.budget < 0:
            raise TooManyPacketsError

    def join_s(self) -> float:
        """The time in which the client must join."""
        if self.settled:
            return math.inf
        return self.opened_at + self.engine.limits.join_timeout_s - time.monotonic()

    def next_due_s(self) -> float:
        """The time until the next ping, or until the client must have joined."""
        return max(min(self.engine.ping_interval, self.join_s()), 0)
