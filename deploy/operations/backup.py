"""``quizrun backup``: write a consistent copy of everything in PostgreSQL to a stream."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO

import psycopg
from psycopg import sql
from sqlalchemy import URL

from db.engine import CONNECT_TIMEOUT_S
from db.migrate import LOCK
from db.tables import Base
from deploy.errors import StackError
from deploy.operations.archive import CHUNK_BYTES, ArchiveWriter, Checksums, Header

REVISION_TABLE = "alembic_version"
LOCK_TIMEOUT_S = 10


def back_up(
    url: URL, stream: IO[bytes], report: Callable[[str], None] = lambda _: None
) -> Checksums:
    """Write a backup of the database at `url` to `stream`; return the rows of each table.

    All tables are read in one snapshot: an answer is included exactly if it could have been
    acknowledged before. Uses some megabytes of memory, whatever the size of the database.
    Migrations wait; everything else continues. Raises `StackError` if there is nothing to back up,
    and psycopg's errors. Blocks.
    """
    with connect(url, "backup") as connection, connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        connection.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_S}s'")
        connection.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])
        header = _header(connection)
        writer = ArchiveWriter(stream, header)
        for table, columns in header.tables.items():
            report(table)
            _copy(connection, table, columns, writer)
        return writer.finish()


def connect(url: URL, purpose: str) -> psycopg.Connection:
    """Connect for a long operation, without the services' statement timeout."""
    return psycopg.connect(
        url.set(drivername="postgresql").render_as_string(hide_password=False),
        connect_timeout=CONNECT_TIMEOUT_S,
        application_name=purpose,
        autocommit=True,
        prepare_threshold=None,  # in case of a pooler
    )


def table_names() -> list[str]:
    """Return our tables in dependency order."""
    return [table.name for table in Base.metadata.sorted_tables]


def _header(connection: psycopg.Connection) -> Header:
    row = connection.execute(
        "SELECT to_regclass(%s) IS NOT NULL, "
        "(extract(epoch FROM clock_timestamp()) * 1000)::bigint",
        [REVISION_TABLE],
    ).fetchone()
    assert row is not None
    migrated, taken_at = row
    version = connection.execute("SELECT version_num FROM alembic_version") if migrated else None
    revision = version.fetchone() if version else None
    if revision is None:
        raise StackError("There is nothing to back up: the database has no Quizrun schema.")
    tables = {}
    for table in table_names():
        found = connection.execute(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND table_name = %s ORDER BY ordinal_position",
            [table],
        )
        if columns := [name for (name,) in found]:
            tables[table] = columns
    return Header(revision=revision[0], taken_at=taken_at, tables=tables)


def _copy(
    connection: psycopg.Connection, table: str, columns: list[str], writer: ArchiveWriter
) -> None:
    statement = sql.SQL("COPY {} ({}) TO STDOUT").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    gathered, number = bytearray(), 0
    with connection.cursor() as cursor, cursor.copy(statement) as rows:
        for row in rows:
            gathered += row
            if len(gathered) >= CHUNK_BYTES:
                whole = gathered.rfind(b"\n") + 1
                writer.chunk(table, number, bytes(gathered[:whole]))
                del gathered[:whole]
                number += 1
    if gathered:
        writer.chunk(table, number, bytes(gathered))
