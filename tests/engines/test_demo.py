"""`quizrun demo` on the production engines, as a user would run it."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.engines.redis_cluster import redis_cluster
from deploy.engines.stack import Engines
from deploy.local.demo_account import DemoAccount, demo_account
from deploy.local.seed import seed
from tests.engines.application import running_application
from tests.system.quizzes import multiple, order, quiz, single

PLAYERS = 50
QUESTIONS = [single(time_limit_s=5), order(time_limit_s=5), multiple(time_limit_s=5)]
DEMO_TIMEOUT_S = 150.0
# Building Temporal takes minutes the first time.
pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1_800)]


async def add_quiz(url: str, account: DemoAccount, content: Mapping[str, Any]) -> None:
    """Give the demo's host another quiz."""
    await asyncio.to_thread(seed, url, account)
    async with httpx.AsyncClient(base_url=f"{url}/api/v1", timeout=20) as http:
        credentials = {"email": account.email, "password": account.password}
        signed_in = (await http.post("/auth/login", json=credentials)).raise_for_status().json()
        bearer = {"Authorization": f"Bearer {signed_in['access_token']}"}
        (await http.post("/quizzes", json=content, headers=bearer)).raise_for_status()


async def demo(urls: Sequence[str], data_dir: Path, title: str) -> str:
    """Run the demo and return its output."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.local.cli", "demo", "--url", ",".join(urls)),
        *("--players", str(PLAYERS), "--quiz", title),
        env={**os.environ, "QUIZRUN_DATA_DIR": str(data_dir)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    async with asyncio.timeout(DEMO_TIMEOUT_S):
        shown, _ = await process.communicate()
    assert process.returncode == 0, shown.decode()
    return shown.decode()


async def check_exact(env: Mapping[str, str], tmp_path: Path, title: str) -> None:
    """Check that all players got the final results, and that acknowledged answers are stored."""
    # Both tests use one database, which has the account already in the second one.
    data_dir = tmp_path.parent / "demo"
    async with running_application(env, tmp_path / "logs", gateways=2) as urls:
        account = demo_account(data_dir)
        await add_quiz(urls[0], account, {**quiz(*QUESTIONS), "title": title})
        shown = await demo(urls, data_dir, title)
    assert "All players received the same standings." in shown
    summary = re.search(r"(\d+) of (\d+) acknowledged answers are stored, each once\.", shown)
    assert summary is not None, shown
    stored, acknowledged = map(int, summary.groups())
    assert stored == acknowledged
    # On a busy machine, a bot may miss a question.
    assert acknowledged >= 0.8 * PLAYERS * len(QUESTIONS)


async def test_a_demo_of_fifty_players_has_exact_results(engines: Engines, tmp_path: Path) -> None:
    await check_exact(engines.env(), tmp_path, "On the production engines")


async def test_a_demo_of_fifty_players_has_exact_results_with_redis_cluster(
    engines: Engines, tmp_path: Path
) -> None:
    async with redis_cluster(tmp_path / "redis", engines.password) as cluster:
        env = {**engines.env(), **cluster.env()}
        await check_exact(env, tmp_path, "With Redis Cluster")
