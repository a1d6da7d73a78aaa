"""All or nothing: a rejected restore leaves the database unchanged."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable

import psycopg
import pytest
from alembic import command
from sqlalchemy import URL

from db import migrate as migrating
from db.engine import database_url
from db.migrate import migrate
from deploy.errors import StackError
from deploy.operations.archive import ArchiveWriter, Header
from deploy.operations.backup import back_up, connect
from deploy.operations.recovery import Takeover
from deploy.operations.restore import Restored, restore
from quiz.run import IdleTimeouts
from tests.db.test_migrations import on_new_database
from tests.system.system import System

pytestmark = pytest.mark.timeout(300)  # stacks start slowly on a busy machine

ACCOUNT = "INSERT INTO accounts VALUES (gen_random_uuid(), %s, 'Ada', 'hash', 0)"


def archive_of(url: URL) -> bytes:
    stream = io.BytesIO()
    back_up(url, stream)
    return stream.getvalue()


def restored(
    url: URL, archive: bytes, start: Callable[[list[Takeover]], None] = lambda _: None
) -> Restored:
    return restore(url, io.BytesIO(archive), start, IdleTimeouts())


def emails(url: URL) -> list[str]:
    with connect(url, "test") as connection:
        return [email for (email,) in connection.execute("SELECT email FROM accounts ORDER BY 1")]


def revision(url: URL) -> str:
    with connect(url, "test") as connection:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        assert row is not None
        return str(row[0])


def new_database(system: System) -> URL:
    return database_url(on_new_database(system.servers))


def test_a_backup_of_an_older_schema_is_migrated(system: System) -> None:
    old, new, migrated = (new_database(system) for _ in range(3))
    migrating._run(old, lambda config: command.upgrade(config, "0003"))
    # Tabs, newlines, backslashes and COPY's end marker.
    strange = "a\tb\nc\\d\n\\.\n\\N@example.org"
    with connect(old, "test") as connection:
        connection.execute(ACCOUNT, [strange])
    archive = archive_of(old)
    assert restored(new, archive).rows == {"accounts": 1}
    migrate(migrated)
    restored(migrated, archive)  # the schema is newer and empty
    assert emails(new) == emails(migrated) == [strange]
    assert revision(new) == revision(migrated) > "0003"


def test_a_failed_restore_leaves_nothing_behind(system: System) -> None:
    source, target, empty = (new_database(system) for _ in range(3))
    with pytest.raises(StackError, match="nothing to back up"):
        archive_of(empty)
    for url in (source, target):
        migrate(url)
    with connect(source, "test") as connection:
        connection.execute(ACCOUNT, ["ada@example.org"])
    archive = archive_of(source)

    def fail(_: list[Takeover]) -> None:
        raise StackError("Temporal is unavailable.")

    with pytest.raises(StackError, match="Temporal is unavailable"):
        restored(target, archive, fail)
    with pytest.raises(StackError, match="checksums are missing"):
        restored(target, archive[: archive.index(b"checksums.json")] + bytes(1024))
    assert emails(target) == []
    restored(target, archive)
    with pytest.raises(StackError, match="`accounts` has rows"):
        restored(target, archive)
    assert emails(target) == ["ada@example.org"]


def test_an_archive_of_a_newer_release_is_rejected(system: System) -> None:
    stream = io.BytesIO()
    ArchiveWriter(stream, Header(revision="9999", taken_at=0, tables={})).finish()
    with pytest.raises(StackError, match="restore it with the release that made it"):
        restored(new_database(system), stream.getvalue())


async def test_a_backup_blocks_only_migrations(system: System) -> None:
    url = new_database(system)
    migrate(url)

    class Slow(io.BytesIO):
        """A slow disk, during whose writes an account is registered."""

        registered = False

        def write(self, data: object) -> int:
            if not self.registered:
                self.registered = True
                with psycopg.connect(
                    url.set(drivername="postgresql").render_as_string(hide_password=False)
                ) as other:
                    other.execute(ACCOUNT, ["late@example.org"])
            return super().write(data)  # type: ignore[arg-type]

    stream = Slow()
    await asyncio.to_thread(back_up, url, stream)
    assert stream.registered
    assert emails(url) == ["late@example.org"]
    target = new_database(system)
    restored(target, stream.getvalue())
    assert emails(target) == []  # it was registered after the snapshot
