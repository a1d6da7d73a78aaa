"""The demo account never keeps a password that others may know."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from db.engine import make_engine
from deploy.local.demo_account import (
    EMAIL,
    PUBLISHED_PASSWORD,
    DemoAccount,
    demo_account,
    password_file,
    secure_account,
)
from deploy.local.seed import seed
from tests.gateway.http.conftest import Api

PUBLISHED = DemoAccount(PUBLISHED_PASSWORD)


@pytest.fixture(autouse=True)
async def no_account_yet(database_url: str) -> None:
    engine = make_engine(database_url, name="tests")
    rename = "UPDATE accounts SET email = gen_random_uuid() || '@quiz.example' WHERE email = :email"
    async with engine.begin() as connection:
        await connection.execute(text(rename), {"email": EMAIL})
    await engine.dispose()


async def login(anyone: httpx.AsyncClient, account: DemoAccount) -> httpx.Response:
    credentials = {"email": account.email, "password": account.password}
    return await anyone.post("/auth/login", json=credentials)


def test_each_stack_has_a_random_password_in_a_private_file(tmp_path: Path) -> None:
    password_file(tmp_path).touch(0o644)
    account = demo_account(tmp_path)
    assert demo_account(tmp_path) == account
    assert demo_account(tmp_path / "another").password != account.password
    assert len(account.password) == 24
    assert stat.S_IMODE(password_file(tmp_path).stat().st_mode) == 0o600


async def test_without_a_demo_account_no_password_is_made(
    database_url: str, tmp_path: Path
) -> None:
    await secure_account(tmp_path, database_url, embedded=True)
    assert not password_file(tmp_path).exists()


@pytest.mark.parametrize("embedded", [True, False])
async def test_the_published_password_of_an_earlier_release_is_replaced(
    api: Api, anyone: httpx.AsyncClient, database_url: str, tmp_path: Path, *, embedded: bool
) -> None:
    await asyncio.to_thread(seed, api.url, PUBLISHED)
    session = (await login(anyone, PUBLISHED)).cookies

    await secure_account(tmp_path, database_url, embedded=embedded)
    mine = demo_account(tmp_path)
    assert (await login(anyone, PUBLISHED)).status_code == httpx.codes.UNAUTHORIZED
    assert (await login(anyone, mine)).is_success
    async with httpx.AsyncClient(base_url=f"{api.url}/api/v1", cookies=session) as guest:
        assert (await guest.post("/auth/refresh")).status_code == httpx.codes.UNAUTHORIZED


async def test_in_an_external_database_another_stacks_account_is_left_alone(
    api: Api, anyone: httpx.AsyncClient, database_url: str, tmp_path: Path
) -> None:
    theirs = demo_account(tmp_path / "theirs")
    await asyncio.to_thread(seed, api.url, theirs)
    mine = demo_account(tmp_path / "mine")

    await secure_account(tmp_path / "mine", database_url, embedded=False)
    assert (await login(anyone, theirs)).is_success
    # An embedded database belongs to the data directory, whose password file was lost.
    await secure_account(tmp_path / "mine", database_url, embedded=True)
    assert (await login(anyone, mine)).is_success
