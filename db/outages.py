"""The classification of database errors into transient and permanent ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisClusterException
from redis.exceptions import TimeoutError as RedisTimeoutError
from sqlalchemy import exc

from quiz.errors import ErrorCode, QuizrunError

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_TRANSIENT_CLASSES = frozenset({"08", "40", "53", "57"})
"""Connection lost; deadlock; too many connections or disk full; shutdown or statement timeout."""
_TRANSIENT_STATES = frozenset({"55P03", "25P03", "25006"})
"""Lock not available; idle in transaction for too long; read-only, a replica being promoted."""
_UNSTORABLE_CLASS = "22"


def is_transient(error: BaseException) -> bool:
    """Return whether the same operation may succeed if it is retried."""
    if isinstance(error, QuizrunError):
        return error.code is ErrorCode.UNAVAILABLE
    if isinstance(error, exc.DBAPIError):
        return error.connection_invalidated or (error.orig is not None and is_transient(error.orig))
    if isinstance(error, psycopg.Error):
        if error.sqlstate is None:
            return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
        return error.sqlstate[:2] in _TRANSIENT_CLASSES or error.sqlstate in _TRANSIENT_STATES
    return isinstance(
        error,
        exc.TimeoutError
        | RedisConnectionError
        | RedisTimeoutError
        | RedisClusterException
        | OSError,
    )  # TimeoutError is an OSError


def is_unstorable(error: BaseException) -> bool:
    """Return whether PostgreSQL rejected a value: text with NUL, a number out of range."""
    original = error.orig if isinstance(error, exc.DBAPIError) else error
    if not isinstance(original, psycopg.DataError):
        return False
    return original.sqlstate is None or original.sqlstate[:2] == _UNSTORABLE_CLASS


def unavailable() -> QuizrunError:
    """Return the error that tells clients to try again."""
    return QuizrunError(
        ErrorCode.UNAVAILABLE, "The service cannot do this right now. Please try again."
    )


@contextmanager
def as_unavailable() -> Iterator[None]:
    """Turn transient errors into `unavailable`, and unstorable values into `payload_invalid`.

    Other exceptions are bugs and propagate unchanged.
    """
    try:
        yield
    except Exception as error:
        if (ours := as_ours(error)) is not None:
            raise ours from error
        raise


def as_ours(error: Exception) -> QuizrunError | None:
    """Return the error that stands for one of a database; None for bugs and errors of ours."""
    if isinstance(error, QuizrunError):
        return None
    if is_transient(error):
        return unavailable()
    if is_unstorable(error):
        message = "The request contains a value that cannot be stored."
        return QuizrunError(ErrorCode.PAYLOAD_INVALID, message)
    return None
