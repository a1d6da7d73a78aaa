"""The PostgreSQL connection pool, and the two ways to use it: one statement, or a transaction."""

from __future__ import annotations

import asyncio
import select
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import orjson
import psycopg
from psycopg.types.string import TextLoader
from sqlalchemy import URL, event, exc, make_url
from sqlalchemy import Connection as SyncConnection
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from db.connection import Connection
from db.metrics import MeasuredPool
from db.outages import as_unavailable
from telemetry.environment import ConfigurationError, reread
from telemetry.settings import DatabaseSettings

CONNECT_TIMEOUT_S = 5
POOL_TIMEOUT_S = 5
STATEMENT_TIMEOUT_MS = 15_000
OPERATION_TIMEOUT_S = 20.0
"""The end of patience on our side; without it a server that hangs would hang its callers."""

_SESSION_SETTINGS = {
    "statement_timeout": STATEMENT_TIMEOUT_MS,
    # A process stopped in the middle of a transaction must not keep a run locked.
    "idle_in_transaction_session_timeout": 20_000,
    # Batches differ a hundredfold in size: a plan made for a small one can be ruinous for a large.
    "plan_cache_mode": "force_custom_plan",
}


_TRANSACTION_LIMITS = "; ".join(
    f"SET LOCAL {name} = {_SESSION_SETTINGS[name]}"
    for name in ("statement_timeout", "idle_in_transaction_session_timeout")
)
POOLED: dict[str, Any] = {"prepare_threshold": None}
"""A pooler in transaction mode takes no settings for a session, and the next transaction may be on
another one, which has none of the prepared statements."""


def database_url(url: str, password: str | None = None) -> URL:
    """`url` (``postgresql://`` or ``postgres://``) with our driver put in, and the password if it
    is kept apart.
    """
    found = make_url(url).set(drivername="postgresql+psycopg")
    return found.set(password=password) if password else found


def database_url_of(settings: DatabaseSettings) -> URL:
    """The complete URL that the settings name. Raises `ConfigurationError`."""
    password = settings.database_password
    try:
        return database_url(
            settings.database_url, password.get_secret_value() if password else None
        )
    except (exc.ArgumentError, ValueError) as error:  # neither tells which part
        message = (
            "QUIZRUN_DATABASE_URL is not of the form postgresql://user:password@host:port/name."
        )
        raise ConfigurationError([message]) from error


def engine_of(settings: DatabaseSettings, *, name: str) -> AsyncEngine:
    """The pool that the settings ask for, see `make_engine`."""
    engine = make_engine(
        database_url_of(settings),
        pool_size=settings.database_pool_size,
        name=name,
        pooled=settings.database_pooler == "transaction",
    )
    event.listen(engine.sync_engine, "do_connect", _current_password)
    return engine


def make_engine(
    url: str | URL, *, pool_size: int = 10, name: str, pooled: bool = False
) -> AsyncEngine:
    """A pool of at most `pool_size` connections, shown under `name` in ``pg_stat_activity``.

    `pooled`: what we connect to is a pooler in transaction mode. Nothing is connected yet. Ids come
    back as text; JSON goes through orjson.
    """
    engine = create_async_engine(
        database_url(url) if isinstance(url, str) else url,
        poolclass=MeasuredPool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_S,
        pool_use_lifo=True,
        use_native_hstore=False,
        json_serializer=orjson.dumps,
        json_deserializer=orjson.loads,
        connect_args={
            "async_creator_fn": Connection.connect,
            "connect_timeout": CONNECT_TIMEOUT_S,
            "application_name": name,
            **(POOLED if pooled else _own_session()),
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 15_000,
        },
    )
    if pooled:
        event.listen(engine.sync_engine, "begin", _limit_transaction)
    event.listen(engine.sync_engine, "connect", _ids_as_text)
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    event.listen(engine.sync_engine, "handle_error", _leave_read_only)
    return engine


def _current_password(_dialect: Any, _record: Any, _args: Any, arguments: dict[str, Any]) -> None:
    """Connect with the password that its file has now: managed databases change it every week."""
    with suppress(OSError, ValueError):  # the last known password is still worth a try
        if password := reread("database_password"):
            arguments["password"] = password


def _own_session() -> dict[str, Any]:
    return {"options": " ".join(f"-c {key}={value}" for key, value in _SESSION_SETTINGS.items())}


def _limit_transaction(connection: SyncConnection) -> None:
    """Set for this transaction what a session behind a pooler cannot have.

    A statement on its own is bounded by our side only, which has the server cancel it. Plans are
    made anew for each statement there, for none is prepared.
    """
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql(_TRANSACTION_LIMITS)


def _ids_as_text(connection: Any, _record: Any) -> None:
    connection.driver_connection.adapters.register_loader("uuid", TextLoader)


def _refuse_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """Notice without a round trip that the server has closed an idle connection (it restarted).

    An idle connection has nothing to say: a readable socket means the end of it. The pool then
    connects anew, so that one restart does not fail one request for each pooled connection.
    """
    pgconn = connection.driver_connection.pgconn
    poll = select.poll()
    poll.register(pgconn.socket, select.POLLIN | select.POLLHUP | select.POLLERR)
    if poll.poll(0):
        raise exc.DisconnectionError("the server has closed this connection")


def _leave_read_only(context: ExceptionContext) -> None:
    """Drop all pooled connections once a server has refused to write.

    After a failover they lead to what is now a standby, and would do so until it restarts; a new
    connection leads to the primary.
    """
    error = context.original_exception
    if isinstance(error, psycopg.errors.ReadOnlySqlTransaction):
        context.is_disconnect = True


@asynccontextmanager
async def transaction(
    engine: AsyncEngine, *, timeout_s: float = OPERATION_TIMEOUT_S
) -> AsyncIterator[AsyncConnection]:
    """A transaction, committed at the end of the block and rolled back by an exception.

    An outage, in the block or at the commit, becomes `QuizrunError` (`unavailable`); after one
    at the commit it is unknown whether the transaction counts.
    """
    with as_unavailable():
        async with asyncio.timeout(timeout_s), engine.begin() as connection:
            yield connection


@asynccontextmanager
async def statements(
    engine: AsyncEngine, *, timeout_s: float = OPERATION_TIMEOUT_S
) -> AsyncIterator[AsyncConnection]:
    """A connection on which each statement is a transaction of its own, in one round trip."""
    with as_unavailable():
        async with asyncio.timeout(timeout_s), engine.connect() as connection:
            yield await connection.execution_options(isolation_level="AUTOCOMMIT")
