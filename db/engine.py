"""The PostgreSQL connection pool, with helpers for single statements and transactions."""

from __future__ import annotations

import asyncio
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

from db.acting import Acting, acting
from db.connection import Connection
from db.outages import as_unavailable
from db.pool import Pool, is_closed_by_server
from quiz.errors import QuizrunError
from telemetry.environment import ConfigurationError, reread
from telemetry.settings import DatabaseSettings

CONNECT_TIMEOUT_S = 5
POOL_TIMEOUT_S = 5
STATEMENT_TIMEOUT_MS = 15_000
OPERATION_TIMEOUT_S = 20.0
"""The client-side timeout of an operation, for servers that hang."""

_SESSION_SETTINGS = {
    "statement_timeout": STATEMENT_TIMEOUT_MS,
    # A process that is stopped during a transaction must not keep a run locked.
    "idle_in_transaction_session_timeout": 20_000,
    # Batch sizes vary a hundredfold: a plan for a small batch can be disastrous for a large one.
    "plan_cache_mode": "force_custom_plan",
}


_TRANSACTION_LIMITS = "; ".join(
    f"SET LOCAL {name} = {_SESSION_SETTINGS[name]}"
    for name in ("statement_timeout", "idle_in_transaction_session_timeout")
)
POOLED: dict[str, Any] = {"prepare_threshold": None}
"""A pooler in transaction mode accepts no session settings, and may run each transaction in a
different session, which lacks the prepared statements."""


def database_url(url: str, password: str | None = None) -> URL:
    """Add our driver to a ``postgresql://`` or ``postgres://`` URL, and a separate password."""
    parsed = make_url(url).set(drivername="postgresql+psycopg")
    return parsed.set(password=password) if password else parsed


def database_url_of(settings: DatabaseSettings) -> URL:
    """Return the complete URL of the settings. Raises `ConfigurationError`."""
    password = settings.database_password
    try:
        return database_url(
            settings.database_url.get_secret_value(),
            password.get_secret_value() if password else None,
        )
    except (exc.ArgumentError, ValueError) as error:  # neither says which part is wrong
        message = (
            "QUIZRUN_DATABASE_URL is not of the form postgresql://user:password@host:port/name."
        )
        raise ConfigurationError([message]) from error


def engine_of(
    settings: DatabaseSettings,
    *,
    name: str,
    pool_size: int | None = None,
    generic_plans: bool = False,
) -> AsyncEngine:
    """Build an engine of the settings with all connections, or `pool_size`; see `make_engine`."""
    engine = make_engine(
        database_url_of(settings),
        pool_size=pool_size or settings.database_pool_size,
        name=name,
        pooled=settings.database_pooler == "transaction",
        generic_plans=generic_plans,
    )
    event.listen(engine.sync_engine, "do_connect", _current_password)
    return engine


def make_engine(
    url: str | URL,
    *,
    pool_size: int = 10,
    name: str,
    pooled: bool = False,
    generic_plans: bool = False,
) -> AsyncEngine:
    """Build an engine with up to `pool_size` connections, named `name` in ``pg_stat_activity``.

    `pooled` means that the server is a pooler in transaction mode. `generic_plans` is for
    statements that run often and have one good plan: they are planned once per connection. The
    engine connects on first use, returns ids as text, and uses orjson for JSON.
    """
    engine = create_async_engine(
        database_url(url) if isinstance(url, str) else url,
        poolclass=Pool,
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
            **(POOLED if pooled else _own_session(generic_plans)),
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
    """Connect with the current password of its file: managed databases rotate it."""
    with suppress(OSError, ValueError):  # else try the last known password
        if password := reread("database_password"):
            arguments["password"] = password


def _own_session(generic_plans: bool) -> dict[str, Any]:
    settings = _SESSION_SETTINGS | (
        {"plan_cache_mode": "force_generic_plan"} if generic_plans else {}
    )
    return {"options": " ".join(f"-c {key}={value}" for key, value in settings.items())}


def _limit_transaction(connection: SyncConnection) -> None:
    """Apply the timeouts to this transaction, because a session behind a pooler cannot have them.

    Single statements are bounded only by the client, which cancels them. `plan_cache_mode` is not
    needed: nothing is prepared, so each statement is planned anew.
    """
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql(_TRANSACTION_LIMITS)


def _ids_as_text(connection: Any, _record: Any) -> None:
    connection.driver_connection.adapters.register_loader("uuid", TextLoader)


def _refuse_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """Reconnect instead of failing one request per pooled connection after a restart."""
    if is_closed_by_server(connection.driver_connection):
        raise exc.DisconnectionError("the server has closed this connection")


def _leave_read_only(context: ExceptionContext) -> None:
    """Drop all pooled connections when a server refuses to write.

    After a failover they point to what is now a standby; new connections go to the primary.
    """
    error = context.original_exception
    if isinstance(error, psycopg.errors.ReadOnlySqlTransaction):
        context.is_disconnect = True


@asynccontextmanager
async def transaction(
    engine: AsyncEngine, *, timeout_s: float = OPERATION_TIMEOUT_S, is_act: bool = True
) -> AsyncIterator[AsyncConnection]:
    """Open a transaction: committed at the end of the block, rolled back on an exception.

    An outage during the block or the commit raises `unavailable`; if it happens during the commit,
    the transaction may or may not have been committed. The act that the transaction carries out is
    recorded with it (`db.acting`), unless `is_act` is false: what is written only prepares it.
    """
    act = acting() if is_act else None
    with as_unavailable():
        recorded = False
        async with asyncio.timeout(timeout_s), engine.begin() as connection:
            yield connection
            if act is not None and act.due:
                recorded = await act.record(connection)
        if recorded and act is not None:
            act.recorded = True


@asynccontextmanager
async def statements(
    engine: AsyncEngine, *, timeout_s: float = OPERATION_TIMEOUT_S, is_act: bool = True
) -> AsyncIterator[AsyncConnection]:
    """Open a connection in autocommit mode: each statement takes one round trip.

    While an act is to be recorded, this is a transaction, and an error of ours keeps what was
    written before it. See `transaction` for `is_act`.
    """
    act = acting() if is_act else None
    if act is not None and act.due:
        async with _as_transaction(engine, act, timeout_s) as connection:
            yield connection
        return
    with as_unavailable():
        async with asyncio.timeout(timeout_s), engine.connect() as connection:
            yield await connection.execution_options(isolation_level="AUTOCOMMIT")


@asynccontextmanager
async def _as_transaction(
    engine: AsyncEngine, act: Acting, timeout_s: float
) -> AsyncIterator[AsyncConnection]:
    refusal: QuizrunError | None = None
    recorded = False
    with as_unavailable():
        async with asyncio.timeout(timeout_s), engine.begin() as connection:
            try:
                yield connection
            except QuizrunError as error:
                refusal = error
            else:
                recorded = await act.record(connection)
    act.recorded |= recorded
    if refusal is not None:
        raise refusal
