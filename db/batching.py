"""Batching of small writes (or reads): while one batch commits, the next one is collected.

A single item is written at once; under load, batches grow to what arrives during a commit.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import structlog

from db.outages import is_transient, unavailable
from quiz.errors import QuizrunError

T = TypeVar("T")
R = TypeVar("R")
R_contra = TypeVar("R_contra", contravariant=True)

FIRST_BACKOFF_S = 0.02
MAX_BACKOFF_S = 0.5
DEFER_S = 0.05
"""How long an item with a transient error is deferred before it is written again."""

log = structlog.get_logger(__name__)


class Waiter(Protocol[R_contra]):
    """The receiver of an item's outcome."""

    def settle(self, outcome: R_contra | Exception, /) -> None:
        """Receive the outcome; called once."""


Done = Callable[[Sequence[R | QuizrunError] | Awaitable[Sequence[R | QuizrunError]] | None], None]
"""Gets the outcomes of a batch, or how to find them out, or None if the batch must be retried."""


@dataclass(slots=True, eq=False)
class _Entry(Generic[T, R]):
    item: T
    waiter: Waiter[R] | None
    expires_at: float

    def settle(self, outcome: R | Exception) -> None:
        """Report the outcome; later ones are ignored."""
        waiter, self.waiter = self.waiter, None
        if waiter is None:
            return
        try:
            waiter.settle(outcome)
        except Exception:  # must not affect the other items of the batch
            log.exception("batch.outcome_not_told")

    def transferred(self) -> _Entry[T, R]:
        """Move the waiter to a new entry, for another batch."""
        waiter, self.waiter = self.waiter, None
        return _Entry(self.item, waiter, self.expires_at)


