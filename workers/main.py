"""A worker process: ``python -m workers.main``. Its composition root."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack

import structlog
import uvloop
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from bus.producer import Producer
from bus.topics import TopicLayout
from db.engine import make_engine
from db.redis import make_redis
from telemetry.errors import switch_on_error_reports
from telemetry.logs import switch_on_logs
from telemetry.memory import calm_garbage_collector
from workers.health import HealthServer
from workers.registry import build_activities, build_workers
from workers.search_attributes import ensure_search_attributes
from workers.settings import WorkerSettings

log = structlog.get_logger()


async def serve(settings: WorkerSettings, stop: asyncio.Event) -> None:
    """Serves runs until `stop` is set, then lets running activities end."""
    async with AsyncExitStack() as stack:
        engine = make_engine(settings.database_url, name=settings.process_name)
        stack.push_async_callback(engine.dispose)
        redis = make_redis(settings.redis_url)
        stack.push_async_callback(redis.aclose)
        producer = Producer(
            settings.kafka_bootstrap,
            idempotence=settings.kafka_idempotence,
            client_id=settings.process_name,
            layout=TopicLayout(
                partitions=settings.kafka_partitions,
                replication_factor=settings.kafka_replication_factor,
            ),
        )
        await producer.start_when_possible()
        stack.push_async_callback(producer.stop)
        client = await Client.connect(
            settings.temporal_address,
            namespace=settings.temporal_namespace,
            data_converter=pydantic_data_converter,
            identity=settings.process_name,
        )
        await ensure_search_attributes(client)
        activities = build_activities(engine, redis, producer, settle_ms=settings.settle_ms)
        for worker in build_workers(client, settings, activities):
            await stack.enter_async_context(worker)
        health = HealthServer(settings.metrics_port)
        await health.start()
        stack.push_async_callback(health.stop)
        calm_garbage_collector()
        log.info("worker.ready", process=settings.process_name)
        await stop.wait()
        log.info("worker.stopping", process=settings.process_name)


async def main() -> None:
    """Reads the settings, switches on telemetry, and serves until SIGTERM or SIGINT."""
    settings = WorkerSettings()
    switch_on_logs(settings.log_level, settings.process_name)
    switch_on_error_reports(settings.sentry_dsn, settings.process_name)
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await serve(settings, stop)


if __name__ == "__main__":
    uvloop.run(main())
