"""picows' protocol, and a bound on what it reads at once."""

from __future__ import annotations

import asyncio
from typing import Any

import picows.picows

READ_BYTES = 16 * 1024
"""How much is read at once from a client that floods us."""
FLOOD_BYTES = 1024
"""A client that has this much waiting behind a frame floods us."""

_WSProtocol: Any = vars(picows.picows)["WSProtocol"]
_buffer_of = _WSProtocol.get_buffer


class Protocol(_WSProtocol):  # type: ignore[misc]
    """picows' server-side protocol.

    With `data_received` set to None, uvloop lets go of the previous protocol's method.
    """

    __slots__ = ()
    data_received = None


class _Flooded(Protocol):
    """Reads no more than `READ_BYTES` at once."""

    __slots__ = ()

    def get_buffer(self, size_hint: int) -> memoryview:
        """Return the buffer to read into."""
        view: memoryview = _buffer_of(self, size_hint)
        return view[:READ_BYTES]


def bound_reads(transport: asyncio.Transport) -> None:
    """Bound what is read at once from a client that floods us.

    picows handles all frames of a read in one callback, and doubles its buffer whenever a read
    fills it: unbounded, both grow as long as the client sends faster than we handle. Not from the
    start, because for all others it would cost 3 % of the time that a packet takes.
    """
    protocol = transport.get_protocol()
    if type(protocol) is Protocol:
        protocol.__class__ = _Flooded
        transport.set_protocol(protocol)  # uvloop looks `get_buffer` up once
