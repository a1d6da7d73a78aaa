"""Metrics of PostgreSQL and Redis, including fallbacks without Redis."""

from __future__ import annotations

import time
from collections import Counter as Counts
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine

from db.outages import is_transient
from db.pool import Pool
from db.redis import Projection
from telemetry.metrics import LATENCY_BUCKETS, Readings, Values


class DatabaseMetrics:
    """Metrics of statements, errors and the pools of the engines, which have names."""

    def __init__(self, engines: Mapping[str, AsyncEngine], registry: CollectorRegistry) -> None:
        self._engines = engines
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
            "quizrun_db_pool_connections", "Open connections.", ("pool", "state"), self._connections
        )
        readings.gauges(
            "quizrun_db_pool_size", "Maximum number of connections.", ("pool",), self._sizes
        )
        for engine in engines.values():
            if isinstance(engine.pool, Pool):
                engine.pool.on_wait = waits.observe
                engine.pool.on_statement = self._statements.observe
                engine.pool.on_error = self._count_error
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
        self._count_error(context.original_exception)

    def _count_error(self, error: BaseException) -> None:
        kind = self._transient if is_transient(error) else self._other
        kind.inc()

    def _connections(self) -> Values:
        found: dict[tuple[str, ...], float] = {}
        for name, pool in self._pools():
            found[name, "in_use"] = pool.checkedout()
            found[name, "idle"] = pool.checkedin()
        return found

    def _sizes(self) -> Values:
        return {(name,): pool.size() for name, pool in self._pools()}

    def _pools(self) -> Iterator[tuple[str, Pool]]:
        for name, engine in self._engines.items():
            if isinstance(engine.pool, Pool):
                yield name, engine.pool


class RedisMetrics:
    """Metrics of the Redis calls of projections, by store."""

    def __init__(
        self, stores: Iterable[tuple[str, Projection]], registry: CollectorRegistry
    ) -> None:
        """Several projections may have the same name; they are counted together."""
        self._stores = tuple(stores)
        seconds = Histogram(
            "quizrun_redis_seconds",
            "Duration of successful Redis calls.",
            ["store"],
            buckets=LATENCY_BUCKETS,
            registry=registry,
        )
        for name, store in self._stores:
            store.observe = seconds.labels(name).observe
        Readings(registry).counters(
            "quizrun_redis_fallbacks_total",
            "Fallbacks without Redis: a call failed, or was skipped after a failure.",
            ("store", "reason"),
            self._fallbacks,
        )

    def _fallbacks(self) -> Values:
        found: Counts[tuple[str, ...]] = Counts()
        for name, store in self._stores:
            found[name, "failed"] += store.failed
            found[name, "skipped"] += store.skipped
        return found
