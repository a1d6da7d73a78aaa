"""Many small writes made a few large ones: while one batch commits, the next one collects. The same
goes for reads.

An item that comes alone is written at once; under load batches grow by themselves, as long as a
commit takes, and at least as long as is asked for.
"""

from __future__ import annotations

import asyncio
import random
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
LONGEST_BACKOFF_S = 0.5
ASIDE_S = 0.05
"""How long an item is set aside before it is written again."""

log = structlog.get_logger(__name__)


class Waiter(Protocol[R_contra]):
    """Who waits for the outcome of an item."""

    def settle(self, outcome: R_contra | Exception, /) -> None:
        """Take the outcome. Called once."""


@dataclass(slots=True, eq=False)
class _Entry(Generic[T, R]):
    item: T
    waiter: Waiter[R] | None
    expires_at: float

    def settle(self, outcome: R | Exception) -> None:
        """Hand on the first outcome; there is no second one."""
        waiter, self.waiter = self.waiter, None
        if waiter is None:
            return
        try:
            waiter.settle(outcome)
        except Exception:  # the others wait for theirs
            log.exception("batch.outcome_not_told")

    def handed_on(self) -> _Entry[T, R]:
        """The same item for another batch; this entry has no outcome any more."""
        waiter, self.waiter = self.waiter, None
        return _Entry(self.item, waiter, self.expires_at)


