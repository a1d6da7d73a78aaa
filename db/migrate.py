"""Upgrade a database to the current schema: ``python -m db.migrate``.

``python -m db.migrate new "description"`` drafts a migration from the difference to `db.tables`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, NullPool, create_engine, text

from db.engine import CONNECT_TIMEOUT_S, POOLED, database_url, database_url_of
from telemetry.environment import load_settings, misconfiguration_ends_process
from telemetry.settings import DatabaseSettings

LOCK = 0x71756972756E  # "quizrun"
"""The advisory lock that serialises migrations."""


def alembic_config(connection: Connection) -> Config:
    """Build Alembic's configuration for `connection`."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def migrate(url: str | URL) -> None:
    """Upgrade the database at `url` to the latest schema, atomically; safe to run concurrently.

    This function blocks: from a coroutine, call it with `asyncio.to_thread`.
    """
    _run(url, lambda config: command.upgrade(config, "head"))


def migrate_to_newest(settings: DatabaseSettings) -> None:
    """Call `migrate` for the database of the settings."""
    migrate(database_url_of(settings))


def draft(url: str | URL, message: str) -> None:
    """Write a migration file with the differences between `db.tables` and the database."""
    _run(url, lambda config: command.revision(config, message, autogenerate=True))


def _run(url: str | URL, action: Callable[[Config], object]) -> None:
    engine = create_engine(
        database_url(url) if isinstance(url, str) else url,
        poolclass=NullPool,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT_S,
            "application_name": "migrate",
            **POOLED,
        },
    )
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        action(alembic_config(connection))


def main() -> None:
    """Run the command line."""
    with misconfiguration_ends_process():
        settings = load_settings(DatabaseSettings)
    match sys.argv[1:]:
        case []:
            migrate_to_newest(settings)
        case ["new", message]:
            draft(database_url_of(settings), message)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
