"""Rotation of the database password while a process runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import engine_of, statements
from deploy.local.stack import Servers
from telemetry.environment import load_settings
from telemetry.settings import DatabaseSettings

ROLE = "with_changing_password"


async def test_new_connections_use_the_current_password_of_the_file(
    servers: Servers, engine: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def change_password(password: str) -> None:
        async with statements(engine) as connection:
            await connection.execute(text(f"ALTER ROLE {ROLE} PASSWORD '{password}'"))
        file.write_text(password + "\n")

    file = tmp_path / "password"
    async with statements(engine) as connection:
        await connection.execute(text(f"CREATE ROLE {ROLE} LOGIN"))
    await change_password("the first")
    url = make_url(servers.database_url).set(username=ROLE, password=None)
    monkeypatch.setenv("QUIZRUN_DATABASE_URL", str(url))
    monkeypatch.setenv("QUIZRUN_DATABASE_PASSWORD_FILE", str(file))
    changing = engine_of(load_settings(DatabaseSettings), name="password")
    try:
        for password in ("the second", "the third"):
            await change_password(password)
            await changing.dispose()
            async with statements(changing) as connection:
                assert (await connection.execute(text("SELECT current_user"))).scalar() == ROLE
    finally:
        await changing.dispose()
        async with statements(engine) as connection:
            await connection.execute(text(f"DROP ROLE {ROLE}"))
