"""The latest snapshot of each run: the newer one of those in Redis and in PostgreSQL.

A version has one content, and PostgreSQL has each version first. So Redis is a copy that saves
reading the large column, and what there is while PostgreSQL is away; it may have missed versions.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import Any

import structlog
from pydantic import ValidationError

from db.engine import OPERATION_TIMEOUT_S
from db.redis import Projection, RedisClient
from db.runs import RunHead, Runs
from quiz.errors import ErrorCode, QuizrunError
from quiz.snapshot import RunSnapshot

TTL_S = 24 * 3600
DATABASE_TIMEOUT_S = 2.0
"""How long PostgreSQL is waited for before Redis is believed."""

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
    """Snapshots by run. Failures of Redis are never raised, those of PostgreSQL only where Redis
    has nothing either.
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

    async def save(self, snapshot: RunSnapshot) -> bool:
        """Project `snapshot` unless a later one is there. Call it after `Runs.save_snapshot`."""
        script = self._redis.register_script(_SAVE)
        arguments = [snapshot.state.version, snapshot.model_dump_json(), TTL_S]
        keys = [_key(snapshot.state.run_id)]
        return bool(await self._attempt(lambda: script(keys=keys, args=arguments)))

    async def repair(self, snapshots: Collection[RunSnapshot]) -> int:
        """Project those that Redis has missed or lost; how many there were."""
        stored = await self._projected([one.state.run_id for one in snapshots])
        if stored is None:
            return 0
        behind = [one for one in snapshots if stored.get(one.state.run_id, -1) < one.state.version]
        return sum([await self.save(one) for one in behind])

    async def load(self, run_id: str) -> RunSnapshot | None:
        """The run's newest snapshot, None when there is no such run. Raises `unavailable`.

        Callers at the same time share one read.
        """
        task = self._loading.get(run_id)
        if task is None:
            task = asyncio.create_task(self._load(run_id))
            self._loading[run_id] = task
            task.add_done_callback(lambda _: self._loading.pop(run_id, None))
        return await asyncio.shield(task)

    async def heads(self, run_ids: Collection[str]) -> dict[str, RunHead]:
        """Where each of these runs stands that exists, without reading the snapshots.

        While PostgreSQL is away they come from Redis, as far as it knows them, without players.
        """
        if not run_ids:
            return {}
        try:
            return await self._runs.heads(run_ids, timeout_s=DATABASE_TIMEOUT_S)
        except QuizrunError as error:
            _only_outages(error)
            stored = await self._projected(run_ids) or {}
            return {run_id: RunHead(version, None) for run_id, version in stored.items()}

    async def _projected(self, run_ids: Collection[str]) -> dict[str, int] | None:
        """The versions in Redis; None without Redis."""
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
            log.warning("snapshot not compared", run_id=run_id, version=known)
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
    """None also for what another release wrote in another shape: PostgreSQL has it too."""
    try:
        return RunSnapshot.model_validate_json(raw) if raw else None
    except ValidationError:
        return None
