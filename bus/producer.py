"""Publishing: what is sent has been written by the broker when the call returns."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError, UnknownError

from bus.envelope import encode
from bus.messages import (
    ANSWER_RECORDED,
    ANSWER_SCORED,
    PLAYERS_JOINED,
    AnswerRecorded,
    AnswerScored,
    PlayersJoinedEvent,
    RunEvent,
    wire_type,
)
from bus.topics import ANSWERS, RUN_EVENTS, SCORES, ensure_topics
from quiz.errors import ErrorCode, QuizrunError
from telemetry.clock import now_ms

SOURCE = "/quizrun"
REQUEST_TIMEOUT_S = 5.0
PATIENCE_S = 0.7
"""How long a send may take before the topics are looked at: a broker that lost its memory does
not know them any more, and the client would wait for them in vain."""
MAX_BATCH_BYTES = 128 * 1024
MAX_AT_ONCE = 1_000
"""Messages handed to the client together; the rest of a long list waits for their receipts."""

log = structlog.get_logger(__name__)

Record = tuple[str, bytes]
"""The run id and the value."""


class Producer:
    """Sends messages keyed by run id, with acks of all replicas, and waits for them.

    `idempotence` is off only for brokers without it; consumers drop repeats in any case. All
    methods raise `QuizrunError` (`unavailable`) when the broker did not take everything in time:
    then some of it may be there nevertheless, and sending all of it again is right.
    """

    def __init__(self, bootstrap: str, *, idempotence: bool, client_id: str) -> None:
        self._bootstrap = bootstrap
        self._idempotence = idempotence
        self._client_id = client_id
        self._client: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Connect, and create the topics that are missing. Raises `unavailable`."""
        client = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            client_id=self._client_id,
            acks="all",
            enable_idempotence=self._idempotence,
            linger_ms=0,
            max_batch_size=MAX_BATCH_BYTES,
            request_timeout_ms=int(REQUEST_TIMEOUT_S * 1000),
        )
        try:
            await ensure_topics(self._bootstrap)
            await client.start()
        except (KafkaError, OSError, TimeoutError) as error:
            await client.stop()
            raise _unavailable() from error
        self._client = client

    async def stop(self) -> None:
        """Send what is under way and disconnect."""
        client, self._client = self._client, None
        if client is not None:
            await client.stop()

    async def run_event(self, event: RunEvent) -> None:
        """Tell the gateways that a run has moved on."""
        await self._send(
            RUN_EVENTS, event.run_id, [_pack(wire_type(event.type), event, event.event_id)]
        )

    async def players_joined(self, event: PlayersJoinedEvent) -> None:
        """Tell the gateways who has joined."""
        await self._send(RUN_EVENTS, event.run_id, [_pack(PLAYERS_JOINED, event, event.event_id)])

    async def answers(self, answers: Sequence[AnswerRecorded]) -> None:
        """Publish answers of one run for consumers outside."""
        await self._send_all(
            ANSWERS, [(a.run_id, _pack(ANSWER_RECORDED, a, a.event_id)) for a in answers]
        )

    async def scores(self, scores: Sequence[AnswerScored]) -> None:
        """Publish scores of one run for consumers outside."""
        await self._send_all(
            SCORES, [(s.run_id, _pack(ANSWER_SCORED, s, s.event_id)) for s in scores]
        )

    async def _send_all(self, topic: str, records: list[Record]) -> None:
        for start in range(0, len(records), MAX_AT_ONCE):
            chunk = records[start : start + MAX_AT_ONCE]
            for run_id in dict.fromkeys(key for key, _ in chunk):
                await self._send(topic, run_id, [value for key, value in chunk if key == run_id])

    async def _send(self, topic: str, run_id: str, values: list[bytes]) -> None:
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT_S):
                try:
                    await self._attempt(topic, run_id, values)
                except UnknownError:
                    # Tansu's answer to a partition that it does not have (any more).
                    await self._relearn_topics()
                    await self._attempt(topic, run_id, values)
        except (KafkaError, OSError, TimeoutError) as error:
            log.warning("publishing failed", topic=topic, run_id=run_id, error=repr(error))
            raise _unavailable() from error

    async def _attempt(self, topic: str, run_id: str, values: list[bytes]) -> None:
        sending = asyncio.create_task(self._deliver(topic, run_id.encode(), values))
        try:
            done, _ = await asyncio.wait([sending], timeout=PATIENCE_S)
            if not done:
                await self._relearn_topics()
                await asyncio.wait([sending])
            if sending.cancelled():  # the client cancels its own requests when a connection goes
                raise KafkaConnectionError("the connection was lost")
            sending.result()
        finally:
            sending.cancel()

    async def _deliver(self, topic: str, key: bytes, values: list[bytes]) -> None:
        receipts = [await self._started().send(topic, value, key=key) for value in values]
        await asyncio.gather(*receipts)

    async def _relearn_topics(self) -> None:
        try:
            await ensure_topics(self._bootstrap)
            await self._started().client.force_metadata_update()
        except (KafkaError, OSError, TimeoutError) as error:
            # The broker is away; the send goes on trying as long as it may.
            log.info("topics not checked", error=repr(error))

    def _started(self) -> AIOKafkaProducer:
        if self._client is None:
            raise _unavailable()
        return self._client


def _pack(
    kind: str,
    message: RunEvent | PlayersJoinedEvent | AnswerRecorded | AnswerScored,
    event_id: str,
) -> bytes:
    return encode(
        type=kind,
        source=SOURCE,
        subject=message.run_id,
        id=event_id,
        time_ms=now_ms(),
        data=message,
    )


def _unavailable() -> QuizrunError:
    return QuizrunError(ErrorCode.UNAVAILABLE, "The event stream does not answer; try again.")
