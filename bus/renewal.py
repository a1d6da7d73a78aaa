"""The Kafka client of a producer, which is replaced after a failure."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError

from bus.connection import KafkaConnection
from bus.topics import TopicLayout, ensure_topics

BUILD_TIMEOUT_S = 10.0
FLUSH_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 2.0
POLL_S = 0.05

log = structlog.get_logger(__name__)


class RenewedClient:
    """Holds one started client; builds the next one after `discard`, once for all callers.

    A failed client is never reused: when a batch expires unsent, aiokafka's idempotent producer has
    already consumed its sequence number, and the broker rejects every later batch
    (https://github.com/aio-libs/aiokafka/issues/1017).
    """

    def __init__(
        self,
        server: KafkaConnection | str,
        layout: TopicLayout,
        make: Callable[[], AIOKafkaProducer],
    ) -> None:
        self._server = server
        self._layout = layout
        self._make = make
        self._client: AIOKafkaProducer | None = None
        self._building: asyncio.Task[AIOKafkaProducer] | None = None
        self._retiring: set[asyncio.Task[None]] = set()
        self._closed = False
        self.renewals = 0
        """How many clients have been discarded."""

    async def get(self) -> AIOKafkaProducer:
        """Return the client; build it within `BUILD_TIMEOUT_S` if there is none.

        Raises `KafkaError`, `OSError` or `TimeoutError` if the broker does not respond or lacks the
        topics.
        """
        if self._closed:
            raise KafkaConnectionError("this producer has been stopped")
        if self._client is not None:
            return self._client
        if self._building is None or self._building.done():
            self._building = asyncio.create_task(self._build(), name="kafka-producer-build")
            self._building.add_done_callback(_retrieve)
        # A cancelled caller must not cancel the build for others.
        return await asyncio.shield(self._building)

    def discard(self, client: AIOKafkaProducer, reason: str) -> None:
        """Stop using `client`, which has a few seconds to deliver its pending messages."""
        if client is not self._client:
            return
        log.warning("kafka.producer_replaced", reason=reason)
        self._client = None
        self.renewals += 1
        self._retire(client)

    async def close(self) -> None:
        """Flush pending messages, within `FLUSH_TIMEOUT_S`, and disconnect."""
        self._closed = True
        if self._building is not None and not self._building.done():
            self._building.cancel()
            await asyncio.wait([self._building])
        client, self._client = self._client, None
        if client is not None:
            self._retire(client)
        if self._retiring:
            await asyncio.wait(self._retiring)

    async def _build(self) -> AIOKafkaProducer:
        client = self._make()
        try:
            async with asyncio.timeout(BUILD_TIMEOUT_S):
                await ensure_topics(self._server, self._layout)
                await client.start()
        except BaseException:
            self._retire(client)
            raise
        self._client = client
        return client

    def _retire(self, client: AIOKafkaProducer) -> None:
        retiring = asyncio.create_task(_stop(client), name="kafka-producer-stop")
        self._retiring.add(retiring)
        retiring.add_done_callback(self._retiring.discard)


async def _stop(client: AIOKafkaProducer) -> None:
    """Stop `client` in bounded time; its own `stop` waits for its batches without limit."""
    flushing = asyncio.create_task(client.flush())
    await asyncio.wait([flushing], timeout=FLUSH_TIMEOUT_S)
    graceful = [client.stop] if flushing.done() else []
    flushing.cancel()
    for stop in (*graceful, lambda: _abandon(client)):
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await stop()
                break
        except (KafkaError, OSError, TimeoutError) as error:
            log.warning("kafka.producer_not_closed", error=error)


async def _abandon(client: AIOKafkaProducer) -> None:
    """Stop the tasks of `client` and drop its batches."""
    client._closed = True  # noqa: SLF001 - else it warns when it is garbage-collected
    sender = client._sender.sender_task  # noqa: SLF001
    if sender is not None:
        sender.cancel()
    await client.client.close()  # ends pending requests
    while sender is not None and not sender.done():
        # The sender may be waiting for metadata that will never arrive.
        metadata = client.client._md_update_fut  # noqa: SLF001
        if metadata is not None and not metadata.done():
            metadata.set_result(False)
        await asyncio.sleep(POLL_S)


def _retrieve(task: asyncio.Task[object]) -> None:
    """Retrieve the exception, or asyncio would report it when no caller waits any longer."""
    if not task.cancelled():
        task.exception()
