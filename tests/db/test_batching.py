from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from db.batching import DEFER_S, FIRST_BACKOFF_S, BatchWriter, Done
from db.outages import unavailable
from quiz.errors import ErrorCode, QuizrunError
from tests.virtual_time import settled, took_s, virtual_time


class Table:
    """A fake table; commits take `seconds` once it is opened."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.batches: list[list[int]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.outages = 0

    async def flush(self, items: list[int]) -> list[int | QuizrunError]:
        await self.open.wait()
        if self.outages:
            self.outages -= 1
            raise ConnectionResetError
        await asyncio.sleep(self.seconds)  # time: virtual
        if 13 in items:
            raise ValueError("13 breaks the statement")
        self.batches.append(items)
        refusal = QuizrunError(ErrorCode.KICKED, "7 is kicked")
        return [refusal if item == 7 else item * 10 for item in items]


@asynccontextmanager
async def writing(table: Table) -> AsyncIterator[BatchWriter[int, int]]:
    writer = BatchWriter[int, int](
        table.flush, max_batch=100, max_queue=150, timeout_s=1.0, name="test"
    )
    writer.start()
    yield writer
    table.open.set()
    await writer.stop()


@virtual_time
async def test_each_item_gets_its_own_outcome() -> None:
    async with writing(Table()) as writer:
        futures = [writer.submit(item) for item in (1, 7, 2)]
        assert await futures[0] == 10
        assert await futures[2] == 20
        with pytest.raises(QuizrunError) as refused:
            await futures[1]
    assert refused.value.code is ErrorCode.KICKED


@virtual_time
async def test_a_single_item_is_written_at_once() -> None:
    async with writing(Table()) as writer:
        assert await took_s(writer.submit(1)) == 0


@virtual_time
async def test_while_one_batch_commits_the_next_one_collects() -> None:
    table = Table(seconds=0.02)
    async with writing(table) as writer:
        first = writer.submit(0)
        await settled()
        later = [writer.submit(item) for item in range(100, 230)]
        await asyncio.gather(first, *later)
    assert [len(batch) for batch in table.batches] == [1, 100, 30]


@virtual_time
async def test_a_stream_of_items_is_gathered_and_a_burst_does_not_wait() -> None:
    table = Table()
    writer = BatchWriter[int, int](
        table.flush, max_batch=100, workers=2, gather_s=0.2, name="gathering"
    )
    writer.start()
    assert await took_s(writer.submit(0)) == 0
    assert await took_s(asyncio.gather(*map(writer.submit, range(14, 23)))) == pytest.approx(0.2)
    assert [len(batch) for batch in table.batches] == [1, 9]
    assert await took_s(asyncio.gather(*map(writer.submit, range(100, 110)))) == 0
    late = writer.submit(200)
    assert await took_s(writer.stop()) < 0.2
    assert await late == 2000


@virtual_time
async def test_a_full_queue_is_refused_at_once() -> None:
    table = Table()
    async with writing(table) as writer:
        table.open.clear()
        futures = [writer.submit(0)]
        await settled()  # the worker takes it and hangs
        futures += [writer.submit(item) for item in range(100, 250)]
        with pytest.raises(QuizrunError) as refused:
            writer.submit(99)
        assert refused.value.retryable
        table.open.set()
        assert len(await asyncio.gather(*futures)) == 151


@virtual_time
async def test_a_batch_is_written_again_after_an_outage() -> None:
    table = Table()
    table.outages = 3
    async with writing(table) as writer:
        assert await writer.submit(4) == 40


@virtual_time
async def test_a_long_outage_fails_items_in_time() -> None:
    table = Table()
    table.outages = 10**9
    async with writing(table) as writer:
        outcomes = asyncio.gather(*map(writer.submit, range(100, 120)), return_exceptions=True)
        assert 0.5 < await took_s(outcomes) <= 1.5
        assert all(isinstance(o, QuizrunError) and o.retryable for o in await outcomes)
        table.outages = 0
        assert await writer.submit(4) == 40


@virtual_time
async def test_a_hanging_flush_is_cancelled_and_retried() -> None:
    calls = 0

    async def flush(items: list[int]) -> list[int]:
        nonlocal calls
        calls += 1
        if calls == 1:
            await asyncio.Event().wait()
        return items

    writer = BatchWriter[int, int](flush, timeout_s=0.6, name="test")
    writer.start()
    written = writer.submit(5)
    assert await took_s(written) <= 0.2 + FIRST_BACKOFF_S
    assert await written == 5
    await writer.stop()


@virtual_time
async def test_an_item_that_breaks_the_statement_fails_alone() -> None:
    async with writing(Table()) as writer:
        futures = [writer.submit(item) for item in (10, 11, 12, 13, 14, 15, 16)]
        outcomes = await asyncio.gather(*futures, return_exceptions=True)
    assert isinstance(outcomes.pop(3), ValueError)
    assert outcomes == [100, 110, 120, 140, 150, 160]


@virtual_time
async def test_a_cancelled_caller_does_not_affect_others() -> None:
    table = Table()
    async with writing(table) as writer:
        gone, there = writer.submit(1), writer.submit(2)
        gone.cancel()
        assert await there == 20
    assert table.batches == [[1, 2]]


@virtual_time
async def test_stop_writes_what_is_queued_and_refuses_more() -> None:
    async with writing(Table(seconds=0.01)) as writer:
        futures = [writer.submit(item) for item in range(100, 250)]
        stopping = asyncio.create_task(writer.stop())
        await settled()
        with pytest.raises(QuizrunError):
            writer.submit(1)
        await stopping
    assert [future.result() for future in futures] == [item * 10 for item in range(100, 250)]


@virtual_time
async def test_stop_ends_in_time_while_the_database_hangs() -> None:
    table = Table()
    table.open.clear()
    async with writing(table) as writer:
        futures = [writer.submit(item) for item in range(100, 240)]
        assert await took_s(writer.stop()) <= 1.0
        for future in futures:
            with pytest.raises(QuizrunError):
                future.result()


@virtual_time
async def test_workers_write_side_by_side() -> None:
    table = Table(seconds=0.02)
    writer = BatchWriter[int, int](table.flush, max_batch=10, workers=4, name="test")
    writer.start()
    together = asyncio.gather(*(writer.submit(item) for item in range(100, 140)))
    assert await took_s(together) == pytest.approx(0.02)
    await writer.stop()


@virtual_time
async def test_the_observer_is_called_for_each_batch() -> None:
    observed: list[tuple[int, float]] = []
    table = Table()
    writer = BatchWriter[int, int](
        table.flush, name="test", observe=lambda size, seconds: observed.append((size, seconds))
    )
    writer.start()
    await asyncio.gather(writer.submit(1), writer.submit(2))
    await writer.stop()
    assert [size for size, _ in observed] == [2]


@virtual_time
async def test_unavailable_from_a_repository_counts_as_an_outage() -> None:
    refusals = [unavailable()]

    async def flush(items: list[int]) -> list[int]:
        if refusals:
            raise refusals.pop()
        return items

    writer = BatchWriter[int, int](flush, name="test")
    writer.start()
    assert await writer.submit(3) == 3
    await writer.stop()


@virtual_time
async def test_only_an_unavailable_item_is_deferred_and_it_keeps_its_place() -> None:
    locked, batches = {1, 2}, list[list[int]]()

    async def flush(items: list[int]) -> list[int | QuizrunError]:
        batches.append(items)
        return [unavailable() if item in locked else item for item in items]

    writer = BatchWriter[int, int](flush, max_queue=5, name="test")
    writer.start()
    waiting = [writer.submit(1), writer.submit(2)]
    assert await writer.submit(3) == 3
    assert await writer.submit(4) == 4
    assert not any(future.done() for future in waiting)
    assert writer.queued == 2
    locked.clear()
    stopping = asyncio.create_task(writer.stop())  # waits for deferred items
    assert await asyncio.gather(*waiting) == [1, 2]
    assert batches[-1] == [1, 2]
    await stopping


@virtual_time
async def test_an_item_that_stays_unavailable_fails_in_time() -> None:
    async def flush(items: list[int]) -> list[int | QuizrunError]:
        return [unavailable() for _ in items]

    writer = BatchWriter[int, int](flush, timeout_s=0.3, name="test")
    writer.start()
    outcomes = asyncio.gather(writer.submit(1), return_exceptions=True)
    assert 0.3 <= await took_s(outcomes) <= 0.3 + DEFER_S
    (refusal,) = await outcomes
    assert isinstance(refusal, QuizrunError)
    assert refusal.code is ErrorCode.UNAVAILABLE
    left = writer.submit(2)
    await writer.stop()
    assert isinstance(left.exception(), QuizrunError)


@virtual_time
async def test_a_deferred_item_is_written_although_another_breaks_the_statement() -> None:
    refused = {1}

    async def flush(items: list[int]) -> list[int | QuizrunError]:
        if 13 in items:
            await asyncio.sleep(2 * DEFER_S)  # time: virtual; longer than items are deferred
            raise ValueError("13 breaks the statement")
        outcomes = [unavailable() if item in refused else item for item in items]
        refused.clear()
        return outcomes

    writer = BatchWriter[int, int](flush, name="test")
    writer.start()
    aside, broken = writer.submit(1), writer.submit(13)
    assert await aside == 1
    with pytest.raises(ValueError, match="13"):
        await broken
    await writer.stop()


class Begun:
    """Begins batches without a task, at most `room` at once; tests decide when they are done."""

    def __init__(self, room: int = 2) -> None:
        self.room = room
        self.batches: list[list[int]] = []
        self.done: list[Done[int]] = []
        self.arrived: list[int] = []
        """The batches whose outcomes are there, but nobody has looked yet."""

    def begin(
        self, items: list[int], done: Done[int], timeout_s: float
    ) -> Callable[[], None] | None:
        assert timeout_s < 1
        if len(self.batches) >= self.room:
            return None
        number = len(self.batches)
        self.batches.append(items)
        self.done.append(done)
        return lambda: self.look(number)

    def look(self, number: int) -> None:
        if number in self.arrived:
            self.arrived.remove(number)
            self.done[number]([item * 10 for item in self.batches[number]])


@asynccontextmanager
async def beginning(
    table: Table, begun: Begun, *, max_batch: int = 100, workers: int = 2, gather_s: float = 0
) -> AsyncIterator[BatchWriter[int, int]]:
    writer = BatchWriter[int, int](
        table.flush,
        max_batch=max_batch,
        max_queue=150,
        workers=workers,
        timeout_s=1.0,
        gather_s=gather_s,
        begin=begun.begin,
        name="test",
    )
    writer.start()
    yield writer
    table.open.set()
    await writer.stop()


@virtual_time
async def test_the_end_of_a_burst_begins_as_soon_as_no_more_items_arrive() -> None:
    table, begun = Table(), Begun(room=10)
    async with beginning(table, begun, max_batch=400, workers=3, gather_s=0.2) as writer:
        writer.submit(0)
        await settled()
        for first in (1, 6, 11):  # three turns with five items each
            for item in range(first, first + 5):
                writer.submit(item)
            await asyncio.sleep(0)
            assert [len(batch) for batch in begun.batches] == [1]
        await settled()
        assert [len(batch) for batch in begun.batches] == [1, 15]
        few = writer.submit(20)
        await settled()
        assert [len(batch) for batch in begun.batches] == [1, 15]
        await asyncio.sleep(0.21)  # time: `gather_s` is over
        assert [len(batch) for batch in begun.batches] == [1, 15, 1]
        begun.arrived += range(3)
    assert await few == 200


@virtual_time
async def test_batches_begin_and_complete_while_items_still_arrive() -> None:
    table, begun = Table(), Begun(room=10)
    async with beginning(table, begun) as writer:
        futures = [writer.submit(item) for item in range(60)]  # in one turn of the event loop
        assert [len(batch) for batch in begun.batches] == [25, 25]
        begun.arrived = [0]
        futures += [writer.submit(item) for item in range(60, 75)]
        assert [len(batch) for batch in begun.batches] == [25, 25, 25]
        assert [future.done() for future in futures] == [True] * 25 + [False] * 50
        begun.arrived = [1, 2]
        for number in (1, 2):
            begun.look(number)
        assert await asyncio.gather(*futures) == [item * 10 for item in range(75)]
    assert table.batches == []


@virtual_time
async def test_a_single_item_begins_in_the_same_turn_of_the_event_loop() -> None:
    table, begun = Table(), Begun()
    async with beginning(table, begun) as writer:
        future = writer.submit(1)
        await asyncio.sleep(0)
        assert begun.batches == [[1]]
        begun.arrived = [0]
        begun.look(0)
        assert await future == 10


@virtual_time
async def test_what_cannot_begin_or_fails_is_flushed() -> None:
    table, begun = Table(), Begun(room=2)

    async def outcomes() -> list[int]:
        return [777]

    async with beginning(table, begun) as writer:
        failed = writer.submit(1)
        await asyncio.sleep(0)
        begun.done[0](None)  # it may have been committed
        assert await failed == 10
        looked_up = writer.submit(2)
        await asyncio.sleep(0)
        begun.done[1](outcomes())
        assert await looked_up == 777
        refused_to_begin = writer.submit(7)
        with pytest.raises(QuizrunError):
            await refused_to_begin
    assert table.batches == [[1], [7]]


@virtual_time
async def test_stopping_waits_for_what_has_begun() -> None:
    table, begun = Table(), Begun()
    async with beginning(table, begun) as writer:
        future = writer.submit(1)
        await asyncio.sleep(0)
        stopping = asyncio.create_task(writer.stop())
        await asyncio.sleep(0.1)  # time: virtual
        assert not stopping.done()
        begun.arrived = [0]
        begun.look(0)
        await stopping
        assert await future == 10
    async with beginning(table, begun := Begun()) as writer:
        lost = writer.submit(1)
        await asyncio.sleep(0)
        await writer.stop()  # nobody ever hears of the batch
        with pytest.raises(QuizrunError) as refused:
            await lost
        assert refused.value.code is ErrorCode.UNAVAILABLE
