"""Metrics of PostgreSQL and Redis, including fallbacks without Redis."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram
from sqlalchemy import AsyncAdaptedQueuePool, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from db.outages import is_transient
from db.redis import Projection
from telemetry.metrics import LATENCY_BUCKETS, Readings, Values


class MeasuredPool(AsyncAdaptedQueuePool):
    """A connection pool that reports to `on_wait` how long each caller waited (seconds)."""

    on_wait: Callable[[float], None] | None = None

    def recreate(self) -> QueuePool:
        """Return a new pool with the same observer."""
        pool = super().recreate()
        pool.on_wait = self.on_wait  # type: ignore[attr-defined]
        return pool

    def _do_get(self) -> ConnectionPoolEntry:
        began = time.perf_counter()
        try:
            return super()._do_get()
        finally:
            if self.on_wait is not None:
                self.on_wait(time.perf_counter() - began)


class DatabaseMetrics:
    """Metrics of statements, errors and the pool of an engine."""

    def __init__(self, engine: AsyncEngine, registry: CollectorRegistry) -> None:
        self._engine = engine
        self._statements = Histogram(
            "quizrun_db_statement_seconds",
            "Duration of SQL statements.",
            buckets=LATENCY_BUCKETS,
            registry=registry,
        )
        waits = Histogram(
            "quizrun_db_pool_wait_seconds",
            "Time spent waiting for a pooled connection, including connecting.",
            buckets=LATENCY_BUCKETS,
            registry=registry,
        )
        errors = Counter(
            "quizrun_db_errors_total",
            "Failed statements and connection attempts.",
            ["kind"],
            registry=registry,
        )
        self._transient, self._other = errors.labels("transient"), errors.labels("other")
        readings = Readings(registry)
        readings.gauges(
            "quizrun_db_pool_connections", "Open connections.", ("state",), self._connections
        )
        readings.gauge("quizrun_db_pool_size", "Maximum number of connections.", self._size)
        engine.pool.on_wait = waits.observe  # type: ignore[attr-defined]
        event.listen(engine.sync_engine, "before_cursor_execute", self._begin)
        event.listen(engine.sync_engine, "after_cursor_execute", self._end)
        event.listen(engine.sync_engine, "handle_error", self._error)

    def _begin(self, *args: Any) -> None:
        _connection, _cursor, _statement, _parameters, context, _many = args
        context.quizrun_began = time.perf_counter()

    def _end(self, *args: Any) -> None:
        _connection, _cursor, _statement, _parameters, context, _many = args
        self._statements.observe(time.perf_counter() - context.quizrun_began)

    def _error(self, context: ExceptionContext) -> None:
        kind = self._transient if is_transient(context.original_exception) else self._other
        kind.inc()

    def _connections(self) -> Values:
        pool = self._engine.pool
        if not isinstance(pool, AsyncAdaptedQueuePool):
            return {}
        return {("in_use",): pool.checkedout(), ("idle",): pool.checkedin()}

    def _size(self) -> float:
        pool = self._engine.pool
        return pool.size() if isinstance(pool, AsyncAdaptedQueuePool) else 0


class RedisMetrics:
    """Metrics of the Redis calls of projections, by store."""

    def __init__(self, stores: Mapping[str, Projection], registry: CollectorRegistry) -> None:
        self._stores = stores
        seconds = Histogram(
            "quizrun_redis_seconds",
            "Duration of successful Redis calls.",
            ["store"],
            buckets=LATENCY_BUCKETS,
            registry=registry,
        )
        for name, store in stores.items():
            store.observe = seconds.labels(name).observe
        Readings(registry).counters(
            "quizrun_redis_fallbacks_total",
            "Fallbacks without Redis: a call failed, or was skipped after a failure.",
            ("store", "reason"),
            self._fallbacks,
        )

    def _fallbacks(self) -> Values:
        return {
            (name, reason): count
            for name, store in self._stores.items()
            for reason, count in (("failed", store.failed), ("skipped", store.skipped))
        }
