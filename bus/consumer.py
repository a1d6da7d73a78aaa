"""Reading the run events: all partitions from the end, in order per run, without repeats."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from bus.connection import KafkaConnection
from bus.deduplicator import Deduplicator
from bus.envelope import decode
from bus.messages import LiveMessage, live_message
from bus.topics import DEFAULT_LAYOUT, RUN_EVENTS, TopicLayout, ensure_topics
from quiz.errors import ErrorCode, QuizrunError

FETCH_MAX_WAIT_MS = 20
"""How long the broker may hold a fetch. Apache Kafka answers as soon as there is something; Tansu
looks only at half of this time, so that 500 (the usual) would delay events by 130 ms."""
CHECK_EVERY_S = 1.0
METADATA_AGE_MS = 1_000
CHECK_TIMEOUT_S = 2.0
START_TIMEOUT_S = 30.0
BACKOFF_S = (0.1, 0.3, 1.0)

log = structlog.get_logger(__name__)


class LogLostError(Exception):
    """The log ends before a place where it has been, or has other partitions."""


class RunEventConsumer:
    """Calls `handler` for each new message, and `on_reset` when some may have been missed.

    Both run on the event loop and must not block. A broker that goes away is waited for; then
    reading starts at the end again and `on_reset` is called, even if nothing was lost.
    """

    def __init__(
        self,
        server: KafkaConnection | str,
        handler: Callable[[LiveMessage], None],
        on_reset: Callable[[], None],
        client_id: str,
        *,
        layout: TopicLayout = DEFAULT_LAYOUT,
        fetch_max_wait_ms: int = FETCH_MAX_WAIT_MS,
    ) -> None:
        self._server = KafkaConnection.to(server)
        self._handler = handler
        self._on_reset = on_reset
        self._client_id = client_id
        self._layout = layout
        self._fetch_max_wait_ms = fetch_max_wait_ms
        self._deduplicator = Deduplicator()
        self._positioned = asyncio.Event()
        self._begun = False
        self._task: asyncio.Task[None] | None = None
        self.outcomes = dict.fromkeys(("handled", "repeated", "malformed", "unknown"), 0)
        """Messages by what became of them."""
        self.lag = 0
        """Messages that the log had and that were not read, as of the last look."""
        self.observe_delay: Callable[[float], None] | None = None
        """Told how many seconds each message took from its making to us (`bus.metrics`)."""
        self.resets = 0
        """How often reading had to start anew."""

    @property
    def healthy(self) -> bool:
        """Whether events are being read right now."""
        return self._positioned.is_set()

    async def start(self) -> None:
        """Begin. What is published after this has returned is not missed. Raises `unavailable`."""
        self._task = asyncio.create_task(self._run(), name="run-event-consumer")
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                await self._positioned.wait()
        except TimeoutError as error:
            await self.stop()
            raise QuizrunError(
                ErrorCode.UNAVAILABLE, "The event stream does not answer."
            ) from error

    async def stop(self) -> None:
        """End and disconnect."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        failures = 0
        while True:
            try:
                await self._read()
            except (
                KafkaError,
                OSError,
                TimeoutError,
                LogLostError,
                asyncio.CancelledError,
            ) as error:
                # The client cancels its own requests when the connection goes: that is no reason
                # for this task to end.
                if _asked_to_end():
                    raise
                failures = 0 if self._positioned.is_set() else failures + 1
                report = log.warning if failures <= 1 else log.debug  # once for an outage
                report("event stream interrupted", error=repr(error), failures=failures)
            except Exception:
                failures += 1
                log.exception("kafka.stream_failed")
            finally:
                self._positioned.clear()
            await asyncio.sleep(BACKOFF_S[min(failures, len(BACKOFF_S) - 1)])

    async def _read(self) -> None:
        """Read until something is wrong, which is raised."""
        numbers = (await ensure_topics(self._server, self._layout)).get(RUN_EVENTS)
        if not numbers:
            raise LogLostError("the topic has no partitions")
        partitions = [TopicPartition(RUN_EVENTS, number) for number in sorted(numbers)]
        consumer = AIOKafkaConsumer(
            **self._server.options,
            client_id=self._client_id,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="none",
            fetch_max_wait_ms=self._fetch_max_wait_ms,
            request_timeout_ms=5_000,
            # A topic that is made anew may get its partitions after it was first seen.
            metadata_max_age_ms=METADATA_AGE_MS,
        )
        try:
            await consumer.start()
            ends = await consumer.end_offsets(partitions)
            consumer.assign(partitions)
            for partition, offset in ends.items():
                consumer.seek(partition, offset)
            # Not before the position stands: what a resync loads now is at least as new.
            if self._begun:
                self.resets += 1
                self._on_reset()
            self._begun = True
            self._positioned.set()
            checking = asyncio.create_task(self._check(consumer))
            try:
                await self._consume(consumer, checking)
            finally:
                checking.cancel()
                await asyncio.gather(checking, return_exceptions=True)
        finally:
            await consumer.stop()

    async def _consume(self, consumer: AIOKafkaConsumer, checking: asyncio.Task[None]) -> None:
        while not checking.done():
            for records in (await consumer.getmany(timeout_ms=500)).values():
                for record in records:
                    self._handle(record.value)
        checking.result()

    async def _check(self, consumer: AIOKafkaConsumer) -> None:
        """Raise once the broker is gone or its log is another one: the client would hide both."""
        ended: dict[TopicPartition, int] = {}
        while True:
            await asyncio.sleep(CHECK_EVERY_S)
            read = {part: await consumer.position(part) for part in consumer.assignment()}
            if set(_partitions(consumer)) != set(read):
                raise LogLostError("the topic has other partitions now")
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                ends = await consumer.end_offsets(list(read))
            if any(
                end < max(ended.get(part, 0), _least_end(end, read[part]))
                for part, end in ends.items()
            ):
                raise LogLostError("the log ends too early")
            ended = ends
            self.lag = sum(max(0, end - read[part]) for part, end in ends.items())

    def _handle(self, value: bytes | None) -> None:
        try:
            event = decode(value)
            message = live_message(event)
        except ValueError as error:
            self.outcomes["malformed"] += 1
            log.warning("kafka.message_skipped", error=error)
            return
        if message is None:
            self.outcomes["unknown"] += 1
            return
        if self._deduplicator.seen(message):
            self.outcomes["repeated"] += 1
            return
        self.outcomes["handled"] += 1
        if self.observe_delay is not None:
            self.observe_delay(max(0.0, time.time() - event.time.timestamp()))
        try:
            self._handler(message)
        except Exception:
            log.exception("kafka.message_not_handled", run_id=message.run_id)


def _asked_to_end() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _least_end(end: int, read: int) -> int:
    """Where a log ends at least that was read up to `read`. Under load Tansu hands out a message
    before it counts it, and leaves it at that until the next one; a log that is lost begins at 0.
    """
    return read - 1 if end else read


def _partitions(consumer: AIOKafkaConsumer) -> list[TopicPartition]:
    numbers = consumer.partitions_for_topic(RUN_EVENTS) or ()
    return [TopicPartition(RUN_EVENTS, number) for number in sorted(numbers)]
