"""The composition root of a worker process: ``python -m workers.main``."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import structlog
import uvloop
from temporalio.client import Client

from bus.connection import KafkaConnection
from bus.metrics import ProducerMetrics
from bus.producer import Producer
from bus.topics import TopicLayout
from db.engine import engine_of
from db.health import store_checks
from db.metrics import DatabaseMetrics, RedisMetrics
from db.redis import redis_of
from db.stores import PlayStores
from quiz.errors import ErrorCode, QuizrunError
from telemetry.environment import load_settings, misconfiguration_ends_process
from telemetry.event_loop import EventLoopLag
from telemetry.exposition import Exposition, SdkMetrics, collect_sdk_metrics
from telemetry.health import CHECK_TIMEOUT_S, HealthCheck
from telemetry.memory import tune_gc
from telemetry.metrics import new_registry
from telemetry.outages import OutageMonitor
from telemetry.process import configure_telemetry
from telemetry.tracing import Tracing, start_tracing
from workers.health import HealthServer
from workers.metrics import StepMetrics
from workers.registry import build_activities, build_workers
from workers.search_attributes import SearchAttributes
from workers.settings import WorkerSettings
from workflows.connection import connect

log = structlog.get_logger()


async def serve(
    settings: WorkerSettings,
    stop: asyncio.Event,
    sdk: SdkMetrics | None = None,
    tracing: Tracing | None = None,
) -> None:
    """Serve runs until `stop` is set, then let running activities finish.

    At startup, waits for servers that are down; `/readyz` shows which.
    """
    async with AsyncExitStack() as stack:
        registry = new_registry("worker", settings.revision)
        engine = engine_of(settings, name=settings.process_name)
        stack.push_async_callback(engine.dispose)
        redis = redis_of(settings)
        stack.push_async_callback(redis.aclose)
        producer = Producer(
            KafkaConnection.from_settings(settings),
            idempotence=settings.kafka_idempotence,
            client_id=settings.process_name,
            layout=TopicLayout.from_settings(settings),
        )
        stack.push_async_callback(producer.stop)
        temporal = await connect(settings, identity=settings.process_name, lazy=True)
        search_attributes = SearchAttributes(temporal)
        polling = asyncio.Event()
        servers = (
            *store_checks(engine, redis),
            HealthCheck("kafka", producer.check),
            HealthCheck("temporal", lambda: _check_temporal(temporal)),
        )
        own = (
            HealthCheck("search_attributes", search_attributes.check),
            HealthCheck("polling", lambda: _check_polling(polling)),
        )
        health = HealthServer(
            settings.metrics_host,
            settings.metrics_port,
            (*servers, *own),
            Exposition(registry, sdk),
        )
        DatabaseMetrics({"all": engine}, registry)
        ProducerMetrics(producer, registry)
        await health.start()
        stack.push_async_callback(health.stop)
        starting = (producer.start_when_possible(), search_attributes.ensure())
        if not await _run_unless_stopped(stop, *starting):
            return
        client = await connect(settings, identity=settings.process_name)
        steps = StepMetrics(registry)
        stores = PlayStores(engine, redis, on_scored=steps.scored)
        activities = build_activities(stores, producer, settle_ms=settings.settle_ms)
        RedisMetrics(activities.projections.items(), registry)
        workers = build_workers(client, settings, activities, steps, tracing)
        for worker in workers:
            await stack.enter_async_context(worker)
        polling.set()
        for monitor in (OutageMonitor(servers, registry), EventLoopLag(registry)):
            watching = asyncio.create_task(monitor.run(), name=type(monitor).__name__)
            stack.callback(watching.cancel)
        tune_gc()
        log.info("worker.ready")
        await stop.wait()
        polling.clear()
        log.info("worker.stopping")
        # In parallel, because each may take as long as its activities.
        await asyncio.gather(*(worker.shutdown() for worker in workers))
        log.info("worker.stopped")


async def _run_unless_stopped(stop: asyncio.Event, *steps: Coroutine[None, None, None]) -> bool:
    """Run `steps` concurrently; cancel them and return False once `stop` is set."""
    running: asyncio.Future[Any] = asyncio.gather(*steps)
    stopping: asyncio.Future[Any] = asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not running.done():
        running.cancel()
        return False
    running.result()
    return True


async def _check_temporal(client: Client) -> None:
    if not await client.service_client.check_health(timeout=timedelta(seconds=CHECK_TIMEOUT_S)):
        raise QuizrunError(ErrorCode.UNAVAILABLE, "Temporal is not serving.")


async def _check_polling(polling: asyncio.Event) -> None:
    if not polling.is_set():
        raise QuizrunError(ErrorCode.UNAVAILABLE, "The workers have not started yet.")


def run(settings: WorkerSettings) -> None:
    """Run the process until SIGTERM or SIGINT."""
    configure_telemetry(settings, "quizrun-worker", (QuizrunError,))
    uvloop.run(_until_signal(settings))


async def _until_signal(settings: WorkerSettings) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    tracing = start_tracing(settings, "quizrun-worker", settings.process_name)
    try:
        await serve(settings, stop, collect_sdk_metrics(), tracing)
    finally:
        if tracing is not None:
            tracing.shutdown()


def main() -> None:
    """Run a worker configured by the environment (`workers.settings`)."""
    with misconfiguration_ends_process():
        run(load_settings(WorkerSettings))


if __name__ == "__main__":
    main()
