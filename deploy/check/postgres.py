"""Check PostgreSQL: version, TLS, connection limits and schema."""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import exc, text
from sqlalchemy.ext.asyncio import AsyncConnection

import db
from db.engine import database_url_of, engine_of
from deploy.check.finding import Finding, reason, run_probe, yes_no
from telemetry.settings import DatabaseSettings

MINIMUM = 14


async def check_postgres(settings: DatabaseSettings) -> Finding:
    """Check the server at `QUIZRUN_DATABASE_URL`."""
    url = database_url_of(settings)
    address = f"{url.host or 'a local socket'}:{url.port or 5432}/{url.database}"

    async def probe(finding: Finding) -> None:
        engine = engine_of(settings, name="quizrun check")
        try:
            # Not `statements`, whose errors are meant for players.
            async with engine.connect() as connection:
                await _examine(connection, settings, finding)
        except exc.DBAPIError as error:
            finding.faults.append(_sentence(error, finding))
        finally:
            await engine.dispose()

    return await run_probe(Finding("PostgreSQL", address), probe)


def expected_revision() -> str:
    """Return the newest migration of this release."""
    config = Config()
    config.set_main_option("script_location", str(Path(str(db.__file__)).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config).get_current_head() or ""


async def _examine(
    connection: AsyncConnection, settings: DatabaseSettings, finding: Finding
) -> None:
    async def one(sql: str) -> str:
        return str((await connection.execute(text(sql))).scalar())

    raw = (await connection.get_raw_connection()).driver_connection
    assert raw is not None
    version = await one("SHOW server_version")
    finding.facts["version"] = version
    finding.facts["TLS"] = yes_no(value=bool(raw.pgconn.ssl_in_use))
    finding.facts["pooler"] = settings.database_pooler
    room = await one("SHOW max_connections")
    finding.facts["connections"] = f"{settings.database_pool_size} per process, {room} in total"
    if int(version.split(".")[0].split()[0]) < MINIMUM:
        finding.faults.append(f"PostgreSQL {version} is too old: Quizrun needs {MINIMUM} or newer.")
    if await one("SELECT pg_is_in_recovery()") == "True":
        finding.faults.append(f"{finding.address} is a read-only standby.")
    expected, table = expected_revision(), await one("SELECT to_regclass('alembic_version')")
    found = "none" if table == "None" else await one("SELECT version_num FROM alembic_version")
    finding.facts["schema"] = found if found == expected else f"{found}, expected {expected}"
    if found != expected:
        finding.faults.append(
            f"The schema is at revision {found}, but this release expects {expected}: "
            "run `quizrun migrate`."
        )


def _sentence(error: exc.DBAPIError, finding: Finding) -> str:
    why = reason(error.orig or error)
    if "unsupported startup parameter" in why:
        return (
            f"{finding.address} is a PgBouncer without session settings: "
            "set QUIZRUN_DATABASE_POOLER=transaction."
        )
    return f"PostgreSQL at {finding.address} cannot be used: {why}."
