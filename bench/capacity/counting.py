"""Count what a run produces in each server: rows, write-ahead log, Kafka records, workflow history,
Redis commands, frames. Counts and bytes do not depend on the machine's load.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
from aiokafka import AIOKafkaConsumer, TopicPartition
from redis.asyncio import Redis
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from bus.topics import TOPICS, ensure_topics

Wal = dict[str, int]
_TABLES = ("answers", "players", "runs")
_HISTORY = timedelta(seconds=20)

# Temporal Cloud bills these, and the markers of each workflow task as one action; the rest of a
# history is bookkeeping. Heartbeats and queries are billed, too, but leave no event.
BILLED = {
    "WORKFLOW_EXECUTION_STARTED",
    "TIMER_STARTED",
    "ACTIVITY_TASK_SCHEDULED",
    "WORKFLOW_EXECUTION_SIGNALED",
    "WORKFLOW_EXECUTION_UPDATE_ACCEPTED",
    "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
}


@dataclass(frozen=True, slots=True)
class Servers:
    """Clients of a stack's servers."""

    database: psycopg.AsyncConnection[Any]
    redis: Redis
    kafka: AIOKafkaConsumer
    temporal: Client
    partitions: tuple[TopicPartition, ...]

    async def wal(self) -> Wal:
        """Return records, full-page images and bytes of the write-ahead log so far."""
        await self.database.execute("SELECT pg_stat_force_next_flush()")
        row = await self._row("SELECT wal_records, wal_fpi, wal_bytes FROM pg_stat_wal")
        return dict(zip(("records", "full_page_images", "bytes"), map(int, row), strict=True))

    async def relations(self) -> dict[str, dict[str, int]]:
        """Return total rows and bytes, with indexes, of the tables that grow with players."""
        found = {}
        for table in _TABLES:
            rows = await self._row(f"SELECT count(*) FROM {table}")
            size = await self._row(f"SELECT pg_total_relation_size('{table}')")
            row_bytes = await self._row(
                f"SELECT coalesce(avg(pg_column_size(t)), 0) FROM {table} t"
            )
            found[table] = {
                "rows": int(rows[0]),
                "bytes": int(size[0]),
                "row_bytes": round(float(row_bytes[0])),
            }
        return found

    async def commands(self) -> dict[str, int]:
        """Return commands and bytes that Redis has received so far."""
        stats = await self.redis.info("stats")
        return {
            "commands": int(stats["total_commands_processed"]),
            "bytes_in": int(stats["total_net_input_bytes"]),
            "bytes_out": int(stats["total_net_output_bytes"]),
        }

    async def keys(self, run_id: str) -> dict[str, int]:
        """Return the run's keys and their memory in bytes."""
        sizes = [
            int(await self.redis.memory_usage(key) or 0)
            async for key in self.redis.scan_iter(f"quizrun:{{{run_id}}}:*", count=1_000)
        ]
        return {"keys": len(sizes), "bytes": sum(sizes)}

    async def offsets(self) -> dict[TopicPartition, int]:
        """Return the end offsets of all partitions."""
        return dict(await self.kafka.end_offsets(list(self.partitions)))

    async def records(self, since: dict[TopicPartition, int]) -> dict[str, dict[str, int]]:
        """Return records and bytes (key, value, headers) by topic since then."""
        found = {topic: {"records": 0, "bytes": 0} for topic in TOPICS}
        for place, end in (await self.offsets()).items():
            begin = since[place]
            self.kafka.seek(place, begin)
            while begin < end:
                batches = await self.kafka.getmany(place, timeout_ms=2_000)
                for record in batches.get(place, ()):
                    begin = record.offset + 1
                    size = len(record.key or b"") + len(record.value or b"")
                    size += sum(len(name) + len(value) for name, value in record.headers)
                    found[place.topic]["records"] += 1
                    found[place.topic]["bytes"] += size
        return found

    async def history(self, run_id: str) -> dict[str, Any]:
        """Return events, bytes and billed actions of the run's workflow."""
        handle = self.temporal.get_workflow_handle(f"quiz-run-{run_id}")
        description = await handle.describe(rpc_timeout=_HISTORY)
        info = description.raw_description.workflow_execution_info
        kinds: Counter[str] = Counter()
        tasks_with_markers: set[int] = set()
        async for event in handle.fetch_history_events(rpc_timeout=_HISTORY):
            kinds[EventType.Name(event.event_type).removeprefix("EVENT_TYPE_")] += 1
            if event.HasField("marker_recorded_event_attributes"):
                marker = event.marker_recorded_event_attributes
                tasks_with_markers.add(marker.workflow_task_completed_event_id)
        return {
            "events": kinds.total(),
            "bytes": info.history_size_bytes,
            "actions": sum(count for kind, count in kinds.items() if kind in BILLED)
            + len(tasks_with_markers),
            "activities": kinds["ACTIVITY_TASK_SCHEDULED"],
            "local_activities": kinds["MARKER_RECORDED"],
            "by_type": dict(sorted(kinds.items())),
        }

    async def _row(self, statement: str) -> tuple[Any, ...]:
        cursor = await self.database.execute(statement)
        row = await cursor.fetchone()
        if row is None:
            raise LookupError(statement)
        return tuple(row)


@asynccontextmanager
async def servers(env: dict[str, str]) -> AsyncIterator[Servers]:
    """Open clients of the servers in a stack's environment."""
    async with AsyncExitStack() as stack:
        url = env["QUIZRUN_DATABASE_URL"].replace("postgresql+psycopg", "postgresql")
        database = await psycopg.AsyncConnection.connect(url, autocommit=True, connect_timeout=20)
        stack.push_async_callback(database.close)
        redis = Redis.from_url(env["QUIZRUN_REDIS_URL"], decode_responses=True, socket_timeout=20)
        stack.push_async_callback(redis.aclose)
        bootstrap = env["QUIZRUN_KAFKA_BOOTSTRAP"]
        topics = await ensure_topics(bootstrap)
        partitions = tuple(
            TopicPartition(topic, number) for topic in TOPICS for number in sorted(topics[topic])
        )
        kafka = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
        await kafka.start()
        stack.push_async_callback(kafka.stop)
        kafka.assign(partitions)
        temporal = await Client.connect(
            env["QUIZRUN_TEMPORAL_ADDRESS"], namespace=env["QUIZRUN_TEMPORAL_NAMESPACE"]
        )
        yield Servers(database, redis, kafka, temporal, partitions)
