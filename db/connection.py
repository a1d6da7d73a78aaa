"""A PostgreSQL connection that closes its sockets deterministically."""

from __future__ import annotations

from collections.abc import Generator
from contextvars import ContextVar
from typing import Any, Self

import psycopg
from psycopg import pq
from psycopg.abc import PQGenConn
from psycopg.waiting import Ready, Wait

CANCEL_TIMEOUT_S = 1.0

_BEGUN: ContextVar[list[pq.abc.PGconn] | None] = ContextVar("begun", default=None)
_POLLING = pq.PollingStatus
_WAITS: dict[int, Wait] = {_POLLING.READING: Wait.R, _POLLING.WRITING: Wait.W}


class Connection(psycopg.AsyncConnection[Any]):
    """Closes sockets that psycopg leaves to the garbage collector.

    A connection attempt that times out or is cancelled is kept alive by the traceback of its
    exception. Our processes collect garbage rarely (`telemetry.memory`), so during an outage such
    sockets would pile up and exhaust the server's connections.
    """

    _cancellation: pq.abc.PGcancelConn | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.prepared: set[bytes] = set()
        """The names of the statements that `db.direct` has prepared."""
        self.forgotten = 0
        """How often the session has lost statements. It is part of their names, because those
        prepared since then may still exist."""

    def forget_prepared(self) -> None:
        """Prepare all statements anew, after the session has lost some."""
        self.prepared.clear()
        self.forgotten += 1

    @classmethod
    async def connect(cls, *args: Any, **options: Any) -> Self:
        """Connect, or close the sockets of failed attempts."""
        begun: list[pq.abc.PGconn] = []
        token = _BEGUN.set(begun)
        try:
            return await super().connect(*args, **options)
        except BaseException:
            for pgconn in begun:
                pgconn.finish()
            raise
        finally:
            _BEGUN.reset(token)

    async def cancel_safe(self, *, timeout: float = CANCEL_TIMEOUT_S) -> None:  # noqa: ASYNC109
        """Cancel the running statement; close the connection if the server does not respond.

        psycopg alone would wait for 10 s.
        """
        try:
            await super().cancel_safe(timeout=min(timeout, CANCEL_TIMEOUT_S))
        except BaseException:
            self.pgconn.finish()
            raise
        finally:
            if self._cancellation is not None:
                self._cancellation.finish()
                self._cancellation = None

    @classmethod
    def _connect_gen(cls, conninfo: str = "") -> PQGenConn[Self]:
        pgconn = pq.PGconn.connect_start(conninfo.encode())
        begun = _BEGUN.get()
        if begun is not None:
            begun.append(pgconn)
        if pgconn.status == pq.ConnStatus.BAD:
            raise psycopg.OperationalError(f"connection is bad: {_reason(pgconn)}")
        while (status := pgconn.connect_poll()) != _POLLING.OK:
            if status not in _WAITS:
                raise psycopg.OperationalError(f"connection failed: {_reason(pgconn)}")
            yield from _until_ready(pgconn.socket, status)
        pgconn.nonblocking = 1
        return cls(pgconn)

    def _cancel_gen(self) -> PQGenConn[None]:
        self._cancellation = cancellation = self.pgconn.cancel_conn()
        cancellation.start()
        while (status := cancellation.poll()) != _POLLING.OK:
            if status not in _WAITS:
                raise psycopg.OperationalError("the server did not accept the cancellation")
            yield from _until_ready(cancellation.socket, status)


def _until_ready(socket: int, status: int) -> Generator[tuple[int, Wait], Ready | int, None]:
    while not (yield socket, _WAITS[status]):
        pass


def _reason(pgconn: pq.abc.PGconn) -> str:
    return pgconn.get_error_message()
