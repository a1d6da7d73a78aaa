"""Find live runs by PIN: in batches, cached for a moment, and limited by network."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

from db.batching import BatchWriter
from db.runs import OpenRun
from gateway.guess_limit import GuessLimit
from gateway.single_flight import SingleFlight
from quiz.errors import ErrorCode, QuizrunError
from quiz.pins import is_pin

KEPT_S = 1.0
"""How long a lookup is kept, found or not.

Gateways forget a PIN at once when they open a run under it or hear of its run. So a stale entry can
only hide a run for this long whose PIN somebody guessed just before another gateway opened it.
"""
MAX_KEPT = 20_000
MAX_QUEUE = 5_000
TIMEOUT_S = 5.0

FindOpen = Callable[[Sequence[str]], Awaitable[Sequence[OpenRun | None]]]
Observe = Callable[[int, float], None]


class PinDirectory:
    """The live runs by PIN, for HTTP and sockets alike."""

    def __init__(self, find: FindOpen, guesses: GuessLimit) -> None:
        self.guesses = guesses
        self.queue: BatchWriter[str, OpenRun | None] = BatchWriter(
            find, max_queue=MAX_QUEUE, timeout_s=TIMEOUT_S, name="pins"
        )
        self._loading: SingleFlight[OpenRun | None] = SingleFlight()
        self._kept: OrderedDict[str, tuple[float, OpenRun | None]] = OrderedDict()
        self._changes = 0

    def start(self) -> None:
        """Begin to look up PINs."""
        self.queue.start()

    async def stop(self) -> None:
        """Finish the lookups that wait."""
        await self.queue.stop()

    async def find(self, pin: str, network: str) -> OpenRun:
        """Return the live run with this PIN, for a client of `network`.

        Raises `pin_unknown`, `too_many_requests` or `unavailable`.
        """
        await self.guesses.check(network, pin)
        run = await self._look_up(pin) if is_pin(pin) else None
        if run is None:
            await self.guesses.wrong(network)
            raise QuizrunError(ErrorCode.PIN_UNKNOWN, "There is no quiz with this PIN.")
        await self.guesses.right(network, pin)
        return run

    def forget(self, pin: str) -> None:
        """Look this PIN up anew: its run was opened, has changed, or is over."""
        self._kept.pop(pin, None)
        self._changes += 1  # what is being loaded may be older

    async def _look_up(self, pin: str) -> OpenRun | None:
        kept = self._kept.get(pin)
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]
        return await self._loading.run(pin, lambda: self._load(pin))

    async def _load(self, pin: str) -> OpenRun | None:
        changes = self._changes
        found = await self.queue.submit(pin)
        if changes == self._changes:
            self._kept[pin] = (time.monotonic() + KEPT_S, found)
            self._kept.move_to_end(pin)
            if len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return found
