"""Supervise a group of children: restart those that exit, stop all in reverse order."""

from __future__ import annotations

import asyncio
import signal
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from deploy.errors import StackError
from deploy.local.child import Child, ChildSpec, start_all
from deploy.local.logs import rotate_open

ROTATE_INTERVAL_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartPolicy:
    """A child that exits is restarted after a delay that doubles each time. After too many exits
    within the window, the supervisor gives up.
    """

    first_delay_s: float = 0.2
    longest_delay_s: float = 5.0
    most_ends: int = 8
    window_s: float = 60.0

    def delay_s(self, ends: int) -> float:
        """Return the delay before the restart after the ``ends``-th exit."""
        return float(min(self.longest_delay_s, self.first_delay_s * 2 ** (ends - 1)))


class Supervisor:
    """Starts groups of children and restarts those that exit, until ``stop``."""

    def __init__(
        self,
        log_dir: Path,
        *,
        report: Callable[[str], None],
        changed: Callable[[], None] = lambda: None,
        policy: RestartPolicy | None = None,
    ) -> None:
        """``report`` gets sentences for the user; ``changed`` follows every start of a child."""
        self._log_dir = log_dir
        self._report = report
        self._changed = changed
        self._policy = policy or RestartPolicy()
        self._groups: list[list[Child]] = []
        self._watchers: list[asyncio.Task[None]] = []
        self._given_up: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.restarts: dict[str, int] = {}

    @property
    def children(self) -> list[Child]:
        """All children in starting order."""
        return [child for group in self._groups for child in group]

    async def start(self, *groups: Iterable[ChildSpec]) -> None:
        """Start ``groups`` concurrently; return when all children respond.

        Raises ``StackError`` for one that does not. ``stop`` stops the groups one after the other,
        the last one first.
        """
        made = [[Child(spec, self._log_dir) for spec in group] for group in groups]
        self._groups += made
        children = [child for group in made for child in group]
        await start_all(children, launched=self._changed)
        for child in children:
            watcher = asyncio.create_task(self._watch(child), name=f"watch {child.spec.name}")
            self._watchers.append(watcher)
        servers = [child for child in children if not child.spec.rotates_log]
        self._watchers.append(asyncio.create_task(_rotate_logs(servers), name="rotate logs"))

    async def gave_up(self) -> None:
        """Wait until a child has exited too often, then raise ``StackError``."""
        raise StackError(await asyncio.shield(self._given_up))

    async def stop(self) -> None:
        """Stop the groups in reverse order, and the children of a group concurrently."""
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        for group in reversed(self._groups):
            await asyncio.gather(*(child.stop() for child in group))

    async def kill(self) -> None:
        """Kill everything at once."""
        await asyncio.gather(*(child.kill() for child in self.children))

    async def _watch(self, child: Child) -> None:
        loop, policy, name = asyncio.get_running_loop(), self._policy, child.spec.name
        ends: deque[float] = deque()
        while True:
            how = _describe(await child.wait())
            ends.append(loop.time())
            while ends[0] < loop.time() - policy.window_s:
                ends.popleft()
            if len(ends) > policy.most_ends:
                if not self._given_up.done():
                    what = (
                        f"{name} exited {len(ends)} times within {policy.window_s:g} s, "
                        f"the last time {how}"
                    )
                    self._given_up.set_result(f"{what}; log: {child.log_path}.")
                return
            delay = policy.delay_s(len(ends))
            self._report(
                f"{name} exited {how}; restarting it in {delay:g} s (log: {child.log_path})."
            )
            await asyncio.sleep(delay)
            self.restarts[name] = self.restarts.get(name, 0) + 1
            try:
                await child.start(launched=self._changed)
            except StackError as error:
                self._report(str(error))
            else:
                self._report(f"{name} is running again.")


async def _rotate_logs(children: Iterable[Child]) -> None:
    """Rotate the log files of children that do not do so themselves."""
    paths = [child.log_path for child in children]
    while True:
        await asyncio.sleep(ROTATE_INTERVAL_S)
        for path in paths:
            try:
                await asyncio.to_thread(rotate_open, path)
            except OSError:  # a full disk must not stop this task
                continue


def _describe(code: int) -> str:
    return f"with code {code}" if code >= 0 else f"on {signal.Signals(-code).name}"
