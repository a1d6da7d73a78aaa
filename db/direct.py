"""Hot statements, sent through libpq without SQLAlchemy, which costs six times the CPU (ADR 50).

A statement is prepared once per connection, takes one round trip and is committed with it. The
connections are those of the engine's pool, and errors are the same as with `db.engine.statements`.
Acts (`db.acting`) are not recorded here.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import count
from typing import Any, NamedTuple, TypeVar

import psycopg
from psycopg import pq
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry

from db.arrays import array, quoted
from db.connection import Connection
from db.engine import OPERATION_TIMEOUT_S
from db.outages import as_ours
from db.pool import Pool, connection_of

T = TypeVar("T")
Values = Mapping[str, Any]
_NUMBERS = count(1)
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]\w*)", re.ASCII)
_STATUS = pq.ExecStatus
_SUCCESSFUL = (_STATUS.COMMAND_OK, _STATUS.TUPLES_OK)
_Forgotten = psycopg.errors.InvalidSqlStatementName
"""The session has lost a prepared statement: psycopg deallocates all of them after a rollback."""
_Outdated = psycopg.errors.FeatureNotSupported
"""A migration has changed the columns of a prepared statement."""


class Statement:
    """SQL with named parameters (``:name``), whose types the server infers."""

    __slots__ = ("_names", "name", "source", "sql")

    def __init__(self, sql: str) -> None:
        places: dict[str, int] = {}

        def place(match: re.Match[str]) -> str:
            return f"${places.setdefault(match[1], len(places) + 1)}"

        self.source = sql
        self.sql = _PARAMETER.sub(place, sql).encode()
        self.name = b"quizrun_%d_%%d" % next(_NUMBERS)
        self._names = tuple(places)

    def parameters(self, values: Values) -> list[bytes | None]:
        """Encode the values as PostgreSQL's text format, in the order of the parameters."""
        return [_encode(values[name]) for name in self._names]


Command = tuple[Statement, Values]
_Encoded = tuple[Statement, list[bytes | None]]
_BEGIN: Command = (Statement("BEGIN"), {})
_COMMIT: Command = (Statement("COMMIT"), {})
_ROLLBACK: Command = (Statement("ROLLBACK"), {})
_OPEN = (pq.TransactionStatus.INTRANS, pq.TransactionStatus.INERROR)


class Result(NamedTuple):
    """`rows` have values like those of SQLAlchemy's rows; `affected` rows were read or written."""

    rows: list[tuple[Any, ...]]
    affected: int


async def run(
    engine: AsyncEngine,
    statement: Statement,
    values: Values | None = None,
    *,
    timeout_s: float | None = OPERATION_TIMEOUT_S,
) -> Result:
    """Run a statement in its own transaction. Without `timeout_s`, the caller limits the time."""
    (result,) = await run_together(engine, [(statement, values or {})], timeout_s=timeout_s)
    return result


async def run_together(
    engine: AsyncEngine,
    commands: Sequence[Command],
    *,
    timeout_s: float | None = OPERATION_TIMEOUT_S,
) -> list[Result]:
    """Run statements in one transaction and one round trip: all are committed, or none."""

    async def body(pool: Pool, connection: Connection) -> list[Result]:
        return await _exchange(pool, connection, commands)

    return await _on_a_connection(engine, body, timeout_s)


class Transaction:
    """A transaction of several round trips; see `in_transaction`."""

    def __init__(self, pool: Pool, connection: Connection) -> None:
        self._pool = pool
        self._connection = connection
        self._begun = self._committed = False

    async def run(self, statement: Statement, values: Values | None = None) -> Result:
        """Run a statement."""
        (result,) = await self.run_together([(statement, values or {})])
        return result

    async def run_together(
        self, commands: Sequence[Command], *, commit: bool = False
    ) -> list[Result]:
        """Run statements in one round trip. `commit` makes them the last ones."""
        assert not self._committed
        before = [] if self._begun else [_BEGIN]
        after = [_COMMIT] if commit else []
        self._begun, self._committed = True, commit
        results = await _exchange(self._pool, self._connection, [*before, *commands, *after])
        return results[len(before) : len(before) + len(commands)]

    async def end(self) -> None:
        """Commit, unless that has been done."""
        if self._begun and not self._committed:
            await self.run_together([], commit=True)


async def in_transaction(
    engine: AsyncEngine,
    body: Callable[[Transaction], Awaitable[T]],
    *,
    timeout_s: float = OPERATION_TIMEOUT_S,
) -> T:
    """Call `body` with a transaction, which is committed at its end, or rolled back if it raises.

    `body` may be called a second time, after a rollback.
    """

    async def whole(pool: Pool, connection: Connection) -> T:
        transaction = Transaction(pool, connection)
        try:
            result = await body(transaction)
            await transaction.end()
        except Exception as error:
            if isinstance(error, _Forgotten):
                connection.forget_prepared()
            if not connection.closed and connection.pgconn.transaction_status in _OPEN:
                with suppress(psycopg.Error):  # then the connection is replaced
                    await _exchange(pool, connection, [_ROLLBACK])
            raise
        return result

    return await _on_a_connection(engine, whole, timeout_s)


