"""The latest snapshot of each run: the newer of those in Redis and PostgreSQL.

Every version is written to PostgreSQL first and has the same content everywhere. Redis is a cache
that saves reading the large column, and a fallback while PostgreSQL is down; it may miss versions.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import Any

import structlog
from pydantic import ValidationError

from db.engine import OPERATION_TIMEOUT_S
from db.redis import Projection, RedisClient
from db.runs import KnownRun, RunHead, Runs
from quiz.errors import ErrorCode, QuizrunError
from quiz.snapshot import RunSnapshot

TTL_S = 24 * 3600
DATABASE_TIMEOUT_S = 2.0
"""How long to wait for PostgreSQL before trusting Redis."""

# KEYS state; ARGV version, snapshot, ttl.
_SAVE = """
local stored = tonumber(redis.call('HGET', KEYS[1], 'version') or '-1')
if tonumber(ARGV[1]) < stored then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'snapshot', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
"""

log = structlog.get_logger(__name__)


def _key(run_id: str) -> str:
    return f"quizrun:{{{run_id}}}:state"


class RunStates(Projection):
    """Snapshots by run.

    Failures of Redis are never raised; those of PostgreSQL only if Redis has no snapshot either.
    """

    def __init__(
        self,
        redis: RedisClient,
        runs: Runs,
        *,
        on_failure: Callable[[Exception], None] | None = None,
    ) -> None:
        super().__init__(redis, on_failure=on_failure)
        self._runs = runs
        self._loading: dict[str, asyncio.Task[RunSnapshot | None]] = {}

    async def save(self, snapshot: RunSnapshot, encoded: str | None = None) -> bool:
        """Write `snapshot` to Redis unless it has a later one. `Runs.save_snapshot` comes first.

        `encoded` is the snapshot as JSON, if the caller needs that, too.
        """
        script = self._redis.register_script(_SAVE)
        arguments = [snapshot.state.version, encoded or snapshot.model_dump_json(), TTL_S]
        keys = [_key(snapshot.state.run_id)]
        return bool(await self._attempt(lambda: script(keys=keys, args=arguments)))

    async def repair(self, snapshots: Collection[RunSnapshot]) -> int:
        """Write snapshots that Redis has missed or lost; return how many."""
        stored = await self._projected([snapshot.state.run_id for snapshot in snapshots])
        if stored is None:
            return 0
        missing = [
            snapshot
            for snapshot in snapshots
            if stored.get(snapshot.state.run_id, -1) < snapshot.state.version
        ]
        return sum([await self.save(snapshot) for snapshot in missing])

    async def projected_version(self, run_id: str) -> int | None:
        """Return the version in Redis; None if there is none, or without Redis."""
        return (await self._projected([run_id]) or {}).get(run_id)

    async def replace(self, snapshot: RunSnapshot) -> bool:
        """Write `snapshot` unconditionally, for example after a restore from backup."""
        key = _key(snapshot.state.run_id)

        async def write() -> bool:
            pipe = self._redis.pipeline(transaction=True)
            pipe.delete(key)
            values = {"version": snapshot.state.version, "snapshot": snapshot.model_dump_json()}
            pipe.hset(key, mapping=values)
            pipe.expire(key, TTL_S)
            await pipe.execute()
            return True

        return await self._attempt(write) or False

    async def load(self, run_id: str) -> RunSnapshot | None:
        """Return the run's newest snapshot; None if it does not exist. Raises `unavailable`.

        Concurrent callers share one read.
        """
        task = self._loading.get(run_id)
        if task is None:
            task = asyncio.create_task(self._load(run_id))
            self._loading[run_id] = task
            task.add_done_callback(lambda _: self._loading.pop(run_id, None))
        return await asyncio.shield(task)

    async def heads(self, known: Collection[KnownRun]) -> dict[str, RunHead]:
        """Return the heads of the runs that differ from what is known, without reading snapshots.

        While PostgreSQL is down, returns those that Redis knows, without players.
        """
        if not known:
            return {}
        try:
            return await self._runs.heads(known, timeout_s=DATABASE_TIMEOUT_S)
        except QuizrunError as error:
            _only_outages(error)
            stored = await self._projected([run.run_id for run in known]) or {}
            return {run_id: RunHead(version, None) for run_id, version in stored.items()}

    async def _projected(self, run_ids: Collection[str]) -> dict[str, int] | None:
        """Return the versions in Redis; None without Redis."""
        ids = list(run_ids)
        found = await self._attempt(lambda: self._stored_versions(ids)) if ids else []
        if found is None:
            return None
        pairs = zip(ids, found, strict=True)
        return {run_id: int(version) for run_id, version in pairs if version is not None}

    async def _stored_versions(self, run_ids: list[str]) -> list[bytes | None]:
        pipe = self._redis.pipeline(transaction=False)
        for run_id in run_ids:
            pipe.hget(_key(run_id), "version")
        return list(await pipe.execute())

    async def _load(self, run_id: str) -> RunSnapshot | None:
        raw = await self._attempt(lambda: self._redis.hget(_key(run_id), "snapshot"))
        projected = _parsed(raw)
        known = -1 if projected is None else projected.state.version
        timeout_s = OPERATION_TIMEOUT_S if projected is None else DATABASE_TIMEOUT_S
        try:
            found = await self._runs.newer_snapshot(run_id, known, timeout_s=timeout_s)
        except QuizrunError as error:
            _only_outages(error)
            if projected is None:
                raise
            log.warning("run_state.not_compared", run_id=run_id, version=known)
            return projected
        if found is None:
            return None
        _, newer = found
        if newer is None:
            return projected
        await self.save(newer)
        return newer


def _only_outages(error: QuizrunError) -> None:
    if error.code is not ErrorCode.UNAVAILABLE:
        raise error


def _parsed(raw: Any) -> RunSnapshot | None:
    try:
        return RunSnapshot.model_validate_json(raw) if raw else None
    except ValidationError:
        return None  # written by a different release; PostgreSQL has it, too
