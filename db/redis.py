"""The Redis client, and the base of all stores that can do without Redis."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, TypeVar

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisClusterException, RedisError

from db.redis_address import RedisAccess, RedisAddress, RedisMode
from db.redis_tls import share_context
from telemetry.environment import ConfigurationError
from telemetry.settings import RedisSettings

T = TypeVar("T")
RedisClient: TypeAlias = Redis | RedisCluster
REDIS_ERRORS = (RedisError, RedisClusterException, OSError)
"""What clients raise when Redis does not do as asked; the second is no `RedisError`."""

TIMEOUT_S = 2.0
PAUSE_S = 1.0
"""How long a store leaves Redis alone after a failure, so that a hanging one costs little."""
PROBE_S = 2 * TIMEOUT_S
"""How long a caller that finds out whether Redis is back keeps the others from it, and how long
anything may take: a client of a cluster asks one node after the other."""
CLUSTER_CONNECTIONS = 1_000
"""At most, to one node."""


def redis_of(settings: RedisSettings) -> RedisClient:
    """The client that the settings ask for, not connected yet. Raises `ConfigurationError`."""
    redis_address(settings)
    return make_redis(settings.redis_url, redis_access(settings))


def redis_address(settings: RedisSettings) -> RedisAddress:
    """What the settings mean. Raises `ConfigurationError`."""
    try:
        return RedisAddress.parse(settings.redis_url, redis_access(settings))
    except ValueError as error:
        raise ConfigurationError([f"QUIZRUN_REDIS_URL: {error}"]) from error


def redis_access(settings: RedisSettings) -> RedisAccess:
    """What the URL does not say."""
    return RedisAccess(
        password=_plain(settings.redis_password),
        sentinel_username=settings.redis_sentinel_username or None,
        sentinel_password=_plain(settings.redis_sentinel_password),
        ca_file=settings.redis_ca_file or None,
        cert_file=settings.redis_cert_file or None,
        key_file=settings.redis_key_file or None,
    )


def make_redis(url: str, access: RedisAccess | None = None) -> RedisClient:
    """A client with timeouts. Values are bytes. Nothing is connected yet."""
    access = access or RedisAccess()
    client = _client(url, access, RedisAddress.parse(url, access))
    share_context(client)
    return client


def _client(url: str, access: RedisAccess, address: RedisAddress) -> RedisClient:
    options = {**_limits(), **access.tls_options(encrypted=address.encrypted)}
    if address.mode is RedisMode.CLUSTER:
        return _Cluster(
            startup_nodes=[ClusterNode(host, port) for host, port in address.hosts],
            username=address.username,
            password=address.password,
            max_connections=CLUSTER_CONNECTIONS,
            **options,
        )
    if address.mode is RedisMode.SENTINEL:
        sentinels = Sentinel(  # type: ignore[no-untyped-call]
            address.hosts,
            sentinel_kwargs={
                **options,
                "username": access.sentinel_username,
                "password": access.sentinel_password,
            },
            username=address.username,
            password=address.password,
            db=address.database,
            **options,
        )
        found: Redis = sentinels.master_for(address.master, redis_class=_MasterClient)
        return found
    options.pop("ssl", None)  # the URL says so
    credentials: dict[str, Any] = {"password": access.password} if access.password else {}
    return Redis.from_url(url, **credentials, **options)


async def ping(redis: RedisClient) -> None:
    """Raise one of `REDIS_ERRORS` unless Redis answers; of a cluster, each node that owns keys."""
    if isinstance(redis, RedisCluster):
        await redis.ping(target_nodes=RedisCluster.PRIMARIES)
    else:
        await redis.ping()


class Projection:
    """A store whose content can be rebuilt: when Redis fails, it answers None and says so once."""

    def __init__(
        self, redis: RedisClient, *, on_failure: Callable[[Exception], None] | None = None
    ) -> None:
        """`on_failure` is told each failure, for a log and a metric."""
        self._redis: Any = redis
        self._on_failure = on_failure
        self._failing = False
        self._resumes_at = 0.0
        self.failed = 0
        """Calls that Redis did not answer."""
        self.skipped = 0
        """Calls that were not made, since it had just failed."""
        self.observe: Callable[[float], None] | None = None
        """Told how many seconds each successful call took (`db.metrics`)."""

    async def _attempt(self, action: Callable[[], Awaitable[T]]) -> T | None:
        """What `action` returns, or None at once while Redis is failing.

        One caller at a time finds out whether it still is: none of the others waits for a server
        that hangs.
        """
        now = time.monotonic()
        if now < self._resumes_at:
            self.skipped += 1
            return None
        if self._failing:
            self._resumes_at = now + PROBE_S
        try:
            async with asyncio.timeout(PROBE_S):
                found = await action()
        except REDIS_ERRORS as error:
            self._failing = True
            self.failed += 1
            self._resumes_at = time.monotonic() + PAUSE_S
            if self._on_failure is not None:
                self._on_failure(error)
            return None
        self._failing, self._resumes_at = False, 0.0
        if self.observe is not None:
            self.observe(time.monotonic() - now)
        return found


class _Cluster(RedisCluster):
    """Learns who owns which keys before the first command; the library's client, which does so
    while it sends it, asks any node, and closes all connections after a few such errors.
    """

    async def execute_command(self, *args: Any, **kwargs: Any) -> Any:
        if self._initialize:
            await self.initialize()
        return await super().execute_command(*args, **kwargs)


class _MasterClient(Redis):
    """Closes the connections to the Sentinels, too, which the library's client leaves open."""

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        await super().aclose(close_connection_pool)
        manager: Any = getattr(self.connection_pool, "sentinel_manager", None)
        for sentinel in manager.sentinels if manager else ():
            await sentinel.aclose()


def _limits() -> dict[str, Any]:
    return {
        "decode_responses": False,
        "socket_timeout": TIMEOUT_S,
        "socket_connect_timeout": TIMEOUT_S,
        "health_check_interval": 30,
        # One more try on a fresh connection: pooled ones die with the server. Timeouts are not
        # tried again, they have cost enough.
        "retry": Retry(ExponentialBackoff(cap=0.1, base=0.01), 1, (RedisConnectionError,)),
    }


def _plain(secret: Any) -> str | None:
    return secret.get_secret_value() if secret else None