def begin(
    engine: AsyncEngine,
    statement: Statement,
    values: Values,
    done: Callable[[Result | None], None],
    *,
    timeout_s: float,
) -> Callable[[], None] | None:
    """Send a statement at once, without a task. `done` gets its result, or None after an error: it
    may or may not have been committed.

    Returns a function that looks for the result now rather than in the next turn of the event loop.
    Returns None if nothing was sent, because no connection is idle or a value cannot be sent.
    """
    pool = engine.pool
    assert isinstance(pool, Pool)
    try:
        command = statement, statement.parameters(values)
    except psycopg.DataError:
        return None
    entry = pool.take_idle()
    if entry is None:
        return None
    return _Begun(pool, entry, done).send(command, timeout_s)


class _Begun:
    """A statement that nobody awaits."""

    def __init__(
        self, pool: Pool, entry: ConnectionPoolEntry, done: Callable[[Result | None], None]
    ) -> None:
        self._pool = pool
        self._entry = entry
        self._connection = connection_of(entry)
        self._done = done
        self._began = time.perf_counter()
        self._exchange = _Exchange(self._connection, self._finish)

    def send(self, command: _Encoded, timeout_s: float) -> Callable[[], None]:
        loop = asyncio.get_running_loop()
        self._timeout = loop.call_later(timeout_s, self._exchange.fail, TimeoutError())
        self._exchange.send([command])
        return self._exchange.poll

    def _finish(self, found: list[pq.abc.PGresult] | BaseException) -> None:
        self._timeout.cancel()
        if isinstance(found, BaseException):
            if self._pool.on_error is not None:
                self._pool.on_error(found)
            self._pool.in_background(_release(self._pool, self._entry, found))
            self._done(None)
            return
        result = _read(self._connection, found[0])
        if self._pool.on_statement is not None:
            self._pool.on_statement(time.perf_counter() - self._began)
        self._pool.put_back(self._entry)
        self._done(result)


async def _on_a_connection(
    engine: AsyncEngine, body: Callable[[Pool, Connection], Awaitable[T]], timeout_s: float | None
) -> T:
    pool = engine.pool
    assert isinstance(pool, Pool)
    try:
        async with asyncio.timeout(timeout_s):
            try:
                return await _run(pool, body)
            except (_Forgotten, _Outdated):  # nothing was done
                return await _run(pool, body)
    except Exception as error:
        if pool.on_error is not None and isinstance(error, psycopg.Error):
            pool.on_error(error)
        if (ours := as_ours(error)) is not None:
            raise ours from error
        raise


async def _run(pool: Pool, body: Callable[[Pool, Connection], Awaitable[T]]) -> T:
    entry = pool.take_idle() or await pool.take()
    try:
        result = await body(pool, connection_of(entry))
    except BaseException as error:
        await _release(pool, entry, error)
        raise
    pool.put_back(entry)
    return result


async def _release(pool: Pool, entry: ConnectionPoolEntry, error: BaseException) -> None:
    """Return a connection after an error, replaced if need be."""
    connection = connection_of(entry)
    try:
        if isinstance(error, _Forgotten):
            connection.forget_prepared()
        if _is_unusable(connection, error):
            read_only = isinstance(error, psycopg.errors.ReadOnlySqlTransaction)
            lost = isinstance(error, psycopg.Error) and connection.closed
            await pool.discard(entry, error, others=read_only or lost)
    finally:
        pool.put_back(entry)


def _is_unusable(connection: Connection, error: BaseException) -> bool:
    """Whether the connection must be replaced; as with SQLAlchemy, also after a failover."""
    if not isinstance(error, Exception) or connection.closed:
        return True
    if isinstance(error, psycopg.errors.ReadOnlySqlTransaction | _Outdated):
        return True
    pgconn = connection.pgconn
    busy = pgconn.pipeline_status != pq.PipelineStatus.OFF
    return busy or pgconn.transaction_status != pq.TransactionStatus.IDLE


async def _exchange(
    pool: Pool, connection: Connection, commands: Sequence[Command]
) -> list[Result]:
    began = time.perf_counter()
    encoded = [(statement, statement.parameters(values)) for statement, values in commands]
    waiting: asyncio.Future[list[pq.abc.PGresult]] = asyncio.get_running_loop().create_future()

    def done(found: list[pq.abc.PGresult] | BaseException) -> None:
        if waiting.done():
            return
        if isinstance(found, BaseException):
            waiting.set_exception(found)
        else:
            waiting.set_result(found)

    exchange = _Exchange(connection, done)
    try:
        exchange.send(encoded)
        results = [_read(connection, result) for result in await waiting]
    finally:
        exchange.stop()
    if pool.on_statement is not None:
        pool.on_statement(time.perf_counter() - began)
    return results


