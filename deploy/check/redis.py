"""Check Redis: version, mode, TLS, eviction policy, and permission to run scripts."""

from __future__ import annotations

import secrets
from typing import Any

from redis.asyncio import RedisCluster

from db.redis import ping, redis_address, redis_of
from db.redis_address import RedisAddress, RedisMode
from deploy.check.finding import Finding, run_probe, yes_no
from telemetry.settings import RedisSettings

KEEPING = ("noeviction", "volatile-")
_SCRIPT = "redis.call('SET', KEYS[1], redis.call('TIME')[1]) return redis.call('GET', KEYS[1])"


async def check_redis(settings: RedisSettings) -> Finding:
    """Check the server at `QUIZRUN_REDIS_URL`."""
    address = redis_address(settings)
    finding = Finding("Redis", ",".join(f"{host}:{port}" for host, port in address.hosts))

    async def probe(finding: Finding) -> None:
        redis: Any = redis_of(settings)
        try:
            await ping(redis)
            infos = await _infos(redis)
            _describe(finding, address, infos)
            key = f"quizrun:{{check-{secrets.token_hex(4)}}}"
            await redis.register_script(_SCRIPT)(keys=[key])
            await redis.delete(key)
        finally:
            await redis.aclose()

    return await run_probe(finding, probe)


async def _infos(redis: Any) -> list[dict[str, Any]]:
    """Return the facts of each node that owns keys."""
    if not isinstance(redis, RedisCluster):
        return [await redis.info()]
    found = await redis.info(target_nodes=RedisCluster.PRIMARIES)
    # For a cluster with a single such node, the library returns its facts directly.
    return [found] if "redis_version" in found else list(found.values())


def _describe(finding: Finding, address: RedisAddress, infos: list[dict[str, Any]]) -> None:
    name = "valkey" if "valkey_version" in infos[0] else "redis"
    versions = sorted({str(info[f"{name}_version"]) for info in infos})
    policies = sorted({str(info["maxmemory_policy"]) for info in infos})
    finding.facts["version"] = f"{name.capitalize()} {', '.join(versions)}"
    finding.facts["mode"] = address.mode.value
    if address.mode is RedisMode.CLUSTER:
        finding.facts["masters"] = str(len(infos))
    finding.facts["TLS"] = yes_no(value=address.encrypted)
    finding.facts["maxmemory-policy"] = ", ".join(policies)
    finding.warnings += [
        f"With maxmemory-policy {policy}, Redis may evict leaderboards of live runs, which are "
        "then read from PostgreSQL; noeviction is recommended."
        for policy in policies
        if not policy.startswith(KEEPING)
    ]
