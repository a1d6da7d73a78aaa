"""The connection pool, from which statements also get connections without SQLAlchemy (`db.direct`).

Both ways share its size, its timeouts and the replacement of lost connections.
"""

from __future__ import annotations

import asyncio
import select
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from sqlalchemy import AsyncAdaptedQueuePool
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool
from sqlalchemy.util import await_only, greenlet_spawn

from db.connection import Connection


class Pool(AsyncAdaptedQueuePool):
    """A connection pool with observers.

    `on_wait` gets how long each caller waited for a connection (seconds). The other two get what
    SQLAlchemy's events do not see: the duration of a direct statement (seconds), and errors.
    """

    on_wait: Callable[[float], None] | None = None
    on_statement: Callable[[float], None] | None = None
    on_error: Callable[[BaseException], None] | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._cleanups: set[asyncio.Task[None]] = set()
        self._disposed = False

    def dispose(self) -> None:
        """Close the idle connections and those that are being cleaned up now, and the others when
        they are returned.
        """
        self._disposed = True
        if self._cleanups:
            await_only(asyncio.wait(self._cleanups))
        super().dispose()

    def recreate(self) -> QueuePool:
        """Return a new pool with the same observers."""
        pool = super().recreate()
        for name in ("on_wait", "on_statement", "on_error"):
            setattr(pool, name, getattr(self, name))
        return pool

    def take_idle(self) -> ConnectionPoolEntry | None:
        """Take an idle connection out of the pool, which `put_back` must return."""
        if not self._pool.qsize():
            return None
        entry = self._pool.get(block=False)
        if self._is_lost(entry):
            self._do_return_conn(entry)
            return None
        if self.on_wait is not None:
            self.on_wait(0)
        return entry

    async def take(self) -> ConnectionPoolEntry:
        """Connect, or wait for a connection, if there is no idle one; see `take_idle`."""
        began = time.perf_counter()
        try:
            entry = await greenlet_spawn(super()._do_get)
            if self._is_lost(entry):
                await self._connect(entry)
        finally:
            if self.on_wait is not None:
                self.on_wait(time.perf_counter() - began)
        return entry

    def in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Clean up in a task."""
        task = asyncio.create_task(work)
        self._cleanups.add(task)
        task.add_done_callback(self._cleanups.discard)

    def put_back(self, entry: ConnectionPoolEntry) -> None:
        """Return a connection that is idle or closed."""
        self._do_return_conn(entry)

    async def discard(
        self, entry: ConnectionPoolEntry, error: BaseException, *, others: bool = False
    ) -> None:
        """Close the connection; it is replaced when it is next needed. With `others`, all of the
        pool are replaced.
        """
        if others:
            self._invalidate_time = max(self._invalidate_time, time.time())
        try:
            if isinstance(error, asyncio.CancelledError | TimeoutError):
                with suppress(Exception):  # closing the connection is what counts
                    await connection_of(entry).cancel_safe()
        finally:
            connection_of(entry).pgconn.finish()
            await greenlet_spawn(entry.invalidate, error)

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        if self._disposed and record.dbapi_connection is not None:
            connection_of(record).pgconn.finish()
        super()._do_return_conn(record)

    def _do_get(self) -> ConnectionPoolEntry:
        began = time.perf_counter()
        try:
            return super()._do_get()
        finally:
            if self.on_wait is not None:
                self.on_wait(time.perf_counter() - began)

    def _is_lost(self, entry: ConnectionPoolEntry) -> bool:
        if entry.dbapi_connection is None or entry._is_hard_or_soft_invalidated():  # type: ignore[attr-defined]  # noqa: SLF001
            return True
        if is_closed_by_server(connection_of(entry)):
            entry.invalidate(soft=True)
            return True
        return False

    async def _connect(self, entry: ConnectionPoolEntry) -> None:
        try:
            await greenlet_spawn(entry.get_connection)  # type: ignore[attr-defined]
        except BaseException:
            self._do_return_conn(entry)
            raise


def connection_of(entry: ConnectionPoolEntry) -> Connection:
    """Return psycopg's connection."""
    connection = entry.driver_connection
    assert isinstance(connection, Connection)
    return connection


def is_closed_by_server(connection: Connection) -> bool:
    """Whether the server has closed an idle connection, without a round trip.

    An idle connection receives nothing, so a readable socket means that it was closed.
    """
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.pgconn.socket, select.POLLIN | select.POLLHUP | select.POLLERR)
    return bool(poll.poll(0))
