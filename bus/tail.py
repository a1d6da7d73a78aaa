"""Lookup of the last event of a run in the event stream, for operators."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from bus.connection import KafkaConnection
from bus.envelope import decode
from bus.messages import RunEvent, live_message
from bus.topics import RUN_EVENTS
from quiz.errors import ErrorCode, QuizrunError

MESSAGES_BACK = 2_000
"""How far back each partition is searched."""
TIMEOUT_S = 8.0
FETCH_MS = 500


@dataclass(frozen=True, slots=True)
class LastEvent:
    """The newest published version of a run, and when it was published (epoch ms)."""

    type: str
    version: int
    at: int


async def last_event(
    server: KafkaConnection | str, run_id: str, *, timeout_s: float = TIMEOUT_S
) -> LastEvent | None:
    """Return the event with the highest version among the latest messages of the stream.

    None if there is none of this run. Raises `unavailable` on timeout.
    """
    options = KafkaConnection.coerce(server).options
    # Without a group all partitions of the topic are assigned to this consumer.
    consumer = AIOKafkaConsumer(RUN_EVENTS, **options, group_id=None, enable_auto_commit=False)
    try:
        async with asyncio.timeout(timeout_s):
            await consumer.start()
            return await _search(consumer, run_id)
    except (KafkaError, OSError, TimeoutError) as error:
        raise QuizrunError(ErrorCode.UNAVAILABLE, "The event stream is not responding.") from error
    finally:
        await consumer.stop()


async def _search(consumer: AIOKafkaConsumer, run_id: str) -> LastEvent | None:
    partitions: list[TopicPartition] = sorted(consumer.assignment())
    ends = await consumer.end_offsets(partitions)
    begins = await consumer.beginning_offsets(partitions)
    for partition in partitions:
        consumer.seek(partition, max(begins[partition], ends[partition] - MESSAGES_BACK))
    unread = {partition for partition in partitions if ends[partition] > begins[partition]}
    key, last = run_id.encode(), None
    while unread:
        batches = await consumer.getmany(*unread, timeout_ms=FETCH_MS)
        for partition, messages in batches.items():
            for message in messages:
                if message.key == key:
                    last = _later(last, message.value, message.timestamp)
                if message.offset >= ends[partition] - 1:
                    unread.discard(partition)
    return last


def _later(last: LastEvent | None, value: bytes | None, at: int) -> LastEvent | None:
    try:
        message = live_message(decode(value))
    except ValueError:
        return last
    if not isinstance(message, RunEvent) or (last and last.version >= message.version):
        return last
    return LastEvent(message.type, message.version, at)
