"""The demo account's published password does not work on stacks that others can reach."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import httpx

from deploy.local.demo_account import (
    EMAIL,
    PUBLISHED_PASSWORD,
    DemoAccount,
    demo_account,
    password_file,
    randomise_password,
)
from deploy.local.seed import seed
from tests.gateway.http.conftest import Api


async def test_a_reachable_stack_has_a_random_demo_password(
    api: Api, anyone: httpx.AsyncClient, database_url: str, tmp_path: Path
) -> None:
    async def login(account: DemoAccount) -> httpx.Response:
        credentials = {"email": account.email, "password": account.password}
        return await anyone.post("/auth/login", json=credentials)

    # an earlier start for this machine only
    await asyncio.to_thread(seed, api.url, demo_account(tmp_path))
    published = DemoAccount(EMAIL, PUBLISHED_PASSWORD)
    session = (await login(published)).cookies

    assert await randomise_password(tmp_path, database_url)
    assert (await login(published)).status_code == httpx.codes.UNAUTHORIZED
    private = demo_account(tmp_path)
    assert private.password != PUBLISHED_PASSWORD
    assert (await login(private)).is_success
    assert await asyncio.to_thread(seed, api.url, private) == []  # the same account
    async with httpx.AsyncClient(base_url=f"{api.url}/api/v1", cookies=session) as guest:
        assert (await guest.post("/auth/refresh")).status_code == httpx.codes.UNAUTHORIZED
    assert stat.S_IMODE(password_file(tmp_path).stat().st_mode) == 0o600

    # the next start
    assert not await randomise_password(tmp_path, database_url)
    assert demo_account(tmp_path) == private
    assert (await login(private)).is_success
