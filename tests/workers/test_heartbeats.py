"""Heartbeats reach Temporal often enough for an overloaded server to take some of them too late."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise
from typing import cast

from pydantic import SecretStr
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

from deploy.local.stack import embedded_servers
from workers.registry import Activities, build_workers
from workers.settings import WorkerSettings
from workflows import contract


@activity.defn
async def wait() -> None:
    await asyncio.sleep(60)  # time: it is cancelled before


@workflow.defn(sandboxed=False)
class Waiting:
    @workflow.run
    async def run(self, queue: str) -> None:
        await workflow.execute_activity(
            wait,
            task_queue=queue,
            start_to_close_timeout=timedelta(seconds=60),
            heartbeat_timeout=contract.TASK_TIMEOUT,
        )


class OneStep:
    """What `build_workers` needs of `Activities`."""

    def of_runs(self) -> list[object]:
        return [wait]

    def of_scoring(self) -> list[object]:
        return [wait]


async def heartbeats(client: Client, workflow_id: str, number: int) -> list[float]:
    """Wait for the times of the next heartbeats, in seconds by the server's clock."""
    handle, times = client.get_workflow_handle(workflow_id), list[float]()
    async with asyncio.timeout(30):
        while len(times) < number:
            description = await handle.describe()
            for pending in description.raw_description.pending_activities:
                at = pending.last_heartbeat_time.ToNanoseconds() / 1e9
                if at and at not in times:
                    times.append(at)
            await asyncio.sleep(0.05)
    await handle.terminate()
    return times


async def test_one_heartbeat_may_be_late_before_an_activity_counts_as_lost() -> None:
    async with embedded_servers(only={"temporal"}) as servers:
        client = await Client.connect(servers.temporal_address)
        settings = WorkerSettings(
            database_url=SecretStr("postgresql://nobody@127.0.0.1:1/nothing"),
            redis_url=SecretStr("redis://127.0.0.1:1"),
            kafka_bootstrap="127.0.0.1:1",
            temporal_address=servers.temporal_address,
            secret=SecretStr("0" * 32),
        )
        workers = build_workers(client, settings, cast("Activities", OneStep()))
        caller = Worker(client, task_queue="callers", workflows=[Waiting])
        async with workers[0], workers[1], caller:
            queues = (contract.RUN_QUEUE, contract.SCORING_QUEUE)
            for queue in queues:
                await client.start_workflow(Waiting.run, queue, id=queue, task_queue="callers")
            found = await asyncio.gather(*(heartbeats(client, queue, 4) for queue in queues))
    gaps = [after - before for times in found for before, after in pairwise(times)]
    assert max(gaps) < contract.TASK_TIMEOUT.total_seconds() / 2
