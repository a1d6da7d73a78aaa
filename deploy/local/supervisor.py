"""Keeps a group of children alive, and stops them in the reverse order of their start."""

from __future__ import annotations

import asyncio
import signal
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from deploy.local.child import Child, ChildSpec, start_all
from deploy.local.errors import StackError
from deploy.local.logs import rotate_open

ROTATE_EVERY_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartPolicy:
    """A child that ends is started again after a delay that doubles; too many ends within the
    window give it up.
    """

    first_delay_s: float = 0.2
    longest_delay_s: float = 5.0
    most_ends: int = 8
    window_s: float = 60.0

    def delay_s(self, ends: int) -> float:
        """How long to wait before the start that follows the ``ends``-th end."""
        return float(min(self.longest_delay_s, self.first_delay_s * 2 ** (ends - 1)))


class Supervisor:
    """Starts groups of children and restarts those that die, until ``stop``."""

    def __init__(
        self,
        log_dir: Path,
        *,
        report: Callable[[str], None],
        changed: Callable[[], None] = lambda: None,
        policy: RestartPolicy | None = None,
    ) -> None:
        """``report`` gets a sentence for the person; ``changed`` is called after every (re)start of
        a child.
        """
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
        """All children, in the order of their start."""
        return [child for group in self._groups for child in group]

    async def start(self, *groups: Iterable[ChildSpec]) -> None:
        """Start ``groups`` at the same time; return when all children answer.

        ``StackError`` tells which one does not. ``stop`` takes the groups one after the other, the
        last one first.
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
        """Wait; raise ``StackError`` once a child has died too often."""
        raise StackError(await asyncio.shield(self._given_up))

    async def stop(self) -> None:
        """Stop the groups in reverse order, the children of a group at the same time."""
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        for group in reversed(self._groups):
            await asyncio.gather(*(child.stop() for child in group))

    async def kill(self) -> None:
        """End everything at once, for a person who does not want to wait."""
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
                        f"{name} ended {len(ends)} times within {policy.window_s:g} s, "
                        f"the last time {how}"
                    )
                    self._given_up.set_result(f"{what}; its log is {child.log_path}.")
                return
            delay = policy.delay_s(len(ends))
            self._report(
                f"{name} ended {how}; starting it again in {delay:g} s (log: {child.log_path})."
            )
            await asyncio.sleep(delay)
            self.restarts[name] = self.restarts.get(name, 0) + 1
            try:
                await child.start(launched=self._changed)
            except StackError as error:
                self._report(str(error))
            else:
                self._report(f"{name} is back.")


async def _rotate_logs(children: Iterable[Child]) -> None:
    """Keep the files of children bounded that do not do so themselves."""
    paths = [child.log_path for child in children]
    while True:
        await asyncio.sleep(ROTATE_EVERY_S)
        for path in paths:
            try:
                await asyncio.to_thread(rotate_open, path)
            except OSError:  # a full disk must not end the watch over it
                continue


def _describe(code: int) -> str:
    return f"with exit code {code}" if code >= 0 else f"by {signal.Signals(-code).name}"
