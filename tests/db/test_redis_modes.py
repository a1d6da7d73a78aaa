"""Redis in production topologies: a Sentinel failover, and a cluster that loses a node.

Tests of the stores run on a cluster, too: see `conftest.py`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from redis.asyncio.connection import RedisSSLContext

from db.ids import new_id
from db.leaderboard import Leaderboard
from db.redis import make_redis, ping
from db.redis_address import RedisAccess, RedisAddress
from quiz.ranking import Total
from tests.db.redis_servers import SENTINEL_PASSWORD, RunningRedis, redis_sentinel

TOTALS = [Total("ann", "Ann", 700, 1), Total("bob", "Bob", 900, 2)]


async def publish_until_taken(board: Leaderboard, run_id: str, version: int) -> None:
    async with asyncio.timeout(60):
        while not await board.publish(run_id, TOTALS, version=version):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def test_a_board_is_published_again_after_a_failover(tmp_path: Path) -> None:
    async with redis_sentinel(tmp_path) as running:
        redis = make_redis(running.url, RedisAccess(sentinel_password=SENTINEL_PASSWORD))
        board, run_id = Leaderboard(redis), new_id()
        await publish_until_taken(board, run_id, 1)
        await running.children[0].kill()
        await publish_until_taken(board, run_id, 2)
        assert await board.top(run_id, 2, version=2)
        await redis.aclose()


async def test_a_cluster_that_lost_a_node_is_skipped_and_used_again_later(
    cluster: RunningRedis,
) -> None:
    redis = make_redis(cluster.url, RedisAccess(ca_file=str(cluster.ca_file)))
    board = Leaderboard(redis)
    run_ids = [new_id() for _ in range(30)]  # on every node
    for run_id in run_ids:
        assert await board.publish(run_id, TOTALS, version=1)
    await cluster.children[1].kill()
    lost = [run_id for run_id in run_ids if await board.top(run_id, 2, version=1) is None]
    assert lost
    await cluster.children[1].start()
    await asyncio.gather(*(publish_until_taken(board, run_id, 2) for run_id in run_ids))
    await ping(redis)
    await redis.aclose()


async def test_connections_of_a_client_share_one_tls_context(
    cluster: RunningRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    get = RedisSSLContext.get

    def counted(self: RedisSSLContext) -> object:
        if self.context is None:
            made.append(self)
        return get(self)

    monkeypatch.setattr(RedisSSLContext, "get", counted)
    redis = make_redis(cluster.url, RedisAccess(ca_file=str(cluster.ca_file)))
    await asyncio.gather(*(redis.get(f"quizrun:{number}") for number in range(20)))
    await redis.aclose()
    assert len(made) == 1


def test_parsing_of_urls() -> None:
    access = RedisAccess()
    found = RedisAddress.parse("rediss+sentinel://u:p%40w@a:1,b,[::1]:3/main/2", access)
    assert found.hosts == [("a", 1), ("b", 26379), ("::1", 3)]
    assert (found.username, found.password) == ("u", "p@w")
    assert (found.master, found.database, found.encrypted) == ("main", 2, True)
    with pytest.raises(ValueError, match="master's name"):
        RedisAddress.parse("redis+sentinel://a:1", access)
    with pytest.raises(ValueError, match="database 0 only"):
        RedisAddress.parse("redis+cluster://a:1/3", access)
