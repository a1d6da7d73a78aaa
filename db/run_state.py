"""The latest snapshot of each run: from Redis, else from PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import Any

from pydantic import ValidationError
from redis.asyncio import Redis

from db.redis import Projection
from db.runs import Runs
from quiz.snapshot import RunSnapshot

TTL_S = 24 * 3600

# KEYS state; ARGV version, snapshot, ttl.
_SAVE = """
local stored = tonumber(redis.call('HGET', KEYS[1], 'version') or '-1')
if tonumber(ARGV[1]) < stored then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'snapshot', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
"""


def _key(run_id: str) -> str:
    return f"quizrun:{{{run_id}}}:state"


class RunStates(Projection):
    """Snapshots by run. Failures of Redis are never raised, those of PostgreSQL are."""

    def __init__(
        self,
        redis: Redis,
        runs: Runs,
        *,
        on_failure: Callable[[Exception], None] | None = None,
    ) -> None:
        super().__init__(redis, on_failure=on_failure)
        self._runs = runs
        self._loading: dict[tuple[str, int], asyncio.Task[RunSnapshot | None]] = {}

    async def save(self, snapshot: RunSnapshot) -> bool:
        """Project `snapshot` unless a later one is there. Call it after `Runs.save_snapshot`."""
        script = self._redis.register_script(_SAVE)
        arguments = [snapshot.state.version, snapshot.model_dump_json(), TTL_S]
        keys = [_key(snapshot.state.run_id)]
        return bool(await self._attempt(lambda: script(keys=keys, args=arguments)))

    async def load(self, run_id: str, *, min_version: int = 0) -> RunSnapshot | None:
        """The run's snapshot, None when there is no such run.

        A reader who knows that the run has reached `min_version` says so: Redis may have missed
        it during an outage. Callers at the same time share one read.
        """
        key = (run_id, min_version)
        task = self._loading.get(key)
        if task is None:
            task = asyncio.create_task(self._load(run_id, min_version))
            self._loading[key] = task
            task.add_done_callback(lambda _: self._loading.pop(key, None))
        return await asyncio.shield(task)

    async def versions(self, run_ids: Collection[str]) -> dict[str, int]:
        """The version of each of these runs that exists, without reading the snapshots."""
        ids = list(run_ids)
        if not ids:
            return {}
        stored = await self._attempt(lambda: self._stored_versions(ids)) or [None] * len(ids)
        known = {
            run_id: int(version)
            for run_id, version in zip(ids, stored, strict=True)
            if version is not None
        }
        missing = [run_id for run_id in ids if run_id not in known]
        return known | (await self._runs.versions(missing) if missing else {})

    async def _stored_versions(self, run_ids: list[str]) -> list[bytes | None]:
        pipe = self._redis.pipeline(transaction=False)
        for run_id in run_ids:
            pipe.hget(_key(run_id), "version")
        return list(await pipe.execute())

    async def _load(self, run_id: str, min_version: int) -> RunSnapshot | None:
        raw = await self._attempt(lambda: self._redis.hget(_key(run_id), "snapshot"))
        projected = _parsed(raw)
        if projected is not None and projected.state.version >= min_version:
            return projected
        stored = await self._runs.snapshot(run_id)
        if stored is not None:
            await self.save(stored)
        return stored


def _parsed(raw: Any) -> RunSnapshot | None:
    """None also for what another release wrote in another shape: PostgreSQL has it too."""
    try:
        return RunSnapshot.model_validate_json(raw) if raw else None
    except ValidationError:
        return None
