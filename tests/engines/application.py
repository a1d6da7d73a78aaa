"""Quizrun's own processes on running servers."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from db.migrate import migrate
from deploy.local.application import Commands, gateway_spec, worker_spec
from deploy.local.child import Child, start_all
from deploy.local.ports import LOOPBACK, free_ports
from tests import fork_server
from tests.system.system import ROOT

START_TIMEOUT_S = 150.0
"""Many processes run at once, perhaps on a busy machine."""
SECRET = "a secret of at least thirty-two characters"


@asynccontextmanager
async def running_application(
    env: Mapping[str, str], log_dir: Path, *, gateways: int
) -> AsyncIterator[list[str]]:
    """Migrate, start a worker and the gateways, and yield the gateways' URLs."""
    env = {**env, "QUIZRUN_SECRET": SECRET, "PYTHONPATH": str(ROOT)}
    await asyncio.to_thread(migrate, env["QUIZRUN_DATABASE_URL"])
    names = [f"gateway-{number}" for number in range(1, gateways + 1)]
    ports = free_ports(["worker-1", *names])
    specs = [worker_spec(Commands(), env, 1, ports["worker-1"])]
    for number, name in enumerate(names, 1):
        # `gateway_spec` counts ports from the first gateway's.
        specs.append(gateway_spec(Commands(), env, number, LOOPBACK, ports[name] - number + 1))
    specs = [
        dataclasses.replace(spec, start_timeout_s=START_TIMEOUT_S, popen=fork_server.popen)
        for spec in specs
    ]
    children = [Child(spec, log_dir) for spec in specs]
    async with AsyncExitStack() as stack:
        for child in children:
            stack.push_async_callback(child.stop)
        await start_all(children)
        yield [f"http://{LOOPBACK}:{ports[name]}" for name in names]
