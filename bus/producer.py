"""The producer: when a call returns, the broker has written the messages."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import lru_cache

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError
from aiokafka.partitioner import DefaultPartitioner

from bus.connection import KafkaConnection
from bus.envelope import Data, encode
from bus.messages import (
    ANSWER_RECORDED,
    ANSWER_SCORED,
    PLAYERS_JOINED,
    ROOM_CHANGED,
    AnswerRecorded,
    AnswerScored,
    PlayersJoinedEvent,
    RoomChanged,
    RunEvent,
    wire_type,
)
from bus.renewal import RenewedClient
from bus.topics import ANSWERS, DEFAULT_LAYOUT, RUN_EVENTS, SCORES, TopicLayout, ensure_topics
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms

SOURCE = "/quizrun"
REQUEST_TIMEOUT_S = 5.0
TOPIC_CHECK_AFTER_S = 0.7
"""When a send takes longer than this, check the topics: an in-memory broker that restarted has lost
them, and the client would wait for them until the timeout."""
RETRY_PAUSE_S = 0.2
START_RETRY_PAUSE_S = 2.0
MAX_BATCH_BYTES = 128 * 1024
MAX_IN_FLIGHT = 1_000
"""Messages handed to the client at once; the rest wait for their acknowledgement."""
UNHEALTHY_AFTER_FAILURE_S = 10.0

log = structlog.get_logger(__name__)

Record = tuple[str, bytes]
"""The run id and the value."""


class Producer:
    """Sends messages keyed by run id and waits for the acks of all replicas.

    Disable `idempotence` only for brokers that lack it; consumers drop duplicates anyway. All
    methods raise `QuizrunError` (`unavailable`) on timeout: some messages may have been written, so
    callers should send all of them again. A client that has failed is replaced, so that no state of
    it outlives an outage.
    """

    def __init__(
        self,
        server: KafkaConnection | str,
        *,
        idempotence: bool,
        client_id: str,
        layout: TopicLayout = DEFAULT_LAYOUT,
    ) -> None:
        self._server = server = KafkaConnection.coerce(server)
        self._layout = layout
        self._connection = RenewedClient(
            server,
            layout,
            lambda: AIOKafkaProducer(
                **server.options,
                client_id=client_id,
                acks="all",
                enable_idempotence=idempotence,
                linger_ms=0,
                max_batch_size=MAX_BATCH_BYTES,
                request_timeout_ms=int(REQUEST_TIMEOUT_S * 1000),
            ),
        )
        self._failed_at: float | None = None
        self.observe_send: Callable[[str, int, float, bool], None] | None = None
        """Called after each send with topic, messages, seconds and success (`bus.metrics`)."""

    @property
    def renewals(self) -> int:
        """How many clients have been replaced after a failure."""
        return self._connection.renewals

    async def start(self) -> None:
        """Connect, and create missing topics. Raises `unavailable`."""
        try:
            await self._connection.get()
        except (KafkaError, OSError, TimeoutError) as error:
            raise _unavailable() from error

    async def start_when_possible(self) -> None:
        """Like `start`, but wait until the broker is up, and until there are enough brokers."""
        while True:
            try:
                await self.start()
            except QuizrunError as error:
                log.warning("kafka.not_reached", error=error.__cause__ or error)
                await asyncio.sleep(START_RETRY_PAUSE_S)
            else:
                return

    async def stop(self) -> None:
        """Flush pending messages and disconnect."""
        await self._connection.close()

    async def check(self) -> None:
        """Raise `unavailable` unless messages can be sent; a health check.

        Checks that every partition has a leader, and that no send has failed recently.
        """
        try:
            client = await self._connection.get()
            partitions = await client.partitions_for(RUN_EVENTS)
            updated = await client.client.force_metadata_update()
        except (KafkaError, OSError, TimeoutError) as error:
            raise _unavailable() from error
        led = client.client.cluster.available_partitions_for_topic(RUN_EVENTS)
        failing = self._failed_at is not None and (
            time.monotonic() - self._failed_at < UNHEALTHY_AFTER_FAILURE_S
        )
        if failing or not updated or led != partitions:
            raise _unavailable()

    async def run_event(self, event: RunEvent, encoded_snapshot: str | None = None) -> None:
        """Publish a new version of a run; its snapshot may be encoded as JSON already."""
        data = event.encoded(encoded_snapshot) if encoded_snapshot else event
        value = _pack(event.run_id, wire_type(event.type), event.event_id, data)
        await self._send(RUN_EVENTS, event.run_id, [value])

    async def players_joined(self, event: PlayersJoinedEvent) -> None:
        """Publish new players."""
        value = _pack(event.run_id, PLAYERS_JOINED, event.event_id, event)
        await self._send(RUN_EVENTS, event.run_id, [value])

    async def room_changed(self, event: RoomChanged) -> None:
        """Publish a change that does not create a new version of the run."""
        value = _pack(event.run_id, ROOM_CHANGED, event.event_id, event)
        await self._send(RUN_EVENTS, event.run_id, [value])

    async def answers(self, answers: Sequence[AnswerRecorded]) -> None:
        """Publish answers, for external consumers."""
        await self._send_all(
            ANSWERS,
            [
                (a.run_id, _pack(a.run_id, ANSWER_RECORDED, a.event_id, a._asdict()))
                for a in answers
            ],
        )

    async def scores(self, scores: Sequence[AnswerScored]) -> None:
        """Publish scores, for external consumers."""
        await self._send_all(
            SCORES,
            [(s.run_id, _pack(s.run_id, ANSWER_SCORED, s.event_id, s._asdict())) for s in scores],
        )

    async def _send_all(self, topic: str, records: list[Record]) -> None:
        for start in range(0, len(records), MAX_IN_FLIGHT):
            chunk = records[start : start + MAX_IN_FLIGHT]
            for run_id in dict.fromkeys(key for key, _ in chunk):
                await self._send(topic, run_id, [value for key, value in chunk if key == run_id])

    async def _send(self, topic: str, run_id: str, values: list[bytes]) -> None:
        began, ok = time.monotonic(), False
        try:
            await self._send_with_retries(topic, run_id, values)
            ok = True
        finally:
            if self.observe_send is not None:
                self.observe_send(topic, len(values), time.monotonic() - began, ok)

    async def _send_with_retries(self, topic: str, run_id: str, values: list[bytes]) -> None:
        last: Exception | None = None
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT_S):
                while True:
                    try:
                        await self._attempt(topic, run_id, values)
                    except (KafkaError, OSError) as error:
                        last = error  # the next attempt uses a new client
                        await asyncio.sleep(RETRY_PAUSE_S)
                    else:
                        break
        except TimeoutError as error:
            # Warn once per outage: every active run runs into it repeatedly.
            report = log.warning if self._failed_at is None else log.debug
            report("publishing failed", topic=topic, run_id=run_id, error=repr(last or error))
            self._failed_at = time.monotonic()
            raise _unavailable() from error
        self._failed_at = None

    async def _attempt(self, topic: str, run_id: str, values: list[bytes]) -> None:
        client = await self._connection.get()
        sending = asyncio.create_task(_deliver(client, topic, run_id.encode(), values))
        try:
            done, _ = await asyncio.wait([sending], timeout=TOPIC_CHECK_AFTER_S)
            if not done:
                refreshing = asyncio.create_task(self._refresh_topics(client))
                try:
                    await asyncio.wait([sending])
                finally:
                    refreshing.cancel()
            if sending.cancelled():  # aiokafka cancels its requests when a connection is lost
                raise KafkaConnectionError("the connection was lost")
            sending.result()
        except (KafkaError, OSError) as error:
            self._connection.discard(client, repr(error))
            raise
        finally:
            if not sending.done():
                sending.cancel()
                self._connection.discard(client, "timed out: the client may be stuck")

    async def _refresh_topics(self, client: AIOKafkaProducer) -> None:
        try:
            await ensure_topics(self._server, self._layout)
            await client.client.force_metadata_update()
        except (KafkaError, OSError, TimeoutError) as error:
            # The broker is down; the send is retried until its timeout.
            log.info("kafka.topics_not_checked", error=error)


async def _deliver(client: AIOKafkaProducer, topic: str, key: bytes, values: list[bytes]) -> None:
    partition = _partition(key, tuple(sorted(await client.partitions_for(topic))))
    if len(values) == 1:  # may share a batch with other runs
        await client.send_and_wait(topic, values[0], key=key, partition=partition)
        return
    acks = []
    batch = client.create_batch()
    for value in values:
        if batch.append(timestamp=None, key=key, value=value) is None:
            acks.append(await client.send_batch(batch, topic, partition=partition))
            batch = client.create_batch()
            batch.append(timestamp=None, key=key, value=value)  # the first always fits
    acks.append(await client.send_batch(batch, topic, partition=partition))
    await asyncio.gather(*acks)


@lru_cache(maxsize=2_000)
def _partition(key: bytes, partitions: tuple[int, ...]) -> int:
    """The partition of a run, as other clients compute it: in Python, too slow for each message."""
    partition: int = DefaultPartitioner()(key, partitions, ())
    return partition


def _pack(run_id: str, kind: str, event_id: str, data: Data) -> bytes:
    return encode(
        type=kind, source=SOURCE, subject=run_id, id=event_id, time_ms=now_ms(), data=data
    )


def _unavailable() -> QuizrunError:
    return QuizrunError(ErrorCode.UNAVAILABLE, "The event stream is not responding; try again.")
