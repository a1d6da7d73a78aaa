"""Bring a database to the current schema: ``python -m db.migrate``.

``python -m db.migrate new "what changes"`` drafts a migration from the difference to `db.tables`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, NullPool, create_engine, text

from db.engine import CONNECT_TIMEOUT_S, database_url
from telemetry.environment import load_or_exit
from telemetry.settings import DatabaseSettings

LOCK = 0x71756972756E  # "quizrun"
"""The advisory lock that lets one process migrate while the others wait."""


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration, without a file, working on `connection`."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def migrate(url: str) -> None:
    """Upgrade the database at `url` to the latest schema; all or nothing, safe to run at once.

    Blocks: from a coroutine call it with `asyncio.to_thread`.
    """
    _run(url, lambda config: command.upgrade(config, "head"))


def draft(url: str, message: str) -> None:
    """Write a new migration file from what `db.tables` has and the database lacks."""
    _run(url, lambda config: command.revision(config, message, autogenerate=True))


def _run(url: str, action: Callable[[Config], object]) -> None:
    engine = create_engine(
        database_url(url),
        poolclass=NullPool,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "migrate"},
    )
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        action(alembic_config(connection))


def main() -> None:
    """The command line."""
    url = load_or_exit(DatabaseSettings).database_url
    match sys.argv[1:]:
        case []:
            migrate(url)
        case ["new", message]:
            draft(url, message)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
