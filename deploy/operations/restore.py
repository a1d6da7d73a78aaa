"""``quizrun restore``: load a backup into an empty database, with a workflow for each live run.

All or nothing: rows are committed after the whole archive was read, its checksums verified, and the
workflows started. Workflows start paused and have no effects until resumed, so they can come first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO

import psycopg
from alembic import command
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from psycopg import sql
from sqlalchemy import URL, create_engine, text
from sqlalchemy.pool import NullPool

from db.engine import POOLED
from db.migrate import LOCK, alembic_config, migrate
from db.tables import Base
from deploy.errors import StackError
from deploy.operations.archive import ArchiveReader, Header
from deploy.operations.backup import REVISION_TABLE, connect, table_names
from deploy.operations.recovery import StoredRun, Takeover, take_over
from quiz.content import Quiz
from quiz.run import IdleTimeouts
from quiz.snapshot import RunSnapshot

_LIVE = """
    SELECT r.id::text, r.title, r.pin, r.quiz_id::text, r.host_id::text, r.players, r.snapshot,
           v.content
    FROM runs r JOIN quiz_versions v ON v.quiz_id = r.quiz_id AND v.version = r.quiz_version
    WHERE r.finished_at IS NULL ORDER BY r.created_at
"""


@dataclass(slots=True)
class Restored:
    """The result. `live` are the runs that were live, `taken_at` is in epoch ms."""

    taken_at: int
    rows: dict[str, int] = field(default_factory=dict)
    live: list[Takeover] = field(default_factory=list)


def restore(
    url: URL,
    stream: IO[bytes],
    start: Callable[[list[Takeover]], None],
    idle: IdleTimeouts,
    report: Callable[[str], None] = lambda _: None,
) -> Restored:
    """Load the backup in `stream` into the database at `url`, which must have no rows of ours.

    `start` starts the workflows of live runs; an exception rolls everything back.

    The schema is created at the backup's revision and migrated afterwards. Raises `StackError` if
    the database is not empty, or the backup is damaged, incomplete, or of a newer release; the
    database then remains empty. Blocks.
    """
    reader = ArchiveReader(stream)
    _prepare_schema(url, reader.header)
    restored = Restored(taken_at=reader.header.taken_at)
    with connect(url, "restore") as connection, connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        _require_empty(connection)
        _load(connection, reader, report)
        restored.rows = dict(reader.rows)
        restored.live = [take_over(run, restored.taken_at, idle) for run in _live(connection)]
        for takeover in restored.live:
            _store(connection, takeover.snapshot)
        start(restored.live)
    with connect(url, "restore") as connection:
        connection.execute("ANALYZE")
    migrate(url)
    return restored


def _prepare_schema(url: URL, header: Header) -> None:
    engine = create_engine(url, poolclass=NullPool, connect_args=POOLED)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        config = alembic_config(connection)
        try:
            ScriptDirectory.from_config(config).get_revision(header.revision)
        except CommandError as error:
            raise StackError(
                f"The backup's schema is {header.revision}, which this release does not have: "
                "restore it with the release that made it, or a newer one."
            ) from error
        current = None
        if connection.scalar(text(f"SELECT to_regclass('{REVISION_TABLE}')")):
            current = connection.scalar(text("SELECT version_num FROM alembic_version"))
        for table in table_names() if current else []:
            exists = connection.scalar(text("SELECT to_regclass(:name)"), {"name": table})
            if exists and connection.scalar(text(f"SELECT EXISTS (SELECT FROM {table})")):  # noqa: S608
                raise _not_empty(table)
        try:
            if current and current > header.revision:
                command.downgrade(config, header.revision)
            elif current != header.revision:
                command.upgrade(config, header.revision)
        except CommandError as error:
            raise StackError(
                f"The database's schema cannot be migrated to that of the backup: {error}."
            ) from error


def _require_empty(connection: psycopg.Connection) -> None:
    for table in table_names():
        statement = sql.SQL("SELECT to_regclass({}) IS NOT NULL").format(sql.Literal(table))
        exists = connection.execute(statement).fetchone()
        if exists is None or not exists[0]:
            continue
        # Nobody may write between this check and the load.
        connection.execute(
            sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(sql.Identifier(table))
        )
        statement = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(table))
        found = connection.execute(statement).fetchone()
        if found is not None and found[0]:
            raise _not_empty(table)


def _not_empty(table: str) -> StackError:
    return StackError(
        f"The database is not empty: `{table}` has rows. A backup is restored into an empty one."
    )


def _live(connection: psycopg.Connection) -> list[StoredRun]:
    rows = connection.execute(_LIVE)
    return [
        StoredRun(
            run_id=run_id,
            title=title,
            pin=pin,
            quiz_id=quiz_id,
            host_id=host_id,
            players=players,
            snapshot=RunSnapshot.model_validate(snapshot),
            quiz=Quiz.model_validate(content),
        )
        for run_id, title, pin, quiz_id, host_id, players, snapshot, content in rows
    ]


def _store(connection: psycopg.Connection, snapshot: RunSnapshot) -> None:
    connection.execute(
        "UPDATE runs SET version = %s, snapshot = %s WHERE id = %s",
        [snapshot.state.version, snapshot.model_dump_json(), snapshot.state.run_id],
    )


def _load(
    connection: psycopg.Connection, reader: ArchiveReader, report: Callable[[str], None]
) -> None:
    """COPY each chunk, which contains complete rows."""
    current_table = None
    with connection.cursor() as cursor:
        for table, rows in reader.chunks():
            if table != current_table:
                report(current_table := table)
            columns = sql.SQL(", ").join(map(sql.Identifier, reader.header.tables[table]))
            statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), columns)
            try:
                with cursor.copy(statement) as copy:
                    copy.write(rows)
            except psycopg.DataError as error:
                reason = error.diag.message_primary
                raise StackError(f"The backup is damaged: {table}: {reason}.") from error
    _advance_sequences(connection, set(reader.header.tables))


def _advance_sequences(connection: psycopg.Connection, loaded: set[str]) -> None:
    """Advance the sequences of identity columns, which COPY leaves at 1."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns if table.name in loaded else ():
            if column.identity is not None:
                names = {"table": sql.Identifier(table.name), "column": sql.Identifier(column.name)}
                statement = sql.SQL(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), max({column}))"
                    " FROM {table} HAVING max({column}) IS NOT NULL"
                ).format(**names)
                connection.execute(statement, [table.name, column.name])
