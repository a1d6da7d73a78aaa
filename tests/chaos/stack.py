"""The running processes, and the supervisor that restarts them."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field

from deploy.errors import StackError
from deploy.local.child import Child
from tests.chaos import procfs
from tests.chaos.disk import SmallDisk
from tests.chaos.network import Proxy

RESTART_DELAY_S = 1.0
_LOOK_S = 0.1
GATEWAYS = ("gateway-1", "gateway-2")
WORKERS = ("worker-1", "worker-2")
OURS = (*GATEWAYS, *WORKERS)
# The client of connections that none of our processes opened.
OTHERS = "others"


@dataclass
class Stack:
    """The running system. `direct` addresses the servers without their proxies, for the audit;
    `kafka_log` the brokers, if their log survives a kill.
    """

    children: dict[str, Child] = field(default_factory=dict)
    proxies: dict[str, Proxy] = field(default_factory=dict)
    disks: Mapping[str, SmallDisk] = field(default_factory=dict)
    direct: Mapping[str, str] = field(default_factory=dict)
    kafka_log: str = ""
    urls: list[str] = field(default_factory=list)
    unexpected_exits: list[str] = field(default_factory=list)
    """Processes that ended without having been killed."""
    _killed: set[str] = field(default_factory=set)

    @property
    def database_url(self) -> str:
        return self.direct["QUIZRUN_DATABASE_URL"]

    async def kill(self, name: str) -> None:
        """Send SIGKILL; the supervisor restarts the process."""
        self._killed.add(name)
        await self.children[name].kill()

    async def supervise(self) -> None:
        """Restart every process that ends, a second later."""
        async with asyncio.TaskGroup() as keeping:
            for name in self.children:
                keeping.create_task(self._keep(name))

    async def _keep(self, name: str) -> None:
        child = self.children[name]
        while True:
            await asyncio.sleep(_LOOK_S)
            if child.running:
                continue
            if name in self._killed:
                self._killed.discard(name)
            else:
                self.unexpected_exits.append(f"{name} (exit {await child.wait()})")
            await asyncio.sleep(RESTART_DELAY_S)
            with contextlib.suppress(StackError):  # its port may still be held
                await child.launch()

    async def destroy(self) -> None:
        """Kill every process; their state is discarded."""
        await asyncio.gather(*(_destroy(child) for child in self.children.values()))


async def _destroy(child: Child) -> None:
    # A frozen process dies of SIGKILL, too; PostgreSQL's children would outlive it for a while.
    if child.running:
        procfs.send(child.pid, signal.SIGKILL)
    await child.kill()
