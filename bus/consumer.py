"""Consumer of run events: all partitions from the end, in order per run, without duplicates."""

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
"""How long the broker may hold a fetch without messages. Tansu, the embedded broker, checks for
messages only at the end of this time, so that it delays them (Apache Kafka responds at once)."""
CHECK_EVERY_S = 1.0
METADATA_AGE_MS = 1_000
CHECK_TIMEOUT_S = 2.0
START_TIMEOUT_S = 30.0
BACKOFF_S = (0.1, 0.3, 1.0)

log = structlog.get_logger(__name__)


class LogLostError(Exception):
    """The log is shorter than before, or its partitions have changed."""


class RunEventConsumer:
    """Calls `handler` for each new message, and `on_reset` when messages may have been missed.

    Both run on the event loop and must not block. After an outage of the broker, reading resumes at
    the end of the log and `on_reset` is called, even if nothing was lost.
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
        needed: Callable[[], bool] = lambda: True,
        patience_ms: Callable[[], int] = lambda: 0,
    ) -> None:
        """`needed` tells whether anybody needs events at present; call `wake` when it changes.
        Otherwise they are skipped.

        `patience_ms` returns by how much events may be late at present: a broker that delays them
        is then asked less often.
        """
        self._server = KafkaConnection.coerce(server)
        self._handler = handler
        self._on_reset = on_reset
        self._client_id = client_id
        self._layout = layout
        self._fetch_max_wait_ms = fetch_max_wait_ms
        self._needed = needed
        self._patience_ms = patience_ms
        self._woken = asyncio.Event()
        self._deduplicator = Deduplicator()
        self._received: dict[TopicPartition, int] = {}
        """How many messages of each partition came last, together."""
        self._positioned = asyncio.Event()
        self._begun = False
        self._task: asyncio.Task[None] | None = None
        self.outcomes = dict.fromkeys(("handled", "repeated", "malformed", "unknown"), 0)
        """The number of messages by outcome."""
        self.lag = 0
        """The number of unread messages, as of the last check."""
        self.observe_delay: Callable[[float], None] | None = None
        """Called with the age of each message in seconds (`bus.metrics`)."""
        self.resets = 0
        """How often reading was restarted."""

    @property
    def healthy(self) -> bool:
        """Whether events are currently being read."""
        return self._positioned.is_set()

    async def start(self) -> None:
        """Start reading; later messages are not missed. Raises `unavailable`."""
        self._task = asyncio.create_task(self._run(), name="run-event-consumer")
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                await self._positioned.wait()
        except TimeoutError as error:
            await self.stop()
            raise QuizrunError(
                ErrorCode.UNAVAILABLE, "The event stream is not responding."
            ) from error

    async def stop(self) -> None:
        """Stop reading and disconnect."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def wake(self) -> None:
        """Read now: `needed` has changed."""
        self._woken.set()

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
                # aiokafka cancels its own requests when a connection is lost: only end if this
                # task itself was cancelled.
                if _cancelled():
                    raise
                failures = 0 if self._positioned.is_set() else failures + 1
                report = log.warning if failures <= 1 else log.debug  # warn once per outage
                report("event stream interrupted", error=repr(error), failures=failures)
            except Exception:
                failures += 1
                log.exception("kafka.stream_failed")
            finally:
                self._positioned.clear()
            await asyncio.sleep(BACKOFF_S[min(failures, len(BACKOFF_S) - 1)])

    async def _read(self) -> None:
        """Read until an error occurs, and raise it."""
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
            # A recreated topic may get its partitions only after it has become visible.
            metadata_max_age_ms=METADATA_AGE_MS,
        )
        try:
            await consumer.start()
            ends = await consumer.end_offsets(partitions)
            consumer.assign(partitions)
            for partition, offset in ends.items():
                consumer.seek(partition, offset)
            # Only now that the position is fixed: a resync must load state that is at least as new.
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
        checking.add_done_callback(lambda _: self._woken.set())
        while not checking.done():
            if not self._needed():
                await self._rest(consumer, checking)
            self._set_wait(consumer)
            for partition, records in (await consumer.getmany(timeout_ms=500)).items():
                self._received[partition] = len(records)
                for record in records:
                    self._handle(record.value)
        checking.result()

    async def _rest(self, consumer: AIOKafkaConsumer, checking: asyncio.Task[None]) -> None:
        """Fetch nothing until events are needed. Meanwhile the position follows the end of the log
        (`_check`), so that what is published from then on will be read.
        """
        partitions = consumer.assignment()
        consumer.pause(*partitions)
        while not self._needed() and not checking.done():
            self._woken.clear()
            await self._woken.wait()
        consumer.resume(*partitions)

    def _set_wait(self, consumer: AIOKafkaConsumer) -> None:
        wait_ms = max(self._fetch_max_wait_ms, self._patience_ms())
        # The client cannot change it, but reads it for every request.
        consumer._fetcher._fetch_max_wait_ms = wait_ms  # noqa: SLF001

    async def _check(self, consumer: AIOKafkaConsumer) -> None:
        """Raise when the broker or its log is lost, both of which the client would hide."""
        ended: dict[TopicPartition, int] = {}
        while True:
            await asyncio.sleep(CHECK_EVERY_S)
            read = {part: await consumer.position(part) for part in consumer.assignment()}
            received = {part: self._received.get(part, 1) for part in read}
            if set(_partitions(consumer)) != set(read):
                raise LogLostError("the partitions of the topic have changed")
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                ends = await consumer.end_offsets(list(read))
            if any(
                end < max(ended.get(part, 0), _min_end(end, read[part], received[part]))
                for part, end in ends.items()
            ):
                raise LogLostError("the log is shorter than before")
            ended = ends
            self.lag = sum(max(0, end - read[part]) for part, end in ends.items())
            # Whoever needs events from now on loads the state that these have led to.
            if not self._needed():
                for part, end in ends.items():
                    consumer.seek(part, max(end, read[part]))
                self.lag = 0

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


def _cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _min_end(end: int, read: int, received: int) -> int:
    """The lowest plausible end of a log that was read up to `read`, at last `received` messages."""
    # Tansu counts only the first message of the last batch, and all of them when another arrives.
    # A log that was lost starts again at 0. If that happens within a second of a batch, and the
    # broker is back within the same second, it goes unnoticed until the log is longer than before.
    # Gateways then rely on comparing rooms with PostgreSQL (`gateway.live.outbound.watchdog`).
    return read - received if end else read


def _partitions(consumer: AIOKafkaConsumer) -> list[TopicPartition]:
    numbers = consumer.partitions_for_topic(RUN_EVENTS) or ()
    return [TopicPartition(RUN_EVENTS, number) for number in sorted(numbers)]
