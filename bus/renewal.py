"""The Kafka client of a producer, replaced by a new one once it has failed."""

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
    """Holds one started client, and builds the next one after `discard`, once for all callers.

    A failed client is never used again: aiokafka's idempotent producer takes a sequence number
    for a batch that expires before it was sent, and the broker then refuses every later one
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

    async def get(self) -> AIOKafkaProducer:
        """The client, built now if there is none; it takes as long as `BUILD_TIMEOUT_S`.

        Raises `KafkaError`, `OSError` or `TimeoutError` when the broker does not answer, or does
        not have the topics.
        """
        if self._closed:
            raise KafkaConnectionError("this producer has been stopped")
        if self._client is not None:
            return self._client
        if self._building is None or self._building.done():
            self._building = asyncio.create_task(self._build(), name="kafka-producer-build")
            self._building.add_done_callback(_retrieve)
        # A caller that gives up must not stop the build for the others.
        return await asyncio.shield(self._building)

    def discard(self, client: AIOKafkaProducer, reason: str) -> None:
        """Stop using `client`. What it has taken it may still deliver, for a few seconds."""
        if client is not self._client:
            return
        log.warning("producer client replaced", reason=reason)
        self._client = None
        self._retire(client)

    async def close(self) -> None:
        """Deliver what is under way, within `FLUSH_TIMEOUT_S`, and disconnect."""
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
    """Stop `client` in bounded time. Its own `stop` waits for its batches without end."""
    flushing = asyncio.create_task(client.flush())
    await asyncio.wait([flushing], timeout=FLUSH_TIMEOUT_S)
    ends = [client.stop] if flushing.done() else []
    flushing.cancel()
    for end in (*ends, lambda: _abandon(client)):
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await end()
                break
        except (KafkaError, OSError, TimeoutError) as error:
            log.warning("producer client not closed in time", error=repr(error))


async def _abandon(client: AIOKafkaProducer) -> None:
    """End what `client` runs, with no regard to its batches: nobody waits for them any more."""
    client._closed = True  # noqa: SLF001 - or it complains when it is collected
    sender = client._sender.sender_task  # noqa: SLF001
    if sender is not None:
        sender.cancel()
    await client.client.close()  # ends the requests under way
    while sender is not None and not sender.done():
        # It may wait for metadata, which will not come any more.
        metadata = client.client._md_update_fut  # noqa: SLF001
        if metadata is not None and not metadata.done():
            metadata.set_result(False)
        await asyncio.sleep(POLL_S)


def _retrieve(task: asyncio.Task[object]) -> None:
    """Look at the result, so that asyncio does not report an error that nobody waited for."""
    if not task.cancelled():
        task.exception()