class BatchWriter(Generic[T, R]):
    """A bounded queue in front of `flush`, which writes a list and returns an outcome for each.

    `flush` must be idempotent: after an outage a batch is written again, for as long as its items
    are younger than `timeout_s`; then they fail with `unavailable`, and it is unknown whether
    they were written. An item at which `flush` stumbles by itself fails alone.

    `observe` is told the size of each written batch and the seconds that it took.

    A batch begins `gather_s` after the one before at the earliest, unless it is a tenth of a full
    one already: a stream of items costs fewer statements then. With 0 workers never wait for more.
    """

    def __init__(
        self,
        flush: Callable[[list[T]], Awaitable[Sequence[R | QuizrunError]]],
        *,
        max_batch: int = 500,
        max_queue: int = 20_000,
        workers: int = 1,
        timeout_s: float = 10.0,
        gather_s: float = 0.0,
        name: str,
        observe: Callable[[int, float], None] | None = None,
    ) -> None:
        self.name = name
        self.max_queue = max_queue
        self.refused = 0
        """Items that found the queue full."""
        self.expired = 0
        """Items that could not be written in time."""
        self.retries = 0
        """Batches that met an outage and were tried again."""
        self._flush = flush
        self._max_batch = max_batch
        self._worker_count = workers
        self._timeout_s = timeout_s
        self._gather_s = gather_s
        self._enough = max(1, max_batch // 10)
        self._began_at = float("-inf")
        self._observe = observe
        self._queue: deque[_Entry[T, R]] = deque()
        self._set_aside: set[_Entry[T, R]] = set()
        self._wake = asyncio.Event()
        self._workers: list[asyncio.Task[None]] = []
        self._stopping = False

    @property
    def queued(self) -> int:
        """How many items wait for a batch."""
        return len(self._queue) + len(self._set_aside)

    def start(self) -> None:
        """Begin to write."""
        self._workers = [
            asyncio.create_task(self._work(), name=f"{self.name}-{number}")
            for number in range(self._worker_count)
        ]

    def put(self, item: T, waiter: Waiter[R]) -> None:
        """Have `item` written; `waiter` is settled once, after the commit, with its outcome or with
        what went wrong.

        Raises `unavailable` at once when the queue is full or the writer stops.
        """
        if self._stopping or self.queued >= self.max_queue:
            self.refused += 1
            raise unavailable()
        self._queue.append(_Entry(item, waiter, _now_s() + self._timeout_s))
        self._wake.set()

    def submit(self, item: T) -> asyncio.Future[R]:
        """The same with a future. Cancelling it does not take the item back."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self.put(item, _Future(future))
        return future

    async def stop(self) -> None:
        """Refuse new items, write all that are queued, and end; within `timeout_s` in any case."""
        self._stopping = True
        self._wake.set()
        if self._workers:
            _, late = await asyncio.wait(self._workers, timeout=self._timeout_s)
            for worker in late:
                worker.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        _fail([*self._queue, *self._set_aside], unavailable())
        self._queue.clear()
        self._set_aside.clear()

    async def _work(self) -> None:
        while self._queue or self._set_aside or not self._stopping:
            if not self._queue:
                self._wake.clear()
                await self._wake.wait()
                continue
            wait_s = self._began_at + self._gather_s - _now_s()
            if wait_s > 0 and len(self._queue) < self._enough and not self._stopping:
                await asyncio.sleep(wait_s)
                continue
            self._began_at = _now_s()
            size = min(self._max_batch, len(self._queue))
            batch = [self._queue.popleft() for _ in range(size)]
            try:
                await self._write(batch)
            except BaseException:
                _fail(batch, unavailable())  # those that are left when the worker is cancelled
                raise

    async def _write(self, batch: list[_Entry[T, R]]) -> None:
        backoff_s = FIRST_BACKOFF_S
        while batch := self._unexpired(batch):
            began = _now_s()
            try:
                # A third: a server that hangs must not use up the time for a second try.
                async with asyncio.timeout(self._timeout_s / 3):
                    outcomes = await self._flush([entry.item for entry in batch])
                told = list(zip(batch, outcomes, strict=True))
            except Exception as error:  # noqa: BLE001  (whatever it is, someone waits for it)
                if not is_transient(error):
                    await self._isolate(batch, error)
                    return
                self.retries += 1
                await asyncio.sleep(backoff_s * random.uniform(0.5, 1.0))  # noqa: S311
                backoff_s = min(2 * backoff_s, LONGEST_BACKOFF_S)
            else:
                if self._observe is not None:
                    self._observe(len(batch), _now_s() - began)
                again = []
                for entry, outcome in told:
                    if isinstance(outcome, QuizrunError) and is_transient(outcome):
                        again.append(entry.handed_on())
                    else:
                        entry.settle(outcome)
                if again:
                    self._set_aside.update(again)
                    asyncio.get_running_loop().call_later(ASIDE_S, self._put_back, again)
                return

    def _put_back(self, entries: list[_Entry[T, R]]) -> None:
        waiting = [entry for entry in entries if entry in self._set_aside]
        self._set_aside.difference_update(waiting)
        self._queue.extendleft(reversed(waiting))
        self._wake.set()

    async def _isolate(self, batch: list[_Entry[T, R]], error: Exception) -> None:
        """Write the halves of a batch that fails for good, until the item at fault is alone."""
        if len(batch) == 1:
            _fail(batch, error)
            return
        middle = len(batch) // 2
        await self._write(batch[:middle])
        await self._write(batch[middle:])

    def _unexpired(self, batch: list[_Entry[T, R]]) -> list[_Entry[T, R]]:
        now = _now_s()
        late = [entry for entry in batch if entry.expires_at <= now]
        if late:
            self.expired += len(late)
            _fail(late, unavailable())
            return [entry for entry in batch if entry.expires_at > now]
        return batch


def _now_s() -> float:
    """The event loop's own clock, which a test can put forward."""
    return asyncio.get_running_loop().time()


def _fail(entries: Iterable[_Entry[T, R]], error: Exception) -> None:
    for entry in entries:
        if entry.waiter is not None:
            entry.settle(error)


@dataclass(slots=True, eq=False)
class _Future(Generic[R]):
    future: asyncio.Future[R]

    def settle(self, outcome: R | Exception) -> None:
        """Complete the future, unless whoever asked has gone."""
        if self.future.done():
            return
        if isinstance(outcome, Exception):
            self.future.set_exception(outcome)
        else:
            self.future.set_result(outcome)
