from __future__ import annotations

import asyncio

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, NullPool, create_engine, text

from db.engine import database_url
from db.ids import new_id
from db.migrate import migrate
from db.tables import Base
from deploy.local.stack import Servers


def on_new_database(servers: Servers) -> str:
    name = f"test_{new_id().replace('-', '')}"
    server = create_engine(
        database_url(servers.database_url), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    return str(database_url(servers.database_url).set(database=name).render_as_string(False))


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    return list(compare_metadata(context, Base.metadata))


async def test_migrations_make_the_tables_that_the_models_describe(servers: Servers) -> None:
    url = on_new_database(servers)
    await asyncio.to_thread(migrate, url)
    engine = create_engine(database_url(url), poolclass=NullPool)
    with engine.connect() as connection:
        assert differences(connection) == []
        connection.execute(text("ALTER TABLE answers DROP COLUMN bonus"))
        assert differences(connection) != []  # the comparison does see differences


async def test_processes_that_start_concurrently_migrate_once(servers: Servers) -> None:
    url = on_new_database(servers)
    await asyncio.gather(*(asyncio.to_thread(migrate, url) for _ in range(4)))
    await asyncio.to_thread(migrate, url)
