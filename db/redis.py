"""The Redis client, and the base class of stores that can work without Redis."""

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
"""All exceptions of Redis clients; `RedisClusterException` is not a `RedisError`."""

TIMEOUT_S = 2.0
PAUSE_S = 1.0
"""How long a store avoids Redis after a failure, so that a hanging server costs little."""
PROBE_S = 2 * TIMEOUT_S
"""The timeout of any call, since cluster clients may try several nodes; also how long other callers
skip Redis while one of them probes whether it is back."""
CLUSTER_CONNECTIONS = 1_000
"""The maximum number of connections to one node."""


def redis_of(settings: RedisSettings) -> RedisClient:
    """Build the client of the settings; it connects on first use. Raises `ConfigurationError`."""
    redis_address(settings)
    return make_redis(settings.redis_url.get_secret_value(), redis_access(settings))


def redis_address(settings: RedisSettings) -> RedisAddress:
    """Parse the address in the settings. Raises `ConfigurationError`."""
    try:
        return RedisAddress.parse(settings.redis_url.get_secret_value(), redis_access(settings))
    except ValueError as error:
        raise ConfigurationError([f"QUIZRUN_REDIS_URL: {error}"]) from error


def redis_access(settings: RedisSettings) -> RedisAccess:
    """Return the credentials and files that are set apart from the URL."""
    return RedisAccess(
        password=_secret_value(settings.redis_password),
        sentinel_username=settings.redis_sentinel_username or None,
        sentinel_password=_secret_value(settings.redis_sentinel_password),
        ca_file=settings.redis_ca_file or None,
        cert_file=settings.redis_cert_file or None,
        key_file=settings.redis_key_file or None,
    )


def make_redis(url: str, access: RedisAccess | None = None) -> RedisClient:
    """Build a client with timeouts that returns bytes; it connects on first use."""
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
        client: Redis = sentinels.master_for(address.master, redis_class=_MasterClient)
        return client
    options.pop("ssl", None)  # implied by the URL
    credentials: dict[str, Any] = {"password": access.password} if access.password else {}
    return Redis.from_url(url, **credentials, **options)


async def ping(redis: RedisClient) -> None:
    """Raise one of `REDIS_ERRORS` unless Redis responds; of a cluster, all primaries."""
    if isinstance(redis, RedisCluster):
        await redis.ping(target_nodes=RedisCluster.PRIMARIES)
    else:
        await redis.ping()


class Projection:
    """A store whose content can be rebuilt; its calls return None while Redis is failing."""

    def __init__(
        self, redis: RedisClient, *, on_failure: Callable[[Exception], None] | None = None
    ) -> None:
        """`on_failure` is called with each failure."""
        self._redis: Any = redis
        self._on_failure = on_failure
        self._failing = False
        self._resumes_at = 0.0
        self.failed = 0
        """Failed calls."""
        self.skipped = 0
        """Calls skipped because Redis had just failed."""
        self.observe: Callable[[float], None] | None = None
        """Called with the duration of each successful call in seconds (`db.metrics`)."""

    async def _attempt(self, action: Callable[[], Awaitable[T]]) -> T | None:
        """Return the result of `action`, or None at once while Redis is failing.

        One caller at a time probes whether Redis is back, so the others never wait for a hanging
        server. A caller that is cancelled meanwhile gets `CancelledError` in any case.
        """
        cancelled_before = _cancellations()
        result = await self._call(action)
        # Before Python 3.12, `asyncio.wait_for`, in which redis-py sends each command
        # (`AbstractConnection.send_packed_command`), returns normally when it is cancelled at the
        # moment the command has been sent. A task that was to end would never do so.
        if _cancellations() > cancelled_before:
            raise asyncio.CancelledError
        return result

    async def _call(self, action: Callable[[], Awaitable[T]]) -> T | None:
        now = time.monotonic()
        if now < self._resumes_at:
            self.skipped += 1
            return None
        if self._failing:
            self._resumes_at = now + PROBE_S
        try:
            async with asyncio.timeout(PROBE_S):
                result = await action()
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
        return result


class _Cluster(RedisCluster):
    """Loads the cluster's slot map before the first command.

    The library's client loads it while sending the first command, which it may send to the wrong
    node; after a few such errors it closes all connections.
    """

    async def execute_command(self, *args: Any, **kwargs: Any) -> Any:
        if self._initialize:
            await self.initialize()
        return await super().execute_command(*args, **kwargs)


class _MasterClient(Redis):
    """Also closes the connections to the Sentinels, which the library's client leaves open."""

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        await super().aclose(close_connection_pool)
        manager: Any = getattr(self.connection_pool, "sentinel_manager", None)
        for sentinel in manager.sentinels if manager else ():
            await sentinel.aclose()


def _cancellations() -> int:
    task = asyncio.current_task()
    return task.cancelling() if task is not None else 0


def _limits() -> dict[str, Any]:
    return {
        "decode_responses": False,
        "socket_timeout": TIMEOUT_S,
        "socket_connect_timeout": TIMEOUT_S,
        "health_check_interval": 30,
        # One retry on a new connection, because pooled ones die with the server. Timeouts are not
        # retried: they have already cost enough time.
        "retry": Retry(ExponentialBackoff(cap=0.1, base=0.01), 1, (RedisConnectionError,)),
    }


def _secret_value(secret: Any) -> str | None:
    return secret.get_secret_value() if secret else None