class _Exchange:
    """A round trip. What it sends is one transaction, which the final synchronisation commits,
    unless the statements have begun a longer one.

    `done` gets the results, or the error, once.
    """

    __slots__ = (
        "_connection",
        "_done",
        "_error",
        "_expected",
        "_fd",
        "_loop",
        "_results",
        "_writing",
    )

    def __init__(
        self,
        connection: Connection,
        done: Callable[[list[pq.abc.PGresult] | BaseException], None],
    ) -> None:
        self._connection = connection
        self._done = done
        self._fd = connection.pgconn.socket
        self._loop = asyncio.get_running_loop()
        self._expected: list[Statement | None] = []
        """The statements whose preparation the next results confirm; None for executions."""
        self._results: list[pq.abc.PGresult] = []
        self._error: psycopg.Error | None = None
        self._writing = False

    def send(self, commands: Iterable[_Encoded]) -> None:
        """Send the statements; call this once."""
        try:
            self._send(commands)
        except psycopg.Error as error:
            self.fail(error)

    def poll(self) -> None:
        """Look for results."""
        if self._fd >= 0:
            self._on_readable()

    def fail(self, error: BaseException) -> None:
        """Report an error. If the server has said anything before, that says more."""
        if self._fd >= 0:
            self.stop()
            self._report(self._error or error)

    def stop(self) -> None:
        """Leave the connection's socket to others."""
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            if self._writing:
                self._loop.remove_writer(self._fd)
            self._fd = -1

    def _send(self, commands: Iterable[_Encoded]) -> None:
        pgconn, prepared = self._connection.pgconn, self._connection.prepared
        pooled = self._connection.prepare_threshold is None
        pgconn.enter_pipeline_mode()
        for statement, parameters in commands:
            if pooled:
                pgconn.send_query_params(statement.sql, parameters)
            else:
                name = statement.name % self._connection.forgotten
                if statement.name not in prepared and statement not in self._expected:
                    pgconn.send_prepare(name, statement.sql)
                    self._expected.append(statement)
                pgconn.send_query_prepared(name, parameters)
            self._expected.append(None)
        pgconn.pipeline_sync()
        self._expected.reverse()
        self._loop.add_reader(self._fd, self._on_readable)
        self._flush()

    def _flush(self) -> None:
        more = bool(self._connection.pgconn.flush())
        if more and not self._writing:
            self._loop.add_writer(self._fd, self._on_writable)
        elif self._writing and not more:
            self._loop.remove_writer(self._fd)
        self._writing = more

    def _on_writable(self) -> None:
        try:
            self._flush()
        except psycopg.Error as error:
            self.fail(error)

    def _on_readable(self) -> None:
        pgconn = self._connection.pgconn
        try:
            pgconn.consume_input()
            if self._writing:
                self._flush()
            while not pgconn.is_busy():
                result = pgconn.get_result()
                if result is not None and self._take(result):
                    self.stop()
                    pgconn.exit_pipeline_mode()
                    self._report(self._error or self._results)
                    return
                if result is None and pgconn.status != pq.ConnStatus.OK:
                    raise psycopg.OperationalError("the connection was lost")
        except psycopg.Error as error:
            self.fail(error)

    def _report(self, found: list[pq.abc.PGresult] | BaseException) -> None:
        # Breaks a reference cycle with whoever waited: otherwise the answers of each batch would
        # stay in memory until the garbage collector stops the process to find them.
        done, self._done = self._done, lambda _: None
        done(found)

    def _take(self, result: pq.abc.PGresult) -> bool:
        """Take in a result; return whether it was the last one."""
        status = result.status
        if status == _STATUS.PIPELINE_SYNC:
            return True
        if status == _STATUS.FATAL_ERROR and self._error is None:
            self._error = error_from_result(result)
        elif status in _SUCCESSFUL:
            statement = self._expected.pop()
            if statement is None:
                self._results.append(result)
            else:
                self._connection.prepared.add(statement.name)
        return False


def _read(connection: Connection, result: pq.abc.PGresult) -> Result:
    affected = result.command_tuples or 0
    if not result.ntuples:
        return Result([], affected)
    transformer = Transformer(connection)
    transformer.set_pgresult(result)
    return Result(transformer.load_rows(0, result.ntuples, tuple), affected)


def _encode(value: Any) -> bytes | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        return b"\\x" + value.hex().encode()
    text = _array(value) if isinstance(value, list | tuple) else _text(value)
    if "\0" in text:
        raise psycopg.DataError("text cannot contain NUL")
    return text.encode()


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, int | float):
        return str(value)
    raise TypeError(f"a {type(value).__name__} cannot be a parameter")


def _array(elements: Sequence[Any]) -> str:
    return array(map(_element, elements))


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return quoted(value)
    return _text(value)