class BatchWriter(Generic[T, R]):
    """A bounded queue in front of `flush`, which writes items and returns an outcome for each.

    `flush` must be idempotent: after a transient error a batch is retried until its items are older
    than `timeout_s`; then they fail with `unavailable`, and may or may not have been written. On
    any other error the batch is split, so that only the items at fault fail.

    `observe` is called with the size of each written batch and its duration in seconds.

    `begin` does what `flush` does, but returns at once: a function that looks for the outcomes now,
    or None if it could not begin. Then, and after an error, the batch is flushed. So batches begin
    and complete while the event loop still reads further items, and need no task.

    A batch starts no earlier than `gather_s` after the previous one, unless a tenth of a full batch
    is waiting: a steady stream of items then costs fewer statements. With `begin`, the end of a
    burst does not wait either: a fortieth of a full batch begins once no more items arrive in a
    turn of the event loop. 0 never waits.
    """

    def __init__(  # noqa: PLR0913
        self,
        flush: Callable[[list[T]], Awaitable[Sequence[R | QuizrunError]]],
        *,
        max_batch: int = 500,
        max_queue: int = 20_000,
        workers: int = 1,
        timeout_s: float = 10.0,
        gather_s: float = 0.0,
        begin: Callable[[list[T], Done[R], float], Callable[[], None] | None] | None = None,
        name: str,
        observe: Callable[[int, float], None] | None = None,
    ) -> None:
        self.name = name
        self.max_queue = max_queue
        self.refused = 0
        """Items refused because the queue was full."""
        self.expired = 0
        """Items that could not be written in time."""
        self.retries = 0
        """Batches retried after a transient error."""
        self._flush = flush
        self._begin = begin
        self._max_batch = max_batch
        self._worker_count = workers
        self._timeout_s = timeout_s
        self._gather_s = gather_s
        self._enough = max(1, max_batch // 10)
        self._many = max(1, max_batch // 4)
        self._burst = max(2, max_batch // 40)
        self._queued_before = 0
        """How many items were waiting a turn ago."""
        self._began_at = float("-inf")
        self._observe = observe
        self._queue: deque[_Entry[T, R]] = deque()
        self._deferred: set[_Entry[T, R]] = set()
        self._idle: list[asyncio.Future[None]] = []
        """Workers that wait for items."""
        self._begun: dict[int, tuple[list[_Entry[T, R]], Callable[[], None]]] = {}
        """Batches without a worker, and how to look for their results."""
        self._handed: deque[
            tuple[list[_Entry[T, R]], Awaitable[Sequence[R | QuizrunError]] | None]
        ] = deque()
        """Batches for workers, with how to find out their outcomes."""
        self._pending = 0
        """Batches that have begun, or are handed to workers."""
        self._pumping = False
        self._pump_at: asyncio.Handle | None = None
        self._now_s = time.monotonic
        self._workers: list[asyncio.Task[None]] = []
        self._stopping = False

    @property
    def queued(self) -> int:
        """The number of waiting items."""
        return len(self._queue) + len(self._deferred)

    def start(self) -> None:
        """Start the workers."""
        self._now_s = asyncio.get_running_loop().time  # which a test can put forward
        self._workers = [
            asyncio.create_task(self._work(), name=f"{self.name}-{number}")
            for number in range(self._worker_count)
        ]

    def put(self, item: T, waiter: Waiter[R]) -> None:
        """Queue `item`; `waiter` is settled once, after the commit, with its outcome or an error.

        Raises `unavailable` if the queue is full or the writer is stopping.
        """
        if self._stopping or self.queued >= self.max_queue:
            self.refused += 1
            raise unavailable()
        self._queue.append(_Entry(item, waiter, self._now_s() + self._timeout_s))
        if self._begin is None:
            self._wake_one()
        elif len(self._queue) % self._many == 0:
            self._pump()  # the event loop may read items for a long time
        elif self._pending < self._worker_count and (
            self._pump_at is None or len(self._queue) == self._burst
        ):
            self._pump_later(0)

    def submit(self, item: T) -> asyncio.Future[R]:
        """Queue `item`; return a future for its outcome. Cancelling does not dequeue it."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self.put(item, _Future(future))
        return future

    async def stop(self) -> None:
        """Refuse new items, write the queued ones, and stop within `timeout_s`."""
        self._stopping = True
        self._pump()
        self._wake_all()
        if self._workers:
            _, late = await asyncio.wait(self._workers, timeout=self._timeout_s)
            for worker in late:
                worker.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        begun = [entry for batch, _ in self._begun.values() for entry in batch]
        handed = [entry for batch, _ in self._handed for entry in batch]
        _fail([*self._queue, *self._deferred, *begun, *handed], unavailable())
        self._queue.clear()
        self._deferred.clear()

    async def _work(self) -> None:
        while self._unfinished or not self._stopping:
            if self._handed:
                batch, outcomes = self._handed.popleft()
                await self._write_or_fail(batch, outcomes)
                self._pending -= 1
                self._pump()
            elif self._begin is not None or not self._queue:
                await self._items()
            elif (wait_s := self._wait_s()) > 0:
                await asyncio.sleep(wait_s)
            else:
                batch = self._next_batch()
                if self._queue:
                    self._wake_one()
                await self._write_or_fail(batch)
        self._wake_all()

    @property
    def _unfinished(self) -> bool:
        return bool(self._queue or self._deferred or self._pending)

    def _wait_s(self) -> float:
        """How long the next batch has to wait for more items."""
        if len(self._queue) >= self._enough or self._stopping:
            return 0
        return self._began_at + self._gather_s - self._now_s()

    def _next_batch(self) -> list[_Entry[T, R]]:
        self._began_at = self._now_s()
        size = min(self._max_batch, len(self._queue))
        return [self._queue.popleft() for _ in range(size)]

    def _pump(self) -> None:
        """Look for outcomes, and begin batches, as many at once as there are workers."""
        if self._pump_at is not None:
            self._pump_at.cancel()
            self._pump_at = None
        if self._pumping or self._begin is None:
            return
        self._pumping = True
        try:
            for _, look in list(self._begun.values()):
                look()
            while self._queue and self._pending < self._worker_count:
                if (wait_s := self._wait_s()) > 0 and not self._burst_is_over():
                    self._pump_later(wait_s if len(self._queue) < self._burst else 0)
                    return
                self._begin_batch(self._unexpired(self._next_batch()))
        finally:
            self._pumping = False
            if self._stopping and not self._unfinished:
                self._wake_all()

    def _pump_later(self, wait_s: float) -> None:
        if self._pump_at is not None:
            self._pump_at.cancel()
        loop = asyncio.get_running_loop()
        if wait_s:
            self._pump_at = loop.call_later(wait_s, self._pump)
        else:
            self._pump_at = loop.call_soon(self._pump)

    def _burst_is_over(self) -> bool:
        before, self._queued_before = self._queued_before, len(self._queue)
        return self._burst <= len(self._queue) == before

    def _begin_batch(self, batch: list[_Entry[T, R]]) -> None:
        if not batch:
            return
        self._pending += 1
        key, began = id(batch), time.perf_counter()

        def done(
            outcomes: Sequence[R | QuizrunError] | Awaitable[Sequence[R | QuizrunError]] | None,
        ) -> None:
            self._begun.pop(key, None)
            if isinstance(outcomes, Sequence):
                self._pending -= 1
                self._settle(batch, outcomes, began)
                self._pump()
            else:
                self._hand_over(batch, outcomes)

        assert self._begin is not None
        self._begun[key] = batch, lambda: None
        look = self._begin([entry.item for entry in batch], done, self._timeout_s / 3)
        if look is None:
            done(None)
        elif key in self._begun:
            self._begun[key] = batch, look

    def _hand_over(
        self, batch: list[_Entry[T, R]], outcomes: Awaitable[Sequence[R | QuizrunError]] | None
    ) -> None:
        self._handed.append((batch, outcomes))
        self._wake_one()

    async def _write_or_fail(
        self,
        batch: list[_Entry[T, R]],
        outcomes: Awaitable[Sequence[R | QuizrunError]] | None = None,
    ) -> None:
        try:
            await self._write(batch, outcomes)
        except BaseException:
            _fail(batch, unavailable())  # those that are left when the worker is cancelled
            raise

    async def _items(self) -> None:
        """Wait until there are items for one more worker."""
        waiting = asyncio.get_running_loop().create_future()
        self._idle.append(waiting)
        try:
            await waiting
        finally:
            if waiting in self._idle:
                self._idle.remove(waiting)

    def _wake_one(self) -> None:
        while self._idle:
            waiting = self._idle.pop()
            if not waiting.done():
                waiting.set_result(None)
                return

    def _wake_all(self) -> None:
        while self._idle:
            self._wake_one()

    async def _write(
        self, batch: list[_Entry[T, R]], begun: Awaitable[Sequence[R | QuizrunError]] | None = None
    ) -> None:
        """Flush the batch, again and again; `begun` is the first attempt."""
        backoff_s = FIRST_BACKOFF_S
        while batch := self._unexpired(batch):
            began = time.perf_counter()
            try:
                # A third of the time, so that a hanging server leaves time for a retry.
                async with asyncio.timeout(self._timeout_s / 3):
                    first, begun = begun, None
                    outcomes = await (first or self._flush([entry.item for entry in batch]))
                if len(outcomes) != len(batch):
                    raise ValueError("a batch has an outcome for each item")  # noqa: TRY301
            except Exception as error:  # noqa: BLE001  (callers wait for any error)
                if not is_transient(error):
                    await self._isolate(batch, error)
                    return
                self.retries += 1
                await asyncio.sleep(backoff_s * random.uniform(0.5, 1.0))  # noqa: S311
                backoff_s = min(2 * backoff_s, MAX_BACKOFF_S)
            else:
                self._settle(batch, outcomes, began)
                return

    def _settle(
        self, batch: list[_Entry[T, R]], outcomes: Sequence[R | QuizrunError], began: float
    ) -> None:
        if self._observe is not None:
            self._observe(len(batch), time.perf_counter() - began)
        deferred = []
        for entry, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, QuizrunError) and is_transient(outcome):
                deferred.append(entry.transferred())
            else:
                entry.settle(outcome)
        if deferred:
            self._deferred.update(deferred)
            asyncio.get_running_loop().call_later(DEFER_S, self._requeue, deferred)

    def _requeue(self, entries: list[_Entry[T, R]]) -> None:
        waiting = [entry for entry in entries if entry in self._deferred]
        self._deferred.difference_update(waiting)
        self._queue.extendleft(reversed(waiting))
        self._wake_one()
        self._pump()

    async def _isolate(self, batch: list[_Entry[T, R]], error: Exception) -> None:
        """Split a batch with a permanent error, until the item at fault is alone."""
        if len(batch) == 1:
            _fail(batch, error)
            return
        middle = len(batch) // 2
        await self._write(batch[:middle])
        await self._write(batch[middle:])

    def _unexpired(self, batch: list[_Entry[T, R]]) -> list[_Entry[T, R]]:
        now = self._now_s()
        late = [entry for entry in batch if entry.expires_at <= now]
        if late:
            self.expired += len(late)
            _fail(late, unavailable())
            return [entry for entry in batch if entry.expires_at > now]
        return batch


def _fail(entries: Iterable[_Entry[T, R]], error: Exception) -> None:
    for entry in entries:
        if entry.waiter is not None:
            entry.settle(error)


@dataclass(slots=True, eq=False)
class _Future(Generic[R]):
    future: asyncio.Future[R]

    def settle(self, outcome: R | Exception) -> None:
        """Complete the future, unless it was cancelled."""
        if self.future.done():
            return
        if isinstance(outcome, Exception):
            self.future.set_exception(outcome)
        else:
            self.future.set_result(outcome)
