"""A shared TLS context for all connections of a Redis client."""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.connection import RedisSSLContext, SSLConnection


def share_context(client: Redis | RedisCluster) -> None:
    """Make the future connections of `client` share one TLS context.

    By default each connection loads the system's certificates, which blocks the event loop for
    30 ms: a hundred reconnects would stall a gateway for seconds.
    """
    if isinstance(client, RedisCluster):
        sharing = _sharing(client.connection_kwargs["connection_class"])
        client.connection_kwargs["connection_class"] = sharing
        for node in client.startup_nodes:
            node.connection_class = sharing
        return
    pools: list[Any] = [client.connection_pool]
    if sentinels := getattr(client.connection_pool, "sentinel_manager", None):
        pools += [sentinel.connection_pool for sentinel in sentinels.sentinels]
    for pool in pools:
        pool.connection_class = _sharing(pool.connection_class)


def _sharing(kind: Any) -> Any:
    if not issubclass(kind, SSLConnection):
        return kind  # not encrypted

    class Sharing(kind):  # type: ignore[misc]
        ssl_context: RedisSSLContext
        shared: RedisSSLContext | None = None

        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            Sharing.shared = Sharing.shared or self.ssl_context
            self.ssl_context = Sharing.shared

    return Sharing
