"""What the clients of one server may take together, and each of them."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass

from gateway.transport.handshake import Handshake

UNLIMITED = sys.maxsize


def peer_of(handshake: Handshake) -> str:
    """Return the address at the other end of a connection."""
    return handshake.peer


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on sessions. By default there are none, as on the stock server.

    `network_of`: the sessions for which it returns the same count together for
    `sessions_per_network`. `packets`: how many a session may send between two pings, where each
    full kilobyte counts as one more, and some count as several (`bounded.py`). `join_timeout_s`:
    how soon the application must call `Member.settle`. `backlog_bytes`: how much all clients
    together may leave unread.
    """

    sessions: int = UNLIMITED
    sessions_per_network: int = UNLIMITED
    network_of: Callable[[Handshake], str] = peer_of
    packets: int = UNLIMITED
    join_timeout_s: float = math.inf
    backlog_bytes: int = UNLIMITED
